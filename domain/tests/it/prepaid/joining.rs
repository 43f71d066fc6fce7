//! Which metering points may be supplied in advance: those that the account is known to pay for alone, from which day on; and
//! of which of them listeners are told.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use domain::account_event::AccountEvent;
use domain::day::Day;
use domain::entity::account::{Command, Event, Rejection, Reply};
use domain::entity::{Decided, Message};
use domain::prepaid::{PrepaidCommand, PrepaidRefused};

use super::entity::{Entry, rated, top_up};
use super::script::{point_of, terms};

fn set(words: &[&str], first: Option<&str>) -> Command {
    let first = first.map(|day| Day::parse(day).unwrap());
    Command::Prepaid(PrepaidCommand::SetTerms(terms(words), first))
}

/// The points of the orders that listeners are told, with the version.
fn told(decided: &Decided<Event, Reply>) -> Vec<(u64, Vec<String>)> {
    let events = decided.messages.iter().filter_map(|(_, message)| match message {
        Message::EventsTold { events, .. } => Some(events),
        _ => None,
    });
    let orders = events.flatten().filter_map(|event| match event {
        AccountEvent::SupplyOrdered { order, points } => {
            Some((order.version, points.iter().map(|point| point.number().to_string()).collect()))
        }
        _ => None,
    });
    orders.collect()
}

/// It is 2 March 2026.
#[test]
fn a_point_joins_where_the_account_pays_a_contract_alone() {
    type Span = (&'static str, Option<&'static str>);
    type Payers = &'static [&'static str];
    type Case = (&'static str, Option<Span>, Payers, Option<&'static str>, bool);
    let cases: &[Case] = &[
        ("no contract", None, &[], None, false),
        ("since January", Some(("2026-01-01", None)), &["anna"], None, true),
        ("shared with bert", Some(("2026-01-01", None)), &["anna", "bert"], None, false),
        ("that ended on the first", Some(("2026-01-01", Some("2026-03-02"))), &["anna"], None, false),
        ("that ends today", Some(("2026-01-01", Some("2026-03-03"))), &["anna"], None, true),
        ("that begins in May", Some(("2026-05-01", None)), &["anna"], None, true),
        (
            "ended, from before its end",
            Some(("2026-01-01", Some("2026-03-02"))),
            &["anna"],
            Some("2026-03-01"),
            true,
        ),
        (
            "ended, from its end",
            Some(("2026-01-01", Some("2026-03-01"))),
            &["anna"],
            Some("2026-03-01"),
            false,
        ),
    ];
    for (name, span, payers, first, expected) in cases {
        let mut anna = Entry::unknown();
        if let Some(span) = span {
            anna.under_contract("1", *span, payers);
        }
        // Another point is of no help.
        anna.under_contract("2", ("2026-01-01", None), &["anna"]);
        let refused = Rejection::Prepaid(PrepaidRefused::NoContract(point_of("1")));
        let expected = if *expected { Ok(()) } else { Err(refused) };
        assert_eq!(anna.give(&set(&["points=1,2"], *first)).map(drop), expected, "{name}");
    }
}

#[test]
fn a_point_that_has_joined_is_not_asked_for_its_contract_again() {
    let mut anna = Entry::opened();
    anna.give(&set(&["points=1"], None)).unwrap();
    anna.under_contract("1", ("2026-01-01", Some("2026-02-01")), &["anna"]);
    anna.give(&set(&["points=1", "low=6"], None)).unwrap();
    anna.give(&set(&["points=1,2"], None)).unwrap();
    anna.give(&set(&["points=2"], None)).unwrap();
    let refused = Rejection::Prepaid(PrepaidRefused::NoContract(point_of("1")));
    assert_eq!(anna.give(&set(&["points=1,2"], None)).map(drop), Err(refused));
}

#[test]
fn listeners_are_told_of_points_whose_order_is_given() {
    let mut anna = Entry::unknown();
    anna.under_contract("1", ("2026-01-01", None), &["anna"]);
    anna.under_contract("2", ("2026-01-01", Some("2026-03-04")), &["anna"]);
    anna.under_contract("3", ("2026-05-01", None), &["anna"]);
    anna.give(&top_up("t1", "5")).unwrap();
    let order = |version: u64, points: &[&str]| {
        vec![(version, points.iter().map(|point| (*point).to_owned()).collect::<Vec<_>>())]
    };
    let decided = anna.give(&set(&["low=0", "points=1,2,3"], None)).unwrap();
    assert_eq!(told(&decided), order(1, &["1", "2"]));
    // The day after tomorrow the second is somebody else's.
    anna.now = anna.now.plus_millis(2 * 86_400_000).unwrap();
    let decided = anna.give(&rated(1, "5")).unwrap();
    assert_eq!(told(&decided), order(2, &["1"]));
    assert!(told(&anna.give(&top_up("t2", "0.01")).unwrap()) == order(3, &["1"]));
    // Then nothing is.
    anna.under_contract("1", ("2026-01-01", Some("2026-03-04")), &["anna"]);
    let decided = anna.give(&rated(2, "6")).unwrap();
    assert_eq!((told(&decided), anna.state.prepaid.version), (Vec::new(), 4));
}
