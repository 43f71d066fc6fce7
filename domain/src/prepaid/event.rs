//! What happened to prepaid supply, and what it leads to.

use std::collections::{BTreeMap, BTreeSet};

use super::rated::{BookedTotal, RatedKey};
use super::supply::{Supply, SupplyOrder};
use super::top_up::ShownTopUp;
use super::{CreditLevel, Debt, Emergency, MOST_USE_DAYS, Prepaid, PrepaidTerms};
use crate::amount::Amount;
use crate::day::Day;
use crate::funds::{FundsEvent, Side};
use crate::identity::MeteringPointId;
use crate::instant::Instant;
use crate::quantity::Quantity;

/// What happened. Each carries what is now the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrepaidEvent {
    /// Something happened to the funds.
    Funds(Box<FundsEvent>),
    /// The terms are now these; none where supply is no longer prepaid.
    TermsSet(Option<Box<PrepaidTerms>>),
    /// The credit is on these sides of its levels, without having crossed them: the levels are new.
    LevelsSet {
        /// Of the low-credit level.
        low: Side,
        /// Of the zero-credit level.
        zero: Side,
    },
    /// The credit crossed a level to this side.
    Crossed {
        /// The level.
        level: CreditLevel,
        /// The side on which it is now.
        side: Side,
        /// The credit.
        credit: Amount,
    },
    /// Emergency credit is now this.
    EmergencySet(Emergency),
    /// Supply would be off but for friendly hours; it goes off at their end unless there is credit before.
    DisconnectPostponed {
        /// The end of the friendly hours.
        until: Instant,
    },
    /// What was postponed is no longer needed.
    DisconnectCancelled,
    /// These metering points are to carry out an order.
    SupplyOrdered {
        /// The order.
        order: SupplyOrder,
        /// The metering points.
        points: BTreeSet<MeteringPointId>,
    },
    /// The debt is now this.
    DebtSet(Debt),
    /// A rated total was booked. The debits and corrections stand before it.
    Booked(RatedKey, BookedTotal),
    /// No run corrects these any more: what was booked of them stays so.
    Forgotten(Vec<RatedKey>),
    /// So much was consumed at a metering point on these days.
    UsedSet(MeteringPointId, BTreeMap<Day, Quantity>),
    /// A top-up was taken, with what the meter shows of it.
    Shown(Box<ShownTopUp>),
    /// So many debits and corrections were made on behalf of prepaid supply.
    Numbered(u64),
}

impl Prepaid {
    /// Changes the state by what happened. Events of the funds are the funds' to apply.
    pub fn apply(&mut self, event: &PrepaidEvent) {
        match event {
            PrepaidEvent::Funds(_) => {}
            PrepaidEvent::TermsSet(terms) => self.set_terms(terms.as_deref()),
            PrepaidEvent::LevelsSet { low, zero } => (self.low, self.zero) = (*low, *zero),
            PrepaidEvent::Crossed { level: CreditLevel::Low, side, .. } => self.low = *side,
            PrepaidEvent::Crossed { level: CreditLevel::Zero, side, .. } => self.zero = *side,
            PrepaidEvent::EmergencySet(emergency) => {
                self.emergency = *emergency;
                self.offers = self.offers.max(emergency.offer());
                if let Emergency::InUse(offer) = emergency {
                    self.offer_taken = *offer;
                }
            }
            PrepaidEvent::DisconnectPostponed { until } => self.disconnect_at = Some(*until),
            PrepaidEvent::DisconnectCancelled => self.disconnect_at = None,
            PrepaidEvent::SupplyOrdered { order, .. } => {
                self.version = order.version;
                if order.is_prepaid {
                    (self.supply, self.disconnect_at) = (order.supply, None);
                }
            }
            PrepaidEvent::DebtSet(debt) => self.debt = *debt,
            PrepaidEvent::Booked(key, booked) => drop(self.booked.insert(key.clone(), booked.clone())),
            PrepaidEvent::Forgotten(keys) => self.booked.retain(|key, _| !keys.contains(key)),
            PrepaidEvent::UsedSet(point, days) => self.set_used(*point, days),
            PrepaidEvent::Shown(shown) => {
                self.top_ups = shown.number;
                self.shown.push(shown);
            }
            PrepaidEvent::Numbered(number) => self.operations = *number,
        }
    }

    fn set_terms(&mut self, terms: Option<&PrepaidTerms>) {
        self.terms = terms.cloned();
        if terms.is_none() {
            (self.supply, self.disconnect_at) = (Supply::On, None);
            (self.low, self.zero, self.emergency) = (Side::Above, Side::Above, Emergency::NotOffered);
        }
    }

    /// Keeps the latest days: whatever order they come in, the same stay.
    fn set_used(&mut self, point: MeteringPointId, days: &BTreeMap<Day, Quantity>) {
        for (day, used) in days {
            self.used.entry(*day).or_default().insert(point, *used);
        }
        while self.used.len() > MOST_USE_DAYS {
            self.used.pop_first();
        }
    }
}
