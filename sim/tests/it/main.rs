//! Whole clusters from seeds: nothing is lost or doubled, the same seed gives the same run, and every rule of the protocol
//! that is switched off is noticed.
#![expect(clippy::panic, reason = "a test that meets the unexpected has failed")]

mod turmoil;

use sim::defect::Defect;
use sim::run::{Figures, Outcome, RunOptions, Workload, run};
use sim::world::Mode;

/// Seeds that once found something: a timer that fired after it was cancelled; a node that could not leave because a claim
/// was waiting to be tried again.
const FOUND_SOMETHING: [u64; 3] = [49, 96, 952];

/// Within so many seeds every defect is noticed.
const SEEDS: u64 = 200;

fn sound(seed: u64, mode: Mode) -> Outcome {
    let outcome = run(seed, RunOptions { mode, tail: 40, ..RunOptions::default() });
    if let Some(failure) = &outcome.failure {
        panic!("seed {seed}: {failure}\n{}", outcome.tail.join("\n"));
    }
    outcome
}

#[test]
fn nothing_is_lost_and_nothing_is_doubled() {
    let mut sum = Figures::default();
    (0..40).chain(FOUND_SOMETHING).for_each(|seed| sum.add(&sound(seed, Mode::Plain).figures));
    // A simulation in which nothing happens finds nothing.
    let happened = [
        sum.storm.crashes,
        sum.storm.pauses,
        sum.storm.drains,
        sum.storm.partitions,
        sum.storm.jumps,
        sum.storm.shifts,
        sum.storm.impostors,
        sum.store.fenced,
        sum.store.late,
        sum.store.unknown,
        sum.takeovers,
        sum.audit.messages,
        sum.audit.timers,
        sum.answers.reused,
        sum.answers.repeated,
        sum.invoices,
    ];
    assert!(happened.iter().all(|count| *count > 0), "{sum}");
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..6 {
        assert_eq!(sound(seed, Mode::Plain).trace_hash, sound(seed, Mode::Plain).trace_hash, "seed {seed}");
    }
}

#[test]
fn every_missing_rule_is_noticed() {
    for name in Defect::NAMES {
        let defect = Defect::named(name).unwrap_or_default();
        let workload = defect.is_hasty.then_some(Workload::Billing);
        let options = RunOptions { defect, workload, ..RunOptions::default() };
        let is_noticed = |seed| run(seed, options).failure.is_some();
        assert!((0..SEEDS).any(is_noticed), "{name} was not noticed in {SEEDS} seeds");
    }
}
