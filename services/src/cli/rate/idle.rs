//! The idle fee of a contract, as arguments.

use clap::Args;
use domain::session::IdleFee;

use super::argument::{hours, price, vat};
use crate::cli::failure::Failure;

/// An idle fee beside the tariff.
#[derive(Args, Clone, Debug)]
pub(super) struct IdleArguments {
    /// An idle fee beside the tariff: the price of an hour, without VAT
    #[arg(long, value_name = "PRICE")]
    idle_price: Option<String>,
    /// Its VAT, as a percentage; none where it is left out
    #[arg(long, value_name = "PERCENT", requires = "idle_price")]
    idle_vat: Option<String>,
    /// The first seconds of parking that are free
    #[arg(long, value_name = "SECONDS", default_value_t, requires = "idle_price")]
    idle_grace: u32,
    /// The local hours that are free: 22:00-07:00
    #[arg(long, value_name = "HOURS", requires = "idle_price")]
    idle_free: Option<String>,
    /// The most for a local day, without VAT
    #[arg(long, value_name = "PRICE", requires = "idle_price")]
    idle_daily_cap: Option<String>,
}

impl IdleArguments {
    /// The fee; `None` where none is told.
    pub(super) fn fee(&self) -> Result<Option<IdleFee>, Failure> {
        let Some(text) = &self.idle_price else { return Ok(None) };
        let cap = self.idle_daily_cap.as_deref().map(|text| price("--idle-daily-cap", text));
        Ok(Some(IdleFee {
            price: price("--idle-price", text)?,
            vat: self.idle_vat.as_deref().map(|text| vat("--idle-vat", text)).transpose()?,
            grace_s: self.idle_grace,
            free: self.idle_free.as_deref().map(|text| hours("--idle-free", text)).transpose()?,
            most_per_day: cap.transpose()?,
        }))
    }
}
