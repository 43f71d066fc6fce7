//! `kvarter.cluster.v1.ClusterService`: which nodes there are, which shards they run, and what an operator wishes of them.

use std::sync::Arc;

use actors::shell::Node;
use cluster::{ClusterStatus, Incarnation, NodeName, NodeStatus, Peer, ShardStatus, WishError};
use cluster::{move_shard, set_draining};
use proto::cluster as message;
use proto::cluster::cluster_service_server::ClusterService;
use proto::name::{NODE, SHARD};
use storage::Store;
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use super::context::Context;
use super::page::{ENTRIES, Paging};
use super::{name, status};

/// The service.
#[derive(Clone)]
pub struct Clusters {
    store: Arc<dyn Store>,
    node: Arc<Node>,
    me: Incarnation,
}

impl Clusters {
    /// The service of a node, which is this start of it, on the store that all nodes share.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, node: Arc<Node>, me: Incarnation) -> Self {
        Self { store, node, me }
    }

    async fn status(&self) -> Result<ClusterStatus, Status> {
        let read = cluster::status(Arc::clone(&self.store)).await;
        read.map_err(|error| status::unreadable_store(&error))
    }

    fn cluster(&self, status: &ClusterStatus) -> message::Cluster {
        let mut nodes: Vec<&NodeStatus> = status.nodes.iter().collect();
        nodes.sort_by_key(|node| (&node.peer.name, node.peer.incarnation));
        let shards =
            |is: fn(&ShardStatus) -> bool| count(status.shards.iter().filter(|shard| is(shard)).count());
        message::Cluster {
            nodes: nodes.into_iter().map(|node| self.node(node)).collect(),
            shard_count: count(status.shards.len()),
            ownerless_shard_count: shards(|shard| shard.owner.is_none()),
            moving_shard_count: shards(|shard| shard.next.is_some()),
            table_version: status.version,
        }
    }

    fn node(&self, node: &NodeStatus) -> message::ClusterNode {
        message::ClusterNode {
            name: NODE.name([node.peer.name.as_str()]),
            node_id: node.peer.name.to_string(),
            incarnation_id: id(node.peer.incarnation),
            address: node.peer.address.to_string(),
            is_draining: node.draining,
            owned_shard_count: count(node.owned),
            arriving_shard_count: count(node.arriving),
            beat_count: node.counter,
            lease: prost_types::Duration::try_from(node.lease).ok(),
            is_answering: node.peer.incarnation == self.me,
        }
    }
}

#[tonic::async_trait]
impl ClusterService for Clusters {
    async fn get_cluster(
        &self,
        request: Request<message::GetClusterRequest>,
    ) -> Result<Response<message::Cluster>, Status> {
        let (_context, _) = Context::open(request)?;
        Ok(Response::new(self.cluster(&self.status().await?)))
    }

    async fn list_shards(
        &self,
        request: Request<message::ListShardsRequest>,
    ) -> Result<Response<message::ListShardsResponse>, Status> {
        let (_context, request) = Context::open(request)?;
        let paging = Paging::of(request.page_size, &request.page_token, "shards", ENTRIES)?;
        let status = self.status().await?;
        let placed = status.shards.iter().map(|one| (one.shard.number().to_be_bytes().to_vec(), shard(one)));
        let (shards, next_page_token) = paging.cut(placed);
        Ok(Response::new(message::ListShardsResponse { shards, next_page_token }))
    }

    async fn drain_node(
        &self,
        request: Request<message::DrainNodeRequest>,
    ) -> Result<Response<message::Cluster>, Status> {
        let (context, request) = Context::open(request)?;
        let node = name::node("name", &request.name)?;
        let before = self.status().await?;
        let incarnation = named(&node, &before)?;
        let wished = set_draining(Arc::clone(&self.store), incarnation, !request.undo).await;
        granted(wished, &node, &before)?;
        tracing::warn!(%node, undo = request.undo, subject = %context.caller.subject, "a node is to be drained");
        self.node.nudged();
        Ok(Response::new(self.cluster(&self.status().await?)))
    }

    async fn move_shard(
        &self,
        request: Request<message::MoveShardRequest>,
    ) -> Result<Response<message::Shard>, Status> {
        let (context, request) = Context::open(request)?;
        let wanted = name::shard("name", &request.name)?;
        let node = name::node("node", &request.node)?;
        let before = self.status().await?;
        let wished = move_shard(Arc::clone(&self.store), wanted, named(&node, &before)?).await;
        if granted(wished, &node, &before)? {
            tracing::warn!(shard = %wanted, %node, subject = %context.caller.subject, "a shard is to move");
            self.node.nudged();
        }
        let status = self.status().await?;
        let found = status.shards.iter().find(|one| one.shard == wanted).map(shard);
        Ok(Response::new(found.ok_or_else(|| status::not_found("shard", &request.name))?))
    }
}

/// The start of the node that people call so. Where one has just been replaced, it is the later start.
fn named(wanted: &NodeName, now: &ClusterStatus) -> Result<Incarnation, Status> {
    let named = now.nodes.iter().filter(|node| node.peer.name == *wanted);
    let last = named.map(|node| node.peer.incarnation).max();
    last.ok_or_else(|| status::not_found("node", &NODE.name([wanted.as_str()])))
}

/// Whether a wish about this node changes anything, or why it is not granted, in the names that people know.
fn granted(wished: Result<(), WishError>, node: &NodeName, now: &ClusterStatus) -> Result<bool, Status> {
    let precondition = |reason, text| Err(status::plain(Code::FailedPrecondition, reason, text));
    let Err(error) = wished else { return Ok(true) };
    match &error {
        WishError::AlreadyThere { .. } => Ok(false),
        WishError::UnknownNode { .. } => Err(status::not_found("node", &NODE.name([node.as_str()]))),
        WishError::UnknownShard { shard, .. } => {
            Err(status::not_found("shard", &SHARD.name([&shard.to_string()])))
        }
        WishError::Draining { .. } => {
            precondition("NODE_DRAINING", format!("node {node} is draining and takes no shards"))
        }
        WishError::Moving { shard, next } => {
            let next = called(*next, now);
            let text = format!("shard {shard} is on its way to node {next}; wait until it is there");
            precondition("SHARD_MOVING", text)
        }
        WishError::TooManyMoves { .. } => precondition("TOO_MANY_MOVES", error.to_string()),
        WishError::Store(error) => Err(status::unreadable_store(error)),
    }
}

/// What people call a start of a node; its id where it has left.
fn called(incarnation: Incarnation, now: &ClusterStatus) -> String {
    let mut nodes = now.nodes.iter().map(|node| &node.peer);
    let peer = nodes.find(|peer| peer.incarnation == incarnation);
    peer.map_or_else(|| id(incarnation), |peer| peer.name.to_string())
}

/// The id of a start, as it is written everywhere outside.
fn id(incarnation: Incarnation) -> String {
    Uuid::from_u128(incarnation.number()).to_string()
}

fn shard(shard: &ShardStatus) -> message::Shard {
    let node = |peer: &Option<Peer>| peer.as_ref().map(|peer| NODE.name([peer.name.as_str()]));
    message::Shard {
        name: SHARD.name([&shard.shard.to_string()]),
        number: shard.shard.number().into(),
        owner: node(&shard.owner).unwrap_or_default(),
        next_owner: node(&shard.next).unwrap_or_default(),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
