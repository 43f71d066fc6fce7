//! The charges of a settlement, ordered for looking up master data and prices.

use std::collections::BTreeMap;

use super::input::{ChargeInformation, ChargePrice, Charges};
use super::refusal::{InputTable, Refusal, RefusalReason};
use crate::charge::{ChargeKey, ChargeKind};
use crate::instant::{Instant, Period};
use crate::price::Price;
use crate::resolution::Resolution;

/// Prices are counted in 10^-8, and stated with six decimals.
const FINEST_PRICE: i64 = 100;

/// Master data and prices by charge.
pub(super) struct PriceBook<'a> {
    charges: BTreeMap<&'a ChargeKey, ChargeEntry<'a>>,
}

/// What is known about a charge.
#[derive(Default)]
pub(super) struct ChargeEntry<'a> {
    information: Vec<&'a ChargeInformation>,
    prices: BTreeMap<Instant, Price>,
}

impl<'a> PriceBook<'a> {
    /// Orders the charges, as far as their master data touch the period.
    pub(super) fn new(charges: &'a Charges, period: Period) -> Result<Self, Refusal> {
        let mut book: BTreeMap<&ChargeKey, ChargeEntry<'a>> = BTreeMap::new();
        for information in charges.information.iter().filter(|one| one.period.overlaps(period)) {
            check(information)?;
            let entry = book.entry(&information.charge).or_default();
            if entry.information.iter().any(|other| other.period.overlaps(information.period)) {
                let reason = RefusalReason::ChargePeriodsOverlap(information.charge.clone());
                return Err(Refusal::row(InputTable::ChargePriceInformationPeriods, information.row, reason));
            }
            entry.information.push(information);
        }
        for price in &charges.prices {
            if let Some(entry) = book.get_mut(&price.charge) {
                entry.add(price)?;
            }
        }
        Ok(Self { charges: book })
    }

    /// The charge, where it has master data in the period.
    pub(super) fn get(&self, charge: &ChargeKey) -> Option<&ChargeEntry<'a>> {
        self.charges.get(charge)
    }
}

impl<'a> ChargeEntry<'a> {
    /// Its master-data periods.
    pub(super) fn information(&self) -> impl Iterator<Item = &'a ChargeInformation> + '_ {
        self.information.iter().copied()
    }

    /// The price stated for exactly this instant: a tariff's price is not carried forward.
    pub(super) fn price_at(&self, time: Instant) -> Option<Price> {
        self.prices.get(&time).copied()
    }

    /// The last price stated at or before the instant within its master-data period: prices of subscriptions and
    /// fees are carried forward, but not from one master-data period into the next.
    pub(super) fn price_carried_to(&self, time: Instant) -> Option<Price> {
        let information = self.information.iter().find(|one| one.period.contains(time))?;
        let known = self.prices.range(information.period.start()..=time).next_back();
        known.map(|(_, price)| *price)
    }

    fn add(&mut self, price: &ChargePrice) -> Result<(), Refusal> {
        if price.price.raw().checked_rem(FINEST_PRICE) != Some(0) {
            return Err(refused(price, RefusalReason::PriceTooFine));
        }
        match self.prices.insert(price.time, price.price) {
            Some(other) if other != price.price => {
                Err(refused(price, RefusalReason::PriceRepeated(price.charge.clone())))
            }
            _ => Ok(()),
        }
    }
}

fn check(information: &ChargeInformation) -> Result<(), Refusal> {
    let fits = match information.charge.kind {
        ChargeKind::Tariff => matches!(information.resolution, Resolution::Hour | Resolution::Day),
        ChargeKind::Subscription | ChargeKind::Fee => information.resolution == Resolution::Month,
    };
    let reason = || RefusalReason::ChargeResolutionUnsupported(information.charge.clone());
    let table = InputTable::ChargePriceInformationPeriods;
    fits.then_some(()).ok_or_else(|| Refusal::row(table, information.row, reason()))
}

fn refused(price: &ChargePrice, reason: RefusalReason) -> Refusal {
    Refusal::row(InputTable::ChargePricePoints, price.row, reason)
}
