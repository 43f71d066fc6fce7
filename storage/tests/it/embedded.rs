//! Opening an embedded store: what is refused, in which words, and what survives.

use std::fs;
use std::path::Path;

use storage::{Commit, CommitOutcome, EmbeddedOptions, EmbeddedStore, OpenError, Store, StoreExt};
use tempfile::TempDir;

fn open(directory: &Path) -> Result<EmbeddedStore, OpenError> {
    EmbeddedStore::open(directory, EmbeddedOptions::default())
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn a_directory_is_open_once() {
    let directory = TempDir::new().unwrap();
    let first = open(directory.path()).unwrap();
    let refused = open(directory.path()).unwrap_err();
    let process = format!("process {}", std::process::id());
    assert!(matches!(&refused, OpenError::Locked { owner, .. } if *owner == process), "{refused}");
    block_on(first.close()).unwrap();
    open(directory.path()).unwrap();
}

#[test]
fn a_dropped_store_can_be_opened_again_at_once() {
    let directory = TempDir::new().unwrap();
    for round in 0u8..3 {
        let store = open(directory.path()).unwrap();
        block_on(async {
            let found = store.get("round".into()).await.unwrap();
            assert_eq!(found, round.checked_sub(1).map(|last| vec![last].into()));
            let outcome = store.commit(Commit::new().put("round", vec![round])).await;
            assert_eq!(outcome, Ok(CommitOutcome::Committed));
        });
    }
}

#[test]
fn the_directory_is_created() {
    let directory = TempDir::new().unwrap();
    let deep = directory.path().join("not/yet/there");
    drop(open(&deep).unwrap());
    assert!(deep.join("kvarter.redb").exists());
}

#[test]
fn a_file_of_somebody_else_is_refused_and_left_alone() {
    let other_database = {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("other");
        redb::Database::create(&path).unwrap().close().unwrap();
        fs::read(path).unwrap()
    };
    for content in [&b""[..], b"re", b"a text, not a store", &other_database] {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("kvarter.redb");
        fs::write(&path, content).unwrap();
        let refused = open(directory.path()).unwrap_err();
        assert!(matches!(refused, OpenError::NotAStore { .. }), "{refused}");
        assert_eq!(fs::read(&path).unwrap(), content);
    }
}

#[test]
fn a_path_that_is_no_directory_is_refused_with_advice() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "text").unwrap();
    let refused = open(&file.join("below")).unwrap_err().to_string();
    assert!(refused.contains("choose another data directory"), "{refused}");
}

#[test]
fn a_store_half_created_is_created_anew() {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("kvarter.redb.new"), vec![0; 5_000]).unwrap();
    drop(open(directory.path()).unwrap());
    assert!(!directory.path().join("kvarter.redb.new").exists());
}
