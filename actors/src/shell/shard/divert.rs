//! What waits for a parked entity is taken out of the way, on record, where somebody decided that.

use std::sync::Arc;

use bytes::Bytes;
use storage::{Read, ReadAnswer, Scan, Write};

use super::Shard;
use super::reads::rows_of;
use crate::shell::entity_id::EntityId;
use crate::shell::journal::{Entry, Release};
use crate::shell::keys;
use crate::shell::parcel::{Channel, HoldReason};
use crate::shell::records::{inbox_from_bytes, inbox_to_bytes};
use crate::shell::resident::places_of;
use crate::shell::resolved::{Remedy, Resolution, Resolved, Ruling, Verdict};
use crate::shell::shard_actor::Resolve;
use crate::shell::shard_reads::Purpose;

/// That messages for a parked entity are taken out of the way, until it is taken back.
#[derive(Clone, Debug)]
pub(super) struct Diversion {
    verdict: Verdict,
    /// Of this sender the first that waits; else all.
    sender: Option<EntityId>,
}

impl Shard {
    /// Takes an entity back, or what waits for it out of the way.
    pub(super) fn resolve(&mut self, resolve: Resolve) {
        let Resolve { ruling: Ruling { entity, remedy, verdict }, answer } = resolve;
        let sender = match remedy {
            Remedy::Unpark => return self.unpark(&entity, verdict, answer),
            Remedy::DivertAll => None,
            Remedy::DivertFirst(sender) => Some(sender),
        };
        let is_parked = self.parked.contains_key(&entity);
        if is_parked {
            if sender.is_none() {
                let aside = Scan::new(keys::aside_range(self.id, &entity));
                self.reads.push(Purpose::DivertTimers { entity: entity.clone() }, vec![Read::Scan(aside)]);
            }
            self.diverting.insert(entity.clone(), Diversion { verdict, sender });
            self.ask_to_retry(&entity);
        }
        let _ = answer.send(is_parked);
    }

    /// Messages for a parked entity: they are taken out of the way if that was decided, and wait otherwise.
    pub(super) fn take_for_parked(
        &mut self,
        channel: Channel,
        messages: Vec<(u64, Bytes)>,
        reason: Arc<str>,
    ) {
        if self.diversion_of(&channel).is_none() {
            return self.hold(channel, HoldReason::Parked { reason });
        }
        let waiting = self.inbox_waiting.saturating_add(places_of(&messages));
        if waiting > self.shared.options.bounds.inbox || !self.draining.is_empty() {
            return self.hold(channel, HoldReason::Busy);
        }
        self.inbox_waiting = waiting;
        // Only what was not taken before is taken out.
        let last = Read::Get(keys::inbox(self.id, &channel.receiver, &channel.sender));
        self.reads.push(Purpose::Divert { channel, messages }, vec![last]);
    }

    fn diversion_of(&self, channel: &Channel) -> Option<&Diversion> {
        let diversion = self.diverting.get(&channel.receiver)?;
        let is_meant = diversion.sender.as_ref().is_none_or(|sender| *sender == channel.sender);
        is_meant.then_some(diversion)
    }

    /// What the receiver had taken of the channel is known.
    pub(super) fn divert(&mut self, channel: Channel, messages: Vec<(u64, Bytes)>, answers: Vec<ReadAnswer>) {
        self.inbox_waiting = self.inbox_waiting.saturating_sub(places_of(&messages));
        let stored = answers.into_iter().next().and_then(|answer| answer.into_value().ok()).flatten();
        let last = stored.as_ref().map_or(Ok(0), inbox_from_bytes);
        let (Ok(last), Some(diversion)) = (last, self.diversion_of(&channel)) else {
            return self.hold(channel, HoldReason::Busy);
        };
        let verdict = diversion.verdict.clone();
        let most = if diversion.sender.is_some() { 1 } else { usize::MAX };
        let taken: Vec<(u64, Bytes)> =
            messages.into_iter().filter(|(sequence, _)| *sequence > last).take(most).collect();
        let at_ms = self.issue_time();
        let (shard, Channel { sender, receiver }) = (self.id, &channel);
        let sequence = taken.last().map_or(last, |(sequence, _)| *sequence);
        let mut writes = Vec::with_capacity(taken.len().saturating_add(1));
        for (sequence, command) in taken {
            let what = Resolution::Message { sender: sender.clone(), sequence, command };
            let value = Resolved { at_ms, verdict: verdict.clone(), what }.to_bytes();
            writes.push(Write::Put { key: keys::resolved_message(shard, receiver, sender, sequence), value });
        }
        if !writes.is_empty() {
            let key = keys::inbox(shard, receiver, sender);
            writes.push(Write::Put { key, value: inbox_to_bytes(sequence) });
            if most == 1 {
                self.diverting.remove(receiver);
            }
        }
        let releases = vec![Release::Taken { channel, sequence }];
        self.append(Entry { moment_ms: Some(at_ms), writes: writes.into(), releases, ..Entry::default() });
    }

    /// The timers that were moved aside go.
    pub(super) fn divert_timers(&mut self, entity: &EntityId, answers: Vec<ReadAnswer>) {
        let Some(Diversion { verdict, .. }) = self.diverting.get(entity).cloned() else { return };
        let at_ms = self.issue_time();
        for (key, command) in rows_of(answers).0 {
            let Ok(timer) = keys::read_aside(&key) else { continue };
            let what = Resolution::Timer { due_ms: timer.due_ms, key: timer.key.clone(), command };
            let value = Resolved { at_ms, verdict: verdict.clone(), what }.to_bytes();
            let resolved = Write::Put { key: keys::resolved_timer(self.id, &timer), value };
            let writes = [resolved, Write::Delete { key }].into();
            self.append(Entry { moment_ms: Some(at_ms), writes, ..Entry::default() });
        }
    }
}
