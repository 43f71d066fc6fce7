//! A day of values stays small: it is what a store holds most of.

use domain::day::{Day, DayRule};
use domain::day_version::DayVersion;
use domain::quantity::Quantity;
use domain::resolution::Resolution;
use domain::series::{Direction, Quality, TimeSeries, Value};
use domain::zone::Zone;
use prost::Message;
use proto::store::PackedDay;

/// What a household of some 3,000 kWh a year takes in a quarter of each hour, in Wh; an invented shape.
const HOUSEHOLD_WH: [i64; 24] =
    [50, 42, 38, 36, 36, 42, 62, 86, 90, 86, 84, 88, 96, 92, 84, 80, 84, 104, 128, 136, 128, 112, 90, 66];

/// A day of it, each value between half and one and a half of the shape's.
fn household(day: Day, seed: &mut u64) -> DayVersion {
    let rule = DayRule::civil(Zone::named("Europe/Amsterdam").unwrap());
    let values = HOUSEHOLD_WH.iter().flat_map(|wh| [*wh; 4]).map(|wh| {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let percent = 50 + i64::try_from(*seed >> 33).unwrap() % 101;
        Value { quantity: Quantity::from_micros(wh * percent / 100 * 1000), quality: Quality::Measured }
    });
    let start = rule.start(day);
    DayVersion {
        direction: Direction::Consumption,
        day,
        version: 1,
        created: start.plus_millis(108_000_000).unwrap(),
        received: start.plus_millis(108_123_457).unwrap(),
        source: "5790001330552.f81d4fae-7dec-11d0-a765-00a0c91e6bf6".to_owned(),
        values: TimeSeries::new(start, Resolution::Minutes15, values),
    }
}

#[test]
fn a_day_of_a_household_stays_within_its_budget() {
    let mut seed = 1;
    let first = Day::new(2024, 9, 1).unwrap();
    let days: Vec<usize> = first
        .until(Day::new(2024, 10, 1).unwrap())
        .map(|day| PackedDay::from(&household(day, &mut seed)).encoded_len())
        .collect();
    let mean = days.iter().sum::<usize>() / days.len();
    assert!(mean <= 145, "{mean} bytes on average, source included");
}
