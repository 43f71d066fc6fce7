//! Clients that write without a pause: each lets versions of days of a metering point of its own follow one another, and opens
//! accounts, and asks again until it is told that it is done.
//!
//! A write that happened twice shows: a version that was written late stands behind its successor, and an account that was
//! opened under a request id that is not known any more is refused.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use proto::account::CreateAccountRequest;
use proto::account::account_service_client::AccountServiceClient;
use proto::metering::metering_service_client::MeteringServiceClient;
use proto::metering::{CreateMeteringPointRequest, DayChunk, StreamDaysRequest};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_stream::iter;
use tonic::Status;

use super::processes::{Client, Processes};
use crate::grpc::supplier;
use crate::grpc::world::request_id;
use crate::kill::bill::Patient as _;

/// Not the tenant of the month, so that the two do not meet.
pub(super) const TENANT: &str = "tenants/load";
/// Enough for every shard to have some.
const CLIENTS: usize = 24;
/// After how many versions of a day the next day follows.
pub(super) const VERSIONS_PER_DAY: u64 = 40;
/// After how many versions an account is opened.
pub(super) const VERSIONS_PER_ACCOUNT: u64 = 5;

/// What one client was told is done.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// The metering point.
    pub(super) point: String,
    /// How many versions.
    pub(super) versions: u64,
}

/// Clients at work.
pub(super) struct Load {
    /// How many writes of each client are done.
    done: Vec<watch::Receiver<u64>>,
    ends: Rc<Cell<bool>>,
    clients: RefCell<JoinSet<Written>>,
}

impl Load {
    pub(super) fn start(nodes: &Rc<Processes>) -> Self {
        let ends = Rc::new(Cell::new(false));
        let (mut clients, mut all) = (JoinSet::new(), Vec::new());
        for number in 0..CLIENTS {
            let (done, seen) = watch::channel(0);
            all.push(seen);
            let point = format!("5713131800001{number:05}");
            clients.spawn_local(write(nodes.client(number), point, Rc::clone(&ends), done));
        }
        Self { done: all, ends, clients: RefCell::new(clients) }
    }

    /// Waits until every client was told of two more writes, the second of which it began after now.
    pub(super) async fn goes_on(&self) {
        let begun: Vec<u64> = self.done.iter().map(|done| *done.borrow()).collect();
        for (done, begun) in self.done.iter().zip(begun) {
            done.clone().wait_for(|now| *now >= begun + 2).await.unwrap();
        }
    }

    /// Ends it; gives what was written.
    pub(super) async fn end(self) -> Vec<Written> {
        self.ends.set(true);
        let written = self.clients.take().join_all().await;
        let versions: u64 = written.iter().map(|of_one| of_one.versions).sum();
        println!("{versions} versions of days and {} accounts were written", accounts(&written).len());
        written
    }
}

/// The source under which a version is written: what it is known by.
pub(super) fn source(point: &str, version: u64) -> String {
    format!("{point}-{version}")
}

/// The accounts that clients opened.
pub(super) fn accounts(written: &[Written]) -> Vec<String> {
    let of_one = |of_one: &Written| {
        let opened = (0..of_one.versions).filter(|version| version % VERSIONS_PER_ACCOUNT == 0);
        opened.map(|version| source(&of_one.point, version)).collect::<Vec<_>>()
    };
    written.iter().flat_map(of_one).collect()
}

async fn write(client: Client, point: String, ends: Rc<Cell<bool>>, done: watch::Sender<u64>) -> Written {
    let create = CreateMeteringPointRequest {
        parent: TENANT.to_owned(),
        metering_point: Some(supplier::metering_point(&point)),
        request_id: request_id(),
        ..Default::default()
    };
    client
        .ask(async |channel| MeteringServiceClient::new(channel).create_metering_point(create.clone()).await)
        .await;
    let mut versions = 0;
    while !ends.get() {
        put_version(&client, &point, versions).await;
        if versions % VERSIONS_PER_ACCOUNT == 0 {
            open_account(&client, source(&point, versions)).await;
        }
        versions += 1;
        done.send_replace(versions);
    }
    Written { point, versions }
}

async fn put_version(client: &Client, point: &str, version: u64) {
    let at = i64::try_from(version).unwrap();
    let hour = at / i64::try_from(VERSIONS_PER_DAY).unwrap() * 24 + 12;
    let mut chunk = DayChunk { source: source(point, version), ..supplier::chunk(point, hour, 1) };
    chunk.created_time = Some(supplier::seconds(supplier::OCTOBER + at));
    chunk.values.as_mut().unwrap().quantities = vec![at];
    let batch = StreamDaysRequest { parent: TENANT.to_owned(), chunks: vec![chunk], ..Default::default() };
    let refusal = client.ask(async |channel| {
        let answers = MeteringServiceClient::new(channel).stream_days(iter([batch.clone()])).await?;
        let answer = answers.into_inner().message().await?;
        let answer = answer.ok_or_else(|| Status::unavailable("the stream ended without an answer"))?;
        match answer.outcomes.into_iter().find_map(|outcome| outcome.refusal) {
            Some(refusal) if refusal.code == "UNAVAILABLE" => Err(Status::unavailable(refusal.text)),
            refusal => Ok(refusal),
        }
    });
    assert_eq!(refusal.await, None);
}

async fn open_account(client: &Client, id: String) {
    let create = CreateAccountRequest {
        parent: TENANT.to_owned(),
        account: Some(supplier::account(&id)),
        request_id: request_id(),
        ..Default::default()
    };
    client.ask(async |channel| AccountServiceClient::new(channel).create_account(create.clone()).await).await;
}
