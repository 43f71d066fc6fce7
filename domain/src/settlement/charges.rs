//! Settlement rows: quantity x price per group and time.
//!
//! A row stands for a grid area, supplier, charge, time, metering point type, settlement method and tax flag; its
//! price follows from charge and time. The amount is rounded once per row, never per metering point.

use std::collections::BTreeMap;
use std::ops::Range;

use super::connection::{Connection, Supply};
use super::energy::quantity_of_wh;
use super::input::{ChargeInformation, ChargeLink, Charges};
use super::notice::Notice;
use super::price_book::PriceBook;
use super::quality_set::QualitySet;
use super::refusal::Refusal;
use super::results::{ChargeGroup, ChargeSeries, ChargeTable, RowAmount, SettlementRow};
use super::series::PointSeries;
use super::timeline::Timeline;
use crate::charge::{ChargeKey, ChargeKind};
use crate::fixed::{Rounding, divide};
use crate::identity::MeteringPointId;
use crate::instant::Instant;
use crate::price::Price;
use crate::quantity::Quantity;
use crate::resolution::Resolution;

/// 10^-6 (quantity) x 10^-8 (price) to 10^-6.
const PRODUCT_PER_MICRO: i128 = 100_000_000;
/// A price of six decimals in the 10^-8 of a [`Price`].
const PRICE_STEP: i64 = 100;

/// What goes into the settlement rows.
pub(super) struct Basis<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) connections: &'a [Connection],
    pub(super) series: &'a [PointSeries],
    pub(super) supplies: &'a [Supply],
    pub(super) charges: &'a Charges,
}

/// Sums of quantities by group and by the place of the hour or day.
///
/// Energy is in Wh with its qualities, pieces in millionths.
type Sums = BTreeMap<ChargeGroup, BTreeMap<usize, (i128, QualitySet)>>;

/// Computes all settlement rows.
pub(super) fn rows(
    basis: &Basis<'_>,
    notices: &mut Vec<Notice>,
) -> Result<BTreeMap<ChargeTable, Vec<ChargeSeries>>, Refusal> {
    let book = PriceBook::new(basis.charges, basis.timeline.period())?;
    let links = links_by_point(&basis.charges.links);
    let mut sums: BTreeMap<ChargeTable, Sums> = ChargeTable::ALL.map(|table| (table, Sums::new())).into();
    for supply in basis.supplies {
        let Some(connection) = basis.connections.get(supply.connection) else { continue };
        let Some(series) = basis.series.get(supply.connection) else { continue };
        let links = links.get(&connection.master.metering_point).into_iter().flatten();
        for link in links.filter(|link| link.period.overlaps(supply.period)) {
            notice_link(link, &book, notices);
            let information = book.get(&link.charge).into_iter().flat_map(|entry| entry.information());
            for information in information {
                let table = table_of(information);
                let parts = [link.period, information.period];
                let span = parts.into_iter().try_fold(supply.period, |span, part| span.intersection(part));
                let (Some(span), Some(sums)) = (span, sums.get_mut(&table)) else { continue };
                let sums = sums.entry(group(connection, supply, information)).or_default();
                match table {
                    ChargeTable::HourlyTariff => {
                        add_hours(sums, series, basis.timeline.hours_beginning_in(span));
                    }
                    ChargeTable::DailyTariff => {
                        add_days(sums, series, basis.timeline, basis.timeline.days_beginning_in(span));
                    }
                    ChargeTable::Subscription | ChargeTable::Fee => {
                        add_pieces(sums, link.quantity, basis.timeline.days_beginning_in(span));
                    }
                }
            }
        }
    }
    let priced = |(table, sums)| Ok((table, priced(table, sums, &book, basis.timeline, notices)?));
    sums.into_iter().map(priced).collect()
}

fn links_by_point(links: &[ChargeLink]) -> BTreeMap<MeteringPointId, Vec<&ChargeLink>> {
    let mut by_point: BTreeMap<MeteringPointId, Vec<&ChargeLink>> = BTreeMap::new();
    for link in links {
        by_point.entry(link.metering_point).or_default().push(link);
    }
    by_point
}

fn notice_link(link: &ChargeLink, book: &PriceBook<'_>, notices: &mut Vec<Notice>) {
    let notice = if book.get(&link.charge).is_none() {
        Notice::ChargeUnknown { charge: link.charge.clone() }
    } else if link.charge.kind == ChargeKind::Tariff && link.quantity != Quantity::ONE {
        Notice::TariffQuantityIgnored { row: link.row, charge: link.charge.clone() }
    } else {
        return;
    };
    if !notices.contains(&notice) {
        notices.push(notice);
    }
}

fn table_of(information: &ChargeInformation) -> ChargeTable {
    match information.charge.kind {
        ChargeKind::Tariff if information.resolution == Resolution::Hour => ChargeTable::HourlyTariff,
        ChargeKind::Tariff => ChargeTable::DailyTariff,
        ChargeKind::Subscription => ChargeTable::Subscription,
        ChargeKind::Fee => ChargeTable::Fee,
    }
}

fn group(connection: &Connection, supply: &Supply, information: &ChargeInformation) -> ChargeGroup {
    ChargeGroup {
        grid_area: connection.master.grid_area.clone(),
        energy_supplier: supply.energy_supplier.clone(),
        charge: information.charge.clone(),
        is_tax: information.is_tax,
        metering_point_kind: connection.master.metering_point_kind,
        settlement_method: connection.master.settlement_method,
    }
}

/// Adds the hours' energy; an hour is the sum of its quarters.
fn add_hours(sums: &mut BTreeMap<usize, (i128, QualitySet)>, series: &PointSeries, hours: Range<usize>) {
    for (hour, energy_wh, qualities) in series.hourly(hours) {
        add(sums, hour, energy_wh, qualities);
    }
}

/// Adds the local days' energy; a day has 23, 24 or 25 hours.
fn add_days(
    sums: &mut BTreeMap<usize, (i128, QualitySet)>,
    series: &PointSeries,
    timeline: &Timeline,
    days: Range<usize>,
) {
    let of_span = timeline.days().iter().enumerate().skip(days.start).take(days.len());
    for (index, day) in of_span {
        for (_, energy_wh, qualities) in series.hourly(day.hours.clone()) {
            add(sums, index, energy_wh, qualities);
        }
    }
}

/// Adds the link's quantity to every day.
fn add_pieces(sums: &mut BTreeMap<usize, (i128, QualitySet)>, quantity: Quantity, days: Range<usize>) {
    for day in days {
        let (sum, _) = sums.entry(day).or_default();
        *sum += i128::from(quantity.micros());
    }
}

fn add(sums: &mut BTreeMap<usize, (i128, QualitySet)>, place: usize, energy_wh: i128, qualities: QualitySet) {
    if !qualities.is_empty() {
        let (sum, all) = sums.entry(place).or_default();
        *sum += energy_wh;
        *all = all.union(qualities);
    }
}

fn priced(
    table: ChargeTable,
    sums: Sums,
    book: &PriceBook<'_>,
    timeline: &Timeline,
    notices: &mut Vec<Notice>,
) -> Result<Vec<ChargeSeries>, Refusal> {
    let mut all = Vec::with_capacity(sums.len());
    for (group, sums) in sums.into_iter().filter(|(_, sums)| !sums.is_empty()) {
        let row = |(place, (sum, qualities)): (usize, (i128, QualitySet))| {
            let time = match table {
                ChargeTable::HourlyTariff => timeline.hour_start(place),
                _ => timeline.days().get(place).map_or(Instant::MAX, |day| day.start),
            };
            let price = price(table, &group.charge, time, book, timeline)?;
            let quantity = match table.counts_energy() {
                true => quantity_of_wh(sum)?,
                false => i64::try_from(sum).map(Quantity::from_micros).map_err(|_| Refusal::OUT_OF_RANGE)?,
            };
            let amount = price.map(|price| amount(quantity, price)).transpose()?;
            Ok(SettlementRow { time, quantity, qualities, price, amount })
        };
        let rows = sums.into_iter().map(row).collect::<Result<Vec<_>, Refusal>>()?;
        notice_prices(&group, &rows, notices);
        all.push(ChargeSeries { group, rows });
    }
    Ok(all)
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

/// The price of a row: of a subscription, the monthly price divided by the civil days of the settlement's period,
/// rounded to six decimals.
fn price(
    table: ChargeTable,
    charge: &ChargeKey,
    time: Instant,
    book: &PriceBook<'_>,
    timeline: &Timeline,
) -> Result<Option<Price>, Refusal> {
    let Some(entry) = book.get(charge) else { return Ok(None) };
    match table {
        ChargeTable::HourlyTariff | ChargeTable::DailyTariff => Ok(entry.price_at(time)),
        ChargeTable::Fee => Ok(entry.price_carried_to(time)),
        ChargeTable::Subscription => {
            let Some(price) = entry.price_carried_to(time) else { return Ok(None) };
            let days = i128::try_from(timeline.days().len()).map_err(|_| Refusal::OUT_OF_RANGE)?;
            let divisor = days.saturating_mul(i128::from(PRICE_STEP));
            let micros = divide(i128::from(price.raw()), divisor, Rounding::HalfAwayFromZero);
            let raw = micros.and_then(|micros| i64::try_from(micros).ok()?.checked_mul(PRICE_STEP));
            raw.map(|raw| Some(Price::from_raw(raw))).ok_or(Refusal::OUT_OF_RANGE)
        }
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
