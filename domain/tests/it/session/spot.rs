//! Energy by an index: the formula, where energy is cut, hours, and what is missing.

use std::sync::Arc;

use domain::instant::{Instant, Period};
use domain::price::Price;
use domain::quantity::Quantity;
use domain::session::{
    DayHours, IndexPrices, MemberPrices, PricedSession, Session, SessionDimension, SessionFault,
    SessionTerms, SpotEnergy, SpotFormula, price,
};
use domain::tax::VatRate;
use proptest::prelude::*;

use super::given::{amount, amsterdam, instant, quantity, session, sheet};

/// An index of hours from an instant on.
fn hours(start: &str, prices: &[&str]) -> Arc<IndexPrices> {
    let mut at = instant(start);
    let intervals = prices.iter().map(|price| {
        let end = at.plus_millis(3_600_000).unwrap();
        let period = Period::new(at, end).unwrap();
        at = end;
        (period, Price::parse(price).unwrap())
    });
    Arc::new(IndexPrices::new(intervals.collect()).unwrap())
}

fn spot(formula: SpotFormula, index: Arc<IndexPrices>) -> SpotEnergy {
    SpotEnergy { formula, hours: None, index }
}

fn priced(record: &Session, spot: SpotEnergy, member: MemberPrices) -> Result<PricedSession, SessionFault> {
    let terms = SessionTerms { spot: Some(spot), member, ..SessionTerms::default() };
    price(record, &[sheet("flat 1")], &amsterdam(), &terms)
}

/// The energy's price alone, and that of each part.
#[track_caller]
fn check(formula: SpotFormula, expected: &str, prices: &[&str]) {
    // 12 kWh evenly from 14:30 to 16:30: 3, 6 and 3 in the hours from 14:00, 15:00 and 16:00.
    let record = session("2024-10-01T14:30Z energy 12 time 2; 2024-10-01T16:30Z");
    let index = hours("2024-10-01T14:00Z", &["0.10", "-0.02", "0.3125"]);
    let priced = priced(&record, spot(formula, index), MemberPrices::default()).unwrap();
    let cost = priced.dimensions[&SessionDimension::SpotEnergy];
    assert_eq!(cost.excluding_vat, amount(expected));
    let found: Vec<String> = priced.spot.iter().map(|part| part.price.to_string()).collect();
    assert_eq!(found, prices);
    let energies: Vec<String> = priced.spot.iter().map(|part| part.energy_kwh.to_string()).collect();
    assert_eq!(energies, ["3", "6", "3"]);
    assert_eq!(priced.total.checked_sub(cost).unwrap().excluding_vat, amount("1"));
}

#[test]
fn index_times_factor_plus_addend_between_bounds() {
    let some = |text: &str| Some(Price::parse(text).unwrap());
    let plain = SpotFormula::default();
    check(plain, "1.1175", &["0.1", "-0.02", "0.3125"]);
    check(
        SpotFormula { factor_ten_thousandths: 10_825, ..plain },
        "1.20969375",
        &["0.10825", "-0.02165", "0.33828125"],
    );
    check(
        SpotFormula { addend: Price::parse("0.15").unwrap(), ..plain },
        "2.9175",
        &["0.25", "0.13", "0.4625"],
    );
    check(SpotFormula { least: some("0"), ..plain }, "1.2375", &["0.1", "0", "0.3125"]);
    check(SpotFormula { most: some("0.3"), ..plain }, "1.08", &["0.1", "-0.02", "0.3"]);
    check(SpotFormula { least: some("0.2"), most: some("0.15"), ..plain }, "1.8", &["0.15", "0.15", "0.15"]);
}

#[test]
fn tax_and_included_energy() {
    let record = session("2024-10-01T14:00Z energy 10 time 2; 2024-10-01T16:00Z");
    let index = hours("2024-10-01T14:00Z", &["0.1", "0.2"]);
    let formula = SpotFormula { vat: VatRate::new(2_000), ..SpotFormula::default() };
    let member = |kwh: &str| MemberPrices { included_kwh: quantity(kwh), ..MemberPrices::default() };
    let priced = |kwh: &str| priced(&record, spot(formula, Arc::clone(&index)), member(kwh)).unwrap();
    assert_eq!(priced("0").dimensions[&SessionDimension::SpotEnergy].including_vat, amount("1.8"));
    // The first 6 kWh are included: all of the first hour, and one of the second.
    let included = priced("6");
    assert_eq!(included.dimensions[&SessionDimension::SpotEnergy].excluding_vat, amount("0.8"));
    assert_eq!(included.included_kwh, quantity("6"));
}

#[test]
fn hours_of_the_day() {
    // 16:00 to 20:00 local time with 8 kWh; by index from 17:00 to 19:00, and else as the sheet has it.
    let record = session("2024-10-01T14:00Z energy 8 time 4; 2024-10-01T18:00Z");
    let index = hours("2024-10-01T14:00Z", &["1", "2", "3", "4"]);
    let hours = Some(DayHours { start_minute: 17 * 60, end_minute: 19 * 60 });
    let spot = SpotEnergy { formula: SpotFormula::default(), hours, index };
    let terms = SessionTerms { spot: Some(spot), ..SessionTerms::default() };
    let sheet = sheet("energy 0.5 ? time 19:00-17:00");
    let priced = price(&record, &[sheet], &amsterdam(), &terms).unwrap();
    assert_eq!(priced.dimensions[&SessionDimension::SpotEnergy].excluding_vat, amount("10"));
    assert_eq!(priced.dimensions[&SessionDimension::Energy].excluding_vat, amount("2"));
}

#[test]
fn what_is_missing_is_not_priced_as_nothing() {
    let index = || hours("2024-10-01T14:00Z", &["0.1", "0.2"]);
    let fault = |periods: &str| {
        priced(&session(periods), spot(SpotFormula::default(), index()), MemberPrices::default()).err()
    };
    let missing = |at: &str| Some(SessionFault::NoIndexPrice(instant(at)));
    assert_eq!(fault("2024-10-01T13:30Z energy 1; 2024-10-01T14:30Z"), missing("2024-10-01T13:30Z"));
    assert_eq!(fault("2024-10-01T15:30Z energy 1; 2024-10-01T16:30Z"), missing("2024-10-01T16:00Z"));
    // Where nothing is drawn, no price is needed.
    assert_eq!(fault("2024-10-01T14:00Z energy 1; 2024-10-01T16:00Z parking 4; 2024-10-01T20:00Z"), None);
    let hour = |start: &str, end: &str| (Period::new(instant(start), instant(end)).unwrap(), Price::ZERO);
    let one = hour("2024-10-01T14:00Z", "2024-10-01T15:00Z");
    assert_eq!(IndexPrices::new(vec![one, one]), None);
    assert_eq!(IndexPrices::new(vec![hour("2024-10-01T15:00Z", "2024-10-01T16:00Z"), one]), None);
}

proptest! {
    /// The parts are all of the energy, and what they cost is the dimension; a flat index costs as a flat price does.
    #[test]
    fn parts_are_the_whole(minutes in 1_i64..600, energy in 0_i64..100_000_000, start in 0_i64..240, prices in prop::collection::vec(-50_000_000_i64..100_000_000, 15)) {
        let mut record = session("2024-10-26T20:00Z; 2024-10-26T21:00Z");
        record.start = record.start.plus_millis(start * 60_000).unwrap();
        record.end = record.start.plus_millis(minutes * 60_000).unwrap();
        (record.periods[0].start, record.periods[0].energy_kwh) = (record.start, Some(Quantity::from_micros(energy)));
        let texts: Vec<String> = prices.iter().map(|price| Price::from_raw(*price).to_string()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let of = |texts: &[&str]| {
            let index = hours("2024-10-26T20:00Z", texts);
            priced(&record, spot(SpotFormula::default(), index), MemberPrices::default()).unwrap()
        };
        let found = of(&texts);
        let sum = found.spot.iter().map(|part| part.energy_kwh.micros()).sum::<i64>();
        prop_assert_eq!(sum, energy);
        let mut at: Instant = record.start;
        for part in &found.spot {
            prop_assert!(at <= part.start);
            at = part.end;
        }
        let flat = of(&["0.25"; 15]);
        let expected = domain::amount::Amount::of(Quantity::from_micros(energy), Price::parse("0.25").unwrap());
        prop_assert_eq!(flat.total.excluding_vat.checked_sub(amount("1")), expected);
    }
}
