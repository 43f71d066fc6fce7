//! Taking funds: from which balances, and what that books.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, add, subtract};
use super::price::ChargedPart;
use super::refusal::FundsRefused;
use super::reservation::Part;
use crate::amount::Amount;
use crate::ledger::{Asset, BalanceNumber, LedgerRole, PostingHead};

/// Takes so much from the sources in their order: what each gives, and what they could not give.
pub(super) fn draw(
    asset: Asset,
    sources: &[(BalanceNumber, Amount)],
    wanted: Amount,
) -> Result<(Vec<Part>, Amount), FundsRefused> {
    let (mut parts, mut rest) = (Vec::new(), wanted);
    for (balance, free) in sources {
        let amount = rest.min(*free);
        if amount > Amount::ZERO {
            parts.push(Part { balance: *balance, asset, amount });
            rest = subtract(rest, amount)?;
        }
    }
    Ok((parts, rest))
}

/// What the sources give together.
pub(super) fn sum(sources: &[(BalanceNumber, Amount)]) -> Result<Amount, FundsRefused> {
    sources.iter().try_fold(Amount::ZERO, |sum, (_, free)| add(sum, *free))
}

/// The parts with those of one balance as one, in the order in which balances first occur.
pub(super) fn merged(parts: impl IntoIterator<Item = Part>) -> Result<Vec<Part>, FundsRefused> {
    let (mut order, mut sums) = (Vec::new(), BTreeMap::<BalanceNumber, Part>::new());
    for part in parts {
        match sums.get_mut(&part.balance) {
            Some(sum) => sum.amount = add(sum.amount, part.amount)?,
            None => {
                order.push(part.balance);
                sums.insert(part.balance, part);
            }
        }
    }
    Ok(order.iter().filter_map(|balance| sums.remove(balance)).collect())
}

/// Takes parts of balances, counts them as spent and books them: units as consumed, money by what is charged, whose sum
/// the money parts are. `head` names a set's event; its asset is replaced.
pub(super) fn take(
    change: &mut Change<'_>,
    head: &PostingHead,
    member: Option<&str>,
    parts: &[Part],
    charged: Option<(Asset, &[ChargedPart])>,
) -> Result<(), FundsRefused> {
    let mut sets: BTreeMap<Asset, Vec<(LedgerRole, Amount)>> = BTreeMap::new();
    let mut taken: BTreeMap<Asset, Amount> = BTreeMap::new();
    for part in parts {
        change.put(part.balance, subtract(Amount::ZERO, part.amount)?)?;
        sets.entry(part.asset).or_default().push((LedgerRole::Funds(part.balance), part.amount));
        let sum = taken.entry(part.asset).or_default();
        *sum = add(*sum, part.amount)?;
    }
    if let Some((asset, charged)) = charged {
        let postings = ChargedPart::postings(charged).ok_or(FundsRefused::OutOfRange)?;
        sets.entry(asset).or_default().extend(postings);
    }
    for (asset, amount) in &taken {
        if charged.is_none_or(|(money, _)| money != *asset) {
            let given = (LedgerRole::Consumed, subtract(Amount::ZERO, *amount)?);
            sets.entry(*asset).or_default().push(given);
        }
        change.spend(member, *asset, *amount)?;
    }
    let assets: BTreeSet<Asset> = sets.keys().copied().collect();
    for (asset, postings) in sets {
        change.book(PostingHead { asset, ..head.clone() }, postings)?;
    }
    change.cross(&assets)
}
