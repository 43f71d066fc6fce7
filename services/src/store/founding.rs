//! A new store in a FoundationDB cluster is made only where it has its keys for itself.
//!
//! A store without a prefix is the whole database. Beside it no other can be: it would see the rows of all others as its
//! own, and a command that empties it would take them along. What is there already is opened as it is.

use cluster::{charter_key, copying_key};
use storage::{FoundationDbOptions, FoundationDbStore, KeyRange, Read, ReadAnswer, Scan, Store, StoreError};

use super::address::StoreAddress;
use super::open::OpenError;

/// Refuses a place in which there is no store yet and where none may be made.
pub(super) async fn check(
    store: &FoundationDbStore,
    options: &FoundationDbOptions,
    address: &StoreAddress,
) -> Result<(), OpenError> {
    let found = look(store).await?;
    if found.is_store {
        return Ok(());
    }
    if options.prefix.is_none() {
        return if found.has_rows { Err(OpenError::NotEmpty(address.clone())) } else { Ok(()) };
    }
    let whole = FoundationDbOptions { prefix: None, ..options.clone() };
    let whole = FoundationDbStore::open(whole).await?;
    let found = look(&whole).await;
    whole.close().await?;
    if found?.is_store { Err(OpenError::Occupied(address.clone())) } else { Ok(()) }
}

/// What is in a part of the database, at one moment.
struct Found {
    /// A store, or one into which data are being copied.
    is_store: bool,
    has_rows: bool,
}

async fn look(store: &FoundationDbStore) -> Result<Found, StoreError> {
    let reads = vec![
        Read::Get(charter_key()),
        Read::Get(copying_key()),
        Read::Scan(Scan::new(KeyRange::all()).rows(1)),
    ];
    let mut found = Found { is_store: false, has_rows: false };
    for answer in store.read(reads).await? {
        match answer {
            ReadAnswer::Value(value) => found.is_store |= value.is_some(),
            ReadAnswer::Page(page) => found.has_rows |= !page.rows.is_empty(),
        }
    }
    Ok(found)
}
