//! Disputes of a book: what of a partner's price is not agreed, and what a person decides about it.
//!
//! What counts by the agreement with the party is booked at once. A decision that comes to another price books the
//! difference as a further leg of the purchase, against the margin: what was shared stays as it was.

use super::super::{Decided, Moment};
use super::purchase::Purchase;
use super::record::{AccountLeg, Booked, CdrRecord, Standing};
use super::way::entry;
use super::{Event, Rejection, Reply};
use crate::leg::{Leg, LegKind};
use crate::money::Money;
use crate::quantity::Quantity;
use crate::verification::{Decided as Judged, Decision};

/// Decides the dispute of a record. The same decision again changes nothing.
pub(super) fn decide(
    record: &CdrRecord,
    decision: Decision,
    note: &str,
    moment: &Moment,
) -> Result<Decided<Event, Reply>, Rejection> {
    let mut next = record.clone();
    let dispute = next.dispute.as_mut().ok_or(Rejection::NoDispute)?;
    let judged = Judged { decision, at: moment.now, by: moment.subject.clone(), note: note.to_owned() };
    let adjustment = dispute.decide(judged).map_err(Rejection::DecisionRefused)?;
    if next == *record {
        return Ok(Decided::reply(Reply::Record {
            record: Box::new(next),
            is_changed: false,
            is_repeat: true,
        }));
    }
    let leg = next
        .booked
        .as_mut()
        .filter(|_| record.standing == Standing::Booked)
        .and_then(|booked| adjusted(booked, adjustment, moment));
    let told = leg.map(|leg| leg.told());
    let reply = Reply::Record { record: Box::new(next.clone()), is_changed: false, is_repeat: false };
    Ok(Decided::with(vec![entry(next)], reply).telling(told))
}

/// Books what a decision adds to the purchase, and tells its leg; `None` where it adds nothing, or is settled elsewhere.
fn adjusted(booked: &mut Booked, adjustment: Money, moment: &Moment) -> Option<AccountLeg> {
    let number = u32::try_from(booked.legs.len()).ok()?;
    let purchase: &mut Purchase = booked.purchase.as_mut().filter(|_| adjustment.minor() != 0)?;
    purchase.amount = purchase.amount.checked_add(adjustment)?;
    booked.margin = booked.margin.and_then(|margin| margin.checked_sub(adjustment));
    let is_purchase = |held: &&AccountLeg| held.leg.kind == LegKind::Purchase;
    let first = booked.legs.iter().find(is_purchase)?;
    let leg = Leg {
        number,
        reverses: None,
        amount: adjustment,
        // The session counts by the leg that was booked first.
        base: Money::zero(adjustment.currency()),
        energy_kwh: Quantity::ZERO,
        received: moment.now,
        ..first.leg.clone()
    };
    let leg = AccountLeg { account: first.account.clone(), leg };
    booked.legs.push(leg.clone());
    Some(leg)
}
