//! Where a store is, as one word of a command line.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use tonic::codegen::http::uri::Authority;

/// Where the data of a node are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreAddress {
    /// `memory`: in the memory of this process, and gone with it.
    Memory,
    /// `dir:PATH`: in a directory of this machine, which one process uses at a time.
    Directory(PathBuf),
    /// `fdb:CLUSTER_FILE` or `fdb:CLUSTER_FILE?prefix=NAME`: in a FoundationDB cluster.
    FoundationDb {
        /// The file that says where the cluster is.
        cluster_file: PathBuf,
        /// The name in front of every key, so that several of Kvarter's clusters can share one of FoundationDB's; without
        /// one the whole key space is Kvarter's.
        prefix: Option<String>,
    },
    /// `grpc://HOST:PORT`: behind a store server (`kvarter store`).
    Server(Authority),
}

/// Why a text is no address of a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It begins like none of them.
    #[error("no store is called {given:?}; write dir:PATH, fdb:CLUSTER_FILE, grpc://HOST:PORT or memory")]
    Kind {
        /// The text.
        given: String,
    },
    /// The path lacks behind the colon.
    #[error("{given:?} lacks a path; write {wanted}")]
    Path {
        /// The text.
        given: String,
        /// What it has to look like.
        wanted: &'static str,
    },
    /// What stands behind the question mark is not known.
    #[error(
        "{given:?} is no setting of a FoundationDB store; write ?prefix=NAME, of letters, digits, '-', '_' and '.'"
    )]
    Setting {
        /// What stands there.
        given: String,
    },
    /// The server can't be told from the text.
    #[error("{given:?} names no server; write grpc://HOST:PORT")]
    Server {
        /// The text.
        given: String,
    },
}

const DIRECTORY: &str = "dir:";
const FOUNDATION_DB: &str = "fdb:";
const SERVER: &str = "grpc://";
const PREFIX: &str = "prefix=";
const MOST_PREFIX_BYTES: usize = 64;

impl FromStr for StoreAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text == "memory" {
            return Ok(Self::Memory);
        }
        if let Some(path) = text.strip_prefix(DIRECTORY) {
            return directory(text, path);
        }
        if let Some(rest) = text.strip_prefix(FOUNDATION_DB) {
            return foundation_db(text, rest);
        }
        let authority =
            text.strip_prefix(SERVER).ok_or_else(|| AddressError::Kind { given: text.to_owned() })?;
        server(authority).ok_or_else(|| AddressError::Server { given: text.to_owned() })
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::Directory(path) => write!(f, "{DIRECTORY}{}", path.display()),
            Self::FoundationDb { cluster_file, prefix: None } => {
                write!(f, "{FOUNDATION_DB}{}", cluster_file.display())
            }
            Self::FoundationDb { cluster_file, prefix: Some(prefix) } => {
                write!(f, "{FOUNDATION_DB}{}?{PREFIX}{prefix}", cluster_file.display())
            }
            Self::Server(authority) => write!(f, "{SERVER}{authority}"),
        }
    }
}

fn directory(text: &str, path: &str) -> Result<StoreAddress, AddressError> {
    match path {
        "" => Err(AddressError::Path { given: text.to_owned(), wanted: "dir:PATH" }),
        path => Ok(StoreAddress::Directory(path.into())),
    }
}

fn foundation_db(text: &str, rest: &str) -> Result<StoreAddress, AddressError> {
    let (cluster_file, setting) = match rest.split_once('?') {
        Some((cluster_file, setting)) => (cluster_file, Some(setting)),
        None => (rest, None),
    };
    if cluster_file.is_empty() {
        return Err(AddressError::Path { given: text.to_owned(), wanted: "fdb:CLUSTER_FILE" });
    }
    let prefix = setting
        .map(|setting| prefix(setting).ok_or_else(|| AddressError::Setting { given: text.to_owned() }));
    Ok(StoreAddress::FoundationDb { cluster_file: cluster_file.into(), prefix: prefix.transpose()? })
}

fn prefix(setting: &str) -> Option<String> {
    let is_name = |name: &&str| {
        let of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (1..=MOST_PREFIX_BYTES).contains(&name.len()) && name.bytes().all(of_name)
    };
    setting.strip_prefix(PREFIX).filter(is_name).map(str::to_owned)
}

fn server(text: &str) -> Option<StoreAddress> {
    let authority = Authority::from_str(text).ok()?;
    let is_whole = authority.port_u16().is_some_and(|port| port != 0)
        && !authority.host().is_empty()
        && !text.contains('@');
    is_whole.then_some(StoreAddress::Server(authority))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_written_again() {
        let fdb = |prefix: Option<&str>| StoreAddress::FoundationDb {
            cluster_file: "/etc/foundationdb/fdb.cluster".into(),
            prefix: prefix.map(str::to_owned),
        };
        let server = |authority: &'static str| StoreAddress::Server(Authority::from_static(authority));
        let cases = [
            ("memory", StoreAddress::Memory),
            ("dir:data", StoreAddress::Directory("data".into())),
            ("dir:/var/lib/kvarter?", StoreAddress::Directory("/var/lib/kvarter?".into())),
            ("fdb:/etc/foundationdb/fdb.cluster", fdb(None)),
            ("fdb:/etc/foundationdb/fdb.cluster?prefix=test-1.a", fdb(Some("test-1.a"))),
            ("grpc://127.0.0.1:7421", server("127.0.0.1:7421")),
            ("grpc://[::1]:7421", server("[::1]:7421")),
            ("grpc://store.lab:7421", server("store.lab:7421")),
        ];
        for (text, address) in cases {
            assert_eq!(text.parse(), Ok(address.clone()), "{text}");
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_to_write() {
        let cases = [
            ("", "dir:PATH"),
            ("./data", "dir:PATH"),
            ("http://127.0.0.1:7421", "grpc://HOST:PORT"),
            ("dir:", "dir:PATH"),
            ("fdb:", "fdb:CLUSTER_FILE"),
            ("fdb:?prefix=a", "fdb:CLUSTER_FILE"),
            ("fdb:a?", "prefix=NAME"),
            ("fdb:a?prefix=", "prefix=NAME"),
            ("fdb:a?prefix=b/c", "prefix=NAME"),
            ("fdb:a?name=b", "prefix=NAME"),
            ("grpc://", "grpc://HOST:PORT"),
            ("grpc://store", "grpc://HOST:PORT"),
            ("grpc://store:0", "grpc://HOST:PORT"),
            ("grpc://:7421", "grpc://HOST:PORT"),
            ("grpc://a@store:7421", "grpc://HOST:PORT"),
            ("grpc://store:7421/path", "grpc://HOST:PORT"),
            ("grpc://store:99999", "grpc://HOST:PORT"),
        ];
        for (text, advice) in cases {
            let error = text.parse::<StoreAddress>().unwrap_err().to_string();
            assert!(error.contains(advice) && error.contains(text), "{text}: {error}");
        }
    }
}
