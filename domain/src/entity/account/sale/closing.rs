//! Sales when a month is closed: fees and credits of months, and what is frozen for the invoice.

use std::collections::{BTreeMap, BTreeSet};

use super::book::{Booking, tallies};
use crate::address::Address;
use crate::amount::Amount;
use crate::charging_contract::{ChargingContract, MonthlySales, SaleComponent, Settles};
use crate::contract::Share;
use crate::day::Month;
use crate::entity::account::{Event, Line, LineKey, OpenRun, State};
use crate::entity::message::Closing;
use crate::entity::{Facts, Moment, Registered};
use crate::identity::MeteringPointId;
use crate::invoice::{Issued, OpenLine, OpenPoint};
use crate::position::{PositionKey, RatedVersion};
use crate::quantity::Quantity;
use crate::tax::TaxTable;

/// How many months back fees are still booked and corrected, the closed one included.
const MOST_MONTHS: usize = 36;
/// How many events one closing may make of fees and credits. What there is no room for follows with the next run.
const MOST_EVENTS: usize = 300;

/// Whether a run has anything to do with sessions at the account.
pub(in super::super) fn has_sales(state: &State, closing: &Closing) -> bool {
    let end = closing.month.next().first_day();
    let has_fee = |contract: &ChargingContract| {
        contract.membership.fee_per_month.is_some() && contract.span.first() < end
    };
    state.charging.all().any(has_fee) || lines(state).any(|(_, line)| !is_settled(line))
}

/// Fees of the months up to the closed one, and the credits of included kWh in them, as they are now.
///
/// # Errors
/// Why that can't be said: a class of tax without a rate.
pub(in super::super) fn monthly(
    state: &State,
    closing: &Closing,
    facts: &Facts,
    moment: &Moment,
) -> Result<Vec<Event>, String> {
    let Some(settings) = &facts.settings else { return Ok(Vec::new()) };
    let taxes = TaxTable::new(Registered::known_at(&facts.taxes, moment.now));
    let mut booking = Booking::new(state, moment);
    let by_invoice = state.charging.all().filter(|contract| contract.settles == Settles::ByInvoice);
    for contract in by_invoice {
        let months = MonthlySales { contract, currency: settings.currency };
        for month in months_of(contract, closing.month) {
            if booking.events.len() >= MOST_EVENTS {
                return Ok(booking.events);
            }
            let no_rate = || format!("`{}` has no rate in {month}", contract.tax_class.name());
            let fees = months.subscription(month, &taxes).ok_or_else(no_rate)?;
            let due: BTreeSet<PositionKey> = fees.iter().map(|fee| fee.key.clone()).collect();
            for (key, line) in lines(state) {
                if is_fee(key, contract, month) && !due.contains(&key.position) {
                    booking.put(line.latest.position.reversed());
                }
            }
            let credits = months.included(&tallies(state, contract, month)).unwrap_or_default();
            fees.into_iter().chain(credits).for_each(|position| booking.put(position));
        }
    }
    Ok(booking.events)
}

/// What of the sales the run's invoice settles: every position of the months up to its own in which something is open.
/// Late sessions on an invoice apart wait for a run of a month of which the account has an invoice.
pub(in super::super) fn frozen(state: &State, closing: &Closing) -> Vec<RatedVersion> {
    let is_of_closed = state.issued.values().any(|issued| issued.month >= closing.month);
    let is_due = |key: &LineKey| {
        let is_apart = SaleComponent::is_apart(&key.position.component);
        key.position.month <= closing.month && (is_of_closed || !is_apart)
    };
    let month = |key: &LineKey| (key.position.contract.clone(), key.position.month);
    let mut witnesses = BTreeSet::new();
    let due: Vec<(&LineKey, &Line)> = lines(state).filter(|(key, _)| is_due(key)).collect();
    let open: BTreeSet<_> =
        due.iter().filter(|(_, line)| !is_settled(line)).map(|(key, _)| month(key)).collect();
    // A month of which something was issued is corrected: one settled position tells that, and the others need not be there.
    let mut counts = |key: &LineKey, line: &Line| {
        let is_open = !is_settled(line);
        is_open || (open.contains(&month(key)) && !line.issued.is_empty() && witnesses.insert(month(key)))
    };
    due.into_iter().filter(|(key, line)| counts(key, line)).map(|(_, line)| line.latest.clone()).collect()
}

/// What is frozen, by contract, as the invoice takes it.
pub(in super::super) fn open_points(state: &State, run: &OpenRun) -> Vec<OpenPoint> {
    let mut by_contract: BTreeMap<&str, Vec<OpenLine>> = BTreeMap::new();
    for rated in &run.sales {
        let position = rated.position.key.clone();
        let key = LineKey { metering_point: MeteringPointId::CHARGING, position };
        let issued = state.lines.get(&key).map(|line| line.issued.clone()).unwrap_or_default();
        let line = OpenLine { latest: rated.clone(), shares: vec![Share::WHOLE], own: 0, issued };
        by_contract.entry(&rated.position.key.contract).or_default().push(line);
    }
    let point = |(contract, lines): (&str, Vec<OpenLine>)| OpenPoint {
        metering_point: MeteringPointId::CHARGING,
        address: Address::default(),
        user: None,
        contract: contract.to_owned(),
        product: state.charging.contracts.get(contract).map(|held| held.name.clone()).unwrap_or_default(),
        lines,
        usage: Vec::new(),
    };
    by_contract.into_iter().map(point).collect()
}

/// The lines of sales.
fn lines(state: &State) -> impl Iterator<Item = (&LineKey, &Line)> {
    // Of all points that of charging has the lowest number.
    state.lines.iter().take_while(|(key, _)| key.metering_point == MeteringPointId::CHARGING)
}

/// Whether an invoice has nothing to say of the line.
fn is_settled(line: &Line) -> bool {
    let position = &line.latest.position;
    let is_nothing = position.amount == Amount::ZERO && position.quantity == Quantity::ZERO;
    match line.issued.as_slice() {
        [] => is_nothing,
        issued => {
            let of_rate =
                |one: &&Issued| one.vat_rate == position.vat_rate && one.tax_class == position.tax_class;
            let now = issued.iter().find(of_rate).map(|one| one.cleared).unwrap_or_default();
            let rest = issued.iter().filter(|one| !of_rate(one));
            now == position.amount && rest.into_iter().all(|one| one.cleared == Amount::ZERO)
        }
    }
}

fn is_fee(key: &LineKey, contract: &ChargingContract, month: Month) -> bool {
    let position = &key.position;
    position.contract == contract.id
        && position.month == month
        && position.component == SaleComponent::Subscription.id()
}

/// The months of a contract up to the closed one, the latest of them.
fn months_of(contract: &ChargingContract, closed: Month) -> Vec<Month> {
    let back = std::iter::successors(Some(closed), |month| Some(month.first_day().previous().month()));
    let first = contract.span.first().month();
    let mut months: Vec<Month> = back.take(MOST_MONTHS).take_while(|month| *month >= first).collect();
    months.reverse();
    months
}
