//! Versions of days of values: as clients see them, and packed as they are stored.

use domain::day::Day;
use domain::day_version::DayVersion;
use domain::instant::Instant;
use domain::quantity::Quantity;
use domain::resolution::Resolution;
use domain::series::{Direction, Quality, QualityRun, TimeSeries};

use super::field;
use super::series::{self, MOST_INTERVALS};
use super::{FieldError, FieldFault, time};
use crate::packing;
use crate::store::packed_day::Start;
use crate::{metering, store, types};

const QUARTER_MS: i64 = 900_000;
const DAY_MS: i64 = 86_400_000;
/// Twelve hours after it begins, a local day of any zone is the UTC date of its own number in most zones.
const MIDDAY_MS: i64 = 43_200_000;
/// Intervals of an ordinary day of quarters of an hour, and decimals of what settlement documents state.
const USUAL_COUNT: i32 = 96;
const USUAL_SCALE: i32 = 3;
/// A run of quality is its count x 8 + its quality.
const QUALITY_BITS: u32 = 3;

impl From<&DayVersion> for metering::DayVersion {
    fn from(version: &DayVersion) -> Self {
        Self {
            direction: field::number::<types::Direction, _>(version.direction),
            day: Some((&version.day).into()),
            version: version.version,
            created_time: Some(time::timestamp(version.created)),
            received_time: Some(time::timestamp(version.received)),
            source: version.source.clone(),
            values: Some((&version.values).into()),
        }
    }
}

impl TryFrom<metering::DayVersion> for DayVersion {
    type Error = FieldError;

    fn try_from(version: metering::DayVersion) -> Result<Self, FieldError> {
        Ok(Self {
            direction: field::known::<types::Direction, _>("direction", version.direction)?,
            day: field::required("day", version.day)?,
            version: version.version,
            created: time::required_instant("created_time", version.created_time)?,
            received: time::required_instant("received_time", version.received_time)?,
            source: version.source,
            values: field::required("values", version.values)?,
        })
    }
}

impl From<&DayVersion> for store::PackedDay {
    fn from(version: &DayVersion) -> Self {
        let values = &version.values;
        let column = values.quantities().iter().map(|quantity| quantity.micros());
        let (stripped, column) = series::stripped(column, Quantity::SCALE);
        let resolution = Some(values.resolution()).filter(|resolution| *resolution != Resolution::Minutes15);
        let (source, uuid) = split_source(&version.source);
        Self {
            is_production: version.direction == Direction::Production,
            version: version.version,
            start: Some(packed_start(values.start())),
            day_offset: version.day.number().saturating_sub(midday_number(values.start())),
            created_ms: version.created.millis(),
            received_after_ms: version.received.millis_since(version.created),
            source: source.to_owned(),
            source_uuid: uuid.unwrap_or_default(),
            resolution: resolution.map(field::number::<types::Resolution, _>).unwrap_or_default(),
            count_less_96: less(values.len(), USUAL_COUNT),
            scale_less_3: less(Quantity::SCALE.saturating_sub(stripped), USUAL_SCALE),
            packed: packing::pack(&column),
            quality_runs: packed_runs(values.quality_runs()),
        }
    }
}

impl TryFrom<store::PackedDay> for DayVersion {
    type Error = FieldError;

    fn try_from(packed: store::PackedDay) -> Result<Self, FieldError> {
        let start = unpacked_start(packed.start)?;
        let day = midday_number(start).checked_add(packed.day_offset).and_then(Day::from_number);
        let created = millis("created_ms", Some(packed.created_ms))?;
        let received = packed.created_ms.checked_add(packed.received_after_ms);
        Ok(Self {
            direction: if packed.is_production { Direction::Production } else { Direction::Consumption },
            day: day.ok_or(FieldError::at("day_offset", FieldFault::NotADay))?,
            version: packed.version,
            created,
            received: millis("received_after_ms", received)?,
            source: joined_source(&packed.source, &packed.source_uuid)?,
            values: unpacked_values(&packed, start)?,
        })
    }
}

fn packed_start(start: Instant) -> Start {
    match (start.millis().checked_rem(QUARTER_MS), start.millis().checked_div(QUARTER_MS)) {
        (Some(0), Some(quarters)) => Start::StartQuarters(quarters),
        _ => Start::StartMs(start.millis()),
    }
}

fn unpacked_start(start: Option<Start>) -> Result<Instant, FieldError> {
    match field::chosen("start", start)? {
        Start::StartQuarters(quarters) => millis("start_quarters", quarters.checked_mul(QUARTER_MS)),
        Start::StartMs(start_ms) => millis("start_ms", Some(start_ms)),
    }
}

fn millis(field: &str, millis: Option<i64>) -> Result<Instant, FieldError> {
    let instant = millis.and_then(Instant::from_millis);
    instant.ok_or_else(|| FieldError::at(field, FieldFault::NotAnInstant))
}

/// The number of the UTC day twelve hours after the start.
fn midday_number(start: Instant) -> i32 {
    let number = start.millis().saturating_add(MIDDAY_MS).div_euclid(DAY_MS);
    i32::try_from(number).unwrap_or_default()
}

fn unpacked_values(packed: &store::PackedDay, start: Instant) -> Result<TimeSeries, FieldError> {
    let too_many = FieldError::at("count_less_96", FieldFault::TooMany { most: MOST_INTERVALS });
    let count = usize::try_from(i64::from(packed.count_less_96) + i64::from(USUAL_COUNT)).ok();
    let count = count.filter(|count| *count <= MOST_INTERVALS).ok_or(too_many)?;
    let column = packing::unpack(&packed.packed, count);
    let column = column.ok_or(FieldError::at("packed", FieldFault::WrongLength))?;
    let scale = u32::try_from(i64::from(packed.scale_less_3) + i64::from(USUAL_SCALE));
    let scale = scale.map_err(|_| FieldError::at("scale_less_3", FieldFault::OutOfRange))?;
    let column = series::restored("packed", column, scale, Quantity::SCALE)?;
    let resolution = match packed.resolution {
        0 => Resolution::Minutes15,
        number => field::known::<types::Resolution, _>("resolution", number)?,
    };
    let runs = field::each_by("quality_runs", packed.quality_runs.iter().copied(), unpacked_run)?;
    series::columns(start, resolution, column.into_iter().map(Quantity::from_micros).collect(), runs)
}

/// The difference to what is usual, which takes no byte where there is none.
fn less(number: impl TryInto<i32>, usual: i32) -> i32 {
    number.try_into().unwrap_or(i32::MAX).saturating_sub(usual)
}

/// The runs, or none where every value is measured.
fn packed_runs(runs: &[QualityRun]) -> Vec<u32> {
    if let [] | [QualityRun { quality: Quality::Measured, .. }] = runs {
        return Vec::new();
    }
    let packed = runs.iter().map(|run| {
        let quality = field::number::<types::Quality, _>(run.quality).cast_unsigned();
        (run.count << QUALITY_BITS) | quality
    });
    packed.collect()
}

fn unpacked_run(packed: u32) -> Result<QualityRun, FieldError> {
    let quality = (packed & 7).cast_signed();
    let quality = field::known::<types::Quality, _>("quality", quality)?;
    Ok(QualityRun { quality, count: packed >> QUALITY_BITS })
}

/// Where hyphens stand in the text of a UUID.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const UUID_CHARACTERS: usize = 36;

/// The source without the UUID that it ends with, and the bytes of that.
fn split_source(source: &str) -> (&str, Option<Vec<u8>>) {
    let split = source.len().checked_sub(UUID_CHARACTERS).and_then(|at| source.split_at_checked(at));
    match split.and_then(|(before, uuid)| Some((before, uuid_bytes(uuid)?))) {
        Some((before, bytes)) => (before, Some(bytes)),
        None => (source, None),
    }
}

fn uuid_bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(byte.wrapping_sub(b'a').wrapping_add(10)),
        _ => None,
    };
    let mut digits = Vec::with_capacity(32);
    for (place, byte) in text.bytes().enumerate() {
        if HYPHENS.contains(&place) {
            (byte == b'-').then_some(())?;
        } else {
            digits.push(digit(byte)?);
        }
    }
    let (pairs, _) = digits.as_chunks::<2>();
    Some(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

fn joined_source(text: &str, uuid: &[u8]) -> Result<String, FieldError> {
    let mut source = text.to_owned();
    if uuid.is_empty() {
        return Ok(source);
    }
    if uuid.len() != 16 {
        return Err(FieldError::at("source_uuid", FieldFault::WrongLength));
    }
    for (place, byte) in uuid.iter().enumerate() {
        if [4, 6, 8, 10].contains(&place) {
            source.push('-');
        }
        source.push_str(&format!("{byte:02x}"));
    }
    Ok(source)
}
