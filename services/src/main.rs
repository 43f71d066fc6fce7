//! The `kvarter` program.

use std::io::{self, Write};
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

/// Results go to standard output, everything else to standard error. A reader that has gone away is no failure.
fn settle(arguments: &SettleArguments) -> ExitCode {
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    match settle::run(arguments) {
        Ok(report) => {
            for notice in &report.notices {
                let _ = writeln!(err, "note: {notice}");
            }
            let _ = write!(out, "{report}");
            ExitCode::from(report.outcome().exit_code())
        }
        Err(error) => {
            let _ = writeln!(err, "error: {error}");
            ExitCode::from(WRONG_INPUT)
        }
    }
}
