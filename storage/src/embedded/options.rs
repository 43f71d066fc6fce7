//! What can be chosen when an embedded store is opened.

use crate::limits::MAX_COMMIT_BYTES;

/// How an embedded store is opened and run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedOptions {
    /// Memory for pages of the file, in bytes. 256 MB unless stated otherwise.
    pub cache_bytes: usize,
    /// The bytes of commits that may wait; beyond it `commit` itself waits, first come, first served. At
    /// least the size of the largest commit. 64 MB unless stated otherwise.
    pub queue_bytes: usize,
    /// The bytes of commits that one record of the log takes, once it has one. 16 MB unless stated otherwise.
    pub group_bytes: usize,
    /// When the rows of the log take so many bytes of memory, they are written to the file while the next ones are
    /// collected: so there are at most about twice as many. The log is shorter, and a start after a crash reads all
    /// of it. 64 MB unless stated otherwise.
    pub checkpoint_bytes: usize,
    /// When the whole file is verified.
    pub integrity_check: IntegrityCheck,
    /// A file that is larger than this is not verified: a node has to answer within seconds. 1 GB unless stated otherwise.
    pub verified_bytes: u64,
}

/// When opening a store reads the whole file and verifies every page: reading it from disk is the cost, so
/// seconds for some gigabytes.
///
/// redb itself needs no check after a crash: a checkpoint reaches the disk in two phases, and the file goes on
/// from the last one that was completed. The log is always verified. The check is against disks and file systems that do not keep what
/// they promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum IntegrityCheck {
    /// When the file is no larger than [`EmbeddedOptions::verified_bytes`].
    #[default]
    WhenSmall,
    /// At every opening.
    Always,
    /// Not at all. A damaged value is then found by its checksum, when it is read; a damaged key is not found where the row
    /// is looked for.
    Never,
}

impl Default for EmbeddedOptions {
    fn default() -> EmbeddedOptions {
        EmbeddedOptions {
            cache_bytes: 256_000_000,
            queue_bytes: 64_000_000,
            group_bytes: 16_000_000,
            checkpoint_bytes: 64_000_000,
            integrity_check: IntegrityCheck::default(),
            verified_bytes: 1_000_000_000,
        }
    }
}

/// The length of a record is counted in 32 bits, and the last commit of a group may be a large one.
const MOST_GROUP_BYTES: usize = 1_000_000_000;

impl EmbeddedOptions {
    /// The size of a group as it takes effect.
    pub(super) fn bounded_group_bytes(&self) -> usize {
        self.group_bytes.min(MOST_GROUP_BYTES)
    }

    /// The queue's bound as it takes effect.
    pub(super) fn bounded_queue_bytes(&self) -> usize {
        // The largest commit has to find room, and a permit counts in 32 bits.
        self.queue_bytes.clamp(MAX_COMMIT_BYTES, u32::MAX as usize)
    }
}
