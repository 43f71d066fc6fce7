//! The program under test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// What a run of the program came to.
pub(super) struct Ran {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

/// The program with these arguments and nothing else from outside.
pub(super) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kvarter"));
    command.args(arguments).env_remove("KVARTER_SERVER").env_remove("KVARTER_TENANT").env("NO_COLOR", "1");
    command
}

/// Runs the program to its end.
pub(super) fn run(arguments: &[&str]) -> Ran {
    let output = command(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// Runs the program, which must do what it was told.
pub(super) fn succeed(arguments: &[&str]) -> String {
    let ran = run(arguments);
    assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.err);
    ran.out
}

/// Runs the program with its output going to a disk that is full.
#[cfg(target_os = "linux")]
pub(super) fn run_without_room(arguments: &[&str]) -> Ran {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(arguments).stdout(full).stderr(Stdio::piped()).output().unwrap();
    Ran { code: output.status.code(), out: String::new(), err: String::from_utf8(output.stderr).unwrap() }
}

/// A node in a process of its own; killed where it is dropped.
pub(super) struct Node {
    process: Child,
    pub(super) server: String,
}

impl Node {
    /// Starts a node on a folder and waits until it says where it listens.
    pub(super) fn start(data: &Path) -> Self {
        let data = data.to_str().unwrap();
        Self::watched(command(&["node", "--data", data, "--listen", "127.0.0.1:0", "--shards", "4"])).0
    }

    /// Starts a node and waits until it says where it listens; what else it says comes one line after the other.
    pub(super) fn watched(mut command: Command) -> (Self, Receiver<String>) {
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let told = lines.find_map(|line| line.unwrap().strip_prefix("listening on ").map(str::to_owned));
        let (said, lines_said) = channel();
        // It is read to its end, whether somebody wants it or not, so that the node never waits for a reader.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(said.send(line))));
        (Self { process, server: told.unwrap() }, lines_said)
    }

    /// Ends it without a warning.
    pub(super) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Whoever was killed before can't be killed again, and that is no matter.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
