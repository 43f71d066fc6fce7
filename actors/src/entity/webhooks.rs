//! The stored form of a tenant's webhooks: the root says how many there ever were, a part each holds one, so that a webhook
//! which goes on writes itself alone. Tenants that have any are in a listing, by which nodes find what they have to send.

use domain::entity::webhooks::{Command, Event, Rejection, Reply, State, Webhooks};
use domain::entity::{Message, Moment};
use prost::Message as _;
use proto::store as stored;

use super::binding::{Binding, Writes};
use super::listing::{self, Listing};

impl Binding for Webhooks {
    type StoredCommand = stored::WebhooksCommand;
    type StoredState = stored::WebhooksState;

    /// Nobody sends them any; one would only be answered.
    fn message(_: Message) -> Command {
        Command::List
    }

    fn go_on() -> Option<Command> {
        None
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::WebhooksReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        stored::Rejection::from(rejection).encode_to_vec()
    }

    /// What carries a secret stands in no log, and what sends does not fill it.
    fn is_logged(command: &Command) -> bool {
        match command {
            Command::Pause(_) | Command::Resume(_) | Command::DropFormerSecret(_) | Command::Delete(_) => {
                true
            }
            Command::Set(_) | Command::Rotate(..) => false,
            Command::Advance { .. } | Command::Fail { .. } => false,
            Command::List | Command::Get(_) | Command::Work(_) => false,
        }
    }

    /// Address, choice and secrets are bounded by themselves.
    fn may_be_too_much(command: &Command, _: usize) -> bool {
        matches!(command, Command::Set(_))
    }

    fn write(event: &Event, state: &State, _: &Moment, writes: &mut Writes) {
        let id = match event {
            Event::Set(held) => &held.webhook.id,
            Event::Deleted(id) => id,
        };
        writes.root(&stored::WebhooksState { made: state.made, webhooks: Vec::new() });
        let part = state.by_id.get(id).map(|held| stored::WebhooksState {
            webhooks: vec![held.into()],
            ..stored::WebhooksState::default()
        });
        writes.part(&[b"w", id.as_bytes()].concat(), part.as_ref());
        match state.by_id.is_empty() {
            true => writes.unlist(Listing::Webhooks, listing::by_nothing()),
            false => writes.list(Listing::Webhooks, listing::by_nothing(), Vec::new()),
        }
    }
}
