//! What accounts tell whoever listens stands in the log once and in order, whatever the store does and however often the
//! node starts anew.

use std::collections::BTreeMap;

use actors::entity::{entity_id, row};
use actors::shell::Section;
use domain::account_event::{AccountEventKind as Kind, LoggedEvent};
use domain::entity::Recipient;
use domain::entity::event_log::Partition;
use domain::funds::{FundsCommand, Standing};
use prost::Message as _;
use proto::events::AccountEvent;
use storage::{FaultRates, Faults};

use super::world::*;

const ACCOUNTS: [&str; 4] = ["anna", "bert", "carl", "dora"];

impl World {
    /// What the log says of each account; the places of every partition have no gap.
    async fn told(&self) -> BTreeMap<String, Vec<LoggedEvent>> {
        let mut told: BTreeMap<String, Vec<LoggedEvent>> = BTreeMap::new();
        for partition in Partition::all() {
            let entity = entity_id(&tenant(), &Recipient::EventLog(partition)).unwrap();
            let range = row::events_from(0);
            let rows = self.node.rows(&entity, Section::Record, (&range.from, &range.until), 10_000).await;
            for (place, row) in (1_u64..).zip(rows.unwrap()) {
                assert_eq!(row::event_place(&row.suffix), Some(place), "{partition:?}");
                let entry: LoggedEvent = AccountEvent::decode(row.value).unwrap().try_into().unwrap();
                assert_eq!(Partition::of_account(&entry.account), partition);
                told.entry(entry.account.clone()).or_default().push(entry);
            }
        }
        told
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_account_tells_is_told_once_and_in_order() {
    for seed in 0..10 {
        let rates = FaultRates {
            unknown_applied_per_mille: 50,
            unknown_not_applied_per_mille: 50,
            unknown_late_per_mille: 20,
            ..FaultRates::default()
        };
        let faults = || Faults::seeded(seed, rates);
        let mut world = World::new(&ACCOUNTS, faults()).await;
        let mut expected: BTreeMap<&str, Vec<Kind>> = BTreeMap::new();
        for round in 0..4 {
            for account in ACCOUNTS {
                let kinds = expected.entry(account).or_default();
                world.funds(account, &top_up(&format!("t{round}"), "20")).await.unwrap();
                kinds.push(Kind::ToppedUp);
                // Neither what is held nor what is used of it is anything to tell.
                world.funds(account, &reserve(&format!("r{round}"), "5", 3_600_000)).await.unwrap();
                world.funds(account, &commit(&format!("r{round}"), "1")).await.unwrap();
                for (standing, kind) in
                    [(Standing::Blocked, Kind::Blocked), (Standing::Active, Kind::Unblocked)]
                {
                    // A command without an id may have been carried out although its outcome was lost.
                    world.funds(account, &FundsCommand::SetStanding(standing)).await.unwrap();
                    kinds.push(kind);
                }
            }
            if round % 2 == 0 {
                world.restart(faults()).await;
            }
        }
        world.restart(Faults::none()).await;
        world.settle().await;
        let told = world.told().await;
        let kinds: BTreeMap<&str, Vec<Kind>> = told
            .iter()
            .map(|(account, told)| (account.as_str(), told.iter().map(|one| one.event.kind()).collect()))
            .collect();
        assert_eq!(kinds, expected, "seed {seed}");
        for told in told.values() {
            assert!(told.is_sorted_by_key(|entry| entry.at), "seed {seed}");
        }
    }
}
