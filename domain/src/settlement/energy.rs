//! The energy of a grid area: production, consumption and total, per area, supplier and balance responsible.
//!
//! Each table is computed from rounded ones (settlement.md, rule 7): values are summed exactly per supplier, rounded
//! with carry, and everything coarser is a sum of those.

use std::collections::BTreeMap;

use super::carry;
use super::column::Column;
use super::connection::Connection;
use super::exchange;
use super::grid_loss::{self, GridLoss};
use super::input::Arguments;
use super::notice::Notice;
use super::refusal::Refusal;
use super::results::{EnergyKey, EnergySeries, EnergyTable, EnergyValue};
use super::series::PointSeries;
use super::timeline::Timeline;
use crate::document::{MeteringPointKind, SettlementMethod};
use crate::quantity::Quantity;

/// Columns per key.
pub(super) type Columns = BTreeMap<EnergyKey, Column>;

/// The connected points with their values.
pub(super) struct MeteredPoints<'a> {
    pub(super) connections: &'a [Connection],
    pub(super) series: &'a [PointSeries],
}

impl<'a> MeteredPoints<'a> {
    /// The points whose values count for the energy of an area: all but children and grid loss points.
    pub(super) fn of_type(
        &self,
        kind: MeteringPointKind,
    ) -> impl Iterator<Item = (&'a Connection, &'a PointSeries)> + '_ {
        let both = self.connections.iter().zip(self.series);
        both.filter(move |(one, _)| one.master.metering_point_kind == kind && !one.takes_grid_loss)
    }
}

/// The energy of the areas, and their grid loss per point.
pub(super) struct Energy {
    pub(super) tables: BTreeMap<EnergyTable, Columns>,
    pub(super) loss: GridLoss,
    pub(super) notices: Vec<Notice>,
}

/// Computes all tables of energy.
pub(super) fn compute(
    arguments: &Arguments,
    timeline: &Timeline,
    points: &MeteredPoints<'_>,
) -> Result<Energy, Refusal> {
    let per_neighbour = exchange::per_neighbour(arguments, timeline, points);
    let exchange = summed(&per_neighbour, |key| EnergyKey::of_area(key.grid_area.clone()));
    let temporary_production = per_supplier(timeline, points, MeteringPointKind::Production, None);
    let temporary_flex = consumption(timeline, points, SettlementMethod::Flex);
    let non_profiled = consumption(timeline, points, SettlementMethod::NonProfiled);

    let production_of_area = per_area(&temporary_production);
    let flex_of_area = per_area(&temporary_flex);
    let non_profiled_of_area = per_area(&non_profiled);
    let loss = grid_loss::of_areas(&exchange, &production_of_area, &non_profiled_of_area, &flex_of_area);
    let loss = grid_loss::assign(loss, points.connections, timeline)?;

    let production = with_loss(&temporary_production, loss.negative.values());
    let flex = with_loss(&temporary_flex, loss.positive.values());
    let total = total_consumption(&per_area(&production), &exchange);
    let tables = BTreeMap::from([
        (EnergyTable::Exchange, exchange),
        (EnergyTable::ExchangePerNeighbour, per_neighbour),
        (EnergyTable::TemporaryProduction, production_of_area),
        (EnergyTable::TemporaryFlexConsumption, flex_of_area),
        (EnergyTable::GridLoss, loss.of_area.clone()),
        (EnergyTable::PositiveGridLoss, loss.per_point(MeteringPointKind::Consumption)),
        (EnergyTable::NegativeGridLoss, loss.per_point(MeteringPointKind::Production)),
        (EnergyTable::NonProfiledConsumption, non_profiled_of_area),
        (EnergyTable::NonProfiledConsumptionPerBalanceResponsible, per_responsible(&non_profiled)),
        (EnergyTable::NonProfiledConsumptionPerSupplier, non_profiled),
        (EnergyTable::FlexConsumption, per_area(&flex)),
        (EnergyTable::FlexConsumptionPerBalanceResponsible, per_responsible(&flex)),
        (EnergyTable::FlexConsumptionPerSupplier, flex),
        (EnergyTable::Production, per_area(&production)),
        (EnergyTable::ProductionPerBalanceResponsible, per_responsible(&production)),
        (EnergyTable::ProductionPerSupplier, production),
        (EnergyTable::TotalConsumption, total),
    ]);
    let notices = loss.unassigned.clone();
    Ok(Energy { tables, loss, notices })
}

/// The columns of a table as results.
pub(super) fn results(columns: &Columns) -> Result<Vec<EnergySeries>, Refusal> {
    let values = |column: &Column| {
        column.iter().map(|value| value.map(energy_value).transpose()).collect::<Result<_, Refusal>>()
    };
    columns
        .iter()
        .map(|(key, column)| Ok(EnergySeries { key: key.clone(), values: values(column)? }))
        .collect()
}

fn energy_value((energy_wh, qualities): (i128, super::QualitySet)) -> Result<EnergyValue, Refusal> {
    Ok(EnergyValue { quantity: quantity_of_wh(energy_wh)?, qualities })
}

/// Wh as kWh.
pub(super) fn quantity_of_wh(energy_wh: i128) -> Result<Quantity, Refusal> {
    let micros = energy_wh.checked_mul(1000).and_then(|micros| i64::try_from(micros).ok());
    micros.map(Quantity::from_micros).ok_or(Refusal::OUT_OF_RANGE)
}

fn consumption(timeline: &Timeline, points: &MeteredPoints<'_>, method: SettlementMethod) -> Columns {
    per_supplier(timeline, points, MeteringPointKind::Consumption, Some(method))
}

/// Sums per area, supplier and balance responsible, rounded with carry.
fn per_supplier(
    timeline: &Timeline,
    points: &MeteredPoints<'_>,
    kind: MeteringPointKind,
    method: Option<SettlementMethod>,
) -> Columns {
    let mut columns = Columns::new();
    for (connection, series) in points.of_type(kind) {
        let master = &connection.master;
        if method.is_some() && master.settlement_method != method {
            continue;
        }
        let key = EnergyKey {
            energy_supplier: master.energy_supplier.clone(),
            balance_responsible: master.balance_responsible.clone(),
            ..EnergyKey::of_area(master.grid_area.clone())
        };
        let column = columns.entry(key).or_insert_with(|| Column::absent(timeline.steps()));
        column.add_series(series, 1, timeline.steps_per_hour());
    }
    rounded(columns, timeline)
}

/// Rounds every column from quarters of a Wh to Wh.
pub(super) fn rounded(columns: Columns, timeline: &Timeline) -> Columns {
    let round = |(key, column)| (key, carry::rounded(column, timeline.steps_per_hour()));
    columns.into_iter().map(round).collect()
}

/// Sums of rounded columns under a coarser key.
pub(super) fn summed(columns: &Columns, coarser: impl Fn(&EnergyKey) -> EnergyKey) -> Columns {
    let mut sums = Columns::new();
    for (key, column) in columns {
        match sums.entry(coarser(key)) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(column.clone());
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => slot.get_mut().add_column(column),
        }
    }
    sums
}

fn per_area(columns: &Columns) -> Columns {
    summed(columns, |key| EnergyKey::of_area(key.grid_area.clone()))
}

fn per_responsible(columns: &Columns) -> Columns {
    summed(columns, |key| EnergyKey {
        balance_responsible: key.balance_responsible.clone(),
        ..EnergyKey::of_area(key.grid_area.clone())
    })
}

/// Temporary energy per supplier with the grid loss of the suppliers of grid loss points added.
fn with_loss<'a>(temporary: &Columns, losses: impl Iterator<Item = &'a (EnergyKey, Column)>) -> Columns {
    let mut columns = temporary.clone();
    for (key, loss) in losses {
        let key = EnergyKey { metering_point: None, ..key.clone() };
        match columns.entry(key) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(loss.clone());
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => slot.get_mut().add_column(loss),
        }
    }
    columns
}

/// Production + exchange, where both exist.
fn total_consumption(production: &Columns, exchange: &Columns) -> Columns {
    let both = |key: &EnergyKey| Some((production.get(key)?, exchange.get(key)?));
    let total = |(production, exchange): (&Column, &Column)| {
        production.combined(exchange, |one, two| {
            let ((one, of_one), (two, of_two)) = (one?, two?);
            Some((one + two, of_one.union(of_two)))
        })
    };
    let keys = production.keys();
    keys.filter_map(|key| both(key).map(|columns| (key.clone(), total(columns)))).collect()
}
