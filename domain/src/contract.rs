//! Contracts: who pays for what a metering point measures, by which product, for how long.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

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
    let whole: i128 = shares.iter().map(|share| i128::from(*share)).sum();
    if whole == 0 {
        return vec![0; shares.len()];
    }
    let magnitude = i128::from(total.unsigned_abs());
    let mut parts: Vec<(i128, i128)> = shares
        .iter()
        .map(|share| {
            let weighted = magnitude.saturating_mul(i128::from(*share));
            (weighted.checked_div(whole).unwrap_or_default(), weighted.checked_rem(whole).unwrap_or_default())
        })
        .collect();
    let given: i128 = parts.iter().map(|(part, _)| part).sum();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(parts.get(*index).map_or(0, |(_, remainder)| *remainder)));
    let left = usize::try_from(magnitude.saturating_sub(given)).unwrap_or_default();
    for index in order.into_iter().take(left) {
        if let Some((part, _)) = parts.get_mut(index) {
            *part = part.saturating_add(1);
        }
    }
    let sign: i128 = if total < 0 { -1 } else { 1 };
    parts.into_iter().map(|(part, _)| i64::try_from(part.saturating_mul(sign)).unwrap_or_default()).collect()
}
