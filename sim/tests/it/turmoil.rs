//! The same clusters with the links of the program itself, on turmoil's network.

use sim::defect::Defect;
use sim::run::{Figures, RunOptions, run};
use sim::world::Mode;

use super::sound;

/// Within so many seeds a missing fence is noticed.
const SEEDS: u64 = 40;

#[test]
fn nothing_is_lost_and_nothing_is_doubled_over_real_links() {
    let mut sum = Figures::default();
    (0..4).for_each(|seed| sum.add(&sound(seed, Mode::Turmoil).figures));
    let happened = [
        sum.storm.crashes,
        sum.storm.pauses,
        sum.storm.partitions,
        sum.takeovers,
        sum.ether.connections,
        sum.ether.segments,
        sum.ether.losses,
        sum.ether.holds,
        sum.audit.messages,
        sum.audit.timers,
    ];
    assert!(happened.iter().all(|count| *count > 0), "{sum}");
}

/// Run after run, each in a process of its own, as whoever looks into a failure repeats it. Without the flag tokio takes no seed,
/// and the links choose among what is ready by chance.
#[cfg(tokio_unstable)]
#[test]
fn the_same_seed_gives_the_same_run_over_real_links() {
    let trace = |seed: &str| {
        let run = std::process::Command::new(env!("CARGO_BIN_EXE_sim"))
            .args(["--mode", "turmoil", "--seed", seed])
            .output();
        let Ok(run) = run else { panic!("the simulator does not start") };
        assert!(run.status.success(), "seed {seed}");
        run.stdout
    };
    for seed in ["0", "1", "2", "3", "4", "5"] {
        assert!(trace(seed) == trace(seed), "seed {seed}");
    }
}

#[test]
fn a_missing_fence_is_noticed_over_real_links() {
    let defect = Defect::named("no-fence").unwrap_or_default();
    let options = RunOptions { mode: Mode::Turmoil, defect, ..RunOptions::default() };
    assert!((0..SEEDS).any(|seed| run(seed, options).failure.is_some()), "not noticed in {SEEDS} seeds");
}
