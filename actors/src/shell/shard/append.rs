//! From a decision to an entry of the journal: the shell adds its own rows and what is owed once it is durable.

use std::sync::Arc;

use storage::Write;

use super::Shard;
use crate::shell::decision::Outcome;
use crate::shell::encode::Encoded;
use crate::shell::entity_id::EntityId;
use crate::shell::journal::{AnsweredRequest, Entry, Release, Ticket};
use crate::shell::parcel::{Channel, HoldReason};
use crate::shell::records::{KeptAnswer, Root, inbox_to_bytes};
use crate::shell::request::{Answered, Consistency, Reply};
use crate::shell::request_id::Identified;
use crate::shell::resident::{Cause, Work};
use crate::shell::{decision::PartKey, keys};

impl Shard {
    /// Appends what an entity decided on a command. A message that was refused is not appended: its channel is given
    /// back, with the reason.
    pub(super) fn append_decided(
        &mut self,
        entity: &EntityId,
        work: Work,
        encoded: Encoded,
        moment_ms: i64,
    ) -> Option<(Channel, HoldReason)> {
        let (shard, places) = (self.id, work.places());
        let resident = self.residents.get_mut(entity)?;
        if encoded.follows != resident.root.log_sequence && !self.shared.options.defects.no_sequence_check {
            let reason = format!("a decision on log sequence {} does not follow", encoded.follows);
            resident.in_hand.push_front(work);
            self.fail(entity, &reason);
            return None;
        }
        let has_effect = encoded.has_effect();
        let Encoded { outcome, writes: decided, root, messages, timers_set, timers_cancelled, .. } = encoded;
        let mut writes = Vec::with_capacity(decided.len().saturating_add(2));
        let mut releases = Vec::new();
        let mut root_changes = has_effect;
        if work.is_bulk() {
            releases.push(Release::BulkDone);
        }
        match work.cause {
            Cause::Request { ticket, identified, consistency, .. } => {
                let is_settled = resident.unsettled.iter().all(|writes| writes.is_empty());
                let (answered, keep) = answer_of(outcome);
                let kept = identified.as_ref().filter(|_| keep);
                if let Some(request) = kept {
                    writes.extend(kept_answer(shard, entity, request, &answered));
                    resident.root.latest_request_ms = resident.root.latest_request_ms.max(request.made_ms);
                    root_changes = true;
                }
                let is_read = !has_effect && kept.is_none() && is_settled;
                let request = answered_request(entity, identified.as_ref(), keep);
                releases.push(Release::Answer { ticket, answered, request });
                if is_read && consistency == Consistency::Lease && self.shared.check_admittance().is_ok() {
                    // All it saw is durable, and the lease says that nobody else has written since.
                    self.release(releases);
                    return None;
                }
            }
            Cause::Message { channel, sequence } => {
                self.inbox_waiting = self.inbox_waiting.saturating_sub(places);
                if let Outcome::Rejected { reply, .. } = outcome {
                    return Some((channel, HoldReason::Refused { reply }));
                }
                resident.taken.insert(channel.sender.clone(), sequence);
                let key = keys::inbox(shard, entity, &channel.sender);
                writes.push(Write::Put { key, value: inbox_to_bytes(sequence) });
                releases.push(Release::Taken { channel, sequence });
            }
            Cause::Timer(timer) => {
                let refused = u64::from(matches!(outcome, Outcome::Rejected { .. }));
                self.counts.refused_timers = self.counts.refused_timers.saturating_add(refused);
                // Before the decision's own writes, which may set the same timer again.
                writes.push(Write::Delete { key: keys::timer(shard, &timer) });
                releases.push(Release::TimerDone(timer));
            }
        }
        writes.extend(decided);
        resident.root.log_sequence = encoded.log_sequence;
        if let Some(part) = root {
            resident.root.part = part;
        }
        if root_changes {
            writes.push(root_write(shard, entity, &resident.root));
        }
        for timer in timers_cancelled {
            resident.drop_timer(&timer);
            self.timers.cancel(&timer);
            releases.push(Release::TimerDone(timer));
        }
        releases.extend(timers_set.into_iter().map(|timer| Release::TimerSet { due_ms: timer.due_ms }));
        releases.extend(messages.into_iter().map(|(sequence, outgoing)| Release::Send {
            channel: Channel { sender: entity.clone(), receiver: outgoing.receiver },
            sequence,
            command: outgoing.command,
        }));
        self.append_of(entity, moment_ms, writes, releases);
        None
    }

    /// Appends an entry of an entity.
    pub(super) fn append_of(
        &mut self,
        entity: &EntityId,
        moment_ms: i64,
        writes: Vec<Write>,
        mut releases: Vec<Release>,
    ) {
        let writes: Arc<[Write]> = writes.into();
        if let Some(resident) = self.residents.get_mut(entity) {
            resident.unsettled.push_back(Arc::clone(&writes));
        }
        if self.shared.options.defects.early_answers {
            let (answers, others) =
                releases.into_iter().partition(|release| matches!(release, Release::Answer { .. }));
            releases = others;
            self.release(answers);
        }
        self.append(Entry { entity: Some(entity.clone()), moment_ms: Some(moment_ms), writes, releases });
    }

    /// Keeps an answer that no decision gave, so that the request id gets it again.
    pub(super) fn append_answer(
        &mut self,
        entity: &EntityId,
        ticket: Ticket,
        request: &Identified,
        answered: Answered,
    ) {
        let (shard, moment_ms) = (self.id, self.issue_time());
        let Some(resident) = self.residents.get_mut(entity) else { return };
        resident.root.latest_request_ms = resident.root.latest_request_ms.max(request.made_ms);
        let mut writes = vec![root_write(shard, entity, &resident.root)];
        writes.extend(kept_answer(shard, entity, request, &answered));
        let request = answered_request(entity, Some(request), true);
        self.append_of(entity, moment_ms, writes, vec![Release::Answer { ticket, answered, request }]);
    }
}

fn answer_of(outcome: Outcome) -> (Answered, bool) {
    match outcome {
        Outcome::Accepted { reply } => (Ok(Reply::Accepted(reply)), true),
        Outcome::Rejected { reply, keep } => (Ok(Reply::Rejected(reply)), keep),
    }
}

fn answered_request(entity: &EntityId, request: Option<&Identified>, keep: bool) -> Option<AnsweredRequest> {
    let request = request?;
    let kept = keep.then_some(request.digest);
    Some(AnsweredRequest { entity: entity.clone(), key: request.key.clone(), kept })
}

fn kept_answer(
    shard: cluster::ShardId,
    entity: &EntityId,
    request: &Identified,
    answered: &Answered,
) -> Option<Write> {
    let kept = KeptAnswer { digest: request.digest, answered: answered.clone() };
    let key = keys::request(shard, request.day(), entity, &request.key.client, request.key.id);
    Some(Write::Put { key, value: kept.to_bytes()? })
}

fn root_write(shard: cluster::ShardId, entity: &EntityId, root: &Root) -> Write {
    Write::Put { key: keys::state(shard, entity, &PartKey::root()), value: root.to_bytes() }
}
