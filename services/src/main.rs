//! The `kvarter` program.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use services::cli;
use services::settle::{self, SettleArguments};

/// Gives memory back when what needed it sleeps; the system's often keeps it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Billing for energy and utilities
#[derive(Parser)]
#[command(
    name = "kvarter",
    version,
    arg_required_else_help = true,
    after_help = "Try `kvarter demo` first. Every command explains itself with --help, with examples.\nKVARTER_SERVER and \
                  KVARTER_TENANT stand for --server and --tenant."
)]
struct Kvarter {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Node(cli::Command),
    Settle(SettleArguments),
}

fn main() -> ExitCode {
    match Kvarter::parse().command {
        Command::Node(command) => node(&command),
        Command::Settle(arguments) => settle(&arguments),
    }
}

fn node(command: &cli::Command) -> ExitCode {
    match cli::execute(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&format!("error: {failure}"));
            ExitCode::from(failure.exit_code())
        }
    }
}

fn settle(arguments: &SettleArguments) -> ExitCode {
    match settle::run(arguments) {
        Ok(report) => {
            for notice in &report.notices {
                tell(&format!("note: {notice}"));
            }
            match write!(io::stdout(), "{report}") {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    tell(&format!("error: standard output: {error}"));
                    ExitCode::from(cli::WRONG_INPUT)
                }
                _ => ExitCode::from(report.outcome().exit_code()),
            }
        }
        Err(error) => {
            tell(&format!("error: {error}"));
            ExitCode::from(cli::WRONG_INPUT)
        }
    }
}

/// Writes a line to standard error. Nobody reading any more is no failure.
fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
