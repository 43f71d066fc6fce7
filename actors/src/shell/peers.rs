//! The way to other nodes, as the shell needs it. How bytes travel is the business of who implements it.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use cluster::{Peer, ShardId};

use super::parcel::Parcel;
use super::request::{CallError, Reply, Request};
use super::resolved::Ruling;

/// A future that may move between threads.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The way to other nodes.
///
/// A peer is one start of a node: what is meant for it must not reach a later start at the same address.
pub trait Peers: Send + Sync + 'static {
    /// What the peer's [`Node::answer`](super::Node::answer) gives for the request.
    ///
    /// Where the request did not leave this node: [`CallError::Unreachable`]. Where it did and no answer came, because the
    /// link broke or the time is over: [`CallError::OutcomeUnknown`]. It ends by itself, whatever the peer does.
    fn call(&self, to: &Peer, request: Request) -> BoxFuture<Result<Reply, CallError>>;

    /// Hands a parcel to the peer's [`Node::take`](super::Node::take), or loses it. Never waits.
    fn send(&self, to: &Peer, shard: ShardId, parcel: Parcel);

    /// Asks the peer to look at the table of shards now ([`Node::nudged`](super::Node::nudged)); may get lost.
    fn nudge(&self, to: &Peer);

    /// What the peer's [`Node::rule_here`](super::Node::rule_here) gives, with the errors of [`call`](Peers::call). It ends
    /// with its time, whatever the peer does.
    fn rule(&self, to: &Peer, ruling: Ruling, limit: Duration) -> BoxFuture<Result<bool, CallError>>;

    /// Keeps the way to these peers open, so that the offsets of their clocks are known even where nothing else is said to
    /// them. Told again with every beat. Nothing to be done where offsets are known without.
    fn watch_clocks(&self, _of: &[Peer]) {}

    /// By how much the wall clocks of those peers that answered lately are ahead of this node's, in milliseconds.
    fn clock_offsets_ms(&self) -> Vec<i64>;
}

/// The way to nobody, for a node that is alone.
#[derive(Clone, Copy, Debug)]
pub struct NoPeers;

impl Peers for NoPeers {
    fn call(&self, _to: &Peer, _request: Request) -> BoxFuture<Result<Reply, CallError>> {
        Box::pin(async { Err(CallError::Unreachable) })
    }

    fn send(&self, _to: &Peer, _shard: ShardId, _parcel: Parcel) {}

    fn nudge(&self, _to: &Peer) {}

    fn rule(&self, _to: &Peer, _ruling: Ruling, _limit: Duration) -> BoxFuture<Result<bool, CallError>> {
        Box::pin(async { Err(CallError::Unreachable) })
    }

    fn clock_offsets_ms(&self) -> Vec<i64> {
        Vec::new()
    }
}
