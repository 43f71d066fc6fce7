//! The stored form of a book of charge detail records: the root holds terms and counts; records, documents and what can't be
//! read are rows. Records that wait for a person are in a listing.

use domain::entity::cdr_book::{CdrBook, Command, Entry, Event, Rejection, Reply, State};
use domain::entity::{Message, Moment};
use prost::Message as _;
use proto::roaming::UnreadableCdr;
use proto::store as stored;

use super::binding::{Binding, Writes};
use super::listing::{self, Listing};
use super::row;

/// The largest piece of a document's row in bytes.
const PIECE_BYTES: usize = 60_000;
/// A record and its document in less than this lead to few and small rows.
const SMALL_COMMAND_BYTES: usize = 16_000;

impl Binding for CdrBook {
    type StoredCommand = stored::CdrBookCommand;
    type StoredState = stored::CdrBookState;

    fn message(message: Message) -> Command {
        Command::Message(message)
    }

    fn go_on() -> Option<Command> {
        Some(Command::Continue)
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::CdrBookReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        stored::Rejection::from(rejection).encode_to_vec()
    }

    /// A record and what became of it are rows.
    fn is_logged(command: &Command) -> bool {
        !matches!(command, Command::Receive(_) | Command::KeepUnreadable(_))
    }

    fn may_be_too_much(command: &Command, command_bytes: usize) -> bool {
        !matches!(command, Command::Receive(_)) || command_bytes > SMALL_COMMAND_BYTES
    }

    fn write(event: &Event, state: &State, _: &Moment, writes: &mut Writes) {
        match event {
            Event::TermsSet(_) | Event::Received | Event::Withdrawing(..) | Event::Withdrawn(_) => {
                writes.root(&stored::CdrBookState::from(state));
            }
            Event::EntrySet { id, entry } => put_entry(id, entry, writes),
            Event::DocumentKept { id, number, document } => {
                for (piece, bytes) in (0_u16..).zip(document.chunks(PIECE_BYTES)) {
                    writes.bytes(row::cdr_document(id, *number, piece), bytes.to_vec());
                }
            }
            Event::UnreadableKept { number, received, document } => {
                writes.root(&stored::CdrBookState::from(state));
                let kept = UnreadableCdr::kept(*number, *received, document);
                writes.row(row::unreadable(*number), &kept);
            }
        }
    }
}

fn put_entry(id: &str, entry: &Entry, writes: &mut Writes) {
    writes.row(row::cdr(id), &stored::CdrEntry::from(entry));
    let party = String::from_utf8_lossy(&writes.entity).into_owned();
    let place = listing::by_texts(&party, id);
    match entry.record().is_some_and(|record| record.is_on_worklist()) {
        true => writes.list(Listing::CdrWorklist, place, Vec::new()),
        false => writes.unlist(Listing::CdrWorklist, place),
    }
}
