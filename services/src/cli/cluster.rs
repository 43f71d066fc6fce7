//! `kvarter cluster`: the nodes and their shards.

use clap::{Args, Subcommand};
use proto::cluster::{
    Cluster, ClusterNode, DrainNodeRequest, GetClusterRequest, ListShardsRequest, MoveShardRequest, Shard,
};
use proto::name::{NODE, SHARD};

use super::asking::Asking;
use super::client::{Server, ask, every_page};
use super::failure::Failure;
use super::sheet::{Output, Sheet, say};

/// What `kvarter cluster` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "Any node answers. Draining a node hands its shards to the others while requests wait; when `status` shows \
                  none left it can be stopped. A node that is stopped with SIGTERM drains by itself.",
    after_help = "Examples:\n  kvarter cluster status\n  kvarter cluster status --shards --output json\n  kvarter cluster drain \
                  kvarter-2\n  kvarter cluster drain kvarter-2 --undo\n  kvarter cluster move 17 kvarter-0\n\n\
                  Exit codes: 0 done; 1 the node refused; 2 the command is wrong."
)]
pub struct ClusterArguments {
    #[command(subcommand)]
    wish: Wish,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Wish {
    /// Show the nodes and how many shards each has
    Status {
        /// Show who runs each shard instead
        #[arg(long)]
        shards: bool,
    },
    /// Have a node hand its shards to the others
    Drain {
        /// The node's name
        node: String,
        /// Have it take shards again instead
        #[arg(long)]
        undo: bool,
    },
    /// Have a shard moved to a node
    Move {
        /// The shard's number
        shard: u16,
        /// The node's name
        node: String,
    },
}

/// Does it and prints what there is afterwards.
pub(super) async fn run(arguments: &ClusterArguments) -> Result<(), Failure> {
    let server = Server::connect(&arguments.asking.connection).await?;
    let output = arguments.asking.output;
    match &arguments.wish {
        Wish::Status { shards: true } => shards_sheet(shards(&server).await?).print(output),
        Wish::Status { shards: false } => print(&status(&server).await?, output),
        Wish::Drain { node, undo } => {
            let message = DrainNodeRequest { name: NODE.name([node]), undo: *undo };
            let drained = ask(message, async |request| server.cluster().drain_node(request).await).await;
            print(&drained.map_err(Failure::refused(format!("node {node}")))?, output)
        }
        Wish::Move { shard, node } => {
            let message =
                MoveShardRequest { name: SHARD.name([&shard.to_string()]), node: NODE.name([node]) };
            let moved = ask(message, async |request| server.cluster().move_shard(request).await).await;
            shards_sheet(vec![moved.map_err(Failure::refused(format!("shard {shard}")))?]).print(output)
        }
    }
}

async fn status(server: &Server) -> Result<Cluster, Failure> {
    let message = GetClusterRequest {};
    let cluster = ask(message, async |request| server.cluster().get_cluster(request).await).await;
    cluster.map_err(Failure::refused("the cluster"))
}

async fn shards(server: &Server) -> Result<Vec<Shard>, Failure> {
    every_page(async |page_token| {
        let message = ListShardsRequest { page_size: 1_000, page_token };
        let page = ask(message, async |request| server.cluster().list_shards(request).await).await;
        let page = page.map_err(Failure::refused("the shards"))?;
        Ok((page.shards, page.next_page_token))
    })
    .await
}

fn print(cluster: &Cluster, output: Output) -> Result<(), Failure> {
    let columns =
        &["node", "address", "state", "shards", "arriving", "lease_ms", "beats", "answers", "start"];
    let rows = cluster.nodes.iter().map(node_row);
    let sheet = Sheet::new(columns, &["shards", "arriving", "lease_ms", "beats"]).with(rows);
    sheet.or_else_say("no node").print(output)?;
    match output {
        Output::Table => say(format!(
            "{} shards, {} without an owner, {} moving; version {} of the table\n",
            cluster.shard_count,
            cluster.ownerless_shard_count,
            cluster.moving_shard_count,
            cluster.table_version
        )),
        Output::Json | Output::Csv => Ok(()),
    }
}

fn node_row(node: &ClusterNode) -> Vec<String> {
    let lease = node.lease.unwrap_or_default();
    let lease_ms =
        lease.seconds.saturating_mul(1_000).saturating_add(i64::from(lease.nanos).wrapping_div(1_000_000));
    let word = |is: bool, yes: &str, no: &str| if is { yes.to_owned() } else { no.to_owned() };
    vec![
        node.node_id.clone(),
        node.address.clone(),
        word(node.is_draining, "draining", "serving"),
        node.owned_shard_count.to_string(),
        node.arriving_shard_count.to_string(),
        lease_ms.to_string(),
        node.beat_count.to_string(),
        word(node.is_answering, "yes", ""),
        node.incarnation_id.clone(),
    ]
}

fn shards_sheet(shards: Vec<Shard>) -> Sheet {
    let node = |name: &str| NODE.parse(name).map(|[node]| node).unwrap_or_default();
    let rows = shards
        .into_iter()
        .map(|shard| vec![shard.number.to_string(), node(&shard.owner), node(&shard.next_owner)]);
    Sheet::new(&["shard", "node", "moves_to"], &["shard"]).with(rows)
}
