//! Entities: what is addressed, decided and remembered as one.
//!
//! Every kind has the same shape. A command and the state name what has to be read first ([`Entity::needs`]); with
//! those facts the command is decided ([`Entity::decide`]) into events, an answer and messages, or refused with a
//! reason and without effect; events alone change the state ([`Entity::apply`]). All three are pure.

pub mod account;
pub mod catalog;
pub mod cdr_book;
pub mod directory;
pub mod event_log;
pub mod evse;
pub mod fact;
pub mod invoice_run;
pub mod market_document;
pub mod message;
pub mod metering_point;
pub mod number_series;
pub mod partners;
pub mod roaming_object;
pub mod run_part;
pub mod tokens;
pub mod webhooks;

use crate::instant::Instant;

pub use fact::{Facts, Need, Registered};
pub use message::{Message, Recipient};

/// A kind of entity.
pub trait Entity {
    /// What it remembers. The default is the state of one that nobody ever spoke to.
    type State: Default;
    /// What can be asked of it, by a client, by another entity or by its own timer.
    type Command;
    /// What happened, as a value that carries its outcome: applying it computes nothing.
    type Event;
    /// The answer to a command that was taken.
    type Reply;
    /// Why a command was refused; in order of checking.
    type Rejection;

    /// What must be read before the command can be decided, given what was read already. Asked again until nothing
    /// new is needed. Most kinds need nothing.
    fn needs(_state: &Self::State, _command: &Self::Command, _facts: &Facts) -> Vec<Need> {
        Vec::new()
    }

    /// Decides a command.
    ///
    /// # Errors
    /// The reason why it is refused; then nothing changes.
    fn decide(
        state: &Self::State,
        command: &Self::Command,
        facts: &Facts,
        moment: &Moment,
    ) -> Result<Decided<Self::Event, Self::Reply>, Self::Rejection>;

    /// Changes the state by what happened. Total: it takes every event that was ever decided.
    fn apply(state: &mut Self::State, event: &Self::Event);
}

/// When and by whom something is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Registration time: never goes back within a shard.
    pub now: Instant,
    /// The shard in which the entity lives.
    pub shard: u32,
    /// On whose behalf, as proven at the rim; the sending entity's name for messages.
    pub subject: String,
}

/// The outcome of a command that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided<Event, Reply> {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// The answer.
    pub reply: Reply,
    /// What other entities are told, in order.
    pub messages: Vec<(Recipient, Message)>,
    /// Whether the entity wants to go on at once with [`Message`]-free work of its own: it is given its own
    /// `Continue` command as soon as this decision is durable.
    pub continues: bool,
}

impl<Event, Reply> Decided<Event, Reply> {
    /// An answer without any effect.
    #[must_use]
    pub fn reply(reply: Reply) -> Self {
        Self { events: Vec::new(), reply, messages: Vec::new(), continues: false }
    }

    /// An answer with what happened.
    #[must_use]
    pub fn with(events: Vec<Event>, reply: Reply) -> Self {
        Self { events, ..Self::reply(reply) }
    }

    /// The same, telling others.
    #[must_use]
    pub fn telling(mut self, messages: impl IntoIterator<Item = (Recipient, Message)>) -> Self {
        self.messages.extend(messages);
        self
    }

    /// The same as the events and the answer of another kind, of which this is a part.
    #[must_use]
    pub fn within<E, R>(self, event: impl Fn(Event) -> E, reply: impl FnOnce(Reply) -> R) -> Decided<E, R> {
        Decided {
            events: self.events.into_iter().map(event).collect(),
            reply: reply(self.reply),
            messages: self.messages,
            continues: self.continues,
        }
    }

    /// The same, going on at once if `wanted`.
    #[must_use]
    pub fn continuing(mut self, wanted: bool) -> Self {
        self.continues = wanted;
        self
    }
}
