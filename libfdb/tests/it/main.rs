//! What a program meets that is linked with this crate, with and without the library of FoundationDB.
//!
//! A process loads the library once, so each case is a child: the test runs itself.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

use std::io::Write;
use std::path::Path;
use std::process::Command;

use libfdb::{CLIENT_VARIABLE, StartError, start, stop};

/// Tells the child that it is one; without it the child's test has nothing to do.
const CHILD: &str = "LIBFDB_CHILD";

/// The child: says what came of starting, twice.
#[test]
fn child_that_starts() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    assert_ne!(is_mapped(), Some(true), "the library was loaded by the linker");
    let first = start();
    assert_eq!(first, start());
    stop();
    stop();
    match first {
        Ok(client) => {
            assert_ne!(is_mapped(), Some(false));
            println!("\nstarted {}", client.version);
        }
        Err(StartError::Missing { refusals }) => {
            println!("\nmissing {}", StartError::Missing { refusals });
        }
        Err(error) => println!("\nrefused {error}"),
    }
}

#[test]
fn a_missing_library_is_answered_with_what_to_install() {
    let said = child(Some(Path::new("/nonexistent/libfdb_c.so")));
    for word in ["missing", "/nonexistent/libfdb_c.so", "foundationdb-clients", "7.3", CLIENT_VARIABLE] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn another_library_is_answered_as_such() {
    let other = if cfg!(target_os = "macos") { "libSystem.B.dylib" } else { "libc.so.6" };
    let said = child(Some(Path::new(other)));
    assert!(said.contains("refused") && said.contains(other) && said.contains("fdb_"), "{said}");
}

#[test]
fn a_library_that_is_there_starts_and_the_process_ends() {
    let said = child(None);
    if said.contains("missing") {
        // Past what the harness captures, so that the run says it.
        let _ = writeln!(
            std::io::stderr(),
            "starting FoundationDB's client library was not tried: there is none"
        );
        return;
    }
    let version = said.split("started ").nth(1).unwrap().trim();
    assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{said}");
}

/// Runs the child and gives the line it said. It has to end in order.
fn child(library: Option<&Path>) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["child_that_starts", "--exact", "--nocapture", "--test-threads=1"]).env(CHILD, "1");
    if let Some(library) = library {
        command.env(CLIENT_VARIABLE, library);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let is_answer = |line: &&str| {
        ["started", "missing", "refused"].iter().any(|word| line.trim_start().starts_with(word))
    };
    said.lines().find(is_answer).unwrap_or_default().to_owned()
}

/// Whether this process has the library in its memory, where the system tells.
fn is_mapped() -> Option<bool> {
    std::fs::read_to_string("/proc/self/maps").ok().map(|maps| maps.contains("libfdb_c"))
}
