//! Runs: what waits for an entity goes to its actor, facts are read in between, decisions come back.

use std::collections::{BTreeMap, VecDeque};

use super::Shard;
use crate::shell::entity_actor::{EntityMessage, Report, Run, RunMoment, Then};
use crate::shell::entity_id::EntityId;
use crate::shell::journal::{Entry, Release};
use crate::shell::parcel::Channel;
use crate::shell::resident::{Cause, Phase, Resident, Work};

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
                        self.inbox_waiting = self.inbox_waiting.saturating_sub(work.places());
                        continue;
                    }
                    let last = last_by_sender.entry(channel.sender.clone()).or_default();
                    if *last >= *sequence && !self.shared.options.defects.no_deduplication {
                        // It came twice and neither was decided yet: the first one tells the sender.
                        self.inbox_waiting = self.inbox_waiting.saturating_sub(work.places());
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
        let last = resident.and_then(|resident| self.last_taken(resident, &channel.sender));
        if last.unwrap_or_default() < sequence || self.shared.options.defects.no_deduplication {
            return false;
        }
        self.counts.repeated_messages = self.counts.repeated_messages.saturating_add(1);
        let moment_ms = Some(self.issue_time());
        let releases = vec![Release::Taken { channel: channel.clone(), sequence }];
        self.append(Entry { moment_ms, releases, ..Entry::default() });
        true
    }

    fn last_taken(&self, resident: &Resident, sender: &EntityId) -> Option<u64> {
        if !self.shared.options.defects.deduplication_by_shard {
            return resident.taken.get(sender).copied();
        }
        let shard_of = |sender| self.shared.machines.shard_of(sender, self.shared.options.shard_count);
        let of_shard = resident.taken.iter().filter(|(other, _)| shard_of(other) == shard_of(sender));
        of_shard.map(|(_, last)| *last).max()
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

    pub(super) fn begin_deciding(&mut self, entity: &EntityId) -> RunMoment {
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
                if let Some(resident) = self.residents.get_mut(&entity) {
                    resident.rest();
                }
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
        let mut run = std::mem::take(&mut resident.in_hand);
        // Something before them in the run may have cancelled them.
        run.retain(|work| !matches!(&work.cause, Cause::Timer(timer) if self.timers.is_cancelled(timer)));
        let bulk = run.iter().filter(|work| work.is_bulk()).count();
        resident.put_back(run);
        self.bulk_begun = self.bulk_begun.saturating_sub(bulk);
    }
}
