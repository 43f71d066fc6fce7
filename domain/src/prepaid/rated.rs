//! Rated totals: what a metering point tells the account when readings arrive, and the difference that the account
//! books of it.
//!
//! A total is cumulative: all that is due for one contract and one day or month, as it is rated now. The account books
//! the difference between it and what it booked of that key before, part by part and exact, so that the sum of all it
//! booked is the latest total, in whatever order and however often readings and corrections came.

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::day::{Day, Month};
use crate::funds::ChargedPart;
use crate::identity::MeteringPointId;
use crate::money::Currency;
use crate::operation::OperationId;
use crate::position::RatedPosition;
use crate::quantity::Quantity;
use crate::tax::{TaxClass, VatRate};

/// What a rated total is about. Of each key the versions replace one another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RatedKey {
    /// The metering point.
    pub metering_point: MeteringPointId,
    /// The contract.
    pub contract: String,
    /// When it was used.
    pub period: RatedPeriod,
    /// The currency. Where that of a contract changes, the point tells nothing more to pay in the old one.
    pub currency: Currency,
}

/// The days of a rated total. A contract whose prices depend on a count over the month is told by months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RatedPeriod {
    /// One civil day.
    Day(Day),
    /// A month, so far.
    Month(Month),
}

/// What a metering point tells the account: all that is due under a key, as it is rated now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatedTotal {
    /// What it is about.
    pub key: RatedKey,
    /// Counts what was told under the key, from 1. Of versions that come late only the highest counts.
    pub version: u64,
    /// What is due.
    pub rated: RatedParts,
}

/// What is due, part by part, and what was used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RatedParts {
    /// What is charged, each revenue account with its class and rate of tax once, in their order. A part below zero is
    /// paid out: negative prices, production.
    pub parts: Vec<ChargedPart>,
    /// What was consumed on each day of the period that is known so far, in the unit of the point: all of them, not
    /// only what is new.
    pub used: BTreeMap<Day, Quantity>,
}

/// What the account booked under a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BookedTotal {
    /// The version that was booked last; 0 before the first.
    pub version: u64,
    /// All that is booked.
    pub parts: Vec<ChargedPart>,
    /// What of it was booked on suspense, because the funds did not take it. What these parts are more later is booked there
    /// as well, and what they are less comes back from there first.
    pub suspended: Vec<ChargedPart>,
    /// The operation that booked last; none where nothing had to be booked yet.
    pub operation: Option<OperationId>,
}

/// The largest part in main units.
const MOST_MAIN_UNITS: i64 = 10_000_000_000;
/// Most pieces in which a part comes back.
const MOST_PIECES: usize = 24;

type Parts = BTreeMap<(String, TaxClass, VatRate), (Amount, Amount)>;

impl RatedParts {
    /// What rated positions come to for a contract with one payer: the positions of each revenue account with its class and
    /// rate of tax together, with the tax on their sum as [`SalePrice::charged`](crate::funds::SalePrice::charged)
    /// computes it. Nothing is rounded to minor units. `None` where a part is of more than ten thousand million main units:
    /// nothing that is told can then bring a sum out of its range.
    #[must_use]
    pub fn of_positions(positions: &[RatedPosition], used: BTreeMap<Day, Quantity>) -> Option<Self> {
        let mut parts = Parts::new();
        for position in positions {
            let key = (position.revenue_role.clone(), position.tax_class.clone(), position.vat_rate);
            let (net, tax) = parts.entry(key).or_default();
            *net = net.checked_add(position.amount)?;
            *tax = position.vat_rate.on(*net)?;
        }
        let parts = listed(parts);
        parts.iter().all(is_possible).then_some(Self { parts, used })
    }
}

fn is_possible(part: &ChargedPart) -> bool {
    let most = Quantity::from_units(MOST_MAIN_UNITS).and_then(Amount::from_quantity).unwrap_or_default();
    let size = |amount: Amount| amount.raw().unsigned_abs();
    size(part.net) <= size(most) && size(part.tax) <= size(most)
}

/// What is due now less what was due before, part by part, without those that are nothing. `None` beyond the range.
pub(super) fn difference(now: &[ChargedPart], before: &[ChargedPart]) -> Option<Vec<ChargedPart>> {
    let mut parts = Parts::new();
    for part in now {
        let (net, tax) = parts.entry(key_of(part)).or_default();
        (*net, *tax) = (net.checked_add(part.net)?, tax.checked_add(part.tax)?);
    }
    for part in before {
        let (net, tax) = parts.entry(key_of(part)).or_default();
        (*net, *tax) = (net.checked_sub(part.net)?, tax.checked_sub(part.tax)?);
    }
    Some(listed(parts))
}

/// A change, as what of it belongs where something of the same kind stands, and the rest. What comes back belongs there up to
/// nothing, net and tax each by itself; what is more of it belongs there where `takes_more`. `None` beyond the range.
pub(super) fn shared(
    change: &[ChargedPart],
    standing: &[ChargedPart],
    takes_more: bool,
) -> Option<(Vec<ChargedPart>, Vec<ChargedPart>)> {
    let belongs = |change: Amount, stands: Amount| {
        let is_more = stands != Amount::ZERO && (change > Amount::ZERO) == (stands > Amount::ZERO);
        let all = stands.checked_neg()?;
        Some(match change > Amount::ZERO {
            _ if is_more && takes_more => change,
            _ if is_more => Amount::ZERO,
            true => change.min(all),
            false => change.max(all),
        })
    };
    let there = change.iter().filter_map(|part| {
        let stands = standing.iter().find(|one| key_of(one) == key_of(part))?;
        let amounts = belongs(part.net, stands.net).zip(belongs(part.tax, stands.tax));
        Some(amounts.map(|(net, tax)| ChargedPart { net, tax, ..part.clone() }))
    });
    let there = difference(&there.collect::<Option<Vec<ChargedPart>>>()?, &[])?;
    let rest = difference(change, &there)?;
    Some((there, rest))
}

/// A part in pieces whose net is of `most` at most, each with its tax. `None` where that takes more pieces than there may be,
/// or beyond the range.
pub(super) fn pieces(part: &ChargedPart, most: Amount) -> Option<Vec<ChargedPart>> {
    let least = most.checked_neg()?;
    let (mut pieces, mut rest) = (Vec::new(), part.clone());
    while rest.net > most || rest.net < least {
        let net = rest.net.clamp(least, most);
        let tax = part.rate.on(net)?;
        rest = ChargedPart { net: rest.net.checked_sub(net)?, tax: rest.tax.checked_sub(tax)?, ..rest };
        pieces.push(ChargedPart { net, tax, ..part.clone() });
        if pieces.len() >= MOST_PIECES {
            return None;
        }
    }
    pieces.push(rest);
    Some(pieces)
}

fn listed(parts: Parts) -> Vec<ChargedPart> {
    let due = parts.into_iter().filter(|(_, amounts)| *amounts != (Amount::ZERO, Amount::ZERO));
    due.map(|((revenue_role, tax_class, rate), (net, tax))| ChargedPart {
        revenue_role,
        tax_class,
        rate,
        net,
        tax,
    })
    .collect()
}

/// The sum of both, part by part, without those that are nothing. `None` beyond the range.
pub(super) fn sum(one: &[ChargedPart], other: &[ChargedPart]) -> Option<Vec<ChargedPart>> {
    let all: Vec<ChargedPart> = one.iter().chain(other).cloned().collect();
    difference(&all, &[])
}

fn key_of(part: &ChargedPart) -> (String, TaxClass, VatRate) {
    (part.revenue_role.clone(), part.tax_class.clone(), part.rate)
}
