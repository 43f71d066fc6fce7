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

impl Shard {
    pub(super) fn tick(&mut self, done: Option<oneshot::Sender<()>>) {
        let now_ms = self.shared.clock.monotonic_ms();
        self.courier.tick(now_ms);
        self.send_units();
        self.sweep_timers();
        self.let_go_of_long_runs(now_ms);
        self.put_to_sleep(now_ms);
        self.drop_old_answers();
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

    /// Puts idle entities to sleep; the longest unused first if there are too many on the node.
    fn put_to_sleep(&mut self, now_ms: u64) {
        let idle_ms = u64::try_from(self.shared.options.idle.as_millis()).unwrap_or(u64::MAX);
        let active = self.shared.active_entities.load(Ordering::Acquire);
        let mut surplus = active.saturating_sub(self.shared.options.active_entities);
        self.residents.values_mut().for_each(Resident::trim);
        let mut settled: Vec<(u64, EntityId)> = self
            .residents
            .iter()
            .filter(|(_, resident)| resident.is_settled())
            .filter(|(_, resident)| surplus > 0 || now_ms.saturating_sub(resident.used_ms) >= idle_ms)
            .map(|(entity, resident)| (resident.used_ms, entity.clone()))
            .collect();
        settled.sort();
        for (used_ms, entity) in settled {
            if now_ms.saturating_sub(used_ms) < idle_ms && surplus == 0 {
                break;
            }
            surplus = surplus.saturating_sub(1);
            if let Some(resident) = self.residents.remove(&entity) {
                self.sleep(resident);
            }
        }
    }

    fn sleep(&mut self, resident: Resident) {
        self.counts.passivations = self.counts.passivations.saturating_add(1);
        self.stop_actor(resident);
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
