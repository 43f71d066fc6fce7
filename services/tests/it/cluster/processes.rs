//! Nodes in processes of their own, which can be killed, halted, woken, told to end, and started again where they were.

use std::cell::{Cell, RefCell};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use proto::cluster::cluster_service_client::ClusterServiceClient;
use proto::cluster::{Cluster, GetClusterRequest};
use services::store::StoreAddress;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

use crate::kill::bill::Patient;
use crate::kill::victim::is_passing;

const NAMES: [&str; 3] = ["north", "east", "south"];
const SHARDS: &str = "16";
const LEASE: &str = "1s";
/// How long a node may let a client wait before it asks another: a halted one answers nothing.
const PATIENCE: Duration = Duration::from_secs(2);
/// After how many answers a client turns to the next node.
const ANSWERS: u32 = 20;
/// The pause of a client that found nobody, and of whoever waits for something.
const PAUSE: Duration = Duration::from_millis(10);

/// The nodes.
pub(super) struct Processes {
    pub(super) nodes: Vec<Node>,
    /// Which node refused what, since it was last asked.
    refusals: RefCell<Vec<(usize, Status)>>,
}

/// Somebody who asks one node until it does not answer, or until it is another one's turn.
pub(super) struct Client {
    processes: Rc<Processes>,
    node: Cell<usize>,
    answers: Cell<u32>,
}

/// One node.
pub(super) struct Node {
    pub(super) name: &'static str,
    store: StoreAddress,
    address: SocketAddr,
    channel: Channel,
    process: RefCell<Child>,
}

impl Processes {
    /// Three nodes on a store.
    pub(super) fn three(store: &StoreAddress) -> Self {
        Self::start(&NAMES, store)
    }

    /// One node on a store.
    pub(super) fn alone(store: &StoreAddress) -> Self {
        Self::start(&["alone"], store)
    }

    fn start(names: &[&'static str], store: &StoreAddress) -> Self {
        let nodes = names.iter().map(|name| Node::start(name, store)).collect();
        Self { nodes, refusals: RefCell::default() }
    }

    /// Somebody who asks this node first.
    pub(super) fn client(self: &Rc<Self>, node: usize) -> Client {
        let node = node % self.nodes.len();
        Client { processes: Rc::clone(self), node: Cell::new(node), answers: Cell::new(0) }
    }

    /// Waits until all nodes run and each has its part of the shards.
    pub(super) async fn settled(&self) {
        self.until(0, |cluster| {
            cluster.nodes.len() == self.nodes.len()
                && cluster.ownerless_shard_count == 0
                && cluster.moving_shard_count == 0
                && cluster.nodes.iter().all(|node| node.owned_shard_count > 0)
        })
        .await;
    }

    /// Waits until a node says so of the cluster.
    pub(super) async fn until(&self, node: usize, is_so: impl Fn(&Cluster) -> bool) {
        loop {
            let mut client = ClusterServiceClient::new(self.nodes[node].channel.clone());
            let seen = client.get_cluster(GetClusterRequest {}).await;
            if seen.is_ok_and(|cluster| is_so(cluster.get_ref())) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What nodes refused since this was last asked, with the place of the node.
    pub(super) fn take_refusals(&self) -> Vec<(usize, Status)> {
        self.refusals.take()
    }

    /// Ends all of them in order, one after the other.
    pub(super) async fn end(&self) {
        for node in &self.nodes {
            node.signal("TERM");
            assert_eq!(node.ended().await, Some(0), "{}", node.name);
        }
    }
}

impl Client {
    fn turn_to_the_next(&self) {
        self.node.set((self.node.get() + 1) % self.processes.nodes.len());
        self.answers.set(0);
    }
}

impl Patient for Client {
    async fn ask<T>(&self, mut request: impl AsyncFnMut(Channel) -> Result<T, Status>) -> T {
        loop {
            let node = self.node.get();
            let channel = self.processes.nodes[node].channel.clone();
            let status = match tokio::time::timeout(PATIENCE, request(channel)).await {
                Ok(Ok(answer)) => {
                    self.answers.set(self.answers.get() + 1);
                    if self.answers.get() >= ANSWERS {
                        self.turn_to_the_next();
                    }
                    return answer;
                }
                Ok(Err(status)) => status,
                // It may still be answered; nobody has refused it.
                Err(_) => {
                    self.turn_to_the_next();
                    continue;
                }
            };
            assert!(is_passing(&status) || status.code() == Code::ResourceExhausted, "refused: {status:?}");
            self.processes.refusals.borrow_mut().push((node, status));
            self.turn_to_the_next();
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Node {
    fn start(name: &'static str, store: &StoreAddress) -> Self {
        let (process, address) = spawn(name, store, "127.0.0.1:0");
        let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy();
        Self { name, store: store.clone(), address, channel, process: RefCell::new(process) }
    }

    /// Starts it again under its name, where it was.
    pub(super) fn start_again(&self) {
        let (process, address) = spawn(self.name, &self.store, &self.address.to_string());
        assert_eq!(address, self.address);
        *self.process.borrow_mut() = process;
    }

    /// Sends it a signal: KILL, STOP, CONT, TERM.
    pub(super) fn signal(&self, signal: &str) {
        let process = self.process.borrow().id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &process]).status().unwrap();
        assert!(sent.success(), "{signal} to {}", self.name);
    }

    /// Waits until it has ended; its exit code, where it was not killed.
    pub(super) async fn ended(&self) -> Option<i32> {
        loop {
            if let Some(status) = self.process.borrow_mut().try_wait().unwrap() {
                return status.code();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let mut process = self.process.borrow_mut();
        // What has ended can't be killed any more, and is waited for all the same.
        drop(process.kill());
        drop(process.wait());
    }
}

fn spawn(name: &str, store: &StoreAddress, listen: &str) -> (Child, SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kvarter"));
    command.args(["node", "--store", &store.to_string(), "--name", name, "--listen", listen]);
    command.args(["--lease", LEASE, "--shards", SHARDS]).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    let mut said = Vec::new();
    let told = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let told = line.strip_prefix("listening on http://").map(str::to_owned);
        said.push(line);
        told
    });
    let Some(told) = told else { panic!("{name} did not start: {said:?}") };
    // What else it says is passed on to whoever watches the test.
    let name = name.to_owned();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            eprintln!("{name}: {line}");
        }
    });
    (process, told.parse().unwrap())
}
