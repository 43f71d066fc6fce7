//! Why a store in a FoundationDB cluster was not opened.

use std::io;
use std::path::PathBuf;

use libfdb::StartError;

/// Why a store in a FoundationDB cluster was not opened. Nothing was changed in the cluster.
#[derive(Debug, thiserror::Error)]
pub enum FoundationDbOpenError {
    /// A name that can't be one.
    #[error("{prefix:?} is no prefix; it has 1 to 64 letters, digits, '-', '_' and '.'")]
    Prefix {
        /// What was given.
        prefix: String,
    },
    /// The cluster file can't be read.
    #[error(
        "the cluster file {} can't be read ({source}); name the fdb.cluster of the FoundationDB cluster, and let \
         this user read and write it",
        path.display()
    )]
    ClusterFile {
        /// The file that was named.
        path: PathBuf,
        /// Why it can't be read.
        source: io::Error,
    },
    /// The cluster file is none.
    #[error(
        "{} is no cluster file: {what}; it has one line DESCRIPTION:ID@HOST:PORT,…, copy it from a machine of the \
         FoundationDB cluster",
        path.display()
    )]
    Malformed {
        /// The file that was named.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The client library is not there, or not usable.
    #[error(transparent)]
    Client(#[from] StartError),
    /// No coordinator answers.
    #[error(
        "no coordinator of the FoundationDB cluster answers at {coordinators}; see that its processes run, that the \
         network lets this machine reach them, and that the cluster file is that of the cluster"
    )]
    Unreachable {
        /// The addresses of the cluster file.
        coordinators: String,
    },
    /// The coordinators answer, but no transaction is possible.
    #[error(
        "the FoundationDB coordinators at {coordinators} answer, but the database does not; see `fdbcli --exec \
         status` (a new cluster needs `configure new double ssd`, say), and that description and id of the cluster \
         file are the cluster's"
    )]
    NotReady {
        /// The addresses of the cluster file.
        coordinators: String,
    },
    /// The client library speaks to other releases than the cluster's.
    #[error(
        "the FoundationDB cluster has release {cluster}, the client library {place} is of release {client}; install \
         the client library of the cluster's release, or put it into the directory that \
         FDB_NETWORK_OPTION_EXTERNAL_CLIENT_DIRECTORY names"
    )]
    VersionMismatch {
        /// The release of the cluster, as far as its protocol tells.
        cluster: String,
        /// The release of the library.
        client: String,
        /// The library.
        place: String,
    },
    /// An operator has locked the database.
    #[error(
        "the FoundationDB database is locked, for a restore perhaps; `fdbcli --exec \"unlock UID\"` unlocks it"
    )]
    Locked,
    /// FoundationDB's client refuses for another reason.
    #[error("FoundationDB refuses: {text} ({code})")]
    Refused {
        /// Its code.
        code: i32,
        /// What it says to it.
        text: String,
    },
}
