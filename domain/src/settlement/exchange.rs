//! Exchange between a grid area and its neighbours.

use super::codes::GridArea;
use super::column::Column;
use super::energy::{Columns, MeteredPoints, rounded};
use super::input::Arguments;
use super::results::EnergyKey;
use super::timeline::Timeline;
use crate::document::MeteringPointKind;

/// Exchange per calculated area and neighbour, to the area less from it, rounded with carry.
///
/// A point counts by the areas it measures from and to, wherever it stands itself. One with both sides equal nets to
/// 0 and shows with its quality.
pub(super) fn per_neighbour(
    arguments: &Arguments,
    timeline: &Timeline,
    points: &MeteredPoints<'_>,
) -> Columns {
    let mut columns = Columns::new();
    for (connection, series) in points.of_type(MeteringPointKind::Exchange) {
        let master = &connection.master;
        let (Some(from), Some(to)) = (&master.from_grid_area, &master.to_grid_area) else { continue };
        for (area, neighbour, sign) in [(to, from, 1), (from, to, -1)] {
            if arguments.grid_areas.contains(area) {
                let column =
                    columns.entry(key(area, neighbour)).or_insert_with(|| Column::absent(timeline.steps()));
                column.add_series(series, sign, timeline.steps_per_hour());
            }
        }
    }
    rounded(columns, timeline)
}

fn key(area: &GridArea, neighbour: &GridArea) -> EnergyKey {
    EnergyKey { neighbour: Some(neighbour.clone()), ..EnergyKey::of_area(area.clone()) }
}
