//! From what an account knows to its statement of a month.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sha2::{Digest, Sha256};

use super::{
    MonthBook, Partner, PartnerPayment, PartnerStatement, ShareKey, StatementLine, StatementSection,
};
use crate::day::{Day, Month};
use crate::entity::Registered;
use crate::invoice::{Party, Seller, VatEntry};
use crate::leg::LegKind;
use crate::money::{Currency, Money};
use crate::share::{MonthComponent, MonthTotals, ShareAgreement, ShareRule, of_month};
use crate::tax::{TaxClass, TaxTable, VatRate};

/// How many months of service one statement may change: all of them are in the transaction that issues it.
const MOST_MONTHS: usize = 300;
/// How many months before the booking month are looked at for what an agreement gives without sessions, where no statement
/// of them was issued.
const MOST_MONTHS_BACK: usize = 36;
/// The class of what a partner with a VAT id is owed.
const STANDARD: &str = "standard";

/// What a statement is made of.
#[derive(Clone, Copy, Debug)]
pub struct OpenStatement<'a> {
    /// What the account knows.
    pub partner: &'a Partner,
    /// The versions of every agreement it has to do with.
    pub agreements: &'a BTreeMap<String, Vec<Registered<ShareAgreement>>>,
    /// The rates of tax.
    pub taxes: &'a TaxTable,
    /// Its number; empty for a preview.
    pub number: &'a str,
    /// The date of issue.
    pub issued_on: Day,
    /// The last day for payment.
    pub due_on: Day,
    /// The booking month.
    pub month: Month,
    /// The currency.
    pub currency: Currency,
    /// Who states.
    pub issuer: &'a Seller,
    /// Who is owed. One without a VAT id states no tax.
    pub owed: &'a Party,
}

/// A statement that could be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The statement.
    pub statement: PartnerStatement,
    /// The months of service as they are once it is issued: those that change.
    pub books: BTreeMap<(ShareKey, Month), MonthBook>,
    /// A hash over everything but number and dates.
    pub hash: [u8; 32],
}

/// Why a statement can't be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatementFault {
    /// The class of the partner's services has no rate in a month.
    NoTaxRate(Month),
    /// It would change more months of service than are taken at once.
    TooManyMonths,
    /// An amount is beyond its range, or in another currency.
    OutOfRange,
}

impl fmt::Display for StatementFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTaxRate(month) => write!(f, "the class {STANDARD} has no rate of tax in {month}"),
            Self::TooManyMonths => write!(f, "more than {MOST_MONTHS} months of service would change"),
            Self::OutOfRange => write!(f, "an amount is out of range"),
        }
    }
}

impl std::error::Error for StatementFault {}

impl OpenStatement<'_> {
    /// The statement; `None` where there is nothing to state: no line and no payment since the one before.
    ///
    /// # Errors
    /// [`StatementFault`] where a rate is missing, or it gets too large.
    pub fn draft(&self) -> Result<Option<Draft>, StatementFault> {
        let (mut lines, mut books) = (Vec::new(), BTreeMap::new());
        for (key, month) in self.months()? {
            let held = self.partner.months.get(&(key.clone(), month));
            let held = held.cloned().unwrap_or_else(|| MonthBook::new(self.currency));
            let (stated, book) = self.month(&key, month, &held)?;
            lines.extend(stated);
            if book != held {
                books.insert((key, month), book);
            }
        }
        if books.len() > MOST_MONTHS {
            return Err(StatementFault::TooManyMonths);
        }
        lines.sort_by_key(|line| (line.section, line.month));
        let statement = self.statement(lines).ok_or(StatementFault::OutOfRange)?;
        if statement.lines.is_empty() && statement.payments.is_empty() {
            return Ok(None);
        }
        Ok(Some(Draft { hash: hash(&statement), statement, books }))
    }

    /// Every month of service up to the booking month that has legs or was stated, and those in which an agreement gives
    /// something without: what no statement had yet is made up for, whenever the agreement was registered.
    fn months(&self) -> Result<BTreeSet<(ShareKey, Month)>, StatementFault> {
        let known = self.partner.months.keys().filter(|(_, month)| *month <= self.month);
        let mut months: BTreeSet<(ShareKey, Month)> = known.cloned().collect();
        let most = self.partner.months.len().saturating_add(MOST_MONTHS);
        let first = self.first_month();
        for id in &self.partner.agreements {
            let versions = self.agreements.get(id).map(Vec::as_slice).unwrap_or_default();
            let mut month = first;
            while month <= self.month {
                let version = self.version(versions, month);
                let rules = version.map(|version| version.rules.as_slice()).unwrap_or_default();
                let own = rules.iter().filter(|rule| rule.recipient == self.owed.account);
                let due = own.filter(|rule| self.gives_without_sessions(rule));
                months.extend(
                    due.map(|rule| (ShareKey { agreement: id.clone(), kind: rule.kind.clone() }, month)),
                );
                if months.len() > most {
                    return Err(StatementFault::TooManyMonths);
                }
                // The last month of the calendar is followed by itself.
                if month.next() == month {
                    break;
                }
                month = month.next();
            }
        }
        Ok(months)
    }

    /// The version of an agreement that counts for a month: that of the last day on which one holds. One in another currency
    /// than the statement's gives nothing for a month.
    fn version<'a>(
        &self,
        versions: &'a [Registered<ShareAgreement>],
        month: Month,
    ) -> Option<&'a ShareAgreement> {
        let days: Vec<Day> = month.first_day().until(month.next().first_day()).collect();
        let version = days.into_iter().rev().find_map(|day| Registered::<ShareAgreement>::on(versions, day));
        version.filter(|version| version.currency == self.currency)
    }

    fn gives_without_sessions(&self, rule: &ShareRule) -> bool {
        of_month(rule, &MonthTotals::none(self.currency)).is_none_or(|given| !given.is_empty())
    }

    /// The first month that may give something without sessions: so many before the booking month, or the first after the last
    /// statement where that is longer ago, so that a pause loses nothing.
    fn first_month(&self) -> Month {
        let back = |month: Month, _| month.first_day().previous().month();
        let back = (0..MOST_MONTHS_BACK).fold(self.month, back);
        self.partner.last().map_or(back, |last| back.min(last.month.next()))
    }

    /// What a month of service adds, and how it stands then.
    fn month(
        &self,
        key: &ShareKey,
        month: Month,
        held: &MonthBook,
    ) -> Result<(Vec<StatementLine>, MonthBook), StatementFault> {
        let versions = self.agreements.get(&key.agreement).map(Vec::as_slice).unwrap_or_default();
        let version = self.version(versions, month);
        let rule = version.and_then(|version| version.rule(&self.owed.account, &key.kind));
        let due = match rule {
            Some(rule) => of_month(rule, &held.current).ok_or(StatementFault::OutOfRange)?,
            None => Vec::new(),
        };
        let added = added(&held.current, &held.stated).ok_or(StatementFault::OutOfRange)?;
        let mut amounts: Vec<(Option<MonthComponent>, MonthTotals)> = Vec::new();
        if added != MonthTotals::none(self.currency) {
            amounts.push((None, added));
        }
        for component in MonthComponent::ALL {
            let of = |components: &[(MonthComponent, Money)]| {
                let found = components.iter().find(|(one, _)| *one == component);
                found.map_or(Money::zero(self.currency), |(_, amount)| *amount)
            };
            let shares = of(&due).checked_sub(of(&held.components)).ok_or(StatementFault::OutOfRange)?;
            if shares.minor() != 0 {
                let totals = MonthTotals { shares, ..MonthTotals::none(self.currency) };
                amounts.push((Some(component), totals));
            }
        }
        let line = |(component, totals): (Option<MonthComponent>, MonthTotals)| {
            let section = self.section(key, month, component);
            let (tax_class, vat_rate) = self.tax(month)?;
            let MonthTotals { sessions, energy_kwh, shares: net, .. } = totals;
            let (agreement, kind) = (key.agreement.clone(), key.kind.clone());
            Ok(StatementLine {
                section,
                month,
                agreement,
                kind,
                component,
                sessions,
                energy_kwh,
                net,
                tax_class,
                vat_rate,
            })
        };
        let lines: Result<_, StatementFault> = amounts.into_iter().map(line).collect();
        Ok((lines?, MonthBook { current: held.current, stated: held.current, components: due }))
    }

    fn section(&self, key: &ShareKey, month: Month, component: Option<MonthComponent>) -> StatementSection {
        match (component, &key.kind) {
            _ if month < self.month => StatementSection::Correction,
            (Some(_), _) => StatementSection::Monthly,
            (None, LegKind::HomeCharging) => StatementSection::Reimbursement,
            (None, _) => StatementSection::Sessions,
        }
    }

    fn tax(&self, month: Month) -> Result<(TaxClass, VatRate), StatementFault> {
        let class = if self.owed.vat_id.is_empty() { TaxClass::outside() } else { TaxClass::new(STANDARD) };
        let rate = self.taxes.rate(&class, month.next().first_day().previous());
        Ok((class, rate.ok_or(StatementFault::NoTaxRate(month))?))
    }

    fn statement(&self, lines: Vec<StatementLine>) -> Option<PartnerStatement> {
        let zero = Money::zero(self.currency);
        let mut nets: BTreeMap<(TaxClass, VatRate), Money> = BTreeMap::new();
        for line in &lines {
            let net = nets.entry((line.tax_class.clone(), line.vat_rate)).or_insert(zero);
            *net = net.checked_add(line.net)?;
        }
        let entry = |((tax_class, rate), net): ((TaxClass, VatRate), Money)| {
            Some(VatEntry { tax_class, rate, net, vat: rate.of(net)? })
        };
        let vat: Vec<VatEntry> = nets.into_iter().map(entry).collect::<Option<_>>()?;
        let net = vat.iter().try_fold(zero, |sum, entry| sum.checked_add(entry.net))?;
        let vat_total = vat.iter().try_fold(zero, |sum, entry| sum.checked_add(entry.vat))?;
        let total = net.checked_add(vat_total)?;
        let payments = self.partner.payments.values().filter(|payment| payment.stated_in.is_none());
        let payments: Vec<PartnerPayment> = payments.cloned().collect();
        let opening_balance = self.partner.last().map_or(zero, |last| last.closing_balance);
        let paid = payments.iter().try_fold(zero, |sum, payment| sum.checked_add(payment.amount))?;
        let closing_balance = opening_balance.checked_sub(paid)?.checked_add(total)?;
        Some(PartnerStatement {
            number: self.number.to_owned(),
            issued_on: self.issued_on,
            due_on: self.due_on,
            month: self.month,
            previous: self.partner.last().map(|last| last.month),
            currency: self.currency,
            issuer: self.issuer.clone(),
            partner: self.owed.clone(),
            opening_balance,
            payments,
            lines,
            vat,
            net,
            vat_total,
            total,
            closing_balance,
        })
    }
}

/// What came since.
fn added(current: &MonthTotals, stated: &MonthTotals) -> Option<MonthTotals> {
    Some(MonthTotals {
        sessions: current.sessions.checked_sub(stated.sessions)?,
        energy_kwh: current.energy_kwh.checked_sub(stated.energy_kwh)?,
        base: current.base.checked_sub(stated.base)?,
        shares: current.shares.checked_sub(stated.shares)?,
    })
}

/// A hash over partner, month, balance, payments and lines: all but number and dates.
fn hash(statement: &PartnerStatement) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.as_bytes());
        hash.update([0]);
    };
    add(&statement.partner.account);
    add(&statement.month.to_string());
    add(&statement.opening_balance.to_string());
    for payment in &statement.payments {
        add(payment.operation.text());
        add(&payment.amount.to_string());
    }
    for line in &statement.lines {
        add(&line.month.to_string());
        add(&line.agreement);
        add(&line.kind.to_string());
        add(line.component.map_or("sessions", MonthComponent::word));
        add(&line.sessions.to_string());
        add(&line.energy_kwh.to_text(0));
        add(&line.net.to_string());
        add(line.tax_class.name());
        add(&line.vat_rate.to_string());
    }
    add(&statement.closing_balance.to_string());
    hash.finalize().into()
}
