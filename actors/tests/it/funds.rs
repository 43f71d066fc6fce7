//! Funds on a node: what is reserved expires, what was answered is known after a restart, what leaves one account arrives at
//! another, and the rows of the store fold to what the accounts remember, whatever the store does.

mod audit;
mod events;
mod prepaid;
mod priced;
mod random;
mod world;

use actors::entity::{entity_id, row};
use actors::shell::Section;
use domain::entity::Recipient;
use domain::entity::account;
use domain::funds::{
    DebitMode, FundsCommand, FundsRefused, FundsReply, OperationKey, Place, Placement, Recorded,
};
use domain::ledger::{LedgerRole, PostingReason};
use domain::operation::OperationId;
use storage::{Faults, KeyRange, Scan, StoreExt as _};

use world::*;

const HOUR_MS: i64 = 3_600_000;

/// Rows of an account under a letter of the key layout: how many there are, and how many bytes their values have.
async fn rows(world: &World, id: &str, letter: u8) -> (usize, usize) {
    let page = world.store.scan(Scan::new(KeyRange::all()).rows(100_000)).await.unwrap();
    let of_letter = page.rows.iter().filter(|row| {
        let key = row.key.as_bytes();
        let is_of_account = key.windows(id.len()).any(|part| part == id.as_bytes());
        key.starts_with(b"s/") && key.get(4) == Some(&letter) && is_of_account
    });
    of_letter.fold((0, 0), |(rows, bytes), row| (rows + 1, bytes + row.value.len()))
}

#[tokio::test(start_paused = true)]
async fn a_reservation_expires_by_its_timer_and_not_before() {
    let mut world = World::new(&["anna"], Faults::none()).await;
    world.funds("anna", &top_up("t1", "20")).await.unwrap();
    world.funds("anna", &reserve("r1", "5", HOUR_MS)).await.unwrap();
    world.funds("anna", &reserve("r2", "3", 2 * HOUR_MS)).await.unwrap();
    world.settle().await;
    assert_eq!(rows(&world, "anna", b't').await.0, 1, "one timer, of what is due first");
    world.pass(3_500_000).await;
    assert_eq!(world.main("anna").await, ("20".to_owned(), "8".to_owned()));
    world.restart(Faults::none()).await;
    world.pass(100_000).await;
    assert_eq!(world.main("anna").await, ("20".to_owned(), "3".to_owned()));
    let key = OperationKey::Resolve(id("r1"));
    assert!(matches!(world.record("anna", &key).await.unwrap().outcome, Recorded::Expired(_)));
    // What ends in time takes its timer with it.
    world.funds("anna", &commit("r2", "1")).await.unwrap();
    world.settle().await;
    assert_eq!(rows(&world, "anna", b't').await.0, 0, "nothing is due");
    world.audit(&["anna"]).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_answered_is_known_after_a_restart() {
    let mut world = World::new(&["anna"], Faults::none()).await;
    let commands = [
        top_up("t1", "10"),
        reserve("r1", "4", HOUR_MS),
        commit("r1", "2"),
        debit("d1", DebitMode::Voluntary, "1"),
        debit("d2", DebitMode::Voluntary, "100"),
        reserve("r2", "100", HOUR_MS),
    ];
    let mut first = Vec::new();
    for command in &commands {
        first.push(world.funds("anna", command).await.unwrap());
    }
    assert_eq!(first[4], FundsReply::Refused(FundsRefused::OutOfCredit));
    let before = world.state("anna").await;
    for _ in 0..2 {
        world.restart(Faults::none()).await;
        for (command, answer) in commands.iter().zip(&first) {
            assert_eq!(world.funds("anna", command).await.as_ref(), Ok(answer), "{command:?}");
        }
    }
    // The same ids with something else in them say what differs; nothing has moved.
    let others = [top_up("t1", "11"), reserve("r1", "4", 2 * HOUR_MS), commit("r1", "1.5")];
    for other in &others {
        assert_eq!(world.funds("anna", other).await, Err("ID_REUSED".to_owned()), "{other:?}");
    }
    let after = world.state("anna").await;
    assert_eq!((after.ledger(), after.posting_sets), (before.ledger(), before.posting_sets));
    world.audit(&["anna"]).await;
}

#[tokio::test(start_paused = true)]
async fn money_that_leaves_arrives_or_is_listed() {
    let mut world = World::new(&["anna", "bert"], Faults::none()).await;
    world.funds("anna", &top_up("t1", "50")).await.unwrap();
    assert_eq!(world.funds("anna", &transfer("x1", "bert", "12.5")).await, Ok(FundsReply::Done));
    assert_eq!(world.funds("anna", &transfer("x1", "bert", "12.5")).await, Ok(FundsReply::Done));
    assert_eq!(world.funds("anna", &transfer("x2", "zoe", "5")).await, Ok(FundsReply::Done));
    let beyond = world.funds("anna", &transfer("x3", "bert", "500")).await;
    assert_eq!(beyond, Ok(FundsReply::Refused(FundsRefused::BeyondFunds)));
    // A receiver that there can't be is refused before anything moves.
    assert_eq!(world.funds("anna", &transfer("x4", "", "1")).await, Err("INVALID_ID".to_owned()));
    let long = "z".repeat(65);
    assert_eq!(world.funds("anna", &transfer("x5", &long, "1")).await, Err("TOO_LARGE".to_owned()));
    world.settle().await;
    assert_eq!(world.main("anna").await.0, "32.5");
    assert_eq!(world.main("bert").await.0, "12.5");

    let suspended = world.suspended().await;
    let (account, posted) = &suspended[0];
    assert_eq!(
        (suspended.len(), account.as_str(), posted.set.reason()),
        (1, "zoe", PostingReason::Suspended)
    );
    assert_eq!(posted.set.amount(&LedgerRole::Suspense), amount("-5"));
    assert_eq!(world.account("zoe", &account::Command::Get).await, Err("UNKNOWN_ACCOUNT".to_owned()));
    world.audit(&["anna", "bert", "zoe"]).await;
    // It is opened later: what waits stays on suspense until a person places it.
    world.open("zoe").await;
    assert_eq!(world.state("zoe").await.ledger().values().filter(|sum| **sum == amount("-5")).count(), 1);
    world.audit(&["anna", "bert", "zoe"]).await;
    world.restart(Faults::none()).await;
    let place = |operation: &str| {
        let (operation, to) = (OperationId::new(operation).unwrap(), Placement::MainBalance);
        FundsCommand::Place(Place { operation, sequence: 1, to })
    };
    assert_eq!(world.funds("zoe", &place("p1")).await, Ok(FundsReply::Done));
    assert_eq!((world.main("zoe").await.0.as_str(), world.suspended().await.len()), ("5", 0));
    world.restart(Faults::none()).await;
    assert_eq!(world.funds("zoe", &place("p1")).await, Ok(FundsReply::Done), "it is remembered");
    assert_eq!(world.funds("zoe", &place("p2")).await, Err("NOT_ON_SUSPENSE".to_owned()));
    assert_eq!((world.main("zoe").await.0.as_str(), world.state("zoe").await.suspense.len()), ("5", 0));
    world.audit(&["anna", "bert", "zoe"]).await;
}

#[tokio::test(start_paused = true)]
async fn an_account_that_was_never_opened_has_no_funds() {
    let world = World::new(&[], Faults::none()).await;
    assert_eq!(world.funds("emil", &top_up("t1", "1")).await, Err("UNKNOWN_ACCOUNT".to_owned()));
    assert_eq!(world.funds("emil", &FundsCommand::Get).await, Err("UNKNOWN_ACCOUNT".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn many_reservations_stand_in_parts_of_their_own() {
    let mut world = World::new(&["fleet"], Faults::none()).await;
    world.funds("fleet", &top_up("t1", "1000")).await.unwrap();
    world.settle().await;
    let (small, _) = rows(&world, "fleet", b'e').await;
    assert_eq!(small, 1, "a small account is one value");
    for number in 0..300 {
        world.funds("fleet", &reserve(&format!("r{number:03}"), "1", HOUR_MS)).await.unwrap();
    }
    world.settle().await;
    assert_eq!(
        rows(&world, "fleet", b'e').await.0,
        1 + 298,
        "all but the first two reservations have a part"
    );
    let before = world.held("fleet").await;
    world.restart(Faults::none()).await;
    let after = world.held("fleet").await;
    assert_eq!((after.reservations.len(), &after.reservations), (300, &before.reservations));
    assert_eq!(after.balances, before.balances);
    for number in 0..250 {
        world.funds("fleet", &commit(&format!("r{number:03}"), "0.5")).await.unwrap();
    }
    world.audit(&["fleet"]).await;
    // The rest expires, more at once than one decision takes.
    world.pass(3_700_000).await;
    assert_eq!(world.held("fleet").await.reservations.len(), 0);
    assert_eq!(rows(&world, "fleet", b'e').await.0, 1, "no part is left behind");
    assert_eq!(rows(&world, "fleet", b't').await.0, 0, "nothing is due");
    world.audit(&["fleet"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_small_account_writes_little() {
    let world = World::new(&["anna"], Faults::none()).await;
    world.funds("anna", &top_up("t1", "1000")).await.unwrap();
    world.funds("anna", &reserve("r0", "5", HOUR_MS)).await.unwrap();
    world.funds("anna", &commit("r0", "3.1234")).await.unwrap();
    world.funds("anna", &reserve("r1", "5", HOUR_MS)).await.unwrap();
    world.settle().await;
    let (_, root) = rows(&world, "anna", b'e').await;
    assert!(root < 1_000, "the root has {root} bytes");
    let (records, bytes) = rows(&world, "anna", b'r').await;
    assert!(bytes / records < 200, "{records} records have {bytes} bytes");
    assert_eq!(rows(&world, "anna", b'g').await.0, 1, "only the opening is in the log: records say the rest");
}

/// An operation's record names on whose behalf it was.
#[tokio::test(start_paused = true)]
async fn a_record_says_who() {
    use prost::Message as _;
    let world = World::new(&["anna"], Faults::none()).await;
    world.funds("anna", &top_up("t1", "1000")).await.unwrap();
    let entity = entity_id(&tenant(), &Recipient::Account("anna".to_owned())).unwrap();
    let records = world.node.rows(&entity, Section::Record, (b"f", b"g"), 10).await.unwrap();
    let record = proto::store::FundsRecord::decode(records[0].value.clone()).unwrap();
    assert_eq!((records.len(), record.subject.as_str()), (1, "tester"));
    let sets = row::postings_from(1);
    let sets = world.node.rows(&entity, Section::Ledger, (&sets.from, &sets.until), 10).await.unwrap();
    assert_eq!(sets.len(), 1);
}
