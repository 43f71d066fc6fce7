//! Sessions as positions of the account: what an invoice will settle.

use crate::amount::Amount;
use crate::charging_contract::{
    CardCounted, CardUse, ChargingContract, ChargingContractEvent, EnergyKey, EnergyTally, MonthlySales,
    SoldSession, without,
};
use crate::contract::Share;
use crate::day::Month;
use crate::day_span::DaySpan;
use crate::entity::Moment;
use crate::entity::account::close::difference;
use crate::entity::account::{Event, Line, LineKey, Posted, State};
use crate::identity::MeteringPointId;
use crate::position::{PositionKey, RatedPosition, RatedVersion};
use crate::quantity::Quantity;

/// What a session more changes. `None` beyond the range of a sum.
pub(super) fn put_in(
    state: &State,
    months: MonthlySales<'_>,
    sold: &SoldSession,
    moment: &Moment,
) -> Option<Vec<Event>> {
    let mut booking = Booking::new(state, moment);
    let held = sold.position().and_then(|key| position(state, &key));
    booking.put(months.with(held, sold)?);
    if months.contract.membership.included_kwh.is_some() {
        let key = sold.energy_key();
        let held = state.charging.energy.get(&key).copied().unwrap_or_default();
        booking.energy(months, key, held.with(sold, false)?)?;
    }
    Some(booking.events)
}

/// What a session less changes. Sums that were reached can be left again.
pub(super) fn take_out(state: &State, sold: &SoldSession, moment: &Moment) -> Vec<Event> {
    let mut booking = Booking::new(state, moment);
    let held = sold.position().and_then(|key| position(state, &key));
    if let Some(position) = held.and_then(|held| without(held, sold)) {
        booking.put(position);
    }
    let key = sold.energy_key();
    let contract = state.charging.contracts.get(&sold.sale.contract);
    let tally = state.charging.energy.get(&key).and_then(|tally| tally.with(sold, true));
    if let (Some(contract), Some(tally)) = (contract, tally) {
        let months = MonthlySales { contract, currency: sold.sale.net.currency() };
        let booked = booking.energy(months, key, tally);
        assert!(booked.is_some(), "a credit of fewer kWh is in range");
    }
    booking.events
}

/// What the card of a session spent with it, and what it was counted in; none beyond the range of a sum.
pub(super) fn card_used(state: &State, sold: &SoldSession) -> Option<(Event, CardCounted)> {
    let held = state.charging.card_use.get(&sold.token);
    let (used, counted) = CardUse::with(held, sold.sale.service, sold.gross()?)?;
    Some((card_event(sold, used), counted))
}

/// What the card of a session spent without it; none where it was not counted.
pub(super) fn card_unused(state: &State, sold: &SoldSession) -> Option<Event> {
    let held = state.charging.card_use.get(&sold.token)?;
    let used = held.without(sold.sale.service, sold.gross()?, sold.counted)?;
    (used != *held).then(|| card_event(sold, used))
}

fn card_event(sold: &SoldSession, used: CardUse) -> Event {
    Event::Charging(ChargingContractEvent::CardUsed(sold.token.clone(), used))
}

/// The position of a key, as it stands.
pub(super) fn position<'a>(state: &'a State, key: &PositionKey) -> Option<&'a RatedPosition> {
    let key = LineKey { metering_point: MeteringPointId::CHARGING, position: key.clone() };
    state.lines.get(&key).map(|line| &line.latest.position)
}

/// The energy of a contract in a month, by days of one rate of tax.
pub(super) fn tallies(
    state: &State,
    contract: &ChargingContract,
    month: Month,
) -> Vec<(DaySpan, EnergyTally)> {
    let of_month = |key: &&EnergyKey| key.contract == contract.id && key.service.first().month() == month;
    let energy = state.charging.energy.iter();
    energy.filter(|(key, _)| of_month(key)).map(|(key, tally)| (key.service, *tally)).collect()
}

/// Lines of the account on their way into events.
pub(super) struct Booking<'a> {
    state: &'a State,
    moment: &'a Moment,
    sequence: u64,
    pub(super) events: Vec<Event>,
}

impl<'a> Booking<'a> {
    pub(super) fn new(state: &'a State, moment: &'a Moment) -> Self {
        Self { state, moment, sequence: state.posting_sets, events: Vec::new() }
    }

    /// The line of a position is now this; what that moves is booked. Nothing where it says the same.
    pub(super) fn put(&mut self, position: RatedPosition) {
        let point = MeteringPointId::CHARGING;
        let key = LineKey { metering_point: point, position: position.key.clone() };
        let held = self.state.lines.get(&key);
        if held.is_some_and(|held| held.latest.position.agrees_with(&position)) {
            return;
        }
        let is_nothing = position.amount == Amount::ZERO && position.quantity == Quantity::ZERO;
        if held.is_none() && is_nothing {
            return;
        }
        let version = held.map_or(1, |held| held.latest.version.saturating_add(1));
        let line = Line {
            latest: RatedVersion { version, known_at: self.moment.now, position },
            shares: vec![Share::WHOLE],
            own: 0,
            issued: held.map(|held| held.issued.clone()).unwrap_or_default(),
        };
        if let Some(set) = difference(point, held, &line) {
            self.sequence = self.sequence.saturating_add(1);
            let (sequence, subject) = (self.sequence, self.moment.subject.clone());
            self.events.push(Event::Booked(Posted { sequence, at: self.moment.now, subject, set }));
        }
        self.events.push(Event::LineSet { key, line: Box::new(line) });
    }

    /// The energy of a month is now this, and with it the credit of included kWh. `None` beyond the range.
    fn energy(&mut self, months: MonthlySales<'_>, key: EnergyKey, tally: EnergyTally) -> Option<()> {
        let month = key.service.first().month();
        let mut tallies = tallies(self.state, months.contract, month);
        tallies.retain(|(service, _)| *service != key.service);
        tallies.push((key.service, tally));
        for position in months.included(&tallies)? {
            self.put(position);
        }
        self.events.push(Event::Charging(ChargingContractEvent::EnergySet(key, tally)));
        Some(())
    }
}
