//! Graduated: each tier prices the part of the quantity that lies in it.
//!
//! The same table serves as a graduated percentage: there the quantity is the sum of the events' amounts in main units,
//! and the price of a tier is its rate.

use super::part::{Part, PartKind};
use super::tier::{Tier, ZeroUsage};
use crate::quantity::Quantity;

/// What a quantity of zero or more costs, tier by tier: a flat fee where the tier was entered, then its part of the
/// quantity. A tier is entered by the first quantity beyond the bound before it. `None` where the quantity lies beyond
/// the last bound, or an amount beyond its range.
#[must_use]
pub fn parts(tiers: &[Tier], zero_usage: ZeroUsage, quantity: Quantity) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut from = Quantity::ZERO;
    if quantity == Quantity::ZERO && zero_usage == ZeroUsage::NothingDue {
        return Some(parts);
    }
    for (number, tier) in (1_u32..).zip(tiers) {
        let upper = tier.up_to.map_or(quantity, |bound| bound.min(quantity));
        parts.extend(flat_fee(number, tier)?);
        if upper > from {
            parts.push(Part::priced(PartKind::Tier(number), upper.checked_sub(from)?, tier.price)?);
        }
        match tier.up_to {
            Some(bound) if bound < quantity => from = bound,
            _ => return Some(parts),
        }
    }
    None
}

/// The flat fee of a tier, where it has one.
pub(super) fn flat_fee(number: u32, tier: &Tier) -> Option<Option<Part>> {
    if tier.flat_fee.raw() == 0 {
        return Some(None);
    }
    Part::priced(PartKind::FlatFee(number), Quantity::ONE, tier.flat_fee).map(Some)
}
