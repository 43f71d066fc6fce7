//! A program that is told to end while it still starts.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use super::program::command;

/// Whoever is found there takes connections and says nothing, as a store does that is out of breath.
#[test]
fn a_node_that_still_starts_ends_in_order_when_it_is_told_to() {
    for signal in ["TERM", "INT"] {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let store = format!("grpc://{}", silent.local_addr().unwrap());
        let mut node = command(&["node", "--store", &store, "--listen", "127.0.0.1:0"]);
        let node = node.stderr(Stdio::piped()).spawn().unwrap();
        // It has begun.
        let _connection = silent.accept().unwrap();
        let told = Command::new("kill").args([&format!("-{signal}"), &node.id().to_string()]).status();
        assert!(told.unwrap().success());
        let ended = node.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(0), "{signal}: {said}");
        assert_eq!(said, "", "{signal}");
    }
}
