//! Clearing a bundle: the price of one ticket, divided among those who provide what it holds.

use std::collections::BTreeSet;
use std::fmt;

use super::apportion::apportion;
use crate::amount::Amount;
use crate::contract;
use crate::money::Money;
use crate::price::Price;
use crate::quantity::Quantity;

/// What one provider claims of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The provider's account.
    pub recipient: String,
    /// By what it is measured.
    pub basis: ClaimBasis,
}

/// By what a claim is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimBasis {
    /// A price agreed for the bundle.
    Price(Price),
    /// A price for each use.
    PerUse {
        /// How often it was used.
        uses: u32,
        /// The price of one use.
        price: Price,
    },
    /// A part of what prices leave, in proportion to the weights of all: shares agreed, or uses counted.
    Weight(u32),
}

/// A bundle, cleared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleared {
    /// What each claim comes to, in their order.
    pub parts: Vec<Money>,
    /// What is left to the seller. Parts and own part add up to the amount.
    pub own: Money,
}

/// Why a bundle can't be cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClearingRefused {
    /// Nobody claims anything.
    NoClaims,
    /// A provider claims twice.
    Duplicate(usize),
    /// A claim's price is below zero: it would pay where the bundle takes back, and take where it pays.
    BelowZero(usize),
    /// An amount is beyond its range.
    OutOfRange,
}

impl fmt::Display for ClearingRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoClaims => write!(f, "nobody claims anything"),
            Self::Duplicate(place) => write!(f, "claims[{place}] is by a provider that has claimed before"),
            Self::BelowZero(place) => write!(
                f,
                "claims[{place}] has a price below zero; a bundle is taken back by a negative amount and the same claims"
            ),
            Self::OutOfRange => write!(f, "an amount is out of range"),
        }
    }
}

impl std::error::Error for ClearingRefused {}

/// Divides the amount of a bundle: prices first, by the largest remainder; then the weights share what is left, by the
/// largest remainder. Where prices take more than there is, weights get nothing and the seller bears what is lacking. A
/// negative amount takes a bundle back: the mirror image of what the same claims gave. A claim's price is therefore never
/// below zero: parts by price have the sign of the amount, and those of a bundle of nothing are due.
///
/// # Errors
/// [`ClearingRefused`] where nobody claims, a provider claims twice, a price is below zero, or an amount leaves its range.
pub fn clear(amount: Money, claims: &[Claim]) -> Result<Cleared, ClearingRefused> {
    if claims.is_empty() {
        return Err(ClearingRefused::NoClaims);
    }
    let mut known = BTreeSet::new();
    if let Some(place) = claims.iter().position(|claim| !known.insert(claim.recipient.as_str())) {
        return Err(ClearingRefused::Duplicate(place));
    }
    if let Some(place) = claims.iter().position(|claim| claim.basis.is_below_zero()) {
        return Err(ClearingRefused::BelowZero(place));
    }
    let is_credit = amount.minor() < 0;
    let sign = if is_credit { -1 } else { 1 };
    let minor = amount.minor().checked_abs();
    let parts = minor.and_then(|minor| parts(minor, claims, amount.currency().decimals()));
    let signed = |part: i64| part.checked_mul(sign).map(|minor| Money::new(minor, amount.currency()));
    let parts: Option<Vec<Money>> = parts.and_then(|parts| parts.into_iter().map(signed).collect());
    let parts = parts.ok_or(ClearingRefused::OutOfRange)?;
    let own = parts.iter().try_fold(amount, |rest, part| rest.checked_sub(*part));
    Ok(Cleared { own: own.ok_or(ClearingRefused::OutOfRange)?, parts })
}

fn parts(minor: i64, claims: &[Claim], decimals: u32) -> Option<Vec<i64>> {
    let exact: Option<Vec<Amount>> = claims.iter().map(|claim| claim.basis.priced()).collect();
    let priced = apportion(minor, &exact?, decimals)?;
    let left = priced.iter().try_fold(minor, |left, part| left.checked_sub(*part))?.max(0);
    let weights: Vec<u32> = claims.iter().map(|claim| claim.basis.weight()).collect();
    let weighted = contract::split(left, &weights);
    priced.into_iter().zip(weighted).map(|(priced, weighted)| priced.checked_add(weighted)).collect()
}

impl ClaimBasis {
    /// What it claims by price.
    fn priced(self) -> Option<Amount> {
        match self {
            Self::Price(price) => Amount::of(Quantity::ONE, price),
            Self::PerUse { uses, price } => Amount::of(Quantity::from_units(i64::from(uses))?, price),
            Self::Weight(_) => Some(Amount::ZERO),
        }
    }

    fn is_below_zero(self) -> bool {
        match self {
            Self::Price(price) | Self::PerUse { price, .. } => price < Price::ZERO,
            Self::Weight(_) => false,
        }
    }

    fn weight(self) -> u32 {
        match self {
            Self::Weight(weight) => weight,
            Self::Price(_) | Self::PerUse { .. } => 0,
        }
    }
}
