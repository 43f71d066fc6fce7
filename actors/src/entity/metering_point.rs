//! The stored form of a metering point: one part, and one per token, order of an account and
//! total that was told; days and rated positions are rows.

use domain::entity::metering_point::{Command, Event, MeteringPoint, Rejection, Reply, State};
use domain::entity::tokens::TokenEvent;
use domain::entity::{Facts, Message, Moment};
use domain::prepaid::{PointSupply, RatedKey};
use prost::Message as _;
use proto::store as stored;

use super::binding::{Binding, Writes};
use super::listing::{self, Listing};
use super::{etag, row, tokens};

impl Binding for MeteringPoint {
    type StoredCommand = stored::MeteringPointCommand;
    type StoredState = stored::MeteringPointState;

    fn message(message: Message) -> Command {
        Command::Message(message)
    }

    fn go_on() -> Option<Command> {
        Some(Command::Continue)
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::MeteringPointReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        stored::Rejection::from(rejection).encode_to_vec()
    }

    /// The etag of the contract that would be ended.
    fn etag(state: &State, command: &Command, _: &Facts) -> Option<String> {
        let Command::EndContract { id, .. } = command else { return None };
        state.contracts.get(id).map(|contract| etag(&proto::metering::Contract::from(contract)))
    }

    fn write(event: &Event, state: &State, _: &Moment, writes: &mut Writes) {
        match event {
            Event::Registered(details) => {
                put_root(state, writes);
                writes.list(Listing::MeteringPoints, listing::by_point(details.id), Vec::new());
            }
            Event::ContractSet(_) | Event::LinksSet(_) | Event::MonthRated(_) => {
                put_root(state, writes);
            }
            Event::Tokens(event) => put_token(event, state, writes),
            Event::SupplyOrdered(order) => {
                let advance = state.supply.advance.get(&order.account).map(|spans| stored::AdvanceDays {
                    account_id: order.account.clone(),
                    spans: spans.iter().map(Into::into).collect(),
                });
                let (orders, advance) = (vec![order.into()], advance.into_iter().collect());
                let supply = stored::PointSupply { orders, advance, ..Default::default() };
                put_supply(&[b"o", order.account.as_bytes()].concat(), Some(supply), writes);
            }
            Event::PrepaidRated(total) => {
                let supply = stored::PointSupply { told: vec![total.into()], ..Default::default() };
                put_supply(&told_name(&total.key), Some(supply), writes);
            }
            Event::PrepaidPending(months) => {
                let pending = months.iter().map(Into::into).collect();
                let supply = stored::PointSupply { pending, ..Default::default() };
                put_supply(b"q", Some(supply).filter(|_| !months.is_empty()), writes);
            }
            Event::PrepaidForgotten(keys) => {
                keys.iter().for_each(|key| put_supply(&told_name(key), None, writes));
            }
            Event::DayStored(day) => {
                writes.row(row::day(day.direction, day.day, day.version), &stored::PackedDay::from(day));
            }
            Event::Rated(rated) => {
                let key = &rated.position.key;
                let digest = row::position_digest(&proto::metering::PositionKey::from(key).encode_to_vec());
                writes
                    .row(row::rated(key, digest, rated.version), &proto::metering::RatedVersion::from(rated));
            }
        }
    }
}

fn put_root(state: &State, writes: &mut Writes) {
    let root = State {
        details: state.details.clone(),
        links: state.links.clone(),
        contracts: state.contracts.clone(),
        rated_months: state.rated_months.clone(),
        tokens: tokens::root(&state.tokens),
        supply: PointSupply::default(),
    };
    writes.root(&stored::MeteringPointState::from(&root));
}

fn put_supply(name: &[u8], supply: Option<stored::PointSupply>, writes: &mut Writes) {
    let part = supply.map(|supply| stored::MeteringPointState {
        supply: Some(supply),
        ..stored::MeteringPointState::default()
    });
    writes.part(name, part.as_ref());
}

/// Named by what it is about, in its stored form: fields that are the same give the same bytes.
fn told_name(key: &RatedKey) -> Vec<u8> {
    [b"p".to_vec(), stored::RatedKey::from(key).encode_to_vec()].concat()
}

fn put_token(event: &TokenEvent, state: &State, writes: &mut Writes) {
    put_root(state, writes);
    let (name, tokens) = tokens::part(event, &state.tokens);
    let part = tokens.map(|tokens| stored::MeteringPointState { tokens: Some(tokens), ..Default::default() });
    writes.part(&name, part.as_ref());
}
