//! The account: who pays. It knows the contracts it pays for, books what they cost, and issues its invoices.

mod bundle;
mod charging;
mod close;
mod funds;
mod issue;
mod legs;
mod prepaid;
mod price;
mod sale;
mod state;
mod statement;
mod suspense;
mod told;

use super::directory::Owner;
use super::message::{Closing, Message, Recipient};
use super::tokens::{TokenCommand, TokenEvent, TokenRefused, TokenReply};
use super::{Decided, Entity, Facts, Moment, Need};
use crate::agreement::{Agreement, AgreementCommand, AgreementEvent, AgreementRefused};
use crate::charging_contract::{
    ChargingContractCommand, ChargingContractEvent, ChargingContractRefused, ChargingContractReply,
};
use crate::contract::Contract;
use crate::funds::{FundsCommand, FundsEvent, FundsRefused, FundsReply};
use crate::identity::MeteringPointId;
use crate::invoice::Invoice;
use crate::ledger::{LedgerRole, PostingReason};
use crate::prepaid::{PrepaidCommand, PrepaidEvent, PrepaidRefused, PrepaidReply};
use crate::statement::{PartnerCommand, PartnerEvent, PartnerRefused, PartnerReply};
use crate::token::Token;

pub use crate::ledger::Posted;
pub use state::{AccountDetails, ClosedContract, IssuedInvoice, Line, LineKey, OpenRun, State};

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
    /// About its agreements.
    Agreements(AgreementCommand),
    /// About its charging contracts.
    Charging(ChargingContractCommand),
    /// About its funds.
    Funds(FundsCommand),
    /// About its funds, asked by whoever shows this token: nothing is spent unless the account holds it, unblocked.
    FundsByToken(Token, FundsCommand),
    /// About its prepaid supply.
    Prepaid(PrepaidCommand),
    /// About its statements as a partner.
    Partner(PartnerCommand),
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
    /// The set of this number no longer stands on suspense.
    SuspenseCleared(u64),
    /// An invoice was issued: the row is the event.
    Issued(Box<Invoice>, IssuedInvoice),
    /// Something happened to its tokens.
    Tokens(TokenEvent),
    /// Something happened to its agreements.
    Agreements(AgreementEvent),
    /// Something happened to its charging contracts, or a session was sold by one: the row of that is the event.
    Charging(ChargingContractEvent),
    /// Something happened to its funds. What that books is a [`Self::Booked`] of its own.
    Funds(FundsEvent),
    /// Something happened to its prepaid supply. What that does to the funds is events of those.
    Prepaid(PrepaidEvent),
    /// Something happened to it as a partner. What that books is a [`Self::Booked`] of its own.
    Partner(PartnerEvent),
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// Who it belongs to now.
    Details(AccountDetails),
    /// What it is.
    State(Box<State>),
    /// What would be issued; none where there is nothing to issue.
    Preview(Option<Box<Invoice>>),
    /// About its tokens.
    Tokens(TokenReply),
    /// An agreement, as it is now.
    Agreement(Agreement),
    /// About its charging contracts.
    Charging(ChargingContractReply),
    /// About its funds.
    Funds(FundsReply),
    /// About its prepaid supply: a top-up as the meter shows it, or the credit.
    Prepaid(PrepaidReply),
    /// About its statements as a partner.
    Partner(PartnerReply),
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
    /// An agreement can't be made or ended.
    Agreement(AgreementRefused),
    /// A charging contract can't be made, changed or ended.
    Charging(ChargingContractRefused),
    /// The tenant has no settings: no zone whose days and months a spending limit counts.
    NoSettings,
    /// The funds do not allow it.
    Funds(FundsRefused),
    /// Prepaid supply does not allow it.
    Prepaid(PrepaidRefused),
    /// A statement can't be made or paid.
    Partner(PartnerRefused),
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

    fn needs(state: &State, command: &Command, facts: &Facts) -> Vec<Need> {
        let needs = match command {
            Command::Funds(command) | Command::FundsByToken(_, command) => {
                funds::needs(state, command, facts)
            }
            Command::Prepaid(PrepaidCommand::Funds(command)) => funds::needs(state, command, facts),
            Command::Prepaid(command) => prepaid::needs(state, command),
            Command::Partner(command) => statement::needs(state, command),
            Command::Charging(command) => charging::needs(command),
            Command::Message(Message::BookLeg { leg, .. }) => legs::needs(leg),
            Command::Message(Message::PrepaidRated { .. }) => vec![Need::Tenant],
            Command::Message(Message::FundsTransferred { from, payout, .. }) => {
                funds::needs(state, &funds::transfer_in(from, payout), facts)
            }
            Command::Message(Message::RateSale { sale, .. }) => sale::needs(state, sale, facts),
            Command::Message(Message::ReverseSale { reversal, .. }) => {
                sale::reversal_needs(state, &reversal.cdr, facts)
            }
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
        let decided = decide(state, command, facts, moment)?;
        Ok(told::with_events(decided, state, facts, moment))
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
                if posted.set.reason() == PostingReason::Suspended {
                    state.suspense.insert(posted.sequence, posted.clone());
                }
                let is_of_funds = |role: &LedgerRole| matches!(role, LedgerRole::Funds(_));
                for posting in posted.set.postings().iter().filter(|posting| !is_of_funds(&posting.role)) {
                    let balance =
                        state.balances.entry((posting.role.clone(), posted.set.asset())).or_default();
                    *balance = balance.checked_add(posting.amount).unwrap_or(*balance);
                }
            }
            Event::SuspenseCleared(sequence) => drop(state.suspense.remove(sequence)),
            Event::Issued(_, issued) => {
                state.issued.insert(issued.run.clone(), issued.clone());
            }
            Event::Tokens(event) => state.tokens.apply(event),
            Event::Agreements(event) => state.agreements.apply(event),
            Event::Charging(event) => state.charging.apply(event),
            Event::Funds(event) => state.funds.apply(event),
            Event::Prepaid(event) => state.prepaid.apply(event),
            Event::Partner(event) => state.partner.apply(event),
        }
    }
}

/// The decision, before anybody outside is told of it.
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
        Command::Agreements(command) => {
            state.details.as_ref().ok_or(Rejection::UnknownAccount)?;
            let decided = state.agreements.decide(command).map_err(Rejection::Agreement)?;
            Ok(decided.within(Event::Agreements, Reply::Agreement))
        }
        Command::Charging(command) => charging::decide(state, command, facts),
        Command::Funds(command) => funds::decide(state, command, None, facts, moment),
        Command::FundsByToken(token, command) => funds::decide(state, command, Some(token), facts, moment),
        Command::Prepaid(command) => prepaid::decide(state, command, facts, moment),
        Command::Partner(command) => statement::decide(state, command, facts, moment),
        Command::Continue if state.details.is_some() && legs::wait(state) => Ok(legs::place(state, moment)),
        Command::Continue => Ok(close::ask_more(state)),
        Command::Message(message) => Ok(receive(state, message, facts, moment)),
    }
}

fn open(state: &State, details: &AccountDetails) -> Result<Decided<Event, Reply>, Rejection> {
    let reply = Reply::Details(details.clone());
    match &state.details {
        Some(held) if held == details => Ok(Decided::reply(reply)),
        Some(_) => Err(Rejection::AlreadyOpen),
        None => {
            let opened = Decided::with(vec![Event::Opened(details.clone())], reply);
            Ok(opened.continuing(legs::wait(state)))
        }
    }
}

fn change(state: &State, details: &AccountDetails) -> Result<Decided<Event, Reply>, Rejection> {
    let held = state.details.as_ref().ok_or(Rejection::UnknownAccount)?;
    let details = AccountDetails { id: held.id.clone(), ..details.clone() };
    let is_new = details != *held;
    let events = if is_new { vec![Event::DetailsChanged(details.clone())] } else { Vec::new() };
    Ok(Decided::with(events, Reply::Details(details)))
}

fn receive(state: &State, message: &Message, facts: &Facts, moment: &Moment) -> Decided<Event, Reply> {
    match message {
        Message::ContractChanged { metering_point, contract } => {
            let event = Event::ContractSet { metering_point: *metering_point, contract: contract.clone() };
            Decided::with(vec![event], Reply::Done)
        }
        Message::CloseAccount { closing, shard, account } => {
            close::begin(state, (closing, *shard), account, (facts, moment))
        }
        Message::PointClosed { metering_point, contracts, more_follows: true, .. } => {
            Decided::with(close::book(state, *metering_point, contracts, moment), Reply::Done)
        }
        Message::PointClosed { run, metering_point, contracts, more_follows: false } => {
            close::point_closed(state, (run, *metering_point), contracts, (facts, moment))
        }
        Message::IssueInvoice { run, number } => issue::issue(state, run, number, facts, moment),
        Message::ReleaseAccount { run } => release(state, run),
        Message::FundsTransferred { from, to, payout } => {
            funds::receive(state, (from, to), payout, facts, moment)
        }
        Message::PrepaidRated { account, totals, forgotten } => {
            prepaid::receive(state, account, (totals, forgotten), facts, moment)
        }
        Message::RateSale { account, sale } => sale::rate(state, account, sale, facts, moment),
        Message::ReverseSale { reversal, .. } => sale::reverse(state, reversal, facts, moment),
        Message::BookLeg { leg, .. } => legs::receive(state, leg, facts, moment),
        Message::ShareAgreed { agreement, .. } => legs::agreed(state, agreement),
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
