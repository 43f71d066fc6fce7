//! Books of charge detail records and charging points on a node: with every fault of the store and restarts in between, what
//! stands in the end is what the rules say, and rows and listing say the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use actors::entity::listing::Listing;
use actors::entity::{Kinds, entity_id, row};
use actors::shell::{
    CallError, Caller, Class, Consistency, Node, NodeOptions, Reply, Request, Section, Tenant,
};
use bytes::Bytes;
use cluster::{Incarnation, ManualClock, ShardCount};
use domain::cdr::{Cdr, CdrKey, EvseId, Party, Road};
use domain::entity::Recipient;
use domain::entity::cdr_book::{
    Command, CreditRefused, PartyTerms, Receipt, Reply as Answer, Standing, WhosePrice,
};
use domain::instant::Instant;
use domain::money::Currency;
use domain::price::Price;
use domain::quantity::Quantity;
use domain::session::{ChargingPeriod, Session, Stated};
use domain::token::Token;
use prost::Message as _;
use proto::store as stored;
use storage::{FaultRates, Faults, MemoryStore};

use crate::world::START_MS;

/// A node on a store that outlives it.
struct World {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    node: Node,
    starts: u128,
}

fn tenant() -> Tenant {
    Tenant::parse("light").unwrap()
}

fn party() -> Party {
    Party::parse("NL*TNM").unwrap()
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

    /// What the book says; asked until there is an answer.
    async fn give(&self, command: &Command) -> Result<Answer, stored::Rejection> {
        let request = Request {
            entity: entity_id(&tenant(), &Recipient::CdrBook(party())).unwrap(),
            command: Bytes::from(stored::CdrBookCommand::from(command).encode_to_vec()),
            caller: Caller::of("tester"),
            request_id: None,
            timeout: None,
            class: Class::Interactive,
            repeatable: true,
            trace: None,
            consistency: Consistency::Strong,
        };
        loop {
            match self.node.call(request.clone()).await {
                Ok(Reply::Accepted(reply)) => {
                    return Ok(stored::CdrBookReply::decode(reply).unwrap().try_into().unwrap());
                }
                Ok(Reply::Rejected(refused)) => return Err(stored::Rejection::decode(refused).unwrap()),
                Err(CallError::OutcomeUnknown | CallError::NotOwner { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    async fn receive(&self, cdr: &Cdr) {
        let document = format!("{:?}", cdr.key).into_bytes().repeat(3_000);
        let receipt = Receipt { cdr: cdr.clone(), road: Road::Api, payer: Some("anna".to_owned()), document };
        self.give(&Command::Receive(Box::new(receipt))).await.unwrap();
    }

    /// How a record stands when nothing of it is under way, and the codes of what holds it back.
    async fn settled(&self, id: &str) -> (Standing, Vec<&'static str>) {
        loop {
            let Answer::Record { record, .. } = self.give(&Command::Get(id.to_owned())).await.unwrap() else {
                panic!("a book was asked for a record");
            };
            if !matches!(record.standing, Standing::Checking | Standing::Rating) {
                let codes = record.suspicions.iter().map(|suspicion| suspicion.code()).collect();
                return (record.standing, codes);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn worklist(&self) -> usize {
        let index = Listing::CdrWorklist.number();
        self.node.list(&tenant(), index, (&[], None), None, 1_000).await.unwrap().len()
    }
}

async fn start(store: &Arc<MemoryStore>, clock: &Arc<ManualClock>, number: u128) -> Node {
    let options = NodeOptions::new(Incarnation::new(number), ShardCount::new(4).unwrap());
    let (store, clock) = (Arc::clone(store), Arc::clone(clock));
    Node::start(store, Arc::new(Kinds), clock, options).await.unwrap()
}

/// A session of an hour that was over so many hours before the node began, at its own charging point.
fn cdr(id: &str, hours_ago: i64) -> Cdr {
    let at = |hours: i64| Instant::from_millis(START_MS - 3_600_000 * hours).unwrap();
    let energy = Quantity::parse("10").unwrap();
    let period = ChargingPeriod { energy_kwh: Some(energy), ..ChargingPeriod::from(at(hours_ago + 1)) };
    let session = Session {
        id: id.to_owned(),
        currency: Currency::Eur,
        start: at(hours_ago + 1),
        end: at(hours_ago),
        periods: vec![period],
        is_credit: false,
        stated: Stated {
            excluding_vat: Price::parse("5").ok(),
            energy_kwh: Some(energy),
            ..Stated::default()
        },
    };
    let mut content = [0; 32];
    content.iter_mut().zip(id.bytes()).for_each(|(target, source)| *target = source);
    Cdr {
        key: CdrKey::new(party(), id).unwrap(),
        session,
        evse: EvseId::new("NL*TNM*E1").unwrap(),
        connector: "1".to_owned(),
        location: "L1".to_owned(),
        token: Token::new("rfid", id).unwrap(),
        contract_id: String::new(),
        session_id: String::new(),
        registers: None,
        credit_of: None,
        is_home: false,
        sheet: None,
        content,
    }
}

fn credit(id: &str, of: &Cdr) -> Cdr {
    let mut credit = Cdr { content: cdr(id, 0).content, ..of.clone() };
    credit.key = CdrKey::new(party(), id).unwrap();
    credit.credit_of = Some(of.key.id().to_owned());
    credit.session.is_credit = true;
    credit.session.stated.excluding_vat = Price::parse("-5").ok();
    credit
}

fn terms() -> PartyTerms {
    PartyTerms {
        is_own: true,
        account: None,
        is_settled_elsewhere: false,
        currency: Currency::Eur,
        zone: None,
        price: WhosePrice::Theirs,
        sheet: None,
        tolerance_minor: 0,
        most_days_late: None,
        agreement: None,
        rules: [].into(),
    }
}

#[tokio::test(start_paused = true)]
async fn records_stand_as_the_rules_say_whatever_the_store_does() {
    for seed in 0..6_u64 {
        let rates = FaultRates {
            unknown_applied_per_mille: 60,
            unknown_not_applied_per_mille: 60,
            ..FaultRates::default()
        };
        let mut world = World::new(Faults::seeded(seed * 100, rates)).await;
        world.give(&Command::SetTerms(Box::new(terms()))).await.unwrap();
        let mut expected: BTreeMap<String, (Standing, Vec<&str>)> = BTreeMap::new();
        // The account was never opened: whatever goes on is held back by it.
        let held = || (Standing::Quarantined, vec!["UNKNOWN_ACCOUNT"]);
        for round in 0..8_i64 {
            let one = cdr(&format!("one{round}"), 10 * round);
            let at_once = cdr(&format!("two{round}"), 10 * round);
            let of_one = credit(&format!("credit{round}"), &one);
            let second = credit(&format!("second{round}"), &one);
            // The credit comes first, last, or never.
            match round % 3 {
                0 => {
                    for record in [&of_one, &one, &at_once, &second] {
                        world.receive(record).await;
                    }
                }
                1 => {
                    for record in [&one, &at_once, &one, &of_one, &second] {
                        world.receive(record).await;
                    }
                }
                _ => {
                    world.receive(&one).await;
                    world.receive(&at_once).await;
                }
            }
            if round % 2 == 1 {
                let seed = seed * 100 + round.unsigned_abs();
                world.restart(Faults::seeded(seed, rates)).await;
            }
            if round % 3 == 2 {
                expected.insert(format!("one{round}"), held());
                // What can't be billed holds up nobody: the other one at the connector was looked at by the account, too.
                expected.insert(format!("two{round}"), held());
                continue;
            }
            expected.insert(format!("two{round}"), held());
            expected.insert(format!("credit{round}"), (Standing::Applied, Vec::new()));
            let refused = Standing::Refused(CreditRefused::SecondCredit);
            expected.insert(format!("second{round}"), (refused, Vec::new()));
        }
        for (id, (standing, codes)) in &expected {
            let mut found = world.settled(id).await;
            // What was held up by a session that was taken back goes on by messages.
            while found.0 != *standing || (*standing == Standing::Quarantined && found.1 != *codes) {
                tokio::time::sleep(Duration::from_millis(20)).await;
                found = world.settled(id).await;
            }
        }
        let waits = |standing: &Standing| matches!(standing, Standing::Quarantined | Standing::Refused(_));
        let waiting = expected.values().filter(|(standing, _)| waits(standing)).count();
        assert_eq!(world.worklist().await, waiting, "seed {seed}");
        let book = entity_id(&tenant(), &Recipient::CdrBook(party())).unwrap();
        let pieces = row::cdr_document_pieces("one3", 0);
        let pieces =
            world.node.rows(&book, Section::Record, (&pieces.from, &pieces.until), 100).await.unwrap();
        let kept: Vec<u8> = pieces.iter().flat_map(|piece| piece.value.to_vec()).collect();
        assert_eq!(kept, format!("{:?}", cdr("one3", 0).key).into_bytes().repeat(3_000));
        assert!(pieces.len() > 1, "it lies in pieces");
    }
}
