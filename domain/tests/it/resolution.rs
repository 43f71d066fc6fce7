//! How many intervals a day, a month or any period has.

#![expect(clippy::unwrap_used, reason = "a test that can't make its input has failed")]

use domain::day::{Day, DayRule};
use domain::instant::{Instant, Period};
use domain::resolution::Resolution;
use domain::zone::Zone;

fn rule(zone: &str, hour: i8) -> DayRule {
    DayRule::new(Zone::named(zone).unwrap(), hour).unwrap()
}

fn days(rule: &DayRule, first: &str, end: &str) -> Period {
    let start = |day| rule.start(Day::parse(day).unwrap());
    Period::new(start(first), start(end)).unwrap()
}

/// Counts of 5, 15, 30 minutes, hours, days and months.
fn check_counts(rule: &DayRule, first: &str, end: &str, expected: [Option<usize>; 6]) {
    let period = days(rule, first, end);
    let counts = Resolution::ALL.map(|resolution| resolution.count(period, rule));
    assert_eq!(counts, expected, "{first} to {end} in {} from {}:00", rule.zone(), rule.start_hour());
    for (resolution, count) in Resolution::ALL.into_iter().zip(expected) {
        let Some(count) = count else { continue };
        let edge = |index| resolution.start_of(index, period.start(), rule);
        assert_eq!(edge(0), Some(period.start()), "{resolution} from {first} in {}", rule.zone());
        assert_eq!(edge(count), Some(period.end()), "{resolution} from {first} to {end} in {}", rule.zone());
    }
}

#[test]
fn a_period_has_as_many_intervals_as_the_calendar_gives_it() {
    let day = |minutes: usize| {
        [Some(minutes / 5), Some(minutes / 15), Some(minutes / 30), Some(minutes / 60), Some(1), None]
    };
    let amsterdam = rule("Europe/Amsterdam", 0);
    check_counts(&amsterdam, "2024-03-31", "2024-04-01", day(1380));
    check_counts(&amsterdam, "2024-07-01", "2024-07-02", day(1440));
    check_counts(&amsterdam, "2024-10-27", "2024-10-28", day(1500));
    let october = [Some(8940), Some(2980), Some(1490), Some(745), Some(31), Some(1)];
    check_counts(&amsterdam, "2024-10-01", "2024-11-01", october);
    check_counts(&rule("Europe/Amsterdam", 6), "2024-10-01", "2024-11-01", october);
    let year = [Some(105_408), Some(35_136), Some(17_568), Some(8_784), Some(366), Some(12)];
    check_counts(&amsterdam, "2024-01-01", "2025-01-01", year);
    check_counts(
        &amsterdam,
        "2024-01-15",
        "2024-02-15",
        [Some(8928), Some(2976), Some(1488), Some(744), Some(31), None],
    );
    let half_an_hour_short = [Some(282), Some(94), Some(47), None, Some(1), None];
    check_counts(&rule("Australia/Lord_Howe", 0), "2024-10-06", "2024-10-07", half_an_hour_short);
    let without_the_30th = [Some(8640), Some(2880), Some(1440), Some(720), Some(30), Some(1)];
    check_counts(&rule("Pacific/Apia", 0), "2011-12-01", "2012-01-01", without_the_30th);
}

#[test]
fn a_period_that_does_not_end_with_an_interval_has_no_count() {
    let rule = rule("Europe/Amsterdam", 0);
    let noon = Instant::parse("2024-10-26T10:00Z").unwrap();
    let cases = [(noon.plus_millis(-43_200_000), Some(noon)), (Some(noon), noon.plus_millis(43_200_000))];
    for (start, end) in cases {
        let half_a_day = Period::new(start.unwrap(), end.unwrap()).unwrap();
        assert_eq!(Resolution::Hour.count(half_a_day, &rule), Some(12));
        assert_eq!(Resolution::Day.count(half_a_day, &rule), None);
        assert_eq!(Resolution::Month.count(half_a_day, &rule), None);
    }
    let odd = Period::new(noon, noon.plus_millis(899_999).unwrap()).unwrap();
    assert_eq!(Resolution::Minutes15.count(odd, &rule), None);
    assert_eq!(Resolution::Day.start_of(0, noon, &rule), Some(noon));
    assert_eq!(Resolution::Day.start_of(1, noon, &rule), Some(rule.start(Day::parse("2024-10-27").unwrap())));
    assert_eq!(Resolution::Hour.start_of(usize::MAX, noon, &rule), None);
}

#[test]
fn a_resolution_is_its_code() {
    for resolution in Resolution::ALL {
        assert_eq!(Resolution::from_code(resolution.code()), Some(resolution));
    }
    assert_eq!(Resolution::from_code("PT60M"), None);
}
