//! Decimals, money and exact amounts.

use domain::amount::Amount;
use domain::contract::Share;
use domain::fixed::{self, DecimalError};
use domain::ledger::Asset;
use domain::money::{Currency, Money};
use domain::price::Price;
use domain::quantity::Quantity;
use domain::tax::VatRate;

use super::{FieldError, FieldFault};
use crate::google_type;

/// What an exact amount counts of a main unit is 1 / (56,637 x 10^18): see [`Amount`].
const DAYS_FACTOR: i128 = 56_637;
const DECIMALS: u32 = 18;

/// An exact amount as text: a decimal where it ends (`12.3456`), else a reduced fraction (`425/31`).
#[must_use]
pub fn amount_text(amount: Amount) -> String {
    amount.to_string()
}

/// Reads what [`amount_text`] writes, exactly; any fraction is taken whose denominator divides 56,637 x 10^18.
///
/// # Errors
/// [`DecimalError`] where it is no number, or no exact amount can be it.
pub fn parse_amount(text: &str) -> Result<Amount, DecimalError> {
    let Some((numerator, denominator)) = text.split_once('/') else {
        let scaled = fixed::parse(text, DECIMALS)?;
        return scaled.checked_mul(DAYS_FACTOR).map(Amount::from_raw).ok_or(DecimalError::TooLarge);
    };
    let whole = |part: &str| {
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        is_number.then(|| fixed::parse(part, 0)).ok_or(DecimalError::NotANumber)?
    };
    let (numerator, denominator) = (whole(numerator)?, whole(denominator)?);
    let units = fixed::power_of_ten(DECIMALS).and_then(|power| power.checked_mul(DAYS_FACTOR));
    let units = units.filter(|units| denominator > 0 && units.checked_rem(denominator) == Some(0));
    let step = units.and_then(|units| units.checked_div(denominator)).ok_or(DecimalError::NotANumber)?;
    numerator.checked_mul(step).map(Amount::from_raw).ok_or(DecimalError::TooLarge)
}

/// An exact amount in a field of text.
pub(super) fn amount(field: &str, text: &str) -> Result<Amount, FieldError> {
    parse_amount(text).map_err(|error| FieldError::at(field, number_fault(text, error)))
}

/// A number that is not there is missing.
fn number_fault(text: &str, error: DecimalError) -> FieldFault {
    if text.is_empty() { FieldFault::Missing } else { FieldFault::Number(error) }
}

/// Currency code and unit of an asset, of which one is empty.
pub(super) fn asset_codes(asset: Asset) -> (String, String) {
    let code = asset.code().to_owned();
    if asset.currency().is_some() { (code, String::new()) } else { (String::new(), code) }
}

/// The asset of a currency code, or of a unit where that is empty.
pub(super) fn asset(currency_code: &str, unit: &str) -> Result<Asset, FieldError> {
    if !currency_code.is_empty() || unit.is_empty() {
        return currency("currency_code", currency_code).map(Asset::Money);
    }
    let asset = Asset::from_code(unit).filter(|asset| asset.currency().is_none());
    asset.ok_or_else(|| FieldError::at("unit", FieldFault::NotAnAsset))
}

/// A currency by its code.
pub(super) fn currency(field: &str, code: &str) -> Result<Currency, FieldError> {
    let fault = if code.is_empty() { FieldFault::Missing } else { FieldFault::UnknownCurrency };
    Currency::from_code(code).ok_or_else(|| FieldError::at(field, fault))
}

/// A rate of tax in hundredths of a percent.
pub(super) fn vat_rate(field: &str, basis_points: u32) -> Result<VatRate, FieldError> {
    VatRate::new(basis_points).ok_or_else(|| FieldError::at(field, FieldFault::OutOfRange))
}

/// A share in hundredths of a percent.
pub(super) fn share(field: &str, basis_points: u32) -> Result<Share, FieldError> {
    Share::new(basis_points).ok_or_else(|| FieldError::at(field, FieldFault::OutOfRange))
}

impl From<&Quantity> for google_type::Decimal {
    fn from(quantity: &Quantity) -> Self {
        Self { value: quantity.to_text(0) }
    }
}

impl TryFrom<google_type::Decimal> for Quantity {
    type Error = FieldError;

    fn try_from(decimal: google_type::Decimal) -> Result<Self, FieldError> {
        Self::parse(&decimal.value).map_err(|error| FieldError::here(number_fault(&decimal.value, error)))
    }
}

impl From<&Price> for google_type::Decimal {
    fn from(price: &Price) -> Self {
        Self { value: price.to_text(0) }
    }
}

impl TryFrom<google_type::Decimal> for Price {
    type Error = FieldError;

    fn try_from(decimal: google_type::Decimal) -> Result<Self, FieldError> {
        Self::parse(&decimal.value).map_err(|error| FieldError::here(number_fault(&decimal.value, error)))
    }
}

impl From<&Money> for google_type::Money {
    fn from(money: &Money) -> Self {
        let (units_minor, minor_nanos) = scales(money.currency());
        let units = money.minor().checked_div(units_minor).unwrap_or_default();
        let rest = money.minor().checked_rem(units_minor).unwrap_or_default();
        let nanos = i32::try_from(rest.saturating_mul(minor_nanos)).unwrap_or_default();
        Self { currency_code: money.currency().code().to_owned(), units, nanos }
    }
}

impl TryFrom<google_type::Money> for Money {
    type Error = FieldError;

    fn try_from(money: google_type::Money) -> Result<Self, FieldError> {
        let currency = currency("currency_code", &money.currency_code)?;
        let (units_minor, minor_nanos) = scales(currency);
        let nanos = i64::from(money.nanos);
        let out_of_range = || FieldError::at("nanos", FieldFault::OutOfRange);
        let is_small = nanos.unsigned_abs() < 1_000_000_000;
        let same_sign = money.units.signum().checked_mul(nanos.signum()) != Some(-1);
        if !is_small || !same_sign || nanos.checked_rem(minor_nanos) != Some(0) {
            return Err(out_of_range());
        }
        let rest = nanos.checked_div(minor_nanos).ok_or_else(out_of_range)?;
        let minor = money.units.checked_mul(units_minor).and_then(|minor| minor.checked_add(rest));
        let minor = minor.ok_or_else(|| FieldError::at("units", FieldFault::OutOfRange))?;
        Ok(Self::new(minor, currency))
    }
}

/// How many minor units make a main unit, and how many nanos a minor one.
fn scales(currency: Currency) -> (i64, i64) {
    let minor = 10_i64.saturating_pow(currency.decimals());
    (minor, 1_000_000_000_i64.checked_div(minor).unwrap_or(1))
}
