//! What goes wrong on the command line, in words that say what to do, and the exit code it ends with.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use proto::convert::FieldError;
use proto::name::{NODE, PARKED_ENTITY, SHARD};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::client::is_broken_off;
use super::subject::{ANYTHING, Subject, look};
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
        /// What the command is about.
        subject: &'static Subject,
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
        Self::refused_as(&ANYTHING, what)
    }

    /// A refusal of a request about something of a kind, to be told in the words of its command.
    pub(super) fn refused_as(
        subject: &'static Subject,
        what: impl fmt::Display,
    ) -> impl FnOnce(Status) -> Self {
        move |status| Self::Refused { what: what.to_string(), status: Box::new(status), subject }
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
            Self::Refused { what, status, subject } => refusal(f, what, status, subject),
            Self::Unexpected(detail) => {
                write!(f, "the node's answer can't be understood ({detail}); is it of another release?")
            }
        }
    }
}

/// What the node said, with everything that names the fault, and what to do.
fn refusal(f: &mut fmt::Formatter<'_>, what: &str, status: &Status, subject: &Subject) -> fmt::Result {
    let details = status.get_error_details();
    write!(f, "{what}: {}", subject.words(status))?;
    for violation in details.precondition_failure().iter().flat_map(|failure| &failure.violations) {
        write!(f, "\n  {}: {}", violation.r#type, violation.description)?;
    }
    match subject.advice(status).or_else(|| advice(status)) {
        Some(advice) => write!(f, "\n{advice}"),
        None => Ok(()),
    }
}

fn advice(status: &Status) -> Option<String> {
    let details = status.get_error_details();
    let info = details.error_info();
    let reason = info.map(|info| info.reason.as_str()).unwrap_or_default();
    let name = info.and_then(|info| info.metadata.get("name")).map(String::as_str).unwrap_or_default();
    let advice = match (reason, status.code()) {
        ("PREVIEW_CHANGED", _) => Some(
            "look at it again with `kvarter run show` or `kvarter statement preview`, then give its present hash",
        ),
        ("NO_SETTINGS" | "UNKNOWN_TENANT", _) => {
            Some("import the tenant's settings first: a CSV with seller_name, …")
        }
        ("UNKNOWN_METERING_POINT", _) => {
            Some("import the metering point first: a CSV with metering_point_id, kind, …")
        }
        ("STORE_UNAVAILABLE", _) => {
            Some("the store does not answer; see the log of the node and docs/runbook/store-slow.md")
        }
        (_, Code::NotFound) => return Some(look(where_to_look(name))),
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
    };
    advice.map(str::to_owned)
}

/// Which command lists things as the one of this name, which is not there.
fn where_to_look(name: &str) -> &'static str {
    if NODE.parse(name).is_ok() {
        "kvarter cluster status"
    } else if SHARD.parse(name).is_ok() {
        "kvarter cluster status --shards"
    } else if PARKED_ENTITY.parse(name).is_ok() {
        "kvarter list parked"
    } else {
        "kvarter list"
    }
}
