//! Contracts: who pays for what a metering point measures, by which product, for how long.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::amount::Amount;
use crate::day_span::DaySpan;
use crate::price::Price;

/// A part of a whole in ten-thousandths: 7,000 is 70 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

impl Share {
    /// The whole, in ten-thousandths.
    pub const WHOLE: u32 = 10_000;

    /// A share from ten-thousandths; `None` where it is 0 or more than the whole.
    #[must_use]
    pub fn new(ten_thousandths: u32) -> Option<Self> {
        (1..=Self::WHOLE).contains(&ten_thousandths).then_some(Self(ten_thousandths))
    }

    /// Ten-thousandths.
    #[must_use]
    pub const fn ten_thousandths(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", crate::fixed::format(i128::from(self.0), 2, 0))
    }
}

/// Who pays a share of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    /// The paying account's id.
    pub account: String,
    /// Its share.
    pub share: Share,
}

/// An agreement for one metering point: product, period and payers. The metering point owns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The contract's id, unique at its metering point.
    pub id: String,
    /// Counts its changes, from 1.
    pub version: u32,
    /// The product's id; which version serves a day is the product's to say.
    pub product: String,
    /// The days on which it holds.
    pub span: DaySpan,
    /// Who pays, in the order in which indivisible cents are given out among equals.
    pub payers: Vec<Payer>,
    /// Prices agreed for this contract alone, by the name under which the product asks for them.
    pub parameters: BTreeMap<String, Price>,
}

impl Contract {
    /// Whether the payers are named once each and their shares make the whole.
    #[must_use]
    pub fn has_whole_shares(&self) -> bool {
        let total: u64 = self.payers.iter().map(|payer| u64::from(payer.share.ten_thousandths())).sum();
        let accounts: BTreeSet<&str> = self.payers.iter().map(|payer| payer.account.as_str()).collect();
        total == u64::from(Share::WHOLE) && accounts.len() == self.payers.len()
    }

    /// The shares in the order of the payers, in ten-thousandths.
    #[must_use]
    pub fn shares(&self) -> Vec<u32> {
        self.payers.iter().map(|payer| payer.share.ten_thousandths()).collect()
    }
}

/// Splits whole minor units by shares so that the parts add up to the total (largest remainder; among equal
/// remainders the earlier share takes the unit). A negative total is split as its mirror image.
///
/// Returns one part per share; all zeros where the shares add up to nothing.
#[must_use]
pub fn split(total: i64, shares: &[u32]) -> Vec<i64> {
    let parts = split_units(i128::from(total), shares);
    parts.into_iter().map(|part| i64::try_from(part).unwrap_or_default()).collect()
}

/// Splits an exact amount by shares, as [`split`] does minor units: the parts add up to the amount.
#[must_use]
pub fn split_amount(total: Amount, shares: &[u32]) -> Vec<Amount> {
    split_units(total.raw(), shares).into_iter().map(Amount::from_raw).collect()
}

fn split_units(total: i128, shares: &[u32]) -> Vec<i128> {
    let whole: i128 = shares.iter().map(|share| i128::from(*share)).sum();
    let (Some(each), Some(rest)) = (total.checked_div(whole), total.checked_rem(whole)) else {
        return vec![0; shares.len()];
    };
    // Every share takes its part of `each` without remainder, so that only `rest`, which is less than the whole, is weighed.
    let weigh = |share: &u32| {
        let weighted = rest.saturating_mul(i128::from(*share));
        let part = each.saturating_mul(i128::from(*share));
        let floor = weighted.checked_div(whole).unwrap_or_default();
        (part.saturating_add(floor), weighted.checked_rem(whole).unwrap_or_default().abs())
    };
    let (mut parts, remainders): (Vec<i128>, Vec<i128>) = shares.iter().map(weigh).unzip();
    let left = total.saturating_sub(parts.iter().copied().fold(0, i128::saturating_add));
    let mut order: Vec<(i128, usize)> = remainders.into_iter().zip(0..).collect();
    order.sort_by_key(|(remainder, _)| std::cmp::Reverse(*remainder));
    let takers = order.into_iter().take(usize::try_from(left.unsigned_abs()).unwrap_or_default());
    for (_, index) in takers {
        if let Some(part) = parts.get_mut(index) {
            *part = part.saturating_add(left.signum());
        }
    }
    parts
}
