//! What a node does for its peers.

use std::sync::Arc;

use actors::shell::{BoxFuture, CallError, Node, Parcel, Reply, Request, Ruling};
use cluster::ShardId;

/// What a node does for its peers.
pub trait Host: Send + Sync + 'static {
    /// Answers a request, for a shard that runs here.
    fn answer(self: Arc<Self>, request: Request) -> BoxFuture<Result<Reply, CallError>>;

    /// Takes a parcel for a shard that runs here.
    fn take(&self, shard: ShardId, parcel: Parcel);

    /// Looks at the table of shards.
    fn nudged(&self);

    /// Does what was decided about a parked entity of a shard that runs here; false if it was not parked.
    fn rule(self: Arc<Self>, ruling: Ruling) -> BoxFuture<Result<bool, CallError>>;
}

impl Host for Node {
    fn answer(self: Arc<Self>, request: Request) -> BoxFuture<Result<Reply, CallError>> {
        Box::pin(async move { Node::answer(&self, request).await })
    }

    fn take(&self, shard: ShardId, parcel: Parcel) {
        Node::take(self, shard, parcel);
    }

    fn nudged(&self) {
        Node::nudged(self);
    }

    fn rule(self: Arc<Self>, ruling: Ruling) -> BoxFuture<Result<bool, CallError>> {
        Box::pin(async move { self.rule_here(ruling).await })
    }
}
