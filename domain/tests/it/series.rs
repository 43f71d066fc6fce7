//! Time series: cutting and overlaying lose no quantity and no quality.

#![expect(clippy::unwrap_used, reason = "a test that can't make its input has failed")]

use domain::day::{Day, DayRule};
use domain::instant::Instant;
use domain::quantity::Quantity;
use domain::resolution::Resolution;
use domain::series::{Quality, QualityRun, TimeSeries, Value};
use domain::zone::Zone;
use proptest::prelude::*;

fn a_value() -> impl Strategy<Value = Value> {
    (any::<i64>(), prop::sample::select(Quality::ALL.to_vec())).prop_map(|(micros, quality)| {
        let quantity = if quality == Quality::Missing { 0 } else { micros };
        Value { quantity: Quantity::from_micros(quantity), quality }
    })
}

fn a_rule() -> impl Strategy<Value = DayRule> {
    let zone = prop::sample::select(vec!["Europe/Amsterdam", "Pacific/Apia", "America/Havana", "UTC"]);
    let hour = prop::sample::select(vec![0_i8, 5, 6]);
    (zone, hour).prop_map(|(zone, hour)| DayRule::new(Zone::named(zone).unwrap(), hour).unwrap())
}

/// Hours or days from some start of a day in 2011 on, over clock changes and Samoa's skipped day.
fn a_series() -> impl Strategy<Value = (DayRule, TimeSeries)> {
    let resolution = prop::sample::select(vec![Resolution::Hour, Resolution::Minutes15, Resolution::Day]);
    (a_rule(), 14_975_i32..15_350, resolution, prop::collection::vec(a_value(), 1..200)).prop_map(
        |(rule, day, resolution, values)| {
            let start = rule.start(Day::from_number(day).unwrap());
            (rule, TimeSeries::new(start, resolution, values))
        },
    )
}

proptest! {
    #[test]
    fn days_of_a_series_put_together_are_the_series((rule, series) in a_series()) {
        let days = series.split_days(&rule).unwrap();
        prop_assert!(days.iter().all(|(day, part)| rule.period(*day).unwrap().covers(part.period(&rule).unwrap())));
        prop_assert!(days.windows(2).all(|pair| pair[0].1.period(&rule).unwrap().end() == pair[1].1.start()));
        let values = days.iter().flat_map(|(_, part)| part.values());
        prop_assert_eq!(TimeSeries::new(series.start(), series.resolution(), values), series.clone());
        let totals = days.iter().map(|(_, part)| part.total().micros());
        prop_assert_eq!(totals.sum::<i128>(), series.total().micros());
    }

    #[test]
    fn an_overlay_changes_what_it_covers_and_nothing_else(
        (rule, series) in a_series(), from in any::<prop::sample::Index>(), newer in prop::collection::vec(a_value(), 1..50),
    ) {
        let from = from.index(series.len());
        let start = series.resolution().start_of(from, series.start(), &rule).unwrap();
        let newer = TimeSeries::new(start, series.resolution(), newer);
        let laid = series.overlaid(&newer, &rule);
        let end = from + newer.len();
        prop_assert_eq!(laid.is_some(), end <= series.len());
        let Some(laid) = laid else { return Ok(()) };
        prop_assert_eq!(laid.len(), series.len());
        for (index, (value, own)) in laid.values().zip(series.values()).enumerate() {
            let expected = if (from..end).contains(&index) { newer.values().nth(index - from).unwrap() } else { own };
            prop_assert_eq!(value, expected);
        }
        let replaced: i128 = series.quantities()[from..end].iter().map(|own| i128::from(own.micros())).sum();
        prop_assert_eq!(laid.total().micros(), series.total().micros() - replaced + newer.total().micros());
    }

    #[test]
    fn a_series_is_its_columns((_, series) in a_series()) {
        let runs = series.quality_runs();
        prop_assert!(runs.windows(2).all(|pair| pair[0].quality != pair[1].quality));
        let single = series.values().map(|value| QualityRun { quality: value.quality, count: 1 }).collect();
        let quantities = series.quantities().to_vec();
        let again = TimeSeries::from_columns(series.start(), series.resolution(), quantities, single);
        prop_assert_eq!(again.as_ref(), Some(&series));
        prop_assert_eq!(series.has_missing(), series.values().any(|value| value == Value::MISSING));
    }
}

#[test]
fn columns_that_contradict_each_other_are_no_series() {
    let run = |quality, count| QualityRun { quality, count };
    let cases = [
        (vec![1, 2, 3], vec![run(Quality::Measured, 3)], true),
        (vec![1, 2, 0], vec![run(Quality::Measured, 2), run(Quality::Missing, 1)], true),
        (vec![], vec![], true),
        (vec![1, 2, 3], vec![run(Quality::Measured, 2)], false),
        (vec![1, 2, 3], vec![run(Quality::Measured, 4)], false),
        (vec![1, 2, 3], vec![run(Quality::Measured, 3), run(Quality::Estimated, 0)], false),
        (vec![1, 2, 3], vec![run(Quality::Measured, 2), run(Quality::Missing, 1)], false),
    ];
    for (micros, runs, expected) in cases {
        let quantities = micros.iter().copied().map(Quantity::from_micros).collect();
        let start = Instant::from_millis(0).unwrap();
        let series = TimeSeries::from_columns(start, Resolution::Hour, quantities, runs.clone());
        assert_eq!(series.is_some(), expected, "{micros:?} {runs:?}");
    }
}

#[test]
fn a_number_on_a_missing_value_counts_nothing() {
    let value = Value { quantity: Quantity::ONE, quality: Quality::Missing };
    let series = TimeSeries::new(Instant::from_millis(0).unwrap(), Resolution::Hour, [value]);
    assert_eq!(series.total().micros(), 0);
    assert!(series.has_missing());
}

#[test]
fn a_series_that_cuts_no_day_at_its_edge_does_not_fit() {
    let rule = DayRule::civil(Zone::named("Australia/Lord_Howe").unwrap());
    let start = rule.start(Day::parse("2024-10-06").unwrap());
    let value = Value { quantity: Quantity::ONE, quality: Quality::Measured };
    let hours = TimeSeries::new(start, Resolution::Hour, vec![value; 48]);
    assert_eq!(hours.split_days(&rule), None);
    let half_hours = TimeSeries::new(start, Resolution::Minutes30, vec![value; 95]);
    let lengths: Vec<usize> =
        half_hours.split_days(&rule).unwrap().iter().map(|(_, part)| part.len()).collect();
    assert_eq!(lengths, [47, 48]);
}
