//! How fast charging sessions are priced, from the parsed form.
//!
//! `cargo bench -p domain --bench sessions` prints the median and the spread of many repeats, on one core.

#![expect(clippy::float_arithmetic, reason = "a benchmark divides by seconds")]

use std::hint::black_box;
use std::time::Duration;

use domain::instant::{Instant, Period};
use domain::money::Currency;
use domain::price::Price;
use domain::price_sheet::{Dimension, Element, Limit, PriceComponent, PriceSheet, Restrictions};
use domain::product::Weekdays;
use domain::quantity::Quantity;
use domain::session::{ChargingPeriod, Session, SessionTerms, Stated, price};
use domain::tax::VatRate;
use domain::zone::Zone;

const SESSIONS: i64 = 1_000;
const ROUNDS: usize = 5;
const REPEATS: usize = 21;

fn main() {
    let Some(zone) = Zone::named("Europe/Amsterdam") else { return };
    println!("thousand sessions a second and core: median (lowest to highest of {REPEATS})");
    let energy = vec![element(&[(Dimension::Energy, 38_000_000)], Restrictions::default())];
    measure("energy, 2 periods", &sheet(energy), &zone);
    let parking =
        Restrictions { min_duration_s: Some(2_700), max_duration_s: Some(20_700), ..Restrictions::default() };
    let typical = vec![
        element(&[(Dimension::Flat, 50_000_000), (Dimension::Energy, 38_000_000)], Restrictions::default()),
        element(&[(Dimension::ParkingTime, 242_000_000)], parking),
    ];
    measure("start fee, energy, parking by duration, 2 periods", &sheet(typical), &zone);
    let night = Restrictions { start_minute: Some(1_380), end_minute: Some(420), ..Restrictions::default() };
    let weekend = Restrictions { weekdays: Weekdays::of([6, 7]), ..Restrictions::default() };
    let by_clock = vec![
        element(&[(Dimension::Energy, 25_000_000)], night),
        element(&[(Dimension::Energy, 30_000_000)], weekend),
        element(
            &[(Dimension::Energy, 38_000_000), (Dimension::ParkingTime, 100_000_000)],
            Restrictions::default(),
        ),
    ];
    measure("night, weekend and day, parking, 2 periods", &sheet(by_clock), &zone);
}

fn measure(name: &str, sheet: &PriceSheet, zone: &Zone) {
    let sessions: Vec<Session> = (0..SESSIONS).filter_map(session).collect();
    let sheets = std::slice::from_ref(sheet);
    let terms = SessionTerms::default();
    let mut speeds: Vec<f64> = (0..REPEATS)
        .map(|_| {
            let took = stopwatch(|| {
                for session in (0..ROUNDS).flat_map(|_| &sessions) {
                    drop(black_box(price(black_box(session), sheets, zone, &terms)));
                }
            });
            let count = u32::try_from(sessions.len() * ROUNDS).unwrap_or(u32::MAX);
            f64::from(count) / took.as_secs_f64() / 1e3
        })
        .collect();
    speeds.sort_by(f64::total_cmp);
    let [lowest, .., highest] = speeds.as_slice() else { return };
    let median = speeds.get(REPEATS / 2).unwrap_or(lowest);
    println!("{name:<52} {median:>6.0} ({lowest:.0} to {highest:.0})");
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn stopwatch(work: impl FnOnce()) -> Duration {
    let start = std::time::Instant::now();
    work();
    start.elapsed()
}

fn sheet(elements: Vec<Element>) -> PriceSheet {
    PriceSheet {
        id: "bench".to_owned(),
        currency: Currency::Eur,
        valid: Period::ALWAYS,
        includes_vat: false,
        least: Limit::default(),
        most: Limit::default(),
        elements,
    }
}

fn element(prices: &[(Dimension, i64)], restrictions: Restrictions) -> Element {
    let component = |(dimension, raw): &(Dimension, i64)| PriceComponent {
        dimension: *dimension,
        price: Price::from_raw(*raw),
        vat: VatRate::new(2_100),
        step_size: 60,
    };
    Element { components: prices.iter().map(component).collect(), restrictions }
}

/// A charge of some minutes and some parking behind it, each beginning at another time of the year.
fn session(number: i64) -> Option<Session> {
    let start = Instant::from_seconds(1_704_067_200 + number * 31_337)?;
    let charging_s = 1_200 + number * 7_919 % 9_000;
    let parking_s = 60 + number * 104_729 % 14_000;
    let parking_start = start.plus_millis(charging_s * 1_000)?;
    let end = parking_start.plus_millis(parking_s * 1_000)?;
    let hours = |seconds: i64| Some(Quantity::from_micros(seconds * 10_000 / 36));
    let mut charging = ChargingPeriod::from(start);
    (charging.time, charging.energy_kwh) =
        (hours(charging_s), Some(Quantity::from_micros(charging_s * 3_055)));
    let mut parking = ChargingPeriod::from(parking_start);
    parking.parking = hours(parking_s);
    let (id, currency, stated) = (number.to_string(), Currency::Eur, Stated::default());
    Some(Session { id, currency, start, end, periods: vec![charging, parking], is_credit: false, stated })
}
