//! What an account does where supply in advance comes to its edges: other money, repeats behind its end, what can't be booked,
//! what is forgotten.
#![expect(clippy::panic, reason = "a test stops at the first surprise")]

use domain::entity::account::{Command, Event, Rejection, Reply};
use domain::entity::{Decided, Message};
use domain::funds::FundsEvent;
use domain::ledger::{LedgerRole, PostingReason, PostingSource};
use domain::money::Currency;
use domain::prepaid::{PrepaidCommand, PrepaidRefused, PrepaidReply, RatedTotal};

use super::entity::{Entry, rated, top_up};
use super::script::terms;
use super::world::{amount, id};

fn set(words: &[&str]) -> Command {
    Command::Prepaid(PrepaidCommand::SetTerms(terms(words), None))
}

fn totals(command: Command) -> Vec<RatedTotal> {
    match command {
        Command::Message(Message::PrepaidRated { totals, .. }) => totals,
        other => panic!("{other:?}"),
    }
}

/// What a decision booked on suspense.
fn suspended(decided: &Decided<Event, Reply>) -> Vec<String> {
    let sets = decided.events.iter().filter_map(|event| match event {
        Event::Booked(posted) if posted.set.reason() == PostingReason::Suspended => Some(posted),
        _ => None,
    });
    sets.map(|posted| posted.set.amount(&LedgerRole::Suspense).to_string()).collect()
}

#[test]
fn supply_is_paid_in_the_currency_of_the_tenant() {
    let mut anna = Entry::opened();
    let refused = Err(Rejection::Prepaid(PrepaidRefused::OtherCurrency));
    assert_eq!(anna.give(&set(&["in=DKK"])).map(drop), refused);
    anna.give(&set(&[])).unwrap();
    anna.facts.settings.as_mut().unwrap().currency = Currency::Dkk;
    assert_eq!(anna.give(&set(&["low=6"])).map(drop), refused);
}

#[test]
fn a_top_up_is_answered_as_it_was_when_supply_has_ended() {
    let mut anna = Entry::opened();
    anna.give(&set(&[])).unwrap();
    let first = anna.give(&top_up("t1", "5")).unwrap().reply;
    assert!(matches!(first, Reply::Prepaid(PrepaidReply::ToppedUp(_))), "{first:?}");
    anna.give(&Command::Prepaid(PrepaidCommand::EndTerms)).unwrap();
    let again = anna.give(&top_up("t1", "5")).unwrap();
    assert_eq!((again.reply, again.events), (first, Vec::new()));
    let next = anna.give(&top_up("t2", "5")).unwrap().reply;
    assert!(matches!(next, Reply::Funds(_)), "nothing is shown of one that comes after the end: {next:?}");
}

#[test]
fn what_supply_can_not_follow_is_on_suspense() {
    let mut anna = Entry::opened();
    anna.give(&top_up("t1", "5")).unwrap();
    anna.give(&set(&["low=0"])).unwrap();
    // No order has a number any more: supply can't go off.
    anna.state.prepaid.version = u64::MAX;
    let decided = anna.give(&rated(1, "7")).unwrap();
    assert_eq!(suspended(&decided), ["7"]);
    assert!(anna.give(&rated(1, "7")).unwrap().events.is_empty(), "a repeat has no effect");
    // What differs of it stays where it is.
    assert_eq!(suspended(&anna.give(&rated(2, "6")).unwrap()), ["-1"]);
    let held = anna.state.prepaid.booked.values().next().unwrap();
    assert_eq!((held.parts[0].net, held.suspended[0].net), (amount("6"), amount("6")));
    assert_eq!(anna.state.funds.balances.values().next().unwrap().amount, amount("5"));
    let sum = anna.state.ledger().into_values().map(domain::amount::Amount::raw).sum::<i128>();
    assert_eq!(sum, 0);
}

#[test]
fn what_no_run_corrects_is_forgotten() {
    let mut anna = Entry::opened();
    anna.give(&rated(1, "7")).unwrap();
    let key = totals(rated(1, "7")).remove(0).key;
    let forget =
        |keys| Message::PrepaidRated { account: "anna".to_owned(), totals: Vec::new(), forgotten: keys };
    let decided = anna.give(&Command::Message(forget(vec![key.clone()]))).unwrap();
    assert_eq!((decided.events.len(), anna.state.prepaid.booked.len()), (1, 0));
    assert!(anna.give(&Command::Message(forget(vec![key]))).unwrap().events.is_empty());
    assert_eq!(anna.state.funds.balances.values().next().unwrap().amount, amount("-7"));
}

#[test]
fn what_pays_off_debt_is_told_apart_from_energy() {
    let mut anna = Entry::opened();
    anna.give(&rated(1, "34.98652")).unwrap();
    anna.give(&set(&["share=25"])).unwrap();
    anna.give(&Command::Prepaid(PrepaidCommand::SetDebt(amount("8")))).unwrap();
    // 1 - 34.98652 = -33.98652, and 0.25 to debt: neither is use, so that nobody is told of over-use.
    let decided = anna.give(&top_up("t1", "1")).unwrap();
    let mut sources = Vec::new();
    for event in &decided.events {
        match event {
            Event::Booked(posted) => sources.push((posted.set.source().clone(), posted.set.reason())),
            Event::Funds(event) => assert!(!matches!(event, FundsEvent::OverUsed(_)), "{event:?}"),
            _ => {}
        }
    }
    let source = |text: &str| PostingSource::Operation(id(text));
    let expected =
        [(source("t1"), PostingReason::ToppedUp), (source("prepaid:debt:2"), PostingReason::DebitedForced)];
    assert_eq!(sources, expected);
    assert_eq!(anna.state.funds.balances.values().next().unwrap().amount, amount("-34.23652"));
    // Energy is told.
    let decided = anna.give(&rated(2, "35")).unwrap();
    let is_over_use = |event: &Event| matches!(event, Event::Funds(FundsEvent::OverUsed(_)));
    assert!(decided.events.iter().any(is_over_use), "{:?}", decided.events);
    let reserved = anna.give(&top_up("prepaid:debt:3", "1")).map(drop);
    assert_eq!(reserved, Err(Rejection::Prepaid(PrepaidRefused::ReservedId)));
}
