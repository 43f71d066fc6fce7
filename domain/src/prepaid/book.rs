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

/// What was taken or corrected: by which operation, and whether on suspense.
struct Placed {
    operation: OperationId,
    suspended: Vec<ChargedPart>,
}

/// Books the totals one after the other.
pub(super) fn book_all(
    work: &mut Work<'_>,
    booked: &BTreeMap<RatedKey, BookedTotal>,
    totals: &[RatedTotal],
) -> Result<(), PrepaidRefused> {
    for total in totals {
        let held = work.prepaid.booked.get(&total.key).or_else(|| booked.get(&total.key)).cloned();
        if held.as_ref().is_none_or(|held| held.version < total.version) {
            book(work, held.unwrap_or_default(), total)?;
        }
    }
    Ok(())
}

/// Books the totals on suspense, whatever they are and whatever the funds are: nothing that was told is lost.
pub(super) fn suspend_all(
    work: &mut Work<'_>,
    booked: &BTreeMap<RatedKey, BookedTotal>,
    totals: &[RatedTotal],
) -> Result<(), PrepaidRefused> {
    for total in totals {
        let held = work.prepaid.booked.get(&total.key).or_else(|| booked.get(&total.key)).cloned();
        let held = held.unwrap_or_default();
        if held.version < total.version {
            let changed = rated::difference(&total.rated.parts, &held.parts);
            let placed = suspend(work, total, changed.ok_or(PrepaidRefused::OutOfRange)?)?;
            remember(work, held, total, placed)?;
        }
    }
    Ok(())
}

/// Books a total whose version is above what was booked.
///
/// What is more is a forced debit. Where some part is less, the whole difference is a correction of the operation that
/// booked last. Where nothing was booked before there is nothing to correct: what is due is debited, and what is paid
/// out corrects that debit. Parts that stand on suspense change there: the funds gave nothing for them.
fn book(work: &mut Work<'_>, held: BookedTotal, total: &RatedTotal) -> Result<(), PrepaidRefused> {
    let changed = rated::difference(&total.rated.parts, &held.parts).ok_or(PrepaidRefused::OutOfRange)?;
    let waits = |part: &ChargedPart| held.suspended.iter().any(|one| rated::is_same_kind(one, part));
    let (waiting, changed): (Vec<_>, Vec<_>) = changed.into_iter().partition(waits);
    let is_less = |part: &ChargedPart| part.net < Amount::ZERO || part.tax < Amount::ZERO;
    let mut placed = suspend(work, total, waiting)?;
    match held.operation.clone() {
        _ if changed.is_empty() => {}
        Some(last) if changed.iter().any(is_less) => placed.extend([correct(work, total, last, changed)?]),
        _ => {
            let (less, more): (Vec<_>, Vec<_>) = changed.into_iter().partition(is_less);
            let debit = debit(work, total, more)?;
            let correction = match less.is_empty() {
                true => None,
                false => Some(correct(work, total, debit.operation.clone(), less)?),
            };
            placed.extend([debit].into_iter().chain(correction));
        }
    }
    remember(work, held, total, placed)
}

/// Remembers what is booked now, and where.
fn remember(
    work: &mut Work<'_>,
    held: BookedTotal,
    total: &RatedTotal,
    placed: Vec<Placed>,
) -> Result<(), PrepaidRefused> {
    let mut booked = BookedTotal { version: total.version, parts: total.rated.parts.clone(), ..held };
    for Placed { operation, suspended } in placed {
        booked.operation = Some(operation);
        booked.suspended = rated::sum(&booked.suspended, &suspended).ok_or(PrepaidRefused::OutOfRange)?;
    }
    work.push(PrepaidEvent::Booked(total.key.clone(), booked));
    if !total.rated.used.is_empty() {
        work.push(PrepaidEvent::UsedSet(total.key.metering_point, total.rated.used.clone()));
    }
    Ok(())
}

fn debit(work: &mut Work<'_>, total: &RatedTotal, parts: Vec<ChargedPart>) -> Result<Placed, PrepaidRefused> {
    let operation = work.operation()?;
    let debit = FundsCommand::Debit(Debit {
        operation: operation.clone(),
        mode: DebitMode::Forced,
        member: None,
        usage: supply_at(total.key.metering_point),
        used: Used::Charged(total.key.currency, parts.clone()),
        used_at: None,
    });
    run(work, total, (operation, debit), parts)
}

fn correct(
    work: &mut Work<'_>,
    total: &RatedTotal,
    corrects: OperationId,
    parts: Vec<ChargedPart>,
) -> Result<Placed, PrepaidRefused> {
    let operation = work.operation()?;
    let correct = FundsCommand::Correct(Correct {
        operation: operation.clone(),
        corrects: PostingSource::Operation(corrects),
        currency: total.key.currency,
        parts: parts.clone(),
    });
    run(work, total, (operation, correct), parts)
}

/// Gives the command to the funds. What they refuse because it is absurd (no more than a thousand million at once, no more
/// than 32 parts) was told all the same: it is booked on suspense, where a person finds it.
fn run(
    work: &mut Work<'_>,
    total: &RatedTotal,
    (operation, command): (OperationId, FundsCommand),
    parts: Vec<ChargedPart>,
) -> Result<Placed, PrepaidRefused> {
    match work.funds(command) {
        Err(PrepaidRefused::Funds(_)) => book_on_suspense(work, total, operation, parts),
        other => other.map(|_| Placed { operation, suspended: Vec::new() }),
    }
}

/// Books parts on suspense; nothing where there are none.
fn suspend(
    work: &mut Work<'_>,
    total: &RatedTotal,
    parts: Vec<ChargedPart>,
) -> Result<Vec<Placed>, PrepaidRefused> {
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let operation = work.operation()?;
    Ok(vec![book_on_suspense(work, total, operation, parts)?])
}

fn book_on_suspense(
    work: &mut Work<'_>,
    total: &RatedTotal,
    operation: OperationId,
    parts: Vec<ChargedPart>,
) -> Result<Placed, PrepaidRefused> {
    let head = PostingHead {
        source: PostingSource::Operation(operation.clone()),
        reason: PostingReason::Suspended,
        corrects: None,
        asset: total.key.currency.into(),
    };
    let postings = suspended(&parts).ok_or(PrepaidRefused::OutOfRange)?;
    let set = PostingSet::new(head, postings).map_err(|_| PrepaidRefused::OutOfRange)?;
    work.push(PrepaidEvent::Funds(Box::new(FundsEvent::Booked(set))));
    Ok(Placed { operation, suspended: parts })
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
