//! One look at the rows of the cluster: table and nodes of one snapshot, with calls that always end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use storage::{Commit, CommitOutcome, Page, Read, ReadAnswer, Scan, Store, StoreError};

use crate::clock::Clock;
use crate::head::Incarnation;
use crate::load::Loads;
use crate::map::Map;
use crate::node::{NodeRow, Peer};
use crate::rows::{MalformedRow, incarnation_of, load_range, node_key, node_range, placement_key};
use crate::shard::ShardCount;
use crate::stillness::Beating;
use crate::table::Table;

/// More nodes than a table can hold.
const MAX_NODES: usize = 8_192;
/// How long a call may take that is made for a person.
pub(crate) const CALL_LIMIT: Duration = Duration::from_secs(2);
const MAX_PAGE_BYTES: usize = 8_000_000;

/// A store whose every call ends after some time.
#[derive(Clone)]
pub(crate) struct Calls {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) limit: Duration,
}

/// What a look found.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) table: Table,
    /// The table as it is stored; `None` if there is none yet.
    pub(crate) stored: Option<Bytes>,
    pub(crate) nodes: BTreeMap<Incarnation, Seen>,
    /// What the nodes say their shards weigh, if that was asked for.
    pub(crate) loads: Option<BTreeMap<Incarnation, Loads>>,
}

/// A node row.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) row: NodeRow,
    pub(crate) value: Bytes,
}

impl Calls {
    /// Reads, or says after the limit that the store doesn't answer.
    pub(crate) async fn read(&self, reads: Vec<Read>) -> Result<Vec<ReadAnswer>, StoreError> {
        match tokio::time::timeout(self.limit, self.store.read(reads)).await {
            Ok(answers) => answers,
            Err(_) => Err(self.silent()),
        }
    }

    /// Commits; after the limit nobody knows whether it happened.
    pub(crate) async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        match tokio::time::timeout(self.limit, self.store.commit(commit)).await {
            Ok(outcome) => outcome,
            Err(_) => Ok(CommitOutcome::Unknown),
        }
    }

    /// What to say of a store that does not answer in time.
    pub(crate) fn silent(&self) -> StoreError {
        let reason = format!("it did not answer within {} ms", self.limit.as_millis());
        StoreError::Unavailable { reason }
    }

    /// Looks at table and nodes in one snapshot, at the loads too if asked. A table of another count than
    /// `shard_count` is damage; where no count is given, any will do, and none is an empty one.
    pub(crate) async fn look(
        &self,
        shard_count: Option<ShardCount>,
        with_loads: bool,
    ) -> Result<View, StoreError> {
        let rows = |range| Read::Scan(Scan::new(range).rows(MAX_NODES).bytes(MAX_PAGE_BYTES));
        let mut reads = vec![Read::Get(placement_key()), rows(node_range())];
        reads.extend(with_loads.then(|| rows(load_range())));
        let mut answers = self.read(reads).await?.into_iter();
        let stored = answers.next().map(ReadAnswer::into_value).transpose()?.flatten();
        let nodes = nodes_of(&next_page(&mut answers)?)?;
        let loads = if with_loads { Some(loads_of(&next_page(&mut answers)?)?) } else { None };
        let table = table_of(stored.as_deref(), shard_count)?;
        Ok(View { table, stored, nodes, loads })
    }

    /// The same, and when it began and ended on a clock.
    pub(crate) async fn look_by(
        &self,
        clock: &dyn Clock,
        shard_count: ShardCount,
        with_loads: bool,
    ) -> Result<(View, (u64, u64)), StoreError> {
        let began_ms = clock.monotonic_ms();
        let view = self.look(Some(shard_count), with_loads).await?;
        Ok((view, (began_ms, clock.monotonic_ms())))
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Calls").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl View {
    /// The map this look gives.
    pub(crate) fn map(&self) -> Map {
        self.map_with(self.table.clone(), &BTreeSet::new())
    }

    /// The map of another table and without some nodes.
    pub(crate) fn map_with(&self, table: Table, gone: &BTreeSet<Incarnation>) -> Map {
        let here = self.nodes.iter().filter(|(node, _)| !gone.contains(node));
        Map::new(table, here.map(|(_, seen)| seen.row.peer.clone()).collect())
    }

    /// Those of `gone` that have a row, as peers.
    pub(crate) fn peers(&self, gone: &BTreeSet<Incarnation>) -> Vec<Peer> {
        gone.iter().filter_map(|node| self.nodes.get(node)).map(|seen| seen.row.peer.clone()).collect()
    }

    /// A commit that happens only on the table of this look.
    pub(crate) fn on_table(&self) -> Commit {
        match &self.stored {
            Some(stored) => Commit::new().expect_value(placement_key(), stored.clone()),
            None => Commit::new().expect_absent(placement_key()),
        }
    }
}

impl Seen {
    /// The row as an observer of stillness takes it.
    pub(crate) fn beating(&self, node: Incarnation) -> Beating<'_> {
        Beating { node, value: &self.value, lease: self.row.lease }
    }
}

fn next_page(answers: &mut impl Iterator<Item = ReadAnswer>) -> Result<Page, StoreError> {
    let page = answers.next().map(ReadAnswer::into_page).transpose()?.unwrap_or_default();
    if page.more.is_some() {
        let what = format!("there are rows of more than {MAX_NODES} nodes");
        return Err(StoreError::Corrupt { what });
    }
    Ok(page)
}

fn nodes_of(page: &Page) -> Result<BTreeMap<Incarnation, Seen>, MalformedRow> {
    let rows = page.rows.iter().map(|row| {
        let malformed = || MalformedRow::of(row.key.clone(), &row.value);
        let incarnation = incarnation_of(&row.key).ok_or_else(malformed)?;
        let seen = Seen { row: NodeRow::from_bytes(incarnation, &row.value)?, value: row.value.clone() };
        Ok((incarnation, seen))
    });
    rows.collect()
}

fn loads_of(page: &Page) -> Result<BTreeMap<Incarnation, Loads>, MalformedRow> {
    let rows = page.rows.iter().map(|row| {
        let malformed = || MalformedRow::of(row.key.clone(), &row.value);
        let incarnation = incarnation_of(&row.key).ok_or_else(malformed)?;
        Ok((incarnation, Loads::from_bytes(incarnation, &row.value)?))
    });
    rows.collect()
}

fn table_of(stored: Option<&[u8]>, shard_count: Option<ShardCount>) -> Result<Table, MalformedRow> {
    let Some(bytes) = stored else {
        return Ok(shard_count.map(Table::new).unwrap_or_default());
    };
    let table = Table::from_bytes(bytes)?;
    let agrees = shard_count.is_none_or(|count| table.shard_count() == usize::from(count.number()));
    agrees.then_some(table).ok_or_else(|| MalformedRow::of(placement_key(), bytes))
}

/// The row of a node, for a commit that expects it.
pub(crate) fn expect_seen(commit: Commit, seen: &Seen) -> Commit {
    commit.expect_value(node_key(seen.row.peer.incarnation), seen.value.clone())
}
