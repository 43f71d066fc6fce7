//! The stored form of a market document: the root holds its head and receipts; its series are rows.

use domain::entity::market_document::{Command, Event, MarketDocument, Rejection, Reply, State};
use domain::entity::{Message, Moment};
use prost::Message as _;
use proto::store as stored;

use super::binding::{Binding, Writes};
use super::listing::{self, Listing};
use super::row;

impl Binding for MarketDocument {
    type StoredCommand = stored::MarketDocumentCommand;
    type StoredState = stored::MarketDocumentState;

    fn message(message: Message) -> Command {
        Command::Message(message)
    }

    fn go_on() -> Option<Command> {
        Some(Command::Continue)
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::MarketDocumentReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        stored::Rejection::from(rejection).encode_to_vec()
    }

    fn write(event: &Event, state: &State, _: &Moment, writes: &mut Writes) {
        writes.root(&stored::MarketDocumentState::from(state));
        if let Event::Received { key, at, series, .. } = event {
            for (index, one) in (0_u32..).zip(series) {
                writes.row(row::item(index), &stored::DocumentSeries::from(one));
            }
            writes.list(Listing::Documents, listing::by_time(*at, key), key.clone());
        }
    }
}
