//! The stored forms of the shell's own rows. Each begins with a byte that names its form; an unknown one is refused.

use std::sync::Arc;

use bytes::{BufMut, Bytes};
use cluster::{Epoch, ShardId};
use storage::{Key, KeyReader, KeyWriter};

use super::entity_id::EntityId;
use super::request::{Answered, CallError, Incident, Reply};

/// A row that can't be read: written by a release that knows more, or damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stored {row} row of {size_bytes} bytes can't be read by this release (form {form:?})")]
pub struct MalformedRecord {
    /// Which row.
    pub row: &'static str,
    /// Its first byte.
    pub form: Option<u8>,
    /// Its length.
    pub size_bytes: usize,
}

/// The root part of an entity with what the shell remembers about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Root {
    /// The last entry of the entity's log.
    pub(crate) log_sequence: u64,
    /// The latest time in a request id whose answer was kept: an id made later was never used.
    pub(crate) latest_request_ms: u64,
    /// The machine's part.
    pub(crate) part: Option<Bytes>,
}

/// An answer kept for a request id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptAnswer {
    /// Of the command, to tell a repeat from another use of the id.
    pub(crate) digest: Digest,
    pub(crate) answered: Answered,
}

/// A message that waits for delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub(crate) receiver: EntityId,
    pub(crate) command: Bytes,
}

/// Why and when an entity was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParkedRow {
    pub(crate) incident: Incident,
    pub(crate) since_ms: i64,
    pub(crate) reason: Arc<str>,
}

/// The first half of the SHA-256 of a command.
pub(crate) type Digest = [u8; 16];

const FORM: u8 = 1;
const ACCEPTED: u8 = 0;
const REJECTED: u8 = 1;
const INTERNAL: u8 = 2;

impl Root {
    pub(crate) fn to_bytes(&self) -> Bytes {
        let mut bytes = begin(18);
        bytes.put_u64(self.log_sequence);
        bytes.put_u64(self.latest_request_ms);
        bytes.put_u8(u8::from(self.part.is_some()));
        bytes.put_slice(self.part.as_deref().unwrap_or_default());
        bytes.into()
    }

    pub(crate) fn from_bytes(stored: &Bytes) -> Result<Root, MalformedRecord> {
        read("root", stored, |cursor| {
            let log_sequence = cursor.u64()?;
            let latest_request_ms = cursor.u64()?;
            let present = cursor.u8()?;
            let part = cursor.rest();
            Some(Root { log_sequence, latest_request_ms, part: (present == 1).then_some(part) })
        })
    }
}

impl KeptAnswer {
    /// `None` for what is never kept: everything but answers of the entity and incidents.
    pub(crate) fn to_bytes(&self) -> Option<Bytes> {
        let mut bytes = begin(32);
        bytes.put_slice(&self.digest);
        match &self.answered {
            Ok(Reply::Accepted(reply)) => {
                bytes.put_u8(ACCEPTED);
                bytes.put_slice(reply);
            }
            Ok(Reply::Rejected(reply)) => {
                bytes.put_u8(REJECTED);
                bytes.put_slice(reply);
            }
            Err(CallError::Internal { incident }) => {
                bytes.put_u8(INTERNAL);
                put_incident(&mut bytes, incident);
            }
            Err(_) => return None,
        }
        Some(bytes.into())
    }

    pub(crate) fn from_bytes(stored: &Bytes) -> Result<KeptAnswer, MalformedRecord> {
        read("answer", stored, |cursor| {
            let digest = cursor.chunk()?;
            let answered = match cursor.u8()? {
                ACCEPTED => Ok(Reply::Accepted(cursor.rest())),
                REJECTED => Ok(Reply::Rejected(cursor.rest())),
                INTERNAL => Err(CallError::Internal { incident: take_incident(cursor)? }),
                _ => return None,
            };
            Some(KeptAnswer { digest, answered })
        })
    }
}

impl Outgoing {
    pub(crate) fn to_bytes(&self) -> Bytes {
        let receiver = self.receiver.to_bytes();
        let mut bytes = begin(receiver.len().saturating_add(self.command.len()).saturating_add(2));
        bytes.put_u16(u16::try_from(receiver.len()).unwrap_or(u16::MAX));
        bytes.put_slice(&receiver);
        bytes.put_slice(&self.command);
        bytes.into()
    }

    pub(crate) fn from_bytes(stored: &Bytes) -> Result<Outgoing, MalformedRecord> {
        read("outbox", stored, |cursor| {
            let length = u16::from_be_bytes(cursor.chunk()?);
            let receiver = Key::new(cursor.take(usize::from(length))?);
            let mut reader = KeyReader::new(&receiver);
            let receiver = EntityId::read(&mut reader).ok()?;
            reader.finish().ok()?;
            Some(Outgoing { receiver, command: cursor.rest() })
        })
    }
}

impl ParkedRow {
    pub(crate) fn to_bytes(&self) -> Bytes {
        let mut bytes = begin(self.reason.len().saturating_add(26));
        put_incident(&mut bytes, &self.incident);
        bytes.put_i64(self.since_ms);
        bytes.put_slice(self.reason.as_bytes());
        bytes.into()
    }

    pub(crate) fn from_bytes(stored: &Bytes) -> Result<ParkedRow, MalformedRecord> {
        read("parked", stored, |cursor| {
            let incident = take_incident(cursor)?;
            let since_ms = i64::from_be_bytes(cursor.chunk()?);
            let reason = Arc::from(std::str::from_utf8(&cursor.rest()).ok()?);
            Some(ParkedRow { incident, since_ms, reason })
        })
    }
}

/// The stored form of the last sequence of a channel.
pub(crate) fn inbox_to_bytes(sequence: u64) -> Bytes {
    KeyWriter::new().tag(FORM).u64(sequence).finish().into_bytes()
}

pub(crate) fn inbox_from_bytes(stored: &Bytes) -> Result<u64, MalformedRecord> {
    read("inbox", stored, |cursor| cursor.u64().filter(|_| cursor.bytes.is_empty()))
}

pub(super) struct Cursor {
    bytes: Bytes,
}

impl Cursor {
    pub(super) fn u8(&mut self) -> Option<u8> {
        self.chunk().map(u8::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.chunk().map(u64::from_be_bytes)
    }

    pub(super) fn chunk<const WIDTH: usize>(&mut self) -> Option<[u8; WIDTH]> {
        self.take(WIDTH)?.as_ref().try_into().ok()
    }

    pub(super) fn take(&mut self, length: usize) -> Option<Bytes> {
        (length <= self.bytes.len()).then(|| self.bytes.split_to(length))
    }

    pub(super) fn rest(&mut self) -> Bytes {
        std::mem::take(&mut self.bytes)
    }
}

pub(super) fn begin(capacity: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(capacity.saturating_add(1));
    bytes.push(FORM);
    bytes
}

pub(super) fn read<T>(
    row: &'static str,
    stored: &Bytes,
    parts: impl FnOnce(&mut Cursor) -> Option<T>,
) -> Result<T, MalformedRecord> {
    let mut cursor = Cursor { bytes: stored.clone() };
    let found = cursor.u8().filter(|form| *form == FORM).and_then(|_| parts(&mut cursor));
    found.ok_or_else(|| MalformedRecord { row, form: stored.first().copied(), size_bytes: stored.len() })
}

pub(super) fn put_incident(bytes: &mut Vec<u8>, incident: &Incident) {
    bytes.put_u16(incident.shard.number());
    bytes.put_u64(incident.epoch.number());
    bytes.put_u64(incident.number);
}

pub(super) fn take_incident(cursor: &mut Cursor) -> Option<Incident> {
    let shard = ShardId::new(u16::from_be_bytes(cursor.chunk()?));
    let epoch = Epoch::new(cursor.u64()?);
    Some(Incident { shard, epoch, number: cursor.u64()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::entity_id::{KindTag, Tenant};

    #[test]
    fn what_was_written_is_read() {
        let incident = Incident { shard: ShardId::new(3), epoch: Epoch::new(4), number: 5 };
        for part in [None, Some(Bytes::new()), Some("root".into())] {
            let root = Root { log_sequence: 1, latest_request_ms: 2, part };
            assert_eq!(Root::from_bytes(&root.to_bytes()), Ok(root));
        }
        let answers = [
            Ok(Reply::Accepted("yes".into())),
            Ok(Reply::Rejected(Bytes::new())),
            Err(CallError::Internal { incident }),
        ];
        for answered in answers {
            let kept = KeptAnswer { digest: [7; 16], answered };
            assert_eq!(KeptAnswer::from_bytes(&kept.to_bytes().unwrap()), Ok(kept));
        }
        let receiver = EntityId::new(Tenant::parse("nl").unwrap(), KindTag::new(1).unwrap(), "k").unwrap();
        let outgoing = Outgoing { receiver, command: "command".into() };
        assert_eq!(Outgoing::from_bytes(&outgoing.to_bytes()), Ok(outgoing));
        let parked = ParkedRow { incident, since_ms: -1, reason: "why".into() };
        assert_eq!(ParkedRow::from_bytes(&parked.to_bytes()), Ok(parked));
        assert_eq!(inbox_from_bytes(&inbox_to_bytes(9)), Ok(9));
    }

    #[test]
    fn an_unknown_form_is_refused() {
        let malformed = |row| MalformedRecord { row, form: Some(2), size_bytes: 1 };
        let newer = Bytes::from_static(&[2]);
        assert_eq!(Root::from_bytes(&newer), Err(malformed("root")));
        assert_eq!(KeptAnswer::from_bytes(&newer), Err(malformed("answer")));
        assert_eq!(Outgoing::from_bytes(&newer), Err(malformed("outbox")));
        assert_eq!(ParkedRow::from_bytes(&newer), Err(malformed("parked")));
        assert_eq!(inbox_from_bytes(&newer), Err(malformed("inbox")));
        assert!(Root::from_bytes(&Bytes::new()).is_err());
    }
}
