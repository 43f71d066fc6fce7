//! How much may run: from units first, then from money, within funds, credit and spending limits.

use super::change::{Change, add, subtract};
use super::command::{Ask, Extend, Reserve};
use super::due;
use super::limit::LimitKey;
use super::record::{OperationKey, Recorded};
use super::refusal::FundsRefused;
use super::reply::{FundsReply, Grant, Shortage};
use super::reservation::{Asked, Part, Reservation};
use super::take::{draw, merged, sum};
use super::{MOST_RESERVATIONS, MemberStanding, Standing};
use crate::amount::Amount;
use crate::instant::Instant;
use crate::ledger::{Asset, BalanceNumber};
use crate::model::pricing::{Pricing as _, most_quantity};
use crate::operation::OperationId;
use crate::quantity::Quantity;

/// What money holds already for the quantity that it pays.
#[derive(Clone, Copy, Default)]
pub(super) struct Held {
    pub(super) quantity: Quantity,
    pub(super) amount: Amount,
}

/// How far a grant may go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    FundsAndCredit,
    Funds,
}

pub(super) fn authorize(change: &mut Change<'_>, ask: &Ask) -> Result<FundsReply, FundsRefused> {
    may_spend(change, ask.member.as_deref())?;
    grant(change, ask, Held::default(), Reach::FundsAndCredit).map(FundsReply::Granted)
}

pub(super) fn reserve(change: &mut Change<'_>, reserve: &Reserve) -> Result<FundsReply, FundsRefused> {
    may_spend(change, reserve.ask.member.as_deref())?;
    if change.all_reservations().count() >= MOST_RESERVATIONS {
        return Err(FundsRefused::TooManyReservations);
    }
    let grant = grant(change, &reserve.ask, Held::default(), Reach::FundsAndCredit)?;
    for part in &grant.parts {
        change.hold(part.balance, part.amount)?;
    }
    let expires = lives_until(change.instant(), reserve.ttl_ms)?;
    change.set_reservation(Reservation {
        id: reserve.reservation.clone(),
        member: reserve.ask.member.clone(),
        usage: reserve.ask.usage.clone(),
        granted: grant.granted,
        money_quantity: grant.money_quantity,
        holds: grant.parts.clone(),
        expires,
    });
    Ok(FundsReply::Granted(Grant { expires: Some(expires), ..grant }))
}

pub(super) fn extend(change: &mut Change<'_>, extend: &Extend) -> Result<FundsReply, FundsRefused> {
    let Some(mut reservation) = due::open(change, &extend.reservation)? else {
        return Err(why_not_open(change, &extend.reservation));
    };
    may_spend(change, reservation.member.as_deref())?;
    let (held, granted) = (money_held(change, &reservation)?, reservation.granted);
    let ask =
        Ask { member: reservation.member.clone(), usage: reservation.usage.clone(), asked: extend.more };
    let grant = grant(change, &ask, held, Reach::FundsAndCredit)?;
    reservation.granted = sum_of(granted, grant.granted)?;
    let money_quantity = reservation.money_quantity.checked_add(grant.money_quantity);
    reservation.money_quantity = money_quantity.ok_or(FundsRefused::OutOfRange)?;
    for part in &grant.parts {
        change.hold(part.balance, part.amount)?;
    }
    // As many as there are balances, however often it is extended.
    reservation.holds = merged(reservation.holds.into_iter().chain(grant.parts.iter().copied()))?;
    if extend.ttl_ms > 0 {
        reservation.expires = reservation.expires.max(lives_until(change.instant(), extend.ttl_ms)?);
    }
    let expires = Some(reservation.expires);
    change.set_reservation(reservation);
    Ok(FundsReply::Granted(Grant { expires, ..grant }))
}

/// Whether the account, the member of its group, and whoever asks may spend at all.
pub(super) fn may_spend(change: &Change<'_>, member: Option<&str>) -> Result<(), FundsRefused> {
    if let Some(why) = &change.facts.barred {
        return Err(why.clone());
    }
    match change.funds.standing {
        Standing::Active => {}
        Standing::Blocked => return Err(FundsRefused::Blocked),
        Standing::Suspended => return Err(FundsRefused::Suspended),
    }
    match member.map(|member| change.funds.members.get(member)) {
        None | Some(Some(MemberStanding::Active)) => Ok(()),
        Some(Some(MemberStanding::Blocked)) => Err(FundsRefused::MemberBlocked),
        Some(None) => Err(FundsRefused::UnknownMember),
    }
}

/// Why there is no such open reservation.
pub(super) fn why_not_open(change: &Change<'_>, id: &OperationId) -> FundsRefused {
    let key = OperationKey::Resolve(id.clone());
    match change.resolved(&key) {
        None => FundsRefused::UnknownReservation,
        Some(Recorded::Expired(_)) => FundsRefused::ReservationExpired,
        Some(Recorded::Answered(_, reply)) => match **reply {
            FundsReply::Released(_) => FundsRefused::ReservationReleased,
            _ => FundsRefused::ReservationCommitted,
        },
    }
}

/// How much of what is asked for can be granted; refused where that is nothing.
pub(super) fn grant(change: &Change<'_>, ask: &Ask, held: Held, reach: Reach) -> Result<Grant, FundsRefused> {
    let grant = match ask.asked {
        Asked::Amount(amount, currency) => {
            let budget = Budget::of(change, ask, Asset::Money(currency), reach)?;
            let granted = amount.min(budget.left);
            let (parts, _) = draw(Asset::Money(currency), &budget.sources, granted)?;
            Grant {
                granted: Asked::Amount(granted, currency),
                money_quantity: Quantity::ZERO,
                parts,
                expires: None,
                shortage: (granted < amount).then(|| budget.shortage()),
            }
        }
        Asked::Quantity(..) => quantity_grant(change, ask, held, reach)?,
    };
    match (grant.granted, grant.shortage) {
        (Asked::Amount(Amount::ZERO, _) | Asked::Quantity(Quantity::ZERO, _), Some(shortage)) => {
            Err(match shortage {
                Shortage::Funds => FundsRefused::OutOfCredit,
                Shortage::Limit(key) => FundsRefused::LimitReached(key),
            })
        }
        (_, shortage) => Ok(Grant { shortage, ..grant }),
    }
}

fn quantity_grant(change: &Change<'_>, ask: &Ask, held: Held, reach: Reach) -> Result<Grant, FundsRefused> {
    let Asked::Quantity(wanted, unit) = ask.asked else { return Err(FundsRefused::NoPrice) };
    let price = change.facts.price.clone()?;
    let (asset, money) =
        (Asset::of_unit(unit).ok_or(FundsRefused::NotAnAsset)?, Asset::Money(price.currency));
    let units = Budget::of(change, ask, asset, reach)?;
    let covered = units.left.to_quantity().ok_or(FundsRefused::OutOfRange)?.min(wanted);
    let budget = Budget::of(change, ask, money, reach)?;
    let funds = add(budget.left, held.amount)?;

    let out_of_range = FundsRefused::OutOfRange;
    let rest = wanted.checked_sub(covered).ok_or(out_of_range.clone())?;
    let most = held.quantity.checked_add(rest).ok_or(out_of_range.clone())?;
    // What is due before anything runs must be there, however much the units cover.
    let start = price.amount(Quantity::ZERO).ok_or(FundsRefused::NoPrice)?;
    let (covered, paid) = match start <= funds {
        true if most == Quantity::ZERO => (covered, Quantity::ZERO),
        true => (covered, most_quantity(price, funds, price.step, most).max(held.quantity)),
        false => (Quantity::ZERO, held.quantity),
    };
    let money_quantity = paid.checked_sub(held.quantity).ok_or(out_of_range.clone())?;
    let granted = covered.checked_add(money_quantity).ok_or(out_of_range.clone())?;
    let (mut parts, _) =
        draw(asset, &units.sources, Amount::from_quantity(covered).ok_or(out_of_range.clone())?)?;
    if granted > Quantity::ZERO {
        let amount = price.amount(paid).ok_or(FundsRefused::NoPrice)?;
        // A price that fell since frees nothing before the end.
        let more = subtract(amount, held.amount)?.max(Amount::ZERO).min(budget.left);
        parts.extend(draw(money, &budget.sources, more)?.0);
    }
    let shortage = (granted < wanted).then(|| budget.shortage());
    Ok(Grant { granted: Asked::Quantity(granted, unit), money_quantity, parts, expires: None, shortage })
}

/// What can be spent of an asset.
struct Budget {
    sources: Vec<(BalanceNumber, Amount)>,
    left: Amount,
    limit: Option<LimitKey>,
}

impl Budget {
    fn of(change: &Change<'_>, ask: &Ask, asset: Asset, reach: Reach) -> Result<Self, FundsRefused> {
        let sources = change.sources(asset, &ask.usage, reach == Reach::FundsAndCredit)?;
        let free = sum(&sources)?;
        Ok(match change.allowance(ask.member.as_deref(), asset)? {
            Some((left, key)) if left < free => Self { sources, left, limit: Some(key) },
            _ => Self { sources, left: free, limit: None },
        })
    }

    fn shortage(&self) -> Shortage {
        self.limit.clone().map_or(Shortage::Funds, Shortage::Limit)
    }
}

/// What money holds for a reservation.
fn money_held(change: &Change<'_>, reservation: &Reservation) -> Result<Held, FundsRefused> {
    let Ok(price) = &change.facts.price else { return Ok(Held::default()) };
    let amount = reservation.held(Asset::Money(price.currency)).ok_or(FundsRefused::OutOfRange)?;
    Ok(Held { quantity: reservation.money_quantity, amount })
}

fn sum_of(one: Asked, other: Asked) -> Result<Asked, FundsRefused> {
    match (one, other) {
        (Asked::Amount(one, currency), Asked::Amount(other, same)) if currency == same => {
            Ok(Asked::Amount(add(one, other)?, currency))
        }
        (Asked::Quantity(one, unit), Asked::Quantity(other, same)) if unit == same => {
            Ok(Asked::Quantity(one.checked_add(other).ok_or(FundsRefused::OutOfRange)?, unit))
        }
        (Asked::Amount(..), Asked::Amount(..)) => Err(FundsRefused::OtherCurrency),
        _ => Err(FundsRefused::OtherUnit),
    }
}

fn lives_until(now: Instant, ttl_ms: i64) -> Result<Instant, FundsRefused> {
    now.plus_millis(ttl_ms).ok_or(FundsRefused::TimeToLive)
}

/// The parts of an asset.
pub(super) fn of_asset(parts: &[Part], asset: Asset) -> Vec<(BalanceNumber, Amount)> {
    parts.iter().filter(|part| part.asset == asset).map(|part| (part.balance, part.amount)).collect()
}
