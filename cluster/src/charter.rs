//! The charter of a store: what was fixed when it was created.

use std::time::Duration;

use bytes::Bytes;
use storage::{Commit, CommitOutcome, Key, Store, StoreError, StoreExt};

use crate::settle::BackOff;
use crate::shard::ShardCount;

/// How often a new store is asked to keep its charter.
const ATTEMPTS: usize = 8;

/// What every node on a store has to agree on. One row, written once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charter {
    /// Into how many shards the entities are divided.
    pub shard_count: ShardCount,
    /// Which life of the data this is: 1 when the store is created, one more after every restore, so that nothing
    /// sent before a restore is taken for something sent after it.
    pub generation: u64,
}

/// Why a node can't work on a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CharterError {
    /// Created with another count.
    #[error(
        "the store has {stored} shards for ever, this node is set to {wanted}; start it without --shards or with --shards \
         {stored}"
    )]
    ShardCount {
        /// The count in the store.
        stored: u16,
        /// The count asked for.
        wanted: u16,
    },
    /// Written by a release that knows more, or damaged.
    #[error("the charter of the store has form {form:?}, this release knows form {}", Charter::FORM)]
    Form {
        /// The first byte found.
        form: Option<u8>,
    },
    /// The store can't be used, or did not say whether it wrote the charter.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Charter {
    const FORM: u8 = 1;

    /// Reads the charter, or writes it on a new store, and refuses a count that differs.
    pub async fn agree(store: &dyn Store, shard_count: ShardCount) -> Result<Charter, CharterError> {
        let wanted = Charter { shard_count, generation: 1 };
        let mut stored = store.get(charter_key()).await?;
        let mut pause = Duration::ZERO;
        for _ in 0..ATTEMPTS {
            if stored.is_some() {
                break;
            }
            let created = Commit::new().expect_absent(charter_key()).put(charter_key(), wanted.to_bytes());
            // Whatever it answers, what counts is what is there afterwards: all write the same once.
            match store.commit(created).await {
                Ok(CommitOutcome::Committed) => return Ok(wanted),
                Ok(_) | Err(StoreError::Unavailable { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            pause = BackOff::default().after(pause);
            tokio::time::sleep(pause).await;
            stored = store.get(charter_key()).await?;
        }
        let stored = stored.ok_or_else(|| StoreError::Unavailable {
            reason: "it does not say whether it was created; start again".to_owned(),
        })?;
        let charter = Charter::from_bytes(&stored)?;
        if charter.shard_count != shard_count {
            let (stored, wanted) = (charter.shard_count.number(), shard_count.number());
            return Err(CharterError::ShardCount { stored, wanted });
        }
        Ok(charter)
    }

    /// The stored form: form, shard count, generation; all big-endian.
    pub fn to_bytes(self) -> Bytes {
        let mut bytes = vec![Charter::FORM];
        bytes.extend_from_slice(&self.shard_count.number().to_be_bytes());
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.into()
    }

    /// Reads the stored form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Charter, CharterError> {
        let read = || {
            let (&form, rest) = bytes.split_first()?;
            let (count, rest) = rest.split_first_chunk()?;
            let (generation, rest) = rest.split_first_chunk()?;
            let shard_count = ShardCount::new(u16::from_be_bytes(*count))?;
            (form == Charter::FORM && rest.is_empty())
                .then(|| Charter { shard_count, generation: u64::from_be_bytes(*generation) })
        };
        read().ok_or_else(|| CharterError::Form { form: bytes.first().copied() })
    }
}

/// The row of the charter.
pub fn charter_key() -> Key {
    Key::from("charter")
}
