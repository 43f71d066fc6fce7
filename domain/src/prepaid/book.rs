//! Booking a rated total: the difference to what was booked of it before.

use std::collections::BTreeMap;

use super::PrepaidEvent;
use super::rated::{self, BookedTotal, RatedKey, RatedTotal};
use super::refusal::PrepaidRefused;
use super::work::{Work, supply_at};
use crate::amount::Amount;
use crate::funds::{ChargedPart, Correct, Debit, DebitMode, FundsCommand, FundsEvent, Used, most_amount};
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
/// out corrects that debit. Of parts that stand on suspense, what is more stands there as well, and what is less comes back
/// from there first: the funds gave nothing for that. The rest of what is less comes back to the funds.
fn book(work: &mut Work<'_>, held: BookedTotal, total: &RatedTotal) -> Result<(), PrepaidRefused> {
    let changed = rated::difference(&total.rated.parts, &held.parts).ok_or(PrepaidRefused::OutOfRange)?;
    let shared = rated::shared(&changed, &held.suspended, true);
    let (waiting, changed) = shared.ok_or(PrepaidRefused::OutOfRange)?;
    let mut placed = suspend(work, total, waiting)?;
    match held.operation.clone() {
        _ if changed.is_empty() => {}
        Some(last) => {
            let is_correction = changed.iter().any(is_less);
            let operation = work.operation()?;
            let command = match is_correction {
                true => correcting(total, (&operation, &last), &changed),
                false => debiting(total, &operation, &changed),
            };
            placed.extend(match is_taken(work, command)? {
                true => vec![Placed { operation, suspended: Vec::new() }],
                false => apart(work, total, (&held, last), changed)?,
            });
        }
        None => placed.extend(debit_and_correct(work, total, None, changed)?),
    }
    remember(work, held, total, placed)
}

/// Books a change that the funds do not take at once: what they gave comes back, or what they got is taken back, in pieces
/// that they take; the rest as if nothing had been booked before.
fn apart(
    work: &mut Work<'_>,
    total: &RatedTotal,
    (held, last): (&BookedTotal, OperationId),
    changed: Vec<ChargedPart>,
) -> Result<Vec<Placed>, PrepaidRefused> {
    let given = rated::difference(&held.parts, &held.suspended).ok_or(PrepaidRefused::OutOfRange)?;
    let shared = rated::shared(&changed, &given, false);
    let (returned, rest) = shared.ok_or(PrepaidRefused::OutOfRange)?;
    let most = most_amount().fraction(1, 2).ok_or(PrepaidRefused::OutOfRange)?;
    let mut placed = Vec::new();
    for part in returned {
        for piece in rated::pieces(&part, most).unwrap_or_else(|| vec![part]) {
            let operation = work.operation()?;
            let parts = vec![piece];
            let correction = correcting(total, (&operation, &last), &parts);
            placed.push(run(work, total, (operation, correction), parts)?);
        }
    }
    placed.extend(debit_and_correct(work, total, Some(last), rest)?);
    Ok(placed)
}

/// Debits what is due, and corrects the operation that booked last, or that debit, by what is paid out.
fn debit_and_correct(
    work: &mut Work<'_>,
    total: &RatedTotal,
    last: Option<OperationId>,
    changed: Vec<ChargedPart>,
) -> Result<Vec<Placed>, PrepaidRefused> {
    let (less, more): (Vec<_>, Vec<_>) = changed.into_iter().partition(is_less);
    let mut placed = Vec::new();
    let last = match last {
        Some(last) if more.is_empty() => last,
        _ => {
            let operation = work.operation()?;
            let debit = debiting(total, &operation, &more);
            placed.push(run(work, total, (operation.clone(), debit), more)?);
            operation
        }
    };
    if !less.is_empty() {
        let operation = work.operation()?;
        let correction = correcting(total, (&operation, &last), &less);
        placed.push(run(work, total, (operation, correction), less)?);
    }
    Ok(placed)
}

fn is_less(part: &ChargedPart) -> bool {
    part.net < Amount::ZERO || part.tax < Amount::ZERO
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

fn debiting(total: &RatedTotal, operation: &OperationId, parts: &[ChargedPart]) -> FundsCommand {
    FundsCommand::Debit(Debit {
        operation: operation.clone(),
        mode: DebitMode::Forced,
        member: None,
        usage: supply_at(total.key.metering_point),
        used: Used::Charged(total.key.currency, parts.to_vec()),
        used_at: None,
    })
}

fn correcting(
    total: &RatedTotal,
    (operation, corrects): (&OperationId, &OperationId),
    parts: &[ChargedPart],
) -> FundsCommand {
    FundsCommand::Correct(Correct {
        operation: operation.clone(),
        corrects: PostingSource::Operation(corrects.clone()),
        currency: total.key.currency,
        parts: parts.to_vec(),
    })
}

/// Gives the command to the funds. What they refuse because it is absurd (no more than a thousand million at once, no more
/// than 32 parts) was told all the same: it is booked on suspense, where a person finds it.
fn run(
    work: &mut Work<'_>,
    total: &RatedTotal,
    (operation, command): (OperationId, FundsCommand),
    parts: Vec<ChargedPart>,
) -> Result<Placed, PrepaidRefused> {
    match is_taken(work, command)? {
        true => Ok(Placed { operation, suspended: Vec::new() }),
        false => book_on_suspense(work, total, operation, parts),
    }
}

/// Gives the command to the funds: whether they take it.
fn is_taken(work: &mut Work<'_>, command: FundsCommand) -> Result<bool, PrepaidRefused> {
    match work.funds(command) {
        Ok(_) => Ok(true),
        Err(PrepaidRefused::Funds(_)) => Ok(false),
        Err(refused) => Err(refused),
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
