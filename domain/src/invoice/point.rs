//! A metering point on an invoice: where it is, what was billed there, and what its channels counted.

use std::collections::BTreeMap;

use super::line::{Line, LinePart, OpenLine};
use crate::address::Address;
use crate::day::Day;
use crate::day_span::DaySpan;
use crate::day_version::DayVersion;
use crate::identity::MeteringPointId;
use crate::quantity::{Quantity, QuantitySum, Unit};
use crate::series::{Direction, Quality};

/// What is open at a metering point for one contract of the payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPoint {
    /// The metering point.
    pub metering_point: MeteringPointId,
    /// The supply address.
    pub address: Address,
    /// Who uses the energy there, where that is not the payer.
    pub user: Option<String>,
    /// The contract.
    pub contract: String,
    /// The product's name for people.
    pub product: String,
    /// Its open positions; the order does not matter.
    pub lines: Vec<OpenLine>,
    /// What the channels counted in the booking month.
    pub usage: Vec<ChannelUsage>,
}

/// What is billed at a metering point for one contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BilledPoint {
    /// The metering point.
    pub metering_point: MeteringPointId,
    /// The supply address.
    pub address: Address,
    /// Who uses the energy there, where that is not the payer.
    pub user: Option<String>,
    /// The contract.
    pub contract: String,
    /// The product's name for people.
    pub product: String,
    /// From the first to the last day of service billed; of corrections only where there is nothing else.
    pub service: DaySpan,
    /// The lines: service of the booking month in the order of the product, then corrections.
    pub lines: Vec<Line>,
    /// Issued positions whose exact amount moved by less than a minor unit: they make no line, and what moved goes to
    /// rounding.
    pub unshown: Vec<LinePart>,
    /// What the channels counted in the booking month.
    pub usage: Vec<ChannelUsage>,
}

/// What one channel counted, day by day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelUsage {
    /// The channel.
    pub direction: Direction,
    /// The unit of its quantities.
    pub unit: Unit,
    /// The days, in order.
    pub days: Vec<UsageDay>,
}

/// What a channel counted on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageDay {
    /// The day, by the point's day rule.
    pub day: Day,
    /// How much.
    pub quantity: Quantity,
    /// Whether a value of the day was estimated or incomplete.
    pub is_estimated: bool,
}

impl ChannelUsage {
    /// The days of the span that have values. `None` where a day's sum leaves the range of a quantity.
    #[must_use]
    pub fn of(
        direction: Direction,
        unit: Unit,
        span: DaySpan,
        days: &BTreeMap<Day, DayVersion>,
    ) -> Option<Self> {
        let days = days.range(span.first()..span.end());
        let days: Option<Vec<UsageDay>> = days.map(|(_, version)| UsageDay::of(version)).collect();
        Some(Self { direction, unit, days: days? })
    }

    /// The sum of the days.
    #[must_use]
    pub fn total(&self) -> QuantitySum {
        self.days.iter().map(|day| day.quantity).sum()
    }

    /// How many of the days hold an estimated value.
    #[must_use]
    pub fn estimated_days(&self) -> usize {
        self.days.iter().filter(|day| day.is_estimated).count()
    }
}

impl UsageDay {
    /// The sum of a day of values; `None` beyond the range of a quantity.
    #[must_use]
    pub fn of(version: &DayVersion) -> Option<Self> {
        let is_estimate = |quality| matches!(quality, Quality::Estimated | Quality::Incomplete);
        Some(Self {
            day: version.day,
            quantity: version.values.total().quantity()?,
            is_estimated: version.values.quality_runs().iter().any(|run| is_estimate(run.quality)),
        })
    }
}
