//! What holds for every session.

use domain::instant::Instant;
use domain::price_sheet::PriceSheet;
use domain::quantity::Quantity;
use domain::session::{ChargingPeriod, Session};
use proptest::prelude::*;

use super::given::{instant, priced, session, sheet};

/// Elements without steps: clock, days, durations, energy so far.
const ELEMENTS: [&str; 5] = [
    "flat 1 vat 20 ? duration 900- | energy 0.31 vat 21 ? time 22:00-06:30 | energy 0.37",
    "energy 0.2 ? kwh -3.333 | energy 0.3 vat 9 ? kwh 3.333-7 | energy 0.4, time 1.37 vat 21",
    "time 3.1 ? duration 1000-5000 | time 2.7 vat 6 ? days 6-7, parking 1 ? kwh 2-",
    "energy 0.5 ? dates 2024-10-27/ time 02:30-03:30 | energy 0.6 ? kwh 1- duration -7000 | parking 9 ? time 03:00-",
    "time 1 ? kwh 5- | time 2 ? time 00:00-12:00, energy 7 vat 19 ? time 00:00-12:00 | parking 0.77 ? days 7-7",
];

fn sheets() -> impl Strategy<Value = PriceSheet> {
    prop::sample::select(&ELEMENTS[..]).prop_map(|text| {
        // A restriction stands behind the components of its element.
        sheet(&text.replace(", parking 1 ?", " | parking 1 ?").replace(", energy 7", " | energy 7"))
    })
}

/// Around the day of 25 hours. Lengths are tenths of an hour; energies are whole numbers of 10^-7 kWh a millisecond.
fn sessions() -> impl Strategy<Value = Session> {
    let period = (1_i64..40, 0_i64..50, any::<bool>());
    (0_i64..400_000, prop::collection::vec(period, 1..5)).prop_map(|(start, periods)| {
        let mut session = session("2024-10-26T10:00Z; 2024-10-26T11:00Z");
        let mut at = session.start.plus_millis(start * 100).unwrap();
        (session.start, session.periods) = (at, Vec::new());
        for (length, energy, is_parking) in periods {
            let millis = length * 360_000;
            let hours = Some(Quantity::from_micros(length * 100_000));
            let mut period = ChargingPeriod::from(at);
            if is_parking {
                period.parking = hours;
            } else {
                (period.time, period.energy_kwh) = (hours, Some(Quantity::from_micros(energy * millis / 10)));
            }
            session.periods.push(period);
            at = at.plus_millis(millis).unwrap();
        }
        session.end = at;
        session
    })
}

/// The period in two, at so many milliseconds, the energy by time. Hours are stated to a millionth, which is within what
/// timestamps correct.
fn split(session: &Session, number: usize, offset_ms: i64) -> Session {
    let mut split = session.clone();
    let mut later = split.periods[number].clone();
    let end = session.periods.get(number + 1).map_or(session.end, |next| next.start);
    let length = end.millis_since(later.start);
    let part =
        |whole: i64| i64::try_from(i128::from(whole) * i128::from(offset_ms) / i128::from(length)).unwrap();
    let divide = |whole: Option<Quantity>| {
        let before = whole.map(|whole| part(whole.micros()));
        let after = whole.map(|whole| Quantity::from_micros(whole.micros() - before.unwrap()));
        (before.map(Quantity::from_micros), after)
    };
    let earlier = &mut split.periods[number];
    (earlier.energy_kwh, later.energy_kwh) = divide(earlier.energy_kwh);
    (earlier.time, later.time) = divide(earlier.time);
    (earlier.parking, later.parking) = divide(earlier.parking);
    later.start = later.start.plus_millis(offset_ms).unwrap();
    split.periods.insert(number + 1, later);
    split
}

proptest! {
    /// A record that says the same in more periods costs the same.
    #[test]
    fn splitting_a_period_changes_nothing(
        sheet in sheets(), session in sessions(), number in 0_usize..4, at in 1_i64..1_000,
    ) {
        let number = number % session.periods.len();
        let end = session.periods.get(number + 1).map_or(session.end, |next| next.start);
        let length = end.millis_since(session.periods[number].start);
        // Cut at tens of milliseconds, no energy is lost to rounding.
        let offset_ms = length * at / 1_000 / 10 * 10;
        prop_assume!(offset_ms > 0);
        let whole = priced(&sheet, &session);
        let split = priced(&sheet, &split(&session, number, offset_ms));
        prop_assert_eq!(whole.total, split.total);
        prop_assert_eq!(whole.dimensions, split.dimensions);
    }

    /// The total is the sum of the dimensions, and each of them that of its components.
    #[test]
    fn the_total_is_the_sum_of_the_dimensions(sheet in sheets(), session in sessions()) {
        let priced = priced(&sheet, &session);
        let sum = priced.dimensions.values().try_fold(priced.limits, |sum, cost| sum.checked_add(*cost));
        prop_assert_eq!(sum, Some(priced.total));
        let parts = priced.periods.iter().flat_map(|period| &period.parts);
        let mut amounts = domain::amount::Amount::ZERO;
        for part in parts {
            amounts = amounts.checked_add(part.amount).unwrap();
        }
        prop_assert_eq!(amounts, priced.total.excluding_vat);
    }

    /// What was cut covers the session without a gap, and keeps its energy.
    #[test]
    fn the_parts_are_the_session(sheet in sheets(), session in sessions()) {
        let priced = priced(&sheet, &session);
        let mut at: Instant = session.start;
        for period in &priced.periods {
            prop_assert_eq!(period.start, at);
            at = period.end;
        }
        prop_assert_eq!(at, session.end);
    }
}

#[test]
fn the_energy_splits_where_the_clocks_change() {
    // One period over the night of 25 hours: 00:00 to 12:00 local time, 13 hours with a kWh each.
    let sheet = sheet("energy 1 ? time 02:00-03:00 | energy 0");
    let night = session("2024-10-26T22:00Z energy 13 time 13; 2024-10-27T11:00Z");
    assert_eq!(priced(&sheet, &night).total.excluding_vat.to_string(), "2");
    assert_eq!(instant("2024-10-27T00:00Z"), priced(&sheet, &night).periods[1].start);
}
