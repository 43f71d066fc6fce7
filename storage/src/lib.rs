//! Ordered keys and transactions: the floor on which everything durable stands.
//!
//! A [`Store`] is one ordered map from [`Key`] to bytes with two calls: a read that sees one snapshot and a
//! commit that happens whole or not at all, guarded by expected values. Nothing here knows a billing word.
//! The [`MemoryStore`] is the reference and the bed of simulations, the [`EmbeddedStore`] a file of one machine, the
//! `FoundationDbStore` (feature `foundationdb`) a cluster of many.

mod commit;
#[cfg(feature = "conformance")]
pub mod conformance;
mod embedded;
mod error;
#[cfg(feature = "foundationdb")]
pub mod foundationdb;
mod integer;
mod key;
mod key_codec;
mod limits;
mod memory;
mod read;
mod store;

#[cfg(feature = "foundationdb")]
pub use self::foundationdb::{FoundationDbOpenError, FoundationDbOptions, FoundationDbStore};
pub use commit::{Commit, CommitOutcome, Expectation, Write};
pub use embedded::{EmbeddedOptions, EmbeddedStore, IntegrityCheck, OpenError};
pub use error::{LimitExceeded, StoreError};
pub use integer::{integer_from_bytes, integer_to_bytes};
pub use key::{Key, KeyRange};
pub use key_codec::{KeyReadError, KeyReader, KeyWriter};
pub use limits::{MAX_COMMIT_BYTES, MAX_KEY_BYTES, MAX_VALUE_BYTES, check_commit, check_reads};
pub use memory::{Fault, FaultRates, Faults, MemoryStore};
pub use read::{Page, Read, ReadAnswer, Row, Scan};
pub use store::{BoxFuture, Store, StoreExt};
