//! What is decided about parked entities.

use actors::shell::{Remedy, Ruling as Decided, Verdict};
use prost::Message as _;
use proto::node as message;

use super::Malformed;
use super::entity::{read_entity, write_entity};

/// A ruling as it is sent; its id is given when it goes.
#[derive(Clone, Debug)]
pub(in crate::links) enum Ruling {
    Unparking(message::Unparking),
    Diversion(message::Diversion),
}

impl Ruling {
    /// About how many bytes it takes.
    pub(in crate::links) fn size_bytes(&self) -> usize {
        match self {
            Ruling::Unparking(unparking) => unparking.encoded_len(),
            Ruling::Diversion(diversion) => diversion.encoded_len(),
        }
    }

    /// Goes into the frame under this id.
    pub(in crate::links) fn fill(self, frame: &mut message::ExchangeRequest, id: u64) {
        match self {
            Ruling::Unparking(unparking) => frame.unparkings.push(message::Unparking { id, ..unparking }),
            Ruling::Diversion(diversion) => frame.diversions.push(message::Diversion { id, ..diversion }),
        }
    }
}

/// A ruling as it is sent.
pub(in crate::links) fn write(ruling: Decided) -> Ruling {
    let (entity, verdict) = (Some(write_entity(&ruling.entity)), Some(write_verdict(&ruling.verdict)));
    let diversion = |sender| {
        Ruling::Diversion(message::Diversion {
            id: 0,
            entity: entity.clone(),
            sender,
            verdict: verdict.clone(),
        })
    };
    match &ruling.remedy {
        Remedy::Unpark => Ruling::Unparking(message::Unparking { id: 0, entity, verdict }),
        Remedy::DivertAll => diversion(None),
        Remedy::DivertFirst(sender) => diversion(Some(write_entity(sender))),
    }
}

/// That an entity is to be taken back.
pub(in crate::links) fn read_unparking(unparking: message::Unparking) -> Result<Decided, Malformed> {
    let (entity, verdict) = (read_entity(unparking.entity)?, read_verdict(unparking.verdict));
    Ok(Decided { entity, remedy: Remedy::Unpark, verdict })
}

/// That what waits for an entity is to be taken out of the way.
pub(in crate::links) fn read_diversion(diversion: message::Diversion) -> Result<Decided, Malformed> {
    let (entity, verdict) = (read_entity(diversion.entity)?, read_verdict(diversion.verdict));
    let remedy = match diversion.sender {
        None => Remedy::DivertAll,
        sender => Remedy::DivertFirst(read_entity(sender)?),
    };
    Ok(Decided { entity, remedy, verdict })
}

fn write_verdict(verdict: &Verdict) -> message::Verdict {
    message::Verdict { by: verdict.by.to_string(), note: verdict.note.to_string() }
}

fn read_verdict(verdict: Option<message::Verdict>) -> Verdict {
    let message::Verdict { by, note } = verdict.unwrap_or_default();
    Verdict { by: by.into(), note: note.into() }
}
