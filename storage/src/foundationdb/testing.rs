//! A FoundationDB server of one process for tests and benches, where its programs are installed.
//!
//! `fdbserver` and `fdbcli` are looked for on the `PATH`; `KVARTER_FDBSERVER` names the former elsewhere, with the
//! latter beside it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't have its server has failed")]

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tempfile::TempDir;

/// Names the server program where it is not on the `PATH`.
const SERVER_VARIABLE: &str = "KVARTER_FDBSERVER";

/// A server on the loopback address, with its files in a temporary directory. It ends when this is dropped, and in any
/// case with the process that has started it.
#[derive(Debug)]
pub struct TestServer {
    programs: Programs,
    directory: TempDir,
    address: String,
    process: Mutex<Child>,
}

#[derive(Clone, Debug)]
struct Programs {
    server: PathBuf,
    client: PathBuf,
}

impl TestServer {
    /// A new server with an empty database. `None` where the programs or the client library lack, which is told on the
    /// standard error past what a test harness captures: `what` did not run.
    pub fn start(what: &str) -> Option<TestServer> {
        let programs = match Programs::find() {
            Ok(programs) => programs,
            Err(lack) => {
                let _ = writeln!(std::io::stderr(), "NOT RUN without FoundationDB: {what}: {lack}");
                return None;
            }
        };
        let directory = TempDir::new().unwrap();
        let address = format!("127.0.0.1:{}", free_port());
        std::fs::write(directory.path().join("fdb.cluster"), format!("test:test1234@{address}\n")).unwrap();
        let process = Mutex::new(programs.serve(directory.path(), &address));
        let server = TestServer { programs, directory, address, process };
        server.command("configure new single memory");
        Some(server)
    }

    /// The server that tests of this process share while one of them holds it, each with a prefix of its own; else as
    /// [`start`](TestServer::start).
    pub fn shared(what: &str) -> Option<Arc<TestServer>> {
        static SHARED: Mutex<Weak<TestServer>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let server = Arc::new(TestServer::start(what)?);
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// The cluster file for clients.
    pub fn cluster_file(&self) -> PathBuf {
        self.directory.path().join("fdb.cluster")
    }

    /// What `fdbcli` says to a command. Panics if it fails.
    pub fn command(&self, command: &str) -> String {
        let mut cli = Command::new(&self.programs.client);
        cli.arg("-C").arg(self.cluster_file()).args(["--timeout", "60", "--exec", command]);
        let output = cli.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "fdbcli {command}: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        said
    }

    /// Kills the server (SIGKILL), as a machine that loses power does to it.
    pub fn kill(&self) {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Starts the server again on the files it left.
    pub fn restart(&self) {
        let process = self.programs.serve(self.directory.path(), &self.address);
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = process;
    }

    /// Holds the server (SIGSTOP): it is there and does not answer.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on (SIGCONT).
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.process.lock().unwrap_or_else(PoisonError::into_inner).id();
        let sent = Command::new("kill").args([signal, &id.to_string()]).status().unwrap();
        assert!(sent.success(), "kill {signal} {id}");
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // Ended already, perhaps.
        let process = self.process.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = process.kill();
        let _ = process.wait();
    }
}

impl Programs {
    /// The programs, or what lacks.
    fn find() -> Result<Programs, String> {
        libfdb::start().map_err(|error| error.to_string())?;
        let server = match std::env::var_os(SERVER_VARIABLE).filter(|path| !path.is_empty()) {
            Some(path) => Some(PathBuf::from(path)),
            None => on_path("fdbserver"),
        };
        let server = server.filter(|path| path.is_file());
        let server = server.ok_or_else(|| format!("no fdbserver on the PATH or in {SERVER_VARIABLE}"))?;
        let beside = server.with_file_name("fdbcli");
        let client = Some(beside).filter(|path| path.is_file()).or_else(|| on_path("fdbcli"));
        Ok(Programs { server, client: client.ok_or("no fdbcli beside it or on the PATH")? })
    }

    fn serve(&self, directory: &Path, address: &str) -> Child {
        let mut command = Command::new(&self.server);
        command.arg("-p").arg(address).arg("-C").arg(directory.join("fdb.cluster"));
        command.arg("-d").arg(directory.join("data")).arg("-L").arg(directory.join("logs"));
        // Whatever becomes of the tests, their server does not outlive them.
        command.args(["--memory", "4GiB", "--parentpid", &std::process::id().to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.server.display()))
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(program)).find(|path| path.is_file())
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
