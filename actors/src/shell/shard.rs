//! A shard: its active entities around a journal, a courier and timers.
//!
//! Everything happens in the order of one mailbox. Nothing here waits: reads and commits go to tasks of their own, which
//! report back by message.

mod admit;
mod append;
mod deliver;
mod divert;
mod park;
mod reads;
mod release;
mod run;
mod sweep;

pub(crate) use admit::RETRY_AFTER;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cluster::{Epoch, Head, Settlement, ShardId, read_head, settle};
use ractor::{ActorId, ActorRef};
use storage::StoreError;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::task::JoinSet;

use divert::Diversion;

use super::courier::Courier;
use super::entity_id::EntityId;
use super::inspect::{ParkedEntity, ShardCounts, ShardView};
use super::journal::{Entry, Journal, Step, Ticket};
use super::options::Shared;
use super::parcel::{Channel, Parcel, ParcelContent};
use super::records::{Outgoing, ParkedRow};
use super::request::{CallError, Incident, Waiter};
use super::resident::{Phase, Resident};
use super::routes::Routes;
use super::shard_actor::ShardMessage;
use super::shard_reads::{ReadQueue, read_group};
use super::timers::Timers;

/// What a shard starts with.
pub(crate) struct ShardArguments {
    pub(crate) shard: ShardId,
    pub(crate) shared: Arc<Shared>,
    pub(crate) routes: Arc<Routes>,
    pub(crate) recovered: Recovered,
    /// Counts the entries it commits.
    pub(crate) work: Arc<AtomicU64>,
}

/// What was found when the shard was claimed.
#[derive(Debug)]
pub(crate) struct Recovered {
    /// As claimed.
    pub(crate) head: Head,
    pub(crate) parked: BTreeMap<EntityId, ParkedRow>,
    /// Sender, sequence, message; in the order of sender and sequence.
    pub(crate) outbox: Vec<(EntityId, u64, Outgoing)>,
}

pub(crate) struct Shard {
    id: ShardId,
    me: ActorRef<ShardMessage>,
    shared: Arc<Shared>,
    routes: Arc<Routes>,
    journal: Journal,
    courier: Courier,
    timers: Timers,
    reads: ReadQueue,
    residents: BTreeMap<EntityId, Resident>,
    parked: BTreeMap<EntityId, ParkedRow>,
    /// Parked entities whose messages are taken out of the way.
    diverting: BTreeMap<EntityId, Diversion>,
    /// Parked entities that are being taken back, and who waits for that.
    unparking: BTreeMap<EntityId, Vec<oneshot::Sender<bool>>>,
    /// Who waits for answers.
    tickets: BTreeMap<Ticket, Vec<Waiter>>,
    /// The latest registration time given out.
    issued_ms: i64,
    /// How many runs are being decided at each time.
    deciding: BTreeMap<i64, usize>,
    /// Bulk commands begun and not durable, and who waits for room.
    bulk_begun: usize,
    bulk_waiting: BTreeSet<EntityId>,
    /// What messages take that wait for their receivers or are being decided.
    inbox_waiting: usize,
    /// A message to seal is in the mailbox, or the gate was asked.
    seal_asked: bool,
    draining: Vec<oneshot::Sender<()>>,
    stopped: bool,
    numbers: Numbers,
    counts: ShardCounts,
    work: Arc<AtomicU64>,
    /// Answers of days before this one were dropped.
    kept_from_day: u32,
    /// Before that no entity can have become idle.
    sleep_look_ms: u64,
    tasks: JoinSet<()>,
}

/// Numbers given once.
#[derive(Debug, Default)]
struct Numbers {
    ticket: u64,
    activation: u64,
    incident: u64,
}

impl Shard {
    pub(crate) fn new(me: ActorRef<ShardMessage>, arguments: ShardArguments) -> Shard {
        let ShardArguments { shard, shared, routes, recovered, work } = arguments;
        let mut courier = Courier::default();
        for (sender, sequence, outgoing) in recovered.outbox {
            courier.push(Channel { sender, receiver: outgoing.receiver }, sequence, outgoing.command);
        }
        Shard {
            id: shard,
            me,
            shared,
            routes,
            journal: Journal::new(shard, recovered.head),
            courier,
            timers: Timers::new(),
            reads: ReadQueue::default(),
            residents: BTreeMap::new(),
            parked: recovered.parked,
            diverting: BTreeMap::new(),
            unparking: BTreeMap::new(),
            tickets: BTreeMap::new(),
            issued_ms: recovered.head.shard_time_ms,
            deciding: BTreeMap::new(),
            bulk_begun: 0,
            bulk_waiting: BTreeSet::new(),
            inbox_waiting: 0,
            seal_asked: false,
            draining: Vec::new(),
            stopped: false,
            numbers: Numbers::default(),
            counts: ShardCounts::default(),
            work,
            kept_from_day: 0,
            sleep_look_ms: 0,
            tasks: JoinSet::new(),
        }
    }

    pub(crate) fn handle(&mut self, message: ShardMessage) {
        while self.tasks.try_join_next().is_some() {}
        if self.stopped {
            return;
        }
        match message {
            ShardMessage::Moved(shards) => self.send_to_moved(&shards),
            ShardMessage::Call(call) => self.call(*call),
            ShardMessage::Parcel(parcel) => self.receive(*parcel),
            ShardMessage::Report(report) => self.report(*report),
            ShardMessage::Read(group) => self.read_done(*group),
            ShardMessage::Seal => self.seal(),
            ShardMessage::Gate(permit) => self.seal_with(permit),
            ShardMessage::Settled(settlement) => self.settled(*settlement),
            ShardMessage::Tick(done) => self.tick(done.map(|done| *done)),
            ShardMessage::Inspect(answer) => {
                let _ = (*answer).send(self.view());
            }
            ShardMessage::Resolve(resolve) => self.resolve(*resolve),
            ShardMessage::Drain(done) => {
                self.draining.push(*done);
                self.journal.hurry();
                self.ask_to_seal();
            }
            ShardMessage::Leave => self.stop(None, "it was given to another node"),
        }
        if !self.stopped {
            self.let_bulk_in();
            self.flush_reads();
            self.stop_if_drained();
        }
    }

    /// The registration time of what is decided now: the wall clock, but never before what was given out.
    fn issue_time(&mut self) -> i64 {
        self.issued_ms = self.issued_ms.max(self.shared.clock.wall_ms());
        self.issued_ms
    }

    fn append(&mut self, entry: Entry) {
        self.journal.append(entry);
        self.ask_to_seal();
    }

    /// Seals once everything that is in the mailbox by now has been handled.
    fn ask_to_seal(&mut self) {
        if !self.seal_asked && !self.journal.is_busy() && !self.journal.is_empty() {
            self.seal_asked = self.me.cast(ShardMessage::Seal).is_ok();
        }
    }

    fn seal(&mut self) {
        match Arc::clone(&self.shared.gate).try_acquire_owned() {
            Ok(permit) => self.seal_with(permit),
            Err(_) => {
                let (gate, me) = (Arc::clone(&self.shared.gate), self.me.clone());
                self.tasks.spawn(async move {
                    if let Ok(permit) = gate.acquire_owned().await {
                        let _ = me.cast(ShardMessage::Gate(permit));
                    }
                });
            }
        }
    }

    fn seal_with(&mut self, permit: OwnedSemaphorePermit) {
        self.seal_asked = false;
        let undecided_since_ms = self.deciding.keys().next().copied();
        let Some(step) = self.journal.seal(undecided_since_ms, self.shared.next_batch()) else { return };
        match &step {
            Step::Commit { .. } => self.counts.commits = self.counts.commits.saturating_add(1),
            Step::Confirm { .. } => self.counts.confirmations = self.counts.confirmations.saturating_add(1),
        }
        let (shared, shard, me) = (Arc::clone(&self.shared), self.id, self.me.clone());
        self.tasks.spawn(async move {
            let settlement = carry_out(&shared, shard, step).await;
            drop(permit);
            let _ = me.cast(ShardMessage::Settled(Box::new(settlement)));
        });
    }

    fn flush_reads(&mut self) {
        while let Some(group) = self.reads.next_group() {
            let (store, back_off) = (Arc::clone(&self.shared.store), self.shared.options.back_off);
            let me = self.me.clone();
            self.tasks.spawn(async move {
                let group = read_group(store, group, back_off).await;
                let _ = me.cast(ShardMessage::Read(Box::new(group)));
            });
        }
    }

    /// Somebody else owns the shard, or the store is gone: nothing more is decided, nothing known is claimed.
    fn stop(&mut self, owner: Option<Epoch>, reason: &str) {
        tracing::info!(shard = %self.id, epoch = %self.journal.epoch(), owner = ?owner, "shard stops: {reason}");
        self.stopped = true;
        self.routes.leave(self.id, owner);
        for waiter in std::mem::take(&mut self.tickets).into_values().flatten() {
            waiter.answer(Err(CallError::OutcomeUnknown));
        }
        self.unparking.clear();
        self.drop_entities();
        self.tasks.abort_all();
        for done in self.draining.drain(..) {
            let _ = done.send(());
        }
        self.me.stop(None);
    }

    fn stop_if_drained(&mut self) {
        let idle = !self.stopped
            && !self.draining.is_empty()
            && self.tickets.is_empty()
            && self.journal.is_empty()
            && self
                .residents
                .values()
                .all(|resident| resident.is_settled() || resident.phase == Phase::Parked);
        if idle {
            self.stop(None, "drained");
        }
    }

    /// Stops the actors, in the order of their entities.
    pub(crate) fn drop_entities(&mut self) {
        for resident in std::mem::take(&mut self.residents).into_values() {
            self.stop_actor(resident);
        }
    }

    fn stop_actor(&self, mut resident: Resident) {
        if let Some(actor) = resident.actor.take() {
            self.shared.active_entities.fetch_sub(1, Ordering::AcqRel);
            actor.stop(None);
        }
    }

    fn next_incident(&mut self) -> Incident {
        self.numbers.incident = self.numbers.incident.saturating_add(1);
        self.counts.incidents = self.counts.incidents.saturating_add(1);
        Incident { shard: self.id, epoch: self.journal.epoch(), number: self.numbers.incident }
    }

    /// Sends to the shard of an entity; false if nobody has it at the moment.
    fn post(&self, to: &EntityId, content: ParcelContent) -> bool {
        let shard = self.shared.machines.shard_of(to, self.shared.options.shard_count);
        self.shared.links.send(shard, Parcel { generation: self.shared.generation, content })
    }

    fn view(&self) -> ShardView {
        let head = self.journal.head();
        let parked = |(entity, row): (&EntityId, &ParkedRow)| ParkedEntity {
            entity: entity.clone(),
            incident: row.incident,
            since_ms: row.since_ms,
            reason: Arc::clone(&row.reason),
        };
        ShardView {
            shard: self.id,
            epoch: head.epoch,
            sequence: head.sequence,
            shard_time_ms: head.shard_time_ms,
            active_entities: self.residents.values().filter(|resident| resident.actor.is_some()).count(),
            open_requests: self.tickets.len(),
            unsettled_entries: self.journal.len(),
            outbox_depth: self.courier.depth(),
            held: self.courier.held_channels(self.shared.clock.monotonic_ms()),
            parked: self.parked.iter().map(parked).collect(),
            counts: self.counts,
        }
    }

    /// Finds the entity of an actor that died without a report.
    pub(crate) fn entity_died(&mut self, actor: ActorId, reason: &str) {
        let of = |resident: &Resident| resident.actor.as_ref().is_some_and(|found| found.get_id() == actor);
        let entity =
            self.residents.iter().find(|(_, resident)| of(resident)).map(|(entity, _)| entity.clone());
        if let Some(entity) = entity {
            self.fail(&entity, &format!("the actor died: {reason}"));
        }
        self.flush_reads();
    }
}

/// Does what a sealed batch asks for.
async fn carry_out(shared: &Shared, shard: ShardId, step: Step) -> Settlement {
    let back_off = shared.options.back_off;
    match step {
        Step::Commit { advance, mut commit } => {
            if shared.options.defects.no_fence {
                commit.expectations.clear();
            }
            settle(&*shared.store, &advance, commit, back_off).await
        }
        Step::Confirm { head } => {
            let mut pause = std::time::Duration::ZERO;
            loop {
                match read_head(&*shared.store, shard).await {
                    Ok(found) if found == Some(head) => return Settlement::Committed,
                    Ok(by) => return Settlement::Fenced { by },
                    Err(cluster::SettleError::Store(StoreError::Unavailable { .. })) => {}
                    Err(error) => return Settlement::Failed(error),
                }
                pause = back_off.after(pause);
                tokio::time::sleep(pause).await;
            }
        }
    }
}
