//! What a person does with records that wait: release or reject.

use super::super::{Decided, Facts, Moment};
use super::credit::{undone, unsold};
use super::record::{CdrRecord, Entry, Judgement, Standing};
use super::suspicions::{is_hopeless, is_releasable};
use super::way::{check, entry};
use super::{Event, Rejection, Reply, State};

type Outcome = Result<Decided<Event, Reply>, Rejection>;

/// Sends a record on its way again. What may be passed over holds it back no longer; all else is looked at anew.
pub(super) fn release(
    state: &State,
    record: &CdrRecord,
    payer: Option<&str>,
    note: &str,
    moment: &Moment,
) -> Outcome {
    match record.standing {
        Standing::Quarantined => {}
        Standing::Checking | Standing::Rating => return Err(Rejection::UnderWay),
        // On the worklist as well, and there only to be rejected.
        Standing::AwaitingOriginal => {
            return Err(Rejection::NotReleasable("AWAITING_ORIGINAL".to_owned()));
        }
        Standing::Refused(refused) if record.judgement.is_none() => {
            return Err(Rejection::NotReleasable(refused.code().to_owned()));
        }
        Standing::Booked
        | Standing::Credited
        | Standing::Rejected
        | Standing::Applied
        | Standing::Refused(_) => return Err(Rejection::NotQuarantined),
    }
    if let Some(reason) = record.suspicions.iter().find(|suspicion| is_hopeless(suspicion)) {
        return Err(Rejection::NotReleasable(reason.code().to_owned()));
    }
    let mut next = judged(record, note, moment);
    let codes = record.suspicions.iter().map(|suspicion| suspicion.code());
    next.released.extend(codes.filter(|code| is_releasable(code)).map(str::to_owned));
    let is_other = payer.is_some() && payer != record.payer.as_deref();
    let unsold = unsold(record, None, moment).filter(|_| is_other);
    if let Some(payer) = payer {
        next.payer = Some(payer.to_owned());
    }
    next.standing = Standing::Checking;
    next.suspicions.clear();
    let asked = check(&next);
    let key = next.cdr.key.clone();
    let mut decided = answer(next).telling([asked]).telling(unsold);
    // Its charging point is not to be told any more that it does not count.
    decided.events.extend(state.withdrawing.contains_key(&key).then_some(Event::Withdrawn(key)));
    Ok(decided)
}

/// Rejects a record for good, or one with changed content.
pub(super) fn reject(
    record: &CdrRecord,
    change: Option<u32>,
    note: &str,
    facts: &Facts,
    moment: &Moment,
) -> Outcome {
    if let Some(number) = change {
        let mut next = judged(record, note, moment);
        let change = next.changes.iter_mut().find(|change| change.number == number);
        let change = change.ok_or(Rejection::UnknownChange(number))?;
        if !std::mem::replace(&mut change.is_open, false) {
            return Err(Rejection::Settled);
        }
        return Ok(answer(next));
    }
    match record.standing {
        Standing::Quarantined | Standing::Booked => {
            let (next, messages) = undone(record, None, moment);
            let next = CdrRecord { standing: Standing::Rejected, ..judged(&next, note, moment) };
            Ok(answer(next).telling(messages))
        }
        Standing::AwaitingOriginal => {
            let next = CdrRecord { standing: Standing::Rejected, ..judged(record, note, moment) };
            let mut decided = answer(next);
            decided.events.extend(no_longer_awaited(record, facts));
            Ok(decided)
        }
        // Why it has no effect is still told.
        Standing::Refused(_) if record.judgement.is_none() => Ok(answer(judged(record, note, moment))),
        Standing::Checking | Standing::Rating => Err(Rejection::UnderWay),
        Standing::Credited | Standing::Rejected | Standing::Applied | Standing::Refused(_) => {
            Err(Rejection::Settled)
        }
    }
}

/// Its original waits for one credit less, and has room for another.
fn no_longer_awaited(credit: &CdrRecord, facts: &Facts) -> Option<Event> {
    let original = credit.cdr.credit_of.as_ref()?;
    let Some(Entry::Awaited(credits)) = facts.cdrs.get(original) else { return None };
    let left = credits.iter().filter(|id| *id != credit.cdr.key.id()).cloned().collect();
    Some(Event::EntrySet { id: original.clone(), entry: Entry::Awaited(left) })
}

fn judged(record: &CdrRecord, note: &str, moment: &Moment) -> CdrRecord {
    let judgement = Judgement { subject: moment.subject.clone(), at: moment.now, note: note.to_owned() };
    CdrRecord { judgement: Some(judgement), ..record.clone() }
}

fn answer(record: CdrRecord) -> Decided<Event, Reply> {
    let events = vec![entry(record.clone())];
    Decided::with(events, Reply::Record { record: Box::new(record), is_changed: false, is_repeat: false })
}
