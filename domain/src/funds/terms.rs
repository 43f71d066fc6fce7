//! The terms of an account's funds: credit, spending limits, thresholds, members, standing. To set what is set already
//! has no effect.

use std::collections::BTreeSet;

use super::balance::Balance;
use super::change::{Change, add};
use super::event::FundsEvent;
use super::limit::{Limit, LimitKey, Side};
use super::refusal::FundsRefused;
use super::reply::FundsReply;
use super::{MOST_LIMITS, MOST_MEMBERS, MemberStanding, Standing};
use crate::amount::Amount;
use crate::ledger::Asset;
use crate::money::Currency;

/// A limit that is lowered must leave room for what is reserved; nothing reserved, it may go below what was spent.
pub(super) fn credit_limit(
    change: &mut Change<'_>,
    currency: Currency,
    limit: Amount,
) -> Result<FundsReply, FundsRefused> {
    let before = change.credit(Asset::Money(currency));
    if limit == before {
        return Ok(FundsReply::Done);
    }
    let number = change.main(currency)?;
    let main = change.balance(number).cloned();
    let main = main.unwrap_or_else(|| Balance::new(Asset::Money(currency), None));
    let is_lower = limit < before && main.reserved > Amount::ZERO;
    if is_lower && add(main.amount, limit)? < main.reserved {
        return Err(FundsRefused::LimitBelowReserved);
    }
    // So that a balance made for it is one of the funds.
    change.put(number, Amount::ZERO)?;
    change.push(FundsEvent::CreditLimitSet(currency, limit));
    Ok(FundsReply::Done)
}

pub(super) fn limit(
    change: &mut Change<'_>,
    key: &LimitKey,
    most: Option<Amount>,
) -> Result<FundsReply, FundsRefused> {
    let held = change.funds.limits.get(key).copied();
    if held.map(|limit| limit.most) == most {
        return Ok(FundsReply::Done);
    }
    let Some(most) = most else {
        change.push(FundsEvent::LimitGone(key.clone()));
        return Ok(FundsReply::Done);
    };
    if key.member.as_ref().is_some_and(|member| !change.funds.members.contains_key(member)) {
        return Err(FundsRefused::UnknownMember);
    }
    if held.is_none() && change.funds.limits.len() >= MOST_LIMITS {
        return Err(FundsRefused::TooManyLimits);
    }
    let since = key.window.start(change.instant(), change.facts.days);
    let spent = held.map(|limit| limit.spent_since(since)).unwrap_or_default();
    let reserved = change.reserved_under(key)?;
    let is_lower = held.is_none_or(|limit| most < limit.most) && reserved > Amount::ZERO;
    if is_lower && most < add(spent, reserved)? {
        return Err(FundsRefused::LimitBelowReserved);
    }
    change.push(FundsEvent::LimitSet(key.clone(), Limit { most, spent, since }));
    Ok(FundsReply::Done)
}

/// A level that is new stands where the funds are; nothing has been crossed.
pub(super) fn thresholds(
    change: &mut Change<'_>,
    asset: Asset,
    levels: &BTreeSet<Amount>,
) -> Result<FundsReply, FundsRefused> {
    let held: BTreeSet<Amount> =
        change.funds.thresholds.keys().filter(|(of, _)| *of == asset).map(|(_, level)| *level).collect();
    let funds = change.total(asset)?;
    for level in held.difference(levels) {
        change.push(FundsEvent::ThresholdGone(asset, *level));
    }
    for level in levels.difference(&held) {
        change.push(FundsEvent::ThresholdSet(asset, *level, Side::of(funds, *level)));
    }
    Ok(FundsReply::Done)
}

/// A member leaves with its spending limits, once nothing is reserved for it.
pub(super) fn member(
    change: &mut Change<'_>,
    member: &str,
    standing: Option<MemberStanding>,
) -> Result<FundsReply, FundsRefused> {
    let held = change.funds.members.get(member).copied();
    match standing {
        _ if held == standing => {}
        Some(standing) => {
            if held.is_none() && change.funds.members.len() >= MOST_MEMBERS {
                return Err(FundsRefused::TooManyMembers);
            }
            change.push(FundsEvent::MemberSet(member.to_owned(), standing));
        }
        None => {
            if change.all_reservations().any(|one| one.member.as_deref() == Some(member)) {
                return Err(FundsRefused::MemberReserves);
            }
            let limits = change.funds.limits.keys();
            let own: Vec<LimitKey> =
                limits.filter(|key| key.member.as_deref() == Some(member)).cloned().collect();
            own.into_iter().for_each(|key| change.push(FundsEvent::LimitGone(key)));
            change.push(FundsEvent::MemberGone(member.to_owned()));
        }
    }
    Ok(FundsReply::Done)
}

pub(super) fn standing(change: &mut Change<'_>, standing: Standing) -> Result<FundsReply, FundsRefused> {
    if change.funds.standing != standing {
        change.push(FundsEvent::StandingSet(standing));
    }
    Ok(FundsReply::Done)
}
