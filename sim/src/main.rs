//! Runs the cluster from seeds and says what happened.

use std::process::ExitCode;

use clap::Parser;
use sim::defect::Defect;
use sim::run::{Figures, Outcome, RunOptions, Workload, run};
use sim::world::Mode;

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
    /// How nodes talk with each other
    #[arg(long, value_enum, default_value_t = Nodes::Plain)]
    mode: Nodes,
    /// What the clients do; without it the seed says
    #[arg(long)]
    workload: Option<Clients>,
    /// How many lines of the trace to print of a run that failed
    #[arg(long, default_value_t = 60)]
    tail: usize,
}

/// How nodes talk with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Nodes {
    /// By letters of the simulation
    Plain,
    /// Over gRPC on turmoil's network
    Turmoil,
}

/// What the clients do.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Clients {
    /// Move money between the accounts of a toy bank
    Bank,
    /// Have a month of a small supplier billed
    Billing,
    /// Have accounts charged in real time
    Charging,
    /// Send records of charging sessions
    Roaming,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let defect = match arguments.defect.as_deref().map_or(Ok(Defect::default()), defect) {
        Ok(defect) => defect,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let workload = arguments.workload.map(|clients| match clients {
        Clients::Bank => Workload::Bank,
        Clients::Billing => Workload::Billing,
        Clients::Charging => Workload::Charging,
        Clients::Roaming => Workload::Roaming,
    });
    let mode = match arguments.mode {
        Nodes::Plain => Mode::Plain,
        Nodes::Turmoil => Mode::Turmoil,
    };
    if mode == Mode::Turmoil && !cfg!(tokio_unstable) {
        eprintln!(
            "built without a seed for tokio: a seed may give another run each time; `cargo simulate -- …` repeats it"
        );
    }
    let (first, count) = arguments.seed.map_or((arguments.from, arguments.seeds), |seed| (seed, 1));
    let tail = if arguments.seed.is_some() { usize::MAX } else { arguments.tail };
    let mut sum = Figures::default();
    let mut failed = Vec::new();
    for seed in first..first.saturating_add(count) {
        let outcome = run(seed, RunOptions { mode, defect, workload, tail });
        sum.add(&outcome.figures);
        if arguments.seed.is_some() || outcome.failure.is_some() {
            show(&outcome, &arguments);
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

fn show(outcome: &Outcome, arguments: &Arguments) {
    outcome.tail.iter().for_each(|line| println!("{line}"));
    println!("seed {}: trace {:016x}", outcome.seed, outcome.trace_hash);
    if let Some(failure) = &outcome.failure {
        let option = |name: &str, value: Option<String>| value.map(|value| format!(" --{name} {value}"));
        let workload = arguments.workload.map(|clients| format!("{clients:?}").to_lowercase());
        let mode = (arguments.mode == Nodes::Turmoil).then(|| "turmoil".to_owned());
        let options = [mode, arguments.defect.clone(), workload];
        let options = ["mode", "defect", "workload"].into_iter().zip(options);
        let options = options.map(|(name, value)| option(name, value));
        let options: String = options.flatten().collect();
        println!("FAILED: {failure}\nagain: cargo run -p sim -- --seed {}{options}", outcome.seed);
    }
}

fn defect(name: &str) -> Result<Defect, String> {
    Defect::named(name).ok_or_else(|| format!("no such defect; there are {}", Defect::NAMES.join(", ")))
}
