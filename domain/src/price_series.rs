//! Price series: prices over time, of a charge or of an index such as a spot market.

use std::fmt;

use crate::charge::ChargeKey;
use crate::day::{DayRule, Month};
use crate::instant::{Instant, Period};
use crate::money::Currency;
use crate::price::Price;
use crate::quantity::Unit;
use crate::resolution::Resolution;

/// Whose prices a series holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeriesId {
    /// A charge's.
    Charge(ChargeKey),
    /// An index's, by name: `spot-nl`.
    Index(String),
}

impl fmt::Display for SeriesId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Charge(key) => write!(f, "charge {key}"),
            Self::Index(name) => write!(f, "index {name}"),
        }
    }
}

/// One version of one local month of a price series. It never changes; a correction is the next version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceMonth {
    /// The series.
    pub series: SeriesId,
    /// The local month in which all its intervals begin.
    pub month: Month,
    /// Counts the versions of this month, from 1.
    pub version: u32,
    /// When the source made it: of several versions the latest counts, ties go by source.
    pub created: Instant,
    /// When it was registered here.
    pub received: Instant,
    /// The document or request that brought it.
    pub source: String,
    /// The unit the prices are stated per.
    pub unit: Unit,
    /// The currency of the prices.
    pub currency: Currency,
    /// The prices.
    pub prices: PriceColumn,
}

/// Prices of consecutive intervals; an interval may have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceColumn {
    /// Where the first interval begins.
    pub start: Instant,
    /// The length of the intervals.
    pub resolution: Resolution,
    /// One entry per interval.
    pub prices: Vec<Option<Price>>,
}

impl PriceMonth {
    /// What decides which of two versions counts.
    #[must_use]
    pub fn rank(&self) -> (Instant, &str, u32) {
        (self.created, &self.source, self.version)
    }
}

impl PriceColumn {
    /// Its intervals with their prices, in order of time.
    #[must_use]
    pub fn intervals(&self, rule: &DayRule) -> Vec<(Period, Option<Price>)> {
        let edge = |index| self.resolution.start_of(index, self.start, rule);
        let intervals = self.prices.iter().enumerate().filter_map(|(index, price)| {
            let period = Period::new(edge(index)?, edge(index.checked_add(1)?)?)?;
            Some((period, *price))
        });
        intervals.collect()
    }
}

/// The prices of one series as they are known at some time, ready to be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceSeries {
    id: SeriesId,
    unit: Unit,
    currency: Currency,
    intervals: Vec<(Period, Option<Price>)>,
    versions: Vec<(Month, u32)>,
    /// Where the first interval of each version begins.
    starts: Vec<Instant>,
}

impl PriceSeries {
    /// The series from versions of its months as known at `known_at`: of the versions received by then, the latest
    /// created counts, ties go by source, then to the one received last. `None` where no month is known, or where months disagree
    /// about unit or currency.
    #[must_use]
    pub fn known_at(months: &[PriceMonth], known_at: Instant, rule: &DayRule) -> Option<Self> {
        let mut chosen: std::collections::BTreeMap<Month, &PriceMonth> = std::collections::BTreeMap::new();
        for month in months.iter().filter(|month| month.received <= known_at) {
            let is_newer = chosen.get(&month.month).is_none_or(|held| held.rank() < month.rank());
            if is_newer {
                chosen.insert(month.month, month);
            }
        }
        let first = *chosen.values().next()?;
        let agree = chosen.values().all(|month| (month.unit, month.currency) == (first.unit, first.currency));
        agree.then(|| Self {
            id: first.series.clone(),
            unit: first.unit,
            currency: first.currency,
            intervals: chosen.values().flat_map(|month| month.prices.intervals(rule)).collect(),
            versions: chosen.values().map(|month| (month.month, month.version)).collect(),
            starts: chosen.values().map(|month| month.prices.start).collect(),
        })
    }

    /// Whose prices these are.
    #[must_use]
    pub fn id(&self) -> &SeriesId {
        &self.id
    }

    /// The unit the prices are stated per.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The currency of the prices.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The versions of months it is made of, in order.
    #[must_use]
    pub fn versions(&self) -> &[(Month, u32)] {
        &self.versions
    }

    /// The price of the interval that contains the instant, with that interval. Prices are not carried forward.
    #[must_use]
    pub fn at(&self, instant: Instant) -> Option<(Period, Price)> {
        let after = self.intervals.partition_point(|(period, _)| period.start() <= instant);
        let (period, price) = self.intervals.get(after.checked_sub(1)?)?;
        period.contains(instant).then_some(())?;
        price.map(|price| (*period, price))
    }

    /// The intervals with a price that begin before `end` and end after `start`, in order of time.
    pub fn between(&self, start: Instant, end: Instant) -> impl Iterator<Item = (Period, Price)> + '_ {
        let first = self.intervals.partition_point(|(period, _)| period.end() <= start);
        let reached = self.intervals.iter().skip(first).take_while(move |(period, _)| period.start() < end);
        reached.filter_map(|(period, price)| price.map(|price| (*period, price)))
    }

    /// The latest price that began at or before the instant and not before `since`, with its interval: subscription and
    /// fee prices are carried forward, inside one period of what is known of the charge.
    #[must_use]
    pub fn in_force(&self, instant: Instant, since: Instant) -> Option<(Period, Price)> {
        let after = self.intervals.partition_point(|(period, _)| period.start() <= instant);
        let began = self.intervals.get(..after)?.iter().rev();
        let mut priced = began.take_while(|(period, _)| since <= period.start());
        priced.find_map(|(period, price)| price.map(|price| (*period, price)))
    }

    /// The versions of months that hold the prices of the intervals in which `first` and `last` lie and of all between.
    #[must_use]
    pub fn versions_between(&self, first: Instant, last: Instant) -> &[(Month, u32)] {
        let count_until = |instant: Instant| self.starts.partition_point(|start| *start <= instant);
        let (first, end) = (count_until(first).saturating_sub(1), count_until(last));
        self.versions.get(first..end).unwrap_or_default()
    }
}
