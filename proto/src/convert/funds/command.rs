//! What can be asked of an account's funds.

use domain::funds::{
    Ask, Commit, Correct, Debit, DebitMode, Extend, FundsCommand, Payout, Place, Placement, Reserve, TopUp,
};

use super::charged::{charged, exact_money, into_charged, into_exact_money, some_usage, usage};
use crate::charging;
use crate::convert::field::{self, same_names};
use crate::convert::{FieldError, number, posting, time};
use crate::store::{self, funds_command::Command as Wire, place_suspense::To as WireTo};

same_names!(DebitMode, store::DebitMode, [Voluntary, Forced, Balancing]);

impl From<&FundsCommand> for store::FundsCommand {
    fn from(value: &FundsCommand) -> Self {
        let command = match value {
            FundsCommand::TopUp(one) => Wire::TopUp(one.into()),
            FundsCommand::Authorize(ask) => Wire::Authorize(ask.into()),
            FundsCommand::Reserve(one) => Wire::Reserve(one.into()),
            FundsCommand::Extend(one) => Wire::Extend(one.into()),
            FundsCommand::Commit(one) => Wire::Commit(one.into()),
            FundsCommand::Release(id) => Wire::Release(id.to_string()),
            FundsCommand::Debit(one) => Wire::Debit(one.into()),
            FundsCommand::Correct(one) => Wire::Correct(one.into()),
            FundsCommand::Place(one) => Wire::Place(one.into()),
            FundsCommand::Refund(payout) => Wire::Refund(payout.into()),
            FundsCommand::TransferOut { to, payout } => Wire::TransferOut(transfer(to, payout)),
            FundsCommand::TransferIn { from, payout } => Wire::TransferIn(transfer(from, payout)),
            FundsCommand::SetCreditLimit(currency, limit) => Wire::SetCreditLimit((*currency, *limit).into()),
            FundsCommand::SetLimit(key, most) => Wire::SetLimit(store::SetSpendingLimit {
                key: Some(key.into()),
                exact_most: most.map(number::amount_text),
            }),
            FundsCommand::SetThresholds(asset, levels) => {
                let (currency_code, unit) = number::asset_codes(*asset);
                let exact_levels = levels.iter().map(|level| number::amount_text(*level)).collect();
                Wire::SetThresholds(store::SetThresholds { currency_code, unit, exact_levels })
            }
            FundsCommand::SetMember(member, standing) => {
                let standing = standing.map(field::number::<charging::MemberStanding, _>).unwrap_or_default();
                Wire::SetMember(store::SetMember { member: member.clone(), standing })
            }
            FundsCommand::SetStanding(standing) => {
                Wire::SetStanding(field::number::<charging::FundsStanding, _>(*standing))
            }
            FundsCommand::Elapse => Wire::Elapse(()),
            FundsCommand::Get => Wire::Get(()),
        };
        Self { command: Some(command) }
    }
}

impl TryFrom<store::FundsCommand> for FundsCommand {
    type Error = FieldError;

    fn try_from(value: store::FundsCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", value.command)? {
            Wire::TopUp(one) => Self::TopUp(field::required("top_up", Some(one))?),
            Wire::Authorize(ask) => Self::Authorize(field::required("authorize", Some(ask))?),
            Wire::Reserve(one) => Self::Reserve(field::required("reserve", Some(one))?),
            Wire::Extend(one) => Self::Extend(field::required("extend", Some(one))?),
            Wire::Commit(one) => Self::Commit(field::required("commit", Some(one))?),
            Wire::Release(id) => Self::Release(posting::operation("release", &id)?),
            Wire::Debit(one) => Self::Debit(field::required("debit", Some(one))?),
            Wire::Correct(one) => Self::Correct(field::required("correct", Some(one))?),
            Wire::Place(one) => Self::Place(field::required("place", Some(one))?),
            Wire::Refund(payout) => Self::Refund(field::required("refund", Some(payout))?),
            Wire::TransferOut(transfer) => {
                let payout = field::required("transfer_out.payout", transfer.payout)?;
                Self::TransferOut { to: transfer.account_id, payout }
            }
            Wire::TransferIn(transfer) => {
                let payout = field::required("transfer_in.payout", transfer.payout)?;
                Self::TransferIn { from: transfer.account_id, payout }
            }
            Wire::SetCreditLimit(limit) => {
                let (currency, amount) = field::required("set_credit_limit", Some(limit))?;
                Self::SetCreditLimit(currency, amount)
            }
            Wire::SetLimit(limit) => {
                let most = limit.exact_most.map(|most| number::amount("set_limit.exact_most", &most));
                Self::SetLimit(field::required("set_limit.key", limit.key)?, most.transpose()?)
            }
            Wire::SetThresholds(set) => {
                let asset = number::asset(&set.currency_code, &set.unit);
                let asset = asset.map_err(|error| error.within("set_thresholds"))?;
                let level = |level: String| number::amount("", &level);
                let levels = field::each_by("set_thresholds.exact_levels", set.exact_levels, level)?;
                Self::SetThresholds(asset, levels)
            }
            Wire::SetMember(set) => {
                let standing = Some(set.standing).filter(|standing| *standing != 0).map(|standing| {
                    field::known::<charging::MemberStanding, _>("set_member.standing", standing)
                });
                Self::SetMember(set.member, standing.transpose()?)
            }
            Wire::SetStanding(standing) => {
                Self::SetStanding(field::known::<charging::FundsStanding, _>("set_standing", standing)?)
            }
            Wire::Elapse(()) => Self::Elapse,
            Wire::Get(()) => Self::Get,
        })
    }
}

impl From<&Place> for store::PlaceSuspense {
    fn from(place: &Place) -> Self {
        let to = match &place.to {
            Placement::MainBalance => WireTo::MainBalance(()),
            Placement::Account(account) => WireTo::AccountId(account.clone()),
            Placement::Back => WireTo::Back(()),
        };
        Self { operation_id: place.operation.to_string(), sequence: place.sequence, to: Some(to) }
    }
}

impl TryFrom<store::PlaceSuspense> for Place {
    type Error = FieldError;

    fn try_from(place: store::PlaceSuspense) -> Result<Self, FieldError> {
        Ok(Self {
            operation: posting::operation("operation_id", &place.operation_id)?,
            sequence: place.sequence,
            to: match field::chosen("to", place.to)? {
                WireTo::MainBalance(()) => Placement::MainBalance,
                WireTo::AccountId(account) => Placement::Account(account),
                WireTo::Back(()) => Placement::Back,
            },
        })
    }
}

impl From<&TopUp> for store::TopUp {
    fn from(top_up: &TopUp) -> Self {
        let (currency_code, unit) = number::asset_codes(top_up.asset);
        Self {
            operation_id: top_up.operation.to_string(),
            currency_code,
            unit,
            exact_amount: number::amount_text(top_up.amount),
            terms: top_up.terms.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<store::TopUp> for TopUp {
    type Error = FieldError;

    fn try_from(top_up: store::TopUp) -> Result<Self, FieldError> {
        Ok(Self {
            operation: posting::operation("operation_id", &top_up.operation_id)?,
            asset: number::asset(&top_up.currency_code, &top_up.unit)?,
            amount: number::amount("exact_amount", &top_up.exact_amount)?,
            terms: field::optional("terms", top_up.terms)?,
        })
    }
}

impl From<&Ask> for store::Ask {
    fn from(ask: &Ask) -> Self {
        let asked = Some((&ask.asked).into());
        Self { member: ask.member.clone(), usage: some_usage(&ask.usage), asked }
    }
}

impl TryFrom<store::Ask> for Ask {
    type Error = FieldError;

    fn try_from(ask: store::Ask) -> Result<Self, FieldError> {
        let asked = field::required("asked", ask.asked)?;
        Ok(Self { member: ask.member, usage: usage(ask.usage)?, asked })
    }
}

impl From<&Reserve> for store::Reserve {
    fn from(reserve: &Reserve) -> Self {
        let (reservation_id, ask) = (reserve.reservation.to_string(), Some((&reserve.ask).into()));
        Self { reservation_id, ask, ttl_ms: reserve.ttl_ms }
    }
}

impl TryFrom<store::Reserve> for Reserve {
    type Error = FieldError;

    fn try_from(reserve: store::Reserve) -> Result<Self, FieldError> {
        let reservation = posting::operation("reservation_id", &reserve.reservation_id)?;
        Ok(Self { reservation, ask: field::required("ask", reserve.ask)?, ttl_ms: reserve.ttl_ms })
    }
}

impl From<&Extend> for store::Extend {
    fn from(extend: &Extend) -> Self {
        Self {
            operation_id: extend.operation.to_string(),
            reservation_id: extend.reservation.to_string(),
            more: Some((&extend.more).into()),
            ttl_ms: extend.ttl_ms,
        }
    }
}

impl TryFrom<store::Extend> for Extend {
    type Error = FieldError;

    fn try_from(extend: store::Extend) -> Result<Self, FieldError> {
        Ok(Self {
            operation: posting::operation("operation_id", &extend.operation_id)?,
            reservation: posting::operation("reservation_id", &extend.reservation_id)?,
            more: field::required("more", extend.more)?,
            ttl_ms: extend.ttl_ms,
        })
    }
}

impl From<&Commit> for store::CommitReservation {
    fn from(commit: &Commit) -> Self {
        Self {
            reservation_id: commit.reservation.to_string(),
            used: Some((&commit.used).into()),
            used_time: commit.used_at.map(time::timestamp),
        }
    }
}

impl TryFrom<store::CommitReservation> for Commit {
    type Error = FieldError;

    fn try_from(commit: store::CommitReservation) -> Result<Self, FieldError> {
        let reservation = posting::operation("reservation_id", &commit.reservation_id)?;
        let used_at = time::optional_instant("used_time", commit.used_time)?;
        Ok(Self { reservation, used: field::required("used", commit.used)?, used_at })
    }
}

impl From<&Debit> for store::Debit {
    fn from(debit: &Debit) -> Self {
        Self {
            operation_id: debit.operation.to_string(),
            mode: field::number::<store::DebitMode, _>(debit.mode),
            member: debit.member.clone(),
            usage: some_usage(&debit.usage),
            used: Some((&debit.used).into()),
            used_time: debit.used_at.map(time::timestamp),
        }
    }
}

impl TryFrom<store::Debit> for Debit {
    type Error = FieldError;

    fn try_from(debit: store::Debit) -> Result<Self, FieldError> {
        Ok(Self {
            operation: posting::operation("operation_id", &debit.operation_id)?,
            mode: field::known::<store::DebitMode, _>("mode", debit.mode)?,
            member: debit.member,
            usage: usage(debit.usage)?,
            used: field::required("used", debit.used)?,
            used_at: time::optional_instant("used_time", debit.used_time)?,
        })
    }
}

impl From<&Correct> for store::CorrectDebit {
    fn from(correct: &Correct) -> Self {
        Self {
            operation_id: correct.operation.to_string(),
            corrects: Some((&correct.corrects).into()),
            charged: Some(charged(correct.currency, &correct.parts)),
        }
    }
}

impl TryFrom<store::CorrectDebit> for Correct {
    type Error = FieldError;

    fn try_from(correct: store::CorrectDebit) -> Result<Self, FieldError> {
        let (currency, parts) = into_charged("charged", field::chosen("charged", correct.charged)?)?;
        Ok(Self {
            operation: posting::operation("operation_id", &correct.operation_id)?,
            corrects: field::required("corrects", correct.corrects)?,
            currency,
            parts,
        })
    }
}

impl From<&Payout> for store::Payout {
    fn from(payout: &Payout) -> Self {
        let amount = Some(exact_money(payout.amount, payout.currency));
        Self { operation_id: payout.operation.to_string(), amount }
    }
}

impl TryFrom<store::Payout> for Payout {
    type Error = FieldError;

    fn try_from(payout: store::Payout) -> Result<Self, FieldError> {
        let (amount, currency) = into_exact_money("amount", field::chosen("amount", payout.amount)?)?;
        Ok(Self { operation: posting::operation("operation_id", &payout.operation_id)?, currency, amount })
    }
}

/// Money that goes to an account or comes from one.
fn transfer(account: &str, payout: &Payout) -> store::Transfer {
    store::Transfer { account_id: account.to_owned(), payout: Some(payout.into()) }
}
