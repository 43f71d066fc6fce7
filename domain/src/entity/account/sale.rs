//! Sales of charging sessions: the account picks the contract, prices the session, books it at once and answers the book of
//! records. What it booked is a row of its own, by the record's key: the same sale asked for again gets the same answer, and
//! one that was taken back is sold anew.

mod book;
mod closing;
mod funds;

use super::{Event, Reply, State};
use crate::amount::Amount;
use crate::cdr::{CdrKey, Reimbursement, Sale, SaleRefused, SaleReversal, SessionSale};
use crate::charging_contract::{
    CardCounted, ChargingContract, ChargingContractEvent, LatePolicy, MonthlySales, PricedSale, SaleReversed,
    Settled, Settles, SoldSession, price_sale,
};
use crate::day::{Day, DayRule, Month};
use crate::entity::catalog::TenantSettings;
use crate::entity::message::{Message, Recipient};
use crate::entity::{Decided, Facts, Moment, Need, Registered};
use crate::fixed::Rounding;
use crate::price_sheet::PriceSheet;
use crate::tax::TaxTable;
use crate::zone::Zone;

pub(super) use closing::{frozen, has_sales, monthly, open_points};
pub(super) use funds::is_reserved;

type AccountDecided = Decided<Event, Reply>;

/// What has to be read before a session is sold: whether it was, and by what it is priced and paid, if it is sold by the contract
/// that covers it by the tenant's days, or by those of Greenwich as long as they are not known.
pub(super) fn needs(state: &State, sale: &SessionSale, facts: &Facts) -> Vec<Need> {
    let mut needs = vec![Need::Tenant, Need::SoldSession(sale.cdr.clone())];
    if standing(sale, facts).is_some() {
        return needs;
    }
    let rule = match &facts.settings {
        Some(settings) => rule(sale, settings),
        None => DayRule::civil(sale.zone.clone().unwrap_or_else(Zone::utc)),
    };
    if let Ok(contract) = state.charging.choose(sale, &state.tokens, &rule) {
        let (sheet, _) = contract.prices_at(&sale.evse, &sale.cdr);
        needs.push(Need::PriceSheet(sheet.to_owned()));
        needs.extend(funds::needs(state, sale, facts));
    }
    needs
}

/// What has to be read before a sale is taken back: what was booked, and then the records of the funds.
pub(super) fn reversal_needs(state: &State, cdr: &CdrKey, facts: &Facts) -> Vec<Need> {
    let mut needs = vec![Need::Tenant, Need::SoldSession(cdr.clone())];
    if let Some(sold) = facts.sold.get(cdr) {
        needs.extend(funds::reversal_needs(state, (cdr, sold.times), facts));
    }
    needs
}

/// Sells a session, or says why not.
pub(super) fn rate(
    state: &State,
    account: &str,
    sale: &SessionSale,
    facts: &Facts,
    moment: &Moment,
) -> AccountDecided {
    let (decided, outcome) = match standing(sale, facts) {
        Some(sold) => (Decided::reply(Reply::Done), Ok(Box::new(sold.sale.clone()))),
        None => match sell(state, sale, facts, moment) {
            Ok((decided, sale)) => (decided, Ok(Box::new(sale))),
            Err(refused) => (Decided::reply(Reply::Done), Err(refused)),
        },
    };
    let (account, cdr) = (account.to_owned(), sale.cdr.clone());
    let book = Recipient::CdrBook(cdr.party());
    decided.telling([(book, Message::SaleRated { account, cdr, outcome })])
}

/// Takes a sale back. What was never sold, or was taken back before, stays so.
pub(super) fn reverse(
    state: &State,
    reversal: &SaleReversal,
    facts: &Facts,
    moment: &Moment,
) -> AccountDecided {
    let sold = facts.sold.get(&reversal.cdr).filter(|sold| sold.reversed.is_none());
    let Some(sold) = sold else { return Decided::reply(Reply::Done) };
    let back = SaleReversed { credit: reversal.credit.clone(), received: reversal.received };
    let reversed = SoldSession { reversed: Some(back), ..sold.clone() };
    let given_back = match sold.source() {
        Some(source) => funds::give_back(state, sold, source, facts, moment),
        None => None,
    };
    let mut decided = match given_back {
        Some(decided) => decided,
        None => Decided::with(book::take_out(state, sold, moment), Reply::Done),
    };
    decided.events.extend(book::card_unused(state, sold));
    decided.events.push(Event::Charging(ChargingContractEvent::Sold(Box::new(reversed))));
    decided
}

/// What the account was sold of the record and was not taken back.
fn standing<'a>(sale: &SessionSale, facts: &'a Facts) -> Option<&'a SoldSession> {
    facts.sold.get(&sale.cdr).filter(|sold| sold.reversed.is_none())
}

/// How often the record is sold to the account, this time included.
fn times(sale: &SessionSale, facts: &Facts) -> u32 {
    facts.sold.get(&sale.cdr).map_or(1, |sold| sold.times.saturating_add(1))
}

fn sell(
    state: &State,
    sale: &SessionSale,
    facts: &Facts,
    moment: &Moment,
) -> Result<(AccountDecided, Sale), SaleRefused> {
    state.details.as_ref().ok_or(SaleRefused::UnknownAccount)?;
    let settings = facts.settings.as_ref().ok_or(SaleRefused::NoSettings)?;
    let rule = rule(sale, settings);
    let contract = state.charging.choose(sale, &state.tokens, &rule)?;
    let service = rule.day_of(sale.session.end);
    if let LatePolicy::RefuseAfter(days) = contract.late
        && is_closed(state, service.month())
    {
        let received = rule.day_of(sale.received);
        if i64::from(service.days_to(received)) > i64::from(days) {
            return Err(SaleRefused::TooLate);
        }
    }
    let (id, member) = contract.prices_at(&sale.evse, &sale.cdr);
    let versions = facts.price_sheets.get(id).ok_or(SaleRefused::UnknownPriceSheet)?;
    let (version, sheet) = in_force(versions, sale, moment).ok_or(SaleRefused::UnknownPriceSheet)?;
    let priced = price_sale(contract, &sale.session, (sheet, member), rule.zone(), settings.currency)?;
    let sheet = (id.to_owned(), version);
    let sold = sold(state, (sale, contract), (sheet, service), &priced, (facts, moment))?;
    let months = MonthlySales { contract, currency: settings.currency };
    settle(state, (sale, contract), sold, months, (facts, moment))
}

/// Books the session as the contract says it is paid. Where the funds can't be told of it, an invoice will be: a session
/// that is over is always billed.
fn settle(
    state: &State,
    (sale, contract): (&SessionSale, &ChargingContract),
    sold: SoldSession,
    months: MonthlySales<'_>,
    (facts, moment): (&Facts, &Moment),
) -> Result<(AccountDecided, Sale), SaleRefused> {
    let charged = match contract.settles {
        Settles::FromFunds => funds::charge(state, &sold, facts, moment),
        Settles::ByInvoice => None,
    };
    let (mut decided, mut sold) = match charged {
        Some((decided, settled)) => (decided, SoldSession { settled, ..sold }),
        None => {
            let mut decided = funds::release(state, sale, facts, moment);
            let events = book::put_in(state, months, &sold, moment).ok_or(SaleRefused::OutOfRange)?;
            decided.events.extend(events);
            (decided, sold)
        }
    };
    let is_limited = !contract.card_limits.are_none();
    if let Some((event, counted)) = is_limited.then(|| book::card_used(state, &sold)).flatten() {
        sold.counted = counted;
        decided.events.push(event);
    }
    let answer = sold.sale.clone();
    decided.events.push(Event::Charging(ChargingContractEvent::Sold(Box::new(sold))));
    Ok((decided, answer))
}

/// Everything that is known of the session before it is known how it is paid.
fn sold(
    state: &State,
    (sale, contract): (&SessionSale, &ChargingContract),
    (sheet, service): ((String, u32), Day),
    priced: &PricedSale,
    (facts, moment): (&Facts, &Moment),
) -> Result<SoldSession, SaleRefused> {
    let taxes = TaxTable::new(Registered::known_at(&facts.taxes, moment.now));
    let class = &contract.tax_class;
    let no_rate = || {
        let class = class.name();
        SaleRefused::CannotPrice(format!("the class of tax `{class}` has no rate on {service}"))
    };
    let tax_rate = taxes.rate(class, service).ok_or_else(no_rate)?;
    let months = MonthlySales { contract, currency: priced.net.currency() };
    let card = state.charging.card(&sale.token);
    let is_late = is_closed(state, service.month());
    let is_apart = is_late && contract.late == LatePolicy::SeparateInvoice;
    Ok(SoldSession {
        cdr: sale.cdr.clone(),
        session_id: sale.session_id.clone(),
        token: sale.token.clone(),
        evse: sale.evse.clone(),
        location: sale.location.clone(),
        start: sale.session.start,
        end: sale.session.end,
        received: sale.received,
        sold_at: moment.now,
        sale: Sale {
            contract: contract.id.clone(),
            sheet,
            net: priced.net,
            energy_kwh: priced.energy_kwh,
            service,
            reimbursement: reimbursement(contract, &card.home_account, sale, priced)?,
        },
        cost_centre: card.cost_centre,
        costs: priced.costs.clone(),
        adjustment: priced.adjustment,
        energy_net: priced.energy_net,
        revenue_role: contract.revenue_role.clone(),
        tax_class: class.clone(),
        tax_rate,
        tax: tax_rate.of(priced.net).ok_or(SaleRefused::OutOfRange)?,
        service: months.service(service, &taxes).ok_or(SaleRefused::OutOfRange)?,
        is_late,
        settled: Settled::OnInvoice { is_apart },
        counted: CardCounted::Nothing,
        times: times(sale, facts),
        reversed: None,
    })
}

/// What is owed for energy from the driver's own connection, rounded half away from zero to the minor unit.
fn reimbursement(
    contract: &ChargingContract,
    home_account: &str,
    sale: &SessionSale,
    priced: &PricedSale,
) -> Result<Option<Reimbursement>, SaleRefused> {
    let Some(home) = contract.home.as_ref().filter(|_| sale.is_home) else { return Ok(None) };
    let account = if home_account.is_empty() { &home.account } else { home_account };
    if account.is_empty() {
        return Ok(None);
    }
    let exact = Amount::of(priced.energy_kwh, home.price);
    let amount = exact.and_then(|exact| exact.to_money(priced.net.currency(), Rounding::HalfAwayFromZero));
    let amount = amount.ok_or(SaleRefused::OutOfRange)?;
    Ok(Some(Reimbursement { account: account.to_owned(), amount }))
}

/// Whether the month was invoiced, or is frozen for its invoice.
fn is_closed(state: &State, month: Month) -> bool {
    let frozen = state.open_run.as_ref().filter(|run| run.frozen.is_some());
    let issued = state.issued.values().map(|issued| issued.month);
    issued.chain(frozen.map(|run| run.closing.month)).any(|closed| closed >= month)
}

/// The version of a sheet by which a session is priced, with its number from 1, of those that are known by now.
fn in_force<'a>(
    versions: &'a [Registered<PriceSheet>],
    sale: &SessionSale,
    moment: &Moment,
) -> Option<(u32, &'a PriceSheet)> {
    let known = versions.partition_point(|version| version.at <= moment.now);
    let (known, _) = versions.split_at_checked(known)?;
    let (number, version) = Registered::at_start(known, sale.session.start)?;
    Some((number, &version.fact))
}

/// Civil days by the clock of the location.
fn rule(sale: &SessionSale, settings: &TenantSettings) -> DayRule {
    DayRule::civil(sale.zone.clone().unwrap_or_else(|| settings.zone.clone()))
}
