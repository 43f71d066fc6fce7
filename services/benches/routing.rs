//! What it costs to ask a node that does not run the shard, and what a load of fixed size gets from one, two and three
//! nodes.
//!
//! The nodes run in this process, each on a runtime of its own with two threads, on one store in memory, and are reached
//! over gRPC on loopback; the clients have a runtime of two threads besides. `cargo bench -p services --bench routing`
//! prints answers per second and the median and 99th percentile of the time to an answer. Ways that are compared take
//! turns, in rounds. `KVARTER_BENCH_SECONDS` is the time per row.
#![expect(clippy::float_arithmetic, reason = "what a bench prints are rates and ratios")]
#![expect(clippy::unwrap_used, reason = "a bench that meets an error has failed")]
#![expect(clippy::indexing_slicing, reason = "a bench that meets an error has failed")]
#![expect(clippy::disallowed_methods, reason = "a bench measures by the clock")]

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actors::entity::{Kinds, entity_id};
use actors::shell::{Machines as _, Tenant};
use cluster::ShardCount;
use domain::entity::Recipient;
use proto::account::account_service_client::AccountServiceClient;
use proto::account::{Account, CreateAccountRequest, GetAccountRequest};
use proto::cluster::cluster_service_client::ClusterServiceClient;
use proto::cluster::{GetClusterRequest, ListShardsRequest};
use proto::types::Address;
use services::node::{NodeOptions, RunningNode};
use services::store::{Opened, StoreAddress, StoreKind};
use storage::{Faults, MemoryStore};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};

const SHARDS: u16 = 64;
const ACCOUNTS: usize = 600;
const ROUNDS: u32 = 5;
const TENANT: &str = "tenants/bench";

fn main() {
    let seconds =
        std::env::var("KVARTER_BENCH_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5.0);
    let round = Duration::from_secs_f64(seconds / f64::from(ROUNDS));
    let clients = runtime();
    let nodes = Nodes::start(3);
    clients.block_on(async {
        let owners = nodes.settle().await;
        println!("3 nodes, {SHARDS} shards, {ACCOUNTS} accounts");
        println!("{:36} {:>10} {:>10} {:>10}", "", "answers/s", "median us", "p99 us");
        for (work, at_once) in [(Work::Read, 1), (Work::Read, 64), (Work::Write, 1), (Work::Write, 64)] {
            let mut ways = [Vec::new(), Vec::new()];
            for number in 0..ROUNDS {
                for (way, samples) in ways.iter_mut().enumerate() {
                    let names = format!("{work:?}{at_once}-{way}-{number}");
                    samples.extend(
                        nodes.drive((work, &names), at_once, round, |owner, _| owner + way, &owners).await,
                    );
                }
            }
            let [right, wrong] = ways;
            let right = report(&format!("{work:?}, {at_once} at once, its own node"), right, round);
            let wrong = report(&format!("{work:?}, {at_once} at once, another node"), wrong, round);
            println!("{:36} {:>10.2} {:>10.2}", "  another to its own", wrong.0 / right.0, wrong.1 / right.1);
        }
    });
    drop(nodes);
    for count in 1..=3 {
        let nodes = Nodes::start(count);
        clients.block_on(async {
            let owners = nodes.settle().await;
            for work in [Work::Read, Work::Write] {
                let names = format!("{work:?}-{count}");
                let whole = round * ROUNDS;
                // Clients know nothing of shards: each asks the next node.
                let samples = nodes.drive((work, &names), 64, whole, |_, number| number, &owners).await;
                report(&format!("{work:?}, 64 at once, {count} nodes, any of them"), samples, whole / ROUNDS);
            }
        });
    }
}

/// What clients do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    /// Read an account, strongly.
    Read,
    /// Open an account.
    Write,
}

struct Nodes {
    running: Vec<(RunningNode, Option<Runtime>)>,
}

impl Nodes {
    fn start(count: usize) -> Nodes {
        let store = MemoryStore::new();
        let start = |number| {
            let runtime = runtime();
            let listen = SocketAddr::from(([127, 0, 0, 1], 0));
            let mut options = NodeOptions::new(StoreAddress::Memory, listen);
            options.shard_count = NonZeroU16::new(SHARDS);
            options.name = Some(format!("node-{number}"));
            let store = Arc::new(store.handle(Faults::none()));
            let opened = Opened { store, exclusive: false, kind: StoreKind::Memory };
            let node = runtime.block_on(RunningNode::start_on(opened, &options)).unwrap();
            (node, Some(runtime))
        };
        Nodes { running: (0..count).map(start).collect() }
    }

    fn channel(&self, number: usize) -> Channel {
        let (node, _) = &self.running[number % self.running.len()];
        Endpoint::from_shared(format!("http://{}", node.address())).unwrap().tcp_nodelay(true).connect_lazy()
    }

    /// Waits until every node has its shards and opens the accounts; which node owns each shard.
    async fn settle(&self) -> Vec<usize> {
        let mut cluster = ClusterServiceClient::new(self.channel(0));
        loop {
            let now = cluster.get_cluster(GetClusterRequest {}).await.unwrap().into_inner();
            let all_have_some = now.nodes.iter().all(|node| node.owned_shard_count > 0);
            if now.nodes.len() == self.running.len() && all_have_some && now.moving_shard_count == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let list = ListShardsRequest { page_size: 1_000, page_token: String::new() };
        let shards = cluster.list_shards(list).await.unwrap().into_inner().shards;
        let owners = shards.iter().map(|shard| shard.owner.rsplit('-').next().unwrap().parse().unwrap());
        let mut accounts = AccountServiceClient::new(self.channel(0));
        for number in 0..ACCOUNTS {
            accounts.create_account(create(&number.to_string())).await.unwrap();
        }
        owners.collect()
    }

    /// Has so many clients work for a while, each asking the node that is chosen by the owner of what it asks
    /// for and by how much it has asked before.
    async fn drive(
        &self,
        (work, names): (Work, &str),
        at_once: usize,
        time: Duration,
        choose: impl Fn(usize, usize) -> usize,
        owners: &[usize],
    ) -> Vec<Duration> {
        let mut clients = JoinSet::new();
        let count = ShardCount::new(SHARDS).unwrap();
        let tenant = Tenant::parse("bench").unwrap();
        let channels: Vec<Channel> = (0..self.running.len()).map(|number| self.channel(number)).collect();
        let plan = |client: usize| {
            let ids = (0..).map(|number| match work {
                Work::Read => ((client * 37 + number) % ACCOUNTS).to_string(),
                Work::Write => format!("{names}-{client}-{number}"),
            });
            let owner = |id: &String| {
                let entity = entity_id(&tenant, &Recipient::Account(id.clone())).unwrap();
                owners[Kinds.shard_of(&entity, count).index()]
            };
            let asked = |(number, id): (usize, String)| {
                let node = choose(owner(&id), number) % channels.len();
                (id, channels[node].clone())
            };
            ids.take(planned(at_once, time)).enumerate().map(asked).collect()
        };
        let plans: Vec<Vec<(String, Channel)>> = (0..at_once).map(plan).collect();
        let until = Instant::now() + time;
        for plan in plans {
            clients.spawn(async move {
                let mut samples = Vec::new();
                for (id, channel) in plan.into_iter().take_while(|_| Instant::now() < until) {
                    let mut accounts = AccountServiceClient::new(channel);
                    let begun = Instant::now();
                    match work {
                        Work::Read => drop(accounts.get_account(get(&id)).await.unwrap()),
                        Work::Write => drop(accounts.create_account(create(&id)).await.unwrap()),
                    }
                    samples.push(begun.elapsed());
                }
                samples
            });
        }
        clients.join_all().await.into_iter().flatten().collect()
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        for (_, runtime) in &mut self.running {
            runtime.take().unwrap().shutdown_background();
        }
    }
}

/// More than a client gets done: what it asks is worked out before the clock runs.
fn planned(at_once: usize, time: Duration) -> usize {
    let most = 40_000.0 * time.as_secs_f64() / f64::from(u32::try_from(at_once).unwrap());
    Duration::from_secs_f64(most).as_secs().try_into().unwrap_or(usize::MAX).max(1_000)
}

fn report(what: &str, mut samples: Vec<Duration>, round: Duration) -> (f64, f64) {
    samples.sort_unstable();
    let count = f64::from(u32::try_from(samples.len()).unwrap());
    let at = |share: usize| samples[samples.len() * share / 100].as_secs_f64() * 1e6;
    let per_second = count / (round * ROUNDS).as_secs_f64();
    println!("{what:36} {per_second:>10.0} {:>10.0} {:>10.0}", at(50), at(99));
    (per_second, at(50))
}

fn get(id: &str) -> GetAccountRequest {
    GetAccountRequest { name: format!("{TENANT}/accounts/{id}") }
}

fn create(id: &str) -> CreateAccountRequest {
    let address = Address {
        street: "Kade 1".to_owned(),
        postal_code: "1011 AB".to_owned(),
        city: "Amsterdam".to_owned(),
        country_code: "NL".to_owned(),
    };
    let (account_id, display_name) = (id.to_owned(), id.to_owned());
    let account = Account { account_id, display_name, address: Some(address), ..Account::default() };
    CreateAccountRequest { parent: TENANT.to_owned(), account: Some(account), ..Default::default() }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
