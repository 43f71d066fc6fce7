//! Days in every zone of the table: they follow one another without gap or overlap and begin where the calendar says.

#![expect(clippy::unwrap_used, reason = "a test that can't make its input has failed")]

use domain::day::{Day, DayRule, Month};
use domain::instant::{Instant, Period};
use domain::zone::Zone;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

/// Years with something rare in them: the first standard times, wartime double summer time, a skipped day, and one
/// beyond the last change that the table lists singly.
const YEARS: [i16; 8] = [1867, 1919, 1941, 1950, 1995, 2011, 2024, 2040];

fn civil(zone: &str) -> DayRule {
    DayRule::civil(Zone::named(zone).unwrap())
}

fn every_zone() -> Vec<DayRule> {
    Zone::names().iter().map(|name| civil(name)).collect()
}

/// The calendar's own reading, by another way than the rule's.
fn local_date(rule: &DayRule, instant: Instant) -> Day {
    let zone = TimeZone::get(rule.zone().name()).unwrap_or(TimeZone::UTC);
    let date = zone.to_datetime(Timestamp::from_millisecond(instant.millis()).unwrap()).date();
    Day::new(date.year(), date.month(), date.day()).unwrap()
}

fn check_first_instant(rule: &DayRule, day: Day) {
    let start = rule.start(day);
    let before = start.plus_millis(-1).unwrap();
    assert!(local_date(rule, start) >= day, "{day} in {} begins too early at {start}", rule.zone());
    assert!(local_date(rule, before) < day, "{day} in {} begins too late at {start}", rule.zone());
}

#[test]
fn the_days_of_a_year_sum_to_the_distance_of_its_ends() {
    for rule in every_zone() {
        for year in YEARS {
            let (first, end) = (Day::new(year, 1, 1).unwrap(), Day::new(year + 1, 1, 1).unwrap());
            let lengths = first.until(end).map(|day| rule.period(day).map_or(0, |period| period.millis()));
            let distance = rule.start(end).millis_since(rule.start(first));
            assert_eq!(lengths.sum::<i64>(), distance, "{year} in {}", rule.zone());
        }
    }
}

#[test]
fn a_day_begins_at_its_first_instant_around_every_change_of_every_zone() {
    for rule in every_zone() {
        let zone = TimeZone::get(rule.zone().name()).unwrap_or(TimeZone::UTC);
        let end: Timestamp = "2045-01-01T00:00Z".parse().unwrap();
        for change in zone.following(Timestamp::MIN).take_while(|change| change.timestamp() < end) {
            let date = zone.to_datetime(change.timestamp()).date();
            for date in [date.yesterday().unwrap(), date, date.tomorrow().unwrap()] {
                check_first_instant(&rule, Day::new(date.year(), date.month(), date.day()).unwrap());
            }
        }
    }
}

/// Minutes of a day, and where it begins.
fn check_day(rule: &DayRule, day: &str, begins: &str, minutes: i64) {
    let day = Day::parse(day).unwrap();
    assert_eq!(rule.start(day).to_string(), begins, "{day} in {}", rule.zone());
    let length = rule.period(day).map_or(0, Period::millis);
    assert_eq!(length, minutes * 60_000, "{day} in {} has {} minutes", rule.zone(), length / 60_000);
    let begins = rule.start(day);
    assert!(rule.is_start(begins));
    if minutes > 0 {
        assert_eq!(rule.day_of(begins), day);
        assert!(rule.day_of(begins.plus_millis(-1).unwrap()) < day);
    }
}

#[test]
fn days_are_as_long_as_the_zone_makes_them() {
    let cases = [
        ("Europe/Amsterdam", "2024-03-31", "2024-03-30T23:00:00Z", 1380),
        ("Europe/Amsterdam", "2024-07-01", "2024-06-30T22:00:00Z", 1440),
        ("Europe/Amsterdam", "2024-10-27", "2024-10-26T22:00:00Z", 1500),
        // The clocks go from 00:00 to 01:00: the day has no midnight.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", 1380),
        ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z", 1380),
        ("Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00Z", 1380),
        ("America/Havana", "2024-03-10", "2024-03-10T05:00:00Z", 1380),
        // From 01:00 back to 00:00: midnight comes twice.
        ("America/Havana", "2024-11-03", "2024-11-03T04:00:00Z", 1500),
        // From 00:01 back to 23:01 of the day before: the day has begun once and for all.
        ("America/St_Johns", "2006-10-28", "2006-10-28T02:30:00Z", 1440),
        ("America/St_Johns", "2006-10-29", "2006-10-29T02:30:00Z", 1500),
        // From 23:30 to 00:30: both days lose half an hour.
        ("America/Toronto", "1919-03-30", "1919-03-30T05:00:00Z", 1410),
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z", 1410),
        // By half an hour.
        ("Australia/Lord_Howe", "2024-04-07", "2024-04-06T13:00:00Z", 1470),
        ("Australia/Lord_Howe", "2024-10-06", "2024-10-05T13:30:00Z", 1410),
        // A day left out and a day lived twice.
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", 1440),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", 0),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", 1440),
        ("Pacific/Apia", "1892-07-04", "1892-07-03T11:26:56Z", 2880),
    ];
    for (zone, day, begins, minutes) in cases {
        check_day(&civil(zone), day, begins, minutes);
    }
}

#[test]
fn the_gas_day_takes_its_long_day_from_the_night_before() {
    let rule = DayRule::new(Zone::named("Europe/Amsterdam").unwrap(), 6).unwrap();
    check_day(&rule, "2024-03-30", "2024-03-30T05:00:00Z", 1380);
    check_day(&rule, "2024-03-31", "2024-03-31T04:00:00Z", 1440);
    check_day(&rule, "2024-10-26", "2024-10-26T04:00:00Z", 1500);
    check_day(&rule, "2024-10-27", "2024-10-27T05:00:00Z", 1440);
    let british = DayRule::new(Zone::named("Europe/London").unwrap(), 5).unwrap();
    check_day(&british, "2024-10-26", "2024-10-26T04:00:00Z", 1500);
    let october = rule.month_period(Month::parse("2024-10").unwrap()).unwrap();
    assert_eq!(october.to_string(), "2024-10-01T04:00:00Z/2024-11-01T05:00:00Z");
    assert_eq!(DayRule::new(Zone::utc(), 24), None);
}

#[test]
fn days_of_a_period_are_those_that_share_an_instant_with_it() {
    let cases = [
        ("Europe/Amsterdam", "2024-10-26T22:00:00Z", "2024-10-27T23:00:00Z", vec!["2024-10-27"]),
        (
            "Europe/Amsterdam",
            "2024-10-26T21:59:59.999Z",
            "2024-10-26T22:00:00.001Z",
            vec!["2024-10-26", "2024-10-27"],
        ),
        ("Pacific/Apia", "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", vec!["2011-12-29", "2011-12-31"]),
    ];
    for (zone, start, end, expected) in cases {
        let period = Period::new(Instant::parse(start).unwrap(), Instant::parse(end).unwrap()).unwrap();
        let days: Vec<String> = civil(zone).days_of(period).iter().map(Day::to_string).collect();
        assert_eq!(days, expected, "{period} in {zone}");
    }
}

fn a_rule() -> impl Strategy<Value = DayRule> {
    let names = Zone::names();
    (0..names.len(), 0_i8..24).prop_map(move |(index, hour)| {
        DayRule::new(Zone::named(names.get(index).unwrap()).unwrap(), hour).unwrap()
    })
}

proptest! {
    #[test]
    fn every_instant_lies_in_the_day_that_is_said_to_hold_it(
        rule in a_rule(),
        millis in -3_000_000_000_000_i64..3_000_000_000_000,
    ) {
        let instant = Instant::from_millis(millis).unwrap();
        let day = rule.day_of(instant);
        prop_assert!(rule.period(day).unwrap().contains(instant));
        prop_assert_eq!(rule.days_of(Period::new(instant, instant.plus_millis(1).unwrap()).unwrap()), vec![day]);
    }

    #[test]
    fn a_period_is_covered_once_by_its_days(rule in a_rule(), start in 0_i64..2_000_000_000_000, hours in 1_i64..1_000) {
        let start = Instant::from_millis(start).unwrap();
        let period = Period::new(start, start.plus_millis(hours * 3_600_000).unwrap()).unwrap();
        let parts = rule.days_of(period).into_iter().map(|day| rule.period(day).unwrap().intersection(period).unwrap());
        let mut reached = period.start();
        for part in parts {
            prop_assert_eq!(part.start(), reached);
            reached = part.end();
        }
        prop_assert_eq!(reached, period.end());
    }

    #[test]
    fn a_day_is_its_number_and_its_text(number in -4_371_587_i32..=2_932_896) {
        let day = Day::from_number(number).unwrap();
        prop_assert_eq!(day.number(), number);
        if number > -719_528 {
            prop_assert_eq!(Day::parse(&day.to_string()), Some(day));
        }
        prop_assert_eq!(day.days_to(day.next()), i32::from(number < 2_932_896));
        prop_assert!(day.month().first_day() <= day && day < day.month().next().first_day() || number > 2_932_865);
    }
}
