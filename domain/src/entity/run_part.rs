//! The part of an invoice run in one shard: walks the accounts that live there, closes the month of each, and issues.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::invoice_run::PartSummary;
use super::message::{Closing, Recipient};
use super::{Decided, Entity, Facts, Message, Moment, Need};
use crate::identity::MeteringPointId;
use crate::money::Money;
use crate::rating::NotReady;

/// How many accounts are asked in one step; all have answered before the next step.
const STEP: u32 = 50;

/// What came of closing an account's month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountOutcome {
    /// What will be issued.
    pub frozen: Option<FrozenInvoice>,
    /// The points that are not ready, with the reasons.
    pub not_ready: Vec<PointNotReady>,
    /// Why the account as a whole can't be billed.
    pub refused: Option<AccountNotReady>,
}

/// An invoice that is frozen until the run is approved or cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrozenInvoice {
    /// The hash over its exact list of positions and sums.
    pub hash: [u8; 32],
    /// The sum of its lines.
    pub net: Money,
    /// Its value added tax.
    pub vat: Money,
    /// Its total.
    pub total: Money,
}

/// A contract at a metering point that can't be billed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointNotReady {
    /// The metering point.
    pub metering_point: MeteringPointId,
    /// The contract.
    pub contract: String,
    /// Why.
    pub reasons: Vec<NotReady>,
}

/// Why an account can't be billed at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountNotReady {
    /// Contracts name it, but it was never opened.
    NeverOpened,
    /// Another run has it open.
    HeldBy(String),
    /// The tenant has no settings: no seller, no currency.
    NoSettings,
    /// Its invoice can't be computed.
    CannotInvoice(String),
}

/// How far a part has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// It asks accounts to close their month.
    #[default]
    Walking,
    /// Every account has answered; the run decides.
    Closed,
    /// It tells accounts to issue.
    Issuing,
    /// It tells accounts to drop what they froze.
    Releasing,
    /// It has nothing more to do.
    Done,
}

/// What a part remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The terms and the shard, once started.
    pub started: Option<(Closing, u32)>,
    /// The last account that was asked.
    pub cursor: String,
    /// How far it has come.
    pub stage: Stage,
    /// Whether every account was asked.
    pub is_walked: bool,
    /// The accounts that were asked and have not answered.
    pub waiting: BTreeSet<String>,
    /// The accounts that something came of.
    pub outcomes: BTreeMap<String, AccountOutcome>,
    /// How many accounts were closed.
    pub closed: u64,
    /// Set when the run was approved: what every number begins with.
    pub number_prefix: String,
    /// Set when the run was approved: the number of each account's invoice that is still to be issued.
    pub to_issue: BTreeMap<String, u64>,
    /// Set when the run was cancelled: the accounts that still hold what they froze.
    pub to_release: BTreeSet<String>,
}

/// What can be asked of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Reads what it is.
    Get,
    /// From another entity.
    Message(Message),
    /// Its own wish to go on.
    Continue,
}

/// What happened to a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was started.
    Started(Closing, u32),
    /// Accounts were asked; whether they were the last.
    Asked(Vec<String>, bool),
    /// An account answered.
    AccountClosed(String, AccountOutcome),
    /// Every account has answered.
    Closed,
    /// The run was approved; the numbers by account, and what each begins with.
    Numbered(BTreeMap<String, u64>, String),
    /// Accounts were told to issue.
    IssueAsked(Vec<String>),
    /// An account has issued.
    AccountIssued(String),
    /// The run was cancelled; the accounts to release.
    Cancelled(BTreeSet<String>),
    /// Accounts were told to drop what they froze.
    Released(Vec<String>),
    /// It has nothing more to do.
    Ended,
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// What it is.
    State(Box<State>),
}

/// A part refuses nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {}

/// The run part as an entity.
#[derive(Debug)]
pub struct RunPart;

type PartDecided = Decided<Event, Reply>;

impl Entity for RunPart {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Reply = Reply;
    type Rejection = Rejection;

    fn needs(state: &State, command: &Command, facts: &Facts) -> Vec<Need> {
        let page = || Need::Accounts { after: state.cursor.clone(), limit: STEP };
        let needs = match (command, state.stage) {
            (Command::Continue, Stage::Walking) if !state.is_walked => vec![page()],
            _ => Vec::new(),
        };
        facts.missing(needs)
    }

    fn decide(state: &State, command: &Command, facts: &Facts, _: &Moment) -> Result<PartDecided, Rejection> {
        Ok(match command {
            Command::Get => Decided::reply(Reply::State(Box::new(state.clone()))),
            Command::Continue => go_on(state, facts),
            Command::Message(message) => receive(state, message),
        })
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::Started(closing, shard) => state.started = Some((closing.clone(), *shard)),
            Event::Asked(accounts, is_last) => {
                state.cursor.clone_from(accounts.last().unwrap_or(&state.cursor.clone()));
                state.waiting.extend(accounts.iter().cloned());
                state.is_walked = *is_last;
            }
            Event::AccountClosed(account, outcome) => {
                state.waiting.remove(account);
                state.closed = state.closed.saturating_add(1);
                if !outcome.is_nothing() {
                    state.outcomes.insert(account.clone(), outcome.clone());
                }
            }
            Event::Closed => state.stage = Stage::Closed,
            Event::Numbered(numbers, prefix) => {
                state.stage = Stage::Issuing;
                state.number_prefix.clone_from(prefix);
                state.to_issue.clone_from(numbers);
            }
            Event::IssueAsked(accounts) => state.waiting.extend(accounts.iter().cloned()),
            Event::AccountIssued(account) => {
                state.waiting.remove(account);
                state.to_issue.remove(account);
            }
            Event::Cancelled(accounts) => {
                state.stage = Stage::Releasing;
                state.waiting.clear();
                state.to_release.clone_from(accounts);
            }
            Event::Released(accounts) => accounts.iter().for_each(|account| {
                state.to_release.remove(account);
            }),
            Event::Ended => state.stage = Stage::Done,
        }
    }
}

impl AccountOutcome {
    /// An outcome of these parts.
    #[must_use]
    pub fn of(
        frozen: Option<FrozenInvoice>,
        not_ready: Vec<PointNotReady>,
        refused: Option<AccountNotReady>,
    ) -> Self {
        Self { frozen, not_ready, refused }
    }

    /// Whether there was nothing to bill and nothing to say.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.frozen.is_none() && self.not_ready.is_empty() && self.refused.is_none()
    }
}

impl State {
    /// What the run is told: counts, sums and a hash over the accounts in order.
    #[must_use]
    pub fn summary(&self) -> PartSummary {
        let mut summary = PartSummary { accounts: self.closed, ..PartSummary::default() };
        let mut hash = Sha256::new();
        for (account, outcome) in &self.outcomes {
            summary.not_ready = summary.not_ready.saturating_add(outcome.not_ready_count());
            if let Some(frozen) = &outcome.frozen {
                summary.add(frozen);
                hash.update(account.as_bytes());
                hash.update([0]);
                hash.update(frozen.hash);
            }
        }
        summary.hash = hash.finalize().into();
        summary
    }

    /// The accounts that an invoice is frozen for, in order.
    pub fn frozen_accounts(&self) -> impl Iterator<Item = &String> {
        self.outcomes.iter().filter(|(_, outcome)| outcome.frozen.is_some()).map(|(account, _)| account)
    }

    fn run(&self) -> Option<Recipient> {
        self.started.as_ref().map(|(closing, _)| Recipient::InvoiceRun(closing.run.clone()))
    }
}

impl AccountOutcome {
    fn not_ready_count(&self) -> u64 {
        u64::try_from(self.not_ready.len())
            .unwrap_or(u64::MAX)
            .saturating_add(u64::from(self.refused.is_some()))
    }
}

fn receive(state: &State, message: &Message) -> PartDecided {
    match message {
        Message::StartPart { closing, shard } if state.started.is_none() => {
            Decided::with(vec![Event::Started(closing.clone(), *shard)], Reply::Done).continuing(true)
        }
        Message::AccountClosed { account, outcome } => {
            let event = Event::AccountClosed(account.clone(), outcome.clone());
            after(state, event)
        }
        Message::IssuePart { hash, first_number, number_prefix } => {
            number(state, hash, *first_number, number_prefix)
        }
        Message::InvoiceIssued { account } => after(state, Event::AccountIssued(account.clone())),
        Message::CancelPart if matches!(state.stage, Stage::Walking | Stage::Closed) => {
            // Who was asked and has not answered may be holding something by then.
            let held = state.frozen_accounts().chain(&state.waiting).cloned().collect();
            Decided::with(vec![Event::Cancelled(held)], Reply::Done).continuing(true)
        }
        _ => Decided::reply(Reply::Done),
    }
}

/// What follows once an account has answered: nothing while others are waited for.
fn after(state: &State, event: Event) -> PartDecided {
    let mut next = state.clone();
    RunPart::apply(&mut next, &event);
    let is_idle = next.waiting.is_empty();
    Decided::with(vec![event], Reply::Done).continuing(is_idle)
}

fn go_on(state: &State, facts: &Facts) -> PartDecided {
    let Some((closing, shard)) = state.started.as_ref().filter(|_| state.waiting.is_empty()) else {
        return Decided::reply(Reply::Done);
    };
    match state.stage {
        Stage::Walking if !state.is_walked => ask(closing, *shard, facts),
        Stage::Walking => {
            let told =
                state.run().map(|run| (run, Message::PartClosed { shard: *shard, summary: state.summary() }));
            Decided::with(vec![Event::Closed], Reply::Done).telling(told)
        }
        Stage::Issuing if state.to_issue.is_empty() => end(state, *shard),
        Stage::Issuing => issue_next(state, closing),
        Stage::Releasing => release_next(state, closing),
        Stage::Closed | Stage::Done => Decided::reply(Reply::Done),
    }
}

/// Everything is issued: the run is told.
fn end(state: &State, shard: u32) -> PartDecided {
    let told = state.run().map(|run| (run, Message::PartIssued { shard }));
    Decided::with(vec![Event::Ended], Reply::Done).telling(told)
}

/// Asks the next accounts; where none is left the part is closed.
fn ask(closing: &Closing, shard: u32, facts: &Facts) -> PartDecided {
    let accounts = facts.accounts.clone();
    let is_last = accounts.len() < STEP as usize;
    let told: Vec<_> = accounts
        .iter()
        .map(|account| {
            (
                Recipient::Account(account.clone()),
                Message::CloseAccount { closing: closing.clone(), shard, account: account.clone() },
            )
        })
        .collect();
    let is_empty = accounts.is_empty();
    Decided::with(vec![Event::Asked(accounts, is_last)], Reply::Done).telling(told).continuing(is_empty)
}

/// Numbers the frozen invoices in the order of accounts. A hash other than the approved one can't be: the part has not
/// changed since it told it.
fn number(state: &State, hash: &[u8; 32], first_number: u64, prefix: &str) -> PartDecided {
    if state.stage != Stage::Closed {
        return Decided::reply(Reply::Done);
    }
    assert!(state.summary().hash == *hash, "the part issues exactly what was approved");
    let numbers: BTreeMap<String, u64> = state.frozen_accounts().cloned().zip(first_number..).collect();
    Decided::with(vec![Event::Numbered(numbers, prefix.to_owned())], Reply::Done).continuing(true)
}

fn issue_next(state: &State, closing: &Closing) -> PartDecided {
    let next: Vec<(&String, &u64)> = state.to_issue.iter().take(STEP as usize).collect();
    let told = next.iter().map(|(account, number)| {
        let number = format!("{}{number:06}", state.number_prefix);
        (Recipient::Account((*account).clone()), Message::IssueInvoice { run: closing.run.clone(), number })
    });
    let told: Vec<_> = told.collect();
    let asked = next.into_iter().map(|(account, _)| account.clone()).collect();
    Decided::with(vec![Event::IssueAsked(asked)], Reply::Done).telling(told)
}

fn release_next(state: &State, closing: &Closing) -> PartDecided {
    let next: Vec<String> = state.to_release.iter().take(STEP as usize).cloned().collect();
    if next.is_empty() {
        return Decided::with(vec![Event::Ended], Reply::Done);
    }
    let told: Vec<_> = next
        .iter()
        .map(|account| {
            (Recipient::Account(account.clone()), Message::ReleaseAccount { run: closing.run.clone() })
        })
        .collect();
    Decided::with(vec![Event::Released(next)], Reply::Done).telling(told).continuing(true)
}
