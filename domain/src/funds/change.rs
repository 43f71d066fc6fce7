//! A decision in the making: what the funds would be, and what was booked so far.

use std::collections::{BTreeMap, BTreeSet};

use super::balance::{Balance, BalanceTerms, Usage};
use super::event::{FundsEvent, OverUse};
use super::limit::{Limit, LimitKey, Side};
use super::record::{OperationKey, Record, Recorded};
use super::refusal::FundsRefused;
use super::reply::FundsReply;
use super::reservation::{Reservation, Resolution};
use super::{Funds, FundsFacts, MOST_BALANCES};
use crate::amount::Amount;
use crate::entity::Decided;
use crate::instant::Instant;
use crate::ledger::{Asset, BalanceNumber, LedgerRole, PostingHead, PostingRefusal, PostingSet};
use crate::money::Currency;
use crate::operation::OperationId;

/// A decision in the making. It is dropped where the command is refused.
pub(super) struct Change<'a> {
    pub(super) funds: &'a Funds,
    pub(super) facts: &'a FundsFacts<'a>,
    balances: BTreeMap<BalanceNumber, Balance>,
    balances_made: u32,
    reservations: BTreeMap<OperationId, Option<Reservation>>,
    limits: BTreeMap<LimitKey, Limit>,
    sides: BTreeMap<(Asset, Amount), Side>,
    events: Vec<FundsEvent>,
}

pub(super) fn add(one: Amount, other: Amount) -> Result<Amount, FundsRefused> {
    one.checked_add(other).ok_or(FundsRefused::OutOfRange)
}

pub(super) fn subtract(one: Amount, other: Amount) -> Result<Amount, FundsRefused> {
    one.checked_sub(other).ok_or(FundsRefused::OutOfRange)
}

impl<'a> Change<'a> {
    pub(super) fn new(funds: &'a Funds, facts: &'a FundsFacts<'a>) -> Self {
        Self {
            funds,
            facts,
            balances: BTreeMap::new(),
            balances_made: funds.balances_made,
            reservations: BTreeMap::new(),
            limits: BTreeMap::new(),
            sides: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    pub(super) fn instant(&self) -> Instant {
        self.facts.moment.now
    }

    /// The decision with this answer.
    pub(super) fn finish(mut self, reply: FundsReply) -> Decided<FundsEvent, FundsReply> {
        let settings = self.settings();
        self.events.extend(settings);
        Decided::with(self.events, reply)
    }

    /// The funds as they would be.
    pub(super) fn state(&self) -> Funds {
        let mut funds = self.funds.clone();
        self.events.iter().chain(&self.settings()).for_each(|event| funds.apply(event));
        funds
    }

    /// What balances, reservations and limits are now.
    fn settings(&self) -> Vec<FundsEvent> {
        let balances = self.balances.iter().map(|(number, balance)| match balance.is_used_up() {
            true => FundsEvent::BalanceGone(*number),
            false => FundsEvent::BalanceSet(*number, balance.clone()),
        });
        let open = self.reservations.values().flatten();
        let reservations = open.map(|one| FundsEvent::ReservationSet(Box::new(one.clone())));
        let limits = self.limits.iter().map(|(key, limit)| FundsEvent::LimitSet(key.clone(), *limit));
        balances.chain(reservations).chain(limits).collect()
    }

    pub(super) fn push(&mut self, event: FundsEvent) {
        self.events.push(event);
    }

    pub(super) fn record(&mut self, key: OperationKey, outcome: Recorded) {
        let record = Box::new(Record { at: self.instant(), outcome });
        self.events.push(FundsEvent::Remembered(key, record));
    }

    /// How a reservation ended, as far as that was read, or happens right now.
    pub(super) fn resolved(&self, key: &OperationKey) -> Option<&Recorded> {
        let now = self.events.iter().rev().find_map(|event| match event {
            FundsEvent::Remembered(held, record) if held == key => Some(record.as_ref()),
            _ => None,
        });
        now.or_else(|| self.funds.record(key, self.facts)).map(|record| &record.outcome)
    }

    pub(super) fn balance(&self, number: BalanceNumber) -> Option<&Balance> {
        self.balances.get(&number).or_else(|| self.funds.balances.get(&number))
    }

    /// Every balance, in the order in which they were made.
    pub(super) fn all_balances(&self) -> impl Iterator<Item = (BalanceNumber, &Balance)> {
        let old = self.funds.balances.iter();
        let old = old.map(|(number, held)| (*number, self.balances.get(number).unwrap_or(held)));
        let new = self.balances.iter().filter(|(number, _)| !self.funds.balances.contains_key(number));
        old.chain(new.map(|(number, balance)| (*number, balance)))
    }

    fn change(
        &mut self,
        number: BalanceNumber,
        change: impl FnOnce(&mut Balance) -> Result<(), FundsRefused>,
    ) -> Result<(), FundsRefused> {
        let held = self.balance(number).cloned();
        let mut balance = held.ok_or(FundsRefused::OutOfRange)?;
        change(&mut balance)?;
        self.balances.insert(number, balance);
        Ok(())
    }

    /// Adds to what a balance has.
    pub(super) fn put(&mut self, number: BalanceNumber, amount: Amount) -> Result<(), FundsRefused> {
        self.change(number, |balance| {
            balance.amount = add(balance.amount, amount)?;
            Ok(())
        })
    }

    /// Adds to what is held of a balance.
    pub(super) fn hold(&mut self, number: BalanceNumber, amount: Amount) -> Result<(), FundsRefused> {
        self.change(number, |balance| {
            balance.reserved = add(balance.reserved, amount)?;
            Ok(())
        })
    }

    /// The main balance of a currency; it is made where there is none.
    pub(super) fn main(&mut self, currency: Currency) -> Result<BalanceNumber, FundsRefused> {
        self.balance_with(Asset::Money(currency), None)
    }

    /// The balance of an asset with these terms; it is made where there is none.
    pub(super) fn balance_with(
        &mut self,
        asset: Asset,
        terms: Option<&BalanceTerms>,
    ) -> Result<BalanceNumber, FundsRefused> {
        let is_it = |balance: &Balance| balance.asset == asset && balance.terms.as_ref() == terms;
        if let Some((number, _)) =
            self.all_balances().find(|(_, balance)| is_it(balance) && !balance.is_used_up())
        {
            return Ok(number);
        }
        let is_full =
            self.all_balances().filter(|(_, balance)| !balance.is_used_up()).count() >= MOST_BALANCES;
        // A forced booking must always find its main balance: those are as many as there are currencies.
        if is_full && terms.is_some() {
            return Err(FundsRefused::TooManyBalances);
        }
        let made = self.balances_made.checked_add(1).ok_or(FundsRefused::TooManyBalances)?;
        self.balances_made = made;
        self.balances.insert(BalanceNumber(made), Balance::new(asset, terms.cloned()));
        Ok(BalanceNumber(made))
    }

    /// How far the main balance of a currency may go below zero.
    pub(super) fn credit(&self, asset: Asset) -> Amount {
        let limit = asset.currency().and_then(|currency| self.funds.credit_limits.get(&currency));
        limit.copied().unwrap_or_default()
    }

    /// What is free in the balances of an asset that may be spent on this, in the order in which they are consumed.
    pub(super) fn sources(
        &self,
        asset: Asset,
        usage: &Usage,
        with_credit: bool,
    ) -> Result<Vec<(BalanceNumber, Amount)>, FundsRefused> {
        let now = self.instant();
        let mut usable: Vec<_> = self
            .all_balances()
            .filter(|(_, balance)| balance.asset == asset && balance.is_usable(usage, now))
            .collect();
        usable.sort_by(|(_, one), (_, other)| one.order(other));
        let mut sources = Vec::with_capacity(usable.len());
        for (number, balance) in usable {
            let mut free = subtract(balance.amount, balance.reserved)?;
            if with_credit && balance.terms.is_none() {
                free = add(free, self.credit(asset))?;
            }
            if free > Amount::ZERO {
                sources.push((number, free));
            }
        }
        Ok(sources)
    }

    pub(super) fn reservation(&self, id: &OperationId) -> Option<&Reservation> {
        match self.reservations.get(id) {
            Some(changed) => changed.as_ref(),
            None => self.funds.reservations.get(id),
        }
    }

    /// Every open reservation.
    pub(super) fn all_reservations(&self) -> impl Iterator<Item = &Reservation> {
        let old = self.funds.reservations.values();
        let old = old.filter(|held| !self.reservations.contains_key(&held.id));
        old.chain(self.reservations.values().flatten())
    }

    pub(super) fn set_reservation(&mut self, reservation: Reservation) {
        self.reservations.insert(reservation.id.clone(), Some(reservation));
    }

    /// Ends a reservation and frees what it holds.
    pub(super) fn end_reservation(
        &mut self,
        reservation: &Reservation,
        resolution: Resolution,
    ) -> Result<(), FundsRefused> {
        for hold in &reservation.holds {
            self.hold(hold.balance, subtract(Amount::ZERO, hold.amount)?)?;
        }
        self.reservations.insert(reservation.id.clone(), None);
        self.events.push(FundsEvent::ReservationGone(reservation.id.clone(), resolution));
        Ok(())
    }

    /// What reservations hold of what a limit binds.
    pub(super) fn reserved_under(&self, key: &LimitKey) -> Result<Amount, FundsRefused> {
        let bound = self.all_reservations().filter(|one| key.binds(one.member.as_deref(), key.asset));
        bound
            .map(|one| one.held(key.asset))
            .try_fold(Amount::ZERO, |sum, held| add(sum, held.ok_or(FundsRefused::OutOfRange)?))
    }

    /// What was spent of a limit in its present window.
    pub(super) fn spent(&self, key: &LimitKey, limit: &Limit) -> Amount {
        limit.spent_since(key.window.start(self.instant(), self.facts.days))
    }

    /// How much a member may still spend of an asset, and the limit that says so; none where no limit does.
    pub(super) fn allowance(
        &self,
        member: Option<&str>,
        asset: Asset,
    ) -> Result<Option<(Amount, LimitKey)>, FundsRefused> {
        let mut least: Option<(Amount, LimitKey)> = None;
        for (key, held) in self.funds.limits.iter().filter(|(key, _)| key.binds(member, asset)) {
            let limit = self.limits.get(key).unwrap_or(held);
            let taken = add(self.spent(key, limit), self.reserved_under(key)?)?;
            let left = subtract(limit.most, taken)?.max(Amount::ZERO);
            if least.as_ref().is_none_or(|(least, _)| left < *least) {
                least = Some((left, key.clone()));
            }
        }
        Ok(least)
    }

    /// Counts what was spent.
    pub(super) fn spend(
        &mut self,
        member: Option<&str>,
        asset: Asset,
        amount: Amount,
    ) -> Result<(), FundsRefused> {
        for (key, held) in self.funds.limits.iter().filter(|(key, _)| key.binds(member, asset)) {
            let limit = *self.limits.get(key).unwrap_or(held);
            let since = key.window.start(self.facts.moment.now, self.facts.days);
            let spent = add(limit.spent_since(since), amount.max(Amount::ZERO))?;
            self.limits.insert(key.clone(), Limit { spent, since, ..limit });
        }
        Ok(())
    }

    /// Books a set. Nothing is booked where nothing moves.
    pub(super) fn book(
        &mut self,
        head: PostingHead,
        postings: impl IntoIterator<Item = (LedgerRole, Amount)>,
    ) -> Result<(), FundsRefused> {
        let set = PostingSet::new(head, postings);
        assert!(!matches!(set, Err(PostingRefusal::Unbalanced(_))), "what is booked sums to zero: {set:?}");
        let set = set.map_err(|_| FundsRefused::OutOfRange)?;
        if !set.postings().is_empty() {
            self.events.push(FundsEvent::Booked(set));
        }
        Ok(())
    }

    /// Raises an event for every threshold of the assets that the funds have crossed.
    pub(super) fn cross(&mut self, assets: &BTreeSet<Asset>) -> Result<(), FundsRefused> {
        for ((asset, level), side) in
            self.funds.thresholds.iter().filter(|((asset, _), _)| assets.contains(asset))
        {
            let funds = self.total(*asset)?;
            let now = Side::of(funds, *level);
            let before = self.sides.insert((*asset, *level), now).unwrap_or(*side);
            if before != now {
                self.events.push(FundsEvent::Crossed { asset: *asset, level: *level, side: now, funds });
            }
        }
        Ok(())
    }

    /// What the account has of an asset, reserved or not.
    pub(super) fn total(&self, asset: Asset) -> Result<Amount, FundsRefused> {
        let mut amounts = self
            .all_balances()
            .filter(|(_, balance)| balance.asset == asset)
            .map(|(_, balance)| balance.amount);
        amounts.try_fold(Amount::ZERO, add)
    }

    /// Raises an over-use where more was taken than was held, or the main balance is beyond its limit.
    pub(super) fn raise_over_use(
        &mut self,
        head: &PostingHead,
        beyond_hold: Option<Amount>,
    ) -> Result<(), FundsRefused> {
        let Some(currency) = head.asset.currency() else { return Ok(()) };
        let main =
            self.all_balances().find(|(_, balance)| balance.asset == head.asset && balance.terms.is_none());
        let free = match main {
            Some((_, main)) => add(subtract(main.amount, main.reserved)?, self.credit(head.asset))?,
            None => Amount::ZERO,
        };
        let beyond_limit = subtract(Amount::ZERO, free.min(Amount::ZERO))?;
        if beyond_hold.is_some() || beyond_limit > Amount::ZERO {
            let (source, beyond_hold) = (head.source.clone(), beyond_hold.unwrap_or_default());
            self.events.push(FundsEvent::OverUsed(OverUse { source, currency, beyond_hold, beyond_limit }));
        }
        Ok(())
    }
}
