//! A decision in the making: what prepaid supply and the funds would be, and what happened so far.

use super::refusal::PrepaidRefused;
use super::terms::PrepaidTerms;
use super::{Prepaid, PrepaidEvent, PrepaidFacts};
use crate::agreement::ENERGY;
use crate::amount::Amount;
use crate::day::Day;
use crate::funds::{
    Balance, Funds, FundsCommand, FundsEvent, FundsFacts, FundsRefused, FundsReply, OperationKey, Usage,
};
use crate::identity::MeteringPointId;
use crate::instant::Instant;
use crate::ledger::Asset;
use crate::money::Currency;
use crate::operation::OperationId;

/// What every operation id begins with that prepaid supply makes.
const PREFIX: &str = "prepaid:";
/// What those begin with that pay off debt: a statement tells them from energy.
const DEBT_PREFIX: &str = "prepaid:debt:";

/// A decision in the making. It is dropped where the command is refused.
pub(super) struct Work<'a> {
    /// The state as it would be, without the rows.
    pub(super) prepaid: Prepaid,
    pub(super) facts: &'a PrepaidFacts<'a>,
    funds: Funds,
    /// The first day of supply in advance at points that join, where that is not today.
    pub(super) first: Option<Day>,
    pub(super) events: Vec<PrepaidEvent>,
}

/// Whether the command has an id that only prepaid supply makes.
#[must_use]
pub fn is_reserved(command: &FundsCommand) -> bool {
    command
        .key()
        .is_some_and(|key| !matches!(key, OperationKey::Received(..)) && key.id().text().starts_with(PREFIX))
}

impl<'a> Work<'a> {
    pub(super) fn new(prepaid: &Prepaid, funds: &Funds, facts: &'a PrepaidFacts<'a>) -> Self {
        Self { prepaid: prepaid.standing(), facts, funds: funds.clone(), first: None, events: Vec::new() }
    }

    pub(super) fn instant(&self) -> Instant {
        self.facts.funds.moment.now
    }

    /// The tenant's civil day.
    pub(super) fn today(&self) -> Day {
        self.facts.funds.days.day_of(self.instant())
    }

    pub(super) fn account(&self) -> &'a str {
        self.facts.funds.account
    }

    pub(super) fn terms(&self) -> Result<&PrepaidTerms, PrepaidRefused> {
        self.prepaid.terms.as_ref().ok_or(PrepaidRefused::NotPrepaid)
    }

    pub(super) fn push(&mut self, event: PrepaidEvent) {
        self.prepaid.apply(&event);
        self.events.push(event);
    }

    /// Lets the funds decide a command that prepaid supply makes: no price is needed for it.
    pub(super) fn funds(&mut self, command: FundsCommand) -> Result<FundsReply, PrepaidRefused> {
        let facts = FundsFacts {
            account: self.facts.funds.account,
            price: Err(FundsRefused::NoPrice),
            usage: None,
            barred: None,
            allows_overuse: false,
            days: self.facts.funds.days,
            records: self.facts.funds.records,
            suspended: None,
            moment: self.facts.funds.moment,
        };
        let decided = self.funds.decide(&command, &facts)?;
        self.take(decided.events);
        match decided.reply {
            FundsReply::Refused(refused) if is_reserved(&command) => Err(refused.into()),
            reply => Ok(reply),
        }
    }

    /// Lets the funds decide a command of a client, with the facts that were read for it.
    pub(super) fn client_funds(&mut self, command: &FundsCommand) -> Result<FundsReply, PrepaidRefused> {
        let decided = self.funds.decide(command, &self.facts.funds)?;
        self.take(decided.events);
        Ok(decided.reply)
    }

    fn take(&mut self, events: Vec<FundsEvent>) {
        events.iter().for_each(|event| self.funds.apply(event));
        self.events.extend(events.into_iter().map(|event| PrepaidEvent::Funds(Box::new(event))));
    }

    /// The id of the next debit or correction: `prepaid:9`.
    pub(super) fn operation(&mut self) -> Result<OperationId, PrepaidRefused> {
        self.numbered(PREFIX)
    }

    /// The id of the next debit that pays off debt, counted with the others: `prepaid:debt:9`.
    pub(super) fn debt_operation(&mut self) -> Result<OperationId, PrepaidRefused> {
        self.numbered(DEBT_PREFIX)
    }

    fn numbered(&mut self, prefix: &str) -> Result<OperationId, PrepaidRefused> {
        let number = self.prepaid.operations.checked_add(1).ok_or(PrepaidRefused::OutOfRange)?;
        let operation = OperationId::new(&format!("{prefix}{number}")).ok_or(PrepaidRefused::OutOfRange)?;
        self.push(PrepaidEvent::Numbered(number));
        Ok(operation)
    }

    /// The credit: what the account has of the money of the currency that may be spent on supply now, reserved or not. A
    /// session that holds money does not put out the light at home.
    pub(super) fn credit(&self, terms: &PrepaidTerms) -> Result<Amount, PrepaidRefused> {
        credit(&self.funds, terms, self.instant()).ok_or(PrepaidRefused::OutOfRange)
    }
}

impl Work<'_> {
    /// What of the main balance nothing holds: what pays off debt.
    pub(super) fn free_on_main(&self, currency: Currency) -> Result<Amount, PrepaidRefused> {
        let money = Asset::Money(currency);
        let main = self.funds.balances.values().find(|one| one.asset == money && one.terms.is_none());
        let free = main.map_or(Some(Amount::ZERO), |main| main.amount.checked_sub(main.reserved));
        free.ok_or(PrepaidRefused::OutOfRange)
    }
}

fn credit(funds: &Funds, terms: &PrepaidTerms, now: Instant) -> Option<Amount> {
    let usages: Vec<Usage> = terms.points.iter().map(|point| supply_at(*point)).collect();
    let money = Asset::Money(terms.currency);
    let pays = |balance: &&Balance| {
        balance.asset == money && usages.iter().any(|usage| balance.is_usable(usage, now))
    };
    let mut amounts = funds.balances.values().filter(pays).map(|balance| balance.amount);
    amounts.try_fold(Amount::ZERO, Amount::checked_add)
}

/// What is used at a metering point, as scopes of balances judge it.
pub(super) fn supply_at(point: MeteringPointId) -> Usage {
    Usage { metering_point: Some(point), dimension: ENERGY.to_owned(), ..Usage::default() }
}
