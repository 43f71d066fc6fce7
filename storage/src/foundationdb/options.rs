//! What can be chosen when a store in a FoundationDB cluster is opened.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Which cluster, which part of its keys, and how long to wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundationDbOptions {
    /// The file that says where the cluster is. FoundationDB's client rewrites it when the coordinators change, so it
    /// should be writable.
    pub cluster_file: PathBuf,
    /// The name of a part of the key space, so that several stores share a cluster without seeing one another: 1 to 64
    /// letters, digits, `-`, `_` and `.`. Without it the store is the whole key space, parts with a name included.
    pub prefix: Option<String>,
    /// How long opening waits for the cluster. 8 s unless stated otherwise.
    pub connect_timeout: Duration,
    /// How long a call waits in all, its repetitions included. Must outlast a recovery of the cluster after a machine
    /// was lost, which takes some seconds. 10 s unless stated otherwise.
    pub timeout: Duration,
    /// How often a call is repeated after refusals that prove that nothing happened. 100 unless stated otherwise; the
    /// pauses between grow to a second, so that the timeout is what ends it.
    pub repetitions: u32,
}

impl FoundationDbOptions {
    /// The longest prefix in bytes.
    pub const MAX_PREFIX_BYTES: usize = 64;

    /// The cluster of this file, all of its key space, the usual patience.
    pub fn new(cluster_file: impl Into<PathBuf>) -> FoundationDbOptions {
        FoundationDbOptions {
            cluster_file: cluster_file.into(),
            prefix: None,
            connect_timeout: Duration::from_secs(8),
            timeout: Duration::from_secs(10),
            repetitions: 100,
        }
    }

    /// The same in a part of the key space.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> FoundationDbOptions {
        self.prefix = Some(prefix.into());
        self
    }
}

/// The address under which a node is told to use this store.
impl fmt::Display for FoundationDbOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "fdb:{}", self.cluster_file.display())?;
        match &self.prefix {
            Some(prefix) => write!(formatter, "?prefix={prefix}"),
            None => Ok(()),
        }
    }
}

/// Milliseconds as FoundationDB's client takes them, of which none means for ever.
pub(super) fn timeout_ms(timeout: Duration) -> i32 {
    i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX).max(1)
}
