//! What a reservation and its commit cost an account, without a store: from the command's bytes to the decision's, with how
//! much is to be written; for a driver with one balance, and for fleets with so many open reservations.
//!
//! `KVARTER_BENCH_PAIRS` says how many pairs (50,000 unless stated otherwise).
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

use std::time::Instant;

use actors::entity::{Kinds, entity_id};
use actors::shell::{
    Answer, Caller, Decision, EntityId, Fact, Facts, Input, Machine, Machines as _, Moment, Need, Origin,
    Outcome, RowWrite, Tenant,
};
use bytes::Bytes;
use cluster::ShardId;
use domain::entity::Recipient;
use domain::entity::account::{AccountDetails, Command};
use domain::funds::{Ask, Asked, ChargedPart, Commit, FundsCommand, Reserve, TopUp, Usage, Used};
use domain::ledger::Asset;
use domain::money::Currency;
use domain::operation::OperationId;
use domain::tax::{TaxClass, VatRate};
use prost::Message as _;
use proto::convert::parse_amount;
use proto::store as stored;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 2026-01-01T00:00Z
const START_MS: i64 = 1_767_225_600_000;

/// An account and what it has written.
struct Account {
    machine: Box<dyn Machine>,
    log_sequence: u64,
    mutations: usize,
    bytes: usize,
}

fn main() {
    let wanted = std::env::var("KVARTER_BENCH_PAIRS").ok();
    let pairs: u32 = wanted.and_then(|text| text.parse().ok()).unwrap_or(50_000);
    println!("open before    pairs   ns/pair   mutations/pair   bytes/pair");
    for open in [0, 10, 100, 900] {
        let mut account = Account::new();
        account.give(&Command::Open(AccountDetails {
            id: "anna".to_owned(),
            name: "Anna Example".to_owned(),
            ..AccountDetails::default()
        }));
        account.give(&top_up());
        for number in 0..open {
            account.give(&reserve(&format!("open-{number:04}")));
        }
        (account.mutations, account.bytes) = (0, 0);
        let begun = Instant::now();
        for number in 0..pairs {
            let id = format!("019b76da-a800-7000-8000-{number:012}");
            account.give(&reserve(&id));
            account.give(&commit(&id));
        }
        let nanos = begun.elapsed().as_nanos() / u128::from(pairs);
        let pairs_usize = usize::try_from(pairs).unwrap();
        let (mutations, bytes) = (account.mutations / pairs_usize, account.bytes / pairs_usize);
        println!("{open:>11} {pairs:>8} {nanos:>9} {mutations:>16} {bytes:>12}");
    }
}

impl Account {
    fn new() -> Account {
        let machine = Kinds.activate(&name(), Vec::new()).unwrap();
        Account { machine, log_sequence: 0, mutations: 0, bytes: 0 }
    }

    /// Decides a command as the shell would, and counts what it writes; a root is written with every decision.
    fn give(&mut self, command: &Command) {
        let command = Bytes::from(stored::AccountCommand::from(command).encode_to_vec());
        let origin = Origin::Request { caller: Caller::of("bench"), request_id: None };
        let input = Input { command, origin };
        self.log_sequence += 1;
        let now = START_MS + i64::try_from(self.log_sequence).unwrap();
        let moment = Moment {
            shard_time_ms: now,
            settled_time_ms: now,
            log_sequence: self.log_sequence,
            shard: ShardId::new(0),
        };
        let mut facts = Facts::default();
        loop {
            let needs = self.machine.needs(&input, &facts, &moment);
            if needs.is_empty() {
                break;
            }
            facts.extend(needs.into_iter().map(|need| Fact { answer: absent(&need), need }));
        }
        let decision = self.machine.decide(&input, &facts, &moment);
        assert!(matches!(decision.outcome, Outcome::Accepted { .. }), "{decision:?}");
        self.count(&decision);
    }

    fn count(&mut self, decision: &Decision) {
        let parts = decision.parts.iter().map(|(_, value)| value.as_ref().map_or(0, Bytes::len));
        let rows = decision.rows.iter().map(|row| match row {
            RowWrite::Put(_, value) => value.len(),
            RowWrite::Delete(_) => 0,
            RowWrite::Add(..) => 16,
        });
        let log = decision.log.iter().map(Bytes::len);
        for bytes in parts.chain(rows).chain(log).chain(decision.timers.iter().map(|_| 0)) {
            self.mutations += 1;
            self.bytes += bytes;
        }
    }
}

fn name() -> EntityId {
    entity_id(&Tenant::parse("example").unwrap(), &Recipient::Account("anna".to_owned())).unwrap()
}

/// There is nothing to read.
fn absent(need: &Need) -> Answer {
    match need {
        Need::Row { .. } => Answer::Row(None),
        Need::Rows { .. } | Need::Shared { .. } => Answer::Rows { rows: Vec::new(), more: false },
    }
}

fn id(text: &str) -> OperationId {
    OperationId::new(text).unwrap()
}

fn top_up() -> Command {
    let (asset, amount) = (Asset::Money(Currency::Eur), parse_amount("1000000").unwrap());
    Command::Funds(FundsCommand::TopUp(TopUp { operation: id("top-up"), asset, amount, terms: None }))
}

fn reserve(reservation: &str) -> Command {
    let asked = Asked::Amount(parse_amount("5").unwrap(), Currency::Eur);
    let ask = Ask { member: None, usage: Usage::default(), asked };
    Command::Funds(FundsCommand::Reserve(Reserve { reservation: id(reservation), ask, ttl_ms: 86_400_000 }))
}

fn commit(reservation: &str) -> Command {
    let part = ChargedPart {
        revenue_role: "charging".to_owned(),
        tax_class: TaxClass::new("standard"),
        rate: VatRate::new(2_100).unwrap(),
        net: parse_amount("3.1234").unwrap(),
        tax: parse_amount("0.655914").unwrap(),
    };
    let used = Used::Charged(Currency::Eur, vec![part]);
    Command::Funds(FundsCommand::Commit(Commit { reservation: id(reservation), used, used_at: None }))
}
