//! Charges: price elements that a grid company, the state or a supplier puts on a metering point, and their links.

use std::fmt;

use crate::instant::Period;
use crate::quantity::Quantity;
use crate::resolution::Resolution;

/// What a charge's price is counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChargeKind {
    /// Per month, by civil days.
    Subscription,
    /// Per event: in full on each local day its link covers.
    Fee,
    /// Per quantity of energy.
    Tariff,
}

impl ChargeKind {
    /// Every kind, in a fixed order.
    pub const ALL: [Self; 3] = [Self::Subscription, Self::Fee, Self::Tariff];

    /// The word for it in files and results.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Subscription => "subscription",
            Self::Fee => "fee",
            Self::Tariff => "tariff",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What identifies a charge: code, owner and kind together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChargeKey {
    /// The owner's code for it.
    pub code: String,
    /// The market participant that owns it (13 digits).
    pub owner: String,
    /// Its kind.
    pub kind: ChargeKind,
}

impl fmt::Display for ChargeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.code, self.owner, self.kind.word())
    }
}

/// What is known of a charge from some instant on (market document RSM-033/034, process D18).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Which charge.
    pub key: ChargeKey,
    /// Its name for people.
    pub name: String,
    /// A longer text, possibly empty.
    pub description: String,
    /// The resolution of its prices: an hour or a day for tariffs, a month for subscriptions and fees.
    pub resolution: Resolution,
    /// Whether value added tax is due on it (`VATPayer` D02; D01 means none).
    pub has_vat: bool,
    /// Whether it must be shown on its own line (`transparentInvoicing`).
    pub is_transparent: bool,
    /// Whether it is a tax (`taxIndicator`).
    pub is_tax: bool,
    /// When this knowledge holds.
    pub period: Period,
}

/// Ties a charge to a metering point for a period (process D17).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeLink {
    /// Which charge.
    pub charge: ChargeKey,
    /// How many times the charge applies: pieces of a subscription or fee; 1 for a tariff.
    pub factor: Quantity,
    /// When the link holds, from local midnight to local midnight.
    pub period: Period,
}
