//! Tokens on a node: accounts of several shards that want the same ones, with every fault of the store and restarts; and
//! commands that are only checked, or bound to a state.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use actors::entity::{Kinds, entity_id, etag};
use actors::shell::{CallError, Caller, Class, Consistency, Node, NodeOptions, Reply, Request, Tenant};
use bytes::Bytes;
use cluster::{Clock as _, Incarnation, ManualClock, ShardCount};
use domain::entity::Recipient;
use domain::entity::account::{self, AccountDetails};
use domain::entity::directory::{self, Owner};
use domain::entity::tokens::{TokenCommand, TokenReply, TokenStage};
use domain::token::Token;
use prost::Message as _;
use proto::convert::OnTerms as _;
use proto::store::{self as stored, Terms};
use storage::{FaultRates, Faults, KeyRange, MemoryStore, Scan, StoreExt as _};

use crate::join::join_all;
use crate::world::{START_MS, id_at};

const ACCOUNTS: [&str; 4] = ["anna", "bert", "carl", "dora"];
const CARDS: [&str; 3] = ["04A1", "04B2", "04C3"];
const SEEDS: u64 = 20;

struct World {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    node: Node,
    starts: u128,
    ids: u64,
}

impl World {
    async fn new(faults: Faults) -> World {
        let store = Arc::new(MemoryStore::new().handle(faults));
        let clock = Arc::new(ManualClock::at(START_MS));
        let node = start(&store, &clock, 1).await;
        let mut world = World { store, clock, node, starts: 1, ids: 0 };
        for id in ACCOUNTS {
            let details = AccountDetails { id: id.to_owned(), name: id.to_owned(), ..Default::default() };
            let open = world.request(id, &account::Command::Open(details));
            answered(&world.node, open).await;
        }
        world
    }

    async fn restart(&mut self, faults: Faults) {
        self.starts += 1;
        self.store = Arc::new(self.store.handle(faults));
        self.node = start(&self.store, &self.clock, self.starts).await;
    }

    fn request(&mut self, id: &str, command: &account::Command) -> Request {
        self.on_terms(id, stored::AccountCommand::from(command), None)
    }

    fn on_terms(&mut self, id: &str, command: stored::AccountCommand, terms: Option<Terms>) -> Request {
        self.ids += 1;
        Request {
            entity: entity_id(&tenant(), &Recipient::Account(id.to_owned())).unwrap(),
            command: Bytes::from(command.on(terms).encode_to_vec()),
            caller: Caller::of("tester"),
            request_id: Some(id_at(self.clock.wall_ms(), self.ids)),
            timeout: None,
            class: Class::Interactive,
            repeatable: true,
            trace: None,
            consistency: Consistency::Strong,
        }
    }

    async fn state(&mut self, id: &str) -> account::State {
        let get = self.request(id, &account::Command::Get);
        match account_reply(answered(&self.node, Request { request_id: None, ..get }).await) {
            account::Reply::State(state) => *state,
            other => panic!("{other:?}"),
        }
    }

    async fn holder(&self, card: &str) -> Option<Owner> {
        let get = Request {
            entity: entity_id(&tenant(), &Recipient::Directory(token(card))).unwrap(),
            command: Bytes::from(stored::DirectoryCommand::from(&directory::Command::Get).encode_to_vec()),
            caller: Caller::of("tester"),
            request_id: None,
            timeout: None,
            class: Class::Interactive,
            repeatable: true,
            trace: None,
            consistency: Consistency::Strong,
        };
        match answered(&self.node, get).await {
            Reply::Rejected(_) => None,
            Reply::Accepted(reply) => {
                let reply = stored::DirectoryReply::decode(reply).unwrap().try_into().unwrap();
                let directory::Reply::Held(held) = reply else { panic!("{reply:?}") };
                Some(held.claim.owner)
            }
        }
    }

    async fn settle(&self) {
        for _ in 0..2_000 {
            self.clock.advance(20);
            self.store.release_late();
            self.node.tick().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            if self.node.inspect().await.is_quiet() {
                return;
            }
        }
        panic!("the node never came to rest");
    }

    /// Whoever takes a token for its own has it in the directory, and nobody waits.
    async fn check(&mut self) {
        let mut owners: BTreeMap<&str, Owner> = BTreeMap::new();
        for id in ACCOUNTS {
            for (token, claim) in self.state(id).await.tokens.by_token {
                let card = CARDS.into_iter().find(|card| *card == token.value()).unwrap();
                match claim.stage {
                    TokenStage::Held => {
                        let before = owners.insert(card, Owner::Account(id.to_owned()));
                        assert_eq!(before, None, "{card} is held twice");
                    }
                    TokenStage::Refused(_) => {}
                    waiting => panic!("{id} waits for {card}: {waiting:?}"),
                }
            }
        }
        for card in CARDS {
            assert_eq!(self.holder(card).await.as_ref(), owners.get(card), "{card}");
        }
    }
}

async fn start(store: &Arc<MemoryStore>, clock: &Arc<ManualClock>, number: u128) -> Node {
    let mut options = NodeOptions::new(Incarnation::new(number), ShardCount::new(4).unwrap());
    options.tick = None;
    Node::start(Arc::clone(store) as _, Arc::new(Kinds), Arc::clone(clock) as _, options).await.unwrap()
}

fn tenant() -> Tenant {
    Tenant::parse("example").unwrap()
}

fn token(card: &str) -> Token {
    Token::new("rfid", card).unwrap()
}

fn account_reply(reply: Reply) -> account::Reply {
    let Reply::Accepted(reply) = reply else { panic!("{reply:?}") };
    stored::AccountReply::decode(reply).unwrap().try_into().unwrap()
}

/// Asks until there is an answer.
async fn answered(node: &Node, request: Request) -> Reply {
    loop {
        match node.call(request.clone()).await {
            Ok(reply) => return reply,
            Err(CallError::OutcomeUnknown | CallError::NotOwner { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

fn faults(seed: u64) -> Faults {
    let rates = FaultRates {
        unknown_applied_per_mille: 60,
        unknown_not_applied_per_mille: 60,
        unknown_late_per_mille: 30,
        unavailable_per_mille: 60,
        ..FaultRates::default()
    };
    Faults::seeded(seed, rates)
}

/// SplitMix64: the same seed, the same numbers.
fn roll(state: &mut u64, sides: usize) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(sides).unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn one_account_holds_each_token_whatever_the_store_does() {
    let mut held = 0;
    for seed in 0..SEEDS {
        let mut dice = seed;
        let mut world = World::new(faults(seed)).await;
        for _ in 0..6 {
            let mut requests = Vec::new();
            for _ in 0..8 {
                let card = token(CARDS[roll(&mut dice, CARDS.len())]);
                let command = match roll(&mut dice, 3) {
                    0 => TokenCommand::Release(card),
                    _ => TokenCommand::Claim(card),
                };
                let account = ACCOUNTS[roll(&mut dice, ACCOUNTS.len())];
                requests.push(world.request(account, &account::Command::Tokens(command)));
            }
            join_all(requests.into_iter().map(|request| answered(&world.node, request))).await;
            if roll(&mut dice, 3) == 0 {
                world.restart(faults(seed + 1_000)).await;
            }
        }
        world.settle().await;
        world.check().await;
        for card in CARDS {
            held += usize::from(world.holder(card).await.is_some());
        }
        // What was stored is what was remembered.
        let before = world.state("anna").await;
        world.restart(Faults::none()).await;
        assert_eq!(world.state("anna").await, before);
        world.check().await;
    }
    assert!(held > 20, "only {held} tokens were held in the end");
}

/// Every row but the heads of shards, which every batch moves on.
async fn rows(store: &MemoryStore) -> Vec<(Vec<u8>, Vec<u8>)> {
    let page = store.scan(Scan::new(KeyRange::all())).await.unwrap();
    assert!(page.more.is_none());
    let rows = page.rows.into_iter().map(|row| (row.key.as_bytes().to_vec(), row.value.to_vec()));
    rows.filter(|(key, _)| !(key.starts_with(b"s/") && key.get(4) == Some(&b'h'))).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_only_checked_leaves_nothing_behind() {
    let mut world = World::new(Faults::none()).await;
    world.settle().await;
    let before = rows(&world.store).await;
    let checked = || Some(Terms { validate_only: true, etag: String::new() });
    let claim = account::Command::Tokens(TokenCommand::Claim(token("04A1")));
    let claim = world.on_terms("anna", (&claim).into(), checked());
    let claim = Request { request_id: None, ..claim };
    let reply = account_reply(answered(&world.node, claim.clone()).await);
    let account::Reply::Tokens(TokenReply::Claim(_, claimed)) = reply else { panic!("{reply:?}") };
    assert_eq!((claimed.stage, claimed.number), (TokenStage::Claiming, 1));

    let details = AccountDetails { id: "emil".to_owned(), name: "Emil".to_owned(), ..Default::default() };
    let open = world.on_terms("emil", (&account::Command::Open(details.clone())).into(), checked());
    let reply = account_reply(answered(&world.node, Request { request_id: None, ..open }).await);
    assert_eq!(reply, account::Reply::Details(details));
    let other = AccountDetails { id: "anna".to_owned(), name: "Other".to_owned(), ..Default::default() };
    let open = world.on_terms("anna", (&account::Command::Open(other)).into(), checked());
    let refused = answered(&world.node, Request { request_id: None, ..open }).await;
    assert_eq!(code(refused), "ALREADY_OPEN");

    world.settle().await;
    assert_eq!(rows(&world.store).await, before);
    assert!(world.state("anna").await.tokens.by_token.is_empty());
    // The same once more without the terms is carried out under the first number.
    let claim = account::Command::Tokens(TokenCommand::Claim(token("04A1")));
    let claim = world.request("anna", &claim);
    answered(&world.node, claim).await;
    world.settle().await;
    assert_eq!(world.holder("04A1").await, Some(Owner::Account("anna".to_owned())));
    assert_ne!(rows(&world.store).await, before);
}

#[tokio::test(start_paused = true)]
async fn of_two_changes_from_one_state_the_second_is_refused() {
    let mut world = World::new(Faults::none()).await;
    let held = world.state("anna").await.details.unwrap();
    let first = etag(&proto::account::Account::from(&held));
    let named = |name: &str| AccountDetails { name: name.to_owned(), ..held.clone() };
    let change = |name: &str| stored::AccountCommand::from(&account::Command::ChangeDetails(named(name)));
    let bound = |etag: &str| Some(Terms { etag: etag.to_owned(), validate_only: false });

    let one = world.on_terms("anna", change("Anna B"), bound(&first));
    let other = world.on_terms("anna", change("Anna C"), bound(&first));
    answered(&world.node, one.clone()).await;
    assert_eq!(code(answered(&world.node, other.clone()).await), "ETAG_MISMATCH");
    assert_eq!(world.state("anna").await.details.unwrap().name, "Anna B");
    // Both answers are kept, although the first etag has passed.
    assert!(matches!(answered(&world.node, one).await, Reply::Accepted(_)));
    assert_eq!(code(answered(&world.node, other).await), "ETAG_MISMATCH");
    let second = etag(&proto::account::Account::from(&named("Anna B")));
    let again = world.on_terms("anna", change("Anna C"), bound(&second));
    answered(&world.node, again).await;
    assert_eq!(world.state("anna").await.details.unwrap().name, "Anna C");
    // What has no state has no etag.
    let unknown = world.on_terms("emil", change("Emil"), bound(&second));
    assert_eq!(code(answered(&world.node, unknown).await), "UNKNOWN_ACCOUNT");
    let open = stored::AccountCommand::from(&account::Command::Open(named("Emil")));
    let open = world.on_terms("emil", open, bound(&second));
    assert_eq!(code(answered(&world.node, open).await), "ETAG_MISMATCH");
}

fn code(reply: Reply) -> String {
    let Reply::Rejected(reply) = reply else { panic!("{reply:?}") };
    stored::Rejection::decode(reply).unwrap().reason.unwrap().code
}
