//! A month of a small supplier on a real node: registration, values, run, invoices; with every fault of the store the
//! same invoices.

mod bounds;
mod supplier;

use std::sync::Arc;
use std::time::Duration;

use actors::entity::{Kinds, entity_id, listing::Listing, row};
use actors::shell::{Caller, Class, Consistency};
use actors::shell::{Node, NodeOptions, Reply, Request, RowKey, Section, Tenant};
use bytes::Bytes;
use cluster::{Clock as _, Incarnation, ManualClock, ShardCount};
use domain::entity::invoice_run::{self, Stage};
use domain::entity::{Recipient, account, metering_point};
use domain::instant::Instant;
use domain::series::Direction;
use prost::Message as _;
use proto::store as stored;
use storage::{FaultRates, Faults, MemoryStore};

const START_MS: i64 = 1_730_800_000_000;

/// A node of the supplier over a store of its own.
struct Month {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    node: Node,
    starts: u128,
}

impl Month {
    async fn new(faults: Faults) -> Self {
        let store = Arc::new(MemoryStore::new().handle(faults));
        let clock = Arc::new(ManualClock::at(START_MS));
        let node = start(&store, &clock, 1).await;
        Self { store, clock, node, starts: 1 }
    }

    /// The node is gone as if killed; another starts on the same store.
    async fn restart(&mut self, faults: Faults) {
        self.starts += 1;
        self.store = Arc::new(self.store.handle(faults));
        let (store, clock, starts) = (Arc::clone(&self.store), Arc::clone(&self.clock), self.starts);
        self.node = start(&store, &clock, starts).await;
    }

    async fn ask(&self, to: &Recipient, command: Vec<u8>) -> Bytes {
        let request = Request {
            entity: entity_id(&tenant(), to).unwrap(),
            command: Bytes::from(command),
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
                Ok(Reply::Accepted(reply)) => return reply,
                Ok(Reply::Rejected(reply)) => {
                    panic!("refused: {:?}", stored::Rejection::decode(reply).unwrap())
                }
                // Every command of this story may be given again: a repeat has no second effect.
                Err(actors::shell::CallError::OutcomeUnknown) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    async fn set_up(&self) {
        for command in supplier::catalog() {
            self.ask(&Recipient::Catalog, stored::CatalogCommand::from(&command).encode_to_vec()).await;
        }
        for details in supplier::accounts() {
            let to = Recipient::Account(details.id.clone());
            self.ask(&to, stored::AccountCommand::from(&account::Command::Open(details)).encode_to_vec())
                .await;
        }
        for (id, commands) in supplier::metering_points() {
            for command in commands {
                let bytes = stored::MeteringPointCommand::from(&command).encode_to_vec();
                self.ask(&Recipient::MeteringPoint(id), bytes).await;
            }
        }
        self.settle().await;
    }

    async fn run(&self, command: &invoice_run::Command) -> invoice_run::State {
        let to = Recipient::InvoiceRun("october".to_owned());
        let reply = self.ask(&to, stored::InvoiceRunCommand::from(command).encode_to_vec()).await;
        match invoice_run::Reply::try_from(stored::InvoiceRunReply::decode(reply).unwrap()).unwrap() {
            invoice_run::Reply::State(state) => *state,
            invoice_run::Reply::Done | invoice_run::Reply::Run(_) => invoice_run::State::default(),
        }
    }

    /// Asks the run until it is at a stage.
    async fn until(&self, stage: Stage) -> invoice_run::State {
        for _ in 0..2_000 {
            self.settle().await;
            let state = self.run(&invoice_run::Command::Get).await;
            if state.stage == stage {
                return state;
            }
        }
        panic!("the run never came to {stage:?}: {:?}", self.node.inspect().await);
    }

    /// Lets time pass until nothing is under way.
    async fn settle(&self) {
        for _ in 0..200 {
            self.clock.advance(20);
            self.store.release_late();
            self.node.tick().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            if self.node.inspect().await.is_quiet() {
                return;
            }
        }
    }

    async fn invoices(&self) -> Vec<(String, Vec<u8>)> {
        let mut invoices = Vec::new();
        let listed =
            self.node.list(&tenant(), Listing::Invoices.number(), (&[], None), None, 100).await.unwrap();
        for entry in listed {
            let issued = proto::account::IssuedInvoice::decode(entry.value.clone()).unwrap();
            let from = row::invoice_pieces(&issued.number).from;
            let key = RowKey::Own { section: Section::Record, suffix: from };
            let bytes = self.node.row(&entry.entity, &key).await.unwrap().unwrap();
            invoices.push((issued.number, without_times(&bytes)));
        }
        invoices
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

/// The invoice without the registration times in its provenance, which depend on when the test ran.
fn without_times(row: &[u8]) -> Vec<u8> {
    let mut stored = stored::StoredInvoice::decode(row).unwrap();
    let points = stored.invoice.iter_mut().flat_map(|invoice| &mut invoice.points);
    for part in points.flat_map(|point| point.lines.iter_mut().flat_map(|line| &mut line.parts)) {
        part.rated.as_mut().unwrap().known_time = Some(Default::default());
    }
    stored.encode_to_vec()
}

async fn billed(faults: impl Fn() -> Faults, restarts: bool) -> Vec<(String, Vec<u8>)> {
    let mut month = Month::new(faults()).await;
    month.set_up().await;
    month.run(&supplier::create_run()).await;
    if restarts {
        month.restart(faults()).await;
    }
    let preview = month.until(Stage::Previewed).await.preview();
    assert_eq!((preview.invoices, preview.not_ready), (3, 1));
    month.run(&invoice_run::Command::Approve { hash: preview.hash }).await;
    if restarts {
        month.restart(faults()).await;
    }
    month.until(Stage::Issued).await;
    month.invoices().await
}

#[tokio::test(start_paused = true)]
async fn a_month_is_billed_on_a_node() {
    let invoices = billed(Faults::none, false).await;
    let totals: Vec<(String, String)> = invoices
        .iter()
        .map(|(number, row)| {
            let invoice = stored::StoredInvoice::decode(row.as_slice()).unwrap().invoice.unwrap();
            let invoice = domain::invoice::Invoice::try_from(invoice).unwrap();
            (number.clone(), format!("{} {}", invoice.payer.account, invoice.total))
        })
        .collect();
    let mut sums: Vec<&str> = totals.iter().map(|(_, total)| total.as_str()).collect();
    sums.sort_unstable();
    assert_eq!(sums, ["anna 52.57 EUR", "bert 68.35 EUR", "carl 29.29 EUR"]);
    let numbers: Vec<&str> = totals.iter().map(|(number, _)| number.as_str()).collect();
    assert_eq!(numbers, ["2024-000001", "2024-000002", "2024-000003"]);
}

#[tokio::test(start_paused = true)]
async fn whatever_the_store_does_the_invoices_are_the_same() {
    let expected = billed(Faults::none, false).await;
    for seed in 0..12 {
        let rates = || FaultRates {
            unknown_applied_per_mille: 60,
            unknown_not_applied_per_mille: 60,
            unknown_late_per_mille: 30,
            unavailable_per_mille: 60,
            ..FaultRates::default()
        };
        let invoices = billed(|| Faults::seeded(seed, rates()), seed % 2 == 0).await;
        assert_eq!(invoices, expected, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_tenants_never_meet() {
    let month = Month::new(Faults::none()).await;
    month.set_up().await;
    let other = Tenant::parse("other").unwrap();
    let request = Request {
        entity: entity_id(&other, &Recipient::Account("anna".to_owned())).unwrap(),
        command: Bytes::from(stored::AccountCommand::from(&account::Command::Get).encode_to_vec()),
        caller: Caller::of("tester"),
        request_id: None,
        timeout: None,
        class: Class::Interactive,
        repeatable: true,
        trace: None,
        consistency: Consistency::Strong,
    };
    let Ok(Reply::Rejected(reply)) = month.node.call(request).await else {
        panic!("an account of another tenant")
    };
    let rejection = stored::Rejection::decode(reply).unwrap();
    assert_eq!(rejection.reason.unwrap().code, "UNKNOWN_ACCOUNT");
    assert!(
        month.node.list(&other, Listing::Accounts.number(), (&[], None), None, 10).await.unwrap().is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn a_question_as_of_the_first_restatement_gets_the_first_figures() {
    let month = Month::new(Faults::none()).await;
    month.set_up().await;
    let (id, _) = supplier::metering_points().remove(0);
    let point = Recipient::MeteringPoint(id);
    let ask = async |command: &metering_point::Command| {
        month.settle().await;
        month.ask(&point, stored::MeteringPointCommand::from(command).encode_to_vec()).await
    };
    let days = |known_at| metering_point::Command::ListDays {
        direction: Direction::Consumption,
        span: supplier::restated_day(),
        known_at,
    };
    let rate = |known_at| metering_point::Command::Rate { month: supplier::october_month(), known_at };

    ask(&supplier::restate("1.5", 1)).await;
    let first = Instant::from_millis(month.clock.wall_ms()).unwrap();
    let (days_then, rated_then) = (ask(&days(Some(first))).await, ask(&rate(Some(first))).await);
    ask(&supplier::restate("2.5", 2)).await;

    // The values as delivered first, and two restatements.
    let reply = stored::MeteringPointReply::decode(ask(&days(None)).await).unwrap();
    let metering_point::Reply::Days(versions) = metering_point::Reply::try_from(reply).unwrap() else {
        panic!("not a list of days")
    };
    assert_eq!(versions.iter().map(|version| version.version).collect::<Vec<_>>(), [1, 2, 3]);
    assert_ne!(ask(&rate(None)).await, rated_then);
    assert_eq!(ask(&rate(Some(first))).await, rated_then);
    assert_eq!(ask(&days(Some(first))).await, days_then);
    // The same values again change nothing.
    ask(&supplier::restate("2.5", 2)).await;
    let reply = stored::MeteringPointReply::decode(ask(&days(None)).await).unwrap();
    let metering_point::Reply::Days(versions) = metering_point::Reply::try_from(reply).unwrap() else {
        panic!("not a list of days")
    };
    assert_eq!(versions.len(), 3);
}
