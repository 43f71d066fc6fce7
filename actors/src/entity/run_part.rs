//! The stored form of a run's part: the root and one part per account that something came of.

use domain::entity::run_part::{Command, Event, Rejection, Reply, RunPart, State};
use domain::entity::{Message, Moment};
use prost::Message as _;
use proto::store as stored;

use super::binding::{Binding, Writes};
use super::listing::{self, Listing};

impl Binding for RunPart {
    type StoredCommand = stored::RunPartCommand;
    type StoredState = stored::RunPartState;

    fn message(message: Message) -> Command {
        Command::Message(message)
    }

    fn go_on() -> Option<Command> {
        Some(Command::Continue)
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::RunPartReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        match *rejection {}
    }

    fn write(event: &Event, state: &State, _: &Moment, writes: &mut Writes) {
        let root = State { outcomes: [].into(), ..state.clone() };
        writes.root(&stored::RunPartState::from(&root));
        let Event::AccountClosed(account, outcome) = event else { return };
        if outcome.is_nothing() {
            return;
        }
        let mut part = stored::RunPartState::default();
        part.outcomes.insert(account.clone(), stored::AccountOutcome::from(outcome));
        writes.part(&[b"a", account.as_bytes()].concat(), Some(&part));
        if outcome.refused.is_some() || !outcome.not_ready.is_empty() {
            let run = state.started.as_ref().map(|(closing, _)| closing.run.as_str()).unwrap_or_default();
            let entry = stored::AccountOutcome::from(outcome).encode_to_vec();
            writes.list(Listing::NotReady, listing::by_texts(run, account), entry);
        }
    }
}
