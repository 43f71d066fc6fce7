//! A store server in a process of its own, which is killed and started again on the same folder and address.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub(crate) struct StoreProcess {
    data: PathBuf,
    process: Child,
    pub(crate) address: SocketAddr,
}

impl StoreProcess {
    /// Starts `kvarter store` on a folder and a free port.
    pub(crate) fn start(data: &Path) -> Self {
        let (process, address) = spawn(data, "127.0.0.1:0");
        Self { data: data.to_owned(), process, address }
    }

    /// Ends it without a warning, and starts it again.
    pub(crate) fn kill_and_start(&mut self) {
        self.kill();
        let (process, address) = spawn(&self.data, &self.address.to_string());
        assert_eq!(address, self.address);
        self.process = process;
    }

    fn kill(&mut self) {
        // What ended by itself can't be killed any more, and is waited for all the same.
        drop(self.process.kill());
        self.process.wait().unwrap();
    }
}

impl Drop for StoreProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(data: &Path, listen: &str) -> (Child, SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kvarter"));
    command.arg("store").arg("--data").arg(data).args(["--listen", listen]).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    let told = lines.find_map(|line| line.unwrap().strip_prefix("listening on grpc://").map(str::to_owned));
    // What else it says is read to its end, so that it never waits for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    (process, told.unwrap().parse().unwrap())
}
