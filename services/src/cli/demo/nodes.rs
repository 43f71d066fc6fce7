//! The nodes that the demo is billed on: one within this process, or several processes on a store server.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::cli::failure::Failure;
use crate::cli::sheet::remark;
use crate::node::{NodeOptions, RunningNode};
use crate::store::StoreAddress;

/// The nodes.
pub(super) enum Nodes {
    /// In this process, on the embedded store.
    One(Box<RunningNode>),
    /// Processes of their own.
    Several(Processes),
}

/// A store server and nodes on it, each a process of this program. They are killed when it is dropped.
pub(super) struct Processes {
    nodes: Vec<Process>,
    _store: Process,
}

struct Process {
    child: Child,
    /// Where it listens, as it says itself.
    server: String,
}

/// So short that the others take over at once from a node that is killed.
const LEASE: &str = "2s";

impl Nodes {
    /// Starts so many nodes with their data in a folder.
    pub(super) async fn start(data: &Path, count: usize) -> Result<Self, Failure> {
        if count > 1 {
            return Processes::start(data, count).map(Self::Several);
        }
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options = NodeOptions::new(StoreAddress::Directory(data.to_owned()), anywhere);
        let node = RunningNode::start(options).await.map_err(|error| Failure::Node(error.to_string()))?;
        remark(&format!("a node listens on http://{}", node.address()));
        Ok(Self::One(Box::new(node)))
    }

    /// Where they listen.
    pub(super) fn servers(&self) -> Vec<String> {
        match self {
            Self::One(node) => vec![format!("http://{}", node.address())],
            Self::Several(processes) => processes.nodes.iter().map(|node| node.server.clone()).collect(),
        }
    }

    /// Kills the last of several nodes without a warning; false where there is but one.
    pub(super) fn kill_one(&mut self) -> Result<bool, Failure> {
        let Self::Several(processes) = self else { return Ok(false) };
        match processes.nodes.pop() {
            Some(node) if !processes.nodes.is_empty() => node.kill().map(|()| true),
            _ => Ok(false),
        }
    }

    /// Ends them.
    pub(super) async fn stop(self) -> Result<(), Failure> {
        match self {
            Self::One(node) => node.stop().await.map_err(|error| Failure::Node(error.to_string())),
            // They may be killed at any moment, and then lose nothing.
            Self::Several(_) => Ok(()),
        }
    }
}

impl Processes {
    fn start(data: &Path, count: usize) -> Result<Self, Failure> {
        let data = data.to_string_lossy();
        let store = Process::begin(&["store", "--data", &data, "--listen", "127.0.0.1:0"])?.listening()?;
        remark(&format!("a store server listens on {}", store.server));
        let names: Vec<String> = (1..=count).map(|number| format!("demo-{number}")).collect();
        let begin = |name: &String| {
            let place = ["--store", &store.server, "--listen", "127.0.0.1:0"];
            Process::begin(&[["node", "--name", name, "--lease", LEASE].as_slice(), &place].concat())
        };
        let begun: Vec<Process> = names.iter().map(begin).collect::<Result<_, _>>()?;
        let nodes: Vec<Process> = begun.into_iter().map(Process::listening).collect::<Result<_, _>>()?;
        for (name, node) in names.iter().zip(&nodes) {
            remark(&format!("node {name} listens on {}", node.server));
        }
        Ok(Self { nodes, _store: store })
    }
}

impl Process {
    /// Starts this program with other arguments.
    fn begin(arguments: &[&str]) -> Result<Self, Failure> {
        let unable = |error| Failure::Node(format!("a process can't be started: {error}"));
        let program = std::env::current_exe().map_err(unable)?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        Ok(Self { child: command.spawn().map_err(unable)?, server: String::new() })
    }

    /// Waits until it says where it listens.
    fn listening(mut self) -> Result<Self, Failure> {
        let unable = || Failure::Node("what a process says can't be read".to_owned());
        let mut lines = BufReader::new(self.child.stderr.take().ok_or_else(unable)?).lines();
        let mut said = String::new();
        for line in &mut lines {
            let line = line.map_err(|error| Failure::Node(error.to_string()))?;
            if let Some(server) = line.strip_prefix("listening on ") {
                self.server = server.to_owned();
                // What else it says is read to its end, so that it never waits for a reader.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(self);
            }
            said = line;
        }
        Err(Failure::Node(said))
    }

    fn kill(mut self) -> Result<(), Failure> {
        let killed = self.child.kill().and_then(|()| self.child.wait());
        killed.map(drop).map_err(|error| Failure::Node(format!("a node can't be killed: {error}")))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Whoever has ended already can't be killed again, and that is no matter.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
