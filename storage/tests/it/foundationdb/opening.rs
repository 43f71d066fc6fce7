//! Opening: what is refused, and in which words.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use storage::foundationdb::testing::TestServer;
use storage::{
    Commit, FoundationDbOpenError, FoundationDbOptions, FoundationDbStore, Store, StoreError, StoreExt,
};
use tempfile::TempDir;

use super::{block_on, committed, open};

/// Tells the child what to open; without it the child's test has nothing to do.
const CHILD: &str = "KVARTER_TEST_CLUSTER_FILE";
/// The same for the child that leaves.
const LEAVING: &str = "KVARTER_TEST_LEAVING";

fn options(cluster_file: impl Into<PathBuf>) -> FoundationDbOptions {
    FoundationDbOptions { connect_timeout: Duration::from_secs(2), ..FoundationDbOptions::new(cluster_file) }
}

fn refused(options: FoundationDbOptions) -> FoundationDbOpenError {
    block_on(FoundationDbStore::open(options)).unwrap_err()
}

fn cluster_file(text: &str) -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("fdb.cluster");
    fs::write(&path, text).unwrap();
    (directory, path)
}

#[test]
fn a_cluster_file_that_is_none_is_refused_without_asking_a_cluster() {
    let (directory, path) = cluster_file("no cluster file\n");
    let cases = [
        (directory.path().join("missing"), "No such file"),
        (directory.path().to_owned(), "can't be read"),
        (path.clone(), "DESCRIPTION:ID@HOST:PORT"),
    ];
    for (path, expected) in cases {
        let error = refused(options(path.clone())).to_string();
        assert!(error.contains(expected) && error.contains(&*path.to_string_lossy()), "{error}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "no cluster file\n");
    let error = refused(options(path).with_prefix("a/b"));
    assert!(matches!(error, FoundationDbOpenError::Prefix { .. }), "{error}");
}

#[test]
fn a_cluster_that_does_not_answer_is_told_from_one_that_does_not_serve() {
    let Some(server) = TestServer::start("opening what does not serve") else { return };
    // Nobody listens on a port that was just given back.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (_directory, path) = cluster_file(&format!("test:test1234@127.0.0.1:{port}\n"));
    let error = refused(options(path));
    assert!(
        matches!(&error, FoundationDbOpenError::Unreachable { coordinators } if coordinators.contains(&port.to_string())),
        "{error}"
    );
    // Somebody listens, who is of another cluster.
    let text = fs::read_to_string(server.cluster_file()).unwrap().replace("test1234", "other");
    let (_directory, path) = cluster_file(&text);
    let error = refused(options(path));
    assert!(matches!(error, FoundationDbOpenError::NotReady { .. }), "{error}");
    server.pause();
    let error = refused(options(server.cluster_file()));
    assert!(
        matches!(error, FoundationDbOpenError::Unreachable { .. } | FoundationDbOpenError::NotReady { .. }),
        "{error}"
    );
    server.resume();
    let store = block_on(open(&FoundationDbOptions::new(server.cluster_file())));
    block_on(committed(&store, Commit::new().put("k", "v")));
}

#[test]
fn a_locked_database_is_told_as_such() {
    let Some(server) = TestServer::start("opening a locked database") else { return };
    let store = block_on(open(&FoundationDbOptions::new(server.cluster_file())));
    block_on(committed(&store, Commit::new().put("k", "v")));
    server.command("lock");
    let error = refused(options(server.cluster_file()));
    assert!(matches!(error, FoundationDbOpenError::Locked), "{error}");
    let told = |error: Option<StoreError>| {
        assert!(
            matches!(&error, Some(StoreError::Unavailable { reason }) if reason.contains("unlock")),
            "{error:?}"
        );
    };
    told(block_on(store.get("k".into())).err());
    told(block_on(store.commit(Commit::new().put("k", "w"))).err());
    told(block_on(store.commit(Commit::new().expect_value("k", "v").put("k", "w"))).err());
}

/// A server that greets in the protocol of release 6.3, and says nothing more.
#[test]
fn a_cluster_of_another_release_is_told_as_such() {
    if TestServer::shared("opening a cluster of another release").is_none() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            std::thread::spawn(move || {
                let mut connection = connection.unwrap();
                // Length of the rest, protocol version, port, connection id, address, and room for a longer one.
                let mut greeting = 40_u32.to_le_bytes().to_vec();
                greeting.extend(0x1FDB_00B0_6301_0001_u64.to_le_bytes());
                greeting.extend(address.port().to_le_bytes());
                greeting.extend([0; 8]);
                greeting.extend(0x7F00_0001_u32.to_le_bytes());
                greeting.extend([0; 18]);
                let _ = connection.write_all(&greeting);
                let _ = connection.read_to_end(&mut Vec::new());
            });
        }
    });
    let (_directory, path) = cluster_file(&format!("test:test1234@{address}\n"));
    // With the usual patience, by the end of which the client is about to try another connection.
    let error = refused(FoundationDbOptions::new(path));
    let FoundationDbOpenError::VersionMismatch { cluster, .. } = &error else { panic!("{error}") };
    assert_eq!(cluster, "6.3", "{error}");
}

/// The child: says why it can't open.
#[test]
fn child_that_opens() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    println!("\nrefused: {}", refused(options(path)));
}

/// The child: has a store open, and exits without closing it.
#[test]
fn child_that_leaves() {
    let Some(path) = std::env::var_os(LEAVING) else { return };
    let store = block_on(open(&options(path)));
    block_on(committed(&store, Commit::new().expect_absent("left").put("left", "open").delete("left")));
    std::process::exit(7);
}

#[test]
fn a_process_that_leaves_its_store_open_ends_in_order() {
    let Some(server) = TestServer::shared("leaving a store open") else { return };
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["foundationdb::opening::child_that_leaves", "--exact", "--test-threads=1"]);
    let ended = command.env(LEAVING, server.cluster_file()).output().unwrap();
    assert_eq!(ended.status.code(), Some(7), "{ended:?}");
}

#[test]
fn a_missing_client_library_is_told_with_what_to_install() {
    let (_directory, path) = cluster_file("test:test1234@127.0.0.1:4500\n");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["foundationdb::opening::child_that_opens", "--exact", "--nocapture", "--test-threads=1"]);
    command.env(CHILD, &path).env("KVARTER_FDB_CLIENT", "/nonexistent/libfdb_c.so");
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    for expected in ["refused: ", "/nonexistent/libfdb_c.so", "foundationdb-clients", "KVARTER_FDB_CLIENT"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}
