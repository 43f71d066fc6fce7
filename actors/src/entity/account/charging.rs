//! The stored form of charging contracts: contracts, cards, the energy of months and what cards spent are parts of their own;
//! sessions that were sold are rows.

use domain::charging_contract::{ChargingContractEvent, ChargingContracts};
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
            let first = key.service.first().number().to_be_bytes();
            put(&[b"ke", first.as_slice(), key.contract.as_bytes()].concat(), Some(&set), writes);
        }
        ChargingContractEvent::CardUsed(token, _) => {
            let used = charging.card_use.get(token).map(|used| (token.clone(), *used));
            let set =
                ChargingContracts { card_use: used.into_iter().collect(), ..ChargingContracts::default() };
            put(&named(b"ku", token), Some(&set), writes);
        }
    }
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
