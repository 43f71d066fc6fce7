//! The account: who pays. It knows the contracts it pays for, books what they cost, and issues its invoices.

mod close;
mod issue;

use std::collections::{BTreeMap, BTreeSet};

use super::directory::Owner;
use super::message::{Closing, Message, Recipient};
use super::tokens::{TokenCommand, TokenEvent, TokenRefused, TokenReply, Tokens};
use super::{Decided, Entity, Facts, Moment, Need};
use crate::address::Address;
use crate::amount::Amount;
use crate::contract::Contract;
use crate::day::Month;
use crate::identity::MeteringPointId;
use crate::invoice::{ChannelUsage, Invoice, Issued};
use crate::ledger::{Asset, LedgerRole};
use crate::money::Money;
use crate::position::{PositionKey, RatedVersion};
use crate::rating::NotReady;

pub use crate::ledger::Posted;

/// Who an account belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountDetails {
    /// Its id.
    pub id: String,
    /// The name of the person or company.
    pub name: String,
    /// Where bills go.
    pub address: Address,
    /// The e-mail address, possibly empty.
    pub email: String,
    /// The VAT id of a company, possibly empty.
    pub vat_id: String,
    /// The category of customer, possibly empty.
    pub category: String,
}

/// What a metering point tells a payer of one contract when a month is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedContract {
    /// The contract with all its payers.
    pub contract: Contract,
    /// The product's name for people.
    pub product: String,
    /// Where the point is.
    pub address: Address,
    /// The current version of every rated position of one month.
    pub positions: Vec<RatedVersion>,
    /// Why a month can't be billed.
    pub not_ready: Vec<NotReady>,
    /// The months that can't be billed.
    pub not_ready_months: BTreeSet<Month>,
    /// What its channels counted in the booking month.
    pub usage: Vec<ChannelUsage>,
}

/// What a line of the bill is about: a position at a metering point.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineKey {
    /// The metering point.
    pub metering_point: MeteringPointId,
    /// The position.
    pub position: PositionKey,
}

/// What the account holds of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The latest version told, of the whole contract.
    pub latest: RatedVersion,
    /// All payers' shares in ten-thousandths, in their order.
    pub shares: Vec<u32>,
    /// Which of them is this account's.
    pub own: u32,
    /// What was issued under this key so far, once per class and rate of tax.
    pub issued: Vec<Issued>,
}

/// A run's work in progress at the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRun {
    /// The terms.
    pub closing: Closing,
    /// The shard of the part to answer to.
    pub shard: u32,
    /// The points still to be asked.
    pub to_ask: BTreeSet<MeteringPointId>,
    /// The points that were asked and have not answered.
    pub waiting: BTreeSet<MeteringPointId>,
    /// What the points told last, without positions.
    pub closed: BTreeMap<MeteringPointId, Vec<ClosedContract>>,
    /// The hash of what is frozen, once nothing is waited for.
    pub frozen: Option<[u8; 32]>,
}

/// An issued document, as the account remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedInvoice {
    /// Its number.
    pub number: String,
    /// The run that issued it.
    pub run: String,
    /// The booking month.
    pub month: Month,
    /// Its total.
    pub total: Money,
}

/// What an account remembers beside its rows of postings and invoices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Who it belongs to, once opened.
    pub details: Option<AccountDetails>,
    /// The contracts it pays for, by metering point and id.
    pub contracts: BTreeMap<(MeteringPointId, String), Contract>,
    /// Its lines.
    pub lines: BTreeMap<LineKey, Line>,
    /// Balances of its ledger accounts.
    pub balances: BTreeMap<(LedgerRole, Asset), Amount>,
    /// How many posting sets it has booked.
    pub posting_sets: u64,
    /// The run that has the account open.
    pub open_run: Option<OpenRun>,
    /// What was issued, by run.
    pub issued: BTreeMap<String, IssuedInvoice>,
    /// Its tokens.
    pub tokens: Tokens,
}

/// Most tokens of an account: a fleet's cards.
pub const MOST_TOKENS: u32 = 10_000;

/// What can be asked of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Opens it.
    Open(AccountDetails),
    /// Replaces its details; the id stays.
    ChangeDetails(AccountDetails),
    /// Reads what it is.
    Get,
    /// Reads what would be issued for the run that has it open.
    Preview,
    /// About its tokens.
    Tokens(TokenCommand),
    /// From another entity.
    Message(Message),
    /// Its own wish to go on.
    Continue,
}

/// What happened to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was opened.
    Opened(AccountDetails),
    /// Its details are now these.
    DetailsChanged(AccountDetails),
    /// It pays for a contract, or the contract changed.
    ContractSet {
        /// The metering point.
        metering_point: MeteringPointId,
        /// The contract.
        contract: Contract,
    },
    /// A run began to close a month, or went on with it: its state now.
    RunSet(Box<OpenRun>),
    /// A point has told the open run everything.
    PointClosed(MeteringPointId, Vec<ClosedContract>),
    /// What was open for a run was dropped.
    RunDropped {
        /// The run.
        run: String,
    },
    /// A line is now this.
    LineSet {
        /// Which.
        key: LineKey,
        /// Its content.
        line: Box<Line>,
    },
    /// Postings were booked: the row is the event.
    Booked(Posted),
    /// An invoice was issued: the row is the event.
    Issued(Box<Invoice>, IssuedInvoice),
    /// Something happened to its tokens.
    Tokens(TokenEvent),
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// What it is.
    State(Box<State>),
    /// What would be issued; none where there is nothing to issue.
    Preview(Option<Box<Invoice>>),
    /// About its tokens.
    Tokens(TokenReply),
}

/// Why a command is refused, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The account was never opened.
    UnknownAccount,
    /// It was opened with other details.
    AlreadyOpen,
    /// No run has it open.
    NoOpenRun,
    /// The preview can't be computed.
    CannotInvoice(crate::invoice::InvoiceError),
    /// A token can't be claimed or given back.
    Token(TokenRefused),
}

/// The account as an entity.
#[derive(Debug)]
pub struct Account;

impl Entity for Account {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Reply = Reply;
    type Rejection = Rejection;

    fn needs(_: &State, command: &Command, facts: &Facts) -> Vec<Need> {
        let needs = match command {
            Command::Preview
            | Command::Message(
                Message::PointClosed { .. } | Message::CloseAccount { .. } | Message::IssueInvoice { .. },
            ) => {
                vec![Need::Tenant]
            }
            _ => Vec::new(),
        };
        facts.missing(needs)
    }

    fn decide(
        state: &State,
        command: &Command,
        facts: &Facts,
        moment: &Moment,
    ) -> Result<Decided<Event, Reply>, Rejection> {
        match command {
            Command::Open(details) => open(state, details),
            Command::ChangeDetails(details) => change(state, details),
            Command::Get => {
                state.details.as_ref().ok_or(Rejection::UnknownAccount)?;
                Ok(Decided::reply(Reply::State(Box::new(state.clone()))))
            }
            Command::Preview => {
                let run = state.open_run.as_ref().ok_or(Rejection::NoOpenRun)?;
                let preview = issue::draft(state, run, "", facts).map_err(Rejection::CannotInvoice)?;
                Ok(Decided::reply(Reply::Preview(preview.map(|draft| Box::new(draft.invoice)))))
            }
            Command::Tokens(command) => {
                let details = state.details.as_ref().ok_or(Rejection::UnknownAccount)?;
                let owner = Owner::Account(details.id.clone());
                let decided = state.tokens.decide(&owner, command, MOST_TOKENS, moment);
                decided.map(|decided| decided.within(Event::Tokens, Reply::Tokens)).map_err(Rejection::Token)
            }
            Command::Continue => Ok(close::ask_more(state)),
            Command::Message(message) => Ok(receive(state, message, facts, moment)),
        }
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::Opened(details) | Event::DetailsChanged(details) => state.details = Some(details.clone()),
            Event::ContractSet { metering_point, contract } => {
                state.contracts.insert((*metering_point, contract.id.clone()), contract.clone());
            }
            Event::RunSet(run) => state.open_run = Some(run.as_ref().clone()),
            Event::PointClosed(point, contracts) => {
                if let Some(run) = &mut state.open_run {
                    run.waiting.remove(point);
                    run.closed.insert(*point, contracts.clone());
                }
            }
            Event::RunDropped { .. } => state.open_run = None,
            Event::LineSet { key, line } => {
                state.lines.insert(key.clone(), line.as_ref().clone());
            }
            Event::Booked(posted) => {
                state.posting_sets = posted.sequence;
                for posting in posted.set.postings() {
                    let balance =
                        state.balances.entry((posting.role.clone(), posted.set.asset())).or_default();
                    *balance = balance.checked_add(posting.amount).unwrap_or(*balance);
                }
            }
            Event::Issued(_, issued) => {
                state.issued.insert(issued.run.clone(), issued.clone());
            }
            Event::Tokens(event) => state.tokens.apply(event),
        }
    }
}

fn open(state: &State, details: &AccountDetails) -> Result<Decided<Event, Reply>, Rejection> {
    match &state.details {
        Some(held) if held == details => Ok(Decided::reply(Reply::Done)),
        Some(_) => Err(Rejection::AlreadyOpen),
        None => Ok(Decided::with(vec![Event::Opened(details.clone())], Reply::Done)),
    }
}

fn change(state: &State, details: &AccountDetails) -> Result<Decided<Event, Reply>, Rejection> {
    let held = state.details.as_ref().ok_or(Rejection::UnknownAccount)?;
    let details = AccountDetails { id: held.id.clone(), ..details.clone() };
    let is_new = details != *held;
    let events = if is_new { vec![Event::DetailsChanged(details)] } else { Vec::new() };
    Ok(Decided::with(events, Reply::Done))
}

fn receive(state: &State, message: &Message, facts: &Facts, moment: &Moment) -> Decided<Event, Reply> {
    match message {
        Message::ContractChanged { metering_point, contract } => {
            let event = Event::ContractSet { metering_point: *metering_point, contract: contract.clone() };
            Decided::with(vec![event], Reply::Done)
        }
        Message::CloseAccount { closing, shard, account } => {
            close::begin(state, (closing, *shard), account, facts)
        }
        Message::PointClosed { metering_point, contracts, more_follows: true, .. } => {
            Decided::with(close::book(state, *metering_point, contracts, moment), Reply::Done)
        }
        Message::PointClosed { run, metering_point, contracts, more_follows: false } => {
            close::point_closed(state, (run, *metering_point), contracts, facts)
        }
        Message::IssueInvoice { run, number } => issue::issue(state, run, number, facts, moment),
        Message::ReleaseAccount { run } => release(state, run),
        Message::TokenClaimed { .. } | Message::TokenReleased { .. } => {
            let event = state.tokens.receive(message, moment).map(Event::Tokens);
            Decided::with(event.into_iter().collect(), Reply::Done)
        }
        _ => Decided::reply(Reply::Done),
    }
}

fn release(state: &State, run: &str) -> Decided<Event, Reply> {
    let is_open = state.open_run.as_ref().is_some_and(|open| open.closing.run == run);
    let events = if is_open { vec![Event::RunDropped { run: run.to_owned() }] } else { Vec::new() };
    Decided::with(events, Reply::Done)
}

/// The part of the run in a shard, as a recipient.
fn part(closing: &Closing, shard: u32) -> Recipient {
    Recipient::RunPart { run: closing.run.clone(), shard }
}
