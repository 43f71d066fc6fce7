//! Disputes: what is done about a partner's price that lies too far from ours.
//!
//! A dispute is open until it is decided: *accepted*, theirs stands; *rejected*, we insist on ours; *settled*, at an
//! amount that both sides agreed on. A partner may not give in to a rejection: a rejected dispute may still be accepted or
//! settled, the other decisions are final. A credit of the record *withdraws* the dispute.

use super::{DisputeReason, Verdict, Verification, WithTax};
use crate::instant::Instant;
use crate::money::Money;

/// How a dispute stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DisputeState {
    /// Nobody has decided.
    #[default]
    Open,
    /// The partner's price stands.
    Accepted,
    /// Ours stands, and the partner is to take back its own.
    Rejected,
    /// An amount stands that both agreed on.
    Settled,
    /// The record was taken back: there is nothing left to dispute.
    Withdrawn,
}

/// A decision of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// The partner's price stands.
    AcceptTheirs,
    /// Ours stands.
    InsistOnOurs,
    /// This amount stands, without tax.
    SettleAt(Money),
}

/// A decision with who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What was decided.
    pub decision: Decision,
    /// When.
    pub at: Instant,
    /// By whom, as the request says.
    pub by: String,
    /// Why, in that person's words.
    pub note: String,
}

/// A dispute about the price of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// When it began.
    pub opened: Instant,
    /// Why, in order.
    pub reasons: Vec<DisputeReason>,
    /// The partner's price, without tax; `None` where the record states none.
    pub theirs: Option<Money>,
    /// Ours, without tax; `None` where we can't price the session.
    pub ours: Option<Money>,
    /// Both with tax, each where it is known.
    pub with_tax: WithTax,
    /// What stands now, without tax: at first what counts by the agreement, then what was decided.
    pub price: Money,
    /// How it stands.
    pub state: DisputeState,
    /// What was decided, in order of time: at most two decisions.
    pub decisions: Vec<Decided>,
}

/// Why a decision is refused, in order of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecisionRefused {
    /// The record was taken back.
    Withdrawn,
    /// It was decided otherwise, and that is final.
    Final,
    /// There is no price of the partner's to accept.
    NoPriceOfTheirs,
    /// There is no price of ours to insist on.
    NoPriceOfOurs,
    /// The amount is of another currency.
    OtherCurrency,
    /// The amount is not between nothing and the larger of both prices: neither side has asked for it.
    BeyondPrices,
    /// The difference is out of range.
    OutOfRange,
}

impl DisputeState {
    /// Every state, in order.
    pub const ALL: [Self; 5] = [Self::Open, Self::Accepted, Self::Rejected, Self::Settled, Self::Withdrawn];

    /// Whether somebody should still do something about it: the worklist.
    #[must_use]
    pub fn is_open(self) -> bool {
        self == Self::Open
    }

    /// Whether no decision can follow.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Accepted | Self::Settled | Self::Withdrawn)
    }
}

impl Dispute {
    /// The dispute that a verification begins; `None` where nothing is disputed.
    #[must_use]
    pub fn of(verification: &Verification, opened: Instant) -> Option<Self> {
        let Verdict::Disputed(reasons) = &verification.verdict else { return None };
        Some(Self {
            opened,
            reasons: reasons.clone(),
            theirs: verification.theirs,
            ours: verification.ours,
            with_tax: verification.with_tax,
            price: verification.price,
            state: DisputeState::Open,
            decisions: Vec::new(),
        })
    }

    /// Decides it, and tells what is to be booked on top of what was: the new price less the old. The decision that
    /// stands, made again, changes nothing and comes to zero.
    ///
    /// # Errors
    /// [`DecisionRefused`]; the dispute is then as it was.
    pub fn decide(&mut self, decided: Decided) -> Result<Money, DecisionRefused> {
        if self.state == DisputeState::Withdrawn {
            return Err(DecisionRefused::Withdrawn);
        }
        if self.decisions.last().is_some_and(|last| last.decision == decided.decision) {
            return Ok(Money::zero(self.price.currency()));
        }
        if self.state.is_final() {
            return Err(DecisionRefused::Final);
        }
        let (price, state) = match decided.decision {
            Decision::AcceptTheirs => {
                (self.theirs.ok_or(DecisionRefused::NoPriceOfTheirs)?, DisputeState::Accepted)
            }
            Decision::InsistOnOurs => {
                (self.ours.ok_or(DecisionRefused::NoPriceOfOurs)?, DisputeState::Rejected)
            }
            Decision::SettleAt(amount) if amount.currency() != self.price.currency() => {
                return Err(DecisionRefused::OtherCurrency);
            }
            Decision::SettleAt(amount) if !self.may_settle_at(amount) => {
                return Err(DecisionRefused::BeyondPrices);
            }
            Decision::SettleAt(amount) => (amount, DisputeState::Settled),
        };
        let adjustment = price.checked_sub(self.price).ok_or(DecisionRefused::OutOfRange)?;
        (self.price, self.state) = (price, state);
        self.decisions.push(decided);
        Ok(adjustment)
    }

    /// Whether an amount lies between nothing and the larger of both prices; where they are below zero, the smaller.
    fn may_settle_at(&self, amount: Money) -> bool {
        let prices = || self.theirs.iter().chain(&self.ours).map(|price| price.minor());
        let (least, most) = (prices().fold(0, i64::min), prices().fold(0, i64::max));
        (least..=most).contains(&amount.minor())
    }

    /// Ends it where its record was taken back, whatever was decided: the book reverses what stands.
    pub fn withdraw(&mut self) {
        self.state = DisputeState::Withdrawn;
    }
}
