//! Remembered answers. What is resolved leaves the state and becomes a row; the state knows the latest of them.

use std::collections::{BTreeMap, VecDeque};

use super::command::FundsCommand;
use super::reply::FundsReply;
use super::reservation::Reservation;
use crate::instant::Instant;
use crate::operation::OperationId;

/// So many answers are known without reading a row.
pub const RECENT_RECORDS: usize = 64;

/// How far an id's time may be ahead of the shard's: five minutes.
pub const MOST_AHEAD_MS: i64 = 300_000;

/// Under what an answer is remembered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OperationKey {
    /// The opening of a reservation.
    Reserve(OperationId),
    /// The end of a reservation, of which there is one.
    Resolve(OperationId),
    /// Any other operation.
    Operation(OperationId),
    /// A transfer that another account sent under an id of its own.
    Received(String, OperationId),
}

/// What is remembered of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When it was registered.
    pub at: Instant,
    /// What became of it.
    pub outcome: Recorded,
}

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It got an answer, possibly a refusal.
    Answered(Box<FundsCommand>, Box<FundsReply>),
    /// The reservation expired; it may still be committed, late.
    Expired(Box<Reservation>),
}

/// The latest records. They are no part of the stored state: after a pause there are none, and [`Self::complete_from`]
/// says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    records: BTreeMap<OperationKey, Record>,
    order: VecDeque<OperationKey>,
    /// Every record that was registered from here on is among them.
    complete_from: Instant,
    /// When the last of all records was registered; none where there are none.
    last: Option<Instant>,
}

impl OperationKey {
    /// The client's id in it.
    #[must_use]
    pub fn id(&self) -> &OperationId {
        match self {
            Self::Reserve(id) | Self::Resolve(id) | Self::Operation(id) | Self::Received(_, id) => id,
        }
    }
}

/// Of funds that nobody ever used: it knows that there are no records.
impl Default for Recent {
    fn default() -> Self {
        Self { records: BTreeMap::new(), order: VecDeque::new(), complete_from: Instant::MIN, last: None }
    }
}

impl Recent {
    /// Of funds that were read from the store, whose last record was registered then.
    #[must_use]
    pub fn after(last: Instant) -> Self {
        let complete_from = last.plus_millis(1).unwrap_or(Instant::MAX);
        Self { complete_from, last: Some(last), ..Self::default() }
    }

    /// When the last of all records was registered, among them or not; none where there are none. It is what
    /// [`Self::after`] wants when the funds are read from the store.
    #[must_use]
    pub fn last(&self) -> Option<Instant> {
        self.last
    }

    /// The record, if it is among them.
    #[must_use]
    pub fn get(&self, key: &OperationKey) -> Option<&Record> {
        self.records.get(key)
    }

    /// Whether a record that is not among them is nowhere: no id is accepted that is more than five minutes ahead, so
    /// one that was made later than that can't have been used before.
    #[must_use]
    pub fn is_certain(&self, key: &OperationKey) -> bool {
        let made = || key.id().made().and_then(|made| made.plus_millis(-MOST_AHEAD_MS));
        self.complete_from == Instant::MIN || made().is_some_and(|made| made >= self.complete_from)
    }

    pub(super) fn put(&mut self, key: &OperationKey, record: &Record) {
        self.last = self.last.max(Some(record.at));
        if self.records.insert(key.clone(), record.clone()).is_some() {
            self.order.retain(|held| held != key);
        }
        self.order.push_back(key.clone());
        while self.order.len() > RECENT_RECORDS {
            let oldest = self.order.pop_front().and_then(|key| self.records.remove(&key));
            let end = oldest.and_then(|record| record.at.plus_millis(1)).unwrap_or(Instant::MAX);
            self.complete_from = self.complete_from.max(end);
        }
    }
}
