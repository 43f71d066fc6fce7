//! Runs the cluster from seeds and says what happened.

use std::process::ExitCode;

use actors::shell::Defects;
use clap::Parser;
use sim::run::{Figures, Outcome, RunOptions, run};

/// Simulates clusters and audits them. The same seed gives the same run.
#[derive(Debug, Parser)]
#[command(name = "sim")]
struct Arguments {
    /// How many seeds to run
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Run this seed alone and print its trace
    #[arg(long)]
    seed: Option<u64>,
    /// Switch off a rule of the protocol, to see that it is noticed
    #[arg(long)]
    defect: Option<String>,
    /// How many lines of the trace to print of a run that failed
    #[arg(long, default_value_t = 60)]
    tail: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let defects = match arguments.defect.as_deref().map_or(Ok(Defects::default()), defect) {
        Ok(defects) => defects,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let (first, count) = arguments.seed.map_or((arguments.from, arguments.seeds), |seed| (seed, 1));
    let tail = if arguments.seed.is_some() { usize::MAX } else { arguments.tail };
    let mut sum = Figures::default();
    let mut failed = Vec::new();
    for seed in first..first.saturating_add(count) {
        let outcome = run(seed, RunOptions { defects, tail });
        sum.add(&outcome.figures);
        if arguments.seed.is_some() || outcome.failure.is_some() {
            show(&outcome, arguments.defect.as_deref());
        }
        if outcome.failure.is_some() {
            failed.push(seed);
        }
    }
    println!("{sum}");
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("FAILED: seeds {failed:?}");
    ExitCode::FAILURE
}

fn show(outcome: &Outcome, defect: Option<&str>) {
    outcome.tail.iter().for_each(|line| println!("{line}"));
    println!("seed {}: trace {:016x}", outcome.seed, outcome.trace_hash);
    if let Some(failure) = &outcome.failure {
        let defect = defect.map(|name| format!(" --defect {name}")).unwrap_or_default();
        println!("FAILED: {failure}\nagain: cargo run -p sim -- --seed {}{defect}", outcome.seed);
    }
}

fn defect(name: &str) -> Result<Defects, String> {
    let none = Defects::default();
    let defects = [
        ("no-fence", Defects { no_fence: true, ..none }),
        ("early-answers", Defects { early_answers: true, ..none }),
        ("no-deduplication", Defects { no_deduplication: true, ..none }),
    ];
    let found = defects.iter().find(|(known, _)| *known == name);
    let names = || defects.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ");
    found.map(|(_, defects)| *defects).ok_or_else(|| format!("no such defect; there are {}", names()))
}
