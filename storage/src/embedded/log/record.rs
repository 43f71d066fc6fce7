//! The bytes of the log. Numbers are little-endian; headers and records begin at multiples of 8 bytes.
//!
//! | header of a segment | | record | |
//! |---|---|---|---|
//! | magic `kvartlog` | 8 | checksum (CRC-32C) of the rest of the record | 4 |
//! | number of the segment | 8 | bytes of the body; 0: the log goes on in the next segment | 4 |
//! | mark of the segment | 8 | mark of the segment | 8 |
//! | sequence of the first record | 8 | sequence | 8 |
//! | checksum of all this, then zeros | 8 | body, filled up with zeros to a multiple of 8 | |
//!
//! The body is one change after the other: the length of the key (2), the length of the value (4, all ones for a row
//! that is deleted), the key, the value.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::key::Key;

const MAGIC: [u8; 8] = *b"kvartlog";
/// The bytes in front of the first record.
pub(in crate::embedded) const HEADER_BYTES: usize = 40;
const CHECKED_HEADER_BYTES: usize = 32;
/// The bytes in front of the body of a record.
pub(super) const RECORD_HEADER_BYTES: usize = 24;
/// Records begin at multiples of this.
pub(super) const ALIGNMENT_BYTES: usize = 8;
const CHANGE_HEADER_BYTES: usize = 6;
const DELETED: u32 = u32::MAX;

/// What one row is from here on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::embedded) struct Change {
    /// The row.
    pub(in crate::embedded) key: Key,
    /// Its value, `None` for a row that is no more.
    pub(in crate::embedded) value: Option<Bytes>,
}

/// How a segment begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::embedded) struct SegmentHeader {
    /// Its number, which its name says too.
    pub(in crate::embedded) segment: u64,
    /// Tells its records from whatever else the file holds.
    pub(in crate::embedded) mark: u64,
    /// The sequence that its first record has or will have.
    pub(in crate::embedded) first_sequence: u64,
}

/// A record as it is being written.
pub(super) struct RecordWriter(BytesMut);

/// A record found in a segment.
pub(super) struct Record {
    pub(super) sequence: u64,
    /// Where it ends, which is where the next one begins.
    pub(super) end: usize,
    /// The length of its body.
    pub(super) body_bytes: usize,
}

impl SegmentHeader {
    /// The header as it is stored.
    pub(in crate::embedded) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.put_u64_le(self.segment);
        bytes.put_u64_le(self.mark);
        bytes.put_u64_le(self.first_sequence);
        let checksum = crc32c::crc32c(&bytes);
        bytes.put_u64_le(u64::from(checksum));
        bytes
    }

    /// The header of a segment, if it is whole.
    pub(super) fn read(segment: &[u8]) -> Option<SegmentHeader> {
        let (checked, mut rest) = segment.get(..HEADER_BYTES)?.split_at_checked(CHECKED_HEADER_BYTES)?;
        let mut fields = checked.strip_prefix(&MAGIC)?;
        let header = SegmentHeader {
            segment: fields.get_u64_le(),
            mark: fields.get_u64_le(),
            first_sequence: fields.get_u64_le(),
        };
        (rest.get_u64_le() == u64::from(crc32c::crc32c(checked))).then_some(header)
    }
}

impl RecordWriter {
    /// With room for a body of so many bytes.
    pub(super) fn new(body_bytes: usize) -> RecordWriter {
        let room = body_bytes.saturating_add(RECORD_HEADER_BYTES).saturating_add(ALIGNMENT_BYTES);
        let mut record = BytesMut::with_capacity(room);
        record.put_bytes(0, RECORD_HEADER_BYTES);
        RecordWriter(record)
    }

    pub(super) fn push(&mut self, change: &Change) {
        let value = change.value.as_deref();
        // Keys and values have limits far below what these fields hold.
        let key_length = u16::try_from(change.key.len()).unwrap_or(u16::MAX);
        let value_length = value.map_or(DELETED, |value| u32::try_from(value.len()).unwrap_or(DELETED));
        self.0.put_u16_le(key_length);
        self.0.put_u32_le(value_length);
        self.0.put_slice(change.key.as_bytes());
        self.0.put_slice(value.unwrap_or_default());
    }

    /// The whole record.
    pub(super) fn finish(self, mark: u64, sequence: u64) -> Bytes {
        let mut record = self.0;
        let body_bytes = record.len().saturating_sub(RECORD_HEADER_BYTES);
        let padded = record.len().next_multiple_of(ALIGNMENT_BYTES);
        record.put_bytes(0, padded.saturating_sub(record.len()));
        if let Some(mut header) = record.get_mut(size_of::<u32>()..RECORD_HEADER_BYTES) {
            header.put_u32_le(u32::try_from(body_bytes).unwrap_or(u32::MAX));
            header.put_u64_le(mark);
            header.put_u64_le(sequence);
        }
        let checksum = crc32c::crc32c(record.get(size_of::<u32>()..).unwrap_or_default());
        if let Some(mut field) = record.get_mut(..size_of::<u32>()) {
            field.put_u32_le(checksum);
        }
        record.freeze()
    }
}

impl Change {
    /// The bytes it takes in a record.
    pub(in crate::embedded) fn log_bytes(&self) -> usize {
        let value_bytes = self.value.as_ref().map_or(0, Bytes::len);
        CHANGE_HEADER_BYTES.saturating_add(self.key.len()).saturating_add(value_bytes)
    }
}

impl Record {
    /// The record that begins at `begin` and carries `mark`, if it is whole.
    pub(super) fn read(segment: &[u8], begin: usize, mark: u64) -> Option<Record> {
        let rest = segment.get(begin..)?;
        let mut header = rest.get(..RECORD_HEADER_BYTES)?;
        let checksum = header.get_u32_le();
        let body_bytes = usize::try_from(header.get_u32_le()).ok()?;
        if header.get_u64_le() != mark {
            return None;
        }
        let sequence = header.get_u64_le();
        let bytes = RECORD_HEADER_BYTES.checked_add(body_bytes)?.checked_next_multiple_of(ALIGNMENT_BYTES)?;
        let checked = rest.get(size_of::<u32>()..bytes)?;
        let end = begin.checked_add(bytes)?;
        (crc32c::crc32c(checked) == checksum).then_some(Record { sequence, end, body_bytes })
    }

    /// Whether the log goes on in the next segment.
    pub(super) fn is_end(&self) -> bool {
        self.body_bytes == 0
    }
}

/// The record behind the last of a segment. It has the sequence of the first of the next one.
pub(super) fn end_mark(mark: u64, next_sequence: u64) -> Bytes {
    RecordWriter::new(0).finish(mark, next_sequence)
}

/// The body of a whole record, with what it was filled up with: see [`changes`].
pub(super) fn body_of(record: Bytes) -> Bytes {
    let mut length = record.get(size_of::<u32>()..).unwrap_or_default();
    let body_bytes = length.try_get_u32_le().map_or(0, |length| usize::try_from(length).unwrap_or(0));
    let end = RECORD_HEADER_BYTES.saturating_add(body_bytes).min(record.len());
    record.slice(RECORD_HEADER_BYTES.min(end)..end)
}

/// The changes of a body, without copies, in the order written. `None` stands for what is none.
pub(in crate::embedded) fn changes(mut body: Bytes) -> impl Iterator<Item = Option<Change>> {
    std::iter::from_fn(move || {
        if body.is_empty() {
            return None;
        }
        let change = next_change(&mut body);
        if change.is_none() {
            body.clear();
        }
        Some(change)
    })
}

fn next_change(body: &mut Bytes) -> Option<Change> {
    let key_length = usize::from(body.try_get_u16_le().ok()?);
    let value_length = body.try_get_u32_le().ok()?;
    let key = take(body, key_length)?;
    let value = match value_length {
        DELETED => None,
        length => Some(take(body, usize::try_from(length).ok()?)?),
    };
    Some(Change { key: Key::new(key), value })
}

fn take(body: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= body.len()).then(|| body.split_to(length))
}
