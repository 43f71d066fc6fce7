//! Energy by an index, as arguments and a file of the index's prices.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use domain::fixed;
use domain::instant::{Instant, Period};
use domain::price::Price;
use domain::session::{IndexPrices, SpotEnergy, SpotFormula};

use super::argument::{hours, price, vat, wrong};
use crate::cli::failure::Failure;

/// Energy by an index, beside the tariff's.
#[derive(Args, Clone, Debug)]
pub(super) struct SpotArguments {
    /// Energy by an index, beside the tariff's: a CSV of start, end and price of a kWh without VAT
    #[arg(long, value_name = "FILE")]
    spot_prices: Option<PathBuf>,
    /// By what the index is multiplied
    #[arg(long, value_name = "NUMBER", default_value = "1", requires = "spot_prices")]
    spot_factor: String,
    /// What is added to a kWh; below zero it is taken off
    #[arg(long, value_name = "PRICE", allow_hyphen_values = true, requires = "spot_prices")]
    spot_addend: Option<String>,
    /// The least for a kWh
    #[arg(long, value_name = "PRICE", requires = "spot_prices")]
    spot_floor: Option<String>,
    /// The most for a kWh
    #[arg(long, value_name = "PRICE", requires = "spot_prices")]
    spot_cap: Option<String>,
    /// Its VAT, as a percentage; none where it is left out
    #[arg(long, value_name = "PERCENT", requires = "spot_prices")]
    spot_vat: Option<String>,
    /// The local hours in which energy is priced so: 06:00-22:00
    #[arg(long, value_name = "HOURS", requires = "spot_prices")]
    spot_hours: Option<String>,
}

impl SpotArguments {
    /// The energy's price; `None` where none is told.
    pub(super) fn energy(&self) -> Result<Option<SpotEnergy>, Failure> {
        let Some(path) = &self.spot_prices else { return Ok(None) };
        let text = fs::read_to_string(path).map_err(Failure::file(path))?;
        let index = index(&text).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
        let factor = fixed::parse(&self.spot_factor, 4).ok().and_then(|factor| u32::try_from(factor).ok());
        let addend = self.spot_addend.as_deref().map(|text| {
            Price::parse(text).map_err(|_| wrong("--spot-addend", text, "a price such as 0.02 or -0.02"))
        });
        let bound = |argument: &str, text: &Option<String>| {
            text.as_deref().map(|text| price(argument, text)).transpose()
        };
        let formula = SpotFormula {
            factor_ten_thousandths: factor.ok_or_else(|| {
                wrong("--spot-factor", &self.spot_factor, "a number with at most four decimals such as 1.05")
            })?,
            addend: addend.transpose()?.unwrap_or_default(),
            least: bound("--spot-floor", &self.spot_floor)?,
            most: bound("--spot-cap", &self.spot_cap)?,
            vat: self.spot_vat.as_deref().map(|text| vat("--spot-vat", text)).transpose()?,
        };
        let hours = self.spot_hours.as_deref().map(|text| hours("--spot-hours", text)).transpose()?;
        Ok(Some(SpotEnergy { formula, hours, index: Arc::new(index) }))
    }
}

/// The prices of a file with lines such as `2024-10-01T14:00:00Z,2024-10-01T15:00:00Z,0.0931` behind a heading.
fn index(text: &str) -> Result<IndexPrices, String> {
    let lines = (1..).zip(text.lines()).skip(1).filter(|(_, line)| !line.trim().is_empty());
    let intervals: Result<Vec<_>, String> = lines
        .map(|(number, line): (u32, &str)| {
            interval(line).ok_or_else(|| {
                format!("line {number}: is no start, end and price such as 2024-10-01T14:00:00Z,2024-10-01T15:00:00Z,0.0931")
            })
        })
        .collect();
    IndexPrices::new(intervals?)
        .ok_or_else(|| "intervals overlap, or stand in another order than time".to_owned())
}

fn interval(line: &str) -> Option<(Period, Price)> {
    let mut fields = line.split(',').map(str::trim);
    let (start, end, price) = (fields.next()?, fields.next()?, fields.next()?);
    let period = Period::new(Instant::parse(start)?, Instant::parse(end)?)?;
    fields.next().is_none().then_some(())?;
    Some((period, Price::parse(price).ok()?))
}
