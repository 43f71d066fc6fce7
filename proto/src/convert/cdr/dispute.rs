//! Disputes about what partners state.

use domain::money::Money;
use domain::session::CostPart;
use domain::verification::{Decided, Decision, Dispute, DisputeReason, DisputeState, WithTax};

use crate::convert::{FieldError, FieldFault, field, time};
use crate::roaming::{self, DisputeVerdict};

impl From<&Dispute> for roaming::Dispute {
    fn from(dispute: &Dispute) -> Self {
        Self {
            opened_time: Some(time::timestamp(dispute.opened)),
            reasons: dispute
                .reasons
                .iter()
                .map(|reason| roaming::DisputeReason::from(reason).into())
                .collect(),
            stated: dispute.theirs.as_ref().map(Into::into),
            priced: dispute.ours.as_ref().map(Into::into),
            price: Some((&dispute.price).into()),
            state: roaming::DisputeState::from(dispute.state).into(),
            decisions: field::messages(&dispute.decisions),
            stated_with_tax: dispute.with_tax.theirs.as_ref().map(Into::into),
            priced_with_tax: dispute.with_tax.ours.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<roaming::Dispute> for Dispute {
    type Error = FieldError;

    fn try_from(dispute: roaming::Dispute) -> Result<Self, FieldError> {
        Ok(Self {
            opened: time::required_instant("opened_time", dispute.opened_time)?,
            reasons: dispute.reasons.into_iter().map(reason).collect::<Result<_, _>>()?,
            theirs: field::optional("stated", dispute.stated)?,
            ours: field::optional("priced", dispute.priced)?,
            with_tax: WithTax {
                theirs: field::optional("stated_with_tax", dispute.stated_with_tax)?,
                ours: field::optional("priced_with_tax", dispute.priced_with_tax)?,
            },
            price: field::required("price", dispute.price)?,
            state: field::known::<roaming::DisputeState, _>("state", dispute.state)?,
            decisions: field::each("decisions", dispute.decisions)?,
        })
    }
}

field::same_names!(DisputeState, roaming::DisputeState, [Open, Accepted, Rejected, Settled, Withdrawn]);

impl From<&DisputeReason> for roaming::DisputeReason {
    fn from(reason: &DisputeReason) -> Self {
        match reason {
            DisputeReason::TotalDiffers => Self::TotalDiffers,
            DisputeReason::TaxDiffers => Self::TaxDiffers,
            DisputeReason::PartDiffers(CostPart::Energy) => Self::EnergyCostDiffers,
            DisputeReason::PartDiffers(CostPart::Time) => Self::TimeCostDiffers,
            DisputeReason::PartDiffers(CostPart::Parking) => Self::ParkingCostDiffers,
            DisputeReason::PartDiffers(CostPart::Fixed) => Self::FixedCostDiffers,
            DisputeReason::PartDiffers(CostPart::Reservation) => Self::ReservationCostDiffers,
            DisputeReason::EnergyDiffers => Self::EnergyDiffers,
            DisputeReason::TimeDiffers => Self::TimeDiffers,
            DisputeReason::NotPriced => Self::NotPriced,
        }
    }
}

fn reason(number: i32) -> Result<DisputeReason, FieldError> {
    use roaming::DisputeReason as Wire;
    let known = Wire::try_from(number).map_err(|_| FieldError::at("reasons", FieldFault::Unknown))?;
    Ok(match known {
        Wire::Unspecified => return Err(FieldError::at("reasons", FieldFault::Missing)),
        Wire::TotalDiffers => DisputeReason::TotalDiffers,
        Wire::TaxDiffers => DisputeReason::TaxDiffers,
        Wire::EnergyCostDiffers => DisputeReason::PartDiffers(CostPart::Energy),
        Wire::TimeCostDiffers => DisputeReason::PartDiffers(CostPart::Time),
        Wire::ParkingCostDiffers => DisputeReason::PartDiffers(CostPart::Parking),
        Wire::FixedCostDiffers => DisputeReason::PartDiffers(CostPart::Fixed),
        Wire::ReservationCostDiffers => DisputeReason::PartDiffers(CostPart::Reservation),
        Wire::EnergyDiffers => DisputeReason::EnergyDiffers,
        Wire::TimeDiffers => DisputeReason::TimeDiffers,
        Wire::NotPriced => DisputeReason::NotPriced,
    })
}

impl From<&Decided> for roaming::DisputeDecision {
    fn from(decided: &Decided) -> Self {
        Self {
            decided_time: Some(time::timestamp(decided.at)),
            subject: decided.by.clone(),
            ..Self::wanted(decided.decision, &decided.note)
        }
    }
}

impl roaming::DisputeDecision {
    /// A decision that is asked for: who makes it and when is known where it is made.
    #[must_use]
    pub fn wanted(decision: Decision, note: &str) -> Self {
        let (verdict, amount): (_, Option<Money>) = match decision {
            Decision::AcceptTheirs => (DisputeVerdict::Accept, None),
            Decision::InsistOnOurs => (DisputeVerdict::Insist, None),
            Decision::SettleAt(amount) => (DisputeVerdict::Settle, Some(amount)),
        };
        Self {
            verdict: verdict.into(),
            amount: amount.as_ref().map(Into::into),
            note: note.to_owned(),
            ..Self::default()
        }
    }

    /// What is decided.
    ///
    /// # Errors
    /// [`FieldError`] where there is no verdict, or an amount that does not go with it.
    pub fn decision(self) -> Result<Decision, FieldError> {
        let verdict = DisputeVerdict::try_from(self.verdict);
        let verdict = verdict.map_err(|_| FieldError::at("verdict", FieldFault::Unknown))?;
        let plain = |decision: Decision| match self.amount {
            None => Ok(decision),
            Some(_) => Err(FieldError::at("amount", FieldFault::Contradiction)),
        };
        match verdict {
            DisputeVerdict::Unspecified => Err(FieldError::at("verdict", FieldFault::Missing)),
            DisputeVerdict::Accept => plain(Decision::AcceptTheirs),
            DisputeVerdict::Insist => plain(Decision::InsistOnOurs),
            DisputeVerdict::Settle => field::required("amount", self.amount).map(Decision::SettleAt),
        }
    }
}

impl TryFrom<roaming::DisputeDecision> for Decided {
    type Error = FieldError;

    fn try_from(decided: roaming::DisputeDecision) -> Result<Self, FieldError> {
        let at = time::required_instant("decided_time", decided.decided_time)?;
        let (by, note) = (decided.subject.clone(), decided.note.clone());
        Ok(Self { decision: decided.decision()?, at, by, note })
    }
}
