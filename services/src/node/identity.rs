//! What a node is called and where others reach it.

use std::net::SocketAddr;
use std::str::FromStr as _;
use std::sync::Arc;

use cluster::NodeName;
use tonic::codegen::http::uri::Authority;

use super::{NodeOptions, StartError};

/// What a node is called and where others reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) name: NodeName,
    pub(super) address: Arc<str>,
}

impl Identity {
    /// As the options say; else from this machine and from where the node listens.
    pub(super) fn of(options: &NodeOptions, listening: SocketAddr, alone: bool) -> Result<Self, StartError> {
        let name = match &options.name {
            Some(name) => NodeName::new(name).ok_or_else(|| StartError::Name(name.clone()))?,
            None => usual_name(&host(), listening.port()),
        };
        let address = match &options.advertise {
            Some(address) if is_reachable(address) => address.clone(),
            Some(address) => return Err(StartError::Advertise(address.clone())),
            None if listening.ip().is_unspecified() && !alone => {
                return Err(StartError::Advertise(listening.to_string()));
            }
            None => listening.to_string(),
        };
        Ok(Self { name, address: address.into() })
    }
}

/// Whether it is a host and a port.
fn is_reachable(address: &str) -> bool {
    let authority = Authority::from_str(address).ok();
    authority.is_some_and(|authority| {
        let has_port = authority.port_u16().is_some_and(|port| port != 0);
        let is_somewhere = !["", "0.0.0.0", "[::]"].contains(&authority.host());
        has_port && is_somewhere && !address.contains('@')
    })
}

/// The name of a machine with a port, as far as it is one that a node can have.
fn usual_name(host: &str, port: u16) -> NodeName {
    let letter = |letter: char| match letter.to_ascii_lowercase() {
        letter @ ('a'..='z' | '0'..='9' | '.') => letter,
        _ => '-',
    };
    let host: String =
        host.chars().map(letter).skip_while(|letter| "-.".contains(*letter)).take(57).collect();
    let name = match host.as_str() {
        "" => format!("node-{port}"),
        host => format!("{host}-{port}"),
    };
    NodeName::new(&name).unwrap_or_default()
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreAddress;

    fn address(listening: &str) -> SocketAddr {
        listening.parse().unwrap()
    }

    #[test]
    fn every_machine_gives_a_name() {
        let long = "a".repeat(80);
        for (host, expected) in [
            ("Node_1", "node-1-7420".to_owned()),
            ("kvarter-0.kvarter", "kvarter-0.kvarter-7420".to_owned()),
            ("-.x", "x-7420".to_owned()),
            ("", "node-7420".to_owned()),
            (&long, format!("{}-7420", "a".repeat(57))),
        ] {
            assert_eq!(usual_name(host, 7420).as_str(), expected);
        }
    }

    #[test]
    fn others_are_told_where_they_can_reach_it() {
        let mut options = NodeOptions::new(StoreAddress::Memory, address("0.0.0.0:7420"));
        options.name = Some("a".to_owned());
        let of = |options: &NodeOptions, listening: &str, alone| {
            Identity::of(options, address(listening), alone).map(|identity| identity.address.to_string()).ok()
        };
        assert_eq!(of(&options, "127.0.0.1:7420", false).as_deref(), Some("127.0.0.1:7420"));
        assert_eq!(of(&options, "0.0.0.0:7420", true).as_deref(), Some("0.0.0.0:7420"));
        assert_eq!(of(&options, "0.0.0.0:7420", false), None, "nobody can reach it there");
        for (advertise, is_taken) in [
            ("kvarter-0.kvarter:7420", true),
            ("[::1]:7420", true),
            ("kvarter-0", false),
            ("kvarter-0:0", false),
            ("0.0.0.0:7420", false),
            ("http://kvarter-0:7420", false),
            ("", false),
        ] {
            options.advertise = Some(advertise.to_owned());
            let taken = of(&options, "0.0.0.0:7420", false);
            assert_eq!(taken.as_deref(), is_taken.then_some(advertise), "{advertise}");
        }
        options.name = Some("A".to_owned());
        assert!(matches!(Identity::of(&options, address("[::1]:1"), true), Err(StartError::Name(_))));
    }
}
