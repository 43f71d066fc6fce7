//! The quantities of settlement rows: sums over metering points per group and time.
//!
//! A row stands for a grid area, supplier, charge, time, kind of metering point, settlement method and tax flag; its
//! price follows from charge and time. Links, supplies and master data count where all of them hold.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::connection::{Connection, Supply};
use super::input::{ChargeInformation, ChargeLink, Charges};
use super::notice::Notice;
use super::price_book::PriceBook;
use super::pricing::Pricing;
use super::quality_set::QualitySet;
use super::refusal::Refusal;
use super::results::{ChargeGroup, ChargeSeries, ChargeTable};
use super::series::PointSeries;
use super::timeline::Timeline;
use crate::charge::{ChargeKey, ChargeKind};
use crate::identity::MeteringPointId;
use crate::quantity::Quantity;
use crate::resolution::Resolution;

/// What goes into the settlement rows.
pub(super) struct Basis<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) connections: &'a [Connection],
    pub(super) series: &'a [PointSeries],
    pub(super) supplies: &'a [Supply],
    pub(super) charges: &'a Charges,
}

/// Sums of quantities by the place of the hour or day; `None` where there was none.
///
/// Energy is in Wh with its qualities, pieces in millionths without.
pub(super) type Sums = Vec<Option<(i128, QualitySet)>>;
/// Sums of a table.
pub(super) type SumsByGroup = BTreeMap<ChargeGroup, Sums>;

/// What is odd about links, once per charge.
#[derive(Default)]
struct LinkNotices<'a> {
    unknown: BTreeSet<&'a ChargeKey>,
    /// The row of the first link whose quantity has no effect.
    ignored_quantities: BTreeMap<&'a ChargeKey, u64>,
}

/// Computes all settlement rows.
pub(super) fn rows(
    basis: &Basis<'_>,
    notices: &mut Vec<Notice>,
) -> Result<BTreeMap<ChargeTable, Vec<ChargeSeries>>, Refusal> {
    let book = PriceBook::new(basis.charges, basis.timeline.period())?;
    let links = links_by_point(&basis.charges.links);
    let mut sums: BTreeMap<ChargeTable, SumsByGroup> =
        ChargeTable::ALL.map(|table| (table, SumsByGroup::new())).into();
    let mut link_notices = LinkNotices::default();
    for supply in basis.supplies {
        let Some(connection) = basis.connections.get(supply.connection) else { continue };
        let Some(series) = basis.series.get(supply.connection) else { continue };
        let links = links.get(&connection.master.metering_point).into_iter().flatten();
        for link in links.filter(|link| link.period.overlaps(supply.period)) {
            link_notices.look_at(link, &book);
            let information = book.get(&link.charge).into_iter().flat_map(|entry| entry.information());
            for information in information {
                let table = table_of(information);
                let parts = [link.period, information.period];
                let span = parts.into_iter().try_fold(supply.period, |span, part| span.intersection(part));
                let (Some(span), Some(sums)) = (span, sums.get_mut(&table)) else { continue };
                let sums = sums.entry(group(connection, supply, information));
                let sums = sums.or_insert_with(|| vec![None; basis.timeline.places(table)]);
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
    notices.extend(link_notices.notices());
    let mut pricing = Pricing { book: &book, timeline: basis.timeline, notices };
    let priced = |(table, sums)| Ok((table, pricing.rows(table, sums)?));
    sums.into_iter().map(priced).collect()
}

fn links_by_point(links: &[ChargeLink]) -> BTreeMap<MeteringPointId, Vec<&ChargeLink>> {
    let mut by_point: BTreeMap<MeteringPointId, Vec<&ChargeLink>> = BTreeMap::new();
    for link in links {
        by_point.entry(link.metering_point).or_default().push(link);
    }
    by_point
}

impl<'a> LinkNotices<'a> {
    fn look_at(&mut self, link: &'a ChargeLink, book: &PriceBook<'_>) {
        if book.get(&link.charge).is_none() {
            self.unknown.insert(&link.charge);
        } else if link.charge.kind == ChargeKind::Tariff && link.quantity != Quantity::ONE {
            self.ignored_quantities.entry(&link.charge).or_insert(link.row);
        }
    }

    fn notices(&self) -> impl Iterator<Item = Notice> + '_ {
        let unknown = self.unknown.iter().map(|charge| Notice::ChargeUnknown { charge: (*charge).clone() });
        let ignored = self.ignored_quantities.iter();
        let ignored = ignored
            .map(|(charge, row)| Notice::TariffQuantityIgnored { row: *row, charge: (*charge).clone() });
        unknown.chain(ignored)
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
fn add_hours(sums: &mut Sums, series: &PointSeries, hours: Range<usize>) {
    let present = series.hourly(hours).filter(|(_, _, qualities)| !qualities.is_empty());
    for (hour, energy_wh, qualities) in present {
        add(sums, hour, energy_wh, qualities);
    }
}

/// Adds the local days' energy; a day has 23, 24 or 25 hours.
fn add_days(sums: &mut Sums, series: &PointSeries, timeline: &Timeline, days: Range<usize>) {
    let of_span = timeline.days().iter().enumerate().skip(days.start).take(days.len());
    for (index, day) in of_span {
        let present = series.hourly(day.hours.clone()).filter(|(_, _, qualities)| !qualities.is_empty());
        for (_, energy_wh, qualities) in present {
            add(sums, index, energy_wh, qualities);
        }
    }
}

/// Adds the link's quantity to every day.
fn add_pieces(sums: &mut Sums, quantity: Quantity, days: Range<usize>) {
    for day in days {
        add(sums, day, i128::from(quantity.micros()), QualitySet::NONE);
    }
}

fn add(sums: &mut Sums, place: usize, quantity: i128, qualities: QualitySet) {
    if let Some(slot) = sums.get_mut(place) {
        let (sum, all) = slot.get_or_insert_default();
        *sum += quantity;
        *all = all.union(qualities);
    }
}
