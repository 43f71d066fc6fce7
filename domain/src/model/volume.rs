//! Volume: the whole quantity at the price of the tier that it reaches.
//!
//! The amount may fall where a bound is crossed: six at 6.50 cost less than six at 7.

use super::graduated::flat_fee;
use super::part::{Part, PartKind};
use super::tier::{Tier, ZeroUsage};
use crate::quantity::Quantity;

/// What a quantity of zero or more costs: the flat fee of the tier reached, and all of the quantity at its price.
/// `None` where no tier reaches so far, or an amount lies beyond its range.
#[must_use]
pub fn parts(tiers: &[Tier], zero_usage: ZeroUsage, quantity: Quantity) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    if quantity == Quantity::ZERO && zero_usage == ZeroUsage::NothingDue {
        return Some(parts);
    }
    let reaches = |tier: &Tier| tier.up_to.is_none_or(|bound| quantity <= bound);
    let (number, tier) = (1_u32..).zip(tiers).find(|(_, tier)| reaches(tier))?;
    parts.extend(flat_fee(number, tier)?);
    if quantity > Quantity::ZERO {
        parts.push(Part::priced(PartKind::Tier(number), quantity, tier.price)?);
    }
    Some(parts)
}
