//! Reads, commits and what becomes of them as messages of `kvarter.storage.v1`, and back.

use proto::storage as message;
use proto::storage::commit_response::Outcome;
use proto::storage::question::Question as Asked;
use proto::storage::write::Write as Written;
use storage::{
    Commit, CommitOutcome, Expectation, Key, KeyRange, LimitExceeded, Read, Row, Scan, StoreError, Write,
};

/// The form of the protocol that this program speaks.
pub(super) const FORM: u32 = 1;
/// The largest message in either direction, in bytes.
pub(super) const MOST_MESSAGE_BYTES: usize = 16 << 20;

/// A message that says nothing that could be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message lacks {0}")]
pub(super) struct Malformed(pub(super) &'static str);

/// The message of a read call.
pub(super) fn read_request(reads: Vec<Read>) -> message::ReadRequest {
    let question = |read| match read {
        Read::Get(key) => Asked::Get(bytes_of(key)),
        Read::Scan(scan) => Asked::Scan(message::Scan {
            range: Some(range_message(scan.range)),
            limit_rows: u64::try_from(scan.limit_rows).unwrap_or(u64::MAX),
            limit_bytes: u64::try_from(scan.limit_bytes).unwrap_or(u64::MAX),
            reverse: scan.reverse,
        }),
    };
    let questions = reads.into_iter().map(|read| message::Question { question: Some(question(read)) });
    message::ReadRequest { questions: questions.collect() }
}

/// The reads of a message.
pub(super) fn reads(request: message::ReadRequest) -> Result<Vec<Read>, Malformed> {
    let read = |question: message::Question| match question.question {
        Some(Asked::Get(key)) => Ok(Read::Get(key.into())),
        Some(Asked::Scan(scan)) => Ok(Read::Scan(Scan {
            range: range(scan.range)?,
            limit_rows: usize::try_from(scan.limit_rows).unwrap_or(usize::MAX),
            limit_bytes: usize::try_from(scan.limit_bytes).unwrap_or(usize::MAX),
            reverse: scan.reverse,
        })),
        None => Err(Malformed("a question")),
    };
    request.questions.into_iter().map(read).collect()
}

/// The message of a commit.
pub(super) fn commit_request(commit: Commit) -> message::CommitRequest {
    let expectation = |expected: Expectation| message::Expectation {
        key: bytes_of(expected.key),
        value: expected.value.map(Vec::from),
    };
    let write = |write| message::Write {
        write: Some(match write {
            Write::Put { key, value } => {
                Written::Put(message::Row { key: bytes_of(key), value: value.into() })
            }
            Write::Delete { key } => Written::Delete(bytes_of(key)),
            Write::DeleteRange { range } => Written::DeleteRange(range_message(range)),
            Write::Add { key, delta } => {
                Written::Add(message::Add { key: bytes_of(key), delta: delta.to_le_bytes().into() })
            }
        }),
    };
    message::CommitRequest {
        expectations: commit.expectations.into_iter().map(expectation).collect(),
        writes: commit.writes.into_iter().map(write).collect(),
    }
}

/// The commit of a message.
pub(super) fn commit(request: message::CommitRequest) -> Result<Commit, Malformed> {
    let expectation = |expected: message::Expectation| Expectation {
        key: expected.key.into(),
        value: expected.value.map(Into::into),
    };
    let write = |write: message::Write| {
        Ok(match write.write.ok_or(Malformed("a write"))? {
            Written::Put(row) => Write::Put { key: row.key.into(), value: row.value.into() },
            Written::Delete(key) => Write::Delete { key: key.into() },
            Written::DeleteRange(deleted) => Write::DeleteRange { range: range(Some(deleted))? },
            Written::Add(add) => {
                let delta = add.delta.try_into().map_err(|_| Malformed("16 bytes to add"))?;
                Write::Add { key: add.key.into(), delta: i128::from_le_bytes(delta) }
            }
        })
    };
    Ok(Commit {
        expectations: request.expectations.into_iter().map(expectation).collect(),
        writes: request.writes.into_iter().map(write).collect::<Result<_, Malformed>>()?,
    })
}

/// The message of what became of a commit.
pub(super) fn commit_response(outcome: Result<CommitOutcome, StoreError>) -> message::CommitResponse {
    let outcome = match outcome {
        Ok(CommitOutcome::Committed) => Outcome::Committed(message::Committed {}),
        Ok(CommitOutcome::Conflict { key }) => Outcome::Conflict(bytes_of(key)),
        Ok(CommitOutcome::Unknown) => Outcome::Unknown(message::Unknown {}),
        Err(error) => Outcome::Failure(failure(error)),
    };
    message::CommitResponse { outcome: Some(outcome) }
}

/// What became of a commit. A message that does not say it says that it is not known.
pub(super) fn outcome(response: message::CommitResponse) -> Result<CommitOutcome, StoreError> {
    match response.outcome {
        Some(Outcome::Committed(_)) => Ok(CommitOutcome::Committed),
        Some(Outcome::Conflict(key)) => Ok(CommitOutcome::Conflict { key: key.into() }),
        Some(Outcome::Unknown(_)) | None => Ok(CommitOutcome::Unknown),
        Some(Outcome::Failure(failure)) => Err(store_error(failure)),
    }
}

/// The message of an error.
pub(super) fn failure(error: StoreError) -> message::Failure {
    use message::FailureKind::{Closed, Corrupt, Limit, Unavailable};
    let (kind, detail) = match error {
        StoreError::Limit(limit) => (Limit, limit.to_string()),
        StoreError::Corrupt { what } => (Corrupt, what),
        StoreError::Unavailable { reason } => (Unavailable, reason),
        StoreError::Closed => (Closed, String::new()),
    };
    message::Failure { kind: kind.into(), detail }
}

/// What the server says went wrong. A store that it closed is away from here, since it may be opened again there.
pub(super) fn store_error(failure: message::Failure) -> StoreError {
    use message::FailureKind::{Closed, Corrupt, Limit, Unavailable, Unspecified};
    match failure.kind() {
        Corrupt => StoreError::Corrupt { what: failure.detail },
        Closed => StoreError::Unavailable { reason: "the store server is stopping".to_owned() },
        // Both sides have the same limits and this one was asked first, so that the server has others.
        Limit => StoreError::Unavailable { reason: format!("the store server refuses: {}", failure.detail) },
        Unavailable | Unspecified => StoreError::Unavailable { reason: failure.detail },
    }
}

/// The size that a commit has as a message, where that is beyond what a message may have.
pub(super) fn check_commit_size(size_bytes: usize) -> Result<(), StoreError> {
    // Room for what stands around the message.
    match size_bytes > MOST_MESSAGE_BYTES.saturating_sub(1_024) {
        true => Err(LimitExceeded::CommitTooLarge { size_bytes }.into()),
        false => Ok(()),
    }
}

/// The message of a row.
pub(super) fn row_message(row: Row) -> message::Row {
    message::Row { key: bytes_of(row.key), value: row.value.into() }
}

/// The row of a message.
pub(super) fn row(row: message::Row) -> Row {
    Row { key: row.key.into(), value: row.value.into() }
}

/// The bytes of a key.
pub(super) fn bytes_of(key: Key) -> Vec<u8> {
    key.into_bytes().into()
}

fn range_message(range: KeyRange) -> message::Range {
    message::Range { begin: bytes_of(range.begin), end: bytes_of(range.end) }
}

fn range(range: Option<message::Range>) -> Result<KeyRange, Malformed> {
    let range = range.ok_or(Malformed("a range"))?;
    Ok(KeyRange::new(range.begin, range.end))
}
