//! The `kvarter` program.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use services::settle::{self, SettleArguments};

/// Billing for energy and utilities
#[derive(Parser)]
#[command(name = "kvarter", version, arg_required_else_help = true)]
struct Kvarter {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Settle(SettleArguments),
}

/// The command or its input is wrong.
const WRONG_INPUT: u8 = 2;

fn main() -> ExitCode {
    match Kvarter::parse().command {
        Command::Settle(arguments) => settle(&arguments),
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
            ExitCode::from(WRONG_INPUT)
        }
    }
}
