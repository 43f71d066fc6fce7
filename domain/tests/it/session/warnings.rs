//! What a person is told.

use domain::price::Price;
use domain::price_sheet::PriceSheet;
use domain::session::{CostPart, IdleFee, SessionTerms, Stated, StatedCost, StatedParts, Warning, price};

use super::given::{amount, amsterdam, instant, priced, quantity, session, sheet};

const TWO_HOURS: &str = "2024-10-01T14:00Z energy 10 time 2; 2024-10-01T16:00Z";

fn warnings(elements: &str, periods: &str) -> Vec<Warning> {
    priced(&sheet(elements), &session(periods)).warnings
}

#[test]
fn a_period_that_should_have_been_split() {
    let at = |text: &str| vec![Warning::UnsplitPeriod { period: 0, at: instant(text) }];
    assert_eq!(warnings("energy 1 ? time 00:00-17:00 | energy 2", TWO_HOURS), at("2024-10-01T15:00Z"));
    assert_eq!(warnings("energy 1 ? kwh -2.5 | energy 2", TWO_HOURS), at("2024-10-01T14:30Z"));
    // It becomes free.
    assert_eq!(warnings("energy 1 ? duration -3600", TWO_HOURS), at("2024-10-01T15:00Z"));
    // Another element with the same price, or one of a dimension that the period does not have.
    assert_eq!(warnings("energy 1 ? time 00:00-17:00 | energy 1", TWO_HOURS), []);
    assert_eq!(warnings("energy 1 | parking 1 ? time 00:00-17:00", TWO_HOURS), []);
    let split = "2024-10-01T14:00Z energy 5 time 1; 2024-10-01T15:00Z energy 5 time 1; 2024-10-01T16:00Z";
    assert_eq!(warnings("energy 1 ? time 00:00-17:00 | energy 2", split), []);
}

#[test]
fn draws_and_names_that_do_not_fit() {
    let both = "2024-10-01T14:00Z time 2 least-current 10 most-current 40; 2024-10-01T16:00Z";
    assert_eq!(warnings("time 1 ? current 32- | time 2", both), [Warning::UnsplitDraw { period: 0 }]);
    assert_eq!(warnings("parking 1", TWO_HOURS), [Warning::NothingPriced]);
    let mut unknown = session(TWO_HOURS);
    unknown.periods[0].unknown_dimensions.push("COLOUR".to_owned());
    let told = priced(&sheet("time 1"), &unknown).warnings;
    assert_eq!(told, [Warning::UnknownDimension { period: 0, name: "COLOUR".to_owned() }]);
}

#[test]
fn what_the_record_states_otherwise() {
    let sheet = sheet("energy 0.5 vat 20");
    let warnings = |net: &str, gross: &str, energy: &str, is_credit: bool| {
        let mut session = session(TWO_HOURS);
        let price = |text: &str| Some(Price::parse(text).unwrap());
        session.stated = Stated {
            excluding_vat: price(net),
            including_vat: price(gross),
            energy_kwh: Some(quantity(energy)),
            ..Stated::default()
        };
        session.is_credit = is_credit;
        priced(&sheet, &session).warnings
    };
    assert_eq!(warnings("5", "6", "10", false), []);
    assert_eq!(warnings("5.00005", "5.99995", "10", false), []);
    assert_eq!(warnings("-5", "-6", "10", true), []);
    let differ = [
        Warning::StatedTotalDiffers { stated: Price::parse("5.0001").unwrap(), priced: amount("5") },
        Warning::StatedTotalWithVatDiffers { stated: Price::parse("5.99").unwrap(), priced: amount("6") },
        Warning::StatedEnergyDiffers { stated: quantity("10.1"), counted: quantity("10") },
    ];
    assert_eq!(warnings("5.0001", "5.99", "10.1", false), differ);
}

#[test]
fn a_period_may_name_a_sheet_of_its_own() {
    let of = |id: &str, elements: &str| PriceSheet { id: id.to_owned(), ..sheet(elements) };
    let sheets = [of("night", "energy 1"), of("day", "energy 2")];
    let mut session = session(
        "2024-10-01T08:00Z energy 1; 2024-10-01T09:00Z energy 1; 2024-10-01T10:00Z energy 1; 2024-10-01T11:00Z",
    );
    session.periods[1].sheet = Some("DAY".to_owned());
    session.periods[2].sheet = Some("lost".to_owned());
    let priced = price(&session, &sheets, &amsterdam(), &SessionTerms::default()).unwrap();
    assert_eq!(priced.total.excluding_vat, amount("4"));
    assert_eq!(priced.warnings, [Warning::UnknownSheet { period: 2, id: "lost".to_owned() }]);
}

fn cost(net: Option<&str>, gross: Option<&str>) -> StatedCost {
    let price = |text: Option<&str>| text.map(|text| Price::parse(text).unwrap());
    StatedCost { excluding_vat: price(net), including_vat: price(gross) }
}

#[test]
fn parts_that_are_stated_otherwise() {
    let sheet = sheet("energy 0.5 vat 20, flat 1 vat 20, time 2 | parking 3");
    let record = "2024-10-01T14:00Z energy 10 time 1; 2024-10-01T15:00Z parking 1; 2024-10-01T16:00Z";
    let warnings = |parts: StatedParts, terms: &SessionTerms| {
        let mut session = session(record);
        session.stated.parts = parts;
        price(&session, std::slice::from_ref(&sheet), &amsterdam(), terms).unwrap().warnings
    };
    let right = StatedParts {
        energy: cost(Some("5"), Some("6")),
        time: cost(Some("2"), None),
        parking: cost(Some("3"), None),
        fixed: cost(Some("1"), Some("1.2")),
        reservation: cost(Some("0"), Some("0")),
    };
    assert_eq!(warnings(right, &SessionTerms::default()), []);
    let wrong = StatedParts { energy: cost(Some("5.1"), Some("6")), fixed: cost(None, Some("1")), ..right };
    let differs = |part, with_vat, stated: &str, priced: &str| {
        let (stated, priced) = (Price::parse(stated).unwrap(), amount(priced));
        Warning::StatedCostDiffers { part, with_vat, stated, priced }
    };
    let expected = [differs(CostPart::Energy, false, "5.1", "5"), differs(CostPart::Fixed, true, "1", "1.2")];
    assert_eq!(warnings(wrong, &SessionTerms::default()), expected);
    // An idle fee is a cost of parking.
    let fee =
        IdleFee { price: Price::parse("6").unwrap(), vat: None, grace_s: 0, free: None, most_per_day: None };
    let terms = SessionTerms { idle_fee: Some(fee), ..SessionTerms::default() };
    assert_eq!(warnings(right, &terms), [differs(CostPart::Parking, false, "3", "9")]);
    assert_eq!(warnings(StatedParts { parking: cost(Some("9"), None), ..right }, &terms), []);
}

#[test]
fn times_that_are_stated_otherwise() {
    let warnings = |periods: &str, time: &str, parking: Option<&str>| {
        let mut session = session(periods);
        (session.stated.time, session.stated.parking) = (Some(quantity(time)), parking.map(quantity));
        priced(&sheet("time 1"), &session).warnings
    };
    let both = "2024-10-01T14:00Z time 1; 2024-10-01T15:00Z parking 1; 2024-10-01T16:00Z";
    assert_eq!(warnings(both, "2", Some("1")), []);
    assert_eq!(warnings(both, "2.0001", Some("0.9999")), []);
    // By the clock it may be longer than what the periods have.
    assert_eq!(warnings("2024-10-01T14:00Z time 1; 2024-10-01T16:00Z", "2", None), []);
    assert_eq!(warnings("2024-10-01T14:00Z time 1; 2024-10-01T16:00Z", "1", None), []);
    let hours = 3_600_000_000;
    let differ = [
        Warning::StatedTimeDiffers { stated: quantity("1"), counted: 2 * hours },
        Warning::StatedParkingTimeDiffers { stated: quantity("0"), counted: hours },
    ];
    assert_eq!(warnings(both, "1", Some("0")), differ);
}
