//! The charging point (EVSE) as an entity: the metering point of sessions.
//!
//! It knows its site and what it can give, keeps the sessions that were told of it, and holds each new one against those
//! that came before: two at one connector at the same time, a meter that went back, more energy than it can give, one
//! session told twice over two roads. A session is only ever suspect because of an *earlier* one that still stands, so that
//! no two hold each other up; when one is withdrawn, those behind it are looked at again and their books are told. A book
//! withdraws what it rejects and what can't be billed as it is: that holds up nobody, and comes anew when it was put right,
//! behind what came meanwhile. What is held for a reason that may be passed over stands.

mod check;
mod decide;

use std::collections::BTreeMap;

use super::Message;
use crate::cdr::{CdrKey, EvseSite, SeenSession, Suspicion};
use crate::quantity::Quantity;

pub use decide::Evse;

/// How long before the newest session one is forgotten, in milliseconds: 400 days.
pub const REMEMBERED_MS: i64 = 400 * 86_400_000;

/// The most sessions that are remembered.
pub const MOST_SESSIONS: usize = 20_000;

/// What is known of a charging point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvseDetails {
    /// Location, zone and agreement, as they are told to whoever prices a session.
    pub site: EvseSite,
    /// The most power that it gives, in kW; none where it is not known, and then no session is held for it.
    pub most_power_kw: Option<Quantity>,
    /// The ids of its connectors.
    pub connectors: Vec<String>,
    /// Whether it is the tenant's own.
    pub is_own: bool,
}

/// A session that was told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSession {
    /// The session.
    pub session: SeenSession,
    /// What its book was told last to be suspect.
    pub suspicions: Vec<Suspicion>,
}

/// What a charging point remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// What is known of it; none before it is described.
    pub details: Option<EvseDetails>,
    /// How many sessions were ever told of.
    pub arrived: u64,
    /// The sessions that stand, by the number of their arrival.
    pub sessions: BTreeMap<u64, KnownSession>,
    /// The numbers of their arrival.
    pub numbers: BTreeMap<CdrKey, u64>,
}

/// What can be asked of a charging point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Says what it is, in place of what was said before.
    Describe(EvseDetails),
    /// Reads what is known of it.
    Get,
    /// From a book: [`Message::CheckSession`] and [`Message::WithdrawSession`] have an effect.
    Message(Message),
    /// Goes on with telling books of sessions that are suspect no longer.
    Continue,
}

/// What happened at a charging point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is this.
    Described(EvseDetails),
    /// A session stands, and this is suspect about it.
    SessionSet {
        /// The number of its arrival.
        number: u64,
        /// The session.
        known: KnownSession,
    },
    /// A session stands no longer, or is forgotten.
    SessionGone {
        /// The number of its arrival.
        number: u64,
    },
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// What is known of it.
    Evse {
        /// What was said of it last; none where nothing was.
        details: Option<EvseDetails>,
        /// How many sessions stand.
        sessions: u64,
        /// How many of them are suspect.
        suspect: u64,
    },
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The most power is not above zero.
    NoPower,
    /// Nothing was ever said of the charging point, and no session was there.
    UnknownEvse,
}
