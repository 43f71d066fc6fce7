//! The stored form of an invoice run: the root and one part per shard that has closed.

use domain::entity::invoice_run::{Command, Event, InvoiceRun, Rejection, Reply, State};
use domain::entity::{Facts, Message, Moment};
use prost::Message as _;
use proto::store as stored;

use super::binding::{Binding, Writes};
use super::etag;

impl Binding for InvoiceRun {
    type StoredCommand = stored::InvoiceRunCommand;
    type StoredState = stored::InvoiceRunState;

    fn message(message: Message) -> Command {
        Command::Message(message)
    }

    fn go_on() -> Option<Command> {
        Some(Command::Continue)
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::InvoiceRunReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        stored::Rejection::from(rejection).encode_to_vec()
    }

    fn etag(state: &State, command: &Command, _: &Facts) -> Option<String> {
        let changes = matches!(command, Command::Approve { .. } | Command::Cancel);
        let run = state.overview().filter(|_| changes)?;
        Some(etag(&proto::invoicing::InvoiceRun::from(&run)))
    }

    fn write(event: &Event, state: &State, _: &Moment, writes: &mut Writes) {
        let root = State { parts: [].into(), ..state.clone() };
        writes.root(&stored::InvoiceRunState::from(&root));
        if let Event::PartClosed(shard, summary) = event {
            let mut part = stored::InvoiceRunState::default();
            part.parts.insert(*shard, stored::PartSummary::from(summary));
            writes.part(&[b"p", shard.to_be_bytes().as_slice()].concat(), Some(&part));
        }
    }
}
