//! Releases: what happens once a batch is durable.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use cluster::Settlement;

use super::Shard;
use crate::shell::entity_id::EntityId;
use crate::shell::journal::{AnsweredRequest, Release, Ticket};
use crate::shell::parcel::{Channel, ParcelContent};
use crate::shell::request::Answered;
use crate::shell::resident::Phase;

impl Shard {
    /// The store answered the batch that was on its way.
    pub(super) fn settled(&mut self, settlement: Settlement) {
        match settlement {
            Settlement::Committed => {}
            Settlement::Fenced { by } => {
                return self.stop(by.map(|head| head.epoch), "fenced by another owner");
            }
            Settlement::Failed(error) => return self.stop(None, &error.to_string()),
        }
        let entries = self.journal.settled();
        let mut releases = Vec::new();
        let mut touched = Vec::new();
        for entry in entries {
            self.counts.entries = self.counts.entries.saturating_add(1);
            self.work.fetch_add(1, Ordering::Relaxed);
            releases.extend(entry.releases);
            if let Some(entity) = entry.entity {
                self.entry_settled(&entity);
                touched.push(entity);
            }
        }
        self.release(releases);
        for entity in touched {
            self.go_on(&entity);
        }
        self.send_units();
        self.ask_to_seal();
    }

    pub(super) fn release(&mut self, releases: Vec<Release>) {
        // The last sequence taken says it for all before.
        let mut taken: BTreeMap<Channel, u64> = BTreeMap::new();
        let mut timers_set = false;
        for release in releases {
            match release {
                Release::Answer { ticket, answered, request } => {
                    self.release_answer(ticket, answered, request)
                }
                Release::Taken { channel, sequence } => {
                    let last = taken.entry(channel).or_default();
                    *last = sequence.max(*last);
                }
                Release::Send { channel, sequence, command } => self.courier.push(channel, sequence, command),
                Release::TimerSet { due_ms } => {
                    self.timers.set(due_ms);
                    timers_set = true;
                }
                Release::TimerDone(timer) => self.timers.done(&timer),
                Release::BulkDone => self.bulk_begun = self.bulk_begun.saturating_sub(1),
                Release::Unparked(entity) => self.unparked(&entity),
            }
        }
        for (channel, sequence) in taken {
            let sender = channel.sender.clone();
            self.post(&sender, ParcelContent::Taken { channel, sequence });
        }
        if timers_set {
            self.sweep_timers();
        }
    }

    pub(super) fn answer(&mut self, ticket: Ticket, answered: Answered) {
        for waiter in self.tickets.remove(&ticket).unwrap_or_default() {
            waiter.answer(answered.clone());
        }
    }

    fn release_answer(&mut self, ticket: Ticket, answered: Answered, request: Option<AnsweredRequest>) {
        if let Some(request) = request
            && let Some(resident) = self.residents.get_mut(&request.entity)
        {
            match request.kept {
                Some(digest) => resident.requests.answered(&request.key, digest, answered.clone()),
                None => resident.requests.forget(&request.key),
            }
        }
        self.answer(ticket, answered);
    }

    fn entry_settled(&mut self, entity: &EntityId) {
        if let Some(resident) = self.residents.get_mut(entity) {
            resident.unsettled.pop_front();
        }
    }

    /// An entity that waited until everything it decided is settled goes on.
    fn go_on(&mut self, entity: &EntityId) {
        let Some(resident) = self.residents.get(entity) else { return };
        if !resident.unsettled.is_empty() {
            return;
        }
        match resident.phase {
            Phase::Rebuilding => self.load_again(entity),
            Phase::Parked => drop(self.residents.remove(entity)),
            _ => self.let_go(entity),
        }
    }

    /// Bulk work that had no room is begun as far as there is room now.
    pub(super) fn let_bulk_in(&mut self) {
        while self.bulk_begun < self.shared.options.bounds.bulk {
            let Some(entity) = self.bulk_waiting.pop_first() else { return };
            self.pump(&entity);
        }
    }
}
