//! Emergency credit: what the customer may use beyond the zero-credit level, once it is offered.

use super::refusal::PrepaidRefused;
use super::terms::PrepaidTerms;
use super::work::Work;
use super::{PrepaidEvent, PrepaidReply};
use crate::amount::Amount;

/// Where emergency credit stands. Each offer has a number, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Emergency {
    /// It is not offered: there is credit, the terms know none, or more is missing than it gives.
    #[default]
    NotOffered,
    /// The customer may take it.
    Offered(u32),
    /// The customer took it.
    InUse(u32),
    /// It was used up and supply went off; it is offered again once the credit was above the level in between.
    Spent(u32),
}

impl Emergency {
    /// The number of the offer; 0 where there is none.
    #[must_use]
    pub fn offer(self) -> u32 {
        match self {
            Self::NotOffered => 0,
            Self::Offered(offer) | Self::InUse(offer) | Self::Spent(offer) => offer,
        }
    }
}

/// Whether more is missing than emergency credit gives, so that it is no help.
fn is_beyond(terms: &PrepaidTerms, credit: Amount) -> Result<bool, PrepaidRefused> {
    let Some(emergency) = terms.emergency else { return Ok(false) };
    let floor = terms.zero_credit.checked_sub(emergency.amount).ok_or(PrepaidRefused::OutOfRange)?;
    Ok(credit <= floor)
}

/// Takes emergency credit that is offered.
pub(super) fn take(work: &mut Work<'_>, offer: u32) -> Result<PrepaidReply, PrepaidRefused> {
    let terms = work.terms()?.clone();
    if offer > 0 && offer == work.prepaid.offer_taken {
        return Ok(PrepaidReply::Done);
    }
    match work.prepaid.emergency {
        Emergency::Offered(offered) if offered == offer => {}
        Emergency::NotOffered if is_beyond(&terms, work.credit(&terms)?)? => {
            return Err(PrepaidRefused::BeyondEmergency);
        }
        _ => return Err(PrepaidRefused::EmergencyNotOffered),
    }
    work.push(PrepaidEvent::EmergencySet(Emergency::InUse(offer)));
    Ok(PrepaidReply::Done)
}

impl Work<'_> {
    /// Offers emergency credit where the credit is low and it helps, and ends it where there is credit again.
    pub(super) fn follow_emergency(
        &mut self,
        terms: &PrepaidTerms,
        credit: Amount,
    ) -> Result<(), PrepaidRefused> {
        let held = self.prepaid.emergency;
        let is_beyond = is_beyond(terms, credit)?;
        let now = match terms.emergency {
            Some(emergency) if credit <= emergency.offered_at => match held {
                Emergency::NotOffered | Emergency::Offered(_) if is_beyond => Emergency::NotOffered,
                Emergency::NotOffered => {
                    let offer = self.prepaid.offers.checked_add(1);
                    Emergency::Offered(offer.ok_or(PrepaidRefused::OutOfRange)?)
                }
                held => held,
            },
            _ => Emergency::NotOffered,
        };
        if now != held {
            self.push(PrepaidEvent::EmergencySet(now));
        }
        Ok(())
    }
}
