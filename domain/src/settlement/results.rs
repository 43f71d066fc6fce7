//! The result tables of a settlement.

use std::collections::BTreeMap;

use super::codes::{GridArea, ParticipantId};
use super::notice::Notice;
use super::quality_set::QualitySet;
use crate::charge::ChargeKey;
use crate::document::{MeteringPointKind, SettlementMethod};
use crate::identity::MeteringPointId;
use crate::instant::{Instant, Period};
use crate::price::Price;
use crate::quantity::Quantity;
use crate::resolution::Resolution;

/// What a settlement computed.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The period it covers.
    pub period: Period,
    /// The length of the intervals of its energy results.
    pub resolution: Resolution,
    /// Energy per grid area. Every table is present, also an empty one.
    pub energy: BTreeMap<EnergyTable, Vec<EnergySeries>>,
    /// Charges, where they were asked for.
    pub charges: Option<ChargeResults>,
    /// What a reader of the results should know.
    pub notices: Vec<Notice>,
}

/// A table of energy results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EnergyTable {
    /// Exchange per area, with all neighbours: to the area less from it.
    Exchange,
    /// Exchange per area and neighbour.
    ExchangePerNeighbour,
    /// Production per area before grid loss.
    TemporaryProduction,
    /// Flex consumption per area before grid loss.
    TemporaryFlexConsumption,
    /// Exchange + temporary production - non-profiled - temporary flex consumption.
    GridLoss,
    /// Grid loss above zero, on the area's consumption point for it.
    PositiveGridLoss,
    /// Grid loss below zero, negated, on the area's production point for it.
    NegativeGridLoss,
    /// Non-profiled consumption per area.
    NonProfiledConsumption,
    /// Non-profiled consumption per area, supplier and balance responsible.
    NonProfiledConsumptionPerSupplier,
    /// Non-profiled consumption per area and balance responsible.
    NonProfiledConsumptionPerBalanceResponsible,
    /// Flex consumption per area, grid loss included.
    FlexConsumption,
    /// Flex consumption per area, supplier and balance responsible, grid loss included.
    FlexConsumptionPerSupplier,
    /// Flex consumption per area and balance responsible, grid loss included.
    FlexConsumptionPerBalanceResponsible,
    /// Production per area, grid loss included.
    Production,
    /// Production per area, supplier and balance responsible, grid loss included.
    ProductionPerSupplier,
    /// Production per area and balance responsible, grid loss included.
    ProductionPerBalanceResponsible,
    /// Production + exchange per area, where both exist.
    TotalConsumption,
}

/// What a series of energy results is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnergyKey {
    /// The grid area.
    pub grid_area: GridArea,
    /// The supplier, in tables per supplier.
    pub energy_supplier: Option<ParticipantId>,
    /// The balance responsible, in tables per supplier or balance responsible.
    pub balance_responsible: Option<ParticipantId>,
    /// The other area, in the table per neighbour.
    pub neighbour: Option<GridArea>,
    /// The grid loss point, in the tables of positive and negative grid loss.
    pub metering_point: Option<MeteringPointId>,
}

impl EnergyKey {
    /// The key of a whole area.
    #[must_use]
    pub fn of_area(grid_area: GridArea) -> Self {
        Self {
            grid_area,
            energy_supplier: None,
            balance_responsible: None,
            neighbour: None,
            metering_point: None,
        }
    }
}

/// A series of energy results: one value per interval of the settlement's period, in order.
#[derive(Clone, Debug)]
pub struct EnergySeries {
    /// What it is about.
    pub key: EnergyKey,
    /// The values; `None` where the key has none in the interval.
    pub values: Vec<Option<EnergyValue>>,
}

/// The energy of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnergyValue {
    /// In kWh, rounded to three decimals with carry within the hour.
    pub quantity: Quantity,
    /// How its terms came about.
    pub qualities: QualitySet,
}

/// The charges of a settlement.
#[derive(Clone, Debug, Default)]
pub struct ChargeResults {
    /// Settlement rows, per table.
    pub rows: BTreeMap<ChargeTable, Vec<ChargeSeries>>,
    /// Their sums per charge and supplier over the period, per table.
    pub monthly: BTreeMap<ChargeTable, Vec<MonthlyAmount>>,
    /// What each charge owner gets from each supplier.
    pub totals_per_owner: Vec<TotalAmount>,
    /// What each supplier owes in all.
    pub totals_per_supplier: Vec<TotalAmount>,
}

/// A table of settlement rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChargeTable {
    /// Tariffs with a price per hour.
    HourlyTariff,
    /// Tariffs with a price per local day.
    DailyTariff,
    /// Subscriptions, per local day.
    Subscription,
    /// Fees, per local day.
    Fee,
}

impl ChargeTable {
    /// Every table, in a fixed order.
    pub const ALL: [Self; 4] = [Self::HourlyTariff, Self::DailyTariff, Self::Subscription, Self::Fee];

    /// The length of the interval a row stands for.
    #[must_use]
    pub fn resolution(self) -> Resolution {
        if self == Self::HourlyTariff { Resolution::Hour } else { Resolution::Day }
    }

    /// Whether rows count energy (kWh) or pieces.
    #[must_use]
    pub fn counts_energy(self) -> bool {
        matches!(self, Self::HourlyTariff | Self::DailyTariff)
    }
}

/// What settlement rows are grouped by, besides their time and price.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChargeGroup {
    /// The grid area.
    pub grid_area: GridArea,
    /// The supplier.
    pub energy_supplier: Option<ParticipantId>,
    /// The charge.
    pub charge: ChargeKey,
    /// Whether it is a tax.
    pub is_tax: bool,
    /// The type of the metering points.
    pub metering_point_kind: MeteringPointKind,
    /// Their settlement method.
    pub settlement_method: Option<SettlementMethod>,
}

/// The settlement rows of one group, in order of time.
#[derive(Clone, Debug)]
pub struct ChargeSeries {
    /// What they are grouped by.
    pub group: ChargeGroup,
    /// The rows.
    pub rows: Vec<SettlementRow>,
}

/// One settlement row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettlementRow {
    /// Where its hour or local day begins.
    pub time: Instant,
    /// The sum over the group's metering points: kWh, or pieces.
    pub quantity: Quantity,
    /// How the terms of the quantity came about; empty for pieces.
    pub qualities: QualitySet,
    /// The price in DKK; absent where the charge has none at this time.
    pub price: Option<Price>,
    /// Quantity x price, rounded once; absent where the price is.
    pub amount: Option<RowAmount>,
}

/// An amount of a settlement: a whole number of millionths of a krone.
///
/// Rows are rounded to six decimals once, half away from zero; sums of them need no rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowAmount(i64);

impl RowAmount {
    /// Decimals of an amount.
    pub const SCALE: u32 = 6;

    /// An amount from its count of millionths.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The count of millionths.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }
}

/// The sum of a charge's rows for one supplier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthlyAmount {
    /// The grid area.
    pub grid_area: GridArea,
    /// The supplier.
    pub energy_supplier: Option<ParticipantId>,
    /// The charge.
    pub charge: ChargeKey,
    /// Whether it is a tax.
    pub is_tax: bool,
    /// The sum of the rows that have an amount; absent where none has.
    pub amount: Option<RowAmount>,
}

/// A sum over charges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalAmount {
    /// The grid area.
    pub grid_area: GridArea,
    /// The supplier who owes it.
    pub energy_supplier: Option<ParticipantId>,
    /// The charge owner who gets it; absent in a supplier's total.
    pub charge_owner: Option<String>,
    /// The sum of the amounts there are; absent where there is none.
    pub amount: Option<RowAmount>,
}
