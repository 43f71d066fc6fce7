//! What goes wrong on the command line, in words that say what to do, and the exit code it ends with.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use proto::convert::FieldError;
use proto::name::{NODE, PARKED_ENTITY, SHARD};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::client::is_broken_off;
use crate::import::CsvError;

/// The node refused, can't be reached, or something is not as it was asked to be.
pub const REFUSED: u8 = 1;
/// The command or its input is wrong.
pub const WRONG_INPUT: u8 = 2;
/// A node ended that the others had taken for dead: it is to be started again.
pub const EXPELLED: u8 = 3;

/// Why a command ends early.
#[derive(Debug)]
pub enum Failure {
    /// The command line says something that can't be.
    Usage(String),
    /// A file can't be read or written.
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// A file of master data is refused; nothing of it was sent.
    Csv(CsvError),
    /// No node answers.
    Unreachable {
        /// The address that was tried.
        server: String,
        /// What the network says.
        detail: String,
    },
    /// The node refused a request.
    Refused {
        /// What the request was about.
        what: String,
        /// What the node said.
        status: Box<Status>,
    },
    /// The node can't be started.
    Node(String),
    /// The other nodes have taken this one for dead.
    Expelled(String),
    /// What the node said can't be understood: another release, or a defect.
    Unexpected(String),
    /// A command that did what it could, and something was refused or stays open; the output says what.
    Incomplete(String),
}

impl Failure {
    /// The exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::File { .. } | Self::Csv(_) => WRONG_INPUT,
            Self::Expelled(_) => EXPELLED,
            _ => REFUSED,
        }
    }

    /// A failure of the file system.
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::File { path: path.to_owned(), source }
    }

    /// A refusal of a request about something.
    pub(super) fn refused(what: impl fmt::Display) -> impl FnOnce(Status) -> Self {
        move |status| Self::Refused { what: what.to_string(), status: Box::new(status) }
    }
}

impl From<CsvError> for Failure {
    fn from(error: CsvError) -> Self {
        Self::Csv(error)
    }
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Self {
        Self::Unexpected(error.to_string())
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Node(text) | Self::Expelled(text) | Self::Incomplete(text) => {
                f.write_str(text)
            }
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Csv(error) => write!(f, "{error}; nothing of the file was sent"),
            Self::Unreachable { server, detail } => write!(
                f,
                "no node answers at {server} ({detail}); start one with `kvarter node --data DIR`, or name \
                 another with --server"
            ),
            Self::Refused { what, status } => refusal(f, what, status),
            Self::Unexpected(detail) => {
                write!(f, "the node's answer can't be understood ({detail}); is it of another release?")
            }
        }
    }
}

/// What the node said, with everything that names the fault, and what to do.
fn refusal(f: &mut fmt::Formatter<'_>, what: &str, status: &Status) -> fmt::Result {
    let details = status.get_error_details();
    let said = if status.message().is_empty() { status.code().description() } else { status.message() };
    write!(f, "{what}: {said}")?;
    if let Some(info) = details.error_info() {
        let facts: BTreeMap<_, _> = info.metadata.iter().filter(|(name, _)| *name != "name").collect();
        let facts: String = facts.into_iter().map(|(name, fact)| format!(", {name} {fact}")).collect();
        write!(f, " ({}{facts})", info.reason)?;
    }
    for violation in details.precondition_failure().iter().flat_map(|failure| &failure.violations) {
        write!(f, "\n  {}: {}", violation.r#type, violation.description)?;
    }
    match advice(status) {
        Some(advice) => write!(f, "\n{advice}"),
        None => Ok(()),
    }
}

fn advice(status: &Status) -> Option<&'static str> {
    let details = status.get_error_details();
    let info = details.error_info();
    let reason = info.map(|info| info.reason.as_str()).unwrap_or_default();
    let name = info.and_then(|info| info.metadata.get("name")).map(String::as_str).unwrap_or_default();
    match (reason, status.code()) {
        ("PREVIEW_CHANGED", _) => {
            Some("look at the run again with `kvarter run show`, then approve its present hash")
        }
        ("NO_SETTINGS" | "UNKNOWN_TENANT", _) => {
            Some("import the tenant's settings first: a CSV with seller_name, …")
        }
        ("UNKNOWN_METERING_POINT", _) => {
            Some("import the metering point first: a CSV with metering_point_id, kind, …")
        }
        ("UNKNOWN_WEBHOOK", _) => Some("look for what there is with `kvarter webhook list`"),
        ("STORE_UNAVAILABLE", _) => {
            Some("the store does not answer; see the log of the node and docs/runbook/store-slow.md")
        }
        (_, Code::NotFound) => Some(where_to_look(name)),
        (_, Code::Unimplemented) => {
            Some("what answers there is no node, or one of another release; name a node with --server")
        }
        (_, Code::ResourceExhausted | Code::Unavailable) => {
            Some("the node is busy or stopping; try again in a while")
        }
        _ if is_broken_off(status) => {
            Some("the connection broke; the same command again settles whether it was done")
        }
        (_, Code::Aborted | Code::DeadlineExceeded) => {
            Some("whether it was done is not known; the same command again settles it")
        }
        (_, Code::Internal | Code::Unknown) => Some("this is a defect; the log of the node says more"),
        _ => None,
    }
}

/// Which command lists things as the one of this name, which is not there.
fn where_to_look(name: &str) -> &'static str {
    if NODE.parse(name).is_ok() {
        "look for what there is with `kvarter cluster status`"
    } else if SHARD.parse(name).is_ok() {
        "look for what there is with `kvarter cluster status --shards`"
    } else if PARKED_ENTITY.parse(name).is_ok() {
        "look for what there is with `kvarter list parked`"
    } else {
        "look for what there is with `kvarter list`"
    }
}
