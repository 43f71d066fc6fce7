//! What opening can run into, and how the errors of redb and of the disk read to a person.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// Why an embedded store was not opened. Except for [`Damaged`](OpenError::Damaged) nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another part of this one, has the store open.
    #[error(
        "the data directory {} is in use by {owner}; stop it first, or choose another directory",
        directory.display()
    )]
    Locked {
        /// The directory of the store.
        directory: PathBuf,
        /// Who is known to have it.
        owner: String,
    },
    /// There is a file of that name, but this program did not write it.
    #[error("{} is not a Kvarter store; choose another data directory", path.display())]
    NotAStore {
        /// The file found.
        path: PathBuf,
    },
    /// A later version of this program wrote the store.
    #[error(
        "{} has format {found}, this program knows formats up to {known}; use a newer program",
        path.display()
    )]
    NewerFormat {
        /// The file found.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format this program can read.
        known: u32,
    },
    /// The file is not what was written. It may have been altered by an attempt at repair.
    #[error("{} is damaged: {what}; restore it from a backup", path.display())]
    Damaged {
        /// The file found.
        path: PathBuf,
        /// What was found wrong.
        what: String,
    },
    /// The file system refused.
    #[error("{}: {}", path.display(), explain(source))]
    Io {
        /// The file or directory in question.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
    /// The operating system gave no thread.
    #[error("the thread of the store can't be started: {0}")]
    Thread(io::Error),
}

impl OpenError {
    pub(super) fn io(path: &Path, source: io::Error) -> OpenError {
        OpenError::Io { path: path.to_owned(), source }
    }

    /// What an error of redb means while opening the file at `path`.
    pub(super) fn from_redb(path: &Path, error: redb::Error) -> OpenError {
        let path = path.to_owned();
        match error {
            redb::Error::Io(source) => OpenError::Io { path, source },
            redb::Error::DatabaseAlreadyOpen => {
                OpenError::Locked { directory: path, owner: "another program".to_owned() }
            }
            other => OpenError::Damaged { path, what: other.to_string() },
        }
    }
}

/// What a refusal of the file system means to a call of the store.
pub(super) fn io_error(error: &io::Error) -> StoreError {
    StoreError::Unavailable { reason: explain(error) }
}

/// What an error of redb means to a call of the store.
pub(super) fn store_error(error: impl Into<redb::Error>) -> StoreError {
    match error.into() {
        redb::Error::Corrupted(what) => StoreError::Corrupt { what },
        redb::Error::DatabaseClosed => StoreError::Closed,
        redb::Error::Io(error) => io_error(&error),
        redb::Error::PreviousIo => StoreError::Unavailable {
            reason: "the disk failed earlier; stop the node, find the cause and start it again".to_owned(),
        },
        other => StoreError::Unavailable { reason: other.to_string() },
    }
}

fn explain(error: &io::Error) -> String {
    let advice = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "no space left; free some, start again",
        io::ErrorKind::FileTooLarge => "the file may not grow; raise the limit of its size, start again",
        io::ErrorKind::PermissionDenied => "permission denied; give this user read and write access",
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only; mount it for writing",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "not a directory; choose another data directory"
        }
        _ => return format!("input or output failed: {error}"),
    };
    format!("{advice} ({error})")
}
