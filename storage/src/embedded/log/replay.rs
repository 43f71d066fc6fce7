//! Reading the log when the store is opened.
//!
//! A crash may leave the last record half written: nobody was answered, it is left out. What is not readable though
//! later records are there, or a segment that should be there and is not, is damage: what was acknowledged would
//! be missing.

use bytes::Bytes;

use super::files::LogFiles;
use super::record::{ALIGNMENT_BYTES, HEADER_BYTES, RECORD_HEADER_BYTES, Record, SegmentHeader};
use super::{Change, Checkpoint, changes};
use crate::embedded::failure::OpenError;

/// Where the log ends.
#[derive(Debug)]
pub(in crate::embedded) struct Replayed {
    /// The last segment.
    pub(super) last: SegmentHeader,
    /// Its last record, if it has one.
    pub(super) last_record: Option<LastRecord>,
    /// The sequence of the next record.
    pub(in crate::embedded) next_sequence: u64,
    /// From how many segments it was read.
    pub(in crate::embedded) segments: u64,
}

/// A record as it lies in its segment.
#[derive(Debug)]
pub(super) struct LastRecord {
    pub(super) offset: u64,
    pub(super) bytes: Bytes,
}

/// What a segment holds.
struct Segment {
    header: SegmentHeader,
    /// The changes of its records.
    bodies: Vec<Bytes>,
    last_record: Option<LastRecord>,
    next_sequence: u64,
    /// Whether another segment follows for certain.
    is_ended: bool,
}

impl Replayed {
    /// The number of the last segment.
    pub(in crate::embedded) fn segment(&self) -> u64 {
        self.last.segment
    }
}

/// Gives every group after the checkpoint to `apply`, in their order, with its sequence. Segments before the
/// checkpoint's are not looked at.
pub(in crate::embedded) fn replay(
    files: &dyn LogFiles,
    checkpoint: Checkpoint,
    mut apply: impl FnMut(u64, Vec<Change>) -> Result<(), OpenError>,
) -> Result<Replayed, OpenError> {
    let numbers = files.numbers().map_err(|error| OpenError::io(&files.path(checkpoint.segment), error))?;
    let last_number = numbers.into_iter().max().unwrap_or(0).max(checkpoint.segment);
    let mut next_sequence = checkpoint.sequence.saturating_add(1);
    let mut number = checkpoint.segment;
    loop {
        let segment = read_segment(files, number, next_sequence)?;
        for body in segment.bodies {
            apply(next_sequence, read_changes(files, number, body)?)?;
            next_sequence = next_sequence.saturating_add(1);
        }
        debug_assert_eq!(next_sequence, segment.next_sequence, "records have no gap");
        if number >= last_number && !segment.is_ended {
            let (last, last_record) = (segment.header, segment.last_record);
            let segments = number.saturating_sub(checkpoint.segment).saturating_add(1);
            return Ok(Replayed { last, last_record, next_sequence, segments });
        }
        number = number.saturating_add(1);
    }
}

fn read_segment(files: &dyn LogFiles, number: u64, expected_sequence: u64) -> Result<Segment, OpenError> {
    let path = files.path(number);
    let damaged = |what: String| OpenError::Damaged { path: path.clone(), what };
    let content = match files.read(number) {
        Ok(content) => content,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(damaged("this part of the log is missing".to_owned()));
        }
        Err(error) => return Err(OpenError::io(&path, error)),
    };
    let header = SegmentHeader::read(&content).filter(|header| header.segment == number);
    let header =
        header.ok_or_else(|| damaged("its beginning is not that of this part of a log".to_owned()))?;
    if header.first_sequence != expected_sequence {
        let found = header.first_sequence;
        return Err(damaged(format!(
            "it begins with group {found} of commits where group {expected_sequence} was to follow"
        )));
    }
    let mut segment = Segment {
        header,
        bodies: Vec::new(),
        last_record: None,
        next_sequence: expected_sequence,
        is_ended: false,
    };
    match read_records(&content, &mut segment) {
        None => Ok(segment),
        Some(offset) => Err(damaged(format!(
            "group {} of commits at byte {offset} is not readable, though later ones are there",
            segment.next_sequence
        ))),
    }
}

/// Reads record after record. Gives the place that is not readable if anything readable follows it.
fn read_records(content: &[u8], segment: &mut Segment) -> Option<usize> {
    let mark = segment.header.mark;
    let mut at = HEADER_BYTES;
    let mut last = at..at;
    while let Some(record) = Record::read(content, at, mark) {
        if record.sequence != segment.next_sequence {
            break;
        }
        if record.is_end() {
            segment.is_ended = true;
            return None;
        }
        let body_begin = at.saturating_add(RECORD_HEADER_BYTES);
        let body = content.get(body_begin..body_begin.saturating_add(record.body_bytes)).unwrap_or_default();
        // A copy, so that rows do not keep the rest of the segment in memory.
        segment.bodies.push(Bytes::copy_from_slice(body));
        segment.next_sequence = segment.next_sequence.saturating_add(1);
        last = at..record.end;
        at = record.end;
    }
    if let Some(bytes) = content.get(last.clone()).filter(|bytes| !bytes.is_empty()) {
        let offset = u64::try_from(last.start).unwrap_or(u64::MAX);
        segment.last_record = Some(LastRecord { offset, bytes: Bytes::copy_from_slice(bytes) });
    }
    let mut later = (at..content.len()).step_by(ALIGNMENT_BYTES);
    later.any(|place| Record::read(content, place, mark).is_some()).then_some(at)
}

fn read_changes(files: &dyn LogFiles, number: u64, body: Bytes) -> Result<Vec<Change>, OpenError> {
    let changes: Option<Vec<Change>> = changes(body).collect();
    changes.ok_or_else(|| OpenError::Damaged {
        path: files.path(number),
        what: "a group of commits in it is none, though its checksum holds".to_owned(),
    })
}
