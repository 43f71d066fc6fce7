//! Webhooks on a node: what they remember is what the rules say, with every fault of the store and restarts; and tenants that
//! have any are found.

use std::collections::BTreeSet;
use std::sync::Arc;

use actors::entity::listing::Listing;
use actors::entity::{Kinds, entity_id};
use actors::shell::{CallError, Caller, Class, Consistency, Node, NodeOptions, Reply, Request, Tenant};
use bytes::Bytes;
use cluster::{Incarnation, ManualClock, ShardCount};
use domain::entity::Recipient;
use domain::entity::account::{self, AccountDetails};
use domain::entity::event_log::{Cursor, Partition};
use domain::entity::webhooks::{self, AttemptFailure, Command, Held, Place, Rejection, Wanted};
use domain::webhook::{EventChoice, WebhookSecret, WebhookUrl};
use prost::Message as _;
use proto::store as stored;
use storage::{FaultRates, Faults, KeyRange, MemoryStore, Scan, StoreExt as _};

use crate::world::START_MS;

/// A node on a store that outlives it.
struct World {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    node: Node,
    starts: u128,
}

impl World {
    async fn new(faults: Faults) -> World {
        let store = Arc::new(MemoryStore::new().handle(faults));
        let clock = Arc::new(ManualClock::at(START_MS));
        let node = start(&store, &clock, 1).await;
        World { store, clock, node, starts: 1 }
    }

    async fn restart(&mut self, faults: Faults) {
        self.starts += 1;
        self.store = Arc::new(self.store.handle(faults));
        self.node = start(&self.store, &self.clock, self.starts).await;
    }

    /// What the webhooks of a tenant say; asked until there is an answer.
    async fn give(&self, tenant: &str, command: &Command) -> Result<webhooks::Reply, stored::Rejection> {
        let command = stored::WebhooksCommand::from(command).encode_to_vec();
        let request = request(tenant, &Recipient::Webhooks, command);
        loop {
            match self.node.call(request.clone()).await {
                Ok(Reply::Accepted(reply)) => {
                    return Ok(stored::WebhooksReply::decode(reply).unwrap().try_into().unwrap());
                }
                Ok(Reply::Rejected(refused)) => return Err(stored::Rejection::decode(refused).unwrap()),
                Err(CallError::OutcomeUnknown | CallError::NotOwner { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    async fn held(&self, tenant: &str) -> Held {
        match self.give(tenant, &Command::Work("w".to_owned())).await.unwrap() {
            webhooks::Reply::Work { held, .. } => held,
            other => panic!("{other:?}"),
        }
    }

    async fn listed(&self, limit: usize) -> Vec<String> {
        let (mut all, mut after) = (Vec::new(), None::<Tenant>);
        loop {
            let index = Listing::Webhooks.number();
            let page = self.node.listed_tenants(index, after.as_ref(), limit).await.unwrap();
            all.extend(page.iter().map(ToString::to_string));
            match page.len() < limit {
                true => return all,
                false => after = page.into_iter().next_back(),
            }
        }
    }
}

async fn start(store: &Arc<MemoryStore>, clock: &Arc<ManualClock>, number: u128) -> Node {
    let options = NodeOptions::new(Incarnation::new(number), ShardCount::new(4).unwrap());
    let (store, clock) = (Arc::clone(store), Arc::clone(clock));
    Node::start(store, Arc::new(Kinds), clock, options).await.unwrap()
}

fn request(tenant: &str, entity: &Recipient, command: Vec<u8>) -> Request {
    Request {
        entity: entity_id(&Tenant::parse(tenant).unwrap(), entity).unwrap(),
        command: Bytes::from(command),
        caller: Caller::of("tester"),
        request_id: None,
        timeout: None,
        class: Class::Interactive,
        repeatable: true,
        trace: None,
        consistency: Consistency::Strong,
    }
}

fn wanted(secret: u8) -> Command {
    Command::Set(Wanted {
        id: "w".to_owned(),
        url: WebhookUrl::parse("http://billing.example/hook").unwrap(),
        choice: EventChoice::default(),
        secret: Some(WebhookSecret::new(vec![secret; 32]).unwrap()),
        start: Cursor::default(),
    })
}

fn place(held: &Held) -> Place {
    let webhook = &held.webhook;
    Place { id: webhook.id.clone(), number: webhook.number, cursor: webhook.cursor.clone() }
}

fn one_further(cursor: &Cursor) -> Cursor {
    let (mut next, partition) = (cursor.clone(), Partition::new(3).unwrap());
    next.set(partition, cursor.place(partition) + 1);
    next
}

#[tokio::test(start_paused = true)]
async fn a_webhook_goes_on_from_place_to_place_whatever_the_store_does() {
    for seed in 0..10 {
        let rates = FaultRates {
            unknown_applied_per_mille: 80,
            unknown_not_applied_per_mille: 80,
            ..FaultRates::default()
        };
        let faults = |round: u64| Faults::seeded(seed * 100 + round, rates);
        let mut world = World::new(faults(0)).await;
        world.give("light", &wanted(1)).await.unwrap();
        for round in 1..20_u64 {
            let before = world.held("light").await;
            let to = one_further(&before.webhook.cursor);
            if round % 3 == 0 {
                let fail =
                    Command::Fail { from: place(&before), failure: AttemptFailure::TimedOut, pause_ms: 5 };
                world.give("light", &fail).await.unwrap();
            }
            let advance = Command::Advance { from: place(&before), to: to.clone(), is_acknowledged: true };
            // It is asked again by itself where the outcome was lost: then it has moved on, to the same place.
            if let Err(refused) = world.give("light", &advance).await {
                assert_eq!(refused, stored::Rejection::from(&Rejection::MovedOn), "seed {seed}");
            }
            if round % 4 == 0 {
                world.restart(faults(round)).await;
            }
            let held = world.held("light").await;
            assert_eq!((&held.webhook.cursor, held.webhook.failing), (&to, None), "seed {seed}");
            assert_eq!(held.secret, before.secret);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn tenants_with_webhooks_are_found() {
    let world = World::new(Faults::none()).await;
    // Accounts make entries in other listings, which are passed over.
    let mut expected = BTreeSet::new();
    for (number, tenant) in (0_u8..).zip(["a", "ab", "b", "heavy", "light", "z-9"]) {
        let entity = Recipient::Account("anna".to_owned());
        let details = AccountDetails { id: "anna".to_owned(), ..AccountDetails::default() };
        let open = stored::AccountCommand::from(&account::Command::Open(details));
        let request = request(tenant, &entity, open.encode_to_vec());
        assert!(matches!(world.node.call(request).await, Ok(Reply::Accepted(_))));
        if number % 2 == 1 {
            world.give(tenant, &wanted(number)).await.unwrap();
            expected.insert(tenant.to_owned());
        }
    }
    for limit in [1, 2, 3, 64] {
        assert!(world.listed(limit).await.iter().eq(&expected), "{limit} at a time");
    }
    world.give("heavy", &Command::Delete("w".to_owned())).await.unwrap();
    expected.remove("heavy");
    assert!(world.listed(64).await.iter().eq(&expected));
}

#[tokio::test(start_paused = true)]
async fn no_row_but_its_own_holds_a_secret() {
    let world = World::new(Faults::none()).await;
    world.give("light", &wanted(b'S')).await.unwrap();
    let next = WebhookSecret::new(vec![b'N'; 32]).unwrap();
    world.give("light", &Command::Rotate("w".to_owned(), next)).await.unwrap();
    world.give("light", &Command::DropFormerSecret("w".to_owned())).await.unwrap();
    let all = world.store.scan(Scan::new(KeyRange::all())).await.unwrap();
    let holding =
        |key: u8| all.rows.iter().filter(|row| row.value.windows(32).any(|part| part == [key; 32])).count();
    assert_eq!((holding(b'S'), holding(b'N')), (0, 1), "the former is gone, the newest lies in one place");
}
