//! What a person decides about an entity that was set aside: it is taken back, or what waits for it is taken out of the
//! way first. All of it stays on record.

use std::sync::Arc;

use bytes::{BufMut, Bytes};
use storage::{Key, KeyReader};

use super::entity_id::EntityId;
use super::records::{Cursor, MalformedRecord, begin, put_incident, read, take_incident};
use super::request::Incident;

/// Who decides, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The person, as proven at the rim; at most 128 bytes are kept.
    pub by: Arc<str>,
    /// What they say about it; at most 1,000 bytes are kept.
    pub note: Arc<str>,
}

/// What is to become of a parked entity, or of what waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// It is taken back, and what waits for it is tried again.
    Unpark,
    /// Everything that waits for it is taken out of the way, without effect: all messages, those that come until it is taken
    /// back, and all timers that are due.
    DivertAll,
    /// The oldest message that waits for it from this sender is taken out of the way, without effect.
    DivertFirst(EntityId),
}

/// A decision about a parked entity, on its way to whoever runs its shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// Which one.
    pub entity: EntityId,
    /// What is to be done.
    pub remedy: Remedy,
    /// By whom and why.
    pub verdict: Verdict,
}

/// Something that was decided about a parked entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// When, in shard time.
    pub at_ms: i64,
    /// By whom and why.
    pub verdict: Verdict,
    /// What.
    pub what: Resolution,
}

/// What was decided about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The entity was taken back; what waits for it is tried again.
    Unparked {
        /// The incident it had been parked for.
        incident: Incident,
        /// Since when, in shard time.
        since_ms: i64,
        /// Why.
        reason: Arc<str>,
    },
    /// A message was taken out of its channel without effect: whoever decided that sees to it.
    Message {
        /// Who had sent it.
        sender: EntityId,
        /// Its place in the channel.
        sequence: u64,
        /// The command.
        command: Bytes,
    },
    /// A timer was taken away without effect.
    Timer {
        /// When it was due.
        due_ms: i64,
        /// Its key.
        key: Bytes,
        /// The command.
        command: Bytes,
    },
}

const MOST_BY_BYTES: usize = 128;
const MOST_NOTE_BYTES: usize = 1_000;
const UNPARKED: u8 = 1;
const MESSAGE: u8 = 2;
const TIMER: u8 = 3;

impl Resolved {
    pub(crate) fn to_bytes(&self) -> Bytes {
        let mut bytes = begin(64);
        bytes.put_i64(self.at_ms);
        put_text(&mut bytes, &self.verdict.by, MOST_BY_BYTES);
        put_text(&mut bytes, &self.verdict.note, MOST_NOTE_BYTES);
        match &self.what {
            Resolution::Unparked { incident, since_ms, reason } => {
                bytes.put_u8(UNPARKED);
                put_incident(&mut bytes, incident);
                bytes.put_i64(*since_ms);
                bytes.put_slice(reason.as_bytes());
            }
            Resolution::Message { sender, sequence, command } => {
                bytes.put_u8(MESSAGE);
                put_bytes(&mut bytes, &sender.to_bytes());
                bytes.put_u64(*sequence);
                bytes.put_slice(command);
            }
            Resolution::Timer { due_ms, key, command } => {
                bytes.put_u8(TIMER);
                bytes.put_i64(*due_ms);
                put_bytes(&mut bytes, key);
                bytes.put_slice(command);
            }
        }
        bytes.into()
    }

    pub(crate) fn from_bytes(stored: &Bytes) -> Result<Resolved, MalformedRecord> {
        read("resolved", stored, |cursor| {
            let at_ms = i64::from_be_bytes(cursor.chunk()?);
            let verdict = Verdict { by: take_text(cursor)?, note: take_text(cursor)? };
            let what = match cursor.u8()? {
                UNPARKED => Resolution::Unparked {
                    incident: take_incident(cursor)?,
                    since_ms: i64::from_be_bytes(cursor.chunk()?),
                    reason: Arc::from(std::str::from_utf8(&cursor.rest()).ok()?),
                },
                MESSAGE => {
                    let sender = Key::new(take_bytes(cursor)?);
                    let mut reader = KeyReader::new(&sender);
                    let sender = EntityId::read(&mut reader).ok()?;
                    reader.finish().ok()?;
                    Resolution::Message { sender, sequence: cursor.u64()?, command: cursor.rest() }
                }
                TIMER => Resolution::Timer {
                    due_ms: i64::from_be_bytes(cursor.chunk()?),
                    key: take_bytes(cursor)?,
                    command: cursor.rest(),
                },
                _ => return None,
            };
            Some(Resolved { at_ms, verdict, what })
        })
    }
}

fn put_text(bytes: &mut Vec<u8>, text: &str, most_bytes: usize) {
    let end = (0..=most_bytes)
        .rev()
        .find(|end| text.is_char_boundary(*end) && *end <= text.len())
        .unwrap_or_default();
    put_bytes(bytes, text.get(..end).unwrap_or_default().as_bytes());
}

fn put_bytes(bytes: &mut Vec<u8>, content: &[u8]) {
    bytes.put_u16(u16::try_from(content.len()).unwrap_or(u16::MAX));
    bytes.put_slice(content);
}

fn take_text(cursor: &mut Cursor) -> Option<Arc<str>> {
    std::str::from_utf8(&take_bytes(cursor)?).ok().map(Arc::from)
}

fn take_bytes(cursor: &mut Cursor) -> Option<Bytes> {
    let length = u16::from_be_bytes(cursor.chunk()?);
    cursor.take(usize::from(length))
}

#[cfg(test)]
mod tests {
    use cluster::{Epoch, ShardId};

    use super::*;
    use crate::shell::entity_id::{KindTag, Tenant};

    fn resolved(what: Resolution) -> Resolved {
        let verdict = Verdict { by: "anna".into(), note: "known bug".into() };
        Resolved { at_ms: 5, verdict, what }
    }

    #[test]
    fn what_was_written_is_read() {
        let sender = EntityId::new(Tenant::parse("nl").unwrap(), KindTag::new(1).unwrap(), "k").unwrap();
        let incident = Incident { shard: ShardId::new(3), epoch: Epoch::new(4), number: 5 };
        for what in [
            Resolution::Unparked { incident, since_ms: -1, reason: "why".into() },
            Resolution::Message { sender, sequence: 9, command: "command".into() },
            Resolution::Timer { due_ms: 7, key: "t".into(), command: Bytes::new() },
        ] {
            let resolved = resolved(what);
            assert_eq!(Resolved::from_bytes(&resolved.to_bytes()), Ok(resolved));
        }
        assert!(Resolved::from_bytes(&Bytes::from_static(&[2])).is_err());
    }

    #[test]
    fn the_stored_form_is_frozen() {
        let timer = Resolution::Timer { due_ms: 7, key: "t".into(), command: "c".into() };
        let mut expected = vec![1, 0, 0, 0, 0, 0, 0, 0, 5];
        expected.extend(b"\0\x04anna\0\x09known bug");
        expected.extend([3, 0, 0, 0, 0, 0, 0, 0, 7, 0, 1, b't', b'c']);
        assert_eq!(resolved(timer).to_bytes(), expected);
    }

    #[test]
    fn long_notes_are_cut() {
        let verdict = Verdict { by: "ä".repeat(100).into(), note: "n".repeat(2_000).into() };
        let timer = Resolution::Timer { due_ms: 7, key: Bytes::new(), command: Bytes::new() };
        let read = Resolved::from_bytes(&Resolved { verdict, ..resolved(timer) }.to_bytes()).unwrap();
        assert_eq!((read.verdict.by.len(), read.verdict.note.len()), (128, 1_000));
    }
}
