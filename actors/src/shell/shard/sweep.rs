//! The sweep of a shard: timers that are due, channels to try again, entities to put to sleep, answers to drop.

use std::sync::atomic::Ordering;

use storage::{Read, ReadAnswer, Scan, Write};
use tokio::sync::oneshot;

use super::Shard;
use super::reads::rows_of;
use crate::shell::entity_id::EntityId;
use crate::shell::journal::{Entry, Release};
use crate::shell::keys;
use crate::shell::request_id::first_kept_day;
use crate::shell::resident::{Cause, Phase, Resident, Work};
use crate::shell::shard_reads::Purpose;
use crate::shell::timers::Timers;

/// A run that takes longer holds up no other entity's commits any more.
const MAX_RUN_MS: u64 = 1_000;
/// How often within the time after which an entity is idle the shard looks for such.
const SLEEP_LOOKS_PER_IDLE: u64 = 16;
/// What part of the bound is freed beyond need where too many are awake.
const HEADROOM_PART: usize = 64;

impl Shard {
    pub(super) fn tick(&mut self, done: Option<oneshot::Sender<()>>) {
        let now_ms = self.shared.clock.monotonic_ms();
        self.courier.tick(now_ms);
        self.send_units();
        self.sweep_timers();
        self.let_go_of_long_runs(now_ms);
        self.put_to_sleep(now_ms);
        self.drop_old_answers();
        self.journal.hurry();
        self.ask_to_seal();
        if let Some(done) = done {
            let _ = done.send(());
        }
    }

    /// Looks for due timers, unless a look is on its way or none can be due.
    pub(super) fn sweep_timers(&mut self) {
        let shard_time_ms = self.issue_time();
        if self.draining.is_empty() && self.timers.begin_sweep(shard_time_ms) {
            let scan = Scan::new(keys::timer_range(self.id)).rows(Timers::SWEEP_ROWS);
            self.reads.push(Purpose::Timers, vec![Read::Scan(scan)]);
        }
    }

    /// Due timers become commands; those of parked entities are moved aside.
    pub(super) fn timers_found(&mut self, answers: Vec<ReadAnswer>) {
        let (rows, all) = rows_of(answers);
        let found =
            rows.into_iter().filter_map(|(key, command)| Some((keys::read_timer(&key).ok()?, command)));
        for (timer, command) in self.timers.found(found.collect(), all) {
            if self.parked.contains_key(&timer.entity) {
                let aside = Write::Put { key: keys::aside(self.id, &timer), value: command };
                let delete = Write::Delete { key: keys::timer(self.id, &timer) };
                let releases = vec![Release::TimerDone(timer)];
                self.append(Entry { writes: [aside, delete].into(), releases, ..Entry::default() });
                continue;
            }
            let entity = timer.entity.clone();
            self.resident(&entity).push(Work { command, cause: Cause::Timer(timer), looked_up: false });
            self.pump(&entity);
        }
    }

    /// A decision that takes too long must not hold up the shard: others commit, and it is made again if it comes too
    /// late for its time.
    fn let_go_of_long_runs(&mut self, now_ms: u64) {
        let mut released = Vec::new();
        for resident in self.residents.values_mut() {
            if let Phase::Deciding { shard_time_ms, since_ms, overdue } = &mut resident.phase
                && !*overdue
                && now_ms.saturating_sub(*since_ms) >= MAX_RUN_MS
            {
                *overdue = true;
                released.push(*shard_time_ms);
            }
        }
        released.into_iter().for_each(|shard_time_ms| self.release_time(shard_time_ms));
        self.ask_to_seal();
    }

    /// Puts idle entities to sleep; where too many are awake on the node, the longest unused of this shard, in proportion
    /// to what it has.
    fn put_to_sleep(&mut self, now_ms: u64) {
        let idle_ms = u64::try_from(self.shared.options.idle.as_millis()).unwrap_or(u64::MAX);
        let mut surplus = self.surplus();
        if surplus == 0 && now_ms < self.sleep_look_ms {
            return;
        }
        let is_idle = |used_ms: u64| now_ms.saturating_sub(used_ms) >= idle_ms;
        let is_unsafe = self.shared.options.defects.no_sequence_check;
        let mut oldest_ms = now_ms;
        let mut settled = Vec::new();
        for (entity, resident) in &self.residents {
            let may_sleep = resident.is_settled() || is_unsafe && resident.is_idle();
            if may_sleep && (surplus > 0 || is_idle(resident.used_ms)) {
                settled.push((resident.used_ms, entity.clone()));
            } else {
                oldest_ms = oldest_ms.min(resident.used_ms);
            }
        }
        if surplus > 0 {
            settled.sort();
        }
        for (used_ms, entity) in settled {
            if is_idle(used_ms) || surplus > 0 {
                surplus = surplus.saturating_sub(1);
                self.sleep(&entity);
            } else {
                oldest_ms = oldest_ms.min(used_ms);
            }
        }
        // Before that nothing can have become idle; and nobody minds if it sleeps a little later.
        let pause_ms = idle_ms.checked_div(SLEEP_LOOKS_PER_IDLE).unwrap_or_default();
        self.sleep_look_ms = oldest_ms.saturating_add(idle_ms).max(now_ms.saturating_add(pause_ms));
    }

    /// How many of this shard have to sleep because too many are awake on the node: its share of what is above the bound
    /// and of a little more, so that the next to wake does not put the node above it again.
    fn surplus(&self) -> usize {
        let (active, bound) =
            (self.shared.active_entities.load(Ordering::Acquire), self.shared.options.active_entities);
        if active <= bound {
            return 0;
        }
        let wanted = bound.saturating_sub(bound.checked_div(HEADROOM_PART).unwrap_or_default());
        let excess = active.saturating_sub(wanted);
        self.residents.len().saturating_mul(excess).div_ceil(active.max(1))
    }

    /// What was woken by batch work is let go at once where too many are awake: it comes once, and others are needed again.
    pub(super) fn let_go(&mut self, entity: &EntityId) {
        let is_crowded =
            self.shared.active_entities.load(Ordering::Acquire) > self.shared.options.active_entities;
        let is_done = |resident: &Resident| resident.is_batch && resident.is_settled();
        if is_crowded && self.residents.get(entity).is_some_and(is_done) {
            self.sleep(entity);
        }
    }

    fn sleep(&mut self, entity: &EntityId) {
        if let Some(resident) = self.residents.remove(entity) {
            self.counts.passivations = self.counts.passivations.saturating_add(1);
            self.stop_actor(resident);
        }
    }

    /// Once a day: looks whether there is something to drop, since most shards have nothing.
    fn drop_old_answers(&mut self) {
        let first_day = first_kept_day(self.issue_time());
        if first_day > self.kept_from_day {
            self.kept_from_day = first_day;
            let scan = Scan::new(keys::requests_before(self.id, first_day)).rows(1);
            self.reads.push(Purpose::OldAnswers { first_day }, vec![Read::Scan(scan)]);
        }
    }

    pub(super) fn old_answers_found(&mut self, first_day: u32, answers: Vec<ReadAnswer>) {
        if !rows_of(answers).0.is_empty() {
            let range = keys::requests_before(self.id, first_day);
            self.append(Entry { writes: [Write::DeleteRange { range }].into(), ..Entry::default() });
        }
    }
}
