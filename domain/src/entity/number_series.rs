//! A series of invoice numbers: gives out blocks without a gap.

use super::message::Recipient;
use super::{Decided, Entity, Facts, Message, Moment};

/// What a series remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// How many numbers it has given out; the next is one higher.
    pub given: u64,
}

/// What can be asked of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Reads how many numbers it has given out.
    Get,
    /// From a run: only [`Message::TakeNumbers`] has an effect.
    Message(Message),
}

/// What happened to a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A block was given to a run.
    Given {
        /// The run.
        run: String,
        /// Its first number.
        first: u64,
        /// How many numbers.
        count: u64,
    },
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// How many numbers it has given out.
    Given(u64),
}

/// A series refuses nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {}

/// The number series as an entity. A block goes to a run once it is approved and is exactly as long as the run needs,
/// so that no number is ever left out; exactly-once delivery keeps it from being given twice.
#[derive(Debug)]
pub struct NumberSeries;

impl Entity for NumberSeries {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Reply = Reply;
    type Rejection = Rejection;

    fn decide(
        state: &State,
        command: &Command,
        _: &Facts,
        _: &Moment,
    ) -> Result<Decided<Event, Reply>, Rejection> {
        match command {
            Command::Get => Ok(Decided::reply(Reply::Given(state.given))),
            Command::Message(Message::TakeNumbers { run, count }) => {
                let first = state.given.saturating_add(1);
                let event = Event::Given { run: run.clone(), first, count: *count };
                let told = (Recipient::InvoiceRun(run.clone()), Message::NumbersTaken { first });
                Ok(Decided::with(vec![event], Reply::Done).telling([told]))
            }
            Command::Message(_) => Ok(Decided::reply(Reply::Done)),
        }
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::Given { count, .. } => state.given = state.given.saturating_add(*count),
        }
    }
}
