//! The stored form of the log of what accounts tell: how many entries a partition has in one part, the entries as rows.

use domain::entity::event_log::{Command, Event, EventLog, Rejection, Reply, State};
use domain::entity::{Message, Moment};
use prost::Message as _;
use proto::{events, store as stored};

use super::binding::{Binding, Writes};
use super::row;

impl Binding for EventLog {
    type StoredCommand = stored::EventLogCommand;
    type StoredState = stored::EventLogState;

    fn message(message: Message) -> Command {
        Command::Message(message)
    }

    fn go_on() -> Option<Command> {
        None
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::EventLogReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        match *rejection {}
    }

    fn write(event: &Event, state: &State, _: &Moment, writes: &mut Writes) {
        let Event::Added { sequence, entry } = event;
        writes.row(row::event(*sequence), &events::AccountEvent::from(entry));
        writes.root(&stored::EventLogState::from(state));
    }
}
