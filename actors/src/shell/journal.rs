//! The journal of a shard: entries wait, are sealed into one batch, and are given back when it is durable.
//!
//! Plain code without I/O: whoever drives it carries out the [`Step`] and reports how it ended. One step is on its way
//! at a time; what arrives meanwhile goes into the next.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use cluster::{Advance, BatchId, Epoch, Head, ShardId};
use storage::{Commit, Write};

use super::batch::join_writes;
use super::entity_id::EntityId;
use super::keys::TimerId;
use super::parcel::Channel;
use super::records::Digest;
use super::request::Answered;
use super::request_id::RequestKey;

/// What belongs together: all of it is durable, or none, before any of its releases happens.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    /// Whose decision it is; `None` for the shell's own.
    pub(crate) entity: Option<EntityId>,
    /// The registration time it was decided at.
    pub(crate) moment_ms: Option<i64>,
    /// What it writes; nothing if it is a read.
    pub(crate) writes: Arc<[Write]>,
    /// What happens once its batch is durable.
    pub(crate) releases: Vec<Release>,
}

/// Something that was held back until its batch is durable.
#[derive(Debug)]
pub(crate) enum Release {
    /// The answer to a request.
    Answer { ticket: Ticket, answered: Answered, request: Option<AnsweredRequest> },
    /// A message was taken: its sender is told.
    Taken { channel: Channel, sequence: u64 },
    /// A message is on record: it is delivered.
    Send { channel: Channel, sequence: u64, command: Bytes },
    /// A timer is on record.
    TimerSet { due_ms: i64 },
    /// A timer is gone.
    TimerDone(TimerId),
    /// A command of class bulk is done.
    BulkDone,
    /// An entity may be activated again.
    Unparked(EntityId),
}

/// The id of a request that was answered.
#[derive(Debug)]
pub(crate) struct AnsweredRequest {
    pub(crate) entity: EntityId,
    pub(crate) key: RequestKey,
    /// Of the command, if the answer is kept.
    pub(crate) kept: Option<Digest>,
}

/// Names a request whose answer is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(pub(crate) u64);

/// What has to be done in the store for a sealed batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Commit, expecting one head and writing the next.
    Commit { advance: Advance, commit: Commit },
    /// Nothing is written: see that the head is still the one written last.
    Confirm { head: Head },
}

#[derive(Debug)]
pub(crate) struct Journal {
    shard: ShardId,
    head: Head,
    waiting: VecDeque<Entry>,
    /// What goes with the next commit, since nobody waits for it.
    unhurried: Vec<Write>,
    sealed: Option<Sealed>,
}

#[derive(Debug)]
struct Sealed {
    entries: Vec<Entry>,
    /// The head when it is durable.
    head: Head,
}

/// A batch takes no more entries beyond these.
const MAX_BATCH_BYTES: usize = 4_000_000;
const MAX_BATCH_ENTRIES: usize = 10_000;
/// As many writes wait for no other commit.
const MAX_UNHURRIED: usize = 256;

impl Journal {
    /// A journal that goes on from the head its owner just claimed.
    pub(crate) fn new(shard: ShardId, head: Head) -> Journal {
        Journal { shard, head, waiting: VecDeque::new(), unhurried: Vec::new(), sealed: None }
    }

    pub(crate) fn epoch(&self) -> Epoch {
        self.head.epoch
    }

    /// The head known to be durable.
    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// No entry decided before this time can join any more.
    pub(crate) fn sealed_until_ms(&self) -> i64 {
        self.sealed.as_ref().map_or(self.head.shard_time_ms, |sealed| sealed.head.shard_time_ms)
    }

    pub(crate) fn append(&mut self, entry: Entry) {
        self.waiting.push_back(entry);
    }

    /// Appends writes that are not worth a commit of their own: they go with the next one, or with that which
    /// [`hurry`](Self::hurry) asks for. If the owner is gone before, they are lost: whoever appends them must be able to find
    /// out once more that they are due.
    pub(crate) fn append_unhurried(&mut self, writes: impl IntoIterator<Item = Write>) {
        self.unhurried.extend(writes);
        if self.unhurried.len() >= MAX_UNHURRIED {
            self.hurry();
        }
    }

    /// Has what is unhurried committed now, even alone.
    pub(crate) fn hurry(&mut self) {
        if !self.unhurried.is_empty() {
            let writes = self.take_unhurried();
            self.waiting.push_back(Entry { writes, ..Entry::default() });
        }
    }

    /// Whether a step is on its way.
    pub(crate) fn is_busy(&self) -> bool {
        self.sealed.is_some()
    }

    /// Whether nothing waits and nothing is on its way.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.sealed.is_none()
    }

    /// How many entries are not settled.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len().saturating_add(self.sealed.as_ref().map_or(0, |sealed| sealed.entries.len()))
    }

    /// Seals what waits into a batch, if no other is on its way.
    ///
    /// Entries decided after `undecided_since_ms` stay: something given that time is still being decided, and what
    /// commits later must not have an earlier time.
    pub(crate) fn seal(&mut self, undecided_since_ms: Option<i64>, batch: BatchId) -> Option<Step> {
        if self.sealed.is_some() {
            return None;
        }
        let entries = self.take_until(undecided_since_ms.unwrap_or(i64::MAX));
        if entries.is_empty() {
            return None;
        }
        if entries.iter().all(|entry| entry.writes.is_empty()) {
            self.sealed = Some(Sealed { entries, head: self.head });
            return Some(Step::Confirm { head: self.head });
        }
        let unhurried = self.take_unhurried();
        let latest_ms = entries.iter().filter_map(|entry| entry.moment_ms).max();
        let to = self.head.advanced(batch, latest_ms.unwrap_or(i64::MIN));
        let advance = Advance { shard: self.shard, from: Some(self.head), to };
        let mut commit = advance.commit();
        commit.writes.extend(join_writes(entries.iter().map(|entry| &entry.writes).chain([&unhurried])));
        self.sealed = Some(Sealed { entries, head: to });
        Some(Step::Commit { advance, commit })
    }

    /// The batch is durable: its entries, in order.
    pub(crate) fn settled(&mut self) -> Vec<Entry> {
        match self.sealed.take() {
            None => Vec::new(),
            Some(sealed) => {
                self.head = sealed.head;
                sealed.entries
            }
        }
    }

    fn take_unhurried(&mut self) -> Arc<[Write]> {
        std::mem::take(&mut self.unhurried).into()
    }

    fn take_until(&mut self, until_ms: i64) -> Vec<Entry> {
        let mut size_bytes = 0_usize;
        let mut taken = Vec::new();
        let mut kept = VecDeque::new();
        while let Some(entry) = self.waiting.pop_front() {
            if entry.moment_ms.is_some_and(|moment_ms| moment_ms > until_ms) {
                kept.push_back(entry);
                continue;
            }
            size_bytes = entry.writes.iter().map(Write::size_bytes).fold(size_bytes, usize::saturating_add);
            taken.push(entry);
            if size_bytes >= MAX_BATCH_BYTES || taken.len() >= MAX_BATCH_ENTRIES {
                break;
            }
        }
        kept.append(&mut self.waiting);
        self.waiting = kept;
        taken
    }
}
