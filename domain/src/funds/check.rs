//! What can never be done, whatever the account has: bad quantities, amounts, units, times. Each has its own reason.

use super::balance::{Scope, Usage};
use super::command::{Ask, Debit, DebitMode, FundsCommand, Place, Placement, Reserve, Used};
use super::price::ChargedPart;
use super::record::{MOST_AHEAD_MS, OperationKey};
use super::refusal::FundsRefused;
use super::reservation::Asked;
use super::{FundsFacts, LEAST_TTL_MS, MOST_BACK_MS, MOST_THRESHOLDS, MOST_TTL_MS};
use crate::amount::Amount;
use crate::instant::Instant;
use crate::ledger::Asset;
use crate::money::Currency;
use crate::quantity::{Quantity, Unit};

/// The largest quantity of one operation: ten million units, what a large factory uses in a month.
const MOST_QUANTITY: Quantity = Quantity::from_micros(10_000_000_000_000);
/// The largest amount of one operation in main units: a thousand million.
const MOST_MAIN_UNITS: i64 = 1_000_000_000;
/// The longest name of a member, and of whatever else is named.
const MOST_NAME_BYTES: usize = 64;
/// Most parts of what is charged, and most entries of each kind in a scope.
const MOST_PARTS: usize = 32;

type Checked = Result<(), FundsRefused>;

pub(super) fn well_formed(command: &FundsCommand, facts: &FundsFacts<'_>) -> Checked {
    if let Some(key) = command.key().filter(|key| !matches!(key, OperationKey::Resolve(_))) {
        let latest = facts.moment.now.plus_millis(MOST_AHEAD_MS);
        if key.id().made().is_some_and(|made| latest.is_some_and(|latest| made > latest)) {
            return Err(FundsRefused::IdAhead);
        }
    }
    if !is_small(command) {
        return Err(FundsRefused::TooLarge);
    }
    match command {
        FundsCommand::TopUp(one) => {
            payment(one.asset, one.amount)?;
            let validity = one.terms.as_ref().map(|terms| terms.validity);
            let is_over = validity.is_some_and(|validity| validity.end() <= facts.moment.now);
            if is_over { Err(FundsRefused::ValidityOver) } else { Ok(()) }
        }
        FundsCommand::Authorize(ask) => asked_by(ask, facts),
        FundsCommand::Reserve(one) => {
            asked_by(&one.ask, facts)?;
            time_to_live(one.ttl_ms)
        }
        FundsCommand::Extend(one) => {
            asked(one.more, facts)?;
            if one.ttl_ms == 0 { Ok(()) } else { time_to_live(one.ttl_ms) }
        }
        FundsCommand::Commit(one) => {
            used_at(one.used_at, facts)?;
            used(&one.used, facts)
        }
        FundsCommand::Debit(one) => debit(one, facts),
        FundsCommand::Correct(one) => within(&one.parts).map(drop),
        FundsCommand::Refund(payout) | FundsCommand::TransferIn { payout, .. } => {
            payment(Asset::Money(payout.currency), payout.amount)
        }
        FundsCommand::TransferOut { to, payout } => {
            payment(Asset::Money(payout.currency), payout.amount)?;
            if to == facts.account { Err(FundsRefused::SameAccount) } else { Ok(()) }
        }
        FundsCommand::Place(Place { to: Placement::Account(to), .. }) if to == facts.account => {
            Err(FundsRefused::SameAccount)
        }
        FundsCommand::SetCreditLimit(_, limit) | FundsCommand::SetLimit(_, Some(limit)) => {
            amount(*limit, true)
        }
        FundsCommand::SetThresholds(_, levels) if levels.len() > MOST_THRESHOLDS => {
            Err(FundsRefused::TooManyThresholds)
        }
        FundsCommand::SetMember(name, _) if name.is_empty() || name.len() > MOST_NAME_BYTES => {
            Err(FundsRefused::MemberName)
        }
        _ => Ok(()),
    }
}

/// Whether all that it names and lists stays within bounds: it is remembered, held in the state and booked.
fn is_small(command: &FundsCommand) -> bool {
    match command {
        FundsCommand::TopUp(one) => one.terms.as_ref().is_none_or(|terms| is_small_scope(&terms.scope)),
        FundsCommand::Authorize(ask) | FundsCommand::Reserve(Reserve { ask, .. }) => {
            is_member(ask.member.as_deref()) && is_small_usage(&ask.usage)
        }
        FundsCommand::Commit(one) => is_small_use(&one.used),
        FundsCommand::Debit(one) => {
            is_member(one.member.as_deref()) && is_small_usage(&one.usage) && is_small_use(&one.used)
        }
        FundsCommand::Correct(one) => are_small(&one.parts),
        FundsCommand::TransferOut { to: other, .. } | FundsCommand::TransferIn { from: other, .. } => {
            is_name(other)
        }
        FundsCommand::SetLimit(key, _) => is_member(key.member.as_deref()),
        _ => true,
    }
}

fn is_name(text: &str) -> bool {
    text.len() <= MOST_NAME_BYTES
}

fn is_member(member: Option<&str>) -> bool {
    member.is_none_or(is_name)
}

fn is_small_usage(usage: &Usage) -> bool {
    [&usage.dimension, &usage.product, &usage.agreement].into_iter().all(|text| is_name(text))
}

fn is_small_scope(scope: &Scope) -> bool {
    let names = || scope.dimensions.iter().chain(&scope.products);
    let counts = [scope.metering_points.len(), scope.dimensions.len(), scope.products.len()];
    counts.into_iter().all(|count| count <= MOST_PARTS) && names().all(|name| is_name(name))
}

fn is_small_use(used: &Used) -> bool {
    match used {
        Used::Quantity(..) => true,
        Used::Charged(_, parts) => are_small(parts),
    }
}

fn are_small(parts: &[ChargedPart]) -> bool {
    let is_small = |part: &ChargedPart| is_name(&part.revenue_role) && is_name(part.tax_class.name());
    parts.len() <= MOST_PARTS && parts.iter().all(is_small)
}

fn asked_by(ask: &Ask, facts: &FundsFacts<'_>) -> Checked {
    asked(ask.asked, facts)
}

fn asked(asked: Asked, facts: &FundsFacts<'_>) -> Checked {
    match asked {
        Asked::Quantity(wanted, unit) => {
            quantity(wanted, false)?;
            priced(unit, facts)
        }
        Asked::Amount(wanted, _) => amount(wanted, false),
    }
}

fn used(used: &Used, facts: &FundsFacts<'_>) -> Checked {
    match used {
        Used::Quantity(wanted, unit) => {
            quantity(*wanted, true)?;
            priced(*unit, facts)
        }
        Used::Charged(currency, parts) => charged(*currency, parts, facts).map(drop),
    }
}

fn debit(debit: &Debit, facts: &FundsFacts<'_>) -> Checked {
    used_at(debit.used_at, facts)?;
    used(&debit.used, facts)?;
    // What was metered may be nothing; nobody asks for nothing.
    let may_be_zero = debit.mode == DebitMode::Forced;
    match &debit.used {
        Used::Quantity(wanted, _) => quantity(*wanted, may_be_zero),
        Used::Charged(currency, parts) => amount(charged(*currency, parts, facts)?, may_be_zero),
    }
}

fn quantity(quantity: Quantity, may_be_zero: bool) -> Checked {
    match quantity {
        Quantity::ZERO if may_be_zero => Ok(()),
        quantity if quantity <= Quantity::ZERO => Err(FundsRefused::QuantityNotPositive),
        quantity if quantity > MOST_QUANTITY => Err(FundsRefused::QuantityAbsurd),
        _ => Ok(()),
    }
}

pub(crate) fn most_amount() -> Amount {
    Quantity::from_units(MOST_MAIN_UNITS).and_then(Amount::from_quantity).unwrap_or_default()
}

fn amount(amount: Amount, may_be_zero: bool) -> Checked {
    match amount {
        Amount::ZERO if may_be_zero => Ok(()),
        amount if amount <= Amount::ZERO => Err(FundsRefused::AmountNotPositive),
        amount if amount > most_amount() => Err(FundsRefused::AmountAbsurd),
        _ => Ok(()),
    }
}

fn payment(asset: Asset, paid: Amount) -> Checked {
    amount(paid, false)?;
    if asset.is_payable(paid) { Ok(()) } else { Err(FundsRefused::OtherScale) }
}

/// The sum of charged parts of a usage, none of which is below zero.
fn charged(
    currency: Currency,
    parts: &[ChargedPart],
    facts: &FundsFacts<'_>,
) -> Result<Amount, FundsRefused> {
    if facts.price.as_ref().is_ok_and(|price| price.currency != currency) {
        return Err(FundsRefused::OtherCurrency);
    }
    let mut faults = (0..).zip(parts).filter_map(|(index, part)| Some((index, part.fault(currency)?)));
    let total = within(parts)?;
    if let Some((index, fault)) = faults.next() {
        return Err(FundsRefused::Part { index, fault });
    }
    let is_negative = |part: &ChargedPart| part.net < Amount::ZERO || part.tax < Amount::ZERO;
    if parts.iter().any(is_negative) { Err(FundsRefused::AmountNotPositive) } else { Ok(total) }
}

/// The sum of parts of either sign that stays within what is paid.
fn within(parts: &[ChargedPart]) -> Result<Amount, FundsRefused> {
    let most = most_amount();
    let least = most.checked_neg().unwrap_or_default();
    let is_absurd = |amount: Amount| amount < least || amount > most;
    if parts.iter().any(|part| is_absurd(part.net) || is_absurd(part.tax)) {
        return Err(FundsRefused::AmountAbsurd);
    }
    ChargedPart::total(parts).filter(|total| !is_absurd(*total)).ok_or(FundsRefused::AmountAbsurd)
}

fn priced(unit: Unit, facts: &FundsFacts<'_>) -> Checked {
    Asset::of_unit(unit).ok_or(FundsRefused::NotAnAsset)?;
    // Why there is no price is told where one is needed, behind what is wrong with account and reservation.
    let is_other = facts.price.as_ref().is_ok_and(|price| price.unit != unit);
    if is_other { Err(FundsRefused::OtherUnit) } else { Ok(()) }
}

fn used_at(at: Option<Instant>, facts: &FundsFacts<'_>) -> Checked {
    let now = facts.moment.now;
    let is_known = |at: Instant| at <= now && now.millis_since(at) <= MOST_BACK_MS;
    if at.is_none_or(is_known) { Ok(()) } else { Err(FundsRefused::UsedTime) }
}

fn time_to_live(ttl_ms: i64) -> Checked {
    if (LEAST_TTL_MS..=MOST_TTL_MS).contains(&ttl_ms) { Ok(()) } else { Err(FundsRefused::TimeToLive) }
}
