//! A resident: what a shard holds of one active entity, its actor apart.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use ractor::ActorRef;

use super::entity_actor::EntityMessage;
use super::entity_id::EntityId;
use super::journal::Ticket;
use super::keys::TimerId;
use super::machine::{Input, Origin};
use super::parcel::Channel;
use super::reading::Unsettled;
use super::records::{Digest, Root};
use super::request::{Class, Consistency};
use super::request_id::{Identified, KnownRequests, RequestKey};

/// One command for an entity.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) command: Bytes,
    pub(crate) cause: Cause,
    /// Whether the store was asked about its request id.
    pub(crate) looked_up: bool,
}

/// Where a command comes from and what is owed for it.
#[derive(Debug)]
pub(crate) enum Cause {
    Request {
        ticket: Ticket,
        origin: Origin,
        identified: Option<Identified>,
        class: Class,
        consistency: Consistency,
    },
    Message {
        channel: Channel,
        sequence: u64,
    },
    Timer(TimerId),
}

/// What a resident is about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Its state is being read.
    Loading,
    /// Nothing is going on.
    Idle,
    /// Request ids and channels of what waits are being looked up.
    LookingUp,
    /// Its actor decides at this time.
    Deciding {
        shard_time_ms: i64,
        since_ms: u64,
        /// It took so long that others need not wait for it any more.
        overdue: bool,
    },
    /// Facts are being read.
    Reading,
    /// Its actor is gone; read again once everything it decided is settled.
    Rebuilding,
    /// Set aside; remembered until everything it decided is settled.
    Parked,
}

#[derive(Debug)]
pub(crate) struct Resident {
    pub(crate) phase: Phase,
    /// Counts the lives of its actor, so that a former one is not listened to.
    pub(crate) activation: u64,
    pub(crate) actor: Option<ActorRef<EntityMessage>>,
    pub(crate) interactive: VecDeque<Work>,
    /// Messages and timers.
    pub(crate) internal: VecDeque<Work>,
    pub(crate) bulk: VecDeque<Work>,
    /// Handed to the actor and not decided yet.
    pub(crate) in_hand: VecDeque<Work>,
    /// As of the last entry accepted.
    pub(crate) root: Root,
    pub(crate) unsettled: Unsettled,
    /// The last sequence taken from each sender, as far as it was looked up.
    pub(crate) taken: BTreeMap<EntityId, u64>,
    pub(crate) requests: KnownRequests,
    /// The commands that broke the machine.
    pub(crate) broken_by: BTreeSet<Digest>,
    /// How often a run was too late to be taken.
    pub(crate) late_runs: u32,
    pub(crate) used_ms: u64,
    /// Nobody asked for it who waits: it was woken by batch work, which comes once.
    pub(crate) is_batch: bool,
}

/// What a run takes at most from each queue.
const RUN_INTERACTIVE: usize = 32;
const RUN_INTERNAL: usize = 32;
const RUN_BULK: usize = 16;
const BYTES_PER_PLACE: usize = 1_024;
/// Senders remembered while an entity is active.
const MAX_SENDERS: usize = 1_024;

impl Resident {
    pub(crate) fn loading(activation: u64, used_ms: u64) -> Resident {
        Resident {
            phase: Phase::Loading,
            activation,
            actor: None,
            interactive: VecDeque::new(),
            internal: VecDeque::new(),
            bulk: VecDeque::new(),
            in_hand: VecDeque::new(),
            root: Root::default(),
            unsettled: Unsettled::new(),
            taken: BTreeMap::new(),
            requests: KnownRequests::default(),
            broken_by: BTreeSet::new(),
            late_runs: 0,
            used_ms,
            is_batch: true,
        }
    }

    pub(crate) fn push(&mut self, work: Work) {
        self.is_batch &= work.class() != Some(Class::Interactive);
        self.queue_of(&work).push_back(work);
    }

    /// How many requests wait.
    pub(crate) fn waiting_requests(&self) -> usize {
        self.interactive.len().saturating_add(self.bulk.len()).saturating_add(self.in_hand.len())
    }

    pub(crate) fn has_work(&self) -> bool {
        !(self.interactive.is_empty() && self.internal.is_empty() && self.bulk.is_empty())
    }

    /// Whether it can be put to sleep.
    pub(crate) fn is_settled(&self) -> bool {
        self.is_idle() && self.unsettled.is_empty()
    }

    /// Whether nothing of it waits or is being decided.
    pub(crate) fn is_idle(&self) -> bool {
        self.phase == Phase::Idle && !self.has_work()
    }

    /// What the next run may consist of, without taking it. Bulk work joins only as far as `bulk_room` goes.
    pub(crate) fn upcoming(&mut self, bulk_room: usize) -> impl Iterator<Item = &mut Work> {
        let bulk = self.bulk.iter_mut().take(RUN_BULK.min(bulk_room));
        let internal = self.internal.iter_mut().take(RUN_INTERNAL);
        self.interactive.iter_mut().take(RUN_INTERACTIVE).chain(internal).chain(bulk)
    }

    /// Takes the next run from the queues. A timer goes alone, so that what is decided before it can cancel it.
    pub(crate) fn take_run(&mut self, bulk_room: usize) -> VecDeque<Work> {
        let mut run = take(&mut self.interactive, RUN_INTERACTIVE);
        for _ in 0..RUN_INTERNAL {
            let is_timer = match self.internal.front() {
                None => break,
                Some(work) => matches!(work.cause, Cause::Timer(_)),
            };
            if is_timer && !run.is_empty() {
                return run;
            }
            run.extend(self.internal.pop_front());
            if is_timer {
                return run;
            }
        }
        run.append(&mut take(&mut self.bulk, RUN_BULK.min(bulk_room)));
        run
    }

    /// Puts what was taken back to where it was.
    pub(crate) fn put_back(&mut self, run: VecDeque<Work>) {
        for work in run.into_iter().rev() {
            self.queue_of(&work).push_front(work);
        }
    }

    /// Takes everything that waits.
    pub(crate) fn take_all(&mut self) -> Vec<Work> {
        let queues = [&mut self.in_hand, &mut self.interactive, &mut self.internal, &mut self.bulk];
        queues.into_iter().flat_map(std::mem::take).collect()
    }

    /// Removes the messages of a sender that wait; how many places they took.
    pub(crate) fn drop_messages(&mut self, sender: &EntityId) -> usize {
        let is_of =
            |work: &Work| matches!(&work.cause, Cause::Message { channel, .. } if channel.sender == *sender);
        let dropped = self.internal.iter().filter(|work| is_of(work)).map(Work::places).sum();
        self.internal.retain(|work| !is_of(work));
        dropped
    }

    /// A request will not be carried out.
    pub(crate) fn forget(&mut self, work: &Work) {
        if let Some(request) = work.identified() {
            self.requests.forget(&request.key);
        }
    }

    /// Nothing is to be done at the moment: gives the room of empty queues back, and keeps what is remembered of senders
    /// within bounds; the rest is looked up again.
    pub(crate) fn rest(&mut self) {
        if self.has_work() || !self.in_hand.is_empty() {
            return;
        }
        let queues = [&mut self.interactive, &mut self.internal, &mut self.bulk, &mut self.in_hand];
        queues.into_iter().for_each(|queue| *queue = VecDeque::new());
        if self.taken.len() > MAX_SENDERS {
            self.taken.clear();
        }
    }

    /// The store knows nothing of this request: it can be carried out.
    pub(crate) fn mark_looked_up(&mut self, key: &RequestKey) {
        for work in self.interactive.iter_mut().chain(&mut self.bulk) {
            work.looked_up |= work.identified().is_some_and(|request| request.key == *key);
        }
    }

    /// Takes a request that waits; who waits for it, and what it asked.
    pub(crate) fn take_request(&mut self, key: &RequestKey) -> Option<(Ticket, Digest)> {
        let is_it = |work: &Work| work.identified().is_some_and(|request| request.key == *key);
        let work = [&mut self.interactive, &mut self.bulk].into_iter().find_map(|queue| {
            let place = queue.iter().position(is_it)?;
            queue.remove(place)
        })?;
        match work.cause {
            Cause::Request { ticket, identified: Some(request), .. } => Some((ticket, request.digest)),
            _ => None,
        }
    }

    /// Removes a timer that waits; whether it did.
    pub(crate) fn drop_timer(&mut self, timer: &TimerId) -> bool {
        let before = self.internal.len();
        self.internal.retain(|work| !matches!(&work.cause, Cause::Timer(found) if found == timer));
        self.internal.len() < before
    }

    fn queue_of(&mut self, work: &Work) -> &mut VecDeque<Work> {
        match &work.cause {
            Cause::Request { class: Class::Interactive, .. } => &mut self.interactive,
            Cause::Request { class: Class::Bulk, .. } => &mut self.bulk,
            Cause::Message { .. } | Cause::Timer(_) => &mut self.internal,
        }
    }
}

impl Work {
    /// What a message takes of the bound of its shard.
    pub(crate) fn places(&self) -> usize {
        places(&self.command)
    }

    /// The command as the machine sees it.
    pub(crate) fn input(&self) -> Input {
        let origin = match &self.cause {
            Cause::Request { origin, .. } => origin.clone(),
            Cause::Message { channel, .. } => Origin::Message { sender: channel.sender.clone() },
            Cause::Timer(timer) => Origin::Timer { due_ms: timer.due_ms, key: timer.key.clone() },
        };
        Input { command: self.command.clone(), origin }
    }

    fn identified(&self) -> Option<&Identified> {
        match &self.cause {
            Cause::Request { identified, .. } => identified.as_ref(),
            Cause::Message { .. } | Cause::Timer(_) => None,
        }
    }

    pub(crate) fn is_bulk(&self) -> bool {
        self.class() == Some(Class::Bulk)
    }

    /// How urgent a request is; `None` for messages and timers.
    fn class(&self) -> Option<Class> {
        match &self.cause {
            Cause::Request { class, .. } => Some(*class),
            Cause::Message { .. } | Cause::Timer(_) => None,
        }
    }
}

/// What a message takes of the bound of its shard: one place, and one more for every kilobyte.
pub(crate) fn places(command: &Bytes) -> usize {
    command.len().div_ceil(BYTES_PER_PLACE).max(1)
}

/// The places of messages that travel together.
pub(crate) fn places_of(messages: &[(u64, Bytes)]) -> usize {
    messages.iter().map(|(_, command)| places(command)).sum()
}

fn take(queue: &mut VecDeque<Work>, limit: usize) -> VecDeque<Work> {
    queue.drain(..limit.min(queue.len())).collect()
}
