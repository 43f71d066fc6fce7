//! What a metering point measures: its kind, as the market names it.

use std::fmt;

use crate::series::Direction;

/// The kind of a metering point. Direction is in the kind, never in the sign of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MeteringPointKind {
    /// Consumption (E17).
    Consumption,
    /// Production (E18).
    Production,
    /// Exchange between two grid areas (E20).
    Exchange,
    /// Production from renewable sources (D01).
    VeProduction,
    /// Analysis (D02).
    Analysis,
    /// Surplus production of net settlement group 6 (D04).
    SurplusProduction,
    /// Net production (D05).
    NetProduction,
    /// Supplied to the grid (D06).
    SupplyToGrid,
    /// Consumed from the grid (D07).
    ConsumptionFromGrid,
    /// Information for wholesale services (D08).
    WholesaleServicesInformation,
    /// Own production (D09).
    OwnProduction,
    /// Net from the grid (D10).
    NetFromGrid,
    /// Net to the grid (D11).
    NetToGrid,
    /// Total consumption (D12).
    TotalConsumption,
    /// Correction of the net loss (D13).
    NetLossCorrection,
    /// Electrical heating (D14).
    ElectricalHeating,
    /// Net consumption (D15).
    NetConsumption,
    /// Other consumption (D17).
    OtherConsumption,
    /// Other production (D18).
    OtherProduction,
    /// Settlement of capacity (D19).
    CapacitySettlement,
    /// Exchange of reactive energy (D20).
    ExchangeReactiveEnergy,
    /// Internal use (D99).
    InternalUse,
}

impl MeteringPointKind {
    /// Which way a point of this kind counts: what is given to the network or to others is production.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::Production
            | Self::VeProduction
            | Self::SurplusProduction
            | Self::NetProduction
            | Self::SupplyToGrid
            | Self::OwnProduction
            | Self::NetToGrid
            | Self::OtherProduction => Direction::Production,
            _ => Direction::Consumption,
        }
    }

    /// Every kind, in a fixed order.
    pub const ALL: [Self; 22] = [
        Self::Consumption,
        Self::Production,
        Self::Exchange,
        Self::VeProduction,
        Self::Analysis,
        Self::SurplusProduction,
        Self::NetProduction,
        Self::SupplyToGrid,
        Self::ConsumptionFromGrid,
        Self::WholesaleServicesInformation,
        Self::OwnProduction,
        Self::NetFromGrid,
        Self::NetToGrid,
        Self::TotalConsumption,
        Self::NetLossCorrection,
        Self::ElectricalHeating,
        Self::NetConsumption,
        Self::OtherConsumption,
        Self::OtherProduction,
        Self::CapacitySettlement,
        Self::ExchangeReactiveEnergy,
        Self::InternalUse,
    ];

    /// The code that market documents use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Consumption => "E17",
            Self::Production => "E18",
            Self::Exchange => "E20",
            Self::VeProduction => "D01",
            Self::Analysis => "D02",
            Self::SurplusProduction => "D04",
            Self::NetProduction => "D05",
            Self::SupplyToGrid => "D06",
            Self::ConsumptionFromGrid => "D07",
            Self::WholesaleServicesInformation => "D08",
            Self::OwnProduction => "D09",
            Self::NetFromGrid => "D10",
            Self::NetToGrid => "D11",
            Self::TotalConsumption => "D12",
            Self::NetLossCorrection => "D13",
            Self::ElectricalHeating => "D14",
            Self::NetConsumption => "D15",
            Self::OtherConsumption => "D17",
            Self::OtherProduction => "D18",
            Self::CapacitySettlement => "D19",
            Self::ExchangeReactiveEnergy => "D20",
            Self::InternalUse => "D99",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl fmt::Display for MeteringPointKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// How the energy of a consumption point is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettlementMethod {
    /// By its metered intervals, as a flexible small consumer (D01).
    Flex,
    /// By its metered intervals, as a large consumer (E02).
    NonProfiled,
}

impl SettlementMethod {
    /// The code that market documents use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Flex => "D01",
            Self::NonProfiled => "E02",
        }
    }

    /// The method with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Flex, Self::NonProfiled].into_iter().find(|method| method.code() == code)
    }
}
