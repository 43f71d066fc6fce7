//! The stored form of an object of roaming: the root says what it is, parts hold its text in pieces that a store takes.

use domain::entity::roaming_object::{
    Command, Event, Rejection, Reply, RoamingObject, RoamingObjects, State,
};
use domain::entity::{Entity as _, Message, Moment};
use prost::Message as _;
use proto::store as stored;

use super::binding::{Binding, Writes};
use super::listing::{self, Listing};

/// What of a text stands in the root, and in each further part.
const PIECE_BYTES: usize = 64 << 10;
/// How many pieces the longest text has.
const MOST_PIECES: u8 = 6;

impl Binding for RoamingObjects {
    type StoredCommand = stored::RoamingObjectCommand;
    type StoredState = stored::RoamingObjectState;

    /// Nobody sends it any; one would only be answered.
    fn message(_: Message) -> Command {
        Command::Get
    }

    fn go_on() -> Option<Command> {
        None
    }

    fn reply(reply: &Reply) -> Vec<u8> {
        stored::RoamingObjectReply::from(reply).encode_to_vec()
    }

    fn rejection(rejection: &Rejection) -> Vec<u8> {
        stored::Rejection::from(rejection).encode_to_vec()
    }

    /// The state says all that the log would.
    fn is_logged(_: &Command) -> bool {
        false
    }

    /// The longest text is far less than the shell commits at once.
    fn may_be_too_much(_: &Command, _: usize) -> bool {
        false
    }

    /// An entry of the listing names the time of change: the one before goes as the object changes.
    fn carry(state: &mut State, events: &[Event], _: &Moment, writes: &mut Writes) {
        for event in events {
            if let Some(before) = &state.object {
                writes.unlist(Listing::RoamingObjects, order(before));
            }
            let pieces_before = state.object.as_ref().map_or(0, |before| pieces(&before.text).count());
            Self::apply(state, event);
            let mut stored = stored::RoamingObjectState::from(&*state);
            let text = state.object.as_ref().map(|object| object.text.as_str()).unwrap_or_default();
            stored.pieces = pieces(text).take(1).map(<[u8]>::to_vec).collect();
            writes.root(&stored);
            let mut further = pieces(text).skip(1);
            for (index, number) in (1..MOST_PIECES).enumerate() {
                let piece = further.next().map(|piece| stored::RoamingObjectState {
                    pieces: vec![piece.to_vec()],
                    ..stored::RoamingObjectState::default()
                });
                if piece.is_some() || index.saturating_add(1) < pieces_before {
                    writes.part(&[b't', number], piece.as_ref());
                }
            }
            if let Some(object) = &state.object {
                let entry = format!("{} {}", object.last_updated.millis(), object.key.text());
                writes.list(Listing::RoamingObjects, order(object), entry);
            }
            writes.next();
        }
    }

    fn write(_: &Event, _: &State, _: &Moment, _: &mut Writes) {}
}

fn pieces(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().chunks(PIECE_BYTES)
}

fn order(object: &RoamingObject) -> bytes::Bytes {
    let RoamingObject { key, last_updated, audience, .. } = object;
    listing::by_object(key.module, key.party, *audience, Some((*last_updated, &key.id)))
}
