//! Measured data of one metering point (RSM-012).

use crate::document::point_kind::MeteringPointKind;
use crate::identity::MeteringPointId;
use crate::instant::Instant;
use crate::quantity::Unit;
use crate::series::TimeSeries;

/// Quantities of one metering point over one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasuredSeries {
    /// The sender's id of the series, unique in its document.
    pub id: String,
    /// Where it was measured.
    pub metering_point: MeteringPointId,
    /// What the sender takes the point for.
    pub kind: MeteringPointKind,
    /// What is measured; documents may leave it out.
    pub product: Option<EnergyProduct>,
    /// The unit of its quantities.
    pub unit: Unit,
    /// When the hub registered the values; ebIX documents do not say.
    pub registered: Option<Instant>,
    /// The id of the transaction that it answers.
    pub original_transaction: Option<String>,
    /// Start, resolution, quantities and qualities.
    pub series: TimeSeries,
}

/// What is measured or settled, by its product number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EnergyProduct {
    /// Active energy.
    ActiveEnergy,
    /// Reactive energy.
    ReactiveEnergy,
    /// Active power.
    ActivePower,
    /// Reactive power.
    ReactivePower,
    /// Tariff: settlement of charges.
    Tariff,
    /// Quantity of fuel.
    FuelQuantity,
}

impl EnergyProduct {
    /// Every product, in a fixed order.
    pub const ALL: [Self; 6] = [
        Self::ActiveEnergy,
        Self::ReactiveEnergy,
        Self::ActivePower,
        Self::ReactivePower,
        Self::Tariff,
        Self::FuelQuantity,
    ];

    /// The product number (GTIN).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ActiveEnergy => "8716867000030",
            Self::ReactiveEnergy => "8716867000047",
            Self::ActivePower => "8716867000016",
            Self::ReactivePower => "8716867000023",
            Self::Tariff => "5790001330590",
            Self::FuelQuantity => "5790001330606",
        }
    }

    /// The product with this number.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|product| product.code() == code)
    }

    /// Whether the product can be counted in this unit. Only active energy is held to it: kWh or MWh.
    #[must_use]
    pub fn is_counted_in(self, unit: Unit) -> bool {
        self != Self::ActiveEnergy || matches!(unit, Unit::KilowattHour | Unit::MegawattHour)
    }
}
