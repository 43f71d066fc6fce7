//! Prices by local time of day: windows of the week, days of 23 and 25 hours, dated weeks, and values that are too long.
#![expect(clippy::panic, reason = "a test that can't read its input has failed")]

use domain::day::DayRule;
use domain::instant::{Instant, Period};
use domain::price::Price;
use domain::product::calendar::{CalendarFault, CalendarReader};
use domain::product::{CalendarWeek, CalendarWindow, PriceSource, Product, ProductDefect, Weekdays};
use domain::quantity::Unit;
use domain::rating::NotReady;
use domain::resolution::Resolution;
use domain::series::Direction;
use domain::zone::Zone;
use proptest::prelude::*;

use super::given::{Given, always, check, day, energy, instant, monthly, price};

/// `1-5 06:00-22:00 0.30; 6-7 00:00-24:00 0.15`: the windows of a week.
pub(crate) fn week(valid_from: &str, text: &str) -> CalendarWeek {
    let minute = |text: &str| {
        let (hours, minutes) = text.split_once(':').unwrap();
        hours.parse::<u16>().unwrap() * 60 + minutes.parse::<u16>().unwrap()
    };
    let window = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [days, times, each] = words.as_slice() else { panic!("{text} is no window") };
        let (first, last) = days.split_once('-').unwrap();
        let (from, to) = times.split_once('-').unwrap();
        CalendarWindow {
            weekdays: Weekdays::of(first.parse::<i8>().unwrap()..=last.parse().unwrap()).unwrap(),
            from_minute: minute(from),
            to_minute: minute(to),
            price: price(each),
        }
    };
    CalendarWeek { valid_from: day(valid_from), windows: text.split(';').map(window).collect() }
}

fn weeks(weeks: &[(&str, &str)]) -> PriceSource {
    PriceSource::Calendar(weeks.iter().map(|(from, text)| week(from, text)).collect())
}

fn since_2020(text: &str) -> PriceSource {
    weeks(&[("2020-01-01", text)])
}

#[test]
fn a_week_has_its_days_and_nights() {
    // October 2024 has 23 days of Monday to Friday and 8 of weekends, one of them of 25 hours:
    // 23 x 16 x 0.30 + 23 x 8 x 0.20 + (7 x 24 + 25) x 0.15 = 110.4 + 36.8 + 28.95.
    let text = "1-5 06:00-22:00 0.30; 1-5 00:00-06:00 0.20; 1-5 22:00-24:00 0.20; 6-7 00:00-24:00 0.15";
    let october = Given::new(vec![energy(since_2020(text))]).hourly();
    check(&october, &["energy 2024-10-01/2024-11-01 745 kWh 176.15"]);
    // Per MWh: 745 kWh x 62.33 / 1,000.
    let mut component = energy(since_2020("1-7 00:00-24:00 62.33"));
    component.unit = Unit::MegawattHour;
    check(&Given::new(vec![component]).hourly(), &["energy 2024-10-01/2024-11-01 745 kWh 46.43585"]);
}

#[test]
fn what_the_clocks_show_twice_or_skip_has_its_price() {
    let of_day = |days: &str, resolution, text: &str| {
        let month = days.get(..7).unwrap();
        Given::new(vec![energy(since_2020(text))]).of_month(month).of_days(days).values(
            Direction::Consumption,
            days,
            resolution,
            "1",
        )
    };
    let night = "1-7 00:00-03:00 0.10; 1-7 03:00-24:00 0.30";
    // Hours 0, 1, 3 … 23: 2 x 0.10 + 21 x 0.30. Hours 0, 1, 2, 2, 3 … 23: 4 x 0.10 + 21 x 0.30.
    check(
        &of_day("2024-03-31/2024-04-01", Resolution::Hour, night),
        &["energy 2024-03-31/2024-04-01 23 kWh 6.5"],
    );
    check(
        &of_day("2024-10-27/2024-10-28", Resolution::Hour, night),
        &["energy 2024-10-27/2024-10-28 25 kWh 6.7"],
    );
    // To 02:30 twice: 8 quarters before 2, 2 + 2 of the doubled hour: 12 x 0.10 + 88 x 0.30.
    let half = "1-7 00:00-02:30 0.10; 1-7 02:30-24:00 0.30";
    let long = of_day("2024-10-27/2024-10-28", Resolution::Minutes15, half);
    check(&long, &["energy 2024-10-27/2024-10-28 100 kWh 27.6"]);
    // On the short day 02:30 is skipped: 8 x 0.10 + 84 x 0.30.
    let short = of_day("2024-03-31/2024-04-01", Resolution::Minutes15, half);
    check(&short, &["energy 2024-03-31/2024-04-01 92 kWh 26"]);
}

#[test]
fn a_week_holds_from_midnight_on() {
    let changed =
        || energy(weeks(&[("2020-01-01", "1-7 00:00-24:00 0.10"), ("2024-10-15", "1-7 00:00-24:00 0.20")]));
    // 14 days x 24 x 0.10 + (17 days x 24 + 1) x 0.20. No day cuts the month: the price is that of each hour.
    check(&Given::new(vec![changed()]).hourly(), &["energy 2024-10-01/2024-11-01 745 kWh 115.4"]);
    // The gas day of the 14th ends at six on the 15th: 18 x 0.10 + 6 x 0.20.
    let mut gas = Given::new(vec![changed()]).of_days("2024-10-14/2024-10-15");
    gas.rule = DayRule::new(Zone::named("Europe/Amsterdam").unwrap(), 6).unwrap();
    let gas = gas.values(Direction::Consumption, "2024-10-14/2024-10-15", Resolution::Hour, "1");
    check(&gas, &["energy 2024-10-14/2024-10-15 24 kWh 3"]);
}

#[test]
fn values_that_are_longer_than_a_price_are_not_ready() {
    let within = |from: &str, to: &str| NotReady::PriceChangesWithin {
        component: "energy".to_owned(),
        interval: Period::new(instant(from), instant(to)).unwrap(),
    };
    let half = "1-7 00:00-02:30 0.10; 1-7 02:30-24:00 0.30";
    let given = Given::new(vec![energy(since_2020(half))]).hourly();
    assert_eq!(given.rate().unwrap_err(), [within("2024-10-01T00:00Z", "2024-10-01T01:00Z")]);
    // Two windows of one price are one price.
    let same = "1-7 00:00-02:30 0.10; 1-7 02:30-24:00 0.10";
    check(
        &Given::new(vec![energy(since_2020(same))]).hourly(),
        &["energy 2024-10-01/2024-11-01 745 kWh 74.5"],
    );
    let late = Given::new(vec![energy(weeks(&[("2024-10-02", same)]))]).hourly();
    let missing = NotReady::MissingPrice { of: "energy".to_owned(), on: day("2024-10-01") };
    assert_eq!(late.rate().unwrap_err(), [missing]);
}

#[test]
fn every_minute_of_the_week_has_one_price() {
    type Defect = fn(String) -> ProductDefect;
    let check = |prices: PriceSource, expected: &[Defect]| {
        let product = Product {
            components: vec![energy(prices)],
            ..Given::new(Vec::new()).facts.products.remove("p1").unwrap().remove(0)
        };
        let expected: Vec<ProductDefect> =
            expected.iter().map(|defect| defect("energy".to_owned())).collect();
        assert_eq!(product.defects(), expected, "{:?}", product.components);
    };
    let whole = "1-7 00:00-24:00 0.1";
    check(since_2020(whole), &[]);
    check(since_2020("1-7 06:00-24:00 0.1; 1-7 00:00-06:00 0.2"), &[]);
    check(PriceSource::Calendar(Vec::new()), &[ProductDefect::NoPriceAtStart]);
    check(weeks(&[("2020-01-02", whole)]), &[ProductDefect::NoPriceAtStart]);
    check(weeks(&[("2020-01-01", whole), ("2020-01-01", whole)]), &[ProductDefect::PricesOutOfOrder]);
    check(since_2020("1-6 00:00-24:00 0.1"), &[ProductDefect::CalendarGap]);
    check(since_2020("1-7 00:01-24:00 0.1"), &[ProductDefect::CalendarGap]);
    check(since_2020("1-7 00:00-23:59 0.1"), &[ProductDefect::CalendarGap]);
    check(since_2020("1-7 00:00-06:00 0.1; 1-7 06:01-24:00 0.2"), &[ProductDefect::CalendarGap]);
    check(since_2020("1-7 00:00-06:01 0.1; 1-7 06:00-24:00 0.2"), &[ProductDefect::CalendarOverlap]);
    check(since_2020("1-7 00:00-24:00 0.1; 7-7 12:00-12:01 0.2"), &[ProductDefect::CalendarOverlap]);
    check(
        since_2020("1-7 00:00-24:00 0.1; 1-1 12:00-12:00 0.2"),
        &[ProductDefect::NoSuchWindow, ProductDefect::CalendarOverlap],
    );
    check(since_2020("1-7 00:00-24:01 0.1"), &[ProductDefect::NoSuchWindow]);
    let mut standing = monthly(since_2020(whole));
    standing.conditions = None;
    let product = Product {
        components: vec![energy(always("0.1")), standing],
        ..Given::new(Vec::new()).facts.products.remove("p1").unwrap().remove(0)
    };
    assert_eq!(product.defects(), [ProductDefect::DoesNotCompose("standing".to_owned())]);
}

proptest! {
    /// Reading on from what is held tells the same as reading anew, and an interval has a price where all of its minutes
    /// have that price.
    #[test]
    fn a_price_is_that_of_the_clock_on_the_wall(
        cuts in proptest::collection::btree_set(1_u16..1_440, 0..4),
        start in 1_711_000_000_i64..1_712_500_000,
        lengths in proptest::collection::vec(1_i64..300, 1..20),
    ) {
        let edges: Vec<u16> = [0].into_iter().chain(cuts).chain([1_440]).collect();
        let windows = edges.iter().zip(edges.iter().skip(1)).map(|(from, to)| CalendarWindow {
            weekdays: Weekdays::ALL, from_minute: *from, to_minute: *to, price: Price::from_raw((*from / 100).into()),
        });
        let weeks = [CalendarWeek { valid_from: day("2020-01-01"), windows: windows.collect() }];
        let zone = Zone::named("Europe/Amsterdam").unwrap();
        let naive = |at: Instant| {
            let (_, millis) = zone.local_reading(at);
            let minute = u16::try_from(millis / 60_000).unwrap();
            let from = edges.iter().rev().find(|edge| **edge <= minute).unwrap();
            Price::from_raw((*from / 100).into())
        };
        let mut reader = CalendarReader::new(&weeks, &zone);
        let mut at = Instant::from_seconds(start / 60 * 60).unwrap();
        for minutes in lengths {
            let interval = Period::new(at, at.plus_millis(minutes * 60_000).unwrap()).unwrap();
            let each = (0..minutes).map(|minute| naive(at.plus_millis(minute * 60_000).unwrap()));
            let prices: std::collections::BTreeSet<Price> = each.collect();
            let expected = if prices.len() == 1 { Ok(naive(at)) } else { Err(CalendarFault::ChangesWithin) };
            prop_assert_eq!(reader.over(interval), expected);
            prop_assert_eq!(reader.at(at), Some(naive(at)));
            at = interval.end();
        }
    }
}
