//! The invoice run: closes a booking month for every account, shows what would be issued, and issues exactly that.

mod summary;

use std::collections::{BTreeMap, BTreeSet};

use super::message::{Closing, Recipient};
use super::{Decided, Entity, Facts, Message, Moment, Need};
use crate::day::{Day, Month};
use crate::instant::Instant;

pub use summary::{Overview, PartSummary, Sums};

/// How many parts are told in one step.
const STEP: usize = 60;

/// The longest id of a run in bytes.
pub const MOST_ID_BYTES: usize = 60;

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It was never created.
    #[default]
    Unknown,
    /// Parts close the month.
    Closing,
    /// What would be issued is frozen and waits for approval.
    Previewed,
    /// It was approved and waits for its numbers.
    Approved,
    /// Parts issue.
    Issuing,
    /// Every invoice is issued.
    Issued,
    /// It was cancelled before approval.
    Cancelled,
}

/// What a run remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The terms, once created.
    pub closing: Option<Closing>,
    /// How many shards the cluster has.
    pub shard_count: u32,
    /// The series its numbers come from.
    pub number_series: String,
    /// How far it has come.
    pub stage: Stage,
    /// The first part that was not yet told of the stage.
    pub next_part: u32,
    /// What each part has told.
    pub parts: BTreeMap<u32, PartSummary>,
    /// The first number of the run's block, once taken.
    pub first_number: u64,
    /// The parts that have issued.
    pub issued_parts: BTreeSet<u32>,
}

/// What can be asked of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Creates it and begins to close the month.
    Create {
        /// Its id.
        run: String,
        /// The booking month.
        month: Month,
        /// The registration time whose knowledge counts; none for now.
        known_at: Option<Instant>,
        /// The date on the invoices.
        issue_date: Day,
        /// How many shards the cluster has.
        shard_count: u32,
    },
    /// Approves what was previewed, named by its hash.
    Approve {
        /// The hash of the preview.
        hash: [u8; 32],
    },
    /// Drops what was previewed, or what is under way to it.
    Cancel,
    /// Reads what it is.
    Get,
    /// From another entity.
    Message(Message),
    /// Its own wish to go on.
    Continue,
}

/// What happened to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was created.
    Created {
        /// The terms.
        closing: Closing,
        /// How many shards there are.
        shard_count: u32,
        /// The series its numbers come from.
        number_series: String,
    },
    /// Parts up to but without this one were told of the stage.
    Told(u32),
    /// A part has closed.
    PartClosed(u32, PartSummary),
    /// It was approved.
    Approved,
    /// Its numbers were taken.
    Numbered(u64),
    /// A part has issued.
    PartIssued(u32),
    /// It was cancelled.
    Cancelled,
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// What it is now, all parts together.
    Run(Box<Overview>),
    /// What it is.
    State(Box<State>),
}

/// Why a command is refused, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// There is no such run.
    UnknownRun,
    /// The id is empty or longer than [`MOST_ID_BYTES`], so that its parts could not be named.
    UnusableId,
    /// A run of this id exists with other terms.
    RunExists,
    /// The tenant has no settings: no seller, no currency, no number series.
    NoSettings,
    /// The knowledge asked for lies in the future.
    KnownAtInFuture,
    /// The run is not at the stage that the command needs.
    WrongStage(Stage),
    /// The hash is not that of the preview, which is this.
    PreviewChanged([u8; 32]),
}

/// The invoice run as an entity.
#[derive(Debug)]
pub struct InvoiceRun;

type RunDecided = Decided<Event, Reply>;

impl Entity for InvoiceRun {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Reply = Reply;
    type Rejection = Rejection;

    fn needs(_: &State, command: &Command, facts: &Facts) -> Vec<Need> {
        let creates = matches!(command, Command::Create { .. });
        facts.missing(creates.then_some(Need::Tenant))
    }

    fn decide(
        state: &State,
        command: &Command,
        facts: &Facts,
        moment: &Moment,
    ) -> Result<RunDecided, Rejection> {
        if state.stage == Stage::Unknown && !matches!(command, Command::Create { .. } | Command::Message(_)) {
            return Err(Rejection::UnknownRun);
        }
        match command {
            Command::Create { .. } => create(state, command, facts, moment),
            Command::Approve { hash } => approve(state, hash),
            Command::Cancel => cancel(state),
            Command::Get => Ok(Decided::reply(Reply::State(Box::new(state.clone())))),
            Command::Message(message) => Ok(receive(state, message)),
            Command::Continue => Ok(tell_parts(state)),
        }
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::Created { closing, shard_count, number_series } => {
                state.closing = Some(closing.clone());
                state.shard_count = *shard_count;
                state.number_series.clone_from(number_series);
                state.stage = Stage::Closing;
            }
            Event::Told(next) => state.next_part = *next,
            Event::PartClosed(shard, summary) => {
                state.parts.insert(*shard, summary.clone());
                if state.parts.len() == state.shard_count as usize {
                    state.stage = Stage::Previewed;
                }
            }
            Event::Approved => state.stage = Stage::Approved,
            Event::Numbered(first) => {
                state.first_number = *first;
                state.stage = Stage::Issuing;
                state.next_part = 0;
            }
            Event::PartIssued(shard) => {
                state.issued_parts.insert(*shard);
                if state.issued_parts.len() == state.shard_count as usize {
                    state.stage = Stage::Issued;
                }
            }
            Event::Cancelled => {
                state.stage = Stage::Cancelled;
                state.next_part = 0;
            }
        }
    }
}

fn create(state: &State, command: &Command, facts: &Facts, moment: &Moment) -> Result<RunDecided, Rejection> {
    let Command::Create { run, month, known_at, issue_date, shard_count } = command else {
        return Err(Rejection::UnknownRun);
    };
    if run.is_empty() || run.len() > MOST_ID_BYTES {
        return Err(Rejection::UnusableId);
    }
    if let Some(held) = &state.closing {
        let agrees = held.month == *month
            && held.issue_date == *issue_date
            && known_at.is_none_or(|known_at| known_at == held.known_at);
        return if agrees { Ok(changed(state, Vec::new())) } else { Err(Rejection::RunExists) };
    }
    let settings = facts.settings.as_ref().ok_or(Rejection::NoSettings)?;
    let known_at = known_at.unwrap_or(moment.now);
    if known_at > moment.now {
        return Err(Rejection::KnownAtInFuture);
    }
    let closing = Closing { run: run.clone(), month: *month, known_at, issue_date: *issue_date };
    let number_series = settings.invoice_prefix.clone();
    let event = Event::Created { closing, shard_count: *shard_count, number_series };
    Ok(changed(state, vec![event]).continuing(true))
}

/// A client's change, answered with what the run is then.
fn changed(state: &State, events: Vec<Event>) -> RunDecided {
    let mut after = state.clone();
    events.iter().for_each(|event| InvoiceRun::apply(&mut after, event));
    let reply = after.overview().map_or(Reply::Done, |overview| Reply::Run(Box::new(overview)));
    Decided::with(events, reply)
}

fn approve(state: &State, hash: &[u8; 32]) -> Result<RunDecided, Rejection> {
    let preview = state.preview();
    match state.stage {
        Stage::Approved | Stage::Issuing | Stage::Issued if preview.hash == *hash => {
            return Ok(changed(state, Vec::new()));
        }
        Stage::Previewed => {}
        stage => return Err(Rejection::WrongStage(stage)),
    }
    if preview.hash != *hash {
        return Err(Rejection::PreviewChanged(preview.hash));
    }
    let run = state.closing.as_ref().map(|closing| closing.run.clone()).unwrap_or_default();
    let message = Message::TakeNumbers { run, count: preview.invoices };
    let told = (Recipient::NumberSeries(state.number_series.clone()), message);
    Ok(changed(state, vec![Event::Approved]).telling([told]))
}

fn cancel(state: &State) -> Result<RunDecided, Rejection> {
    match state.stage {
        Stage::Cancelled => Ok(changed(state, Vec::new())),
        Stage::Closing | Stage::Previewed => Ok(changed(state, vec![Event::Cancelled]).continuing(true)),
        stage => Err(Rejection::WrongStage(stage)),
    }
}

fn receive(state: &State, message: &Message) -> RunDecided {
    match message {
        Message::PartClosed { shard, summary } if state.stage == Stage::Closing => {
            Decided::with(vec![Event::PartClosed(*shard, summary.clone())], Reply::Done)
        }
        Message::NumbersTaken { first } if state.stage == Stage::Approved => {
            Decided::with(vec![Event::Numbered(*first)], Reply::Done).continuing(true)
        }
        Message::PartIssued { shard } => Decided::with(vec![Event::PartIssued(*shard)], Reply::Done),
        _ => Decided::reply(Reply::Done),
    }
}

/// Tells the next parts what the run's stage asks of them.
fn tell_parts(state: &State) -> RunDecided {
    let (Some(closing), true) = (&state.closing, state.next_part < state.shard_count) else {
        return Decided::reply(Reply::Done);
    };
    let message = |shard: u32| match state.stage {
        Stage::Closing => Some(Message::StartPart { closing: closing.clone(), shard }),
        Stage::Issuing => state.parts.get(&shard).map(|part| Message::IssuePart {
            hash: part.hash,
            first_number: state.first_number_of(shard),
            number_prefix: state.number_series.clone(),
        }),
        Stage::Cancelled => Some(Message::CancelPart),
        _ => None,
    };
    let shards: Vec<u32> = (state.next_part..state.shard_count).take(STEP).collect();
    let next = shards.last().map_or(state.next_part, |last| last.saturating_add(1));
    let told: Vec<_> = shards
        .into_iter()
        .filter_map(|shard| Some((Recipient::RunPart { run: closing.run.clone(), shard }, message(shard)?)))
        .collect();
    Decided::with(vec![Event::Told(next)], Reply::Done).telling(told).continuing(next < state.shard_count)
}
