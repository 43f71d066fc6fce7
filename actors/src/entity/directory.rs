//! The stored form of the directory: one part per token.

use domain::entity::directory::{Command, Directory, Event, Rejection, Reply, State};
use domain::entity::{Message, Moment};
use prost::Message as _;
use proto::store as stored;

use super::binding::{Binding, Writes};

impl Binding for Directory {
    type StoredCommand = stored::DirectoryCommand;
    type StoredState = stored::DirectoryState;

    fn message(message: Message) -> Command {
        Command::Message(message)
    }

    fn go_on() -> Option<Command> {
        None
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::DirectoryReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        stored::Rejection::from(rejection).encode_to_vec()
    }

    fn write(_: &Event, state: &State, _: &Moment, writes: &mut Writes) {
        writes.root(&stored::DirectoryState::from(state));
    }
}
