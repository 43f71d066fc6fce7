//! Splitting a sale: what the rules of an agreement give of one session, in whole minor units that add up to the sale.

use std::fmt;

use super::apportion::apportion;
use super::{SessionTerms, ShareAgreement, ShareBase, ShareRule};
use crate::amount::Amount;
use crate::fixed::Rounding;
use crate::leg::LegKind;
use crate::money::Money;
use crate::price::Price;
use crate::quantity::Quantity;

/// What of a session its shares depend on, beside the amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedSession {
    /// Its energy in kWh, positive for a credit as well.
    pub energy_kwh: Quantity,
    /// Whether it takes a session back: then sale and purchase are negative, and so is all that is shared, the amounts per
    /// kWh and per session too.
    pub is_credit: bool,
}

/// A sale, split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// What was split, without tax.
    pub sale: Money,
    /// What the session was bought for, without tax.
    pub purchase: Money,
    /// What each rule gives, in the order of the agreement; rules that give nothing too.
    pub shares: Vec<SharePart>,
    /// The sale less the shares: the purchase and the margin. Shares and own part add up to the sale.
    pub own: Money,
}

/// What one rule gives of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharePart {
    /// The account that gets it.
    pub recipient: String,
    /// What for.
    pub kind: LegKind,
    /// What the rule's rate was taken of, in minor units; what tiers of the base count.
    pub base: Money,
    /// How much.
    pub amount: Money,
}

/// Why a sale can't be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SplitRefused {
    /// Sale, purchase and agreement are not of one currency.
    OtherCurrency,
    /// An amount is beyond its range.
    OutOfRange,
}

impl fmt::Display for SplitRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherCurrency => write!(f, "sale, purchase and agreement are not of one currency"),
            Self::OutOfRange => write!(f, "an amount is out of range"),
        }
    }
}

impl std::error::Error for SplitRefused {}

impl Split {
    /// A sale without an agreement: all of it is the own part.
    #[must_use]
    pub fn whole(sale: Money, purchase: Money) -> Self {
        Self { sale, purchase, shares: Vec::new(), own: sale }
    }

    /// What is left to the seller: the own part less the purchase. `None` beyond the range.
    #[must_use]
    pub fn margin(&self) -> Option<Money> {
        self.own.checked_sub(self.purchase)
    }
}

/// Splits a sale by an agreement. What depends on the month is not in it ([`super::of_month`]).
///
/// Every rule gives an exact amount. Those with a rounding of their own are rounded first; the others and the own part are
/// rounded together by the largest remainder, ties by their order, the own part last. A credit gives the mirror image of
/// what it takes back.
///
/// # Errors
/// [`SplitRefused`] where currencies differ, or an amount leaves its range.
pub fn split(
    sale: Money,
    purchase: Money,
    agreement: &ShareAgreement,
    session: &SharedSession,
) -> Result<Split, SplitRefused> {
    let currency = agreement.currency;
    if sale.currency() != currency || purchase.currency() != currency {
        return Err(SplitRefused::OtherCurrency);
    }
    let parts = if session.is_credit {
        let given = sale.checked_neg().zip(purchase.checked_neg());
        given
            .and_then(|(sale, purchase)| parts(sale, purchase, agreement, session.energy_kwh))
            .and_then(negated)
    } else {
        parts(sale, purchase, agreement, session.energy_kwh)
    };
    let shares = parts.ok_or(SplitRefused::OutOfRange)?;
    let own = shares.iter().try_fold(sale, |rest, share| rest.checked_sub(share.amount));
    Ok(Split { sale, purchase, shares, own: own.ok_or(SplitRefused::OutOfRange)? })
}

fn negated(shares: Vec<SharePart>) -> Option<Vec<SharePart>> {
    let negated = |share: SharePart| {
        let (base, amount) = (share.base.checked_neg()?, share.amount.checked_neg()?);
        Some(SharePart { base, amount, ..share })
    };
    shares.into_iter().map(negated).collect()
}

/// What each rule gives, in whole minor units.
fn parts(
    sale: Money,
    purchase: Money,
    agreement: &ShareAgreement,
    energy_kwh: Quantity,
) -> Option<Vec<SharePart>> {
    let currency = agreement.currency;
    let exact = exact(sale, purchase, agreement, energy_kwh)?;
    let mut rest = sale.minor();
    let mut alone: Vec<Option<i64>> = Vec::with_capacity(exact.len());
    for (rule, (_, amount)) in agreement.rules.iter().zip(&exact) {
        let rounded = match rule.rounding {
            None => None,
            Some(rounding) => Some(amount.to_money(currency, rounding)?.minor()),
        };
        rest = rest.checked_sub(rounded.unwrap_or_default())?;
        alone.push(rounded);
    }
    let together: Vec<Amount> = exact
        .iter()
        .zip(&alone)
        .filter(|(_, alone)| alone.is_none())
        .map(|((_, amount), _)| *amount)
        .collect();
    let mut together = apportion(rest, &together, currency.decimals())?.into_iter();
    let part = |((rule, (base, _)), alone): ((&ShareRule, &(Amount, Amount)), Option<i64>)| {
        let minor = alone.or_else(|| together.next())?;
        Some(SharePart {
            recipient: rule.recipient.clone(),
            kind: rule.kind.clone(),
            base: base.to_money(currency, Rounding::HalfAwayFromZero)?,
            amount: Money::new(minor, currency),
        })
    };
    agreement.rules.iter().zip(&exact).zip(alone).map(part).collect()
}

/// The base and the exact amount of each rule.
fn exact(
    sale: Money,
    purchase: Money,
    agreement: &ShareAgreement,
    energy_kwh: Quantity,
) -> Option<Vec<(Amount, Amount)>> {
    let sale = Amount::from_money(sale)?;
    let margin = sale.checked_sub(Amount::from_money(purchase)?)?;
    let mut remainder = margin;
    let mut exact = Vec::with_capacity(agreement.rules.len());
    for rule in &agreement.rules {
        let base = match rule.session.base {
            ShareBase::Sale => sale,
            ShareBase::Margin => margin,
            ShareBase::Remainder => remainder,
        };
        let amount = rule.session.of(base, energy_kwh)?;
        remainder = remainder.checked_sub(amount)?;
        exact.push((base, amount));
    }
    Some(exact)
}

impl SessionTerms {
    /// The exact amount of a session; finer than the 18th decimal it is rounded, half away from zero.
    fn of(&self, base: Amount, energy_kwh: Quantity) -> Option<Amount> {
        let flat = |price: Price| Amount::of(Quantity::ONE, price);
        let rated = base.times(self.rate)?.checked_add(Amount::of(energy_kwh, self.per_kwh)?)?;
        let mut amount = rated.checked_add(flat(self.per_session)?)?;
        if let Some(floor) = self.floor {
            amount = amount.max(flat(floor)?);
        }
        if let Some(cap) = self.cap {
            amount = amount.min(flat(cap)?);
        }
        Some(amount)
    }
}
