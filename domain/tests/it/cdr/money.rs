//! Sale = purchase + shares + margin, to the last minor unit.

use domain::cdr::EvseSite;
use domain::day::Day;
use domain::day_span::DaySpan;
use domain::entity::Registered;
use domain::entity::cdr_book::{PartyTerms, Standing};
use domain::entity::evse::{Command, EvseDetails};
use domain::leg::LegKind;
use domain::money::Currency;
use domain::price::Price;
use domain::share::{MonthTerms, SessionTerms, ShareAgreement, ShareRule};

use super::given::{at, cdr, costing, credit, terms};
use super::world::World;

fn agreement(currency: Currency) -> ShareAgreement {
    let rule = |recipient: &str, rate: &str| ShareRule {
        recipient: recipient.to_owned(),
        kind: LegKind::Share("site_owner".to_owned()),
        session: SessionTerms { rate: Price::parse(rate).unwrap(), ..SessionTerms::default() },
        month: MonthTerms::default(),
        rounding: None,
    };
    ShareAgreement {
        id: "site".to_owned(),
        version: 1,
        name: "Site".to_owned(),
        currency,
        span: DaySpan::since(Day::new(2024, 10, 1).unwrap()).unwrap(),
        rules: vec![rule("owner", "0.0333"), rule("hub", "0.0167")],
    }
}

/// A world whose charging point is shared.
fn shared(currency: Currency) -> World {
    let mut world = World::new();
    let registered = Registered { at: at("2024-10-01T00:00:00Z"), fact: agreement(currency) };
    world.agreements.insert("site".to_owned(), vec![registered]);
    let site = EvseSite { agreement: Some("site".to_owned()), ..EvseSite::default() };
    let details = EvseDetails { site, ..EvseDetails::default() };
    world.evse(&cdr("1").evse, &Command::Describe(details)).unwrap();
    world
}

#[test]
fn legs_and_margin_make_the_sale() {
    for cost in ["5", "0.01", "0.99", "123.45", "0"] {
        let mut world = shared(Currency::Eur);
        let one = costing(cdr("1"), cost);
        world.receive(&one);
        world.settle();
        let booked = world.record("1").booked.clone().unwrap();
        let legs: i64 = booked.legs.iter().map(|held| held.leg.amount.minor()).sum();
        assert_eq!(booked.sale.net.minor(), legs + booked.margin.unwrap().minor(), "{cost}");
        let owed = ["tnm", "owner", "hub"].map(|account| world.owed(account));
        assert_eq!(owed.iter().sum::<i64>(), legs, "{cost}");
        world.receive(&credit("2", &one));
        world.settle();
        assert_eq!(["tnm", "owner", "hub"].map(|account| world.owed(account)), [0; 3], "{cost}");
        assert_eq!(world.pays("anna"), 0);
    }
    let mut world = shared(Currency::Eur);
    world.receive(&cdr("1"));
    world.settle();
    // Sold for 5.50, bought for 5.00; 3.33 % of the sale is 0.18315, 1.67 % is 0.09185.
    assert_eq!(["tnm", "owner", "hub"].map(|account| world.owed(account)), [500, 18, 9]);
}

#[test]
fn an_agreement_that_does_not_fit_holds_the_session_back() {
    let mut world = shared(Currency::Dkk);
    world.receive(&cdr("1"));
    world.settle();
    assert_eq!(world.codes("1"), ["OTHER_CURRENCY"]);
    let mut world = shared(Currency::Eur);
    world.agreements.clear();
    world.receive(&cdr("1"));
    world.settle();
    assert_eq!(world.codes("1"), ["UNKNOWN_AGREEMENT"]);
}

#[test]
fn nothing_is_bought_of_an_own_network() {
    let mut world = World::new();
    world.set_terms(PartyTerms { is_own: true, account: None, ..terms() });
    world.receive(&cdr("1"));
    world.settle();
    assert_eq!(world.standing("1"), Standing::Booked);
    let booked = world.record("1").booked.clone().unwrap();
    assert_eq!((booked.legs.len(), booked.purchase.is_none()), (0, true));
    assert_eq!(booked.margin.unwrap().minor(), 550);
}
