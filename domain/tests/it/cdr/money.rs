//! Sale = purchase + shares + margin, to the last minor unit.

use domain::address::Address;
use domain::cdr::EvseSite;
use domain::day::Day;
use domain::day_span::DaySpan;
use domain::entity::Registered;
use domain::entity::catalog::TenantSettings;
use domain::entity::cdr_book::{Command, PartyTerms, Rejection, Standing};
use domain::entity::evse::{self, EvseDetails};
use domain::leg::LegKind;
use domain::money::Currency;
use domain::price::Price;
use domain::share::{MonthTerms, SessionTerms, ShareAgreement, ShareRule};
use domain::zone::Zone;

use super::given::{at, cdr, costing, credit, kwh, party, terms};
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

fn settings(currency: Currency) -> TenantSettings {
    TenantSettings {
        seller_name: String::new(),
        address: Address::default(),
        vat_id: String::new(),
        iban: String::new(),
        contact: String::new(),
        currency,
        zone: Zone::utc(),
        payment_days: 14,
        invoice_prefix: String::new(),
        refuses_check_digits: false,
    }
}

/// A world whose charging point is shared.
fn shared(currency: Currency) -> World {
    let mut world = World::new();
    let registered = Registered { at: at("2024-10-01T00:00:00Z"), fact: agreement(currency) };
    world.agreements.insert("site".to_owned(), vec![registered]);
    let site = EvseSite { agreement: Some("site".to_owned()), ..EvseSite::default() };
    let details = EvseDetails { site, ..EvseDetails::default() };
    world.evse(&cdr("1").evse, &evse::Command::Describe(details)).unwrap();
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
fn what_is_bought_or_shared_in_another_currency_than_the_sale_is_held_back() {
    // The tenant sells in crowns; the party and the agreement are in euros.
    for terms in [terms(), PartyTerms { is_own: true, account: None, ..terms() }] {
        let mut world = shared(Currency::Eur);
        world.set_terms(terms);
        world.settings = Some(settings(Currency::Dkk));
        world.receive(&cdr("1"));
        world.settle();
        assert_eq!(world.codes("1"), ["OTHER_CURRENCY"]);
        assert_eq!(world.pays("anna"), 0);
    }
}

#[test]
fn a_sale_that_cannot_be_divided_is_booked_with_all_its_shares_or_not_at_all() {
    let broken = |world: &mut World, per_kwh: Price| {
        let agreement = &mut world.agreements.get_mut("site").unwrap()[0].fact;
        agreement.rules[0].session.per_kwh = per_kwh;
    };
    let reject = Command::Reject { id: "1".to_owned(), change: None, note: "absurd".to_owned() };
    let release = Command::Release { id: "1".to_owned(), payer: None, note: "corrected".to_owned() };
    let to_other = Command::Release { id: "1".to_owned(), payer: Some("bo".to_owned()), note: String::new() };
    for (command, paid) in [(reject, [0, 0]), (release, [550, 0]), (to_other, [0, 550])] {
        let mut world = shared(Currency::Eur);
        broken(&mut world, Price::from_raw(i64::MAX));
        let mut one = cdr("1");
        one.session.stated.energy_kwh = Some(kwh("10000000"));
        one.session.periods[0].energy_kwh = Some(kwh("10000000"));
        world.receive(&one);
        world.settle();
        assert_eq!(world.codes("1"), ["SALE_OUT_OF_RANGE"]);
        assert_eq!(["tnm", "owner", "hub"].map(|account| world.owed(account)), [0; 3]);
        broken(&mut world, Price::ZERO);
        world.book(party(), &command).unwrap();
        world.settle();
        assert_eq!(["anna", "bo"].map(|account| world.pays(account)), paid, "{command:?}");
        let owed = if paid == [0, 0] { [0; 3] } else { [500, 18, 9] };
        assert_eq!(["tnm", "owner", "hub"].map(|account| world.owed(account)), owed, "{command:?}");
    }
}

#[test]
fn what_is_settled_elsewhere_is_a_cost_and_owed_to_nobody() {
    let mut world = shared(Currency::Eur);
    world.set_terms(PartyTerms { account: None, is_settled_elsewhere: true, agreement: None, ..terms() });
    world.receive(&cdr("1"));
    world.settle();
    let booked = world.record("1").booked.clone().unwrap();
    let purchase = booked.purchase.clone().unwrap();
    assert_eq!((purchase.account, purchase.amount.minor()), (None, 500));
    // Shares and margin are those of a partner with an account: sold for 5.50, bought for 5.00.
    assert_eq!(["tnm", "owner", "hub"].map(|account| world.owed(account)), [0, 18, 9]);
    assert_eq!(booked.margin.unwrap().minor(), 550 - 500 - 18 - 9);
    world.receive(&credit("2", &cdr("1")));
    world.settle();
    assert_eq!(["owner", "hub"].map(|account| world.owed(account)), [0; 2]);
    // What states no price can't be bought there either.
    let mut unpriced = cdr("3");
    unpriced.session.stated.excluding_vat = None;
    world.receive(&unpriced);
    world.settle();
    assert_eq!(world.codes("3"), ["NO_PRICE"]);
}

#[test]
fn terms_say_in_one_way_who_is_owed() {
    let account = || Some("tnm".to_owned());
    let cases = [
        (true, None, false, true),
        (false, account(), false, true),
        (false, None, true, true),
        (false, None, false, false),
        (true, account(), false, false),
        (false, account(), true, false),
        (true, None, true, false),
    ];
    for (is_own, account, is_settled_elsewhere, is_taken) in cases {
        let terms = PartyTerms { is_own, account, is_settled_elsewhere, ..terms() };
        let set = World::new().book(party(), &Command::SetTerms(Box::new(terms.clone())));
        assert_eq!(set == Err(Rejection::NoSettlement), !is_taken, "{terms:?}");
    }
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
