//! Remembered answers. What is resolved leaves the state and becomes a row; the state knows the latest of them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

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
    Answered(Arc<FundsCommand>, Arc<FundsReply>),
    /// The reservation expired; it may still be committed, late.
    Expired(Arc<Reservation>),
}

/// The latest records. They are no part of the stored state: after a pause there are none, and the state knows from when on
/// ids were never used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    records: BTreeMap<OperationKey, Record>,
    order: VecDeque<OperationKey>,
    /// When the latest id was made of those whose records are not among these; none where all records are.
    forgotten_until: Option<Instant>,
    /// The same of all records.
    used_until: Option<Instant>,
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

impl Recent {
    /// Of funds that were read from the store, where every id that was used was made by then.
    #[must_use]
    pub fn after(used_until: Instant) -> Self {
        Self { forgotten_until: Some(used_until), used_until: Some(used_until), ..Self::default() }
    }

    /// When the latest id that was ever used was made, [`Instant::MIN`] where none tells; none where none was used. It is what
    /// [`Self::after`] wants when the funds are read from the store.
    #[must_use]
    pub fn used_until(&self) -> Option<Instant> {
        self.used_until
    }

    /// The record, if it is among them.
    #[must_use]
    pub fn get(&self, key: &OperationKey) -> Option<&Record> {
        self.records.get(key)
    }

    /// Whether a record that is not among them is nowhere: its id tells when it was made, and those that were forgotten were
    /// all made before it.
    #[must_use]
    pub fn is_certain(&self, key: &OperationKey) -> bool {
        self.forgotten_until.is_none_or(|until| key.id().made().is_some_and(|made| made > until))
    }

    pub(super) fn put(&mut self, key: &OperationKey, record: &Record) {
        self.used_until = self.used_until.max(Some(made(key)));
        if self.records.insert(key.clone(), record.clone()).is_some() {
            self.order.retain(|held| held != key);
        }
        self.order.push_back(key.clone());
        while self.order.len() > RECENT_RECORDS {
            let Some(oldest) = self.order.pop_front() else { return };
            self.records.remove(&oldest);
            self.forgotten_until = self.forgotten_until.max(Some(made(&oldest)));
        }
    }
}

/// When the id was made. One that does not tell is never taken for one that does.
fn made(key: &OperationKey) -> Instant {
    key.id().made().unwrap_or(Instant::MIN)
}
