//! Charge detail records: what one says, where it stands, what was booked of it, and what was agreed with its party.

mod content;
mod dispute;
mod terms;
mod words;

use domain::cdr::{Road, Sale};
use domain::entity::cdr_book::{
    AccountLeg, CdrRecord, Change, CreditRefused, Judgement, Purchase, Standing, Unreadable,
};
use domain::instant::Instant;

use super::{FieldError, FieldFault, field, time};
use crate::roaming::{self, CdrRoad, CdrState, CreditRefusal};

pub use words::{record_reasons, suspicion_reason};

/// A record as a client sees it, but for its name.
impl From<&CdrRecord> for roaming::Cdr {
    fn from(record: &CdrRecord) -> Self {
        let sale = record.booked.as_ref().map(|booked| (&booked.sale).into());
        Self { reasons: record_reasons(record), sale, ..stored(record) }
    }
}

/// A record without what is stored beside it.
pub(super) fn stored(record: &CdrRecord) -> roaming::Cdr {
    let (road, partner_id) = road(&record.road);
    let (state, credit_refusal) = standing(record.standing);
    let booked = record.booked.as_ref();
    roaming::Cdr {
        name: String::new(),
        content: Some((&record.cdr).into()),
        road: road.into(),
        partner_id,
        received_time: Some(time::timestamp(record.received)),
        payer_account_id: record.payer.clone().unwrap_or_default(),
        state: state.into(),
        credit_refusal: credit_refusal.into(),
        reasons: Vec::new(),
        released_reasons: record.released.iter().cloned().collect(),
        sale: None,
        purchase: booked.and_then(|booked| booked.purchase.as_ref()).map(Into::into),
        legs: booked.map(|booked| field::messages(&booked.legs)).unwrap_or_default(),
        margin: booked.and_then(|booked| booked.margin.as_ref()).map(Into::into),
        credited_by_cdr_id: record.credited_by.clone().unwrap_or_default(),
        changes: field::messages(&record.changes),
        judgement: record.judgement.as_ref().map(Into::into),
        dispute: record.dispute.as_ref().map(Into::into),
    }
}

/// The road and the partner on it.
pub(super) fn road(road: &Road) -> (CdrRoad, String) {
    match road {
        Road::Ocpi(partner) => (CdrRoad::Ocpi, partner.clone()),
        Road::Oicp(partner) => (CdrRoad::Oicp, partner.clone()),
        Road::File => (CdrRoad::File, String::new()),
        Road::Api => (CdrRoad::Api, String::new()),
    }
}

/// The road of a message.
pub(super) fn read_road(number: i32, partner_id: String) -> Result<Road, FieldError> {
    match CdrRoad::try_from(number) {
        Ok(CdrRoad::Ocpi) => Ok(Road::Ocpi(partner_id)),
        Ok(CdrRoad::Oicp) => Ok(Road::Oicp(partner_id)),
        Ok(CdrRoad::File) => Ok(Road::File),
        Ok(CdrRoad::Api) => Ok(Road::Api),
        Ok(CdrRoad::Unspecified) => Err(FieldError::at("road", FieldFault::Missing)),
        Err(_) => Err(FieldError::at("road", FieldFault::Unknown)),
    }
}

fn standing(standing: Standing) -> (CdrState, CreditRefusal) {
    let plain = |state| (state, CreditRefusal::Unspecified);
    match standing {
        Standing::Checking => plain(CdrState::Checking),
        Standing::Rating => plain(CdrState::Rating),
        Standing::Booked => plain(CdrState::Booked),
        Standing::Quarantined => plain(CdrState::Quarantined),
        Standing::Credited => plain(CdrState::Credited),
        Standing::Rejected => plain(CdrState::Rejected),
        Standing::AwaitingOriginal => plain(CdrState::AwaitingOriginal),
        Standing::Applied => plain(CdrState::Applied),
        Standing::Refused(refused) => (CdrState::Refused, refused.into()),
    }
}

/// The standing of a record.
pub(super) fn read_standing(cdr: &roaming::Cdr) -> Result<Standing, FieldError> {
    let state = CdrState::try_from(cdr.state);
    let state = state.map_err(|_| FieldError::at("state", FieldFault::Unknown))?;
    Ok(match state {
        CdrState::Unspecified => return Err(FieldError::at("state", FieldFault::Missing)),
        CdrState::Checking => Standing::Checking,
        CdrState::Rating => Standing::Rating,
        CdrState::Booked => Standing::Booked,
        CdrState::Quarantined => Standing::Quarantined,
        CdrState::Credited => Standing::Credited,
        CdrState::Rejected => Standing::Rejected,
        CdrState::AwaitingOriginal => Standing::AwaitingOriginal,
        CdrState::Applied => Standing::Applied,
        CdrState::Refused => {
            Standing::Refused(field::known::<CreditRefusal, _>("credit_refusal", cdr.credit_refusal)?)
        }
    })
}

field::same_names!(
    CreditRefused,
    CreditRefusal,
    [CreditOfCredit, SecondCredit, OtherCurrency, OtherAmount, TooMany]
);

impl From<&Sale> for roaming::CdrSale {
    fn from(sale: &Sale) -> Self {
        Self {
            contract_id: sale.contract.clone(),
            price_sheet_id: sale.sheet.0.clone(),
            price_sheet_version: sale.sheet.1,
            net: Some((&sale.net).into()),
            energy_kwh: Some((&sale.energy_kwh).into()),
            service_date: Some((&sale.service).into()),
        }
    }
}

impl From<&Purchase> for roaming::Purchase {
    fn from(purchase: &Purchase) -> Self {
        Self {
            account_id: purchase.account.clone().unwrap_or_default(),
            amount: Some((&purchase.amount).into()),
            price_sheet_id: purchase.sheet.clone(),
            stated: purchase.stated.as_ref().map(Into::into),
            priced: purchase.priced.as_ref().map(Into::into),
            is_disputed: purchase.is_disputed,
        }
    }
}

impl TryFrom<roaming::Purchase> for Purchase {
    type Error = FieldError;

    fn try_from(purchase: roaming::Purchase) -> Result<Self, FieldError> {
        Ok(Self {
            account: Some(purchase.account_id).filter(|account| !account.is_empty()),
            amount: field::required("amount", purchase.amount)?,
            sheet: purchase.price_sheet_id,
            stated: field::optional("stated", purchase.stated)?,
            priced: field::optional("priced", purchase.priced)?,
            is_disputed: purchase.is_disputed,
        })
    }
}

impl From<&AccountLeg> for roaming::AccountLeg {
    fn from(held: &AccountLeg) -> Self {
        Self { account_id: held.account.clone(), leg: Some((&held.leg).into()) }
    }
}

impl TryFrom<roaming::AccountLeg> for AccountLeg {
    type Error = FieldError;

    fn try_from(held: roaming::AccountLeg) -> Result<Self, FieldError> {
        Ok(Self { account: held.account_id, leg: field::required("leg", held.leg)? })
    }
}

impl From<&Change> for roaming::ChangedCdr {
    fn from(change: &Change) -> Self {
        let (road, partner_id) = road(&change.road);
        Self {
            number: change.number,
            content_digest: change.content.to_vec(),
            received_time: Some(time::timestamp(change.received)),
            road: road.into(),
            partner_id,
            is_open: change.is_open,
        }
    }
}

impl TryFrom<roaming::ChangedCdr> for Change {
    type Error = FieldError;

    fn try_from(change: roaming::ChangedCdr) -> Result<Self, FieldError> {
        Ok(Self {
            number: change.number,
            content: field::digest("content_digest", change.content_digest)?,
            received: time::required_instant("received_time", change.received_time)?,
            road: read_road(change.road, change.partner_id)?,
            is_open: change.is_open,
        })
    }
}

impl From<&Judgement> for roaming::CdrJudgement {
    fn from(judgement: &Judgement) -> Self {
        let Judgement { subject, at, note } = judgement;
        Self { subject: subject.clone(), judged_time: Some(time::timestamp(*at)), note: note.clone() }
    }
}

impl TryFrom<roaming::CdrJudgement> for Judgement {
    type Error = FieldError;

    fn try_from(judgement: roaming::CdrJudgement) -> Result<Self, FieldError> {
        let at = time::required_instant("judged_time", judgement.judged_time)?;
        Ok(Self { subject: judgement.subject, at, note: judgement.note })
    }
}

impl roaming::UnreadableCdr {
    /// A document that can't be read, as it is kept.
    #[must_use]
    pub fn kept(number: u64, received: Instant, document: &Unreadable) -> Self {
        Self { number, received_time: Some(time::timestamp(received)), ..document.into() }
    }
}

impl From<&Unreadable> for roaming::UnreadableCdr {
    fn from(document: &Unreadable) -> Self {
        let (road, partner_id) = road(&document.road);
        Self {
            number: 0,
            road: road.into(),
            partner_id,
            received_time: None,
            length_bytes: document.length,
            sha256: document.digest.to_vec(),
            reason: document.reason.clone(),
            beginning: document.beginning.clone(),
        }
    }
}

impl TryFrom<roaming::UnreadableCdr> for Unreadable {
    type Error = FieldError;

    fn try_from(document: roaming::UnreadableCdr) -> Result<Self, FieldError> {
        Ok(Self {
            road: read_road(document.road, document.partner_id)?,
            beginning: document.beginning,
            length: document.length_bytes,
            digest: field::digest("sha256", document.sha256)?,
            reason: document.reason,
        })
    }
}
