//! Charges, their prices and their links (RSM-033 and RSM-034 with D18 or D08; D17 and RSM-031).

use crate::charge::{ChargeKey, ChargeKind, ChargeLink};
use crate::day::DayRule;
use crate::identity::MeteringPointId;
use crate::instant::{Instant, Period};
use crate::price::Price;
use crate::resolution::Resolution;

/// What one activity record of a document says about charges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeGroup<T> {
    /// The sender's id of the record, unique in its document.
    pub id: String,
    /// One entry per charge, in the document's order.
    pub charges: Vec<T>,
}

/// Prices of a charge over a period (D08): one per interval, counted from a local midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargePrices {
    /// The charge.
    pub charge: ChargeKey,
    /// From when on the charge's master data applies, where the document says.
    pub effective: Option<Instant>,
    /// What the prices cover. It begins and ends with a local day; a monthly price may begin within a month.
    pub period: Period,
    /// How long each price holds.
    pub resolution: Resolution,
    /// The prices in order.
    pub prices: Vec<Price>,
}

impl ChargePrices {
    /// How many prices the period takes; `None` where it does not end with an interval.
    #[must_use]
    pub fn expected_count(period: Period, resolution: Resolution, rule: &DayRule) -> Option<usize> {
        let begins = match resolution {
            Resolution::Month => rule.start(rule.day_of(period.start()).month().first_day()),
            _ => period.start(),
        };
        resolution.count(Period::new(begins, period.end())?, rule)
    }

    /// Each price with the instant from which it holds; `None` where the calendar ends before.
    #[must_use]
    pub fn by_instant(&self, rule: &DayRule) -> Option<Vec<(Instant, Price)>> {
        let from = |index| self.resolution.start_of(index, self.period.start(), rule);
        let priced = |(index, price): (usize, &Price)| Some((from(index)?.max(self.period.start()), *price));
        self.prices.iter().enumerate().map(priced).collect()
    }
}

/// The resolutions in which a charge of this kind may be priced.
#[must_use]
pub fn resolutions_of(kind: ChargeKind) -> &'static [Resolution] {
    match kind {
        ChargeKind::Tariff => &[Resolution::Minutes15, Resolution::Hour, Resolution::Day, Resolution::Month],
        ChargeKind::Subscription | ChargeKind::Fee => &[Resolution::Month],
    }
}

/// Charges linked to one metering point (D17, RSM-031).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeLinks {
    /// The sender's id of the record, unique in its document.
    pub id: String,
    /// The metering point.
    pub metering_point: MeteringPointId,
    /// Its links, in the document's order.
    pub links: Vec<ChargeLink>,
}
