//! What a reader of a settlement's results should know, though it was computed.

use std::fmt;

use super::codes::{GridArea, ParticipantId, kind_word};
use crate::charge::ChargeKey;
use crate::document::MeteringPointKind;
use crate::instant::Instant;
use crate::quantity::Quantity;

/// Something in the results that is not as complete as they look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The area has no grid loss point of this type for some intervals: that share of its loss is assigned to nobody.
    GridLossUnassigned {
        /// The area.
        grid_area: GridArea,
        /// The type of the point that lacks.
        metering_point_kind: MeteringPointKind,
        /// How many intervals.
        intervals: usize,
        /// The first of them.
        first: Instant,
        /// The energy left over, in kWh.
        quantity: Quantity,
    },
    /// Settlement rows have no price, hence no amount; sums skip them.
    RowsWithoutPrice {
        /// The charge.
        charge: ChargeKey,
        /// The supplier.
        energy_supplier: Option<ParticipantId>,
        /// How many rows.
        rows: usize,
        /// Of how many.
        of: usize,
    },
    /// A link names a charge that has no master data in the period: nothing is computed for it.
    ChargeUnknown {
        /// The charge.
        charge: ChargeKey,
    },
    /// Links of a tariff have a quantity other than 1; a tariff is charged on energy alone.
    TariffQuantityIgnored {
        /// The row of the first such link.
        row: u64,
        /// The charge.
        charge: ChargeKey,
    },
    /// Values lie between the intervals of their metering point and were not used.
    ReadingsBetweenIntervals {
        /// How many.
        count: u64,
        /// The row of the first.
        first_row: u64,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GridLossUnassigned { grid_area, metering_point_kind, intervals, first, quantity } => {
                write!(
                    f,
                    "grid area {grid_area} has no {} point for grid loss in {intervals} intervals from {first} on: \
                 {quantity} kWh of its loss are assigned to nobody",
                    kind_word(*metering_point_kind).unwrap_or_default()
                )
            }
            Self::RowsWithoutPrice { charge, energy_supplier, rows, of } => {
                let supplier = energy_supplier.as_ref().map_or("(none)", ParticipantId::as_str);
                write!(f, "{charge}, supplier {supplier}: {rows} of {of} rows have no price and no amount")
            }
            Self::ChargeUnknown { charge } => {
                write!(
                    f,
                    "{charge} is linked, but has no price information in the period: nothing is computed for it"
                )
            }
            Self::TariffQuantityIgnored { row, charge } => {
                write!(
                    f,
                    "the link in row {row} gives {charge} a quantity other than 1; it has no effect on a tariff"
                )
            }
            Self::ReadingsBetweenIntervals { count, first_row } => write!(
                f,
                "{count} values lie between the intervals of their metering point and were not used, the first in \
                 row {first_row}"
            ),
        }
    }
}
