//! Which metering points take part in a settlement, when, and under which supplier.
//!
//! Everything is an intersection of half-open periods: a point's period is cut to the settlement's, a child's to its
//! parent's.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::codes::{GridArea, ParticipantId, is_child};
use super::input::{Arguments, MeteringPointPeriod};
use super::refusal::{InputTable, Refusal, RefusalReason};
use super::timeline::Timeline;
use crate::document::MeteringPointKind;
use crate::identity::MeteringPointId;
use crate::instant::Period;
use crate::resolution::Resolution;

/// A metering point that is connected during a part of the settlement's period.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    /// What is known about the point.
    pub(super) master: MeteringPointPeriod,
    /// The part of the settlement's period.
    pub(super) period: Period,
    /// The same in hours from the settlement's start.
    pub(super) hours: Range<usize>,
    /// Whether grid loss is booked on it.
    pub(super) takes_grid_loss: bool,
}

/// A supplier's time at a connected point: the base of charges.
#[derive(Clone, Debug)]
pub(super) struct Supply {
    /// The place of the connection among all.
    pub(super) connection: usize,
    /// Who supplies the point: for a child, its parent's supplier.
    pub(super) energy_supplier: Option<ParticipantId>,
    /// When.
    pub(super) period: Period,
}

/// The connected points, sorted by point and start.
pub(super) fn connect(
    arguments: &Arguments,
    timeline: &Timeline,
    periods: Vec<MeteringPointPeriod>,
    grid_loss_points: &BTreeSet<MeteringPointId>,
) -> Result<Vec<Connection>, Refusal> {
    let mut connections = Vec::with_capacity(periods.len());
    for master in periods {
        let Some(period) = master.period.intersection(timeline.period()) else { continue };
        if !takes_part(&master, arguments) {
            continue;
        }
        check(&master)?;
        let hours =
            timeline.whole_hours(period).ok_or_else(|| refused(&master, RefusalReason::PeriodInsideHour))?;
        let takes_grid_loss = grid_loss_points.contains(&master.metering_point);
        connections.push(Connection { master, period, hours, takes_grid_loss });
    }
    connections.sort_by_key(|connection| (connection.master.metering_point, connection.period));
    check_overlaps(&connections)?;
    check_grid_loss_points(&connections)?;
    Ok(connections)
}

/// The suppliers' times at all points that carry charges.
pub(super) fn supplies(connections: &[Connection]) -> Vec<Supply> {
    let parents = parents_by_id(connections);
    let mut supplies = Vec::with_capacity(connections.len());
    for (index, connection) in connections.iter().enumerate() {
        let master = &connection.master;
        match master.metering_point_kind {
            MeteringPointKind::Exchange => {}
            kind if is_child(kind) => {
                let parents = master.parent.and_then(|parent| parents.get(&parent));
                for parent in parents.into_iter().flatten() {
                    let Some(period) = connection.period.intersection(parent.period) else { continue };
                    let energy_supplier = parent.master.energy_supplier.clone();
                    supplies.push(Supply { connection: index, energy_supplier, period });
                }
            }
            _ => {
                let energy_supplier = master.energy_supplier.clone();
                supplies.push(Supply { connection: index, energy_supplier, period: connection.period });
            }
        }
    }
    supplies
}

fn parents_by_id(connections: &[Connection]) -> BTreeMap<MeteringPointId, Vec<&Connection>> {
    let mut parents: BTreeMap<MeteringPointId, Vec<&Connection>> = BTreeMap::new();
    for connection in connections.iter().filter(|one| !is_child(one.master.metering_point_kind)) {
        parents.entry(connection.master.metering_point).or_default().push(connection);
    }
    parents
}

/// Exchange points are chosen by the areas they measure between, the others by their own.
fn takes_part(master: &MeteringPointPeriod, arguments: &Arguments) -> bool {
    let asked = |area: &GridArea| arguments.grid_areas.contains(area);
    match master.metering_point_kind {
        MeteringPointKind::Exchange => {
            let sides = [&master.from_grid_area, &master.to_grid_area];
            sides.into_iter().flatten().any(asked) || asked(&master.grid_area)
        }
        _ => asked(&master.grid_area),
    }
}

fn check(master: &MeteringPointPeriod) -> Result<(), Refusal> {
    if !matches!(master.resolution, Resolution::Hour | Resolution::Minutes15) {
        return Err(refused(master, RefusalReason::ResolutionUnsupported));
    }
    match master.metering_point_kind {
        MeteringPointKind::Exchange if master.from_grid_area.is_none() || master.to_grid_area.is_none() => {
            Err(refused(master, RefusalReason::ExchangeWithoutAreas))
        }
        MeteringPointKind::Consumption if master.settlement_method.is_none() => {
            Err(refused(master, RefusalReason::ConsumptionWithoutMethod))
        }
        _ => Ok(()),
    }
}

fn refused(master: &MeteringPointPeriod, reason: RefusalReason) -> Refusal {
    Refusal::row(InputTable::MeteringPointPeriods, master.row, reason)
}

fn check_overlaps(connections: &[Connection]) -> Result<(), Refusal> {
    let neighbours = connections.iter().zip(connections.iter().skip(1));
    for (one, next) in neighbours {
        let metering_point = next.master.metering_point;
        if one.master.metering_point == metering_point && one.period.overlaps(next.period) {
            return Err(refused(&next.master, RefusalReason::PeriodsOverlap(metering_point)));
        }
    }
    Ok(())
}

fn check_grid_loss_points(connections: &[Connection]) -> Result<(), Refusal> {
    let mut taken: BTreeMap<(&GridArea, MeteringPointKind), Vec<Period>> = BTreeMap::new();
    for connection in connections.iter().filter(|one| one.takes_grid_loss) {
        let master = &connection.master;
        let periods = taken.entry((&master.grid_area, master.metering_point_kind)).or_default();
        if periods.iter().any(|period| period.overlaps(connection.period)) {
            let area = master.grid_area.clone();
            return Err(refused(master, RefusalReason::TwoGridLossPoints(area)));
        }
        periods.push(connection.period);
    }
    Ok(())
}
