//! Grid loss: what entered an area and left it at no meter.
//!
//! The loss of an interval is booked on one of the area's two grid loss points: on the consumption point where it is
//! positive, on the production point where it is negative. Each gets 0 in the other case.

use std::collections::BTreeMap;

use super::codes::GridArea;
use super::column::Column;
use super::connection::Connection;
use super::energy::{Columns, quantity_of_wh};
use super::notice::Notice;
use super::quality_set::QualitySet;
use super::refusal::Refusal;
use super::results::EnergyKey;
use super::series::PointSeries;
use super::timeline::Timeline;
use crate::document::MeteringPointKind;
use crate::series::Quality;

const CALCULATED: QualitySet = QualitySet::of(Quality::Calculated);

/// The grid loss of the areas and whom it was assigned to.
pub(super) struct GridLoss {
    /// Loss per area.
    pub(super) of_area: Columns,
    /// Positive loss by the place of the connection it is booked on.
    pub(super) positive: BTreeMap<usize, (EnergyKey, Column)>,
    /// Negative loss, negated, by the place of the connection it is booked on.
    pub(super) negative: BTreeMap<usize, (EnergyKey, Column)>,
    /// What no point took.
    pub(super) unassigned: Vec<Notice>,
}

impl GridLoss {
    /// The table of a type of grid loss points.
    pub(super) fn per_point(&self, kind: MeteringPointKind) -> Columns {
        let mut table = Columns::new();
        for (key, column) in self.of_type(kind).values() {
            match table.get_mut(key) {
                Some(earlier) => earlier.add_column(column),
                None => {
                    table.insert(key.clone(), column.clone());
                }
            }
        }
        table
    }

    /// Puts the computed values in the place of whatever was metered on the grid loss points.
    pub(super) fn replace(
        &self,
        connections: &[Connection],
        timeline: &Timeline,
        series: &mut [PointSeries],
    ) -> Result<(), Refusal> {
        let losses: BTreeMap<usize, &Column> =
            self.positive.iter().chain(&self.negative).map(|(place, (_, column))| (*place, column)).collect();
        let points = connections.iter().zip(series).enumerate();
        for (place, (connection, series)) in points.filter(|(_, (one, _))| one.takes_grid_loss) {
            let hours = connection.hours.clone();
            *series = PointSeries::absent(timeline.resolution(), hours.start, hours.len());
            let first = hours.start * timeline.steps_per_hour();
            let values = losses.get(&place).into_iter().flat_map(|column| column.iter().skip(first));
            for (index, (energy_wh, _)) in values.enumerate().filter_map(|(at, value)| Some((at, value?))) {
                let energy_wh = i64::try_from(energy_wh).map_err(|_| Refusal::OUT_OF_RANGE)?;
                series.set(index, energy_wh, Quality::Calculated);
            }
        }
        Ok(())
    }

    fn of_type(&self, kind: MeteringPointKind) -> &BTreeMap<usize, (EnergyKey, Column)> {
        if kind == MeteringPointKind::Consumption { &self.positive } else { &self.negative }
    }
}

/// Exchange + temporary production - (non-profiled + temporary flex consumption), wherever one of them exists.
pub(super) fn of_areas(
    exchange: &Columns,
    production: &Columns,
    non_profiled: &Columns,
    flex: &Columns,
) -> Columns {
    let mut losses = Columns::new();
    let terms = [(exchange, 1), (production, 1), (non_profiled, -1), (flex, -1)];
    for (columns, sign) in terms {
        for (key, column) in columns {
            let signed = column.iter().map(|value| value.map(|(energy, _)| (energy * sign, CALCULATED)));
            let signed: Column = signed.collect();
            match losses.get_mut(key) {
                Some(loss) => loss.add_column(&signed),
                None => {
                    losses.insert(key.clone(), signed);
                }
            }
        }
    }
    losses
}

/// Books the loss of the areas on their grid loss points.
pub(super) fn assign(
    of_area: Columns,
    connections: &[Connection],
    timeline: &Timeline,
) -> Result<GridLoss, Refusal> {
    let positive = booked(&of_area, connections, timeline, MeteringPointKind::Consumption);
    let negative = booked(&of_area, connections, timeline, MeteringPointKind::Production);
    let mut loss = GridLoss { of_area, positive, negative, unassigned: Vec::new() };
    let mut unassigned = Vec::new();
    for (key, column) in &loss.of_area {
        for kind in [MeteringPointKind::Consumption, MeteringPointKind::Production] {
            let taken = loss.of_type(kind).values().filter(|(of, _)| of.grid_area == key.grid_area);
            let taken: Vec<&Column> = taken.map(|(_, column)| column).collect();
            unassigned.extend(left_over(&key.grid_area, kind, column, &taken, timeline)?);
        }
    }
    loss.unassigned = unassigned;
    Ok(loss)
}

/// The share of the loss a type of grid loss points takes: never negative.
fn share(kind: MeteringPointKind, loss_wh: i128) -> i128 {
    if kind == MeteringPointKind::Consumption { loss_wh.max(0) } else { loss_wh.saturating_neg().max(0) }
}

fn booked(
    of_area: &Columns,
    connections: &[Connection],
    timeline: &Timeline,
    kind: MeteringPointKind,
) -> BTreeMap<usize, (EnergyKey, Column)> {
    let points = connections.iter().enumerate();
    let points = points.filter(|(_, one)| one.takes_grid_loss && one.master.metering_point_kind == kind);
    let book = |(place, connection): (usize, &Connection)| {
        let area = EnergyKey::of_area(connection.master.grid_area.clone());
        let loss = of_area.get(&area)?;
        let steps = timeline.steps_per_hour();
        let steps = connection.hours.start * steps..connection.hours.end * steps;
        let column = loss.iter().enumerate().map(|(index, value)| match value {
            Some((energy, qualities)) if steps.contains(&index) => Some((share(kind, energy), qualities)),
            _ => None,
        });
        let key = EnergyKey {
            energy_supplier: connection.master.energy_supplier.clone(),
            balance_responsible: connection.master.balance_responsible.clone(),
            metering_point: Some(connection.master.metering_point),
            ..area
        };
        Some((place, (key, column.collect())))
    };
    points.filter_map(book).collect()
}

/// The intervals with a share of loss that no point took.
fn left_over(
    grid_area: &GridArea,
    kind: MeteringPointKind,
    loss: &Column,
    taken: &[&Column],
    timeline: &Timeline,
) -> Result<Option<Notice>, Refusal> {
    let mut is_taken = Column::absent(timeline.steps());
    taken.iter().for_each(|column| is_taken.add_column(column));
    let (mut intervals, mut energy_wh, mut first) = (0, 0_i128, None);
    for (index, (value, taken)) in loss.iter().zip(is_taken.iter()).enumerate() {
        let share = value.map_or(0, |(energy, _)| share(kind, energy));
        if share > 0 && taken.is_none() {
            intervals += 1;
            energy_wh = energy_wh.saturating_add(share);
            first = first.or(Some(timeline.step_start(index)));
        }
    }
    let Some(first) = first else { return Ok(None) };
    let quantity = quantity_of_wh(energy_wh)?;
    let grid_area = grid_area.clone();
    Ok(Some(Notice::GridLossUnassigned { grid_area, metering_point_kind: kind, intervals, first, quantity }))
}
