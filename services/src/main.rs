//! The `kvarter` program.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use services::cli;
use services::settle::{self, SettleArguments};

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

#[expect(clippy::print_stderr, reason = "a program speaks to its terminal")]
fn node(command: &cli::Command) -> ExitCode {
    match cli::execute(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its terminal")]
fn settle(arguments: &SettleArguments) -> ExitCode {
    match settle::run(arguments) {
        Ok(report) => {
            for notice in &report.notices {
                eprintln!("note: {notice}");
            }
            print!("{report}");
            ExitCode::from(report.outcome().exit_code())
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(cli::WRONG_INPUT)
        }
    }
}
