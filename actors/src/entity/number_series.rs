//! The stored form of a number series: one part.

use domain::entity::number_series::{Command, Event, NumberSeries, Rejection, Reply, State};
use domain::entity::{Message, Moment};
use prost::Message as _;
use proto::store as stored;

use super::binding::{Binding, Writes};

impl Binding for NumberSeries {
    type StoredCommand = stored::NumberSeriesCommand;
    type StoredState = stored::NumberSeriesState;

    fn message(message: Message) -> Command {
        Command::Message(message)
    }

    fn go_on() -> Option<Command> {
        None
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::NumberSeriesReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        match *rejection {}
    }

    fn write(_: &Event, state: &State, _: &Moment, writes: &mut Writes) {
        writes.root(&stored::NumberSeriesState::from(state));
    }
}
