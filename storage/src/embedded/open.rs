//! Opening or creating the file of a store.

use std::fs::{self, File};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use redb::{Builder, Database, DatabaseError, ReadableDatabase};

use super::directory::Directory;
use super::failure::OpenError;
use super::format::{FORMAT_WITHOUT_LOG, KNOWN_FORMAT, read_format, write_format};
use super::log::{Checkpoint, Log, LogFiles, replay};
use super::options::{EmbeddedOptions, IntegrityCheck};

/// How every file of redb begins.
const REDB_MAGIC: [u8; 4] = *b"redb";

/// Opens the file of the directory, or creates it with an empty log, and checks its format.
pub(super) fn open(
    directory: &Directory,
    files: &Arc<dyn LogFiles>,
    options: &EmbeddedOptions,
) -> Result<Database, OpenError> {
    let path = directory.data_path();
    if !path.exists() {
        create(directory, files)?;
    }
    check_magic(&path)?;
    let check = match options.integrity_check {
        IntegrityCheck::Always => true,
        IntegrityCheck::WhenSmall => is_small(&path, options)?,
        IntegrityCheck::Never => false,
    };
    let mut builder = Builder::new();
    builder.set_cache_size(options.cache_bytes).set_check_integrity_on_open(check);
    // Unchecked, redb may panic on a file that was altered behind its back.
    catch_unwind(AssertUnwindSafe(|| open_checked(&builder, &path, files))).unwrap_or_else(|_| {
        let what = "its structure does not hold together".to_owned();
        Err(OpenError::Damaged { path: path.clone(), what })
    })
}

/// Whether the file can be verified in the time a start may take.
fn is_small(path: &Path, options: &EmbeddedOptions) -> Result<bool, OpenError> {
    let size_bytes = fs::metadata(path).map_err(|error| OpenError::io(path, error))?.len();
    let is_small = size_bytes <= options.verified_bytes;
    if !is_small {
        tracing::warn!(
            file = %path.display(),
            size_bytes,
            "the file of the store is too large to be verified as a whole, each value is when it is read"
        );
    }
    Ok(is_small)
}

/// Looks at the format before the file is opened for writing, so that a file which is not for us stays as it
/// is. After a crash redb has to put the file in order first.
fn open_checked(builder: &Builder, path: &Path, files: &Arc<dyn LogFiles>) -> Result<Database, OpenError> {
    let of_redb = |error: DatabaseError| OpenError::from_redb(path, error.into());
    match builder.open_read_only(path) {
        Ok(database) => {
            check_format(path, &database)?;
            database.close().map_err(of_redb)?;
        }
        Err(DatabaseError::RepairAborted) => {}
        Err(error) => return Err(of_redb(error)),
    }
    let database = builder.open(path).map_err(of_redb)?;
    if check_format(path, &database)? == FORMAT_WITHOUT_LOG {
        begin_log(path, files)?;
        write_format(&database, KNOWN_FORMAT).map_err(|error| OpenError::from_redb(path, error))?;
    }
    Ok(database)
}

/// Prepares a new store aside and then gives it its name, so that a crash leaves either none or a whole one.
fn create(directory: &Directory, files: &Arc<dyn LogFiles>) -> Result<(), OpenError> {
    let (prepared, path) = (directory.new_data_path(), directory.data_path());
    let of_redb = |error: redb::Error| OpenError::from_redb(&prepared, error);
    if prepared.exists() {
        fs::remove_file(&prepared).map_err(|error| OpenError::io(&prepared, error))?;
    }
    let database = Builder::new().create(&prepared).map_err(|error| of_redb(error.into()))?;
    write_format(&database, KNOWN_FORMAT).map_err(of_redb)?;
    database.close().map_err(|error| of_redb(error.into()))?;
    begin_log(&path, files)?;
    fs::rename(&prepared, &path).map_err(|error| OpenError::io(&path, error))?;
    directory.sync()
}

/// An empty log for a file that has none. One that holds anything belongs to a file that is not here.
fn begin_log(path: &Path, files: &Arc<dyn LogFiles>) -> Result<(), OpenError> {
    let first = Checkpoint::FIRST;
    let log_path = files.path(first.segment);
    let of_log = |error| OpenError::io(&log_path, error);
    let numbers = files.numbers().map_err(of_log)?;
    let mut is_empty = numbers.iter().all(|number| *number == first.segment);
    if is_empty && !numbers.is_empty() {
        replay(&**files, first, |_, _| {
            is_empty = false;
            Ok(())
        })?;
    }
    if !is_empty {
        let what = "it is missing or of another store, and the log beside it is not empty".to_owned();
        return Err(OpenError::Damaged { path: path.to_owned(), what });
    }
    Log::begin(Arc::clone(files), first.segment, first.sequence.saturating_add(1)).map(drop).map_err(of_log)
}

fn check_magic(path: &Path) -> Result<(), OpenError> {
    let mut magic = [0; REDB_MAGIC.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    match read {
        Ok(()) if magic == REDB_MAGIC => Ok(()),
        Ok(()) => Err(OpenError::NotAStore { path: path.to_owned() }),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(OpenError::NotAStore { path: path.to_owned() })
        }
        Err(error) => Err(OpenError::io(path, error)),
    }
}

fn check_format(path: &Path, database: &impl ReadableDatabase) -> Result<u32, OpenError> {
    match read_format(database).map_err(|error| OpenError::from_redb(path, error))? {
        None => Err(OpenError::NotAStore { path: path.to_owned() }),
        Some(found) if found > KNOWN_FORMAT => {
            Err(OpenError::NewerFormat { path: path.to_owned(), found, known: KNOWN_FORMAT })
        }
        Some(found) => Ok(found),
    }
}
