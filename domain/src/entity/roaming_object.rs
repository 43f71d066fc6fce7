//! An object of roaming: a location, a tariff, a session, a record or a token, as its owner last told it.
//!
//! The text is kept as it is, with every field, known here or not. Who owns it says when it changed; what is older than
//! what is held has no effect, so that documents may arrive in any order and any number of times (OCPI 2.2.1,
//! `last_updated`). A change of a part is made on the text outside, and names the version it was made on.

use super::{Decided, Entity, Facts, Moment};
use crate::cdr::Party;
use crate::instant::Instant;

/// The longest text in bytes.
pub const MOST_OBJECT_BYTES: usize = 384 << 10;
/// The longest id of an object in bytes: an object's id and what tells it apart besides.
pub const MOST_OBJECT_ID_BYTES: usize = 64;

/// What an object is about, by the modules of OCPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoamingModule {
    /// Locations with their charging points.
    Locations,
    /// Tariffs.
    Tariffs,
    /// Sessions, under way or over.
    Sessions,
    /// Charge detail records.
    Cdrs,
    /// Tokens of drivers.
    Tokens,
}

/// By what an object is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectKey {
    /// What it is about.
    pub module: RoamingModule,
    /// Whose it is.
    pub party: Party,
    /// The owner's id of it.
    pub id: String,
}

/// An object as it is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoamingObject {
    /// By what it is known.
    pub key: ObjectKey,
    /// When its owner changed it last.
    pub last_updated: Instant,
    /// For whom it is, where it is for one party alone; for everybody who may see the module else.
    pub audience: Option<Party>,
    /// Counts the changes: what a change of a part is made on.
    pub version: u64,
    /// Its JSON.
    pub text: String,
}

/// What is remembered of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The object; none where there never was one, or it is gone.
    pub object: Option<RoamingObject>,
    /// How often it was changed, also while it was gone.
    pub versions: u64,
}

/// What can be asked of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Reads it.
    Get,
    /// It is this now.
    Put {
        /// By what it is known.
        key: ObjectKey,
        /// When its owner changed it.
        last_updated: Instant,
        /// For whom it is, where it is for one party alone.
        audience: Option<Party>,
        /// Its JSON.
        text: String,
        /// The version on which the change was made; none for one of the whole object.
        on_version: Option<u64>,
    },
    /// It is gone.
    Delete,
}

/// What happened to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is this now.
    Set(Box<RoamingObject>),
    /// It is gone: the object as it was.
    Deleted(Box<RoamingObject>),
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The object.
    Object(Box<RoamingObject>),
    /// What became of a change.
    Put(PutOutcome),
    /// It is gone.
    Deleted,
}

/// What became of an object that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutOutcome {
    /// There was none.
    Created,
    /// It was changed.
    Changed,
    /// It was this already.
    Unchanged,
    /// A later one is held: nothing was done.
    Older,
}

/// Why a command is refused, in order of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// There is none.
    UnknownObject,
    /// Its text is longer than [`MOST_OBJECT_BYTES`].
    TooLarge,
    /// It was changed by somebody else meanwhile.
    ChangedMeanwhile,
}

/// An object of roaming as an entity.
#[derive(Debug)]
pub struct RoamingObjects;

impl RoamingModule {
    /// All modules.
    pub const ALL: [Self; 5] = [Self::Locations, Self::Tariffs, Self::Sessions, Self::Cdrs, Self::Tokens];

    /// Its name in OCPI (2.2.1, `ModuleID`).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Locations => "locations",
            Self::Tariffs => "tariffs",
            Self::Sessions => "sessions",
            Self::Cdrs => "cdrs",
            Self::Tokens => "tokens",
        }
    }

    /// The module of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|module| module.name() == name)
    }
}

impl ObjectKey {
    /// The key of an object; `None` where its id is empty, too long or no printable ASCII.
    #[must_use]
    pub fn new(module: RoamingModule, party: Party, id: &str) -> Option<Self> {
        let is_id = (1..=MOST_OBJECT_ID_BYTES).contains(&id.len())
            && id.bytes().all(|byte| (0x20..0x7F).contains(&byte));
        is_id.then(|| Self { module, party, id: id.to_owned() })
    }

    /// Reads what [`text`](Self::text) writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '/');
        let (module, country, party) = (parts.next()?, parts.next()?, parts.next()?);
        Self::new(RoamingModule::of_name(module)?, Party::new(country, party)?, parts.next()?)
    }

    /// Module, party and id: `locations/NL/TNM/LOC1`. Ids are compared without regard to case (OCPI 2.2.1, `CiString`), and
    /// stand here in capitals.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { module, party, id } = self;
        format!("{}/{}/{}/{}", module.name(), party.country(), party.id(), id.to_ascii_uppercase())
    }
}

impl Entity for RoamingObjects {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Reply = Reply;
    type Rejection = Rejection;

    fn decide(
        state: &State,
        command: &Command,
        _: &Facts,
        _: &Moment,
    ) -> Result<Decided<Event, Reply>, Rejection> {
        match command {
            Command::Get => {
                let object = state.object.clone().ok_or(Rejection::UnknownObject)?;
                Ok(Decided::reply(Reply::Object(Box::new(object))))
            }
            Command::Put { key, last_updated, audience, text, on_version } => {
                if text.len() > MOST_OBJECT_BYTES {
                    return Err(Rejection::TooLarge);
                }
                let object = RoamingObject {
                    key: key.clone(),
                    last_updated: *last_updated,
                    audience: *audience,
                    version: state.versions.saturating_add(1),
                    text: text.clone(),
                };
                put(state, object, *on_version)
            }
            Command::Delete => {
                let object = state.object.clone().ok_or(Rejection::UnknownObject)?;
                Ok(Decided::with(vec![Event::Deleted(Box::new(object))], Reply::Deleted))
            }
        }
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::Set(object) => {
                state.versions = object.version;
                state.object = Some(RoamingObject::clone(object));
            }
            Event::Deleted(object) => {
                state.versions = object.version.saturating_add(1);
                state.object = None;
            }
        }
    }
}

fn put(
    state: &State,
    object: RoamingObject,
    on_version: Option<u64>,
) -> Result<Decided<Event, Reply>, Rejection> {
    let held = state.object.as_ref();
    if on_version.is_some_and(|version| held.map_or(0, |held| held.version) != version) {
        return Err(Rejection::ChangedMeanwhile);
    }
    let outcome = match held {
        None => PutOutcome::Created,
        Some(held) if object.last_updated < held.last_updated => PutOutcome::Older,
        Some(held) if RoamingObject { version: held.version, ..object.clone() } == *held => {
            PutOutcome::Unchanged
        }
        Some(_) => PutOutcome::Changed,
    };
    let is_new = matches!(outcome, PutOutcome::Created | PutOutcome::Changed);
    let events = if is_new { vec![Event::Set(Box::new(object))] } else { Vec::new() };
    Ok(Decided::with(events, Reply::Put(outcome)))
}
