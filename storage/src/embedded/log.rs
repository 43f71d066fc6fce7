//! The log in front of the file: what was committed since the last checkpoint, in the order in which it was.
//!
//! It lies in segments, numbered without a gap. A segment begins with a header and holds one record per group of
//! commits; when the rows of a segment are in the file, the next checkpoint frees it. Sequences of records have no
//! gap either, across segments, so that whatever is missing is noticed.

mod files;
mod record;
mod replay;

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::Arc;

pub(super) use files::{Directory as LogDirectory, LogFiles, SegmentFile};
pub(super) use record::{Change, HEADER_BYTES, SegmentHeader, changes};
pub(super) use replay::{Replayed, replay};

use super::recent::RecentChange;
use record::{RecordWriter, body_of, end_mark};

/// Where a store goes on: everything up to `sequence` is in the file, everything after it in the segments from
/// `segment` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// The last group whose rows are in the file.
    pub(super) sequence: u64,
    /// The segment that begins with the group after it.
    pub(super) segment: u64,
}

/// The end of the log, where groups are added.
#[derive(Debug)]
pub(super) struct Log {
    files: Arc<dyn LogFiles>,
    file: Box<dyn SegmentFile>,
    segment: u64,
    mark: u64,
    next_sequence: u64,
}

impl Checkpoint {
    /// Of a store that was never written to.
    pub(super) const FIRST: Checkpoint = Checkpoint { sequence: 0, segment: 1 };
}

impl Log {
    /// Begins segment `segment`, whose first record will have sequence `next_sequence`. Its name is durable when this
    /// returns.
    pub(super) fn begin(files: Arc<dyn LogFiles>, segment: u64, next_sequence: u64) -> io::Result<Log> {
        // Unknown to whoever writes rows, so that no value looks like a record; and another than the one that what
        // is left of an earlier use of the file carries.
        let mark = RandomState::new().hash_one(segment);
        let header = SegmentHeader { segment, mark, first_sequence: next_sequence };
        let file = files.create(segment, &header.to_bytes())?;
        Ok(Log { files, file, segment, mark, next_sequence })
    }

    /// Goes on where a replay ended. What it read last is written once more: it may have been read from memory that
    /// never reached the disk. A segment with records is left as it is and the next one begun.
    pub(super) fn resume(files: Arc<dyn LogFiles>, replayed: &Replayed) -> io::Result<Log> {
        let header = replayed.last;
        let Some(last_record) = &replayed.last_record else {
            let file = files.open(header.segment, u64::try_from(HEADER_BYTES).unwrap_or(u64::MAX))?;
            let (segment, mark) = (header.segment, header.mark);
            return Ok(Log { files, file, segment, mark, next_sequence: replayed.next_sequence });
        };
        let mut file = files.open(header.segment, last_record.offset)?;
        file.append(&last_record.bytes)?;
        let next = Log::begin(files, header.segment.saturating_add(1), replayed.next_sequence)?;
        file.append(&end_mark(header.mark, replayed.next_sequence))?;
        Ok(next)
    }

    /// Adds a group, which is durable when this returns; after an error it may be or not, and the log must not be used
    /// further. Gives its sequence and leaves its changes in the memory of the record: so all that recent rows keep is
    /// no more than what is in the log.
    pub(super) fn append(&mut self, group: &mut [RecentChange]) -> io::Result<u64> {
        let sequence = self.next_sequence;
        let mut writer = RecordWriter::new(group.iter().map(|row| row.change.log_bytes()).sum());
        group.iter().for_each(|row| writer.push(&row.change));
        let record = writer.finish(self.mark, sequence);
        self.file.append(&record)?;
        self.next_sequence = sequence.saturating_add(1);
        for (row, stored) in group.iter_mut().zip(changes(body_of(record))) {
            row.change = stored.unwrap_or_else(|| row.change.clone());
        }
        Ok(sequence)
    }

    /// Begins the next segment. What was written so far is a checkpoint once its rows are in the file.
    pub(super) fn rotate(&mut self) -> io::Result<Checkpoint> {
        let segment = self.segment.saturating_add(1);
        let next = Log::begin(Arc::clone(&self.files), segment, self.next_sequence)?;
        self.file.append(&end_mark(self.mark, self.next_sequence))?;
        *self = next;
        Ok(Checkpoint { sequence: self.next_sequence.saturating_sub(1), segment })
    }
}
