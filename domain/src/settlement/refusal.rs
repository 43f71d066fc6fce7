//! Why a settlement is not computed.

use std::fmt;

use super::codes::GridArea;
use crate::charge::ChargeKey;
use crate::identity::MeteringPointId;

/// An input table of a settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputTable {
    /// What is to be computed.
    Arguments,
    /// Metering points and their periods.
    MeteringPointPeriods,
    /// Values of metering points.
    TimeSeriesPoints,
    /// Master data of charges.
    ChargePriceInformationPeriods,
    /// Prices of charges.
    ChargePricePoints,
}

/// That a settlement is not computed: the input to blame, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The table and the row in it, where there is one.
    pub place: Option<(InputTable, Option<u64>)>,
    /// The reason.
    pub reason: RefusalReason,
}

/// Why a settlement is not computed, in the order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// The period is not a whole number of hours.
    PeriodNotWholeHours,
    /// The period does not begin and end with a local day, and charges were asked for.
    PeriodNotWholeDays,
    /// The point's resolution is neither an hour nor a quarter.
    ResolutionUnsupported,
    /// The exchange point names no area it measures from or to.
    ExchangeWithoutAreas,
    /// The consumption point has no settlement method.
    ConsumptionWithoutMethod,
    /// The point's period begins or ends inside an hour.
    PeriodInsideHour,
    /// The metering point has two periods that overlap.
    PeriodsOverlap(MeteringPointId),
    /// The area has two grid loss points of one kind at the same time.
    TwoGridLossPoints(GridArea),
    /// The quantity has more than three decimals.
    QuantityTooFine,
    /// The point has two values for the interval.
    ReadingRepeated(MeteringPointId),
    /// The charge's kind does not go with its resolution.
    ChargeResolutionUnsupported(ChargeKey),
    /// The charge has two master-data periods that overlap.
    ChargePeriodsOverlap(ChargeKey),
    /// The price has more than six decimals.
    PriceTooFine,
    /// The charge has two prices at the instant.
    PriceRepeated(ChargeKey),
    /// A sum or product leaves the range of its type.
    OutOfRange,
}

impl Refusal {
    /// A result is too large.
    pub(super) const OUT_OF_RANGE: Self = Self { place: None, reason: RefusalReason::OutOfRange };

    /// The arguments are to blame.
    pub(super) fn arguments(reason: RefusalReason) -> Self {
        Self { place: Some((InputTable::Arguments, None)), reason }
    }

    /// A row is to blame.
    pub(super) fn row(table: InputTable, row: u64, reason: RefusalReason) -> Self {
        Self { place: Some((table, Some(row))), reason }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PeriodNotWholeHours => write!(f, "the period is not a whole number of hours"),
            Self::PeriodNotWholeDays => {
                write!(f, "the period does not begin and end at local midnights, as charges need")
            }
            Self::ResolutionUnsupported => write!(f, "the resolution is neither PT1H nor PT15M"),
            Self::ExchangeWithoutAreas => {
                write!(f, "an exchange point needs the areas it measures from and to")
            }
            Self::ConsumptionWithoutMethod => {
                write!(f, "a consumption point needs a settlement method: D01 (flex) or E02 (non-profiled)")
            }
            Self::PeriodInsideHour => write!(f, "the period begins or ends inside an hour"),
            Self::PeriodsOverlap(point) => write!(f, "metering point {point} has two periods that overlap"),
            Self::TwoGridLossPoints(area) => {
                write!(f, "grid area {area} has two grid loss points of this kind at the same time")
            }
            Self::QuantityTooFine => write!(f, "the quantity has more than three decimals"),
            Self::ReadingRepeated(point) => {
                write!(f, "metering point {point} has another value for this interval")
            }
            Self::ChargeResolutionUnsupported(charge) => write!(
                f,
                "the resolution does not go with charge {charge}: tariffs have PT1H or P1D, subscriptions and fees P1M"
            ),
            Self::ChargePeriodsOverlap(charge) => write!(f, "charge {charge} has two periods that overlap"),
            Self::PriceTooFine => write!(f, "the price has more than six decimals"),
            Self::PriceRepeated(charge) => write!(f, "charge {charge} has another price at this instant"),
            Self::OutOfRange => write!(f, "a sum or product is too large to be stated"),
        }
    }
}

impl std::error::Error for Refusal {}
