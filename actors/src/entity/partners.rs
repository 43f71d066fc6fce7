//! The stored form of a tenant's partners: the root says what the tenant is to them, a part each holds one, so that a partner
//! that goes on writes itself alone. Tenants that have any are in a listing, by which nodes find whom they have to ask.

use domain::entity::partners::{Command, Event, Partners, Rejection, Reply, State};
use domain::entity::{Message, Moment};
use prost::Message as _;
use proto::store as stored;

use super::binding::{Binding, Writes};
use super::listing::{self, Listing};

impl Binding for Partners {
    type StoredCommand = stored::PartnersCommand;
    type StoredState = stored::PartnersState;

    /// Nobody sends them any; one would only be answered.
    fn message(_: Message) -> Command {
        Command::List
    }

    fn go_on() -> Option<Command> {
        None
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::PartnersReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        stored::Rejection::from(rejection).encode_to_vec()
    }

    /// What carries a token stands in no log, and what is fetched does not fill it.
    fn is_logged(command: &Command) -> bool {
        match command {
            Command::SetOwn(_) | Command::Suspend(_) | Command::Resume(_) | Command::Delete(_) => true,
            Command::Rotate(..) | Command::Unregister(..) => true,
            Command::Offer(..) | Command::Withdraw(..) => true,
            Command::Set(_) | Command::Introduce(_) | Command::Fetched { .. } => false,
            Command::List | Command::Get(_) => false,
        }
    }

    /// Parties, addresses and tokens are bounded by themselves.
    fn may_be_too_much(command: &Command, _: usize) -> bool {
        matches!(command, Command::Set(_) | Command::SetOwn(_) | Command::Introduce(_))
    }

    fn write(event: &Event, state: &State, _: &Moment, writes: &mut Writes) {
        let own = State { own: state.own.clone(), ..State::default() };
        writes.root(&stored::PartnersState::from(&own));
        let id = match event {
            Event::OwnSet(_) => return,
            Event::Set(partner) => &partner.id,
            Event::Deleted(id) => id,
        };
        let part = state.by_id.get(id).map(|partner| stored::PartnersState {
            partners: vec![partner.into()],
            ..stored::PartnersState::default()
        });
        writes.part(&[b"p", id.as_bytes()].concat(), part.as_ref());
        match state.by_id.is_empty() {
            true => writes.unlist(Listing::Partners, listing::by_nothing()),
            false => writes.list(Listing::Partners, listing::by_nothing(), Vec::new()),
        }
    }
}
