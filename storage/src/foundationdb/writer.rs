//! Commits: one transaction per attempt, repeated only where nothing can have happened.

use foundationdb::options::MutationType;
use foundationdb::{FdbError, FdbResult, Transaction};

use crate::commit::{Commit, CommitOutcome, Write};
use crate::error::{LimitExceeded, StoreError};
use crate::key::Key;
use crate::store::BoxFuture;

use super::code::{self, TRANSACTION_TOO_LARGE, Verdict};
use super::session::{Session, begin};
use super::space::Space;
use super::trouble::Moment;

/// What FoundationDB's client counts for a mutation with its conflict range besides their bytes, in release 7.4.
const MUTATION_BYTES: usize = 68;

/// The error of a commit that was handed to the cluster, and the pause after which the transaction may be repeated.
struct Failed {
    error: FdbError,
    again: BoxFuture<'static, FdbResult<Transaction>>,
}

/// Commits, or tells which expectation does not hold, or that it can't tell.
pub(super) async fn commit(session: &Session, commit: &Commit) -> Result<CommitOutcome, StoreError> {
    let mut transaction = session.database.create_trx().map_err(code::unavailable)?;
    loop {
        transaction = match prepare(&session.space, &transaction, commit).await {
            Ok(Some(key)) => return Ok(CommitOutcome::Conflict { key }),
            Ok(None) => {
                let Err(failed) = send(session, transaction).await else {
                    return Ok(CommitOutcome::Committed);
                };
                match code::of_commit(failed.error) {
                    Verdict::Unknown => return Ok(CommitOutcome::Unknown),
                    Verdict::Refused => return Err(refusal(&session.space, commit, failed.error)),
                    // Refused for the moment: whether what is expected still holds is read anew.
                    Verdict::Again => failed.again.await.map_err(code::unavailable)?,
                }
            }
            Err(error) if code::may_read_again(error) => {
                transaction.on_error(error).await.map_err(code::unavailable)?
            }
            Err(error) => return Err(code::unavailable(error)),
        };
    }
}

/// Reads what is expected, compares it, and writes into the transaction; gives the key of the first expectation that
/// does not hold. Nothing has reached the cluster yet.
async fn prepare(space: &Space, transaction: &Transaction, commit: &Commit) -> FdbResult<Option<Key>> {
    begin(transaction)?;
    let expectations = &commit.expectations;
    // All are asked for before one is waited for.
    let values: Vec<_> =
        expectations.iter().map(|expected| transaction.get(&space.key(&expected.key), false)).collect();
    for (expected, value) in expectations.iter().zip(values) {
        if value.await?.as_deref() != expected.value.as_deref() {
            return Ok(Some(expected.key.clone()));
        }
    }
    commit.writes.iter().for_each(|write| apply(space, transaction, write));
    Ok(None)
}

fn apply(space: &Space, transaction: &Transaction, write: &Write) {
    match write {
        Write::Put { key, value } => transaction.set(&space.key(key), value),
        Write::Delete { key } => transaction.clear(&space.key(key)),
        Write::DeleteRange { range } => {
            if let Some((begin, end)) = space.range(range) {
                transaction.clear_range(&begin, &end);
            }
        }
        Write::Add { key, delta } => {
            transaction.atomic_op(&space.key(key), &delta.to_le_bytes(), MutationType::Add);
        }
    }
}

/// Hands the transaction to the cluster. From here on it may happen.
async fn send(session: &Session, transaction: Transaction) -> Result<(), Failed> {
    if let Err(error) = session.trouble.at(Moment::Committing).await {
        return Err(Failed { error, again: Box::pin(transaction.on_error(error)) });
    }
    match transaction.commit().await {
        Ok(committed) => {
            let answered = session.trouble.at(Moment::Answering).await;
            answered.map_err(|error| Failed { error, again: Box::pin(committed.reset().on_error(error)) })
        }
        Err(refused) => Err(Failed { error: *refused, again: Box::pin(refused.on_error()) }),
    }
}

/// A commit within the limits of every store can still be too large for FoundationDB's client, which counts more for
/// each write: the prefix, and something for itself.
fn refusal(space: &Space, commit: &Commit, error: FdbError) -> StoreError {
    if error.code() != TRANSACTION_TOO_LARGE {
        return code::unavailable(error);
    }
    let entries = commit.writes.len().saturating_add(commit.expectations.len());
    let more_bytes = space.prefix_bytes().saturating_mul(3).saturating_add(MUTATION_BYTES);
    let size_bytes = commit.size_bytes().saturating_add(entries.saturating_mul(more_bytes));
    LimitExceeded::CommitTooLarge { size_bytes }.into()
}
