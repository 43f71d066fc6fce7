//! Posting sets and the roles of ledger accounts.

use domain::entity::account::Posted;
use domain::ledger::{
    BalanceNumber, LedgerRole, Posting, PostingHead, PostingReason, PostingSet, PostingSource,
};
use domain::operation::OperationId;

use super::field::{self, same_names};
use super::{FieldError, FieldFault, number, text, time};
use crate::account::{self, posting_source};

same_names!(
    PostingReason,
    account::PostingReason,
    [
        Rated,
        Rerated,
        Issued,
        ToppedUp,
        Granted,
        Committed,
        CommittedLate,
        Debited,
        DebitedForced,
        DebitedBalancing,
        Expired,
        TransferredOut,
        TransferredIn,
        Refunded,
        Corrected,
        Suspended,
        Placed,
        Owed,
        PaidOut,
    ]
);

/// The text of a role: `unbilled`, `revenue:energy`, `vat:standard:21`, `funds:1`.
#[must_use]
pub fn role_text(role: &LedgerRole) -> String {
    role.to_string()
}

/// Reads what [`role_text`] writes; `None` where it is none of it.
#[must_use]
pub fn parse_role(text: &str) -> Option<LedgerRole> {
    LedgerRole::parse(text)
}

/// A role in a field of text.
pub(super) fn role(field: &str, text: &str) -> Result<LedgerRole, FieldError> {
    parse_role(text).ok_or_else(|| FieldError::at(field, FieldFault::Unknown))
}

/// The id of an operation in a field of text.
pub(super) fn operation(field: &str, text: &str) -> Result<OperationId, FieldError> {
    let fault = if text.is_empty() { FieldFault::Missing } else { FieldFault::NotAnOperationId };
    OperationId::new(text).ok_or_else(|| FieldError::at(field, fault))
}

impl From<&Posted> for account::PostingSet {
    fn from(posted: &Posted) -> Self {
        let (currency_code, unit) = number::asset_codes(posted.set.asset());
        Self {
            sequence: posted.sequence,
            booked_time: Some(time::timestamp(posted.at)),
            subject: posted.subject.clone(),
            source: Some(posted.set.source().into()),
            reason: field::number::<account::PostingReason, _>(posted.set.reason()),
            corrects: posted.set.corrects().map(Into::into),
            currency_code,
            postings: field::messages(posted.set.postings()),
            unit,
        }
    }
}

impl TryFrom<account::PostingSet> for Posted {
    type Error = FieldError;

    fn try_from(set: account::PostingSet) -> Result<Self, FieldError> {
        let head = PostingHead {
            source: field::required("source", set.source)?,
            reason: field::known::<account::PostingReason, _>("reason", set.reason)?,
            corrects: field::optional("corrects", set.corrects)?,
            asset: number::asset(&set.currency_code, &set.unit)?,
        };
        let postings: Vec<_> = field::each_by("postings", set.postings, |posting| {
            let role = role("role", &posting.role)?;
            Ok((role, number::amount("exact_amount", &posting.exact_amount)?))
        })?;
        let balanced = PostingSet::new(head, postings);
        Ok(Self {
            sequence: set.sequence,
            at: time::required_instant("booked_time", set.booked_time)?,
            subject: set.subject,
            set: balanced.map_err(|_| FieldError::at("postings", FieldFault::WrongCount))?,
        })
    }
}

impl From<&Posting> for account::Posting {
    fn from(posting: &Posting) -> Self {
        Self { role: role_text(&posting.role), exact_amount: number::amount_text(posting.amount) }
    }
}

impl From<&PostingSource> for account::PostingSource {
    fn from(source: &PostingSource) -> Self {
        let source = match source {
            PostingSource::Position { metering_point, key, version } => {
                posting_source::Source::Position(account::PositionSource {
                    metering_point_id: metering_point.to_string(),
                    key: Some(key.into()),
                    version: *version,
                })
            }
            PostingSource::Invoice(number) => posting_source::Source::Invoice(number.clone()),
            PostingSource::Operation(id) => posting_source::Source::Operation(id.to_string()),
            PostingSource::Reservation(id) => posting_source::Source::Reservation(id.to_string()),
            PostingSource::Expiry(BalanceNumber(number)) => posting_source::Source::ExpiredBalance(*number),
            PostingSource::Leg { cdr, seller, number } => posting_source::Source::Leg(account::LegSource {
                cdr: Some(cdr.into()),
                number: *number,
                seller_account_id: seller.clone().unwrap_or_default(),
            }),
            PostingSource::Statement(number) => posting_source::Source::Statement(number.clone()),
        };
        Self { source: Some(source) }
    }
}

impl TryFrom<account::PostingSource> for PostingSource {
    type Error = FieldError;

    fn try_from(source: account::PostingSource) -> Result<Self, FieldError> {
        match field::chosen("source", source.source)? {
            posting_source::Source::Position(position) => Ok(Self::Position {
                metering_point: text::metering_point("metering_point_id", &position.metering_point_id)?,
                key: field::required("key", position.key)?,
                version: position.version,
            }),
            posting_source::Source::Invoice(number) => Ok(Self::Invoice(number)),
            posting_source::Source::Operation(id) => Ok(Self::Operation(operation("operation", &id)?)),
            posting_source::Source::Reservation(id) => Ok(Self::Reservation(operation("reservation", &id)?)),
            posting_source::Source::ExpiredBalance(number) => Ok(Self::Expiry(BalanceNumber(number))),
            posting_source::Source::Leg(leg) => Ok(Self::Leg {
                cdr: field::required("leg.cdr", leg.cdr)?,
                seller: Some(leg.seller_account_id).filter(|seller| !seller.is_empty()),
                number: leg.number,
            }),
            posting_source::Source::Statement(number) => Ok(Self::Statement(number)),
        }
    }
}
