//! Opening: the checks that need no cluster, the client, one read, and a diagnosis if that fails.

use std::time::Duration;

use foundationdb::options::{DatabaseOption, TransactionOption};
use foundationdb::{Database, FdbError, FdbResult};
use libfdb::Client;

use crate::key::Key;
use crate::limits::MAX_COMMIT_BYTES;

use super::cluster_file::ClusterFile;
use super::code::{self, DATABASE_LOCKED, TRANSACTION_TIMED_OUT};
use super::diagnosis::{Finding, examine};
use super::failure::FoundationDbOpenError;
use super::options::{FoundationDbOptions, timeout_ms};
use super::session::{EndOfUse, Session};
use super::space::Space;

/// The largest transaction that FoundationDB takes.
const MAX_TRANSACTION_BYTES: i32 = 10_000_000;

/// The parts of its time after which opening looks at what the client has found. Somebody who answers what the client does
/// not understand is given up and tried anew every few seconds, and is silent meanwhile: one look would miss it.
const SHARES: [u32; 4] = [8, 8, 4, 2];

const _: () = assert!(MAX_COMMIT_BYTES < 10_000_000, "room for what FoundationDB counts besides");

pub(super) async fn open(options: &FoundationDbOptions) -> Result<Session, FoundationDbOpenError> {
    let space = Space::new(options.prefix.as_deref())?;
    let file = ClusterFile::read(&options.cluster_file)?;
    let client = libfdb::start()?;
    let end = EndOfUse;
    let database = Database::from_path(&file.path).map_err(refused)?;
    set_options(&database, options).map_err(refused)?;
    let mut finding = Finding::Silent;
    for share in SHARES {
        match try_reading(&database, &space, options.connect_timeout / share).await {
            Ok(()) => return Ok(Session::new(database, space, end)),
            Err(error) => match error.code() {
                TRANSACTION_TIMED_OUT => finding = finding.max(look(&database).await),
                DATABASE_LOCKED => return Err(FoundationDbOpenError::Locked),
                _ => return Err(refused(error)),
            },
        }
    }
    Err(explain(finding, file, client))
}

/// What holds for every transaction: by itself, FoundationDB's client waits and repeats for ever.
fn set_options(database: &Database, options: &FoundationDbOptions) -> FdbResult<()> {
    let repetitions = i32::try_from(options.repetitions).unwrap_or(i32::MAX);
    database.set_option(DatabaseOption::TransactionTimeout(timeout_ms(options.timeout)))?;
    database.set_option(DatabaseOption::TransactionRetryLimit(repetitions))?;
    database.set_option(DatabaseOption::TransactionSizeLimit(MAX_TRANSACTION_BYTES))
}

/// One read, so that everything a read needs was there once.
async fn try_reading(database: &Database, space: &Space, timeout: Duration) -> FdbResult<()> {
    let key = Key::from(&b"\0"[..]);
    let mut transaction = database.create_trx()?;
    transaction.set_option(TransactionOption::Timeout(timeout_ms(timeout)))?;
    loop {
        match transaction.get(&space.key(&key), false).await {
            Ok(_) => return Ok(()),
            Err(error) if code::may_read_again(error) => transaction = transaction.on_error(error).await?,
            Err(error) => return Err(error),
        }
    }
}

/// Answered by the client itself, whatever the state of the cluster.
async fn look(database: &Database) -> Finding {
    let status = database.get_client_status().await;
    status.map_or(Finding::Silent, |status| examine(&status))
}

fn explain(finding: Finding, file: ClusterFile, client: &Client) -> FoundationDbOpenError {
    let coordinators = file.coordinators;
    match finding {
        Finding::Silent => FoundationDbOpenError::Unreachable { coordinators },
        Finding::Answering => FoundationDbOpenError::NotReady { coordinators },
        Finding::OtherRelease { cluster } => FoundationDbOpenError::VersionMismatch {
            cluster,
            client: client.version.clone(),
            place: client.place.clone(),
        },
    }
}

fn refused(error: FdbError) -> FoundationDbOpenError {
    FoundationDbOpenError::Refused { code: error.code(), text: error.message().to_owned() }
}
