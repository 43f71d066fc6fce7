//! Arguments that several components of our own have: prices, rates of tax and hours.

use domain::fixed;
use domain::price::Price;
use domain::session::DayHours;
use domain::tax::VatRate;

use crate::cli::failure::Failure;

/// A price from zero on.
pub(super) fn price(argument: &str, text: &str) -> Result<Price, Failure> {
    any_price(text).ok_or_else(|| wrong(argument, text, "a price such as 6.00"))
}

/// A price from zero on; `None` where the text is none.
pub(super) fn any_price(text: &str) -> Option<Price> {
    Price::parse(text).ok().filter(|price| *price >= Price::ZERO)
}

/// A rate of value added tax.
pub(super) fn vat(argument: &str, text: &str) -> Result<VatRate, Failure> {
    let hundredths = fixed::parse(text, 2).ok().and_then(|hundredths| u32::try_from(hundredths).ok());
    let rate = hundredths.and_then(VatRate::new);
    rate.ok_or_else(|| wrong(argument, text, "a percentage from 0 to 100"))
}

/// Hours of the day.
pub(super) fn hours(argument: &str, text: &str) -> Result<DayHours, Failure> {
    let hours = text
        .split_once('-')
        .and_then(|(start, end)| Some(DayHours { start_minute: minute(start)?, end_minute: minute(end)? }));
    hours.ok_or_else(|| wrong(argument, text, "two times such as 22:00-07:00"))
}

/// What an argument should have been.
pub(super) fn wrong(argument: &str, text: &str, expected: &str) -> Failure {
    Failure::Usage(format!("{argument}: {text} is not {expected}"))
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
