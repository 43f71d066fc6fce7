//! What one kind of entity needs to be run by the shell: its stored form.

use bytes::Bytes;
use domain::entity::{Entity, Facts, Message, Moment, Need};
use domain::instant::Instant;
use proto::convert::{FieldError, OnTerms};

use super::listing::Listing;
use crate::shell::{PartKey, RowKey, RowWrite};

/// A kind of entity with its stored form. Commands, answers, refusals and state are messages of `kvarter.store.v1`.
pub trait Binding: Entity + Send + Sync + 'static
where
    Self::State: Clone + Send + Sync + TryFrom<Self::StoredState, Error = FieldError>,
    Self::Command: TryFrom<Self::StoredCommand, Error = FieldError> + Send,
{
    /// The message that commands travel as.
    type StoredCommand: prost::Message + Default + OnTerms;
    /// The message that the state is stored as, in one part or in several that merge into one.
    type StoredState: prost::Message + Default;

    /// A message from another entity as a command.
    fn message(message: Message) -> Self::Command;

    /// The command by which the entity goes on with its own work; `None` where it never does.
    fn go_on() -> Option<Self::Command>;

    /// The answer as its message.
    fn reply(reply: &Self::Reply) -> Vec<u8>;

    /// The refusal as its message.
    fn rejection(rejection: &Self::Rejection) -> Vec<u8>;

    /// What an event writes: the parts of the state it changed, and rows. `state` is the one after all events of the
    /// decision.
    fn write(event: &Self::Event, state: &Self::State, moment: &Moment, writes: &mut Writes);

    /// The etag of the resource that a command would change, as it stands; none where there is no such resource, or where
    /// it has no etag.
    fn etag(_: &Self::State, _: &Self::Command, _: &Facts) -> Option<String> {
        None
    }

    /// When the entity wants a command of its own next; none where it does not. The timer is set, moved and taken back as
    /// this changes.
    fn due(_: &Self::State) -> Option<Instant> {
        None
    }

    /// The command that the entity is given then.
    fn elapse() -> Option<Self::Command> {
        None
    }

    /// Whether what comes of a request may be more than the shell commits at once, so that it has to be looked at whole before
    /// it is taken. Where the rules bound it themselves it need not be possible to take it back, which costs a copy of the
    /// state.
    fn may_be_too_much(_: &Self::Command, _command_bytes: usize) -> bool {
        true
    }

    /// Whether a client's command is kept in the log if it has an effect; not where a row says all of it.
    fn is_logged(_: &Self::Command) -> bool {
        true
    }

    /// Applies the events of a decision, and writes what they change.
    fn carry(state: &mut Self::State, events: &[Self::Event], moment: &Moment, writes: &mut Writes) {
        for event in events {
            Self::apply(state, event);
        }
        for event in events {
            Self::write(event, state, moment, writes);
            writes.next();
        }
    }

    /// Whether a need is about the entity's own rows although others ask the catalogue for them.
    fn owns(_: &Need) -> bool {
        false
    }
}

/// The parts and rows that the events of a decision write. Of two writes to one part or row the later counts.
#[derive(Debug, Default)]
pub struct Writes {
    pub(super) parts: Vec<(PartKey, Option<Bytes>)>,
    pub(super) rows: Vec<RowWrite>,
    /// The key of the entity that writes.
    pub(super) entity: Bytes,
    /// Rises with every event of the entity, to tell apart rows of one instant.
    pub(super) sequence: u64,
}

/// A decision has fewer events than two to this.
const EVENT_BITS: u32 = 10;

impl Writes {
    /// Nothing yet, of an entity at this place in its log.
    pub(super) fn new(entity: Bytes, log_sequence: u64) -> Self {
        Self { entity, sequence: log_sequence.wrapping_shl(EVENT_BITS), ..Self::default() }
    }

    /// What follows is of the next event.
    pub(super) fn next(&mut self) {
        self.sequence = self.sequence.saturating_add(1);
    }

    /// Puts the root part.
    pub(super) fn root(&mut self, state: &impl prost::Message) {
        self.put_part(PartKey::root(), Some(state.encode_to_vec()));
    }

    /// Puts a part of this name, or deletes it.
    pub(super) fn part(&mut self, name: &[u8], state: Option<&impl prost::Message>) {
        let name = PartKey::new(Bytes::copy_from_slice(name));
        self.put_part(name, state.map(prost::Message::encode_to_vec));
    }

    /// Puts a row.
    pub(super) fn row(&mut self, key: RowKey, row: &impl prost::Message) {
        self.rows.push(RowWrite::Put(key, Bytes::from(row.encode_to_vec())));
    }

    /// Puts a row of these bytes.
    pub(super) fn bytes(&mut self, key: RowKey, bytes: impl Into<Bytes>) {
        self.rows.push(RowWrite::Put(key, bytes.into()));
    }

    /// Puts an entry of a listing.
    pub(super) fn list(&mut self, listing: Listing, order: Bytes, entry: impl Into<Bytes>) {
        self.bytes(listing.entry(order), entry);
    }

    /// Deletes an entry of a listing.
    pub(super) fn unlist(&mut self, listing: Listing, order: Bytes) {
        self.rows.push(RowWrite::Delete(listing.entry(order)));
    }

    /// Adds to a total. What a decision adds to one total is added at once.
    pub(super) fn add(&mut self, key: RowKey, delta: i128) {
        let held = self.rows.iter_mut().find_map(|row| match row {
            RowWrite::Add(held, sum) if *held == key => Some(sum),
            _ => None,
        });
        match held.and_then(|sum| Some((sum.checked_add(delta)?, sum))) {
            Some((total, sum)) => *sum = total,
            None => self.rows.push(RowWrite::Add(key, delta)),
        }
    }

    fn put_part(&mut self, name: PartKey, value: Option<Vec<u8>>) {
        let value = value.map(Bytes::from);
        match self.parts.iter_mut().find(|(key, _)| *key == name) {
            Some(held) => held.1 = value,
            None => self.parts.push((name, value)),
        }
    }
}
