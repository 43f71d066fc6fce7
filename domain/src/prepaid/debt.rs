//! An old debt that is paid off beside what is used: by a share of each top-up, or so much a week.

use super::PrepaidEvent;
use super::refusal::PrepaidRefused;
use super::terms::{Recovery, is_within_bounds};
use super::top_up::whole_down;
use super::work::Work;
use crate::amount::Amount;
use crate::day::Day;
use crate::funds::{ChargedPart, DEBT_DIMENSION, Debit, DebitMode, FundsCommand, FundsEvent, Usage, Used};
use crate::instant::Instant;
use crate::ledger::Asset;
use crate::money::Currency;
use crate::tax::{TaxClass, VatRate};

/// The revenue role under which the ledger collects what is paid off, and the dimension of those debits: only the main
/// balance pays it.
pub const DEBT_ROLE: &str = DEBT_DIMENSION;

/// An old debt that is paid off beside what is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Debt {
    /// The sum of all debt that ever was to be paid off.
    pub total: Amount,
    /// What of it was paid off.
    pub recovered: Amount,
    /// When the next weekly part is due: at local midnight; none where there are no weekly parts.
    pub next: Option<Instant>,
    /// The currency of both; none before any was set.
    pub currency: Option<Currency>,
}

/// The days of a week.
const WEEK: i32 = 7;

/// Sets the sum of all debt.
pub(super) fn set(work: &mut Work<'_>, total: Amount) -> Result<(), PrepaidRefused> {
    let currency = work.terms()?.currency;
    if total < Amount::ZERO {
        return Err(PrepaidRefused::AmountNotPositive);
    }
    if !Asset::Money(currency).is_payable(total) {
        return Err(PrepaidRefused::OtherScale);
    }
    if !is_within_bounds(total) {
        return Err(PrepaidRefused::OutOfRange);
    }
    let held = work.prepaid.debt;
    if total < held.recovered {
        return Err(PrepaidRefused::DebtBelowRecovered);
    }
    if total != held.total {
        // A debt that begins is paid off from the next such day on.
        let next = if held.owed() == Amount::ZERO { work.next_recovery() } else { held.next };
        work.push(PrepaidEvent::DebtSet(Debt { total, next, currency: Some(currency), ..held }));
    }
    Ok(())
}

/// Lets every week that is over have its part, as far as the credit reaches.
pub(super) fn settle(work: &mut Work<'_>) -> Result<(), PrepaidRefused> {
    let Some(terms) = work.prepaid.terms.clone() else { return Ok(()) };
    let Some(Recovery::PerWeek { amount, .. }) = terms.recovery else { return Ok(()) };
    while let Some(next) = work.prepaid.debt.due().filter(|next| *next <= work.instant()) {
        let above = work.credit(&terms)?.checked_sub(terms.zero_credit).ok_or(PrepaidRefused::OutOfRange)?;
        let payable = above.min(work.free_on_main(terms.currency)?);
        let taken = amount.min(work.prepaid.debt.owed()).min(whole_down(payable, terms.currency)?);
        work.recover(taken, terms.currency)?;
        let week_after = plus_days(work.facts.funds.days.day_of(next), WEEK)?;
        let next = Some(work.facts.funds.days.start(week_after));
        let debt = Debt { next, ..work.prepaid.debt };
        work.push(PrepaidEvent::DebtSet(debt));
    }
    Ok(())
}

impl Debt {
    /// What is still owed.
    #[must_use]
    pub fn owed(&self) -> Amount {
        self.total.checked_sub(self.recovered).unwrap_or_default().max(Amount::ZERO)
    }

    /// When the next weekly part is due, while something is owed.
    pub(super) fn due(&self) -> Option<Instant> {
        self.next.filter(|_| self.owed() > Amount::ZERO)
    }
}

impl Work<'_> {
    /// Books what pays off debt: from the main balance alone, as an operation whose id says so. It is no use, so that nobody is
    /// told of over-use, however far the main balance is below zero.
    pub(super) fn recover(&mut self, amount: Amount, currency: Currency) -> Result<(), PrepaidRefused> {
        if amount <= Amount::ZERO {
            return Ok(());
        }
        let part = ChargedPart {
            revenue_role: DEBT_ROLE.to_owned(),
            tax_class: TaxClass::outside(),
            rate: VatRate::default(),
            net: amount,
            tax: Amount::ZERO,
        };
        let operation = self.debt_operation()?;
        let told = self.events.len();
        self.funds(FundsCommand::Debit(Debit {
            operation,
            mode: DebitMode::Forced,
            member: None,
            usage: Usage { dimension: DEBT_ROLE.to_owned(), ..Usage::default() },
            used: Used::Charged(currency, vec![part]),
            used_at: None,
        }))?;
        let is_over_use = |event: &PrepaidEvent| match event {
            PrepaidEvent::Funds(event) => matches!(event.as_ref(), FundsEvent::OverUsed(_)),
            _ => false,
        };
        let booked = self.events.split_off(told);
        self.events.extend(booked.into_iter().filter(|event| !is_over_use(event)));
        let held = self.prepaid.debt;
        let recovered = held.recovered.checked_add(amount).ok_or(PrepaidRefused::OutOfRange)?;
        self.push(PrepaidEvent::DebtSet(Debt { recovered, ..held }));
        Ok(())
    }

    /// The first local midnight after now at which a weekly part is due; none where there are no weekly parts.
    pub(super) fn next_recovery(&self) -> Option<Instant> {
        let Some(Recovery::PerWeek { first, .. }) = self.prepaid.terms.as_ref()?.recovery else {
            return None;
        };
        let days = self.facts.funds.days;
        let today = days.day_of(self.instant());
        if today < first {
            return Some(days.start(first));
        }
        let since = first.days_to(today).checked_rem(WEEK)?;
        plus_days(today, WEEK.checked_sub(since)?).ok().map(|day| days.start(day))
    }
}

fn plus_days(day: Day, count: i32) -> Result<Day, PrepaidRefused> {
    let number = day.number().checked_add(count).ok_or(PrepaidRefused::OutOfRange)?;
    Day::from_number(number).ok_or(PrepaidRefused::OutOfRange)
}
