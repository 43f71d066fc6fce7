//! A charging point: commands, answers and state.

use domain::cdr::EvseSite;
use domain::entity::evse::{Command, EvseDetails, KnownSession, Rejection, Reply, State};

use crate::convert::entity::rejection::refused;
use crate::convert::{FieldError, field, text};
use crate::roaming;
use crate::store::evse_command::Command as CommandWire;
use crate::store::evse_reply::Reply as ReplyWire;
use crate::store::{self, RejectionKind};

impl From<&EvseDetails> for roaming::Evse {
    fn from(details: &EvseDetails) -> Self {
        let EvseSite { location, zone, agreement } = details.site.clone();
        Self {
            name: String::new(),
            location_id: location,
            zone: zone.map(|zone| zone.name().to_owned()).unwrap_or_default(),
            agreement_id: agreement.unwrap_or_default(),
            max_power_kw: details.most_power_kw.as_ref().map(Into::into),
            connector_ids: details.connectors.clone(),
            is_own: details.is_own,
            session_count: 0,
            suspect_session_count: 0,
        }
    }
}

impl TryFrom<roaming::Evse> for EvseDetails {
    type Error = FieldError;

    fn try_from(evse: roaming::Evse) -> Result<Self, FieldError> {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let zone = some(evse.zone).map(|name| text::zone("zone", &name)).transpose()?;
        Ok(Self {
            site: EvseSite { location: evse.location_id, zone, agreement: some(evse.agreement_id) },
            most_power_kw: field::optional("max_power_kw", evse.max_power_kw)?,
            connectors: evse.connector_ids,
            is_own: evse.is_own,
        })
    }
}

impl From<&State> for store::EvseState {
    fn from(state: &State) -> Self {
        let sessions = state.sessions.iter().map(|(number, known)| store::KnownSession {
            number: *number,
            session: Some((&known.session).into()),
            suspicions: field::messages(&known.suspicions),
        });
        Self {
            details: state.details.as_ref().map(Into::into),
            arrived: state.arrived,
            sessions: sessions.collect(),
        }
    }
}

impl TryFrom<store::EvseState> for State {
    type Error = FieldError;

    fn try_from(state: store::EvseState) -> Result<Self, FieldError> {
        let mut read = Self {
            details: field::optional("details", state.details)?,
            arrived: state.arrived,
            ..Self::default()
        };
        let sessions: Vec<(u64, KnownSession)> = field::each_by("sessions", state.sessions, known)?;
        for (number, known) in sessions {
            read.numbers.insert(known.session.cdr.clone(), number);
            read.sessions.insert(number, known);
        }
        Ok(read)
    }
}

fn known(known: store::KnownSession) -> Result<(u64, KnownSession), FieldError> {
    let session = field::required("session", known.session)?;
    let suspicions = field::each("suspicions", known.suspicions)?;
    Ok((known.number, KnownSession { session, suspicions }))
}

/// What others tell a charging point travels as a message, and its own work as a timer.
impl From<&Command> for store::EvseCommand {
    fn from(command: &Command) -> Self {
        let command = match command {
            Command::Describe(details) => Some(CommandWire::Describe(details.into())),
            Command::Get => Some(CommandWire::Get(())),
            Command::Message(_) | Command::Continue => None,
        };
        Self { command, terms: None }
    }
}

impl TryFrom<store::EvseCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::EvseCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            CommandWire::Describe(details) => Self::Describe(field::required("describe", Some(details))?),
            CommandWire::Get(()) => Self::Get,
        })
    }
}

impl From<&Reply> for store::EvseReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::Done => ReplyWire::Done(()),
            Reply::Evse { details, sessions, suspect } => ReplyWire::Evse(store::EvseView {
                details: details.as_ref().map(Into::into),
                sessions: *sessions,
                suspect: *suspect,
            }),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::EvseReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::EvseReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Done(()) => Self::Done,
            ReplyWire::Evse(view) => Self::Evse {
                details: field::optional("evse.details", view.details)?,
                sessions: view.sessions,
                suspect: view.suspect,
            },
        })
    }
}

impl From<&Rejection> for store::Rejection {
    fn from(rejection: &Rejection) -> Self {
        match rejection {
            Rejection::NoPower => {
                refused(RejectionKind::Invalid, "EVSE_POWER_NOT_POSITIVE", "the most power is not above zero")
                    .knowing("field", "evse.max_power_kw")
            }
            Rejection::UnknownEvse => refused(
                RejectionKind::NotFound,
                "UNKNOWN_EVSE",
                "nothing was said of the charging point, and no session was there",
            ),
        }
    }
}
