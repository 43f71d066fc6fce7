//! Measured data: one document per metering point, and a second one for the day that is restated.

use domain::day::{Day, DayRule};
use domain::day_span::DaySpan;
use domain::document::{
    DocumentContent, DocumentKind, EnergyProduct, MarketDocument, MeasuredSeries, MeteringPointKind,
};
use domain::instant::Instant;
use domain::quantity::{Quantity, Unit};
use domain::resolution::Resolution;
use domain::series::{Quality, TimeSeries, Value};

use super::cast::{DemoPoint, Part};
use super::profiles::{Profile, Profiles};
use super::terms::{at, day, header, october, rule};
use crate::chance::Chance;
use crate::market::Form;

/// The streams of chance for values are apart from those for people.
const STREAM: u64 = 1_000_000;

/// A document with the name of its file and its form.
pub(super) struct Measured {
    pub(super) name: String,
    pub(super) form: Form,
    pub(super) document: MarketDocument,
}

/// Whether a series is the first word on its days or restates them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    First,
    Second,
}

/// The documents of one metering point.
pub(super) fn documents(point: &DemoPoint, seed: u64, profiles: &Profiles) -> Vec<Measured> {
    let mut source = Source {
        point,
        profiles,
        rule: rule(),
        chance: Chance::new(seed, STREAM.wrapping_add(point.number)),
    };
    let created = at("2024-11-01T04:00:00Z");
    let delay_ms = i64::try_from(point.number).unwrap_or_default() * 1000;
    let created = created.plus_millis(delay_ms).unwrap_or(created);
    let first =
        spans(point).into_iter().map(|(span, resolution)| source.values(span, resolution, Word::First));
    let mut documents = vec![measured(point, "", created, first.collect())];
    let restated = DaySpan::new(day(2024, 10, 18), day(2024, 10, 19));
    if let (Part::Restated, Some(restated)) = (point.part, restated) {
        let second = source.values(restated, Resolution::Hour, Word::Second);
        documents.push(measured(point, ".restated", at("2024-11-02T09:00:00Z"), vec![second]));
    }
    documents
}

/// The days of the month on which the contract holds, by resolution.
fn spans(point: &DemoPoint) -> Vec<(DaySpan, Resolution)> {
    let month = DaySpan::of_month(october()).and_then(|month| month.intersection(point.span));
    let ends = point.resolutions.iter().skip(1).map(|(first, _)| *first).chain([Day::MAX]);
    let periods = point.resolutions.iter().zip(ends).filter_map(|((first, resolution), end)| {
        let span = DaySpan::new(*first, end).and_then(|span| span.intersection(month?))?;
        Some((span, *resolution))
    });
    periods.collect()
}

/// Where the values of a point come from.
struct Source<'a> {
    point: &'a DemoPoint,
    profiles: &'a Profiles,
    rule: DayRule,
    chance: Chance,
}

impl Source<'_> {
    fn values(&mut self, span: DaySpan, resolution: Resolution, word: Word) -> TimeSeries {
        let period = span.period(&self.rule);
        let count = period.and_then(|period| resolution.count(period, &self.rule)).unwrap_or_default();
        let start = self.rule.start(span.first());
        let starts = (0..count).filter_map(|index| resolution.start_of(index, start, &self.rule));
        let starts: Vec<Instant> = starts.collect();
        let values: Vec<Value> = starts.into_iter().map(|at| self.value(at, resolution, word)).collect();
        TimeSeries::new(start, resolution, values)
    }

    fn value(&mut self, at: Instant, resolution: Resolution, word: Word) -> Value {
        let rule = &self.rule;
        let quality = quality(self.point.part, (rule.day_of(at).of_month(), rule.local_hour(at)), word);
        if quality == Quality::Missing {
            return Value { quantity: Quantity::ZERO, quality };
        }
        let quarters = if resolution == Resolution::Minutes15 { 1 } else { 4 };
        let energy_wh =
            self.profiles.energy_wh(self.point.profile, self.point.yearly_kwh, (at, quarters), rule);
        // An estimate is the profile itself; a meter deviates from it.
        let deviation = match (quality, self.point.profile) {
            (Quality::Estimated, _) => 1_000,
            (_, Profile::Sun) => self.chance.between(200, 1_700),
            _ => self.chance.between(400, 1_600),
        };
        let energy_wh = energy_wh * deviation / 1_000;
        let micros = i64::try_from(energy_wh).unwrap_or_default() * 1_000;
        Value { quantity: Quantity::from_micros(micros), quality }
    }
}

/// The quality of a value on a local day and hour.
fn quality(part: Part, local: (i8, i8), word: Word) -> Quality {
    match (part, local, word) {
        (Part::Gap, (9, 3..8), _) => Quality::Missing,
        (Part::Restated, (18, _), Word::First) => Quality::Estimated,
        _ => Quality::Measured,
    }
}

fn measured(point: &DemoPoint, suffix: &str, created: Instant, series: Vec<TimeSeries>) -> Measured {
    // A few come as XML, so that both forms are seen.
    let form = if point.number % 10 == 7 { Form::CimXml } else { Form::CimJson };
    let extension = if form == Form::CimXml { "xml" } else { "json" };
    let kind = if point.profile == Profile::Sun {
        MeteringPointKind::Production
    } else {
        MeteringPointKind::Consumption
    };
    let series = series.into_iter().zip(1_u32..).map(|(series, index)| MeasuredSeries {
        id: format!("{:04}{suffix}_{index}", point.number),
        metering_point: point.id,
        kind,
        product: Some(EnergyProduct::ActiveEnergy),
        unit: Unit::KilowattHour,
        registered: Some(created),
        original_transaction: None,
        series,
    });
    let id = format!("DEMO-E66-{:04}{suffix}", point.number);
    Measured {
        name: format!("measured/{}{suffix}.{extension}", point.id),
        form,
        document: MarketDocument {
            header: header(&id, DocumentKind::MeasuredData, "E23", created),
            content: DocumentContent::MeasuredData(series.collect()),
        },
    }
}
