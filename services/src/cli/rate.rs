//! `kvarter rate`: prices usage and charging sessions from files, without a node.

mod argument;
mod cdr;
mod idle;
mod member;
mod spot;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use domain::usage::{RatedUsage, UsagePosition};

use super::failure::Failure;
use super::sheet::{Output, Sheet, say};
use crate::usage;

/// What `kvarter rate` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "Prices what a file holds in this process and without a node, with the same arithmetic as a node. Usage: the \
                  events of a file with the charge models of a product; docs/reference/charge-models.md has an example of every \
                  model. CDR: a charging session under an OCPI tariff; see docs/reference/price-sheets.md. All files are JSON.",
    after_help = "Examples:\n  kvarter rate usage --product product.json --usage usage.json\n  kvarter rate usage --product \
                  product.json --usage usage.json --format table\n  kvarter rate cdr --tariff tariff.json --cdr cdr.json --timezone \
                  Europe/Amsterdam\n\nExit codes: 0 done; 2 the command or a file is wrong, nothing is priced in part."
)]
pub struct RateArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// Price events under a product
    Usage(UsageArguments),
    /// Price a charging session under an OCPI tariff
    Cdr(Box<cdr::CdrArguments>),
}

#[derive(Args, Clone, Debug)]
struct UsageArguments {
    /// The product, as the API has it
    #[arg(long, value_name = "FILE")]
    product: PathBuf,
    /// The days and their events
    #[arg(long, value_name = "FILE")]
    usage: PathBuf,
    /// How to print it
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    format: Form,
}

/// The form of what is priced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Everything, for programs
    #[default]
    Json,
    /// Lines for people
    Table,
}

/// Prices as told.
pub(super) fn run(arguments: &RateArguments) -> Result<(), Failure> {
    match &arguments.what {
        What::Usage(arguments) => rate_usage(arguments),
        What::Cdr(arguments) => cdr::run(arguments),
    }
}

fn rate_usage(arguments: &UsageArguments) -> Result<(), Failure> {
    let product = read(&arguments.product, usage::read_product)?;
    let events = read(&arguments.usage, usage::read_usage)?;
    let rated = usage::rate(&product, &events).map_err(wrong(&arguments.usage))?;
    match arguments.format {
        Form::Json => say(usage::rated_json(&product, &events, &rated)),
        Form::Table => sheet(&rated).print(Output::Table),
    }
}

fn read<T>(path: &Path, read: impl Fn(&str) -> Result<T, usage::UsageError>) -> Result<T, Failure> {
    let text = fs::read_to_string(path).map_err(Failure::file(path))?;
    read(&text).map_err(wrong(path))
}

/// Every line of what is wrong begins with the file's name.
fn wrong(path: &Path) -> impl Fn(usage::UsageError) -> Failure + '_ {
    |error| {
        let lines = error.to_string();
        let lines: Vec<String> = lines.lines().map(|line| format!("{}: {line}", path.display())).collect();
        Failure::Usage(lines.join("\n"))
    }
}

fn sheet(rated: &RatedUsage) -> Sheet {
    let columns = &["component", "events", "quantity", "unit", "unit_amount", "exact_amount", "rounded"];
    let total = vec![
        "total".to_owned(),
        String::new(),
        String::new(),
        String::new(),
        rated.currency.to_string(),
        rated.total.to_string(),
        rated.rounded.to_text(),
    ];
    let rows = rated.positions.iter().map(row).chain([total]);
    Sheet::new(columns, &["events", "quantity", "unit_amount", "exact_amount", "rounded"]).with(rows)
}

fn row(position: &UsagePosition) -> Vec<String> {
    let average = position.amount.average_price(position.quantity);
    vec![
        position.component.clone(),
        position.events.to_string(),
        position.quantity.to_string(),
        position.unit.symbol().to_owned(),
        average.map(|price| price.to_string()).unwrap_or_default(),
        position.amount.to_string(),
        position.rounded.to_text(),
    ]
}
