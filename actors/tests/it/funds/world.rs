//! Accounts of one tenant on a node that stops and starts, and what the store holds of them.

use std::sync::Arc;
use std::time::Duration;

use actors::entity::{Kinds, entity_id};
use actors::shell::{CallError, Caller, Class, Consistency, Node, NodeOptions, Reply, Request, Tenant};
use bytes::Bytes;
use cluster::{Incarnation, ManualClock, ShardCount};
use domain::amount::Amount;
use domain::entity::Recipient;
use domain::entity::account::{self, AccountDetails};
use domain::funds::{
    Ask, Asked, ChargedPart, Commit, Debit, DebitMode, Funds, FundsCommand, FundsReply, Payout, Reserve,
    TopUp, Usage, Used,
};
use domain::ledger::Asset;
use domain::money::Currency;
use domain::operation::OperationId;
use domain::tax::{TaxClass, VatRate};
use prost::Message as _;
use proto::convert::parse_amount;
use proto::store as stored;
use storage::{Faults, MemoryStore};

use crate::world::START_MS;

pub(super) struct World {
    pub(super) store: Arc<MemoryStore>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) node: Node,
    starts: u128,
}

impl World {
    /// A node with these accounts open.
    pub(super) async fn new(accounts: &[&str], faults: Faults) -> World {
        let store = Arc::new(MemoryStore::new().handle(faults));
        let clock = Arc::new(ManualClock::at(START_MS));
        let node = start(&store, &clock, 1).await;
        let world = World { store, clock, node, starts: 1 };
        for id in accounts {
            world.open(id).await;
        }
        world
    }

    pub(super) async fn open(&self, id: &str) {
        let details = AccountDetails { id: id.to_owned(), name: id.to_owned(), ..Default::default() };
        self.account(id, &account::Command::Open(details)).await.unwrap();
    }

    pub(super) async fn restart(&mut self, faults: Faults) {
        self.starts += 1;
        self.store = Arc::new(self.store.handle(faults));
        self.node = start(&self.store, &self.clock, self.starts).await;
    }

    /// What an account answers, or the code under which it refuses.
    pub(super) async fn account(
        &self,
        id: &str,
        command: &account::Command,
    ) -> Result<account::Reply, String> {
        match answered(&self.node, request(id, command)).await {
            Reply::Accepted(reply) => Ok(stored::AccountReply::decode(reply).unwrap().try_into().unwrap()),
            Reply::Rejected(reply) => Err(stored::Rejection::decode(reply).unwrap().reason.unwrap().code),
        }
    }

    pub(super) async fn funds(&self, id: &str, command: &FundsCommand) -> Result<FundsReply, String> {
        match self.account(id, &account::Command::Funds(command.clone())).await? {
            account::Reply::Funds(reply) => Ok(reply),
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn state(&self, id: &str) -> account::State {
        match self.account(id, &account::Command::Get).await.unwrap() {
            account::Reply::State(state) => *state,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn held(&self, id: &str) -> Funds {
        self.state(id).await.funds
    }

    /// What is on the main balance in euros, and what is reserved of it.
    pub(super) async fn main(&self, id: &str) -> (String, String) {
        let funds = self.held(id).await;
        let main = funds.balances.values().find(|balance| balance.terms.is_none());
        main.map_or_else(
            || ("0".to_owned(), "0".to_owned()),
            |main| (main.amount.to_string(), main.reserved.to_string()),
        )
    }

    pub(super) async fn settle(&self) {
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

    /// Lets time pass on the clock, and what is due happen.
    pub(super) async fn pass(&self, milliseconds: u32) {
        self.clock.advance(milliseconds);
        self.settle().await;
    }
}

pub(super) async fn start(store: &Arc<MemoryStore>, clock: &Arc<ManualClock>, number: u128) -> Node {
    let mut options = NodeOptions::new(Incarnation::new(number), ShardCount::new(4).unwrap());
    options.tick = None;
    Node::start(Arc::clone(store) as _, Arc::new(Kinds), Arc::clone(clock) as _, options).await.unwrap()
}

pub(super) fn tenant() -> Tenant {
    Tenant::parse("example").unwrap()
}

/// Funds have ids of their own: no request id.
pub(super) fn request(id: &str, command: &account::Command) -> Request {
    Request {
        entity: entity_id(&tenant(), &Recipient::Account(id.to_owned())).unwrap(),
        command: Bytes::from(stored::AccountCommand::from(command).encode_to_vec()),
        caller: Caller::of("tester"),
        request_id: None,
        timeout: None,
        class: Class::Interactive,
        repeatable: true,
        trace: None,
        consistency: Consistency::Strong,
    }
}

async fn answered(node: &Node, request: Request) -> Reply {
    loop {
        match node.call(request.clone()).await {
            Ok(reply) => return reply,
            Err(CallError::OutcomeUnknown | CallError::NotOwner { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

pub(super) fn id(text: &str) -> OperationId {
    OperationId::new(text).unwrap()
}

pub(super) fn amount(text: &str) -> Amount {
    parse_amount(text).unwrap()
}

pub(super) fn top_up(operation: &str, euros: &str) -> FundsCommand {
    let asset = Asset::Money(Currency::Eur);
    FundsCommand::TopUp(TopUp { operation: id(operation), asset, amount: amount(euros), terms: None })
}

pub(super) fn reserve(reservation: &str, euros: &str, ttl_ms: i64) -> FundsCommand {
    let asked = Asked::Amount(amount(euros), Currency::Eur);
    let ask = Ask { member: None, usage: Usage::default(), asked };
    FundsCommand::Reserve(Reserve { reservation: id(reservation), ask, ttl_ms })
}

/// What costs so much with tax of 21 %.
pub(super) fn used(net: &str) -> Used {
    let net = amount(net);
    let tax = net.fraction(21, 100).unwrap();
    let rate = VatRate::new(2_100).unwrap();
    let part = ChargedPart {
        revenue_role: "charging".to_owned(),
        tax_class: TaxClass::new("standard"),
        rate,
        net,
        tax,
    };
    Used::Charged(Currency::Eur, vec![part])
}

pub(super) fn commit(reservation: &str, net: &str) -> FundsCommand {
    FundsCommand::Commit(Commit { reservation: id(reservation), used: used(net), used_at: None })
}

pub(super) fn debit(operation: &str, mode: DebitMode, net: &str) -> FundsCommand {
    let (operation, usage, used) = (id(operation), Usage::default(), used(net));
    FundsCommand::Debit(Debit { operation, mode, member: None, usage, used, used_at: None })
}

pub(super) fn transfer(operation: &str, to: &str, euros: &str) -> FundsCommand {
    let payout = Payout { operation: id(operation), currency: Currency::Eur, amount: amount(euros) };
    FundsCommand::TransferOut { to: to.to_owned(), payout }
}
