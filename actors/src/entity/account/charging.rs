//! The stored form of charging contracts: contracts, cards, the energy of months and what cards spent are parts of their own;
//! sessions that were sold are rows.

use domain::charging_contract::{ChargingContractEvent, ChargingContracts, EnergyKey};
use domain::day::Day;
use domain::entity::account::{OpenRun, State};
use domain::token::Token;
use prost::Message as _;
use proto::store as stored;

use super::super::binding::Writes;
use super::super::row;

/// How many frozen positions are one part.
const FROZEN_OF_PART: usize = 60;
/// How many parts an invoice's frozen positions have at most.
const MOST_FROZEN_PARTS: u16 = 16;

/// Writes the part or row that an event changes.
pub(super) fn write(event: &ChargingContractEvent, state: &State, writes: &mut Writes) {
    let charging = &state.charging;
    match event {
        ChargingContractEvent::Set(contract) => {
            let set = ChargingContracts {
                contracts: [(contract.id.clone(), contract.as_ref().clone())].into(),
                ..ChargingContracts::default()
            };
            put(&[b"kc", contract.id.as_bytes()].concat(), Some(&set), writes);
        }
        ChargingContractEvent::CardSet(token, card) => {
            let set = card.as_ref().map(|card| ChargingContracts {
                cards: [(token.clone(), card.clone())].into(),
                ..ChargingContracts::default()
            });
            put(&named(b"kt", token), set.as_ref(), writes);
        }
        ChargingContractEvent::Sold(sold) => {
            writes.row(row::sold(&sold.cdr), &proto::roaming::SoldSession::from(sold.as_ref()));
        }
        // As they stand after all events of the decision.
        ChargingContractEvent::EnergySet(key, _) => {
            let tally = charging.energy.get(key).map(|tally| (key.clone(), *tally));
            let set =
                ChargingContracts { energy: tally.into_iter().collect(), ..ChargingContracts::default() };
            put(&energy_part(key), Some(&set), writes);
        }
        ChargingContractEvent::CardUsed(token, _) => {
            let used = charging.card_use.get(token).map(|used| (token.clone(), *used));
            let set =
                ChargingContracts { card_use: used.into_iter().collect(), ..ChargingContracts::default() };
            put(&named(b"ku", token), Some(&set), writes);
        }
    }
}

/// Named by contract and days: the days of a rate of tax that comes in the middle of a month begin with the month as well.
fn energy_part(key: &EnergyKey) -> Vec<u8> {
    let day = |day: Day| day.number().to_be_bytes();
    let (first, end) = (day(key.service.first()), day(key.service.end()));
    [b"ke", first.as_slice(), end.as_slice(), key.contract.as_bytes()].concat()
}

/// Writes the positions that are frozen for an open run, so many a part. The parts say nothing else of the run.
pub(super) fn put_frozen(run: &OpenRun, writes: &mut Writes) {
    for (number, sales) in (0_u16..).zip(run.sales.chunks(FROZEN_OF_PART)) {
        let sales = sales.iter().map(Into::into).collect();
        let run = stored::OpenRun { sales, ..stored::OpenRun::default() };
        let part = stored::AccountState { open_run: Some(run), ..stored::AccountState::default() };
        writes.part(&frozen_part(number), Some(&part));
    }
}

/// Forgets what was frozen. An account without charging contracts never had anything.
pub(super) fn drop_frozen(state: &State, writes: &mut Writes) {
    if state.charging.contracts.is_empty() {
        return;
    }
    for number in 0..MOST_FROZEN_PARTS {
        writes.part(&frozen_part(number), None::<&stored::AccountState>);
    }
}

fn frozen_part(number: u16) -> Vec<u8> {
    [b"kf".as_slice(), &number.to_be_bytes()].concat()
}

/// Named by a token, in its stored form: the same token gives the same bytes.
fn named(prefix: &[u8], token: &Token) -> Vec<u8> {
    [prefix, stored::Token::from(token).encode_to_vec().as_slice()].concat()
}

fn put(name: &[u8], charging: Option<&ChargingContracts>, writes: &mut Writes) {
    let part = charging.map(|charging| stored::AccountState {
        charging: Some(charging.into()),
        ..stored::AccountState::default()
    });
    writes.part(name, part.as_ref());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;
    use domain::charging_contract::EnergyTally;
    use domain::day_span::DaySpan;
    use domain::quantity::Quantity;
    use proto::store::AccountState;

    use super::*;
    use crate::shell::PartKey;

    /// A rate of tax that changes in the middle of a month after sessions were sold: there are tallies of the whole month
    /// and of both halves.
    #[test]
    fn the_energy_of_all_days_is_read_as_it_was_written() {
        let span = |first: (i16, i8, i8), end: (i16, i8, i8)| {
            let day = |(year, month, day)| Day::new(year, month, day).unwrap();
            DaySpan::new(day(first), day(end)).unwrap()
        };
        let (first, middle, end) = ((2026, 10, 1), (2026, 10, 15), (2026, 11, 1));
        let spans = [span(first, end), span(first, middle), span(middle, end)];
        let key = |service: &DaySpan| EnergyKey { contract: "c".to_owned(), service: *service };
        let tally =
            |kwh: i64| EnergyTally { energy_kwh: Quantity::from_micros(kwh), ..EnergyTally::default() };
        let mut state = State::default();
        let mut writes = Writes::new(Vec::new().into(), 1);
        for (kwh, service) in (1..).zip(&spans) {
            state.charging.energy.insert(key(service), tally(kwh));
            write(&ChargingContractEvent::EnergySet(key(service), tally(kwh)), &state, &mut writes);
        }
        let mut stored = AccountState::default();
        let parts: BTreeMap<PartKey, Option<Bytes>> = writes.parts.into_iter().collect();
        for value in parts.into_values().flatten() {
            stored.merge(value).unwrap();
        }
        assert_eq!(State::try_from(stored).unwrap().charging.energy, state.charging.energy);
    }
}
