//! Periods of documents, and the positions that must fill them exactly.

use domain::day::DayRule;
use domain::document::RefusalReason;
use domain::instant::{Instant, Period};
use domain::resolution::Resolution;

use super::fields::{Fields, Read};
use super::reading::Reading;

/// Ten years in milliseconds, generously: nothing restates or prices more at once.
const MOST_MILLIS: i64 = 3_660 * 86_400_000;

/// Takes `resolution` and `timeInterval`.
pub(super) fn interval(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Read<(Resolution, Period)> {
    let resolution = fields.code(reading, "resolution", Resolution::from_code)?;
    let (start, end) = fields.group(reading, "timeInterval", |reading, fields| {
        Ok((fields.instant(reading, "start")?, fields.instant(reading, "end")?))
    })?;
    Ok((resolution, period(reading, "timeInterval", start, end)?))
}

/// A period that is not empty and not absurdly long.
pub(super) fn period(reading: &Reading<'_>, name: &str, start: Instant, end: Instant) -> Read<Period> {
    let Some(period) = Period::new(start, end) else {
        return Err(reading.fault(name, RefusalReason::EndsBeforeStart { start, end }));
    };
    if period.millis() > MOST_MILLIS {
        return Err(reading.fault(name, RefusalReason::IntervalTooLong));
    }
    Ok(period)
}

/// How many values a metered period takes. It begins and ends at edges of intervals counted from the day's start.
pub(super) fn metered_count(
    reading: &Reading<'_>,
    name: &str,
    resolution: Resolution,
    period: Period,
) -> Read<usize> {
    let rule = &reading.options.day_rule;
    let count =
        is_on_grid(resolution, period.start(), rule).then(|| resolution.count(period, rule)).flatten();
    count.ok_or_else(|| reading.fault(name, RefusalReason::OffTheGrid { resolution }))
}

fn is_on_grid(resolution: Resolution, start: Instant, rule: &DayRule) -> bool {
    let into_day = start.millis_since(rule.start(rule.day_of(start)));
    resolution.millis().is_none_or(|millis| into_day.checked_rem(millis) == Some(0))
}

/// Takes the values of the period. Their positions are 1 to `expected`, each once, in any order.
pub(super) fn values<'a, T>(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'a>,
    names: PositionNames,
    expected: usize,
    read: impl Fn(&mut Reading<'_>, &mut Fields<'a>) -> Read<T>,
) -> Read<Vec<T>> {
    let mut values = fields.groups(reading, names.group, |reading, fields| {
        Ok((fields.count(reading, names.position)?, read(reading, fields)?))
    })?;
    if values.len() != expected {
        let reason = RefusalReason::WrongCount { expected, found: values.len() };
        return Err(reading.fault(names.group, reason));
    }
    values.sort_by_key(|(position, _)| *position);
    for ((found, _), expected) in values.iter().zip(1_usize..) {
        if *found != expected as u64 {
            let path = format!("{}[{expected}]/{}", names.group, names.position);
            return Err(reading.fault(&path, RefusalReason::WrongPosition { expected, found: *found }));
        }
    }
    Ok(values.into_iter().map(|(_, value)| value).collect())
}

/// What a form calls a value and its position.
#[derive(Clone, Copy)]
pub(super) struct PositionNames {
    pub(super) group: &'static str,
    pub(super) position: &'static str,
}

impl PositionNames {
    pub(super) const CIM: Self = Self { group: "Point", position: "position" };
    pub(super) const EBIX: Self = Self { group: "IntervalEnergyObservation", position: "Position" };
}
