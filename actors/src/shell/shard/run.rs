//! Runs: what waits for an entity goes to its actor, facts are read in between, decisions come back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use ractor::ActorRuntime;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use storage::{Key, Read, ReadAnswer, StoreError};

use super::Shard;
use crate::shell::entity_actor::{
    EntityActor, EntityMessage, FactsFound, Report, Run, RunMoment, Sleeper, Then,
};
use crate::shell::entity_id::EntityId;
use crate::shell::fact::Need;
use crate::shell::journal::{Entry, Release};
use crate::shell::keys;
use crate::shell::machine::Part;
use crate::shell::parcel::Channel;
use crate::shell::reading::{Asker, Lookup};
use crate::shell::records::{KeptAnswer, Root, inbox_from_bytes};
use crate::shell::request::CallError;
use crate::shell::request_id::RequestKey;
use crate::shell::resident::{Cause, Phase, Work};
use crate::shell::shard_reads::{Asked, Purpose, ReadDone};

/// How often a run may be too late before its first command is charged with it.
const MAX_LATE_RUNS: u32 = 3;

impl Shard {
    /// Lets an idle entity go on with what waits for it.
    pub(super) fn pump(&mut self, entity: &EntityId) {
        loop {
            let bulk_room = self.shared.options.bounds.bulk.saturating_sub(self.bulk_begun);
            let Some(resident) = self.residents.get_mut(entity) else { return };
            if resident.phase != Phase::Idle || !resident.has_work() {
                return;
            }
            let reads = self.look_up_upcoming(entity, bulk_room);
            if !reads.is_empty() {
                return;
            }
            let Some(resident) = self.residents.get_mut(entity) else { return };
            let taken = resident.take_run(bulk_room);
            if taken.is_empty() {
                // Only bulk work waits and there is no room for it.
                self.bulk_waiting.insert(entity.clone());
                return;
            }
            let run = self.begin_works(entity, taken);
            if !run.is_empty() {
                self.start_run(entity, run);
                return;
            }
        }
    }

    /// Asks the store about request ids and senders that memory can't judge. Gives what is asked.
    fn look_up_upcoming(&mut self, entity: &EntityId, bulk_room: usize) -> Vec<Asked> {
        let Some(resident) = self.residents.get_mut(entity) else { return Vec::new() };
        let latest_request_ms = resident.root.latest_request_ms;
        let (mut asked, mut reads) = (Vec::new(), Vec::new());
        let mut senders = BTreeSet::new();
        let taken = std::mem::take(&mut resident.taken);
        for work in resident.upcoming(bulk_room) {
            match &work.cause {
                Cause::Request { identified: Some(request), .. }
                    if !work.looked_up && request.made_ms <= latest_request_ms =>
                {
                    let (client, id) = (&request.key.client, request.key.id);
                    reads.push(Read::Get(keys::request(self.id, request.day(), entity, client, id)));
                    asked.push(Asked::Request(request.key.clone()));
                }
                Cause::Message { channel, .. }
                    if !taken.contains_key(&channel.sender) && senders.insert(channel.sender.clone()) =>
                {
                    reads.push(Read::Get(keys::inbox(self.id, entity, &channel.sender)));
                    asked.push(Asked::Sender(channel.sender.clone()));
                }
                _ => {}
            }
        }
        resident.taken = taken;
        if !asked.is_empty() {
            resident.phase = Phase::LookingUp;
            let activation = resident.activation;
            let purpose = Purpose::LookUp { entity: entity.clone(), activation, asked: asked.clone() };
            self.reads.push(purpose, reads);
        }
        asked
    }

    /// Leaves out what was given up and messages that were taken before.
    fn begin_works(&mut self, entity: &EntityId, taken: VecDeque<Work>) -> VecDeque<Work> {
        let mut run = VecDeque::with_capacity(taken.len());
        let mut last_by_sender: BTreeMap<EntityId, u64> = BTreeMap::new();
        for work in taken {
            match &work.cause {
                Cause::Request { ticket, identified, .. } => {
                    let waiters = self.tickets.get_mut(ticket);
                    let begun = waiters.is_some_and(|waiters| {
                        waiters.retain(|waiter| waiter.admission.begin());
                        !waiters.is_empty()
                    });
                    if !begun {
                        self.tickets.remove(ticket);
                        if let (Some(request), Some(resident)) = (identified, self.residents.get_mut(entity))
                        {
                            resident.requests.forget(&request.key);
                        }
                        continue;
                    }
                    self.bulk_begun = self.bulk_begun.saturating_add(usize::from(work.is_bulk()));
                }
                Cause::Message { channel, sequence } => {
                    if self.is_repeated_message(channel, *sequence) {
                        self.inbox_waiting = self.inbox_waiting.saturating_sub(1);
                        continue;
                    }
                    let last = last_by_sender.entry(channel.sender.clone()).or_default();
                    if *last >= *sequence && !self.shared.options.defects.no_deduplication {
                        // It came twice and neither was decided yet: the first one tells the sender.
                        self.inbox_waiting = self.inbox_waiting.saturating_sub(1);
                        continue;
                    }
                    *last = *sequence;
                }
                Cause::Timer(_) => {}
            }
            run.push_back(work);
        }
        run
    }

    /// Whether the entity took this message before; its sender is then told again, once that is durable.
    fn is_repeated_message(&mut self, channel: &Channel, sequence: u64) -> bool {
        let resident = self.residents.get(&channel.receiver);
        let last = resident.and_then(|resident| resident.taken.get(&channel.sender).copied());
        if last.unwrap_or_default() < sequence || self.shared.options.defects.no_deduplication {
            return false;
        }
        self.counts.repeated_messages = self.counts.repeated_messages.saturating_add(1);
        let moment_ms = Some(self.issue_time());
        let releases = vec![Release::Taken { channel: channel.clone(), sequence }];
        self.append(Entry { moment_ms, releases, ..Entry::default() });
        true
    }

    fn start_run(&mut self, entity: &EntityId, run: VecDeque<Work>) {
        let moment = self.begin_deciding(entity);
        let Some(resident) = self.residents.get_mut(entity) else { return };
        let inputs = run.iter().map(Work::input).collect();
        resident.in_hand = run;
        if let Some(actor) = &resident.actor {
            // An actor that is gone is noticed by its supervisor.
            let _ = actor.cast(EntityMessage::Decide(Box::new(Run { inputs, moment })));
        }
    }

    fn begin_deciding(&mut self, entity: &EntityId) -> RunMoment {
        let shard_time_ms = self.issue_time();
        let since_ms = self.shared.clock.monotonic_ms();
        if let Some(resident) = self.residents.get_mut(entity) {
            resident.phase = Phase::Deciding { shard_time_ms, since_ms, overdue: false };
        }
        let runs = self.deciding.entry(shard_time_ms).or_default();
        *runs = runs.saturating_add(1);
        RunMoment { shard_time_ms, settled_time_ms: self.journal.head().shard_time_ms }
    }

    /// Nothing is decided any more at the time the entity's run was given. Gives that time.
    pub(super) fn end_deciding(&mut self, entity: &EntityId) -> Option<i64> {
        let resident = self.residents.get_mut(entity)?;
        let Phase::Deciding { shard_time_ms, overdue, .. } = resident.phase else { return None };
        resident.phase = Phase::Idle;
        if !overdue {
            self.release_time(shard_time_ms);
        }
        self.ask_to_seal();
        Some(shard_time_ms)
    }

    pub(super) fn release_time(&mut self, shard_time_ms: i64) {
        if let Some(runs) = self.deciding.get_mut(&shard_time_ms) {
            *runs = runs.saturating_sub(1);
            if *runs == 0 {
                self.deciding.remove(&shard_time_ms);
            }
        }
    }

    /// The actor of an entity decided.
    pub(super) fn report(&mut self, report: Report) {
        let Report { entity, activation, decided, then } = report;
        if self.residents.get(&entity).is_none_or(|resident| resident.activation != activation) {
            return;
        }
        let Some(shard_time_ms) = self.end_deciding(&entity) else { return };
        if shard_time_ms < self.journal.sealed_until_ms() {
            return self.decide_again(&entity);
        }
        if let Some(resident) = self.residents.get_mut(&entity) {
            resident.late_runs = 0;
        }
        let mut refused = Vec::new();
        for encoded in decided {
            let work = self.residents.get_mut(&entity).and_then(|resident| resident.in_hand.pop_front());
            let Some(work) = work else { break };
            refused.extend(self.append_decided(&entity, work, encoded, shard_time_ms));
        }
        if !self.current(&entity, activation) {
            return;
        }
        match then {
            Then::Done => {
                self.return_in_hand(&entity);
                for (channel, reason) in refused {
                    self.refuse_message(&channel, reason);
                }
                self.pump(&entity);
            }
            Then::Needs(needs) => self.read_facts(&entity, needs),
            Then::NotActivated(reason) => self.set_aside(&entity, &reason),
            Then::Failed(reason) => self.fail(&entity, &reason),
        }
    }

    /// A run took so long that later times were committed: what it decided can't be taken.
    fn decide_again(&mut self, entity: &EntityId) {
        let Some(resident) = self.residents.get_mut(entity) else { return };
        resident.late_runs = resident.late_runs.saturating_add(1);
        if resident.late_runs >= MAX_LATE_RUNS {
            resident.late_runs = 0;
            return self.fail(entity, "the decision took too long, again and again");
        }
        self.rebuild(entity);
    }

    /// What the actor did not come to waits again.
    pub(super) fn return_in_hand(&mut self, entity: &EntityId) {
        let Some(resident) = self.residents.get_mut(entity) else { return };
        let run = std::mem::take(&mut resident.in_hand);
        let bulk = run.iter().filter(|work| work.is_bulk()).count();
        resident.put_back(run);
        self.bulk_begun = self.bulk_begun.saturating_sub(bulk);
    }

    fn read_facts(&mut self, entity: &EntityId, needs: Vec<Need>) {
        let Some(resident) = self.residents.get_mut(entity) else { return };
        let asker = Asker {
            entity,
            shard: self.id,
            unsettled: &resident.unsettled,
            machines: &*self.shared.machines,
            shard_count: self.shared.options.shard_count,
        };
        let lookups: Result<Vec<Lookup>, _> = needs.into_iter().map(|need| asker.look_up(need)).collect();
        match lookups {
            Err(error) => self.fail(entity, &error.to_string()),
            Ok(lookups) => {
                resident.phase = Phase::Reading;
                let reads = lookups.iter().map(Lookup::read).collect();
                let purpose =
                    Purpose::Facts { entity: entity.clone(), activation: resident.activation, lookups };
                self.reads.push(purpose, reads);
            }
        }
    }

    /// The store answered.
    pub(super) fn read_done(&mut self, group: Vec<ReadDone>) {
        self.reads.group_done();
        for ReadDone { purpose, answers } in group {
            match answers {
                Ok(answers) => self.read_answered(purpose, answers),
                Err(error @ StoreError::Closed) => return self.stop(None, &error.to_string()),
                Err(error) => self.read_failed(purpose, &error.to_string()),
            }
        }
    }

    fn read_answered(&mut self, purpose: Purpose, answers: Vec<ReadAnswer>) {
        let done = match purpose {
            Purpose::Load { entity, activation } => self
                .current(&entity, activation)
                .then(|| self.loaded(&entity, answers).map_err(|error| (entity, error))),
            Purpose::LookUp { entity, activation, asked } => self
                .current(&entity, activation)
                .then(|| self.looked_up(&entity, asked, answers).map_err(|error| (entity, error))),
            Purpose::Facts { entity, activation, lookups } => self
                .current(&entity, activation)
                .then(|| self.facts_found(&entity, lookups, answers).map_err(|error| (entity, error))),
            Purpose::Timers => {
                self.timers_found(answers);
                None
            }
            Purpose::Aside => {
                self.aside_found(answers);
                None
            }
        };
        if let Some(Err((entity, error))) = done {
            self.set_aside(&entity, &error);
        }
    }

    fn read_failed(&mut self, purpose: Purpose, error: &str) {
        tracing::error!(shard = %self.id, "read failed: {error}");
        match purpose {
            Purpose::Load { entity, activation }
            | Purpose::LookUp { entity, activation, .. }
            | Purpose::Facts { entity, activation, .. } => {
                if self.current(&entity, activation) {
                    self.set_aside(&entity, error);
                }
            }
            Purpose::Timers => self.timers.sweep_failed(),
            // They are found again when the entity is parked and taken back once more.
            Purpose::Aside => {}
        }
    }

    fn current(&self, entity: &EntityId, activation: u64) -> bool {
        self.residents.get(entity).is_some_and(|resident| resident.activation == activation)
    }

    /// The state of an entity was read: it gets its actor.
    fn loaded(&mut self, entity: &EntityId, answers: Vec<ReadAnswer>) -> Result<(), String> {
        let mut root = Root::default();
        let mut parts = Vec::new();
        for answer in answers {
            for row in answer.into_page().map_err(|error| error.to_string())?.rows {
                let key = keys::part_of(self.id, entity, &row.key);
                if !key.is_root() {
                    parts.push(Part { key, value: row.value });
                    continue;
                }
                root = Root::from_bytes(&row.value).map_err(|error| error.to_string())?;
                parts.extend(root.part.clone().map(|value| Part { key, value }));
            }
        }
        let Some(resident) = self.residents.get_mut(entity) else { return Ok(()) };
        let sleeper = Sleeper {
            entity: entity.clone(),
            shard: self.id,
            activation: resident.activation,
            log_sequence: root.log_sequence,
            parts,
            machines: Arc::clone(&self.shared.machines),
            reports: self.me.clone(),
        };
        let supervisor = self.me.get_cell();
        let (actor, _) = ActorRuntime::spawn_linked_instant(None, EntityActor, sleeper, supervisor)
            .map_err(|error| error.to_string())?;
        resident.actor = Some(actor);
        resident.root = root;
        resident.phase = Phase::Idle;
        self.shared.active_entities.fetch_add(1, Ordering::AcqRel);
        self.counts.activations = self.counts.activations.saturating_add(1);
        self.pump(entity);
        Ok(())
    }

    fn looked_up(
        &mut self,
        entity: &EntityId,
        asked: Vec<Asked>,
        answers: Vec<ReadAnswer>,
    ) -> Result<(), String> {
        for (asked, answer) in asked.into_iter().zip(answers) {
            let stored = answer.into_value().map_err(|error| error.to_string())?;
            match asked {
                Asked::Sender(sender) => {
                    let last = stored.as_ref().map(inbox_from_bytes).transpose();
                    let last = last.map_err(|error| error.to_string())?.unwrap_or_default();
                    if let Some(resident) = self.residents.get_mut(entity) {
                        resident.taken.insert(sender, last);
                    }
                }
                Asked::Request(key) => {
                    let kept = stored.as_ref().map(KeptAnswer::from_bytes).transpose();
                    self.request_looked_up(entity, &key, kept.map_err(|error| error.to_string())?);
                }
            }
        }
        if let Some(resident) = self.residents.get_mut(entity) {
            resident.phase = Phase::Idle;
        }
        self.pump(entity);
        Ok(())
    }

    /// A request that was answered before gets that answer; one that was not can be carried out.
    fn request_looked_up(&mut self, entity: &EntityId, key: &RequestKey, kept: Option<KeptAnswer>) {
        let Some(resident) = self.residents.get_mut(entity) else { return };
        let Some(kept) = kept else { return resident.mark_looked_up(key) };
        let Some((ticket, digest)) = resident.take_request(key) else { return };
        let answered =
            if kept.digest == digest { kept.answered.clone() } else { Err(CallError::RequestIdReused) };
        resident.requests.answered(key, kept.digest, kept.answered);
        self.counts.repeats = self.counts.repeats.saturating_add(1);
        self.answer(ticket, answered);
    }

    fn facts_found(
        &mut self,
        entity: &EntityId,
        lookups: Vec<Lookup>,
        answers: Vec<ReadAnswer>,
    ) -> Result<(), String> {
        let facts: Result<Vec<_>, _> =
            lookups.into_iter().zip(answers).map(|(lookup, answer)| lookup.fact(answer)).collect();
        let facts = facts.map_err(|error| error.to_string())?;
        let moment = self.begin_deciding(entity);
        if let Some(actor) = self.residents.get(entity).and_then(|resident| resident.actor.as_ref()) {
            let _ = actor.cast(EntityMessage::Facts(Box::new(FactsFound { facts, moment })));
        }
        Ok(())
    }
}

/// Rows of pages as pairs.
pub(super) fn rows_of(answers: Vec<ReadAnswer>) -> (Vec<(Key, Bytes)>, bool) {
    let mut rows = Vec::new();
    let mut all = true;
    for page in answers.into_iter().filter_map(|answer| answer.into_page().ok()) {
        all &= page.more.is_none();
        rows.extend(page.rows.into_iter().map(|row| (row.key, row.value)));
    }
    (rows, all)
}
