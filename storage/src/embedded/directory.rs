//! The directory of a store: who has it.
//!
//! `kvarter.lock` is locked by the operating system as long as the owner lives. Its text is for people: it names the owner
//! while the store is open and says `closed` after a clean end, so that anything else means a crash.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::failure::OpenError;

const LOCK_FILE: &str = "kvarter.lock";
const DATA_FILE: &str = "kvarter.redb";
const NEW_DATA_FILE: &str = "kvarter.redb.new";
const CLOSED: &str = "closed\n";

/// Whether there is a store's file in a directory.
pub(super) fn holds_data(path: &Path) -> bool {
    path.join(DATA_FILE).exists()
}

/// A locked directory. The lock ends with the value.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    lock_file: File,
}

impl Directory {
    /// Creates the directory if need be and takes its lock.
    pub(super) fn lock(path: &Path) -> Result<Directory, OpenError> {
        fs::create_dir_all(path).map_err(|error| OpenError::io(path, error))?;
        let lock_path = path.join(LOCK_FILE);
        let in_lock_file = |error| OpenError::io(&lock_path, error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut lock_file = options.open(&lock_path).map_err(in_lock_file)?;
        let locked = lock_file.try_lock();
        let mut text = String::new();
        // A text that can't be read is no reason to refuse.
        let _ = lock_file.read_to_string(&mut text);
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let owner =
                    if text.is_empty() { "another process".to_owned() } else { text.trim().to_owned() };
                return Err(OpenError::Locked { directory: path.to_owned(), owner });
            }
            Err(TryLockError::Error(error)) => return Err(in_lock_file(error)),
        }
        Ok(Directory { path: path.to_owned(), lock_file })
    }

    /// The directory itself.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file of the store.
    pub(super) fn data_path(&self) -> PathBuf {
        self.path.join(DATA_FILE)
    }

    /// Where a new store is prepared, so that one half created is never taken for a store.
    pub(super) fn new_data_path(&self) -> PathBuf {
        self.path.join(NEW_DATA_FILE)
    }

    /// Notes that the store is open from here on.
    pub(super) fn mark_open(&self) -> Result<(), OpenError> {
        self.write(&format!("process {}\n", std::process::id()))
    }

    /// Notes that the store was closed in order.
    pub(super) fn mark_closed(&self) -> Result<(), OpenError> {
        self.write(CLOSED)
    }

    /// Makes the names in the directory durable.
    pub(super) fn sync(&self) -> Result<(), OpenError> {
        let synced = File::open(&self.path).and_then(|directory| directory.sync_all());
        synced.map_err(|error| OpenError::io(&self.path, error))
    }

    fn write(&self, text: &str) -> Result<(), OpenError> {
        let mut file = &self.lock_file;
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(text.as_bytes()))
            .and_then(|()| file.sync_all());
        written.map_err(|error| OpenError::io(&self.path.join(LOCK_FILE), error))
    }
}
