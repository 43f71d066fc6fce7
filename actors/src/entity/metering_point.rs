//! The stored form of a metering point: one part; days and rated positions are rows.

use domain::entity::metering_point::{Command, Event, MeteringPoint, Rejection, Reply, State};
use domain::entity::{Message, Moment};
use prost::Message as _;
use proto::store as stored;

use super::binding::{Binding, Writes};
use super::listing::{self, Listing};
use super::row;

impl Binding for MeteringPoint {
    type StoredCommand = stored::MeteringPointCommand;
    type StoredState = stored::MeteringPointState;

    fn message(message: Message) -> Command {
        Command::Message(message)
    }

    fn go_on() -> Option<Command> {
        None
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::MeteringPointReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        stored::Rejection::from(rejection).encode_to_vec()
    }

    fn write(event: &Event, state: &State, _: &Moment, writes: &mut Writes) {
        match event {
            Event::Registered(details) => {
                writes.root(&stored::MeteringPointState::from(state));
                writes.list(Listing::MeteringPoints, listing::by_point(details.id), Vec::new());
            }
            Event::ContractSet(_) | Event::LinksSet(_) | Event::MonthRated(_) => {
                writes.root(&stored::MeteringPointState::from(state));
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
