//! The book of charge detail records: commands, answers and state.

mod command;
mod refused;

use domain::cdr::{CdrKey, EvseId};
use domain::entity::cdr_book::{Booked, CdrRecord, Entry, Reply, State};

use crate::convert::cdr;
use crate::convert::{FieldError, field, leg, time};
use crate::store;
use crate::store::cdr_book_reply::Reply as ReplyWire;
use crate::store::cdr_entry::Entry as EntryWire;

impl From<&State> for store::CdrBookState {
    fn from(state: &State) -> Self {
        let withdrawing = state.withdrawing.iter().map(|(cdr, evse)| store::WithdrawnSession {
            cdr: Some(cdr.into()),
            evse_id: evse.text().to_owned(),
        });
        Self {
            terms: state.terms.as_ref().map(Into::into),
            records: state.records,
            unreadable: state.unreadable,
            withdrawing: withdrawing.collect(),
        }
    }
}

impl TryFrom<store::CdrBookState> for State {
    type Error = FieldError;

    fn try_from(state: store::CdrBookState) -> Result<Self, FieldError> {
        let withdrawing = |one: store::WithdrawnSession| -> Result<(CdrKey, EvseId), FieldError> {
            Ok((field::required("cdr", one.cdr)?, leg::evse("evse_id", &one.evse_id)?))
        };
        Ok(Self {
            terms: field::optional("terms", state.terms)?,
            records: state.records,
            unreadable: state.unreadable,
            withdrawing: field::each_by("withdrawing", state.withdrawing, withdrawing)?,
        })
    }
}

impl From<&Entry> for store::CdrEntry {
    fn from(entry: &Entry) -> Self {
        let entry = match entry {
            Entry::Awaited(credits) => {
                EntryWire::Awaited(store::AwaitedCdr { credit_cdr_ids: credits.clone() })
            }
            Entry::Held(record) => EntryWire::Held(record.as_ref().into()),
        };
        Self { entry: Some(entry) }
    }
}

impl TryFrom<store::CdrEntry> for Entry {
    type Error = FieldError;

    fn try_from(entry: store::CdrEntry) -> Result<Self, FieldError> {
        Ok(match field::chosen("entry", entry.entry)? {
            EntryWire::Awaited(awaited) => Self::Awaited(awaited.credit_cdr_ids),
            EntryWire::Held(record) => Self::Held(Box::new(field::required("held", Some(record))?)),
        })
    }
}

impl From<&CdrRecord> for store::CdrRecord {
    fn from(record: &CdrRecord) -> Self {
        Self {
            cdr: Some(cdr::stored(record)),
            suspicions: field::messages(&record.suspicions),
            site: record.site.as_ref().map(Into::into),
            sale: record.booked.as_ref().map(|booked| (&booked.sale).into()),
        }
    }
}

impl TryFrom<store::CdrRecord> for CdrRecord {
    type Error = FieldError;

    fn try_from(record: store::CdrRecord) -> Result<Self, FieldError> {
        let held = field::chosen("cdr", record.cdr)?;
        let standing = cdr::read_standing(&held)?;
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let sale = field::optional("sale", record.sale)?;
        let (purchase, margin) =
            (field::optional("purchase", held.purchase)?, field::optional("margin", held.margin)?);
        let legs = field::each("legs", held.legs)?;
        Ok(Self {
            cdr: field::required("content", held.content)?,
            road: cdr::read_road(held.road, held.partner_id)?,
            received: time::required_instant("received_time", held.received_time)?,
            payer: some(held.payer_account_id),
            standing,
            suspicions: field::each("suspicions", record.suspicions)?,
            released: held.released_reasons.into_iter().collect(),
            site: field::optional("site", record.site)?,
            booked: sale.map(|sale| Booked { sale, purchase, legs, margin }),
            credited_by: some(held.credited_by_cdr_id),
            changes: field::each("changes", held.changes)?,
            dispute: field::optional("dispute", held.dispute)?,
            judgement: field::optional("judgement", held.judgement)?,
        })
    }
}

impl From<&Reply> for store::CdrBookReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::Done => ReplyWire::Done(()),
            Reply::Record { record, is_changed, is_repeat } => ReplyWire::Record(store::CdrAnswer {
                record: Some(record.as_ref().into()),
                is_changed: *is_changed,
                is_repeat: *is_repeat,
            }),
            Reply::Kept { number } => ReplyWire::Kept(*number),
            Reply::Terms(terms) => ReplyWire::Terms(terms.as_ref().into()),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::CdrBookReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::CdrBookReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Done(()) => Self::Done,
            ReplyWire::Record(answer) => Self::Record {
                record: Box::new(field::required("record", answer.record)?),
                is_changed: answer.is_changed,
                is_repeat: answer.is_repeat,
            },
            ReplyWire::Kept(number) => Self::Kept { number },
            ReplyWire::Terms(terms) => Self::Terms(Box::new(field::required("terms", Some(terms))?)),
        })
    }
}
