//! `tenant.csv` and `tax_rates.csv`: what holds for all bills of a tenant.

use domain::entity::catalog::TenantSettings;
use domain::tax::{TaxClass, TaxRate, VatRate};

use super::cells::hundredths;
use super::error::{CsvError, CsvFault};
use super::table::Table;

pub(super) fn settings(table: &Table) -> Result<TenantSettings, CsvError> {
    let mut rows = table.rows();
    let row = rows.next().ok_or_else(|| table.fault(CsvFault::NoRows))?;
    let settings = TenantSettings {
        seller_name: row.name("seller_name")?,
        address: row.address()?,
        vat_id: row.free_text("vat_id")?,
        iban: row.free_text("iban")?,
        contact: row.free_text("contact")?,
        currency: row.currency()?,
        zone: row.zone()?,
        payment_days: row.value("payment_days", "a count of days, 0 to 365", |text| {
            text.parse().ok().filter(|days| *days <= 365)
        })?,
        invoice_prefix: row.id("invoice_number_prefix")?.to_owned(),
        refuses_check_digits: row.value("check_digits", "warn, refuse or nothing", |text| match text {
            "" | "warn" => Some(false),
            "refuse" => Some(true),
            _ => None,
        })?,
    };
    match rows.next() {
        None => Ok(settings),
        Some(second) => Err(second.wrong("seller_name", "nothing: a tenant has one row of settings")),
    }
}

pub(super) fn tax_rates(table: &Table) -> Result<Vec<TaxRate>, CsvError> {
    let rates = table.rows().map(|row| {
        Ok(TaxRate {
            class: TaxClass::new(row.id("tax_class")?),
            valid_from: row.day("valid_from")?,
            rate: row.value(
                "rate_percent",
                "a percentage of 0 to 100 with at most two decimals",
                |text| hundredths(text).and_then(VatRate::new),
            )?,
        })
    });
    rates.collect()
}
