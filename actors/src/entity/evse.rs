//! The stored form of a charging point: the root holds what it is, a part each holds one session that stands.

use domain::entity::evse::{Command, Event, Evse, Rejection, Reply, State};
use domain::entity::{Message, Moment};
use prost::Message as _;
use proto::store as stored;

use super::binding::{Binding, Writes};

impl Binding for Evse {
    type StoredCommand = stored::EvseCommand;
    type StoredState = stored::EvseState;

    fn message(message: Message) -> Command {
        Command::Message(message)
    }

    fn go_on() -> Option<Command> {
        Some(Command::Continue)
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::EvseReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        stored::Rejection::from(rejection).encode_to_vec()
    }

    fn write(event: &Event, state: &State, _: &Moment, writes: &mut Writes) {
        let root = State { details: state.details.clone(), arrived: state.arrived, ..State::default() };
        writes.root(&stored::EvseState::from(&root));
        let number = match event {
            Event::Described(_) => return,
            Event::SessionSet { number, .. } | Event::SessionGone { number } => *number,
        };
        let part = state.sessions.get(&number).map(|known| {
            let sessions = [(number, known.clone())].into();
            stored::EvseState::from(&State { sessions, ..State::default() })
        });
        writes.part(&[b"s".as_slice(), &number.to_be_bytes()].concat(), part.as_ref());
    }
}
