//! The prices and amounts of settlement rows.
//!
//! An amount is rounded once per row, never per metering point, and never before to the minor unit.

use super::charges::{Sums, SumsByGroup};
use super::energy::quantity_of_wh;
use super::notice::Notice;
use super::price_book::PriceBook;
use super::refusal::Refusal;
use super::results::{ChargeGroup, ChargeSeries, ChargeTable, RowAmount, SettlementRow};
use super::timeline::Timeline;
use crate::charge::ChargeKey;
use crate::fixed::{Rounding, divide};
use crate::instant::Instant;
use crate::price::Price;
use crate::quantity::Quantity;

/// 10^-6 (quantity) x 10^-8 (price) to 10^-6.
const PRODUCT_PER_MICRO: i128 = 100_000_000;
/// A price of six decimals in the 10^-8 of a [`Price`].
const PRICE_STEP: i64 = 100;

/// Turns sums into priced rows.
pub(super) struct Pricing<'a> {
    pub(super) book: &'a PriceBook<'a>,
    pub(super) timeline: &'a Timeline,
    pub(super) notices: &'a mut Vec<Notice>,
}

impl Pricing<'_> {
    /// The rows of a table.
    pub(super) fn rows(
        &mut self,
        table: ChargeTable,
        sums: SumsByGroup,
    ) -> Result<Vec<ChargeSeries>, Refusal> {
        let mut all = Vec::with_capacity(sums.len());
        for (group, sums) in sums {
            let rows = self.rows_of(table, &group.charge, &sums)?;
            if !rows.is_empty() {
                notice_prices(&group, &rows, self.notices);
                all.push(ChargeSeries { group, rows });
            }
        }
        Ok(all)
    }

    fn rows_of(
        &self,
        table: ChargeTable,
        charge: &ChargeKey,
        sums: &Sums,
    ) -> Result<Vec<SettlementRow>, Refusal> {
        let present = sums.iter().enumerate().filter_map(|(place, sum)| Some((place, (*sum)?)));
        let row = |(place, (sum, qualities))| {
            let time = self.timeline.place_start(table, place);
            let price = self.price(table, charge, time)?;
            let quantity = match table.counts_energy() {
                true => quantity_of_wh(sum)?,
                false => i64::try_from(sum).map(Quantity::from_micros).map_err(|_| Refusal::OUT_OF_RANGE)?,
            };
            let amount = price.map(|price| amount(quantity, price)).transpose()?;
            Ok(SettlementRow { time, quantity, qualities, price, amount })
        };
        present.map(row).collect()
    }

    /// The price of a row: of a subscription, the monthly price divided by the civil days of the settlement's period,
    /// rounded to six decimals.
    fn price(&self, table: ChargeTable, charge: &ChargeKey, time: Instant) -> Result<Option<Price>, Refusal> {
        let Some(entry) = self.book.get(charge) else { return Ok(None) };
        match table {
            ChargeTable::HourlyTariff | ChargeTable::DailyTariff => Ok(entry.price_at(time)),
            ChargeTable::Fee => Ok(entry.price_carried_to(time)),
            ChargeTable::Subscription => {
                let Some(price) = entry.price_carried_to(time) else { return Ok(None) };
                let days = i128::try_from(self.timeline.days().len()).map_err(|_| Refusal::OUT_OF_RANGE)?;
                let divisor = days.saturating_mul(i128::from(PRICE_STEP));
                let micros = divide(i128::from(price.raw()), divisor, Rounding::HalfAwayFromZero);
                let raw = micros.and_then(|micros| i64::try_from(micros).ok()?.checked_mul(PRICE_STEP));
                raw.map(|raw| Some(Price::from_raw(raw))).ok_or(Refusal::OUT_OF_RANGE)
            }
        }
    }
}

/// Says that rows lack a price, once per charge and supplier.
fn notice_prices(group: &ChargeGroup, rows: &[SettlementRow], notices: &mut Vec<Notice>) {
    let without = rows.iter().filter(|row| row.price.is_none()).count();
    let earlier = notices.iter_mut().find_map(|notice| match notice {
        Notice::RowsWithoutPrice { charge, energy_supplier, rows, of }
            if *charge == group.charge && *energy_supplier == group.energy_supplier =>
        {
            Some((rows, of))
        }
        _ => None,
    });
    match earlier {
        Some((count, of)) => {
            *count += without;
            *of += rows.len();
        }
        None if without > 0 => notices.push(Notice::RowsWithoutPrice {
            charge: group.charge.clone(),
            energy_supplier: group.energy_supplier.clone(),
            rows: without,
            of: rows.len(),
        }),
        None => {}
    }
}

/// Quantity x price, rounded to six decimals, half away from zero.
fn amount(quantity: Quantity, price: Price) -> Result<RowAmount, Refusal> {
    let product = i128::from(quantity.micros()).checked_mul(i128::from(price.raw()));
    let micros = product
        .and_then(|product| divide(product, PRODUCT_PER_MICRO, Rounding::HalfAwayFromZero))
        .and_then(|micros| i64::try_from(micros).ok());
    micros.map(RowAmount::from_micros).ok_or(Refusal::OUT_OF_RANGE)
}
