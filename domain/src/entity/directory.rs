//! The directory: one entity per tenant and token, which says whose the token is.
//!
//! A token is unique because the entity of its name is: whoever wants it asks that entity, and the first one asked for
//! gets it. Claims and what became of them travel as messages, so that neither side is ever left waiting for the other.

use super::message::Recipient;
use super::{Decided, Entity, Facts, Message, Moment};
use crate::identity::MeteringPointId;
use crate::instant::Instant;
use crate::token::Token;

/// Who may hold a token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// An account, by id.
    Account(String),
    /// A metering point.
    MeteringPoint(MeteringPointId),
}

/// A wish for a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whose.
    pub owner: Owner,
    /// Counts the owner's claims of any token, so that an answer is never taken for that to another claim.
    pub number: u64,
}

/// A token that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The claim that was granted.
    pub claim: Claim,
    /// When.
    pub since: Instant,
}

/// A token that somebody held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// The claim, and since when.
    pub held: Held,
    /// Until when, not included.
    pub until: Instant,
}

/// Most former holders that are remembered, the latest: records of sessions may come after a card has changed hands.
pub const MOST_FORMER: usize = 8;

/// What the directory remembers of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Who holds it; none where it is free.
    pub held: Option<Held>,
    /// Who held it before, in order of time.
    pub former: Vec<Former>,
}

/// What can be asked of the directory about a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Reads who holds it.
    Get,
    /// Reads who is to answer for what began then ([`State::holder_at`]).
    HolderAt(Instant),
    /// From an owner: [`Message::ClaimToken`] and [`Message::ReleaseToken`] have an effect.
    Message(Message),
}

/// What happened to a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was given to somebody.
    Granted(Held),
    /// It was given back then.
    Released(Instant),
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// Who holds it.
    Held(Held),
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// Nobody holds the token.
    NobodyHolds,
}

/// The directory's entry of a token as an entity.
#[derive(Debug)]
pub struct Directory;

impl Entity for Directory {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Reply = Reply;
    type Rejection = Rejection;

    fn decide(
        state: &State,
        command: &Command,
        _: &Facts,
        moment: &Moment,
    ) -> Result<Decided<Event, Reply>, Rejection> {
        match command {
            Command::Get => {
                state.held.clone().map(Reply::Held).map(Decided::reply).ok_or(Rejection::NobodyHolds)
            }
            Command::HolderAt(start) => {
                let holder = state.holder_at(*start).cloned();
                holder.map(Reply::Held).map(Decided::reply).ok_or(Rejection::NobodyHolds)
            }
            Command::Message(Message::ClaimToken { token, claim }) => {
                Ok(claimed(state, token, claim, moment))
            }
            Command::Message(Message::ReleaseToken { token, claim }) => {
                Ok(released(state, token, claim, moment))
            }
            Command::Message(_) => Ok(Decided::reply(Reply::Done)),
        }
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::Granted(held) => state.held = Some(held.clone()),
            Event::Released(until) => {
                if let Some(held) = state.held.take().filter(|held| held.since < *until) {
                    state.former.push(Former { held, until: *until });
                    let dropped = state.former.len().saturating_sub(MOST_FORMER);
                    drop(state.former.drain(..dropped));
                }
            }
        }
    }
}

impl State {
    /// Who held the token at an instant, or, where nobody did, whoever held it next: since when a holder's own contracts count
    /// is for them to say. Nobody where so many have held it since that it is not known any more.
    #[must_use]
    pub fn holder_at(&self, at: Instant) -> Option<&Held> {
        let is_forgotten = self.former.len() >= MOST_FORMER
            && self.former.first().is_some_and(|first| at < first.held.since);
        if is_forgotten {
            return None;
        }
        let former = self.former.iter().find(|former| at < former.until).map(|former| &former.held);
        former.or(self.held.as_ref())
    }
}

impl Owner {
    /// The owner as a recipient of messages.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        match self {
            Self::Account(id) => Recipient::Account(id.clone()),
            Self::MeteringPoint(id) => Recipient::MeteringPoint(*id),
        }
    }
}

/// Grants a claim, or names who was first. One who holds the token already goes on holding it under the new claim, since when it
/// did.
fn claimed(state: &State, token: &Token, claim: &Claim, moment: &Moment) -> Decided<Event, Reply> {
    let holder = state.held.as_ref().map(|held| &held.claim.owner);
    let refused = holder.filter(|holder| **holder != claim.owner).cloned();
    let since = state.held.as_ref().map_or(moment.now, |held| held.since);
    let events = match refused {
        Some(_) => Vec::new(),
        None => vec![Event::Granted(Held { claim: claim.clone(), since })],
    };
    let answer = Message::TokenClaimed { token: token.clone(), number: claim.number, refused };
    Decided::with(events, Reply::Done).telling([(claim.owner.recipient(), answer)])
}

/// Frees the token where it is held under this claim. Whoever gives back what it does not hold is told that it is gone
/// as well.
fn released(state: &State, token: &Token, claim: &Claim, moment: &Moment) -> Decided<Event, Reply> {
    let is_held = state.held.as_ref().is_some_and(|held| held.claim == *claim);
    let events = if is_held { vec![Event::Released(moment.now)] } else { Vec::new() };
    let answer = Message::TokenReleased { token: token.clone(), number: claim.number };
    Decided::with(events, Reply::Done).telling([(claim.owner.recipient(), answer)])
}
