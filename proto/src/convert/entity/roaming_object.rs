//! An object of roaming: commands, answers and state.

use domain::cdr::Party;
use domain::entity::roaming_object::{
    Command, ObjectKey, PutOutcome, Rejection, Reply, RoamingObject, State,
};

use crate::convert::entity::rejection::refused;
use crate::convert::field::same_names;
use crate::convert::{FieldError, FieldFault, field, time};
use crate::roaming;
use crate::store::roaming_object_command::Command as Wire;
use crate::store::roaming_object_reply::Reply as ReplyWire;
use crate::store::{self, RejectionKind};

same_names!(PutOutcome, store::PutOutcome, [Created, Changed, Unchanged, Older]);

/// The whole state; who stores it cuts the text into pieces.
impl From<&State> for store::RoamingObjectState {
    fn from(state: &State) -> Self {
        let text = state.object.as_ref().map(|object| object.text.as_bytes().to_vec());
        Self {
            head: state.object.as_ref().map(head),
            versions: state.versions,
            pieces: text.into_iter().collect(),
        }
    }
}

impl TryFrom<store::RoamingObjectState> for State {
    type Error = FieldError;

    fn try_from(state: store::RoamingObjectState) -> Result<Self, FieldError> {
        let versions = state.versions;
        let Some(head) = state.head else { return Ok(Self { object: None, versions }) };
        let not_text = |_| FieldError::at("pieces", FieldFault::Unknown);
        let text = String::from_utf8(state.pieces.concat()).map_err(not_text)?;
        let object = read(head, text).map_err(|error| error.within("head"))?;
        Ok(Self { object: Some(object), versions })
    }
}

impl From<&ObjectKey> for store::ObjectKey {
    fn from(key: &ObjectKey) -> Self {
        Self {
            module: field::number::<roaming::RoamingModule, _>(key.module),
            country_code: key.party.country().to_owned(),
            party_id: key.party.id().to_owned(),
            object_id: key.id.clone(),
        }
    }
}

impl TryFrom<store::ObjectKey> for ObjectKey {
    type Error = FieldError;

    fn try_from(key: store::ObjectKey) -> Result<Self, FieldError> {
        let module = field::known::<roaming::RoamingModule, _>("module", key.module)?;
        let party = Party::new(&key.country_code, &key.party_id);
        let party = party.ok_or_else(|| FieldError::at("party_id", FieldFault::Unknown))?;
        Self::new(module, party, &key.object_id)
            .ok_or_else(|| FieldError::at("object_id", FieldFault::WrongLength))
    }
}

impl From<&RoamingObject> for store::RoamingObject {
    fn from(object: &RoamingObject) -> Self {
        Self { head: Some(head(object)), text: object.text.clone() }
    }
}

impl TryFrom<store::RoamingObject> for RoamingObject {
    type Error = FieldError;

    fn try_from(object: store::RoamingObject) -> Result<Self, FieldError> {
        let head = field::chosen("head", object.head)?;
        read(head, object.text).map_err(|error| error.within("head"))
    }
}

impl From<&Command> for store::RoamingObjectCommand {
    fn from(command: &Command) -> Self {
        let command = match command {
            Command::Get => Wire::Get(()),
            Command::Put { key, last_updated, audience, text, on_version } => {
                let object = RoamingObject {
                    key: key.clone(),
                    last_updated: *last_updated,
                    audience: *audience,
                    version: 0,
                    text: text.clone(),
                };
                Wire::Put(store::PutObject { object: Some((&object).into()), on_version: *on_version })
            }
            Command::Delete => Wire::Delete(()),
        };
        Self { command: Some(command), terms: None }
    }
}

impl TryFrom<store::RoamingObjectCommand> for Command {
    type Error = FieldError;

    fn try_from(command: store::RoamingObjectCommand) -> Result<Self, FieldError> {
        Ok(match field::chosen("command", command.command)? {
            Wire::Get(()) => Self::Get,
            Wire::Put(put) => {
                let RoamingObject { key, last_updated, audience, text, .. } =
                    field::required("put.object", put.object)?;
                Self::Put { key, last_updated, audience, text, on_version: put.on_version }
            }
            Wire::Delete(()) => Self::Delete,
        })
    }
}

impl From<&Reply> for store::RoamingObjectReply {
    fn from(reply: &Reply) -> Self {
        let reply = match reply {
            Reply::Object(object) => ReplyWire::Object(object.as_ref().into()),
            Reply::Put(outcome) => ReplyWire::Put(field::number::<store::PutOutcome, _>(*outcome)),
            Reply::Deleted => ReplyWire::Deleted(()),
        };
        Self { reply: Some(reply) }
    }
}

impl TryFrom<store::RoamingObjectReply> for Reply {
    type Error = FieldError;

    fn try_from(reply: store::RoamingObjectReply) -> Result<Self, FieldError> {
        Ok(match field::chosen("reply", reply.reply)? {
            ReplyWire::Object(object) => Self::Object(Box::new(field::required("object", Some(object))?)),
            ReplyWire::Put(outcome) => Self::Put(field::known::<store::PutOutcome, _>("put", outcome)?),
            ReplyWire::Deleted(()) => Self::Deleted,
        })
    }
}

impl From<&Rejection> for store::Rejection {
    fn from(rejection: &Rejection) -> Self {
        use RejectionKind::{Aborted, Invalid, NotFound};
        match rejection {
            Rejection::UnknownObject => refused(NotFound, "UNKNOWN_OBJECT", "there is no such object"),
            Rejection::TooLarge => {
                let most = domain::entity::roaming_object::MOST_OBJECT_BYTES.to_string();
                refused(Invalid, "OBJECT_TOO_LARGE", "the object has more bytes than are kept of one")
                    .knowing("field", "json")
                    .knowing("most", &most)
            }
            Rejection::ChangedMeanwhile => refused(
                Aborted,
                "OBJECT_CHANGED_MEANWHILE",
                "the object was changed by somebody else meanwhile",
            ),
        }
    }
}

fn head(object: &RoamingObject) -> store::RoamingObjectHead {
    store::RoamingObjectHead {
        key: Some((&object.key).into()),
        updated_time: Some(time::timestamp(object.last_updated)),
        audience: object.audience.map(|party| party.to_string()).unwrap_or_default(),
        version: object.version,
    }
}

fn read(head: store::RoamingObjectHead, text: String) -> Result<RoamingObject, FieldError> {
    let audience = match head.audience.as_str() {
        "" => None,
        party => Some(Party::parse(party).ok_or_else(|| FieldError::at("audience", FieldFault::Unknown))?),
    };
    Ok(RoamingObject {
        key: field::required("key", head.key)?,
        last_updated: time::required_instant("updated_time", head.updated_time)?,
        audience,
        version: head.version,
        text,
    })
}
