//! Sessions that are paid from funds: the commit of the reservation that has the session's id, else a forced debit; and
//! what a credit gives back.

use sha2::{Digest as _, Sha256};

use crate::amount::Amount;
use crate::cdr::{CdrKey, SessionSale};
use crate::charging_contract::{Settled, SoldSession};
use crate::entity::account::{Event, Reply, State, funds};
use crate::entity::{Decided, Facts, Moment, Need};
use crate::funds::{
    ChargedPart, Commit, Correct, Debit, DebitMode, FundsCommand, FundsReply, OperationKey, Recorded, Usage,
    Used,
};
use crate::ledger::PostingSource;
use crate::operation::OperationId;

type AccountDecided = Decided<Event, Reply>;

/// What the ids of operations begin with that sales make.
const PREFIX: &str = "sale:";
/// What a balance's scope may name for sessions that are charged by their record.
const SESSION: &str = "session";

/// Whether a client's command has an id that only sales make.
pub(in super::super) fn is_reserved(command: &FundsCommand) -> bool {
    let is_own = |key: &OperationKey| !matches!(key, OperationKey::Received(..));
    command.key().is_some_and(|key| is_own(&key) && key.id().text().starts_with(PREFIX))
}

/// The records of the funds that a sale needs: of the reservation that has the session's id, and of the debit.
pub(super) fn needs(state: &State, sale: &SessionSale, facts: &Facts) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    if let Some(reservation) = OperationId::new(&sale.session_id) {
        needs.extend(funds::needs(state, &FundsCommand::Release(reservation), facts));
    }
    needs.extend(record(state, operation("", &sale.cdr, super::times(sale, facts))));
    needs
}

/// The records that giving back needs.
pub(super) fn reversal_needs(state: &State, (cdr, times): (&CdrKey, u32), facts: &Facts) -> Vec<Need> {
    let by_supply = funds::needs(state, &FundsCommand::Elapse, facts);
    record(state, operation("back:", cdr, times)).into_iter().chain(by_supply).collect()
}

/// The record of an operation, where it is not known without reading it.
fn record(state: &State, operation: Option<OperationId>) -> Option<Need> {
    let key = OperationKey::Operation(operation?);
    let recent = &state.funds.recent;
    (recent.get(&key).is_none() && !recent.is_certain(&key)).then_some(Need::FundsRecord(key))
}

/// Takes what a session costs; none where the funds can't be told of it.
pub(super) fn charge(
    state: &State,
    sold: &SoldSession,
    facts: &Facts,
    moment: &Moment,
) -> Option<(AccountDecided, Settled)> {
    let used = Used::Charged(sold.sale.net.currency(), vec![part(sold)?]);
    if let Some(reservation) = reservation(state, sold, facts) {
        let commit = Commit { reservation: reservation.clone(), used: used.clone(), used_at: None };
        if let Some(decided) = run(state, &FundsCommand::Commit(commit), facts, moment) {
            return Some((decided, Settled::Committed(reservation)));
        }
    }
    let operation = operation("", &sold.cdr, sold.times)?;
    let debit = Debit {
        operation: operation.clone(),
        mode: DebitMode::Forced,
        member: None,
        usage: Usage { dimension: SESSION.to_owned(), ..Usage::default() },
        used,
        used_at: None,
    };
    let decided = run(state, &FundsCommand::Debit(debit), facts, moment)?;
    Some((decided, Settled::Debited(operation)))
}

/// Returns what a reservation of the session holds that is on the invoice instead; nothing where there is none.
pub(super) fn release(state: &State, sale: &SessionSale, facts: &Facts, moment: &Moment) -> AccountDecided {
    let open = OperationId::new(&sale.session_id);
    let open = open.filter(|id| state.funds.reservations.contains_key(id));
    let released = open.and_then(|id| run(state, &FundsCommand::Release(id), facts, moment));
    released.unwrap_or_else(|| Decided::reply(Reply::Done))
}

/// Gives back what a session cost; none where the funds can't be told of it.
pub(super) fn give_back(
    state: &State,
    sold: &SoldSession,
    source: PostingSource,
    facts: &Facts,
    moment: &Moment,
) -> Option<AccountDecided> {
    let taken = part(sold)?;
    let back = ChargedPart { net: taken.net.checked_neg()?, tax: taken.tax.checked_neg()?, ..taken };
    let correct = Correct {
        operation: operation("back:", &sold.cdr, sold.times)?,
        corrects: source,
        currency: sold.sale.net.currency(),
        parts: vec![back],
    };
    run(state, &FundsCommand::Correct(correct), facts, moment)
}

fn run(state: &State, command: &FundsCommand, facts: &Facts, moment: &Moment) -> Option<AccountDecided> {
    let decided = funds::decide_of_account(state, command, facts, moment).ok()?;
    let is_refused = matches!(decided.reply, Reply::Funds(FundsReply::Refused(_)));
    (!is_refused).then_some(Decided { reply: Reply::Done, ..decided })
}

/// The reservation of a session, open or, for its first sale, expired: one is committed once.
fn reservation(state: &State, sold: &SoldSession, facts: &Facts) -> Option<OperationId> {
    let id = OperationId::new(&sold.session_id)?;
    let key = OperationKey::Resolve(id.clone());
    let record = state.funds.recent.get(&key).or_else(|| facts.records.get(&key));
    let is_expired = record.is_some_and(|record| matches!(record.outcome, Recorded::Expired(_)));
    let is_late = is_expired && sold.times == 1;
    (is_late || state.funds.reservations.contains_key(&id)).then_some(id)
}

fn part(sold: &SoldSession) -> Option<ChargedPart> {
    Some(ChargedPart {
        revenue_role: sold.revenue_role.clone(),
        tax_class: sold.tax_class.clone(),
        rate: sold.tax_rate,
        net: Amount::from_money(sold.sale.net)?,
        tax: Amount::from_money(sold.tax)?,
    })
}

/// The id of an operation of a sale: a record's key may be longer than an id, and have spaces. A record that is sold anew has
/// others than before.
fn operation(kind: &str, cdr: &CdrKey, times: u32) -> Option<OperationId> {
    let digest = Sha256::digest(cdr.to_string().as_bytes());
    let digits: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let again = if times > 1 { format!("{times}:") } else { String::new() };
    OperationId::new(&format!("{PREFIX}{kind}{again}{digits}"))
}
