//! Requests of `ChargingService` as what is asked of an account's funds. Who is charged is not read here.

use domain::funds::{
    Ask, Asked, Commit, Debit, DebitMode, Extend, FundsCommand, FundsReply, MemberStanding, Payout, Place,
    Placement, Reserve, TopUp, Usage,
};
use domain::ledger::Asset;
use prost_types::Duration;

use super::charged::into_exact_money;
use super::plain;
use crate::charging as message;
use crate::convert::field::{self, same_names};
use crate::convert::{FieldError, FieldFault, number, posting, time};
use crate::store;

same_names!(DebitMode, message::DebitMode, [Voluntary, Forced, Balancing]);

impl TryFrom<message::AuthorizeRequest> for FundsCommand {
    type Error = FieldError;

    fn try_from(request: message::AuthorizeRequest) -> Result<Self, FieldError> {
        ask(request.member, request.usage, request.asked).map(Self::Authorize)
    }
}

impl TryFrom<message::ReserveRequest> for FundsCommand {
    type Error = FieldError;

    fn try_from(request: message::ReserveRequest) -> Result<Self, FieldError> {
        Ok(Self::Reserve(Reserve {
            reservation: posting::operation("reservation_id", &request.reservation_id)?,
            ask: ask(request.member, request.usage, request.asked)?,
            ttl_ms: millis(request.ttl)?.ok_or_else(|| FieldError::at("ttl", FieldFault::Missing))?,
        }))
    }
}

impl TryFrom<message::ExtendRequest> for FundsCommand {
    type Error = FieldError;

    fn try_from(request: message::ExtendRequest) -> Result<Self, FieldError> {
        plain::asked("more", request.more.as_ref())?;
        Ok(Self::Extend(Extend {
            operation: posting::operation("operation_id", &request.operation_id)?,
            reservation: posting::operation("reservation_id", &request.reservation_id)?,
            more: field::required("more", request.more)?,
            ttl_ms: millis(request.ttl)?.unwrap_or_default(),
        }))
    }
}

impl TryFrom<message::CommitRequest> for FundsCommand {
    type Error = FieldError;

    fn try_from(request: message::CommitRequest) -> Result<Self, FieldError> {
        plain::used(request.used.as_ref())?;
        Ok(Self::Commit(Commit {
            reservation: posting::operation("reservation_id", &request.reservation_id)?,
            used: field::required("used", request.used)?,
            used_at: time::optional_instant("used_time", request.used_time)?,
        }))
    }
}

impl TryFrom<message::ReleaseRequest> for FundsCommand {
    type Error = FieldError;

    fn try_from(request: message::ReleaseRequest) -> Result<Self, FieldError> {
        posting::operation("reservation_id", &request.reservation_id).map(Self::Release)
    }
}

impl TryFrom<message::DebitRequest> for FundsCommand {
    type Error = FieldError;

    fn try_from(request: message::DebitRequest) -> Result<Self, FieldError> {
        plain::used(request.used.as_ref())?;
        Ok(Self::Debit(Debit {
            operation: posting::operation("operation_id", &request.operation_id)?,
            mode: field::known::<message::DebitMode, _>("mode", request.mode)?,
            member: request.member,
            usage: usage(request.usage)?,
            used: field::required("used", request.used)?,
            used_at: time::optional_instant("used_time", request.used_time)?,
        }))
    }
}

impl TryFrom<message::TopUpRequest> for FundsCommand {
    type Error = FieldError;

    fn try_from(request: message::TopUpRequest) -> Result<Self, FieldError> {
        plain::number("exact_amount", &request.exact_amount)?;
        Ok(Self::TopUp(TopUp {
            operation: posting::operation("operation_id", &request.operation_id)?,
            asset: asset(&request.currency_code, &request.unit)?,
            amount: number::amount("exact_amount", &request.exact_amount)?,
            terms: field::optional("terms", request.terms)?,
        }))
    }
}

impl TryFrom<message::RefundRequest> for FundsCommand {
    type Error = FieldError;

    fn try_from(request: message::RefundRequest) -> Result<Self, FieldError> {
        payout(&request.operation_id, request.amount).map(Self::Refund)
    }
}

/// What a transfer gives; whom it goes to is a resource name, which is not read here.
///
/// # Errors
/// [`FieldError`] of the request.
pub fn transferred(request: message::TransferRequest, to: String) -> Result<FundsCommand, FieldError> {
    let payout = payout(&request.operation_id, request.amount)?;
    Ok(FundsCommand::TransferOut { to, payout })
}

/// How suspense is cleared; where to is partly a resource name, which is not read here.
///
/// # Errors
/// [`FieldError`] of the request.
pub fn placed(operation_id: &str, sequence: u64, to: Placement) -> Result<FundsCommand, FieldError> {
    let operation = posting::operation("operation_id", operation_id)?;
    Ok(FundsCommand::Place(Place { operation, sequence, to }))
}

impl TryFrom<message::SetCreditLimitRequest> for FundsCommand {
    type Error = FieldError;

    fn try_from(request: message::SetCreditLimitRequest) -> Result<Self, FieldError> {
        plain::credit_limit("credit_limit", request.credit_limit.as_ref())?;
        let (currency, limit) = field::required("credit_limit", request.credit_limit)?;
        Ok(Self::SetCreditLimit(currency, limit))
    }
}

impl TryFrom<message::SetSpendingLimitRequest> for FundsCommand {
    type Error = FieldError;

    fn try_from(request: message::SetSpendingLimitRequest) -> Result<Self, FieldError> {
        let key = request.key.ok_or_else(|| FieldError::at("key", FieldFault::Missing))?;
        asset(&key.currency_code, &key.unit).map_err(|error| error.within("key"))?;
        plain::number("exact_most", request.exact_most.as_deref().unwrap_or_default())?;
        let most = request.exact_most.map(|most| number::amount("exact_most", &most));
        Ok(Self::SetLimit(field::required("key", Some(key))?, most.transpose()?))
    }
}

impl TryFrom<message::SetThresholdsRequest> for FundsCommand {
    type Error = FieldError;

    fn try_from(request: message::SetThresholdsRequest) -> Result<Self, FieldError> {
        let asset = asset(&request.currency_code, &request.unit)?;
        let level = |level: String| {
            plain::number("", &level)?;
            number::amount("", &level)
        };
        Ok(Self::SetThresholds(asset, field::each_by("exact_levels", request.exact_levels, level)?))
    }
}

impl TryFrom<message::SetMemberRequest> for FundsCommand {
    type Error = FieldError;

    fn try_from(request: message::SetMemberRequest) -> Result<Self, FieldError> {
        let standing = Some(request.standing).filter(|standing| *standing != 0);
        let standing: Option<Result<MemberStanding, FieldError>> =
            standing.map(|standing| field::known::<message::MemberStanding, _>("standing", standing));
        Ok(Self::SetMember(request.member, standing.transpose()?))
    }
}

/// What an account answers about its funds where it was asked for all of them; nothing where it answered something else.
#[must_use]
pub fn shown(reply: &FundsReply) -> Option<message::Funds> {
    let FundsReply::State(funds) = reply else { return None };
    let state = store::FundsState::from(funds.as_ref());
    Some(message::Funds {
        account: String::new(),
        standing: field::number::<message::FundsStanding, _>(funds.standing),
        balances: state.balances,
        credit_limits: state.credit_limits,
        reservations: state.reservations,
        members: state.members,
        limits: state.limits,
        thresholds: state.thresholds,
    })
}

fn ask(
    member: Option<String>,
    named: Option<message::Usage>,
    asked: Option<message::Asked>,
) -> Result<Ask, FieldError> {
    plain::asked("asked", asked.as_ref())?;
    let asked: Asked = field::required("asked", asked)?;
    Ok(Ask { member, usage: usage(named)?, asked })
}

/// What runs. The product is the agreement's to say.
fn usage(named: Option<message::Usage>) -> Result<Usage, FieldError> {
    let usage: Usage = field::optional("usage", named)?.unwrap_or_default();
    let names_product = !usage.product.is_empty();
    if names_product { Err(FieldError::at("usage.product_id", FieldFault::Contradiction)) } else { Ok(usage) }
}

/// The asset of a currency code or a unit, of which one is empty.
fn asset(currency_code: &str, unit: &str) -> Result<Asset, FieldError> {
    if !currency_code.is_empty() && !unit.is_empty() {
        return Err(FieldError::at("unit", FieldFault::Contradiction));
    }
    number::asset(currency_code, unit)
}

fn payout(operation: &str, money: Option<message::ExactMoney>) -> Result<Payout, FieldError> {
    let operation = posting::operation("operation_id", operation)?;
    plain::money("amount", money.as_ref())?;
    let money = money.ok_or_else(|| FieldError::at("amount", FieldFault::Missing))?;
    let (amount, currency) = into_exact_money("amount", money)?;
    Ok(Payout { operation, currency, amount })
}

/// Whole milliseconds.
fn millis(duration: Option<Duration>) -> Result<Option<i64>, FieldError> {
    let Some(Duration { seconds, nanos }) = duration else { return Ok(None) };
    let nanos = i64::from(nanos);
    let part = nanos.checked_div(1_000_000).filter(|_| nanos.checked_rem(1_000_000) == Some(0));
    let whole = part.and_then(|part| seconds.checked_mul(1_000)?.checked_add(part));
    whole.map(Some).ok_or_else(|| FieldError::at("ttl", FieldFault::OutOfRange))
}
