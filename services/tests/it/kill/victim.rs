//! A node process that is killed once and started again.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

use super::bill::Patient;

pub(super) const DIRECTORY: &str = "KVARTER_TEST_KILL_DIRECTORY";
pub(super) const OUTBOX_COMMITS: &str = "KVARTER_TEST_KILL_OUTBOX_COMMITS";
pub(super) const ADDRESS: &str = "serving at ";

/// How the first life of the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Death {
    Never,
    /// Killed when so many requests have been answered.
    AfterAnswers(u32),
    /// Ends itself between the commit of so many with messages and their delivery.
    BeforeDelivery(u32),
}

pub(super) struct Victim {
    directory: PathBuf,
    death: Death,
    life: Mutex<Life>,
}

#[derive(Default)]
struct Life {
    process: Option<(Child, BufReader<ChildStdout>)>,
    channel: Option<Channel>,
    answers: u32,
    deaths: u32,
}

impl Victim {
    pub(super) fn new(directory: &Path, death: Death) -> Self {
        Self { directory: directory.to_owned(), death, life: Mutex::new(Life::default()) }
    }

    pub(super) fn deaths(&self) -> u32 {
        self.life.lock().unwrap().deaths
    }

    pub(super) fn end(&self) {
        if let Some((mut child, _)) = self.life.lock().unwrap().process.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// A channel to the process that lives now.
    fn channel(&self) -> Channel {
        let mut life = self.life.lock().unwrap();
        let is_alive = life.process.as_mut().is_some_and(|(child, _)| child.try_wait().unwrap().is_none());
        if !is_alive {
            if life.process.take().is_some() {
                life.deaths += 1;
            }
            let (process, address) = self.start(life.deaths == 0);
            life.process = Some(process);
            life.channel = Some(Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy());
        }
        life.channel.clone().unwrap()
    }

    fn answered(&self) {
        let mut life = self.life.lock().unwrap();
        life.answers += 1;
        if Death::AfterAnswers(life.answers) == self.death {
            let (child, _) = life.process.as_mut().unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn start(&self, is_first: bool) -> ((Child, BufReader<ChildStdout>), String) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["kill::child_that_serves", "--exact", "--nocapture", "--test-threads=1"]);
        command.env(DIRECTORY, &self.directory).stdout(Stdio::piped()).stderr(Stdio::null());
        if let (Death::BeforeDelivery(commits), true) = (self.death, is_first) {
            command.env(OUTBOX_COMMITS, commits.to_string());
        }
        #[expect(
            clippy::zombie_processes,
            reason = "whoever holds the process waits for it, once it was killed"
        )]
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while lines.read_line(&mut line).unwrap() > 0 {
            if let Some(address) = line.trim().strip_prefix(ADDRESS) {
                return ((child, lines), address.to_owned());
            }
            line.clear();
        }
        panic!("the node did not start");
    }
}

impl Patient for Victim {
    /// Asks whichever life there is.
    async fn ask<T>(&self, mut request: impl AsyncFnMut(Channel) -> Result<T, Status>) -> T {
        for _ in 0..500 {
            match request(self.channel()).await {
                Ok(answer) => {
                    self.answered();
                    return answer;
                }
                Err(status) if is_passing(&status) => tokio::task::yield_now().await,
                Err(status) => panic!("refused: {status:?}"),
            }
        }
        panic!("no answer");
    }
}

/// Whether the request may be asked again: the process was gone, going or starting, or what came of it is not known.
pub(crate) fn is_passing(status: &Status) -> bool {
    use Code::{Aborted, Cancelled, DeadlineExceeded, Internal, Unavailable, Unknown};
    match status.code() {
        Aborted | Cancelled | DeadlineExceeded | Unavailable | Unknown => true,
        // What the transport says of a connection that broke.
        Internal => status.message().contains("h2") || status.message().contains("transport"),
        _ => false,
    }
}
