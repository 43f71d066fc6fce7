//! `kvarter settle`: computes a settlement scenario from a folder of CSV files, in this process.
//!
//! The rules are in `domain::settlement`; here are its rim: reading the files, writing the result tables, and comparing
//! them with expected ones. Nothing of it touches a node.

mod arguments_file;
mod compare;
mod csv_file;
mod error;
mod expected;
mod input;
mod report;
mod result_table;
mod tables;
mod write;

use std::path::PathBuf;

use clap::Args;
use domain::settlement::Settlement;

pub use compare::{Comparison, Difference};
pub use error::SettleError;
pub use report::{Outcome, Report};

/// What `kvarter settle` is told.
#[derive(Args, Clone, Debug)]
#[command(
    about = "Compute the energy and charges of a settlement scenario",
    long_about = "Computes the energy of grid areas and the charges on it from a folder of CSV files, writes the result \
                  tables and, where asked, compares them with expected ones.\n\nThe input folder holds \
                  calculation_arguments.yml, metering_point_periods.csv, time_series_points.csv, \
                  grid_loss_metering_points.csv and, unless the calculation is of energy alone, charge_link_periods.csv, \
                  charge_price_information_periods.csv and charge_price_points.csv.",
    after_help = "Examples:\n  kvarter settle --input scenario/when --output results\n  kvarter settle --input \
                  scenario/when --compare scenario/then\n\nExit codes: 0 done, and nothing differs; 1 something differs; \
                  2 the input or the command is wrong."
)]
pub struct SettleArguments {
    /// The folder with the scenario's input
    #[arg(long, value_name = "WHEN_DIR")]
    pub input: PathBuf,
    /// The folder to write wholesale_results/*.csv and energy_results/*.csv to; it is made where it lacks
    #[arg(long, value_name = "OUT_DIR")]
    pub output: Option<PathBuf>,
    /// The folder with expected tables to compare the results with
    #[arg(long, value_name = "THEN_DIR")]
    pub compare: Option<PathBuf>,
    /// The zone whose midnights begin the days
    #[arg(long, value_name = "ZONE", default_value = "Europe/Copenhagen")]
    pub zone: String,
}

/// Computes the scenario, writes and compares as told.
///
/// # Errors
/// [`SettleError`] where a file is missing or wrong, or the settlement is refused.
pub fn run(arguments: &SettleArguments) -> Result<Report, SettleError> {
    let (scenario, settlement) = compute(arguments)?;
    let tables = tables::of(&settlement, &scenario);
    if let Some(folder) = &arguments.output {
        write::tables(folder, &tables)?;
    }
    let comparison = match &arguments.compare {
        Some(folder) => Some(compare::with_folder(folder, &tables, &scenario)?),
        None => None,
    };
    Ok(Report {
        rows: tables.iter().map(|table| (table.name.to_owned(), table.rows.len())).collect(),
        written_to: arguments.output.clone(),
        notices: settlement.notices,
        comparison,
    })
}

fn compute(
    arguments: &SettleArguments,
) -> Result<(arguments_file::CalculationArguments, Settlement), SettleError> {
    let folder = &arguments.input;
    if !folder.is_dir() {
        return Err(SettleError::NotAFolder { option: "--input", path: folder.clone() });
    }
    let scenario = arguments_file::read(folder, &arguments.zone)?;
    let settlement = input::settle(folder, &scenario)?;
    Ok((scenario, settlement))
}
