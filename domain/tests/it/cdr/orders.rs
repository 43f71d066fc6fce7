//! Original, credit and replacement in all six orders: the same balances; and credits that can't be.

use domain::cdr::Cdr;
use domain::entity::cdr_book::{
    Command, CreditRefused, MOST_WAITING, PartyTerms, Rejection, RuleAction, Standing,
};
use domain::money::Currency;
use domain::price::Price;

use super::given::{cdr, costing, credit, party, terms};
use super::world::World;

/// The orders of three things.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

#[test]
fn all_six_orders_give_the_same() {
    let original = cdr("original");
    let records = [original.clone(), credit("credit", &original), costing(cdr("replacement"), "4")];
    for order in ORDERS {
        // Each is answered before the next comes, or all of them come at once.
        for at_once in [false, true] {
            let mut world = World::new();
            for place in order {
                world.receive(&records[place]);
                if !at_once {
                    world.settle();
                }
            }
            world.settle();
            // Sold for 4.00 and a tenth, bought for 4.00.
            assert_eq!((world.pays("anna"), world.owed("tnm")), (440, 400), "{order:?} {at_once}");
            let standings = ["original", "credit", "replacement"].map(|id| world.standing(id));
            let expected = [Standing::Credited, Standing::Applied, Standing::Booked];
            assert_eq!(standings, expected, "{order:?} {at_once}");
            assert_eq!(world.record("original").credited_by.as_deref(), Some("credit"));
        }
    }
}

#[test]
fn a_credit_reverses_every_leg() {
    let mut world = World::new();
    let original = cdr("original");
    world.receive(&original);
    world.settle();
    assert_eq!((world.pays("anna"), world.owed("tnm")), (550, 500));
    world.receive(&credit("credit", &original));
    world.settle();
    assert_eq!((world.pays("anna"), world.owed("tnm")), (0, 0));
    let legs = &world.accounts["tnm"].legs;
    assert_eq!(
        legs.iter().map(|leg| (leg.number, leg.reverses)).collect::<Vec<_>>(),
        [(0, None), (1, Some(0))]
    );
    assert_eq!(world.record("original").booked.as_ref().unwrap().legs.len(), 2);
}

/// What becomes of a credit of a record of 5.00, before the record and after it.
fn check(name: &str, change: fn(&mut Cdr), expected: Standing) {
    for credit_first in [false, true] {
        let original = cdr("original");
        let mut of_it = credit("credit", &original);
        change(&mut of_it);
        let mut world = World::new();
        let both = if credit_first { [&of_it, &original] } else { [&original, &of_it] };
        both.into_iter().for_each(|cdr| drop(world.receive(cdr)));
        world.settle();
        assert_eq!(world.standing("credit"), expected, "{name} {credit_first}");
        let is_refused = matches!(expected, Standing::Refused(_));
        assert_eq!(world.pays("anna"), if is_refused { 550 } else { 0 }, "{name} {credit_first}");
    }
}

#[test]
fn credits_that_cannot_be() {
    let refused = Standing::Refused;
    check("the negation", |_| {}, Standing::Applied);
    check(
        "of another amount",
        |cdr| cdr.session.stated.excluding_vat = Some(Price::parse("-4.99").unwrap()),
        refused(CreditRefused::OtherAmount),
    );
    check(
        "not negated",
        |cdr| cdr.session.stated.excluding_vat = Some(Price::parse("5").unwrap()),
        refused(CreditRefused::OtherAmount),
    );
    check("of no amount", |cdr| cdr.session.stated.excluding_vat = None, refused(CreditRefused::OtherAmount));
    check(
        "in another currency",
        |cdr| cdr.session.currency = Currency::Dkk,
        refused(CreditRefused::OtherCurrency),
    );
}

#[test]
fn a_second_credit_and_the_credit_of_a_credit_are_refused() {
    let original = cdr("original");
    let first = credit("first", &original);
    let second = credit("second", &original);
    let of_credit = credit("of-credit", &costing(first.clone(), "-5"));
    // Ids are the same in any case.
    let of_itself = credit("itself", &cdr("ItSelf"));
    let records = [&original, &first, &second, &of_credit, &of_itself];
    for shift in 0..records.len() {
        let mut world = World::new();
        for place in 0..records.len() {
            world.receive(records[(place + shift) % records.len()]);
        }
        world.settle();
        let of = |id: &str| world.standing(id);
        let credits = [of("first"), of("second")];
        assert!(credits.contains(&Standing::Applied), "{shift} {credits:?}");
        assert!(credits.contains(&Standing::Refused(CreditRefused::SecondCredit)), "{shift} {credits:?}");
        let expected = Standing::Refused(CreditRefused::CreditOfCredit);
        assert_eq!([of("of-credit"), of("itself")], [expected; 2], "{shift}");
        assert_eq!((world.pays("anna"), world.owed("tnm")), (0, 0), "{shift}");
    }
}

#[test]
fn ids_are_the_same_in_any_case() {
    let original = cdr("abc");
    let again = Cdr { content: [7; 32], ..cdr("ABC") };
    for credit_first in [false, true] {
        let of_it = credit("credit", &cdr("aBc"));
        let mut world = World::new();
        if credit_first {
            world.receive(&of_it);
        }
        world.receive(&original);
        world.settle();
        // Whatever comes under the id in another case is other content under one key, and is booked by nobody.
        let (_, is_changed, is_repeat) = world.receive(&again);
        assert_eq!((is_changed, is_repeat), (true, false), "{credit_first}");
        world.settle();
        assert_eq!(world.record("Abc").cdr.key.id(), "abc");
        assert_eq!(world.pays("anna"), if credit_first { 0 } else { 550 });
        world.receive(&of_it);
        world.settle();
        assert_eq!(world.standing("CREDIT"), Standing::Applied, "{credit_first}");
        assert_eq!((world.pays("anna"), world.owed("tnm")), (0, 0), "{credit_first}");
    }
}

#[test]
fn credits_without_effect_wait_for_a_person() {
    let original = cdr("original");
    let mut world = World::new();
    let reject = |world: &mut World, id: &str| {
        let reject = Command::Reject { id: id.to_owned(), change: None, note: "no".to_owned() };
        world.book(party(), &reject)
    };
    // So many wait, and one more has a reason of its own.
    let waiting: Vec<Cdr> =
        (0..=MOST_WAITING).map(|number| credit(&format!("c{number}"), &original)).collect();
    waiting.iter().for_each(|credit| drop(world.receive(credit)));
    let last = format!("c{MOST_WAITING}");
    assert_eq!(world.standing("c0"), Standing::AwaitingOriginal);
    assert_eq!(world.standing(&last), Standing::Refused(CreditRefused::TooMany));
    for id in ["c0", last.as_str()] {
        assert!(world.record(id).is_on_worklist(), "{id}");
        reject(&mut world, id).unwrap();
        assert!(!world.record(id).is_on_worklist(), "{id}");
        assert_eq!(reject(&mut world, id), Err(Rejection::Settled), "{id}");
    }
    // Why it had no effect is still known, and the place of the other is free.
    assert_eq!(world.standing(&last), Standing::Refused(CreditRefused::TooMany));
    let (late, ..) = world.receive(&credit("late", &original));
    assert_eq!(late.standing, Standing::AwaitingOriginal);
    // The first that still waits takes the original back; the others are refused and wait for a person.
    world.receive(&original);
    assert_eq!((world.standing("c0"), world.standing("c1")), (Standing::Rejected, Standing::Applied));
    for (id, waits) in [("c1", false), ("c2", true), ("late", true), ("original", false)] {
        assert_eq!(world.record(id).is_on_worklist(), waits, "{id}");
    }
}

#[test]
fn a_rule_rejects_credits_without_effect() {
    let original = cdr("original");
    for credit_first in [false, true] {
        let mut world = World::new();
        let rules = [("CREDIT_REFUSED".to_owned(), RuleAction::Reject)].into();
        world.set_terms(PartyTerms { rules, ..terms() });
        let wrong = credit("wrong", &costing(original.clone(), "3"));
        let both = if credit_first { [&wrong, &original] } else { [&original, &wrong] };
        both.into_iter().for_each(|cdr| drop(world.receive(cdr)));
        world.settle();
        let record = world.record("wrong");
        let judged = record.judgement.as_ref().map(|judged| (judged.subject.as_str(), judged.note.as_str()));
        assert_eq!(judged, Some(("rule", "CREDIT_REFUSED")), "{credit_first}");
        assert_eq!(record.standing, Standing::Refused(CreditRefused::OtherAmount), "{credit_first}");
        assert!(!record.is_on_worklist(), "{credit_first}");
        assert_eq!(world.pays("anna"), 550, "{credit_first}");
    }
}

#[test]
fn a_credit_of_another_amount_does_not_keep_the_right_one_out() {
    let original = cdr("original");
    let wrong = credit("wrong", &costing(original.clone(), "3"));
    let right = credit("right", &original);
    for order in ORDERS {
        let records = [&original, &wrong, &right];
        let mut world = World::new();
        order.into_iter().for_each(|place| drop(world.receive(records[place])));
        world.settle();
        assert_eq!(world.standing("right"), Standing::Applied, "{order:?}");
        assert!(matches!(world.standing("wrong"), Standing::Refused(_)), "{order:?}");
        assert_eq!(world.pays("anna"), 0, "{order:?}");
    }
}
