//! What the credit leads to: levels crossed, emergency credit offered and ended, supply on or off.

use std::collections::BTreeSet;

use super::emergency::Emergency;
use super::refusal::PrepaidRefused;
use super::supply::{Supply, SupplyOrder};
use super::terms::{PrepaidTerms, SwitchedOn};
use super::work::Work;
use super::{CreditLevel, PrepaidEvent};
use crate::amount::Amount;
use crate::funds::Side;
use crate::identity::MeteringPointId;

type Followed = Result<(), PrepaidRefused>;

impl Work<'_> {
    /// Brings levels, emergency credit and supply in line with the credit. Done again it does nothing.
    pub(super) fn follow(&mut self) -> Followed {
        let Some(terms) = self.prepaid.terms.clone() else { return Ok(()) };
        let credit = self.credit(&terms)?;
        for (level, before, at) in [
            (CreditLevel::Low, self.prepaid.low, terms.low_credit),
            (CreditLevel::Zero, self.prepaid.zero, terms.zero_credit),
        ] {
            let side = Side::of(credit, at);
            if side != before {
                self.push(PrepaidEvent::Crossed { level, side, credit });
            }
        }
        self.follow_emergency(&terms, credit)?;
        self.follow_supply(&terms, credit)
    }

    /// Sets the sides of levels without telling of a crossing.
    pub(super) fn set_levels(&mut self, terms: &PrepaidTerms) -> Followed {
        let credit = self.credit(terms)?;
        let (low, zero) = (Side::of(credit, terms.low_credit), Side::of(credit, terms.zero_credit));
        if (low, zero) != (self.prepaid.low, self.prepaid.zero) {
            self.push(PrepaidEvent::LevelsSet { low, zero });
        }
        Ok(())
    }

    fn follow_supply(&mut self, terms: &PrepaidTerms, credit: Amount) -> Followed {
        let floor = self.prepaid.floor(terms).ok_or(PrepaidRefused::OutOfRange)?;
        if self.prepaid.supply == Supply::Off {
            return if self.is_restored(terms, credit, floor)? { self.reconnect(terms) } else { Ok(()) };
        }
        if credit > floor {
            if self.prepaid.disconnect_at.is_some() {
                self.push(PrepaidEvent::DisconnectCancelled);
            }
            return Ok(());
        }
        match terms.friendly.until(self.instant(), self.facts.funds.days) {
            Some(until) if self.prepaid.disconnect_at == Some(until) => Ok(()),
            Some(until) => {
                self.push(PrepaidEvent::DisconnectPostponed { until });
                Ok(())
            }
            None => self.disconnect(terms),
        }
    }

    /// Whether there is enough to switch supply on: what the terms ask for, or emergency credit that was taken since.
    fn is_restored(
        &self,
        terms: &PrepaidTerms,
        credit: Amount,
        floor: Amount,
    ) -> Result<bool, PrepaidRefused> {
        let above = credit.checked_sub(terms.zero_credit).ok_or(PrepaidRefused::OutOfRange)?;
        let is_paid = above > Amount::ZERO && above >= terms.reconnection.least;
        Ok(is_paid || (floor < terms.zero_credit && credit > floor))
    }

    fn disconnect(&mut self, terms: &PrepaidTerms) -> Followed {
        if let Emergency::InUse(offer) = self.prepaid.emergency {
            self.push(PrepaidEvent::EmergencySet(Emergency::Spent(offer)));
        }
        self.order(Supply::Off, true, terms.points.clone())
    }

    fn reconnect(&mut self, terms: &PrepaidTerms) -> Followed {
        let supply = match terms.reconnection.switched_on {
            SwitchedOn::ByOrder => Supply::On,
            SwitchedOn::AtMeter => Supply::Ready,
        };
        self.order(supply, true, terms.points.clone())
    }

    /// Gives the next order: supply is in advance from today on, or from the first day that a command named; or no longer
    /// from tomorrow on.
    pub(super) fn order(
        &mut self,
        supply: Supply,
        is_prepaid: bool,
        points: BTreeSet<MeteringPointId>,
    ) -> Followed {
        let version = self.prepaid.version.checked_add(1).ok_or(PrepaidRefused::OutOfRange)?;
        let account = self.account().to_owned();
        let day = match is_prepaid {
            true => self.first.unwrap_or_else(|| self.today()),
            false => self.today().next(),
        };
        let order = SupplyOrder { account, version, supply, is_prepaid, day: Some(day) };
        self.push(PrepaidEvent::SupplyOrdered { order, points });
        Ok(())
    }
}
