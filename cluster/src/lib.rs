//! Who owns which shard: nodes and their heartbeats, the table of shards, and what fences a former owner.
//!
//! Nothing here knows a billing word, nor what an entity is. A shard is a number with a head row in the store;
//! whoever bumps the epoch in that row owns the shard until somebody else does. Which node is to do so says one row, the
//! [`Table`], which every [`Member`] reads and any may change by compare-and-set. Nothing depends on the clocks of
//! two machines agreeing.

mod charter;
mod claim;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod fields;
mod head;
mod lease;
mod level;
mod load;
mod look;
mod map;
mod member;
mod node;
mod patience;
mod place;
mod proposal;
mod restore;
mod rows;
mod settle;
mod shard;
mod status;
mod stillness;
mod table;
mod wish;

pub use charter::{Charter, CharterError, charter_key};
pub use claim::{ClaimError, claim};
pub use clock::{Clock, ManualClock};
pub use head::{BatchId, Epoch, Head, Incarnation, MalformedHead, head_key, shard_key};
pub use lease::{Lease, Standing};
pub use level::Level;
pub use load::Loads;
pub use map::Map;
pub use member::{JoinError, Member, MemberOptions, Step};
pub use node::{NodeName, Peer};
pub use place::{Candidate, place};
pub use restore::{RestoreError, begin_generation};
pub use rows::{MalformedRow, copying_key, load_key, load_range, node_key, node_range, placement_key};
pub use settle::{Advance, BackOff, SettleError, Settlement, read_head, settle};
pub use shard::{ShardCount, ShardId};
pub use status::{ClusterStatus, NodeStatus, ShardStatus, status};
pub use table::Table;
pub use wish::{WishError, move_shard, set_clock_off, set_draining};
