//! Energy whose price follows an index, such as the day-ahead prices of a spot market: a component of our own, because a
//! price sheet of OCPI holds fixed prices alone.
//!
//! The price of a kWh is index x factor + addend, between a least and a most. What a period of the record has is spread
//! evenly over it and cut where the index changes. The index's prices are facts that come with the contract's terms:
//! where one is missing, the session can't be priced yet.

use std::sync::Arc;

use super::fault::SessionFault;
use super::given::{Cost, DayHours};
use super::member::MemberPrices;
use super::priced::{Micros, SpotPart};
use super::split::{self, Slice};
use super::total::cost_of;
use crate::amount::Amount;
use crate::day::DayRule;
use crate::instant::{Instant, Period};
use crate::price::Price;
use crate::price_series::PriceSeries;
use crate::price_sheet::{Moment, PriceSheet};
use crate::quantity::{Quantity, Unit};
use crate::tax::VatRate;

/// What a factor of one counts.
const ONE: i64 = 10_000;

/// Energy by an index, beside what the price sheet has for energy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpotEnergy {
    /// How a price follows from the index.
    pub formula: SpotFormula,
    /// The hours of the local day in which it is priced so; `None` for all.
    pub hours: Option<DayHours>,
    /// The index.
    pub index: Arc<IndexPrices>,
}

/// How the price of a kWh follows from an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpotFormula {
    /// By what the index is multiplied, in ten-thousandths: 10,500 is 1.05.
    pub factor_ten_thousandths: u32,
    /// What is added to a kWh.
    pub addend: Price,
    /// What a kWh costs at least; `None` where it may cost less than nothing.
    pub least: Option<Price>,
    /// What a kWh costs at most.
    pub most: Option<Price>,
    /// The rate of value added tax; `None` where none applies.
    pub vat: Option<VatRate>,
}

/// Prices of an index, per kWh and without tax, in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexPrices(Vec<(Period, Price)>);

impl Default for SpotFormula {
    /// The index itself, without tax.
    fn default() -> Self {
        let factor_ten_thousandths = ONE.unsigned_abs().try_into().unwrap_or_default();
        Self { factor_ten_thousandths, addend: Price::ZERO, least: None, most: None, vat: None }
    }
}

impl SpotFormula {
    /// The exact amount of so much energy at a price of the index. `None` beyond the range.
    #[must_use]
    pub fn amount(&self, energy: Quantity, index: Price) -> Option<Amount> {
        let of = |energy: Quantity| {
            // Quantity x price x factor is what amounts are made for: nothing is rounded.
            let indexed = Amount::of(energy, index)?.fraction(self.factor_ten_thousandths.into(), ONE)?;
            indexed.checked_add(Amount::of(energy, self.addend)?)
        };
        let unit = of(Quantity::ONE)?;
        let at = |price: Price| Amount::of(Quantity::ONE, price);
        // As of the sheet's bounds, the most counts where it is below the least.
        if let Some(most) = self.most
            && (unit > at(most)? || self.least.is_some_and(|least| least > most))
        {
            return Amount::of(energy, most);
        }
        match self.least {
            Some(least) if unit < at(least)? => Amount::of(energy, least),
            _ => of(energy),
        }
    }
}

impl IndexPrices {
    /// The prices of intervals; `None` where two of them overlap or stand in another order than that of time.
    #[must_use]
    pub fn new(intervals: Vec<(Period, Price)>) -> Option<Self> {
        let follow = intervals.iter().zip(intervals.iter().skip(1));
        let is_in_order = follow.into_iter().all(|((one, _), (next, _))| one.end() <= next.start());
        is_in_order.then_some(Self(intervals))
    }

    /// What a series holds between two instants. `None` where a price per kWh has more than eight decimals, or the series is
    /// no index of energy.
    #[must_use]
    pub fn of_series(series: &PriceSeries, start: Instant, end: Instant) -> Option<Self> {
        let mut intervals: Vec<(Period, Price)> = Vec::new();
        for (period, price) in series.between(start, end) {
            intervals.push((period, price.converted(series.unit(), Unit::KilowattHour)?));
        }
        Self::new(intervals)
    }

    /// The price at an instant, with its interval.
    #[must_use]
    pub fn at(&self, instant: Instant) -> Option<(Period, Price)> {
        let after = self.0.partition_point(|(period, _)| period.start() <= instant);
        let (period, price) = self.0.get(after.checked_sub(1)?)?;
        period.contains(instant).then_some((*period, *price))
    }

    /// Where an interval begins or ends between two instants.
    fn edges(&self, start: Instant, end: Instant) -> impl Iterator<Item = Instant> {
        let first = self.0.partition_point(|(period, _)| period.end() <= start);
        let reached = self.0.iter().skip(first).take_while(move |(period, _)| period.start() < end);
        reached.flat_map(|(period, _)| [period.start(), period.end()])
    }
}

/// The energy of a session as it is priced by an index.
#[derive(Debug)]
pub(super) struct SpotCount<'a> {
    spot: &'a SpotEnergy,
    /// Has no price: it says where energy is to be cut.
    cuts: PriceSheet,
    parts: Vec<SpotPart>,
}

impl<'a> SpotCount<'a> {
    pub(super) fn new(spot: &'a SpotEnergy) -> Self {
        let hours = spot.hours.map(DayHours::restrictions).unwrap_or_default();
        Self { spot, cuts: split::cuts(hours), parts: Vec::new() }
    }

    /// Prices the energy of a period.
    pub(super) fn add(
        &mut self,
        whole: Slice,
        rule: &DayRule,
        member: &MemberPrices,
    ) -> Result<(), SessionFault> {
        if whole.volumes.energy == 0 {
            return Ok(());
        }
        let edges: Vec<Instant> = self.spot.index.edges(whole.start, whole.end).collect();
        let slices = whole.split(&self.cuts, rule, &[], &edges).ok_or(SessionFault::OutOfRange)?;
        for slice in slices.into_iter().filter(|slice| slice.volumes.energy > 0) {
            if let Some(hours) = self.spot.hours {
                let (day, clock_ms) = rule.zone().local_reading(slice.start);
                if !hours.restrictions().hold(&Moment::of_clock(day, clock_ms)) {
                    continue;
                }
            }
            let (_, index) =
                self.spot.index.at(slice.start).ok_or(SessionFault::NoIndexPrice(slice.start))?;
            let part = self.part(slice, index, member).ok_or(SessionFault::OutOfRange)?;
            self.parts.push(part);
        }
        Ok(())
    }

    fn part(&self, slice: Slice, index: Price, member: &MemberPrices) -> Option<SpotPart> {
        let energy: Micros = slice.volumes.energy;
        let included = member.included(slice.energy_before, energy)?;
        let formula = &self.spot.formula;
        let paid = Quantity::from_micros(energy.checked_sub(included)?);
        Some(SpotPart {
            start: slice.start,
            end: slice.end,
            index,
            energy_kwh: Quantity::from_micros(energy),
            included_kwh: Quantity::from_micros(included),
            price: formula.amount(Quantity::ONE, index)?,
            amount: formula.amount(paid, index)?,
        })
    }

    /// What was priced, and what it comes to.
    pub(super) fn done(self) -> Option<(Vec<SpotPart>, Cost)> {
        let net = self.parts.iter().try_fold(Amount::ZERO, |sum, part| sum.checked_add(part.amount))?;
        Some((self.parts, cost_of(net, self.spot.formula.vat, false)?))
    }
}
