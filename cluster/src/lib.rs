//! Who owns which shard, and what fences a former owner: shards, heads, epochs, clocks.
//!
//! Nothing here knows a billing word, nor what an entity is. A shard is a number with a head row in the store;
//! whoever bumps the epoch in that row owns the shard until somebody else does.

mod charter;
mod claim;
mod clock;
mod head;
mod settle;
mod shard;

pub use charter::{Charter, CharterError};
pub use claim::{ClaimError, claim};
pub use clock::{Clock, ManualClock};
pub use head::{BatchId, Epoch, Head, Incarnation, MalformedHead, head_key, shard_key};
pub use settle::{Advance, BackOff, SettleError, Settlement, read_head, settle};
pub use shard::{ShardCount, ShardId};
