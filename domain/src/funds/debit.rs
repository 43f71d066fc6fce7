//! Debits: what is taken without having been held, and corrections of what was taken.

use std::collections::BTreeSet;

use super::balance::Usage;
use super::change::{Change, subtract};
use super::command::{Ask, Correct, Debit, DebitMode, Used};
use super::grant::{self, Held, Reach};
use super::price::ChargedPart;
use super::refusal::FundsRefused;
use super::reply::{FundsReply, Grant, Shortage, Taken};
use super::reservation::{Asked, Part};
use super::take::{draw, merged, take};
use crate::amount::Amount;
use crate::ledger::{Asset, LedgerRole, PostingHead, PostingReason, PostingSource};
use crate::operation::OperationId;

/// What is due: parts of balances of units, and money.
pub(super) struct Dues {
    pub(super) units: Vec<Part>,
    pub(super) money: Asset,
    pub(super) amount: Amount,
    pub(super) charged: Vec<ChargedPart>,
}

pub(super) fn debit(change: &mut Change<'_>, debit: &Debit) -> Result<FundsReply, FundsRefused> {
    let member = debit.member.as_deref();
    let reason = match debit.mode {
        DebitMode::Voluntary => PostingReason::Debited,
        DebitMode::Forced => PostingReason::DebitedForced,
        DebitMode::Balancing => PostingReason::DebitedBalancing,
    };
    if debit.mode == DebitMode::Forced {
        if member.is_some_and(|member| !change.funds.members.contains_key(member)) {
            return Err(FundsRefused::UnknownMember);
        }
        let dues = dues(change, &debit.usage, &debit.used)?;
        let head = head(&debit.operation, reason, dues.money);
        let parts = force(change, &head, (member, &debit.usage), dues)?;
        if parts.iter().any(|part| part.amount > Amount::ZERO) {
            change.raise_over_use(&head, None)?;
        }
        return Ok(FundsReply::Taken(Taken { parts, ..Taken::default() }));
    }
    grant::may_spend(change, member)?;
    let reach = if debit.mode == DebitMode::Voluntary { Reach::FundsAndCredit } else { Reach::Funds };
    let ask = Ask { member: debit.member.clone(), usage: debit.usage.clone(), asked: asked(&debit.used)? };
    let grant = match grant::grant(change, &ask, Held::default(), reach) {
        Ok(Grant { shortage: Some(shortage), .. }) if debit.mode == DebitMode::Voluntary => {
            return Err(refused(shortage));
        }
        Err(refused) if debit.mode == DebitMode::Balancing => {
            return nothing(refused).map(FundsReply::Taken);
        }
        grant => grant?,
    };
    let (money, charged) = charged(change, &debit.used, &grant)?;
    let mut parts = grant.parts;
    let total = ChargedPart::total(&charged).ok_or(FundsRefused::OutOfRange)?;
    if total < Amount::ZERO {
        parts.extend(forced(change, &debit.usage, money, total)?);
    }
    take(change, &head(&debit.operation, reason, money), member, &parts, Some((money, &charged)))?;
    Ok(FundsReply::Taken(Taken { parts, shortage: grant.shortage, ..Taken::default() }))
}

/// Books a correction on the main balance; it does not count as spent.
pub(super) fn correct(change: &mut Change<'_>, correct: &Correct) -> Result<FundsReply, FundsRefused> {
    let asset = Asset::Money(correct.currency);
    let amount = ChargedPart::total(&correct.parts).ok_or(FundsRefused::OutOfRange)?;
    let balance = change.main(correct.currency)?;
    change.put(balance, subtract(Amount::ZERO, amount)?)?;
    let corrects = Some(correct.corrects.clone());
    let head = PostingHead { corrects, ..head(&correct.operation, PostingReason::Corrected, asset) };
    let mut postings = ChargedPart::postings(&correct.parts).ok_or(FundsRefused::OutOfRange)?;
    postings.push((LedgerRole::Funds(balance), amount));
    change.book(head.clone(), postings)?;
    change.cross(&BTreeSet::from([asset]))?;
    if amount > Amount::ZERO {
        change.raise_over_use(&head, None)?;
    }
    let parts = vec![Part { balance, asset, amount }];
    Ok(FundsReply::Taken(Taken { parts, ..Taken::default() }))
}

/// What is due for a usage when nothing was held for it: units as far as they are free, money for the rest.
pub(super) fn dues(change: &Change<'_>, usage: &Usage, used: &Used) -> Result<Dues, FundsRefused> {
    match used {
        Used::Charged(currency, charged) => {
            let amount = ChargedPart::total(charged).ok_or(FundsRefused::OutOfRange)?;
            let (money, charged) = (Asset::Money(*currency), charged.clone());
            Ok(Dues { units: Vec::new(), money, amount, charged })
        }
        Used::Quantity(quantity, unit) => {
            let price = change.facts.price.clone()?;
            let asset = Asset::of_unit(*unit).ok_or(FundsRefused::NotAnAsset)?;
            let wanted = Amount::from_quantity(*quantity).ok_or(FundsRefused::OutOfRange)?;
            let (units, rest) = draw(asset, &change.sources(asset, usage, false)?, wanted)?;
            let paid = rest.to_quantity().ok_or(FundsRefused::OutOfRange)?;
            let charged = price.charged(paid).ok_or(FundsRefused::NoPrice)?;
            let amount = ChargedPart::total(&charged).ok_or(FundsRefused::OutOfRange)?;
            Ok(Dues { units, money: Asset::Money(price.currency), amount, charged })
        }
    }
}

/// Takes what is due, whatever there is.
pub(super) fn force(
    change: &mut Change<'_>,
    head: &PostingHead,
    (member, usage): (Option<&str>, &Usage),
    dues: Dues,
) -> Result<Vec<Part>, FundsRefused> {
    let money = forced(change, usage, dues.money, dues.amount)?;
    let parts = merged(dues.units.into_iter().chain(money))?;
    take(change, head, member, &parts, Some((dues.money, &dues.charged)))?;
    Ok(parts)
}

/// Parts of money for an amount that is taken in any case: what is free, in the usual order, and the rest from the main
/// balance. A negative amount goes to the main balance.
pub(super) fn forced(
    change: &mut Change<'_>,
    usage: &Usage,
    money: Asset,
    amount: Amount,
) -> Result<Vec<Part>, FundsRefused> {
    let (mut parts, rest) = draw(money, &change.sources(money, usage, false)?, amount)?;
    if let Some(currency) = money.currency().filter(|_| rest != Amount::ZERO) {
        parts.push(Part { balance: change.main(currency)?, asset: money, amount: rest });
    }
    Ok(parts)
}

fn asked(used: &Used) -> Result<Asked, FundsRefused> {
    match used {
        Used::Quantity(quantity, unit) => Ok(Asked::Quantity(*quantity, *unit)),
        Used::Charged(currency, charged) => {
            let amount = ChargedPart::total(charged).ok_or(FundsRefused::OutOfRange)?;
            Ok(Asked::Amount(amount, *currency))
        }
    }
}

/// What is charged for what was granted.
fn charged(
    change: &Change<'_>,
    used: &Used,
    grant: &Grant,
) -> Result<(Asset, Vec<ChargedPart>), FundsRefused> {
    match (used, grant.granted) {
        (Used::Charged(currency, charged), Asked::Amount(amount, _)) => {
            let charged = ChargedPart::scaled(charged, amount).ok_or(FundsRefused::OutOfRange)?;
            Ok((Asset::Money(*currency), charged))
        }
        _ => {
            let price = change.facts.price.clone()?;
            let charged = price.charged(grant.money_quantity).ok_or(FundsRefused::NoPrice)?;
            Ok((Asset::Money(price.currency), charged))
        }
    }
}

fn refused(shortage: Shortage) -> FundsRefused {
    match shortage {
        Shortage::Funds => FundsRefused::OutOfCredit,
        Shortage::Limit(key) => FundsRefused::LimitReached(key),
    }
}

/// A balancing debit that finds nothing takes nothing.
fn nothing(refused: FundsRefused) -> Result<Taken, FundsRefused> {
    let shortage = match refused {
        FundsRefused::OutOfCredit => Shortage::Funds,
        FundsRefused::LimitReached(key) => Shortage::Limit(key),
        refused => return Err(refused),
    };
    Ok(Taken { shortage: Some(shortage), ..Taken::default() })
}

fn head(id: &OperationId, reason: PostingReason, asset: Asset) -> PostingHead {
    PostingHead { source: PostingSource::Operation(id.clone()), reason, corrects: None, asset }
}
