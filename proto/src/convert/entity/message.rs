//! What one entity tells another.

use domain::document::MeteringPointKind;
use domain::entity::Message;
use domain::entity::directory::Claim;
use domain::entity::message::FromDocument;
use domain::quantity::Unit;
use domain::series::TimeSeries;
use domain::token::Token;

use super::closing::{closed_point, into_closed_point};
use super::document_item::{item_prices, prices};
use super::roaming;
use crate::convert::{FieldError, field, text, time};
use crate::store::{self, message::Message as Wire};
use crate::{metering, types};

impl From<&FromDocument> for store::FromDocument {
    fn from(from: &FromDocument) -> Self {
        let FromDocument { document, index, created } = from;
        Self { document: document.clone(), index: *index, created_time: Some(time::timestamp(*created)) }
    }
}

impl TryFrom<store::FromDocument> for FromDocument {
    type Error = FieldError;

    fn try_from(from: store::FromDocument) -> Result<Self, FieldError> {
        let created = time::required_instant("created_time", from.created_time)?;
        Ok(Self { document: from.document, index: from.index, created })
    }
}

impl From<&Message> for store::Message {
    fn from(message: &Message) -> Self {
        Self { message: Some(message.into()) }
    }
}

/// One arm per message, so that a new one can't be forgotten.
impl From<&Message> for Wire {
    fn from(message: &Message) -> Self {
        match message {
            Message::ApplyValues { from, kind, unit, values } => {
                let values = Some(item_values(*kind, *unit, values));
                Self::ApplyValues(store::ApplyValues { from: Some(from.into()), values })
            }
            Message::ApplyLinks { from, links } => {
                let links = field::messages(links);
                Self::ApplyLinks(store::ApplyLinks { from: Some(from.into()), links })
            }
            Message::ApplyCharges { from, charges } => {
                let charges = field::messages(charges);
                Self::ApplyCharges(store::ApplyCharges { from: Some(from.into()), charges })
            }
            Message::ApplyPrices { from, prices } => {
                let prices = item_prices(prices);
                Self::ApplyPrices(store::ApplyPrices { from: Some(from.into()), prices })
            }
            Message::Applied { index, outcome } => {
                Self::Applied(store::Applied { index: *index, outcome: Some(outcome.into()) })
            }
            Message::ContractChanged { metering_point, contract } => {
                let (metering_point, contract) = (metering_point.number(), Some(contract.into()));
                Self::ContractChanged(store::ContractChanged { metering_point, contract })
            }
            Message::StartPart { closing, shard } => {
                Self::StartPart(store::StartPart { closing: Some(closing.into()), shard: *shard })
            }
            Message::CloseAccount { closing, shard, account } => {
                let (closing, account_id) = (Some(closing.into()), account.clone());
                Self::CloseAccount(store::CloseAccount { closing, shard: *shard, account_id })
            }
            Message::ClosePoint { closing, account } => {
                let (closing, account_id) = (Some(closing.into()), account.clone());
                Self::ClosePoint(store::ClosePoint { closing, account_id })
            }
            Message::PointClosed { run, metering_point, contracts, more_follows } => {
                let point = Some(closed_point(*metering_point, contracts));
                let (invoice_run_id, more_follows) = (run.clone(), *more_follows);
                Self::PointClosed(store::PointClosed { invoice_run_id, point, more_follows })
            }
            Message::AccountClosed { account, outcome } => {
                let (account_id, outcome) = (account.clone(), Some(outcome.into()));
                Self::AccountClosed(store::AccountClosed { account_id, outcome })
            }
            Message::PartClosed { shard, summary } => {
                Self::PartClosed(store::PartClosed { shard: *shard, summary: Some(summary.into()) })
            }
            Message::TakeNumbers { run, count } => {
                Self::TakeNumbers(store::TakeNumbers { invoice_run_id: run.clone(), count: *count })
            }
            Message::NumbersTaken { first } => Self::NumbersTaken(store::NumbersTaken { first: *first }),
            Message::IssuePart { hash, first_number, number_prefix } => Self::IssuePart(store::IssuePart {
                hash: hash.to_vec(),
                first_number: *first_number,
                number_prefix: number_prefix.clone(),
            }),
            Message::CancelPart => Self::CancelPart(()),
            Message::ReleaseAccount { run } => Self::ReleaseAccount(run.clone()),
            Message::IssueInvoice { run, number } => {
                let (invoice_run_id, number) = (run.clone(), number.clone());
                Self::IssueInvoice(store::IssueInvoice { invoice_run_id, number })
            }
            Message::InvoiceIssued { account } => Self::InvoiceIssued(account.clone()),
            Message::PartIssued { shard } => Self::PartIssued(*shard),
            Message::ClaimToken { token, claim } => Self::ClaimToken(wish(token, claim)),
            Message::ReleaseToken { token, claim } => Self::ReleaseToken(wish(token, claim)),
            Message::TokenClaimed { token, number, refused } => {
                let refused = refused.as_ref().map(Into::into);
                Self::TokenClaimed(store::TokenClaimed {
                    token: Some(token.into()),
                    number: *number,
                    refused,
                })
            }
            Message::TokenReleased { token, number } => {
                Self::TokenReleased(store::TokenReleased { token: Some(token.into()), number: *number })
            }
            Message::FundsTransferred { from, to, payout } => {
                let (from_account_id, to_account_id) = (from.clone(), to.clone());
                let payout = Some(payout.into());
                Self::FundsTransferred(store::FundsTransferred { from_account_id, to_account_id, payout })
            }
            Message::PrepaidRated { account, totals, forgotten } => {
                let (account_id, totals) = (account.clone(), field::messages(totals));
                let forgotten = field::messages(forgotten);
                Self::PrepaidRated(store::PrepaidRated { account_id, totals, forgotten })
            }
            Message::SupplyOrdered { order } => Self::SupplyOrdered(order.into()),
            Message::CheckSession(seen) => Self::CheckSession(seen.into()),
            Message::SessionChecked { cdr, site, suspicions } => {
                Self::SessionChecked(store::SessionChecked {
                    cdr: Some(cdr.into()),
                    site: Some(site.into()),
                    suspicions: field::messages(suspicions),
                })
            }
            Message::WithdrawSession(cdr) => Self::WithdrawSession(cdr.into()),
            Message::RateSale { account, sale } => {
                let (account_id, sale) = (account.clone(), Some(sale.as_ref().into()));
                Self::RateSale(store::RateSale { account_id, sale })
            }
            Message::SaleRated { account, cdr, outcome } => {
                Self::SaleRated(roaming::sale_rated(account, cdr, outcome))
            }
            Message::ReverseSale { account, reversal } => {
                Self::ReverseSale(roaming::reverse_sale(account, reversal))
            }
            Message::ShareAgreed { account, agreement } => Self::ShareAgreed(store::ShareAgreed {
                account_id: account.clone(),
                share_agreement_id: agreement.clone(),
            }),
            Message::BookLeg { account, leg } => {
                Self::BookLeg(store::BookLeg { account_id: account.clone(), leg: Some(leg.into()) })
            }
            Message::EventsTold { account, at, events } => Self::EventsTold(store::EventsTold {
                account_id: account.clone(),
                registered_time: Some(time::timestamp(*at)),
                events: field::messages(events),
            }),
        }
    }
}

fn wish(token: &Token, claim: &Claim) -> store::TokenWish {
    store::TokenWish { token: Some(token.into()), claim: Some(claim.into()) }
}

fn into_wish(wish: store::TokenWish) -> Result<(Token, Claim), FieldError> {
    Ok((field::required("token", wish.token)?, field::required("claim", wish.claim)?))
}

fn item_values(kind: MeteringPointKind, unit: Unit, series: &TimeSeries) -> store::ItemValues {
    store::ItemValues {
        kind: field::number::<metering::MeteringPointKind, _>(kind),
        unit: field::number::<types::Unit, _>(unit),
        series: Some(series.into()),
    }
}

impl TryFrom<store::Message> for Message {
    type Error = FieldError;

    fn try_from(message: store::Message) -> Result<Self, FieldError> {
        let within = |field: &'static str| move |error: FieldError| error.within(field);
        match field::chosen("message", message.message)? {
            Wire::ApplyValues(apply) => apply.try_into().map_err(within("apply_values")),
            Wire::ApplyLinks(apply) => apply.try_into().map_err(within("apply_links")),
            Wire::ApplyCharges(apply) => apply.try_into().map_err(within("apply_charges")),
            Wire::ApplyPrices(apply) => apply.try_into().map_err(within("apply_prices")),
            Wire::Applied(applied) => applied.try_into().map_err(within("applied")),
            Wire::ContractChanged(changed) => changed.try_into().map_err(within("contract_changed")),
            Wire::StartPart(start) => start.try_into().map_err(within("start_part")),
            Wire::CloseAccount(close) => close.try_into().map_err(within("close_account")),
            Wire::ClosePoint(close) => close.try_into().map_err(within("close_point")),
            Wire::PointClosed(closed) => closed.try_into().map_err(within("point_closed")),
            Wire::AccountClosed(closed) => closed.try_into().map_err(within("account_closed")),
            Wire::PartClosed(closed) => closed.try_into().map_err(within("part_closed")),
            Wire::TakeNumbers(take) => Ok(Self::TakeNumbers { run: take.invoice_run_id, count: take.count }),
            Wire::NumbersTaken(taken) => Ok(Self::NumbersTaken { first: taken.first }),
            Wire::IssuePart(issue) => Ok(Self::IssuePart {
                hash: field::digest("issue_part.hash", issue.hash)?,
                first_number: issue.first_number,
                number_prefix: issue.number_prefix,
            }),
            Wire::CancelPart(()) => Ok(Self::CancelPart),
            Wire::ReleaseAccount(run) => Ok(Self::ReleaseAccount { run }),
            Wire::IssueInvoice(issue) => {
                Ok(Self::IssueInvoice { run: issue.invoice_run_id, number: issue.number })
            }
            Wire::InvoiceIssued(account) => Ok(Self::InvoiceIssued { account }),
            Wire::PartIssued(shard) => Ok(Self::PartIssued { shard }),
            Wire::ClaimToken(wanted) => {
                let (token, claim) = into_wish(wanted).map_err(within("claim_token"))?;
                Ok(Self::ClaimToken { token, claim })
            }
            Wire::ReleaseToken(given) => {
                let (token, claim) = into_wish(given).map_err(within("release_token"))?;
                Ok(Self::ReleaseToken { token, claim })
            }
            Wire::TokenClaimed(claimed) => Ok(Self::TokenClaimed {
                token: field::required("token_claimed.token", claimed.token)?,
                number: claimed.number,
                refused: field::optional("token_claimed.refused", claimed.refused)?,
            }),
            Wire::TokenReleased(released) => Ok(Self::TokenReleased {
                token: field::required("token_released.token", released.token)?,
                number: released.number,
            }),
            Wire::PrepaidRated(rated) => Ok(Self::PrepaidRated {
                account: rated.account_id,
                totals: field::each("prepaid_rated.totals", rated.totals)?,
                forgotten: field::each("prepaid_rated.forgotten", rated.forgotten)?,
            }),
            Wire::SupplyOrdered(order) => {
                Ok(Self::SupplyOrdered { order: field::required("supply_ordered", Some(order))? })
            }
            Wire::EventsTold(told) => Ok(Self::EventsTold {
                account: told.account_id,
                at: time::required_instant("events_told.registered_time", told.registered_time)?,
                events: field::each("events_told.events", told.events)?,
            }),
            Wire::CheckSession(seen) => Ok(Self::CheckSession(field::required("check_session", Some(seen))?)),
            Wire::SessionChecked(checked) => checked.try_into().map_err(within("session_checked")),
            Wire::WithdrawSession(cdr) => {
                Ok(Self::WithdrawSession(field::required("withdraw_session", Some(cdr))?))
            }
            Wire::RateSale(rate) => rate.try_into().map_err(within("rate_sale")),
            Wire::SaleRated(rated) => rated.try_into().map_err(within("sale_rated")),
            Wire::ReverseSale(reverse) => reverse.try_into().map_err(within("reverse_sale")),
            Wire::ShareAgreed(agreed) => {
                Ok(Self::ShareAgreed { account: agreed.account_id, agreement: agreed.share_agreement_id })
            }
            Wire::BookLeg(book) => book.try_into().map_err(within("book_leg")),
            Wire::FundsTransferred(transferred) => Ok(Self::FundsTransferred {
                from: transferred.from_account_id,
                to: transferred.to_account_id,
                payout: field::required("funds_transferred.payout", transferred.payout)?,
            }),
        }
    }
}

impl TryFrom<store::ApplyValues> for Message {
    type Error = FieldError;

    fn try_from(apply: store::ApplyValues) -> Result<Self, FieldError> {
        let values = field::chosen("values", apply.values)?;
        Ok(Self::ApplyValues {
            from: field::required("from", apply.from)?,
            kind: field::known::<metering::MeteringPointKind, _>("values.kind", values.kind)?,
            unit: field::known::<types::Unit, _>("values.unit", values.unit)?,
            values: field::required("values.series", values.series)?,
        })
    }
}

impl TryFrom<store::ApplyLinks> for Message {
    type Error = FieldError;

    fn try_from(apply: store::ApplyLinks) -> Result<Self, FieldError> {
        let from = field::required("from", apply.from)?;
        Ok(Self::ApplyLinks { from, links: field::each("links", apply.links)? })
    }
}

impl TryFrom<store::ApplyCharges> for Message {
    type Error = FieldError;

    fn try_from(apply: store::ApplyCharges) -> Result<Self, FieldError> {
        let from = field::required("from", apply.from)?;
        Ok(Self::ApplyCharges { from, charges: field::each("charges", apply.charges)? })
    }
}

impl TryFrom<store::ApplyPrices> for Message {
    type Error = FieldError;

    fn try_from(apply: store::ApplyPrices) -> Result<Self, FieldError> {
        let from = field::required("from", apply.from)?;
        Ok(Self::ApplyPrices { from, prices: prices("prices", apply.prices)? })
    }
}

impl TryFrom<store::Applied> for Message {
    type Error = FieldError;

    fn try_from(applied: store::Applied) -> Result<Self, FieldError> {
        Ok(Self::Applied { index: applied.index, outcome: field::required("outcome", applied.outcome)? })
    }
}

impl TryFrom<store::ContractChanged> for Message {
    type Error = FieldError;

    fn try_from(changed: store::ContractChanged) -> Result<Self, FieldError> {
        let metering_point = text::numbered_point("metering_point", changed.metering_point)?;
        Ok(Self::ContractChanged { metering_point, contract: field::required("contract", changed.contract)? })
    }
}

impl TryFrom<store::StartPart> for Message {
    type Error = FieldError;

    fn try_from(start: store::StartPart) -> Result<Self, FieldError> {
        Ok(Self::StartPart { closing: field::required("closing", start.closing)?, shard: start.shard })
    }
}

impl TryFrom<store::CloseAccount> for Message {
    type Error = FieldError;

    fn try_from(close: store::CloseAccount) -> Result<Self, FieldError> {
        let closing = field::required("closing", close.closing)?;
        Ok(Self::CloseAccount { closing, shard: close.shard, account: close.account_id })
    }
}

impl TryFrom<store::ClosePoint> for Message {
    type Error = FieldError;

    fn try_from(close: store::ClosePoint) -> Result<Self, FieldError> {
        let closing = field::required("closing", close.closing)?;
        Ok(Self::ClosePoint { closing, account: close.account_id })
    }
}

impl TryFrom<store::PointClosed> for Message {
    type Error = FieldError;

    fn try_from(closed: store::PointClosed) -> Result<Self, FieldError> {
        let point = field::chosen("point", closed.point)?;
        let (metering_point, contracts) = into_closed_point(point).map_err(|error| error.within("point"))?;
        let (run, more_follows) = (closed.invoice_run_id, closed.more_follows);
        Ok(Self::PointClosed { run, metering_point, contracts, more_follows })
    }
}

impl TryFrom<store::AccountClosed> for Message {
    type Error = FieldError;

    fn try_from(closed: store::AccountClosed) -> Result<Self, FieldError> {
        let outcome = field::required("outcome", closed.outcome)?;
        Ok(Self::AccountClosed { account: closed.account_id, outcome })
    }
}

impl TryFrom<store::PartClosed> for Message {
    type Error = FieldError;

    fn try_from(closed: store::PartClosed) -> Result<Self, FieldError> {
        Ok(Self::PartClosed { shard: closed.shard, summary: field::required("summary", closed.summary)? })
    }
}
