//! The idle fee of a contract, as arguments.

use clap::Args;
use domain::fixed;
use domain::price::Price;
use domain::session::{DayHours, IdleFee};
use domain::tax::VatRate;

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
        let free = self.idle_free.as_deref().map(|text| {
            hours(text).ok_or_else(|| wrong("--idle-free", text, "two times such as 22:00-07:00"))
        });
        let vat = self.idle_vat.as_deref().map(|text| {
            let hundredths = fixed::parse(text, 2).ok().and_then(|hundredths| u32::try_from(hundredths).ok());
            let rate = hundredths.and_then(VatRate::new);
            rate.ok_or_else(|| wrong("--idle-vat", text, "a percentage from 0 to 100"))
        });
        let cap = self.idle_daily_cap.as_deref().map(|text| price("--idle-daily-cap", text));
        Ok(Some(IdleFee {
            price: price("--idle-price", text)?,
            vat: vat.transpose()?,
            grace_s: self.idle_grace,
            free: free.transpose()?,
            most_per_day: cap.transpose()?,
        }))
    }
}

fn price(argument: &str, text: &str) -> Result<Price, Failure> {
    let price = Price::parse(text).ok().filter(|price| *price >= Price::ZERO);
    price.ok_or_else(|| wrong(argument, text, "a price such as 6.00"))
}

fn wrong(argument: &str, text: &str, expected: &str) -> Failure {
    Failure::Usage(format!("{argument}: {text} is not {expected}"))
}

fn hours(text: &str) -> Option<DayHours> {
    let (start, end) = text.split_once('-')?;
    Some(DayHours { start_minute: minute(start)?, end_minute: minute(end)? })
}

fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) =
        text.split_once(':').filter(|(hours, minutes)| (hours.len(), minutes.len()) == (2, 2))?;
    let number = |digits: &str, most: u16| {
        let digits = digits.bytes().all(|digit| digit.is_ascii_digit()).then_some(digits)?;
        digits.parse::<u16>().ok().filter(|number| *number <= most)
    };
    number(hours, 23)?.checked_mul(60)?.checked_add(number(minutes, 59)?)
}
