//! How the way to other nodes is set up.

use std::time::Duration;

use cluster::Incarnation;

/// The level of the protocol between nodes that this program speaks.
pub(super) const LEVEL: u32 = 1;
/// The lowest level that it understands.
pub(super) const LOWEST_LEVEL: u32 = 1;
/// The largest frame in bytes: what a frame is filled up to, and the largest command on top of it.
pub(super) const MOST_FRAME_BYTES: usize = 32 << 20;
/// How much goes into one frame before the next is begun.
pub(super) const FRAME_BYTES: usize = 512 << 10;
/// How many things go into one frame.
pub(super) const FRAME_ITEMS: usize = 512;

/// How the way to other nodes is set up.
#[derive(Clone, Debug)]
pub struct LinkOptions {
    /// This start of the node.
    pub me: Incarnation,
    /// How many streams go to each node; one has one lock and one window.
    pub lanes: usize,
    /// How many questions may be open on a stream, on either side of it; beyond, they are refused.
    pub open_calls: usize,
    /// How many bytes may wait for a stream; beyond, questions are refused and parcels dropped.
    pub waiting_bytes: usize,
    /// How long a connection may take, its greeting included.
    pub connect_timeout: Duration,
    /// After so long without a word a connection is asked whether it lives, and it has as long to answer.
    pub keep_alive: Duration,
    /// How long a question that names no time waits for its answer.
    pub patience: Duration,
    /// How much longer than its own time a question is waited for: the node that is asked keeps the time as well, and
    /// knows better what became of it.
    pub margin: Duration,
    /// How often a node is asked for its time.
    pub ping: Duration,
    /// After how long a stream is replaced by a new one, so that none is cut off by the age that servers grant.
    pub stream_age: Duration,
}

impl LinkOptions {
    /// The usual bounds, for nodes that take each other for dead after `lease`: a connection that is dead is noticed in
    /// half that time.
    #[must_use]
    pub fn new(me: Incarnation, lease: Duration) -> Self {
        let quarter = lease.checked_div(4).unwrap_or_default();
        Self {
            me,
            lanes: 2,
            open_calls: 4_096,
            waiting_bytes: 16 << 20,
            connect_timeout: quarter.clamp(Duration::from_millis(100), Duration::from_secs(5)),
            keep_alive: quarter.clamp(Duration::from_millis(50), Duration::from_secs(10)),
            patience: Duration::from_secs(60),
            margin: Duration::from_millis(50),
            ping: Duration::from_secs(1),
            stream_age: Duration::from_secs(15 * 60),
        }
    }
}
