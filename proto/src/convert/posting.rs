//! Posting sets and the roles of ledger accounts.

use domain::entity::account::Posted;
use domain::fixed;
use domain::ledger::{LedgerRole, Posting, PostingHead, PostingReason, PostingSet, PostingSource};
use domain::tax::{TaxClass, VatRate};

use super::field::{self, same_names};
use super::{FieldError, FieldFault, number, text, time};
use crate::account::{self, posting_source};

same_names!(PostingReason, account::PostingReason, [Rated, Rerated, Issued]);

/// The text of a role: `unbilled`, `revenue:energy`, `vat:standard:21`.
#[must_use]
pub fn role_text(role: &LedgerRole) -> String {
    role.to_string()
}

/// Reads what [`role_text`] writes; `None` where it is none of it.
#[must_use]
pub fn parse_role(text: &str) -> Option<LedgerRole> {
    if let Some(role) = text.strip_prefix("revenue:") {
        return Some(LedgerRole::Revenue(role.to_owned()));
    }
    if let Some(tax) = text.strip_prefix("vat:") {
        let (class, percent) = tax.rsplit_once(':')?;
        let hundredths = u32::try_from(fixed::parse(percent, 2).ok()?).ok()?;
        return Some(LedgerRole::ValueAddedTax {
            class: TaxClass::new(class),
            rate: VatRate::new(hundredths)?,
        });
    }
    [LedgerRole::Unbilled, LedgerRole::Receivable, LedgerRole::Rounding]
        .into_iter()
        .find(|role| role_text(role) == text)
}

/// A role in a field of text.
pub(super) fn role(field: &str, text: &str) -> Result<LedgerRole, FieldError> {
    parse_role(text).ok_or_else(|| FieldError::at(field, FieldFault::Unknown))
}

impl From<&Posted> for account::PostingSet {
    fn from(posted: &Posted) -> Self {
        Self {
            sequence: posted.sequence,
            booked_time: Some(time::timestamp(posted.at)),
            subject: posted.subject.clone(),
            source: Some(posted.set.source().into()),
            reason: field::number::<account::PostingReason, _>(posted.set.reason()),
            corrects: posted.set.corrects().map(Into::into),
            currency_code: posted.set.currency().code().to_owned(),
            postings: field::messages(posted.set.postings()),
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
            currency: number::currency("currency_code", &set.currency_code)?,
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
        }
    }
}
