//! The idle fee: what it costs to stand at a charging point without asking for power. It is a component of our own, because
//! OCPI knows no grace, no cap a day and no hours that are free.

use std::collections::BTreeMap;

use super::given::{Cost, DayHours};
use super::priced::Micros;
use super::split::{self, Slice};
use super::total::cost_of;
use crate::amount::Amount;
use crate::day::{Day, DayRule};
use crate::instant::Instant;
use crate::price::Price;
use crate::price_sheet::{Moment, PriceSheet, Restrictions};
use crate::quantity::Quantity;
use crate::tax::VatRate;

/// Microseconds of a second.
const MICROS_OF_SECOND: i64 = 1_000_000;

/// An idle fee, beside what the price sheet has for parking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleFee {
    /// The price of an hour, without value added tax.
    pub price: Price,
    /// The rate of value added tax; `None` where none applies.
    pub vat: Option<VatRate>,
    /// The parked time of a session that is free, in seconds. It is the first, and runs in free hours too.
    pub grace_s: u32,
    /// The hours of the day that are free.
    pub free: Option<DayHours>,
    /// The most for a local day, without value added tax.
    pub most_per_day: Option<Price>,
}

/// What idle time costs on a local day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdleDay {
    /// The time that is not free.
    pub time: Micros,
    /// What it costs without value added tax, at most the most of a day.
    pub amount: Amount,
}

/// The idle time of a session as it is counted.
#[derive(Clone, Debug)]
pub(super) struct IdleTime {
    fee: IdleFee,
    /// Has no price: it says where parked time is to be cut.
    cuts: PriceSheet,
    parked: Micros,
    due: BTreeMap<Day, Micros>,
}

impl IdleFee {
    fn is_free_at(self, moment: &Moment) -> bool {
        self.free.is_some_and(|free| free.restrictions().hold(moment))
    }

    /// What so much time of a day costs.
    fn of_day(self, time: Micros) -> Option<IdleDay> {
        let exact = Amount::of_time(time, self.price)?;
        let most = self.most_per_day.map_or(Some(exact), |most| Amount::of(Quantity::ONE, most))?;
        Some(IdleDay { time, amount: exact.min(most) })
    }
}

impl IdleTime {
    pub(super) fn new(fee: IdleFee) -> Self {
        let free = fee.free.map(DayHours::restrictions).unwrap_or_default();
        // A restriction to some day makes every midnight a cut.
        let restrictions = Restrictions { start_date: Some(Day::MAX), ..free };
        Self { fee, cuts: split::cuts(restrictions), parked: 0, due: BTreeMap::new() }
    }

    /// Counts the parked time of a period.
    pub(super) fn add(&mut self, whole: Slice, rule: &DayRule) -> Option<()> {
        if whole.volumes.parking == 0 {
            return Some(());
        }
        let grace = i64::from(self.fee.grace_s).checked_mul(MICROS_OF_SECOND)?;
        let never: [Instant; 0] = [];
        for slice in whole.split(&self.cuts, rule, &never, &never)? {
            let parked = slice.volumes.parking;
            let in_grace = grace.checked_sub(self.parked)?.clamp(0, parked);
            self.parked = self.parked.checked_add(parked)?;
            let (day, clock_ms) = rule.zone().local_reading(slice.start);
            if !self.fee.is_free_at(&Moment::of_clock(day, clock_ms)) {
                let due = self.due.entry(day).or_default();
                *due = due.checked_add(parked.checked_sub(in_grace)?)?;
            }
        }
        Some(())
    }

    /// What it costs by day, days without a cost left out, and in all.
    pub(super) fn done(self) -> Option<(BTreeMap<Day, IdleDay>, Cost)> {
        let fee = self.fee;
        let due = self.due.into_iter().filter(|(_, time)| *time > 0);
        let days: Option<BTreeMap<Day, IdleDay>> =
            due.map(|(day, time)| Some((day, fee.of_day(time)?))).collect();
        let days = days?;
        let net = days.values().try_fold(Amount::ZERO, |sum, day| sum.checked_add(day.amount))?;
        Some((days, cost_of(net, fee.vat, false)?))
    }
}
