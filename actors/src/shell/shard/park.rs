//! When a machine breaks: the command is charged, the entity rebuilt, and one that keeps breaking is parked.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use storage::{Read, Scan, Write};
use tokio::sync::oneshot;

use super::Shard;
use super::reads::rows_of;
use crate::shell::entity_id::EntityId;
use crate::shell::journal::{Entry, Release};
use crate::shell::keys;
use crate::shell::parcel::{Channel, HoldReason, ParcelContent};
use crate::shell::records::ParkedRow;
use crate::shell::request::CallError;
use crate::shell::request_id::digest;
use crate::shell::resident::{Cause, Phase, Work};
use crate::shell::resolved::{Resolution, Resolved, Verdict};
use crate::shell::shard_reads::Purpose;
use storage::ReadAnswer;

/// An entity that so many different commands broke is parked.
const MAX_BREAKING_COMMANDS: usize = 3;

impl Shard {
    /// The first command in hand broke the machine.
    pub(super) fn fail(&mut self, entity: &EntityId, reason: &str) {
        self.end_deciding(entity);
        let Some(resident) = self.residents.get_mut(entity) else { return };
        let Some(work) = resident.in_hand.pop_front() else { return self.set_aside(entity, reason) };
        let Cause::Request { ticket, identified, .. } = &work.cause else {
            resident.in_hand.push_front(work);
            return self.set_aside(entity, reason);
        };
        resident.broken_by.insert(digest(&work.command));
        let is_over = resident.broken_by.len() >= MAX_BREAKING_COMMANDS;
        self.bulk_begun = self.bulk_begun.saturating_sub(usize::from(work.is_bulk()));
        let incident = self.next_incident();
        tracing::error!(%incident, %entity, "a command broke its entity: {reason}");
        let answered = Err(CallError::Internal { incident });
        match identified {
            Some(request) => self.append_answer(entity, *ticket, request, answered),
            None => self.answer(*ticket, answered),
        }
        if is_over {
            let reason =
                format!("{MAX_BREAKING_COMMANDS} different commands broke it, the last one: {reason}");
            self.set_aside(entity, &reason);
        } else {
            self.rebuild(entity);
        }
    }

    /// Drops the actor; the entity is read again once everything it decided is settled.
    pub(super) fn rebuild(&mut self, entity: &EntityId) {
        self.end_actor(entity);
        let Some(resident) = self.residents.get_mut(entity) else { return };
        resident.phase = Phase::Rebuilding;
        if resident.unsettled.is_empty() || self.shared.options.defects.no_sequence_check {
            self.load_again(entity);
        }
    }

    pub(super) fn load_again(&mut self, entity: &EntityId) {
        let activation = self.next_activation();
        let Some(resident) = self.residents.get_mut(entity) else { return };
        resident.phase = Phase::Loading;
        resident.activation = activation;
        self.load(entity, activation);
    }

    /// Parks an entity: a stored fact, which keeps it from running until somebody takes it back.
    pub(super) fn set_aside(&mut self, entity: &EntityId, reason: &str) {
        self.end_actor(entity);
        let reason: Arc<str> = Arc::from(reason);
        let (incident, since_ms) = (self.next_incident(), self.issue_time());
        tracing::error!(%incident, %entity, "entity parked: {reason}");
        let row = ParkedRow { incident, since_ms, reason: Arc::clone(&reason) };
        let write = Write::Put { key: keys::parked(self.id, entity), value: row.to_bytes() };
        let mut writes = vec![write];
        self.parked.insert(entity.clone(), row);
        let works = match self.residents.get_mut(entity) {
            None => Vec::new(),
            Some(resident) => {
                resident.phase = Phase::Parked;
                let works = resident.take_all();
                works.iter().for_each(|work| resident.forget(work));
                if resident.unsettled.is_empty() {
                    self.residents.remove(entity);
                }
                works
            }
        };
        let releases = self.turn_away(works, &reason, &mut writes);
        self.append(Entry { writes: writes.into(), releases, ..Entry::default() });
    }

    /// Answers what waited for an entity that was parked; its timers are moved aside.
    fn turn_away(&mut self, works: Vec<Work>, reason: &Arc<str>, writes: &mut Vec<Write>) -> Vec<Release> {
        let mut held: BTreeSet<Channel> = BTreeSet::new();
        let mut releases = Vec::new();
        for work in works {
            let places = work.places();
            match work.cause {
                Cause::Request { ticket, .. } => {
                    self.answer(ticket, Err(CallError::Parked { reason: Arc::clone(reason) }));
                }
                Cause::Message { channel, .. } => {
                    self.inbox_waiting = self.inbox_waiting.saturating_sub(places);
                    held.insert(channel);
                }
                Cause::Timer(timer) => {
                    writes.push(Write::Put { key: keys::aside(self.id, &timer), value: work.command });
                    writes.push(Write::Delete { key: keys::timer(self.id, &timer) });
                    releases.push(Release::TimerDone(timer));
                }
            }
        }
        for channel in held {
            self.hold(channel, HoldReason::Parked { reason: Arc::clone(reason) });
        }
        releases
    }

    /// What the actor had in hand waits again, and whatever it still says is not listened to.
    fn end_actor(&mut self, entity: &EntityId) {
        self.end_deciding(entity);
        self.return_in_hand(entity);
        let activation = self.next_activation();
        let Some(resident) = self.residents.get_mut(entity) else { return };
        resident.activation = activation;
        if let Some(actor) = resident.actor.take() {
            self.shared.active_entities.fetch_sub(1, Ordering::AcqRel);
            actor.stop(None);
        }
    }

    /// Takes an entity back, once that is on record; whoever wants it is answered then.
    pub(super) fn unpark(&mut self, entity: &EntityId, verdict: Verdict, answer: oneshot::Sender<bool>) {
        let Some(ParkedRow { incident, since_ms, reason }) = self.parked.get(entity).cloned() else {
            let _ = answer.send(false);
            return;
        };
        let waiting = self.unparking.entry(entity.clone()).or_default();
        waiting.push(answer);
        if waiting.len() > 1 {
            // It is on its way to the record already.
            return;
        }
        let what = Resolution::Unparked { incident, since_ms, reason };
        let value = Resolved { at_ms: self.issue_time(), verdict, what }.to_bytes();
        let resolved = Write::Put { key: keys::resolved_parking(self.id, entity, &incident), value };
        let writes = [Write::Delete { key: keys::parked(self.id, entity) }, resolved].into();
        let releases = vec![Release::Unparked(entity.clone())];
        self.append(Entry { writes, releases, ..Entry::default() });
    }

    /// Senders try again, timers come back.
    pub(super) fn unparked(&mut self, entity: &EntityId) {
        self.parked.remove(entity);
        self.diverting.remove(entity);
        for answer in self.unparking.remove(entity).unwrap_or_default() {
            let _ = answer.send(true);
        }
        if let Some(resident) = self.residents.get_mut(entity)
            && resident.phase == Phase::Parked
        {
            resident.phase = Phase::Rebuilding;
        }
        let aside = Scan::new(keys::aside_range(self.id, entity));
        self.reads.push(Purpose::Aside, vec![Read::Scan(aside)]);
        self.ask_to_retry(entity);
    }

    /// Whoever has messages for the entity sends them again.
    pub(super) fn ask_to_retry(&self, entity: &EntityId) {
        for shard in self.shared.options.shard_count.shards() {
            let content = ParcelContent::Retry { receiver: entity.clone() };
            let parcel = crate::shell::parcel::Parcel { generation: self.shared.generation, content };
            self.shared.links.send(shard, parcel);
        }
    }

    /// Timers that were moved aside go back to where they fall due.
    pub(super) fn aside_found(&mut self, answers: Vec<ReadAnswer>) {
        let (rows, _) = rows_of(answers);
        for (key, command) in rows {
            let Ok(timer) = keys::read_aside(&key) else { continue };
            let releases = vec![Release::TimerSet { due_ms: timer.due_ms }];
            let back = Write::Put { key: keys::timer(self.id, &timer), value: command };
            let writes = [back, Write::Delete { key }].into();
            self.append(Entry { writes, releases, ..Entry::default() });
        }
    }
}
