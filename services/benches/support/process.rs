//! A node in a process of its own, so that its memory is its own and clients take no turns with it. The bench starts itself
//! once more; `KVARTER_BENCH_CORES=0,1` gives the node the first processor and the clients the second.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use services::node::NodeOptions;
use services::store::StoreAddress;
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

/// A node in a process of its own, which ends with this value.
pub(crate) struct NodeProcess {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// Serves until it is killed, where this process was started to be the node; false elsewhere.
pub(crate) fn serves() -> bool {
    let arguments: Vec<String> = std::env::args().collect();
    let Some(place) = arguments.iter().position(|argument| argument == "serve") else { return false };
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let options =
        NodeOptions::new(StoreAddress::Directory(Path::new(&arguments[place + 1]).to_owned()), listen);
    services::node::run(options, |address| println!("{address}")).unwrap();
    true
}

/// Where stores lie: below `KVARTER_BENCH_DIR`, or where temporary files do.
pub(crate) fn directory() -> TempDir {
    match std::env::var_os("KVARTER_BENCH_DIR") {
        Some(path) => TempDir::new_in(path).unwrap(),
        None => TempDir::new().unwrap(),
    }
}

/// For how long a process has had a processor, in seconds.
pub(crate) fn processor_seconds(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    // User and system time are the fields 14 and 15, in hundredths of a second.
    let ticks: Vec<f64> =
        fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse().unwrap()).collect();
    ticks.iter().sum::<f64>() / 100.0
}

impl NodeProcess {
    pub(crate) fn start(directory: &Path) -> NodeProcess {
        let program = std::env::current_exe().unwrap();
        let mut command = match std::env::var("KVARTER_BENCH_CORES") {
            Err(_) => Command::new(program),
            Ok(cores) => {
                let (of_node, own) = cores.split_once(',').unwrap();
                let me = std::process::id().to_string();
                let pinned = Command::new("taskset").args(["-a", "-p", "-c", own, &me]).output().unwrap();
                assert!(pinned.status.success(), "{pinned:?}");
                let mut command = Command::new("taskset");
                command.args(["-c", of_node]).arg(program);
                command
            }
        };
        let data = directory.join("data");
        let mut child = command.arg("serve").arg(data).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        NodeProcess { child, address: line.trim().parse().unwrap() }
    }

    pub(crate) fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap().tcp_nodelay(true).connect_lazy()
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
