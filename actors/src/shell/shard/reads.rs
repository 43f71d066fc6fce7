//! Reads on the way to a run: what is asked of the store for an entity, and what is done with the answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use ractor::ActorRuntime;
use storage::{Key, Read, ReadAnswer, StoreError};

use super::Shard;
use crate::shell::entity_actor::{EntityActor, EntityMessage, FactsFound, Sleeper};
use crate::shell::entity_id::EntityId;
use crate::shell::fact::Need;
use crate::shell::keys;
use crate::shell::machine::Part;
use crate::shell::reading::{Asker, Lookup};
use crate::shell::records::{KeptAnswer, Root, inbox_from_bytes};
use crate::shell::request::CallError;
use crate::shell::request_id::RequestKey;
use crate::shell::resident::{Cause, Phase, places_of};
use crate::shell::shard_reads::{Asked, GroupDone, Purpose, ReadDone};

impl Shard {
    /// Asks the store about request ids and senders that memory can't judge. Gives what is asked.
    pub(super) fn look_up_upcoming(&mut self, entity: &EntityId, bulk_room: usize) -> Vec<Asked> {
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

    pub(super) fn read_facts(&mut self, entity: &EntityId, needs: Vec<Need>) {
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
    pub(super) fn read_done(&mut self, group: GroupDone) {
        for ReadDone { purpose, answers } in self.reads.group_done(group) {
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
            Purpose::Divert { channel, messages } => {
                self.divert(channel, messages, answers);
                None
            }
            Purpose::DivertTimers { entity } => {
                self.divert_timers(&entity, answers);
                None
            }
            Purpose::OldAnswers { first_day } => {
                self.old_answers_found(first_day, answers);
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
            // Sent again by the sender.
            Purpose::Divert { messages, .. } => {
                self.inbox_waiting = self.inbox_waiting.saturating_sub(places_of(&messages));
            }
            // They are found again when the entity is parked and taken back, or they are diverted, once more.
            Purpose::Aside | Purpose::DivertTimers { .. } | Purpose::OldAnswers { .. } => {}
        }
    }

    pub(super) fn current(&self, entity: &EntityId, activation: u64) -> bool {
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
