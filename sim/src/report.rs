//! Sums over many runs, as a person reads them.

use std::fmt;

use crate::ether::EtherCounts;
use crate::run::Figures;

impl Figures {
    /// Adds what happened in another run.
    pub fn add(&mut self, other: &Figures) {
        let (storm, store, answers, audit) =
            (&mut self.storm, &mut self.store, &mut self.answers, &mut self.audit);
        let ether = &mut self.ether;
        let sums = [
            (&mut self.runs, other.runs),
            (&mut self.virtual_ms, other.virtual_ms),
            (&mut self.events, other.events),
            (&mut self.letters, other.letters),
            (&mut self.lost_letters, other.lost_letters),
            (&mut ether.connections, other.ether.connections),
            (&mut ether.segments, other.ether.segments),
            (&mut ether.losses, other.ether.losses),
            (&mut ether.holds, other.ether.holds),
            (&mut self.takeovers, other.takeovers),
            (&mut storm.starts, other.storm.starts),
            (&mut storm.crashes, other.storm.crashes),
            (&mut storm.pauses, other.storm.pauses),
            (&mut storm.partitions, other.storm.partitions),
            (&mut storm.outages, other.storm.outages),
            (&mut storm.slow, other.storm.slow),
            (&mut storm.jumps, other.storm.jumps),
            (&mut storm.drains, other.storm.drains),
            (&mut storm.shifts, other.storm.shifts),
            (&mut storm.impostors, other.storm.impostors),
            (&mut storm.refused, other.storm.refused),
            (&mut storm.expelled, other.storm.expelled),
            (&mut store.commits, other.store.commits),
            (&mut store.fenced, other.store.fenced),
            (&mut store.unknown, other.store.unknown),
            (&mut store.late, other.store.late),
            (&mut store.false_conflicts, other.store.false_conflicts),
            (&mut store.unavailable, other.store.unavailable),
            (&mut answers.attempts, other.answers.attempts),
            (&mut answers.accepted, other.answers.accepted),
            (&mut answers.rejected, other.answers.rejected),
            (&mut answers.unknown, other.answers.unknown),
            (&mut answers.not_done, other.answers.not_done),
            (&mut answers.reused, other.answers.reused),
            (&mut answers.repeated, other.answers.repeated),
            (&mut audit.effects, other.audit.effects),
            (&mut audit.answers, other.audit.answers),
            (&mut audit.messages, other.audit.messages),
            (&mut audit.timers, other.audit.timers),
            (&mut audit.open, other.audit.open),
            (&mut self.invoices, other.invoices),
        ];
        for (sum, more) in sums {
            *sum = sum.saturating_add(more);
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures { storm, store, answers, audit, .. } = self;
        let seconds = self.virtual_ms / 1_000;
        writeln!(
            formatter,
            "runs        {}, {seconds} s of simulated time, {} events",
            self.runs, self.events
        )?;
        writeln!(
            formatter,
            "requests    {}: {} accepted, {} refused, {} unknown, {} not done, {} ids used twice; {} repeats alike",
            answers.attempts,
            answers.accepted,
            answers.rejected,
            answers.unknown,
            answers.not_done,
            answers.reused,
            answers.repeated,
        )?;
        writeln!(
            formatter,
            "nodes       {} starts, {} crashes, {} pauses, {} drains, {} names in use, {} starts refused, {} ended",
            storm.starts,
            storm.crashes,
            storm.pauses,
            storm.drains,
            storm.impostors,
            storm.refused,
            storm.expelled,
        )?;
        writeln!(
            formatter,
            "shards      {} changed hands, {} moved by the operator",
            self.takeovers, storm.shifts
        )?;
        writeln!(
            formatter,
            "network     {} letters, {} lost, {} ways cut, {} clocks jumped",
            self.letters, self.lost_letters, storm.partitions, storm.jumps
        )?;
        if self.ether.connections > 0 {
            let EtherCounts { connections, segments, losses, holds } = self.ether;
            writeln!(
                formatter,
                "streams     {connections} connections, {segments} segments; {losses} times what was under way was lost, \
                 {holds} times it was held up"
            )?;
        }
        writeln!(
            formatter,
            "store       {} commits, {} fenced, {} unknown of which {} came late, {} false conflicts, {} unavailable; away \
             {} times, slow {} times",
            store.commits,
            store.fenced,
            store.unknown,
            store.late,
            store.false_conflicts,
            store.unavailable,
            storm.outages,
            storm.slow,
        )?;
        write!(
            formatter,
            "audited     {} effects, {} answers as predicted, {} messages, {} timers, {} requests without an answer; {} invoices",
            audit.effects, audit.answers, audit.messages, audit.timers, audit.open, self.invoices
        )
    }
}
