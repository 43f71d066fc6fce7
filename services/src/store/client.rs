//! A store behind a store server, used as any other.

use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prost::Message as _;
use proto::storage::storage_service_client::StorageServiceClient;
use proto::storage::{CommitRequest, DescribeRequest, DescribeResponse, ReadRequest};
use storage::{BoxFuture, Commit, CommitOutcome, Read, ReadAnswer, Store, StoreError};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use tonic::codegen::http::uri::Authority;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

use super::parts::Assembly;
use super::wire::{self, MOST_MESSAGE_BYTES};

/// How often a connection is asked whether it still lives, and how long it may take to answer.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
const KEEP_ALIVE_ANSWER: Duration = Duration::from_secs(5);
const STREAM_WINDOW_BYTES: u32 = 1 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;

type Client = StorageServiceClient<Channel>;

/// How a store server is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteOptions {
    /// How long a call may take; then a read failed and the outcome of a commit is unknown.
    pub patience: Duration,
    /// How long it may take to get a connection.
    pub connect: Duration,
    /// How many connections there are.
    pub connections: usize,
    /// How many calls are under way at once; others wait.
    pub calls: u32,
}

/// Why there is no way to a store server. Nothing was changed there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Nobody answers, or not in time.
    #[error("no store server answers at {server} ({detail}); start one with `kvarter store --data DIR`")]
    Unreachable {
        /// Where it was looked for.
        server: Authority,
        /// What the network says.
        detail: String,
    },
    /// Somebody answers who is no store server.
    #[error("what answers at {server} is no store server ({detail}); is it a node?")]
    Other {
        /// Who answers.
        server: Authority,
        /// What it says.
        detail: String,
    },
    /// It speaks otherwise, or has other limits.
    #[error(
        "the store server at {server} is of version {version}, which does not go with this program of version {}; \
         use the same",
        env!("CARGO_PKG_VERSION")
    )]
    Version {
        /// Who answers.
        server: Authority,
        /// Its version.
        version: String,
    },
}

/// A store behind a store server.
///
/// A connection that breaks is made anew by the next call. What was sent over one that broke, and what was not answered in
/// time, may have happened: a commit is then [`CommitOutcome::Unknown`], and may still happen later.
#[derive(Debug)]
pub struct RemoteStore {
    server: Authority,
    /// One client per connection; none once the store is closed.
    clients: Mutex<Vec<Client>>,
    next: AtomicUsize,
    /// A permit for each call under way. Closing takes them all.
    calls: Semaphore,
    options: RemoteOptions,
}

impl Default for RemoteOptions {
    fn default() -> Self {
        let (patience, connect) = (Duration::from_secs(10), Duration::from_secs(2));
        Self { patience, connect, connections: 4, calls: 2_048 }
    }
}

impl RemoteStore {
    /// Finds the server and asks what it serves. It is called on a tokio runtime with time and network, which has to live
    /// as long as the store.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect(server: Authority, options: RemoteOptions) -> Result<Self, ConnectError> {
        let unreachable = |detail: String| ConnectError::Unreachable { server: server.clone(), detail };
        let endpoint = endpoint(&server, options).map_err(|error| unreachable(error.to_string()))?;
        // h2 keeps one lock per connection, so that a few of them carry more than one.
        let clients: Vec<Client> =
            (0..options.connections.max(1)).map(|_| client(endpoint.connect_lazy())).collect();
        let mut first = clients.first().cloned().ok_or_else(|| unreachable("no connection".to_owned()))?;
        let described = timeout(options.patience, first.describe(DescribeRequest {})).await;
        let described = described.map_err(|_| unreachable("no answer in time".to_owned()))?;
        let described = described.map_err(|status| undescribed(&server, &status))?.into_inner();
        check(&server, described)?;
        Ok(Self {
            server,
            clients: Mutex::new(clients),
            next: AtomicUsize::new(0),
            calls: Semaphore::new(usize::try_from(options.calls.max(1)).unwrap_or(usize::MAX)),
            options,
        })
    }

    /// A permit for a call, and the client that is next.
    async fn begin(&self) -> Result<(SemaphorePermit<'_>, Client), StoreError> {
        let permit = self.calls.acquire().await.map_err(|_| StoreError::Closed)?;
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let next = self.next.fetch_add(1, Ordering::Relaxed).checked_rem(clients.len()).unwrap_or_default();
        let client = clients.get(next).cloned().ok_or(StoreError::Closed)?;
        Ok((permit, client))
    }

    async fn ask(&self, reads: Vec<Read>) -> Result<Vec<ReadAnswer>, StoreError> {
        let questions = reads.len();
        let request = wire::read_request(reads);
        if request.encoded_len() > MOST_MESSAGE_BYTES {
            let reason = format!("a read call of more than {MOST_MESSAGE_BYTES} bytes; ask in several");
            return Err(StoreError::Unavailable { reason });
        }
        let (_permit, client) = self.begin().await?;
        let answered = timeout(self.options.patience, answers(client, request, questions)).await;
        answered.unwrap_or_else(|_| Err(self.unavailable("no answer in time"))).map_err(|error| match error {
            StoreError::Unavailable { reason } => self.unavailable(&reason),
            error => error,
        })
    }

    async fn send(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let request = wire::commit_request(commit);
        wire::check_commit_size(request.encoded_len())?;
        let (_permit, mut client) = self.begin().await?;
        match timeout(self.options.patience, client.commit(self.request(request))).await {
            Ok(Ok(response)) => wire::outcome(response.into_inner()),
            Ok(Err(status)) if is_undone(&status) => Err(self.unavailable(&words(&status))),
            // It is on its way, or was.
            Ok(Err(_)) | Err(_) => Ok(CommitOutcome::Unknown),
        }
    }

    fn request(&self, message: CommitRequest) -> Request<CommitRequest> {
        let mut request = Request::new(message);
        request.set_timeout(self.options.patience);
        request
    }

    fn unavailable(&self, detail: &str) -> StoreError {
        let server = &self.server;
        StoreError::Unavailable { reason: format!("the store server at {server}: {detail}") }
    }
}

impl Store for RemoteStore {
    fn read(&self, reads: Vec<Read>) -> BoxFuture<'_, Result<Vec<ReadAnswer>, StoreError>> {
        Box::pin(async move {
            storage::check_reads(&reads)?;
            self.ask(reads).await
        })
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<CommitOutcome, StoreError>> {
        Box::pin(async move {
            storage::check_commit(&commit)?;
            self.send(commit).await
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            // An error says that it is closed already.
            if let Ok(_all) = self.calls.acquire_many(self.options.calls.max(1)).await {
                self.calls.close();
                self.clients.lock().unwrap_or_else(PoisonError::into_inner).clear();
            }
            Ok(())
        })
    }
}

fn endpoint(server: &Authority, options: RemoteOptions) -> Result<Endpoint, tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(format!("http://{server}"))?
        .connect_timeout(options.connect)
        .tcp_nodelay(true)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        // Without it a connection that silently died is used for ever.
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE_ANSWER)
        .keep_alive_while_idle(true);
    Ok(endpoint)
}

fn client(channel: Channel) -> Client {
    Client::new(channel)
        .max_decoding_message_size(MOST_MESSAGE_BYTES)
        .max_encoding_message_size(MOST_MESSAGE_BYTES)
}

async fn answers(
    mut client: Client,
    request: ReadRequest,
    questions: usize,
) -> Result<Vec<ReadAnswer>, StoreError> {
    let unavailable = |status: Status| StoreError::Unavailable { reason: words(&status) };
    let mut parts = client.read(request).await.map_err(unavailable)?.into_inner();
    let mut assembly = Assembly::default();
    while let Some(part) = parts.message().await.map_err(unavailable)? {
        assembly.add(part)?;
    }
    assembly.finish(questions)
}

fn undescribed(server: &Authority, status: &Status) -> ConnectError {
    let said = words(status);
    let detail = if said.is_empty() { status.code().description().to_owned() } else { said };
    let server = server.clone();
    match status.code() {
        Code::Unimplemented | Code::NotFound | Code::Internal => ConnectError::Other { server, detail },
        _ => ConnectError::Unreachable { server, detail },
    }
}

/// Whether a server and this program mean the same.
fn check(server: &Authority, described: DescribeResponse) -> Result<(), ConnectError> {
    let ours = super::service::description(super::open::StoreKind::Server);
    let limits =
        |of: &DescribeResponse| (of.form, of.most_key_bytes, of.most_value_bytes, of.most_commit_bytes);
    match limits(&described) == limits(&ours) {
        true => Ok(()),
        false => Err(ConnectError::Version { server: server.clone(), version: described.version }),
    }
}

/// Whether nothing of a call can have happened and nothing will: there was no connection, or the server refused it at its
/// door, as only the server can say (what the transport says has a source).
fn is_undone(status: &Status) -> bool {
    let mut source = status.source();
    while let Some(error) = source {
        if error.is::<tonic::ConnectError>() {
            return true;
        }
        source = error.source();
    }
    let at_the_door = matches!(
        status.code(),
        Code::ResourceExhausted | Code::OutOfRange | Code::InvalidArgument | Code::Unimplemented
    );
    at_the_door && status.source().is_none()
}

/// What a status says, and the last of the errors behind it: what a person can act on.
fn words(status: &Status) -> String {
    let Some(mut innermost) = status.source() else { return status.message().to_owned() };
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
