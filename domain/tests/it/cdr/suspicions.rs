//! A table of what is suspect about a record by itself.

use domain::cdr::{Cdr, Registers};
use domain::entity::cdr_book::{PartyTerms, is_releasable, of_record};
use domain::money::Currency;
use domain::quantity::Quantity;
use domain::session::ChargingPeriod;

use super::given::{at, cdr, kwh, terms};

type Change = fn(&mut Cdr, &mut PartyTerms);

/// What is suspect about a record that was received at midnight after it, by codes.
fn check(name: &str, change: Change, payer: Option<&str>, expected: &[&str]) {
    let (mut cdr, mut terms) = (cdr("1"), terms());
    change(&mut cdr, &mut terms);
    let found = of_record(&cdr, payer, Some(&terms), at("2024-10-02T00:00:00Z"));
    assert_eq!(found.iter().map(|one| one.code()).collect::<Vec<_>>(), expected, "{name}");
}

fn lasting(cdr: &mut Cdr, start: &str, end: &str) {
    (cdr.session.start, cdr.session.end) = (at(start), at(end));
    cdr.session.periods =
        vec![ChargingPeriod { energy_kwh: Some(kwh("10")), ..ChargingPeriod::from(at(start)) }];
}

/// As many periods as energies, in kWh, of a minute each.
fn summing(cdr: &mut Cdr, energies: &[&str]) {
    let start = cdr.session.start;
    let period = |(minute, energy): (i64, &&str)| {
        let begun = start.plus_millis(minute * 60_000).unwrap();
        ChargingPeriod { energy_kwh: Some(kwh(energy)), ..ChargingPeriod::from(begun) }
    };
    cdr.session.periods = (0..).zip(energies).map(period).collect();
}

fn registers(start: &str, end: &str) -> Option<Registers> {
    Some(Registers { start_kwh: kwh(start), end_kwh: kwh(end) })
}

#[test]
fn what_is_suspect_by_itself() {
    let cases: &[(&str, Change, &[&str])] = &[
        ("nothing", |_, _| {}, &[]),
        ("1970", |cdr, _| lasting(cdr, "1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z"), &["CLOCK_NOT_SET"]),
        ("2009", |cdr, _| lasting(cdr, "2009-12-31T23:59:59Z", "2010-01-01T01:00:00Z"), &["CLOCK_NOT_SET"]),
        ("2010", |cdr, _| lasting(cdr, "2010-01-01T00:00:00Z", "2010-01-01T01:00:00Z"), &[]),
        ("five minutes ahead", |cdr, _| lasting(cdr, "2024-10-01T23:00:00Z", "2024-10-02T00:05:00Z"), &[]),
        (
            "a millisecond more",
            |cdr, _| lasting(cdr, "2024-10-01T23:00:00Z", "2024-10-02T00:05:00.001Z"),
            &["FROM_THE_FUTURE"],
        ),
        (
            "end before start",
            |cdr, _| lasting(cdr, "2024-10-01T12:00:00Z", "2024-10-01T11:00:00Z"),
            &["ENDS_BEFORE_START"],
        ),
        ("no time at all", |cdr, _| lasting(cdr, "2024-10-01T12:00:00Z", "2024-10-01T12:00:00Z"), &[]),
        ("366 days", |cdr, _| lasting(cdr, "2023-10-01T12:00:00Z", "2024-10-01T12:00:00Z"), &[]),
        (
            "more than that",
            |cdr, _| lasting(cdr, "2023-10-01T11:59:59Z", "2024-10-01T12:00:00Z"),
            &["MALFORMED_SESSION"],
        ),
        ("no period", |cdr, _| cdr.session.periods.clear(), &["MALFORMED_SESSION"]),
        (
            "a period outside",
            |cdr, _| cdr.session.periods.push(ChargingPeriod::from(at("2024-10-01T13:00:00.001Z"))),
            &["MALFORMED_SESSION"],
        ),
        (
            "periods out of order",
            |cdr, _| {
                cdr.session.periods.push(ChargingPeriod::from(at("2024-10-01T12:30:00Z")));
                cdr.session.periods.push(ChargingPeriod::from(at("2024-10-01T12:20:00Z")));
            },
            &["MALFORMED_SESSION"],
        ),
        (
            "energy below zero",
            |cdr, _| cdr.session.periods[0].energy_kwh = Some(kwh("-1")),
            &["MALFORMED_SESSION", "ENERGY_DIFFERS"],
        ),
        ("a meter that fits", |cdr, _| cdr.registers = registers("100", "110"), &[]),
        ("one that shows a step", |cdr, _| cdr.registers = registers("100", "110.01"), &[]),
        (
            "one that shows another energy",
            |cdr, _| cdr.registers = registers("100", "110.011"),
            &["REGISTER_DIFFERS"],
        ),
        ("one that goes back", |cdr, _| cdr.registers = registers("110", "100"), &["REGISTER_WENT_BACK"]),
        (
            "one beyond all numbers",
            |cdr, _| {
                cdr.registers = Some(Registers {
                    start_kwh: Quantity::from_micros(i64::MIN),
                    end_kwh: Quantity::from_micros(i64::MAX),
                });
            },
            &["REGISTER_DIFFERS"],
        ),
        ("energy rounded to the Wh", |cdr, _| summing(cdr, &["10.001"]), &[]),
        ("a little more", |cdr, _| summing(cdr, &["10.001001"]), &["ENERGY_DIFFERS"]),
        ("a little less", |cdr, _| summing(cdr, &["9.998999"]), &["ENERGY_DIFFERS"]),
        ("several volumes rounded to the Wh", |cdr, _| summing(cdr, &["3.333", "3.333", "3.332"]), &[]),
        ("more than that", |cdr, _| summing(cdr, &["3.333", "3.333", "3.331"]), &["ENERGY_DIFFERS"]),
        ("half of the energy in periods", |cdr, _| summing(cdr, &["5"]), &["ENERGY_DIFFERS"]),
        ("energy in no period", |cdr, _| cdr.session.periods[0].energy_kwh = None, &["ENERGY_DIFFERS"]),
        ("energy in periods alone", |cdr, _| cdr.session.stated.energy_kwh = None, &[]),
        (
            "energy beyond all numbers",
            |cdr, _| summing(cdr, &["9000000000000", "9000000000000"]),
            &["ENERGY_DIFFERS"],
        ),
        (
            "a meter that agrees with the periods and not with what is stated",
            |cdr, _| {
                summing(cdr, &["12"]);
                cdr.registers = registers("100", "112");
            },
            &["REGISTER_DIFFERS", "ENERGY_DIFFERS"],
        ),
        ("another currency", |cdr, _| cdr.session.currency = Currency::Dkk, &["OTHER_CURRENCY"]),
        ("no price", |cdr, _| cdr.session.stated.excluding_vat = None, &["NO_PRICE"]),
        (
            "a tariff in place of a price",
            |cdr, _| {
                cdr.session.stated.excluding_vat = None;
                cdr.sheet = Some("T1".to_owned());
            },
            &[],
        ),
        (
            "no price of one's own",
            |cdr, terms| {
                cdr.session.stated.excluding_vat = None;
                terms.is_own = true;
            },
            &[],
        ),
        ("eleven hours late", |_, terms| terms.most_days_late = Some(1), &[]),
        (
            "days late",
            |cdr, terms| {
                lasting(cdr, "2024-09-01T12:00:00Z", "2024-09-01T13:00:00Z");
                terms.most_days_late = Some(30);
            },
            &["TOO_LATE"],
        ),
    ];
    for (name, change, expected) in cases {
        check(name, *change, Some("anna"), expected);
    }
    check("nobody pays", |_, _| {}, None, &["UNKNOWN_TOKEN"]);
    let unknown = of_record(&cdr("1"), Some("anna"), None, at("2024-10-02T00:00:00Z"));
    assert_eq!(unknown.iter().map(|one| one.code()).collect::<Vec<_>>(), ["UNKNOWN_PARTY"]);
}

#[test]
fn what_has_to_be_put_right_is_not_passed_over() {
    let releasable = [
        "CLOCK_NOT_SET",
        "FROM_THE_FUTURE",
        "REGISTER_WENT_BACK",
        "REGISTER_DIFFERS",
        "ENERGY_DIFFERS",
        "OVER_POWER",
        "OVERLAPS",
        "SUSPECTED_DUPLICATE",
        "TOO_LATE",
    ];
    for code in domain::cdr::Suspicion::CODES {
        assert_eq!(is_releasable(code), releasable.contains(&code), "{code}");
    }
}
