//! Disputes of a book: what is booked until they are decided, what a decision books on top, and what a credit leaves.

use domain::entity::Registered;
use domain::entity::cdr_book::{Command, PartyTerms, Rejection, Reply, Standing, WhosePrice};
use domain::money::{Currency, Money};
use domain::verification::{Decision, DecisionRefused, DisputeReason, DisputeState};

use super::given::{at, cdr, costing, credit, party, terms};
use super::world::World;
use crate::session::given::sheet;

/// A world in which ten kWh of the partner cost 4.40 by its sheet; it states 5.00.
fn world(price: WhosePrice, tolerance_minor: i64) -> World {
    let mut world = World::new();
    world.set_terms(PartyTerms { sheet: Some("s".to_owned()), price, tolerance_minor, ..terms() });
    let registered = Registered { at: at("2024-10-01T00:00:00Z"), fact: sheet("energy 0.44") };
    world.sheets.insert("s".to_owned(), vec![registered]);
    world
}

#[test]
fn a_later_version_of_a_sheet_reprices_nothing_that_began_before() {
    // The session starts at 12:00.
    for (versions, expected) in [
        (vec![("2024-10-01T00:00:00Z", "energy 0.44"), ("2024-10-01T12:00:00Z", "energy 0.46")], 460),
        (vec![("2024-10-01T00:00:00Z", "energy 0.44"), ("2024-10-01T12:00:00.001Z", "energy 0.46")], 440),
        (vec![("2024-10-01T18:00:00Z", "energy 0.44"), ("2024-10-01T19:00:00Z", "energy 0.46")], 440),
    ] {
        let mut world = world(WhosePrice::Ours, 0);
        let registered = |(time, text): &(&str, &str)| Registered { at: at(time), fact: sheet(text) };
        world.sheets.insert("s".to_owned(), versions.iter().map(registered).collect());
        world.receive(&cdr("1"));
        world.settle();
        check(&world, expected);
    }
}

fn decide(world: &mut World, decision: Decision) -> Result<bool, Rejection> {
    let command = Command::DecideDispute { id: "1".to_owned(), decision, note: "talked".to_owned() };
    let reply = world.book(party(), &command)?;
    world.settle();
    match reply {
        Reply::Record { is_repeat, .. } => Ok(is_repeat),
        other => panic!("{other:?}"),
    }
}

fn settle_at(minor: i64) -> Decision {
    Decision::SettleAt(Money::new(minor, Currency::Eur))
}

/// The sale is the sum of the legs and the margin, and the partner is owed its legs.
#[track_caller]
fn check(world: &World, owed: i64) {
    let record = world.record("1");
    let booked = record.booked.as_ref().unwrap();
    let legs: i64 = booked.legs.iter().map(|held| held.leg.amount.minor()).sum();
    assert_eq!((world.owed("tnm"), legs), (owed, owed));
    if record.standing == Standing::Booked {
        assert_eq!(booked.sale.net.minor(), legs + booked.margin.unwrap().minor());
        assert_eq!(booked.purchase.as_ref().unwrap().amount.minor(), owed);
    }
}

#[test]
fn what_is_settled_elsewhere_is_disputed_against_the_margin() {
    let mut world = world(WhosePrice::Theirs, 0);
    let terms = world.books[&party()].terms.clone().unwrap();
    world.set_terms(PartyTerms { account: None, is_settled_elsewhere: true, ..terms });
    world.receive(&cdr("1"));
    world.settle();
    let bought = |world: &World| {
        let booked = world.record("1").booked.clone().unwrap();
        (booked.purchase.unwrap().amount.minor(), booked.margin.unwrap().minor(), booked.legs.len())
    };
    assert_eq!(bought(&world), (500, 50, 0));
    assert_eq!(decide(&mut world, settle_at(470)), Ok(false));
    assert_eq!(bought(&world), (470, 80, 0));
}

#[test]
fn what_counts_is_booked_until_it_is_decided() {
    for (price, counts) in [(WhosePrice::Theirs, 500), (WhosePrice::Ours, 440)] {
        for (decision, state, owed) in [
            (Decision::AcceptTheirs, DisputeState::Accepted, 500),
            (Decision::InsistOnOurs, DisputeState::Rejected, 440),
            (settle_at(470), DisputeState::Settled, 470),
        ] {
            let mut world = world(price, 0);
            world.receive(&cdr("1"));
            world.settle();
            let record = world.record("1");
            assert!(record.is_on_worklist());
            assert_eq!(record.dispute.as_ref().unwrap().reasons, [DisputeReason::TotalDiffers]);
            check(&world, counts);
            assert_eq!(decide(&mut world, decision), Ok(false));
            check(&world, owed);
            assert_eq!(decide(&mut world, decision), Ok(true));
            check(&world, owed);
            let record = world.record("1");
            assert!(!record.is_on_worklist());
            assert_eq!(record.dispute.as_ref().unwrap().state, state);
            // What was rejected may be settled; the payer pays the same in any case.
            let again = decide(&mut world, settle_at(460));
            let is_final = Err(Rejection::DecisionRefused(DecisionRefused::Final));
            assert_eq!(again, if state == DisputeState::Rejected { Ok(false) } else { is_final });
            assert_eq!(world.pays("anna"), 550);
        }
    }
}

#[test]
fn nothing_is_disputed_within_the_tolerance_or_without_a_price_of_ours() {
    for (tolerance, has_sheet) in [(60, true), (0, false)] {
        let mut world = world(WhosePrice::Theirs, tolerance);
        if !has_sheet {
            world.sheets.clear();
        }
        world.receive(&cdr("1"));
        world.settle();
        assert_eq!(world.record("1").dispute, None);
        assert_eq!(decide(&mut world, Decision::AcceptTheirs), Err(Rejection::NoDispute));
        check(&world, 500);
    }
}

#[test]
fn a_credit_withdraws_the_dispute_and_takes_back_what_stands() {
    for decision in [None, Some(Decision::InsistOnOurs), Some(settle_at(123))] {
        let mut world = world(WhosePrice::Theirs, 0);
        let one = costing(cdr("1"), "5");
        world.receive(&one);
        world.settle();
        if let Some(decision) = decision {
            decide(&mut world, decision).unwrap();
        }
        world.receive(&credit("2", &one));
        world.settle();
        check(&world, 0);
        assert_eq!(world.pays("anna"), 0);
        let withdrawn = Err(Rejection::DecisionRefused(DecisionRefused::Withdrawn));
        assert_eq!(decide(&mut world, Decision::AcceptTheirs), withdrawn);
        assert!(!world.record("1").is_on_worklist());
    }
}
