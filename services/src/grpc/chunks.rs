//! The items of a batch of values: read, and grouped by metering point into commands of bounded size.

use std::collections::BTreeMap;

use domain::entity::metering_point::Values;
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use domain::series::{Direction, TimeSeries};
use proto::convert::{FieldError, FieldFault, instant};
use proto::{metering as message, types};

/// The most days of one command: each is a row of its transaction.
const MOST_DAYS: i64 = 450;
/// The most values of one command, and so of one item: as many as its transaction holds at the worst.
const MOST_VALUES: usize = 60_000;
const DAY_MS: i64 = 86_400_000;
const MOST_SOURCE_BYTES: usize = 200;

/// Items of one metering point that go to it in one command.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// Their places in the batch.
    pub(super) indexes: Vec<usize>,
    /// Their values.
    pub(super) values: Vec<Values>,
}

/// Items by metering point, in groups; and those that can't be read, by their place.
pub(super) type Grouped = (BTreeMap<MeteringPointId, Vec<Group>>, Vec<(usize, FieldError)>);

/// Groups the items of a batch; the order of each point's items stays.
pub(super) fn grouped(chunks: Vec<message::DayChunk>) -> Grouped {
    let mut sizes: BTreeMap<MeteringPointId, (i64, usize)> = BTreeMap::new();
    let mut groups: BTreeMap<MeteringPointId, Vec<Group>> = BTreeMap::new();
    let mut refused = Vec::new();
    for (index, chunk) in chunks.into_iter().enumerate() {
        let (point, values) = match read(chunk) {
            Ok(read) => read,
            Err(error) => {
                refused.push((index, error));
                continue;
            }
        };
        let (days, count) = (days(&values.series), values.series.quantities().len());
        let size = sizes.entry(point).or_default();
        let of_point = groups.entry(point).or_default();
        *size = (size.0.saturating_add(days), size.1.saturating_add(count));
        if of_point.is_empty() || size.0 > MOST_DAYS || size.1 > MOST_VALUES {
            *size = (days, count);
            of_point.push(Group::default());
        }
        if let Some(group) = of_point.last_mut() {
            group.indexes.push(index);
            group.values.push(values);
        }
    }
    (groups, refused)
}

fn read(chunk: message::DayChunk) -> Result<(MeteringPointId, Values), FieldError> {
    let at = |field: &'static str, fault| move || FieldError::at(field, fault);
    let point = MeteringPointId::parse_point(&chunk.metering_point_id);
    let point = point.ok_or_else(at("metering_point_id", FieldFault::NotAMeteringPointId))?;
    let direction = types::Direction::try_from(chunk.direction);
    let direction = direction.map_err(|_| FieldError::at("direction", FieldFault::Unknown))?;
    let direction = Direction::try_from(direction).map_err(|error| error.within("direction"))?;
    let created: Instant =
        instant("created_time", chunk.created_time.ok_or_else(at("created_time", FieldFault::Missing))?)?;
    if chunk.source.len() > MOST_SOURCE_BYTES {
        return Err(FieldError::at("source", FieldFault::TooMany { most: MOST_SOURCE_BYTES }));
    }
    let series = chunk.values.ok_or_else(at("values", FieldFault::Missing))?;
    if series.quantities.len() > MOST_VALUES {
        return Err(FieldError::at("values.quantities", FieldFault::TooMany { most: MOST_VALUES }));
    }
    let series = TimeSeries::try_from(series).map_err(|error| error.within("values"))?;
    Ok((point, Values { direction, created, source: chunk.source, series }))
}

/// At most how many days a series touches.
fn days(series: &TimeSeries) -> i64 {
    let count = i64::try_from(series.quantities().len()).unwrap_or(i64::MAX);
    let length_ms = series.resolution().millis().unwrap_or(DAY_MS);
    let whole = count.saturating_mul(length_ms).checked_div(DAY_MS).unwrap_or_default();
    whole.saturating_add(2)
}
