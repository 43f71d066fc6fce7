//! The log of what a tenant's accounts tell: sixteen entities per tenant, each with a sequence of its own.
//!
//! An account tells one of them, always the same, so that what it tells keeps its order; a cursor over all of them is
//! sixteen numbers. Entries are rows and are kept.

use super::{Decided, Entity, Facts, Message, Moment};
use crate::account_event::LoggedEvent;

/// How many partitions a tenant's log has: for ever, for cursors and the places of entries rest on it.
pub const PARTITIONS: u8 = 16;

/// A partition of a tenant's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(u8);

impl Partition {
    /// The partition of this number, from 0.
    #[must_use]
    pub fn new(number: u8) -> Option<Self> {
        (number < PARTITIONS).then_some(Self(number))
    }

    /// All of them.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        (0..PARTITIONS).map(Self)
    }

    /// The partition to which an account tells what it has to tell: the last four bits of FNV-1a over the bytes of its id,
    /// folded.
    #[must_use]
    pub fn of_account(account: &str) -> Self {
        const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0100_0000_01b3;
        let hash = account.bytes().fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
        let folded = hash ^ hash.wrapping_shr(32);
        let [low, ..] = folded.to_le_bytes();
        Self((low ^ low.wrapping_shr(4)) & 0x0f)
    }

    /// Its number, from 0.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

/// A place in a tenant's log: how far each of its partitions was looked at, by the place of the last entry that was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    places: [u64; PARTITIONS as usize],
}

impl Cursor {
    /// The place up to which a partition was looked at; 0 where nothing of it was.
    #[must_use]
    pub fn place(&self, partition: Partition) -> u64 {
        self.places.get(usize::from(partition.number())).copied().unwrap_or_default()
    }

    /// Moves it in one partition.
    pub fn set(&mut self, partition: Partition, place: u64) {
        if let Some(held) = self.places.get_mut(usize::from(partition.number())) {
            *held = place;
        }
    }

    /// Whether it is further than this end in any partition.
    #[must_use]
    pub fn is_beyond(&self, end: &Self) -> bool {
        Partition::all().any(|partition| self.place(partition) > end.place(partition))
    }
}

/// What a partition remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// How many entries it has; the next is one higher.
    pub last: u64,
}

/// What can be asked of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Reads the place of its last entry.
    Get,
    /// From an account: only [`Message::EventsTold`] has an effect.
    Message(Message),
}

/// What happened to a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An entry was added: the row is the event.
    Added {
        /// Its place, from 1.
        sequence: u64,
        /// The entry.
        entry: LoggedEvent,
    },
}

/// The answer to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// The place of the last entry; 0 where there is none.
    Last(u64),
}

/// A log refuses nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {}

/// A partition of the log as an entity. Exactly-once delivery keeps what it is told from being added twice.
#[derive(Debug)]
pub struct EventLog;

impl Entity for EventLog {
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
            Command::Get => Ok(Decided::reply(Reply::Last(state.last))),
            Command::Message(Message::EventsTold { account, at, events }) => {
                let places = (1_u64..).map(|place| state.last.saturating_add(place));
                let added = places.zip(events).map(|(sequence, event)| {
                    let entry = LoggedEvent { account: account.clone(), at: *at, event: event.clone() };
                    Event::Added { sequence, entry }
                });
                Ok(Decided::with(added.collect(), Reply::Done))
            }
            Command::Message(_) => Ok(Decided::reply(Reply::Done)),
        }
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::Added { sequence, .. } => state.last = *sequence,
        }
    }
}
