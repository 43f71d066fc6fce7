//! From the files to what readers see, when the store is opened.

use std::path::Path;
use std::sync::Arc;

use redb::Database;

use super::base::Base;
use super::checkpoint::release_before;
use super::failure::OpenError;
use super::format::read_checkpoint;
use super::log::{LogFiles, Replayed, replay};
use super::recent::{Recent, RecentChange};
use super::view::View;
use crate::error::StoreError;

/// Reads the log on top of the file at `path`, and frees what a crash has left of it in front of the checkpoint.
pub(super) fn read_log(
    path: &Path,
    database: &Database,
    files: &dyn LogFiles,
) -> Result<(View, Replayed), OpenError> {
    let of_store = |error: StoreError| OpenError::Damaged { path: path.to_owned(), what: error.to_string() };
    let checkpoint = read_checkpoint(database).map_err(|error| OpenError::from_redb(path, error))?;
    let base = Base::open(database).map_err(of_store)?;
    let recent = Recent::after(checkpoint.sequence);
    let replayed = replay(files, checkpoint, |sequence, changes| {
        let mut group = Vec::with_capacity(changes.len());
        for change in changes {
            let hides_older = change.value.is_some() || base.has(&change.key).map_err(of_store)?;
            group.push(RecentChange { change, hides_older });
        }
        recent.apply(sequence, group);
        Ok(())
    })?;
    release_before(files, checkpoint);
    Ok((View { recent: Arc::new(recent), frozen: None, base: Arc::new(base) }, replayed))
}
