//! The largest remainder: exact parts as whole minor units that add up to a whole.

use std::cmp::Reverse;

use crate::amount::Amount;

/// Rounds exact parts to whole minor units of so many decimals, together with what they leave of the total, so that all of
/// them add up to it. Parts are first rounded towards zero; the units that are then left or lacking go to the largest
/// remainders of their sign, the earlier part first among equals and what is left of the total last. The negated parts of
/// the negated total are therefore the mirror image.
///
/// Returns the parts without what is left of the total. `None` beyond the range of amounts or minor units.
pub(super) fn apportion(total_minor: i64, parts: &[Amount], decimals: u32) -> Option<Vec<i64>> {
    let unit = Amount::from_decimal(1, decimals)?.raw();
    let total = Amount::from_decimal(i128::from(total_minor), decimals)?;
    let rest = parts.iter().try_fold(total, |rest, part| rest.checked_sub(*part))?;
    let mut whole: Vec<i64> = Vec::with_capacity(parts.len().saturating_add(1));
    let mut remainders: Vec<(i128, usize)> = Vec::with_capacity(whole.capacity());
    for (place, part) in parts.iter().chain(std::iter::once(&rest)).enumerate() {
        whole.push(i64::try_from(part.raw().checked_div(unit)?).ok()?);
        remainders.push((part.raw().checked_rem(unit)?, place));
    }
    let given = whole.iter().try_fold(0_i128, |sum, part| sum.checked_add(i128::from(*part)))?;
    let left = i128::from(total_minor).checked_sub(given)?;
    let step = i64::try_from(left.signum()).ok()?;
    // The remainders sum to what is left, and each is less than a unit: there are more of that sign than units.
    remainders.sort_by_key(|(remainder, place)| (Reverse(remainder.saturating_mul(left.signum())), *place));
    for (_, place) in remainders.iter().take(usize::try_from(left.unsigned_abs()).ok()?) {
        let part = whole.get_mut(*place)?;
        *part = part.checked_add(step)?;
    }
    whole.truncate(parts.len());
    Some(whole)
}
