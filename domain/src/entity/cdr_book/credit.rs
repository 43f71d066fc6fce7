//! Credits: which may take a record back, and what that leads to.

use super::super::{Message, Moment, Recipient};
use super::legs::reversed;
use super::record::{AccountLeg, Booked, CdrRecord, CreditRefused, Standing};
use crate::cdr::{Cdr, CdrKey, SaleReversal};
use crate::price::Price;
use crate::session::Session;

/// Whether a credit takes an original back; the reason where it does not.
pub(super) fn judge(original: &CdrRecord, credit: &Cdr) -> Result<(), CreditRefused> {
    if original.cdr.credit_of.is_some() {
        return Err(CreditRefused::CreditOfCredit);
    }
    if original.credited_by.is_some() {
        return Err(CreditRefused::SecondCredit);
    }
    if original.cdr.session.currency != credit.session.currency {
        return Err(CreditRefused::OtherCurrency);
    }
    if negates(&original.cdr.session, &credit.session) { Ok(()) } else { Err(CreditRefused::OtherAmount) }
}

/// The original as it is when the credit has taken it back, and who is told. What was rejected before stays so.
pub(super) fn take_back(
    original: &CdrRecord,
    credit: &CdrKey,
    moment: &Moment,
) -> (CdrRecord, Vec<(Recipient, Message)>) {
    let (mut next, messages) = match original.standing {
        Standing::Rejected => (original.clone(), Vec::new()),
        _ => undone(original, Some(credit), moment),
    };
    if original.standing != Standing::Rejected {
        next.standing = Standing::Credited;
    }
    next.credited_by = Some(credit.id().to_owned());
    (next, messages)
}

/// A record of which nothing is left, and who is told: its charging point, the account that paid, those who were owed.
pub(super) fn undone(
    record: &CdrRecord,
    credit: Option<&CdrKey>,
    moment: &Moment,
) -> (CdrRecord, Vec<(Recipient, Message)>) {
    let key = record.cdr.key.clone();
    let mut messages =
        vec![(Recipient::Evse(record.cdr.evse.clone()), Message::WithdrawSession(key.clone()))];
    let mut next = record.clone();
    if let Some(dispute) = &mut next.dispute {
        dispute.withdraw();
    }
    messages.extend(unsold(record, credit, moment));
    if let Some(booked) = record.booked.as_ref().filter(|_| record.standing == Standing::Booked) {
        let back = reversed(&booked.legs, moment.now);
        messages.extend(back.iter().map(AccountLeg::told));
        let legs = booked.legs.iter().cloned().chain(back).collect();
        next.booked = Some(Booked { legs, ..booked.clone() });
    }
    (next, messages)
}

/// The message that takes the sale back. What is held back may have been sold too, where the sale could not be divided; what
/// was never sold stays so.
pub(super) fn unsold(
    record: &CdrRecord,
    credit: Option<&CdrKey>,
    moment: &Moment,
) -> Option<(Recipient, Message)> {
    let account = record.payer.clone()?;
    let cdr = record.cdr.key.clone();
    let reversal = SaleReversal { cdr, credit: credit.cloned(), received: moment.now };
    Some((Recipient::Account(account.clone()), Message::ReverseSale { account, reversal }))
}

/// Whether the credit states the negated cost. Where neither states any, the energy has to be the same.
fn negates(original: &Session, credit: &Session) -> bool {
    let negated = |price: Option<Price>| price.map(|price| Price::from_raw(price.raw().saturating_neg()));
    let (stated, back) = (original.stated, credit.stated);
    let is_stated = stated.excluding_vat.is_some() || stated.including_vat.is_some();
    if !is_stated {
        let states_nothing = back.excluding_vat.is_none() && back.including_vat.is_none();
        return states_nothing && back.energy_kwh == stated.energy_kwh;
    }
    negated(stated.excluding_vat) == back.excluding_vat && negated(stated.including_vat) == back.including_vat
}
