//! Booking a rated total: the difference to what was booked of it before.

use std::collections::BTreeMap;

use super::PrepaidEvent;
use super::rated::{self, BookedTotal, RatedKey, RatedTotal};
use super::refusal::PrepaidRefused;
use super::work::{Work, supply_at};
use crate::amount::Amount;
use crate::funds::{ChargedPart, Correct, Debit, DebitMode, FundsCommand, FundsEvent, Used};
use crate::ledger::{LedgerRole, PostingHead, PostingReason, PostingSet, PostingSource};
use crate::operation::OperationId;

/// Books the totals one after the other.
pub(super) fn book_all(
    work: &mut Work<'_>,
    booked: &BTreeMap<RatedKey, BookedTotal>,
    totals: &[RatedTotal],
) -> Result<(), PrepaidRefused> {
    for total in totals {
        let held = work.prepaid.booked.get(&total.key).or_else(|| booked.get(&total.key)).cloned();
        book(work, held.as_ref(), total)?;
    }
    Ok(())
}

/// Books a total whose version is above what was booked; any other has no effect.
///
/// What is more is a forced debit. Where some part is less, the whole difference is a correction of the operation that
/// booked last. Where nothing was booked before there is nothing to correct: what is due is debited, and what is paid
/// out corrects that debit.
fn book(work: &mut Work<'_>, held: Option<&BookedTotal>, total: &RatedTotal) -> Result<(), PrepaidRefused> {
    if held.is_some_and(|held| held.version >= total.version) {
        return Ok(());
    }
    let before = held.map(|held| held.parts.as_slice()).unwrap_or_default();
    let changed = rated::difference(&total.rated.parts, before).ok_or(PrepaidRefused::OutOfRange)?;
    let is_less = |part: &ChargedPart| part.net < Amount::ZERO || part.tax < Amount::ZERO;
    let last = held.and_then(|held| held.operation.clone());
    let operation = match last {
        last if changed.is_empty() => last,
        Some(last) if changed.iter().any(is_less) => Some(correct(work, total, last, changed)?),
        _ => {
            let (less, more): (Vec<_>, Vec<_>) = changed.into_iter().partition(is_less);
            let debit = debit(work, total, more)?;
            if less.is_empty() { Some(debit) } else { Some(correct(work, total, debit, less)?) }
        }
    };
    let (version, parts) = (total.version, total.rated.parts.clone());
    work.push(PrepaidEvent::Booked(total.key.clone(), BookedTotal { version, parts, operation }));
    if !total.rated.used.is_empty() {
        work.push(PrepaidEvent::UsedSet(total.key.metering_point, total.rated.used.clone()));
    }
    Ok(())
}

fn debit(
    work: &mut Work<'_>,
    total: &RatedTotal,
    parts: Vec<ChargedPart>,
) -> Result<OperationId, PrepaidRefused> {
    let operation = work.operation()?;
    let debit = FundsCommand::Debit(Debit {
        operation: operation.clone(),
        mode: DebitMode::Forced,
        member: None,
        usage: supply_at(total.key.metering_point),
        used: Used::Charged(total.key.currency, parts.clone()),
        used_at: None,
    });
    run(work, total, (&operation, debit), &parts)?;
    Ok(operation)
}

fn correct(
    work: &mut Work<'_>,
    total: &RatedTotal,
    corrects: OperationId,
    parts: Vec<ChargedPart>,
) -> Result<OperationId, PrepaidRefused> {
    let operation = work.operation()?;
    let correct = FundsCommand::Correct(Correct {
        operation: operation.clone(),
        corrects: PostingSource::Operation(corrects),
        currency: total.key.currency,
        parts: parts.clone(),
    });
    run(work, total, (&operation, correct), &parts)?;
    Ok(operation)
}

/// Gives the command to the funds. What they refuse because it is absurd (no more than a thousand million at once, no more
/// than 32 parts) was told all the same: it is booked on suspense, where a person finds it.
fn run(
    work: &mut Work<'_>,
    total: &RatedTotal,
    (operation, command): (&OperationId, FundsCommand),
    parts: &[ChargedPart],
) -> Result<(), PrepaidRefused> {
    match work.funds(command) {
        Err(PrepaidRefused::Funds(_)) => suspend(work, total, operation, parts),
        other => other.map(drop),
    }
}

fn suspend(
    work: &mut Work<'_>,
    total: &RatedTotal,
    operation: &OperationId,
    parts: &[ChargedPart],
) -> Result<(), PrepaidRefused> {
    let head = PostingHead {
        source: PostingSource::Operation(operation.clone()),
        reason: PostingReason::Suspended,
        corrects: None,
        asset: total.key.currency.into(),
    };
    let postings = suspended(parts).ok_or(PrepaidRefused::OutOfRange)?;
    let set = PostingSet::new(head, postings).map_err(|_| PrepaidRefused::OutOfRange)?;
    work.push(PrepaidEvent::Funds(Box::new(FundsEvent::Booked(set))));
    Ok(())
}

fn suspended(parts: &[ChargedPart]) -> Option<Vec<(LedgerRole, Amount)>> {
    let mut postings = vec![(LedgerRole::Suspense, ChargedPart::total(parts)?)];
    for part in parts {
        let tax = LedgerRole::ValueAddedTax { class: part.tax_class.clone(), rate: part.rate };
        postings.push((LedgerRole::Revenue(part.revenue_role.clone()), part.net.checked_neg()?));
        postings.push((tax, part.tax.checked_neg()?));
    }
    Some(postings)
}
