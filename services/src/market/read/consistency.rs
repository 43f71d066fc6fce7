//! What series of one document may not do to one another.
//!
//! Versions of an interval are told apart by the document that states it, so one document states it once: two series
//! for the same interval of a point or a charge would leave the winner to chance.

use domain::document::{DocumentContent, DocumentError, RefusalReason};
use domain::instant::Period;

use super::reading::Reading;

pub(super) fn check(reading: &mut Reading<'_>, content: &DocumentContent) -> Result<(), DocumentError> {
    match content {
        DocumentContent::MeasuredData(series) => {
            let rule = &reading.options.day_rule;
            let claims = series.iter().zip(1_usize..).filter_map(|(one, number)| {
                let place = Place { number, path: "Period/timeInterval", id: &one.id, list: "Series" };
                Some(((one.metering_point, one.product), one.series.period(rule)?, place))
            });
            refuse_overlaps(reading, claims.collect())
        }
        DocumentContent::ChargeInformation(groups) => {
            let claims = groups.iter().zip(1_usize..).flat_map(|(group, number)| {
                let place = Place::record(number, "ChargeGroup/ChargeType/effectiveDate", &group.id);
                group.charges.iter().map(move |charge| (&charge.key, charge.period, place))
            });
            refuse_overlaps(reading, claims.collect())
        }
        DocumentContent::ChargePrices(groups) => {
            let path = "ChargeGroup/ChargeType/Series_Period/timeInterval";
            let claims = groups.iter().zip(1_usize..).flat_map(|(group, number)| {
                let place = Place::record(number, path, &group.id);
                group.charges.iter().map(move |prices| (&prices.charge, prices.period, place))
            });
            refuse_overlaps(reading, claims.collect())
        }
        DocumentContent::ChargeLinks(records) => {
            let claims = records.iter().zip(1_usize..).flat_map(|(record, number)| {
                let place = Place::record(number, "ChargeGroup/ChargeType/effectiveDate", &record.id);
                let claim = move |link| (record.metering_point, link);
                record.links.iter().map(move |link| (claim(&link.charge), link.period, place))
            });
            refuse_overlaps(reading, claims.collect())
        }
        _ => Ok(()),
    }
}

/// Where a claim stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place<'d> {
    number: usize,
    list: &'static str,
    path: &'static str,
    id: &'d str,
}

impl<'d> Place<'d> {
    fn record(number: usize, path: &'static str, id: &'d str) -> Self {
        Self { number, list: "MktActivityRecord", path, id }
    }
}

/// Sorted by key and start, two claims that overlap anywhere have neighbours that do.
fn refuse_overlaps<K: Ord>(
    reading: &mut Reading<'_>,
    mut claims: Vec<(K, Period, Place<'_>)>,
) -> Result<(), DocumentError> {
    claims.sort();
    for ((key, period, first), (other_key, other_period, second)) in claims.iter().zip(claims.iter().skip(1))
    {
        if key == other_key && period.overlaps(*other_period) {
            let (earlier, later) = if first <= second { (first, second) } else { (second, first) };
            reading.series = Some(later.id.to_owned());
            let path = format!("{}[{}]/{}", later.list, later.number, later.path);
            return Err(
                reading.fault(&path, RefusalReason::OverlappingSeries { other: earlier.id.to_owned() })
            );
        }
    }
    Ok(())
}
