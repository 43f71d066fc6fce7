//! The worklist: changed content, release and reject, by a person and by rules.

use domain::cdr::Road;
use domain::cdr::{Cdr, SaleRefused};
use domain::entity::cdr_book::{
    Command, MOST_CHANGES, MOST_DOCUMENT_BYTES, Receipt, Rejection, Reply, RuleAction, Standing, Unreadable,
};

use super::given::{cdr, costing, party, terms};
use super::world::World;

fn release(world: &mut World, id: &str, payer: Option<&str>) -> Result<Reply, Rejection> {
    let payer = payer.map(str::to_owned);
    let released =
        world.book(party(), &Command::Release { id: id.to_owned(), payer, note: "looked at".to_owned() });
    world.settle();
    released
}

fn reject(world: &mut World, id: &str, change: Option<u32>) -> Result<Reply, Rejection> {
    let rejected = world.book(party(), &Command::Reject { id: id.to_owned(), change, note: "no".to_owned() });
    world.settle();
    rejected
}

/// A session that was at the connector at the same time as [`cdr`].
fn overlapping(id: &str) -> Cdr {
    let mut other = cdr(id);
    other.token = domain::token::Token::new("rfid", "OTHER").unwrap();
    other
}

#[test]
fn the_same_again_has_no_effect() {
    let mut world = World::new();
    let (_, _, is_repeat) = world.receive(&cdr("1"));
    assert!(!is_repeat);
    world.settle();
    let before = world.entries.clone();
    let (record, is_changed, is_repeat) = world.receive(&cdr("1"));
    assert_eq!((record.standing, is_changed, is_repeat), (Standing::Booked, false, true));
    world.settle();
    assert_eq!((world.entries, world.documents.len()), (before, 1));
}

#[test]
fn changed_content_is_kept_beside_the_first() {
    let mut world = World::new();
    world.receive(&cdr("1"));
    world.settle();
    let changed = |number: u8| {
        let mut changed = costing(cdr("1"), "9");
        changed.content[31] = number;
        changed
    };
    let (record, is_changed, is_repeat) = world.receive(&changed(1));
    assert_eq!((record.standing, is_changed, is_repeat), (Standing::Booked, true, false));
    assert!(record.is_on_worklist());
    let (_, is_changed, is_repeat) = world.receive(&changed(1));
    assert_eq!((is_changed, is_repeat), (true, true));
    world.settle();
    assert_eq!(world.pays("anna"), 550);
    let kept: Vec<(u32, u8)> =
        world.documents.iter().map(|(_, number, document)| (*number, document[31])).collect();
    assert_eq!(kept, [(0, 0), (1, 1)]);
    assert_eq!(release(&mut world, "1", None), Err(Rejection::NotQuarantined));
    reject(&mut world, "1", Some(1)).unwrap();
    assert!(!world.record("1").is_on_worklist());
    assert_eq!(reject(&mut world, "1", Some(1)), Err(Rejection::Settled));
    assert_eq!(reject(&mut world, "1", Some(7)), Err(Rejection::UnknownChange(7)));
    // So many are kept.
    (2..20).for_each(|number| drop(world.receive(&changed(number))));
    assert_eq!(world.record("1").changes.len(), MOST_CHANGES);
}

#[test]
fn a_person_releases_what_may_be_passed_over() {
    let mut world = World::new();
    world.receive(&cdr("1"));
    world.receive(&overlapping("2"));
    world.settle();
    assert_eq!(world.codes("2"), ["OVERLAPS"]);
    release(&mut world, "2", None).unwrap();
    let record = world.record("2");
    assert_eq!((record.standing, record.suspicions.len()), (Standing::Booked, 0));
    assert_eq!(record.judgement.as_ref().unwrap().note, "looked at");
    assert!(record.released.contains("OVERLAPS"));
    assert_eq!(release(&mut world, "2", None), Err(Rejection::NotQuarantined));
    assert_eq!(release(&mut world, "3", None), Err(Rejection::UnknownCdr));
}

#[test]
fn what_has_to_be_put_right_is_looked_at_again() {
    let mut world = World::new();
    world.receive_for(&cdr("1"), None);
    world.settle();
    assert_eq!(world.codes("1"), ["UNKNOWN_TOKEN"]);
    release(&mut world, "1", None).unwrap();
    assert_eq!((world.standing("1"), world.codes("1")), (Standing::Quarantined, vec!["UNKNOWN_TOKEN"]));
    world.refusing.insert("anna".to_owned(), SaleRefused::NoChargingContract);
    release(&mut world, "1", Some("anna")).unwrap();
    assert_eq!(world.codes("1"), ["NO_CHARGING_CONTRACT"]);
    world.refusing.clear();
    release(&mut world, "1", Some("anna")).unwrap();
    assert_eq!((world.standing("1"), world.pays("anna")), (Standing::Booked, 550));
}

#[test]
fn what_cannot_be_billed_can_only_be_rejected() {
    let mut world = World::new();
    let mut hopeless = cdr("1");
    hopeless.session.periods.clear();
    world.receive(&hopeless);
    world.settle();
    let code = "MALFORMED_SESSION".to_owned();
    assert_eq!(release(&mut world, "1", None), Err(Rejection::NotReleasable(code)));
    assert!(world.evses.is_empty(), "its charging point is not troubled with it");
    reject(&mut world, "1", None).unwrap();
    assert_eq!(world.standing("1"), Standing::Rejected);
    assert_eq!(reject(&mut world, "1", None), Err(Rejection::Settled));
}

#[test]
fn rejecting_what_was_booked_takes_it_back() {
    let mut world = World::new();
    world.receive(&cdr("1"));
    world.receive(&overlapping("2"));
    assert_eq!(reject(&mut world, "1", None), Err(Rejection::UnderWay));
    reject(&mut world, "1", None).unwrap();
    assert_eq!((world.standing("1"), world.standing("2")), (Standing::Rejected, Standing::Booked));
    assert_eq!((world.pays("anna"), world.owed("tnm")), (550, 500));
    // A credit of it comes late and has nothing to take back.
    world.receive(&super::given::credit("credit", &cdr("1")));
    world.settle();
    assert_eq!((world.standing("1"), world.standing("credit")), (Standing::Rejected, Standing::Applied));
    assert_eq!((world.pays("anna"), world.owed("tnm")), (550, 500));
}

#[test]
fn rules_release_and_reject() {
    let with = |code: &str, action| {
        let mut world = World::new();
        world.set_terms(domain::entity::cdr_book::PartyTerms {
            rules: [(code.to_owned(), action)].into(),
            ..terms()
        });
        world.receive(&cdr("1"));
        world.receive(&overlapping("2"));
        world.settle();
        world
    };
    assert_eq!(with("OVERLAPS", RuleAction::Release).standing("2"), Standing::Booked);
    let mut world = with("OVERLAPS", RuleAction::Reject);
    assert_eq!(world.standing("2"), Standing::Rejected);
    assert_eq!(world.record("2").judgement.as_ref().unwrap().subject, "rule");
    // Its charging point knows that it does not count: what replaces the first is free to go.
    world.settle();
    assert_eq!(world.evses[&cdr("1").evse].sessions.len(), 1);
    assert!(world.books[&party()].withdrawing.is_empty());

    let set = |code: &str, action| {
        let rules = [(code.to_owned(), action)].into();
        let terms = domain::entity::cdr_book::PartyTerms { rules, ..terms() };
        World::new().book(party(), &Command::SetTerms(Box::new(terms)))
    };
    let code = || "UNKNOWN_TOKEN".to_owned();
    assert_eq!(set(&code(), RuleAction::Release), Err(Rejection::RuleCannotRelease(code())));
    assert!(set(&code(), RuleAction::Reject).is_ok());
    assert_eq!(set("NONE", RuleAction::Reject), Err(Rejection::UnknownReason("NONE".to_owned())));
}

#[test]
fn nothing_is_billed_where_nothing_was_agreed() {
    let mut world = World::new();
    world.books.clear();
    assert_eq!(world.book(party(), &Command::GetTerms), Err(Rejection::NoTerms));
    world.receive(&cdr("1"));
    world.settle();
    assert_eq!(world.codes("1"), ["UNKNOWN_PARTY"]);
    world.set_terms(terms());
    release(&mut world, "1", Some("anna")).unwrap();
    assert_eq!(world.standing("1"), Standing::Booked);
}

#[test]
fn documents_are_bounded() {
    let mut world = World::new();
    let document = vec![0; MOST_DOCUMENT_BYTES + 1];
    let receipt = Receipt { cdr: cdr("1"), road: Road::File, payer: None, document };
    let refused = world.book(party(), &Command::Receive(Box::new(receipt)));
    assert_eq!(refused, Err(Rejection::DocumentTooLarge));
    for number in 0..3 {
        let document = Unreadable {
            road: Road::File,
            beginning: b"{".to_vec(),
            length: 1,
            digest: [1; 32],
            reason: "is no JSON".to_owned(),
        };
        let kept = world.book(party(), &Command::KeepUnreadable(Box::new(document)));
        assert_eq!(kept, Ok(Reply::Kept { number }));
    }
}
