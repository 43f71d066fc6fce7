//! The heads of all shards as they go by: one owner per epoch, no gap, no way back.

use std::collections::BTreeMap;

use cluster::{Epoch, Head, Incarnation, ShardId, head_key};
use storage::{Commit, Key, Write};

/// What is known of the heads of shards, and the first thing that was wrong with one.
#[derive(Debug, Default)]
pub struct Heads {
    last: BTreeMap<ShardId, Head>,
    owners: BTreeMap<(ShardId, Epoch), Incarnation>,
    takeovers: u64,
    offence: Option<String>,
}

impl Heads {
    /// A head was written.
    pub(super) fn advance(&mut self, (shard, head): (ShardId, Head)) {
        let owner = *self.owners.entry((shard, head.epoch)).or_insert(head.batch.incarnation);
        let last = self.last.insert(shard, head);
        let offence = match last {
            _ if owner != head.batch.incarnation => Some("two owners in one epoch"),
            None if (head.epoch.number(), head.sequence) != (1, 1) => {
                Some("the first claim is not the first")
            }
            None => None,
            Some(last) => follows(&last, &head).err(),
        };
        if let Some(last) = last
            && last.batch.incarnation != head.batch.incarnation
        {
            self.takeovers = self.takeovers.saturating_add(1);
        }
        if let Some(offence) = offence {
            self.offence.get_or_insert_with(|| {
                let before = last.map_or_else(|| "nothing".to_owned(), |last| describe(&(shard, last)));
                format!("{offence}: {} after {before}", describe(&(shard, head)))
            });
        }
    }

    /// Whether a commit of this head comes too late because somebody else has claimed the shard.
    pub(super) fn is_fenced(&self, shard: ShardId, head: &Head) -> bool {
        self.last.get(&shard).is_some_and(|last| last.batch.incarnation != head.batch.incarnation)
    }

    pub(super) fn offence(&self) -> Option<&str> {
        self.offence.as_deref()
    }

    /// How often a shard passed from one node to another.
    #[must_use]
    pub fn takeovers(&self) -> u64 {
        self.takeovers
    }
}

fn follows(last: &Head, head: &Head) -> Result<(), &'static str> {
    if last == head {
        return Err("a batch took effect twice");
    }
    if head.sequence != last.sequence.saturating_add(1) {
        return Err("a batch does not follow the last one");
    }
    if head.epoch != last.epoch && head.epoch != last.epoch.next() {
        return Err("an epoch does not follow the last one");
    }
    if head.shard_time_ms < last.shard_time_ms {
        return Err("shard time went back");
    }
    Ok(())
}

/// The heads that a commit writes.
pub(super) fn written(commit: &Commit) -> Vec<(ShardId, Head)> {
    let heads = commit.writes.iter().filter_map(|write| match write {
        Write::Put { key, value } => {
            let shard = shard_of_head(key)?;
            Some((shard, Head::from_bytes(shard, value).ok()?))
        }
        Write::Delete { .. } | Write::DeleteRange { .. } | Write::Add { .. } => None,
    });
    heads.collect()
}

pub(super) fn describe((shard, head): &(ShardId, Head)) -> String {
    let Head { epoch, sequence, batch, shard_time_ms } = head;
    let (incarnation, number) = (batch.incarnation, batch.number);
    format!(
        "shard {shard} epoch {epoch} sequence {sequence} batch {incarnation}/{number} time {shard_time_ms}"
    )
}

fn shard_of_head(key: &Key) -> Option<ShardId> {
    let (shard, _) = key.as_bytes().strip_prefix(b"s/")?.split_first_chunk()?;
    let shard = ShardId::new(u16::from_be_bytes(*shard));
    (*key == head_key(shard)).then_some(shard)
}

#[cfg(test)]
mod tests {
    use cluster::BatchId;

    use super::*;

    fn head(epoch: u64, sequence: u64, incarnation: u128, number: u64, shard_time_ms: i64) -> Head {
        let batch = BatchId { incarnation: Incarnation::new(incarnation), number };
        Head { epoch: Epoch::new(epoch), sequence, batch, shard_time_ms }
    }

    #[test]
    fn what_breaks_the_order_of_a_shard_is_seen() {
        let first = head(1, 1, 7, 0, 5);
        let cases = [
            (head(1, 2, 7, 1, 5), None),
            (head(2, 2, 8, 0, 5), None),
            (head(1, 2, 8, 0, 5), Some("two owners in one epoch")),
            (head(1, 3, 7, 1, 5), Some("a batch does not follow the last one")),
            (head(3, 2, 8, 0, 5), Some("an epoch does not follow the last one")),
            (head(1, 2, 7, 1, 4), Some("shard time went back")),
            (head(1, 1, 7, 0, 5), Some("a batch took effect twice")),
        ];
        for (second, expected) in cases {
            let mut heads = Heads::default();
            heads.advance((ShardId::new(3), first));
            heads.advance((ShardId::new(3), second));
            let found = heads.offence().map(|offence| offence.split(':').next().unwrap_or_default());
            assert_eq!(found, expected, "{second:?}");
        }
    }
}
