//! Statements of the account as a partner: previewed, issued by hash, paid.

use super::{Event, Rejection, Reply, State, bundle, issue, legs};
use crate::amount::Amount;
use crate::day::{Day, Month};
use crate::entity::catalog::TenantSettings;
use crate::entity::{Decided, Facts, Moment, Need};
use crate::invoice::Party;
use crate::ledger::{Asset, LedgerRole, PostingHead, PostingReason, PostingSet, PostingSource};
use crate::money::Money;
use crate::operation::OperationId;
use crate::statement::{
    Draft, IssuedStatement, OpenStatement, PartnerCommand, PartnerEvent, PartnerPayment, PartnerRefused,
    PartnerReply, PartnerStatement, StatementFault,
};
use crate::tax::TaxTable;

type AccountDecided = Decided<Event, Reply>;

/// The tenant's settings and rates, and every agreement that the account has to do with.
pub(super) fn needs(state: &State, command: &PartnerCommand) -> Vec<Need> {
    let mut needs = vec![Need::Tenant];
    if let PartnerCommand::Clear(sold) = command {
        needs.push(bundle::needs(sold));
    } else if !matches!(command, PartnerCommand::Pay { .. }) {
        let agreements = state.partner.all_agreements();
        needs.extend(agreements.into_iter().map(|id| Need::ShareAgreement(id.clone())));
    }
    needs
}

pub(super) fn decide(
    state: &State,
    command: &PartnerCommand,
    facts: &Facts,
    moment: &Moment,
) -> Result<AccountDecided, Rejection> {
    let details = state.details.as_ref().ok_or(Rejection::UnknownAccount)?;
    let settings = facts.settings.as_ref();
    let settings = settings.ok_or(Rejection::Partner(PartnerRefused::NoSettings))?;
    let owed = Party {
        account: details.id.clone(),
        name: details.name.clone(),
        address: details.address.clone(),
        vat_id: details.vat_id.clone(),
    };
    let decided = match command {
        PartnerCommand::Preview { month, issued_on } => refuse_issued(state, *month)
            .and_then(|()| draft(state, (*month, *issued_on), "", &owed, settings, facts))
            .map(|draft| {
                let preview = draft.map(|draft| (Box::new(draft.statement), draft.hash));
                Decided::reply(Reply::Partner(PartnerReply::Preview(preview)))
            }),
        PartnerCommand::Issue { month, issued_on, hash } => {
            issue_statement(state, (*month, *issued_on), *hash, (&owed, settings, facts), moment)
        }
        PartnerCommand::Clear(sold) => bundle::cleared(&details.id, sold, (settings, facts), moment),
        PartnerCommand::Pay { operation, amount, paid_on } => {
            pay(state, (operation, *amount, *paid_on), settings, moment)
        }
    };
    decided.map_err(Rejection::Partner)
}

fn draft(
    state: &State,
    (month, issued_on): (Month, Day),
    number: &str,
    owed: &Party,
    settings: &TenantSettings,
    facts: &Facts,
) -> Result<Option<Draft>, PartnerRefused> {
    let open = OpenStatement {
        partner: &state.partner,
        agreements: &facts.share_agreements,
        taxes: &TaxTable::new(facts.taxes.iter().map(|rate| rate.fact.clone())),
        number,
        issued_on,
        due_on: issue::days_after(issued_on, settings.payment_days),
        month,
        currency: settings.currency,
        issuer: &issue::seller(settings),
        owed,
    };
    open.draft().map_err(PartnerRefused::Fault)
}

/// A month up to the last that was issued can't be stated again.
fn refuse_issued(state: &State, month: Month) -> Result<(), PartnerRefused> {
    match state.partner.last() {
        Some(last) if month <= last.month => Err(PartnerRefused::AlreadyIssued(last.number.clone())),
        _ => Ok(()),
    }
}

/// Issues exactly what was previewed, with the next number of the partner's series. Asked again with the same hash it answers
/// again.
fn issue_statement(
    state: &State,
    (month, issued_on): (Month, Day),
    hash: [u8; 32],
    (owed, settings, facts): (&Party, &TenantSettings, &Facts),
    moment: &Moment,
) -> Result<AccountDecided, PartnerRefused> {
    if let Some(issued) = state.partner.statements.get(&month).filter(|issued| issued.hash == hash) {
        return Ok(Decided::reply(Reply::Partner(PartnerReply::Issued(issued.clone()))));
    }
    refuse_issued(state, month)?;
    let count = state.partner.statements.len().saturating_add(1);
    let number = format!("{}S-{}-{count:05}", settings.invoice_prefix, owed.account);
    let draft = draft(state, (month, issued_on), &number, owed, settings, facts)?;
    let Draft { statement, books, hash: made } = draft.ok_or(PartnerRefused::NothingToState)?;
    if made != hash {
        return Err(PartnerRefused::PreviewChanged(made));
    }
    let issued = IssuedStatement {
        number: number.clone(),
        month,
        hash,
        total: statement.total,
        closing_balance: statement.closing_balance,
    };
    let set = postings(&statement).ok_or(PartnerRefused::Fault(StatementFault::OutOfRange))?;
    let mut events = Vec::new();
    for ((key, month), book) in books {
        events.push(Event::Partner(PartnerEvent::MonthSet { key, month, book }));
    }
    for payment in &statement.payments {
        let stated_in = Some(number.clone());
        let payment = PartnerPayment { stated_in, ..payment.clone() };
        events.push(Event::Partner(PartnerEvent::PaymentSet(payment)));
    }
    if !set.postings().is_empty() {
        events.push(Event::Booked(legs::next_set(state, set, moment)));
    }
    events.push(Event::Partner(PartnerEvent::Issued(Box::new(statement), issued.clone())));
    Ok(Decided::with(events, Reply::Partner(PartnerReply::Issued(issued))))
}

/// What was accrued for sessions becomes payable, with what the months give beside them and the tax.
fn postings(statement: &PartnerStatement) -> Option<PostingSet> {
    let exact = |money| Amount::from_money(money);
    let mut postings = vec![(LedgerRole::Payable, exact(statement.total)?.checked_neg()?)];
    for line in &statement.lines {
        let role = match line.component {
            None => LedgerRole::Accrued,
            Some(_) => LedgerRole::Cost(line.kind.to_string()),
        };
        postings.push((role, exact(line.net)?));
    }
    for entry in &statement.vat {
        let role = LedgerRole::ValueAddedTax { class: entry.tax_class.clone(), rate: entry.rate };
        postings.push((role, exact(entry.vat)?));
    }
    let head = PostingHead {
        source: PostingSource::Statement(statement.number.clone()),
        reason: PostingReason::Issued,
        corrects: None,
        asset: Asset::Money(statement.currency),
    };
    PostingSet::new(head, postings).ok()
}

/// Records that the partner was paid. The same id with the same payment has no effect.
fn pay(
    state: &State,
    (operation, amount, paid_on): (&OperationId, Money, Day),
    settings: &TenantSettings,
    moment: &Moment,
) -> Result<AccountDecided, PartnerRefused> {
    let out_of_range = || PartnerRefused::Fault(StatementFault::OutOfRange);
    let zero = Money::zero(settings.currency);
    let balance = || match state.partner.last() {
        Some(_) => state.partner.balance().ok_or_else(out_of_range),
        None => Ok(zero),
    };
    if let Some(held) = state.partner.payments.get(operation) {
        if (held.amount, held.paid_on) != (amount, paid_on) {
            return Err(PartnerRefused::OtherPayment);
        }
        return Ok(Decided::reply(Reply::Partner(PartnerReply::Paid { balance: balance()? })));
    }
    if amount.currency() != settings.currency {
        return Err(PartnerRefused::OtherCurrency);
    }
    if amount.minor() == 0 {
        return Err(PartnerRefused::NothingPaid);
    }
    if state.partner.last().is_none() {
        return Err(PartnerRefused::NothingToState);
    }
    let exact = Amount::from_money(amount).ok_or_else(out_of_range)?;
    let head = PostingHead {
        source: PostingSource::Operation(operation.clone()),
        reason: PostingReason::PaidOut,
        corrects: None,
        asset: Asset::Money(amount.currency()),
    };
    let negated = exact.checked_neg().ok_or_else(out_of_range)?;
    let set = PostingSet::new(head, [(LedgerRole::Payable, exact), (LedgerRole::TopUp, negated)]);
    let set = set.map_err(|_| out_of_range())?;
    let balance = balance()?.checked_sub(amount).ok_or_else(out_of_range)?;
    let payment = PartnerPayment { operation: operation.clone(), paid_on, amount, stated_in: None };
    let mut events = vec![Event::Partner(PartnerEvent::PaymentSet(payment))];
    if !set.postings().is_empty() {
        events.push(Event::Booked(legs::next_set(state, set, moment)));
    }
    Ok(Decided::with(events, Reply::Partner(PartnerReply::Paid { balance })))
}
