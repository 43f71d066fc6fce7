//! Rows as they are stored, for those who read without asking an entity.

use std::collections::BTreeMap;

use bytes::Bytes;
use cluster::ShardId;
use storage::{Key, KeyRange, Read, Scan, StoreError, StoreExt, integer_from_bytes};

use super::Node;
use crate::shell::entity_id::{EntityId, Tenant};
use crate::shell::fact::{FactRow, RowKey, Section};
use crate::shell::inspect::ParkedEntity;
use crate::shell::keys;
use crate::shell::records::ParkedRow;
use crate::shell::routes::Route;

/// One entry of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexRow {
    /// What the listing is ordered by.
    pub order: Bytes,
    /// Whose entry it is.
    pub entity: EntityId,
    /// Its content.
    pub value: Bytes,
    /// Where to go on after this entry.
    pub cursor: Key,
}

impl Node {
    /// The value of a row an entity wrote, as it is stored.
    pub async fn row(&self, entity: &EntityId, key: &RowKey) -> Result<Option<Bytes>, StoreError> {
        self.shared.store.get(keys::row(self.shard_of(entity), entity, key)).await
    }

    /// Up to `limit_rows` entries of a listing of a tenant, as stored, from `order` on or, to go on, after the cursor of
    /// the last entry seen.
    ///
    /// An entry of a release this one does not know is an error.
    pub async fn list(
        &self,
        tenant: &Tenant,
        index: u8,
        (from, until): (&[u8], Option<&[u8]>),
        after: Option<&Key>,
        limit_rows: usize,
    ) -> Result<Vec<IndexRow>, StoreError> {
        let mut range = keys::index_range(tenant, index, from, until);
        if let Some(cursor) = after {
            range.begin = range.begin.max(cursor.successor());
        }
        let page = self.shared.store.scan(Scan::new(range).rows(limit_rows)).await?;
        let read = |row: storage::Row| {
            let (order, entity) = keys::read_index(tenant, &row.key)
                .map_err(|error| StoreError::Corrupt { what: format!("key {}: {error}", row.key) })?;
            Ok(IndexRow { order, entity, value: row.value, cursor: row.key })
        };
        page.rows.into_iter().map(read).collect()
    }

    /// Up to `limit` tenants after one that have an entry in a listing, in order; fewer only where there are no more. It takes
    /// a step or two per tenant that has any listing, so it is for what is looked for now and then.
    pub async fn listed_tenants(
        &self,
        index: u8,
        after: Option<&Tenant>,
        limit: usize,
    ) -> Result<Vec<Tenant>, StoreError> {
        let mut range = keys::indexes_after(after);
        let mut tenants = Vec::new();
        while tenants.len() < limit {
            let page = self.shared.store.scan(Scan::new(range.clone()).rows(1)).await?;
            let Some(row) = page.rows.first() else { break };
            let (tenant, found) = keys::read_indexed(&row.key)
                .map_err(|error| StoreError::Corrupt { what: format!("key {}: {error}", row.key) })?;
            range = match found < index {
                true => KeyRange { begin: keys::index_begin(&tenant, index), end: range.end },
                false => keys::indexes_after(Some(&tenant)),
            };
            if found == index {
                tenants.push(tenant);
            }
        }
        Ok(tenants)
    }

    /// Whether an entity runs on this node, as far as it knows.
    pub fn runs(&self, entity: &EntityId) -> bool {
        matches!(self.routes.get(self.shard_of(entity)), Route::Here(_))
    }

    /// Up to `limit_rows` rows under an entity's name whose suffix lies from `from` up to and without `until`; fewer
    /// where they are large, but none only where there is none.
    pub async fn rows(
        &self,
        entity: &EntityId,
        section: Section,
        (from, until): (&[u8], &[u8]),
        limit_rows: usize,
    ) -> Result<Vec<FactRow>, StoreError> {
        let shard = self.shard_of(entity);
        let range = keys::own_rows(shard, entity, section, from, Some(until));
        let page = self.shared.store.scan(Scan::new(range).rows(limit_rows)).await?;
        let row = |row: storage::Row| {
            let suffix = keys::own_suffix(shard, entity, section, &row.key);
            FactRow { suffix, value: row.value }
        };
        Ok(page.rows.into_iter().map(row).collect())
    }

    /// Up to `limit_rows` rows of each of several entities, as for [`rows`](Self::rows), in one step: in the order of the
    /// entities, each with whether there may be more behind them.
    pub async fn rows_of_each(
        &self,
        section: Section,
        asked: &[(EntityId, Bytes, Bytes)],
        limit_rows: usize,
    ) -> Result<Vec<(Vec<FactRow>, bool)>, StoreError> {
        let range = |(entity, from, until): &(EntityId, Bytes, Bytes)| {
            keys::own_rows(self.shard_of(entity), entity, section, from, Some(until))
        };
        let reads = asked.iter().map(|one| Read::Scan(Scan::new(range(one)).rows(limit_rows))).collect();
        let mut found = Vec::new();
        for ((entity, ..), answer) in asked.iter().zip(self.shared.store.read(reads).await?) {
            let (shard, page) = (self.shard_of(entity), answer.into_page()?);
            let row = |row: storage::Row| {
                let suffix = keys::own_suffix(shard, entity, section, &row.key);
                FactRow { suffix, value: row.value }
            };
            found.push((page.rows.into_iter().map(row).collect(), page.more.is_some()));
        }
        Ok(found)
    }

    /// The entities of a tenant that are set aside, wherever their shards run, in order of shard and entity.
    pub async fn parked(&self, tenant: &Tenant) -> Result<Vec<(ShardId, ParkedEntity)>, StoreError> {
        let scan = |shard| (shard, Scan::new(keys::parked_of(shard, tenant)));
        let mut asked: Vec<(ShardId, Scan)> = self.shared.options.shard_count.shards().map(scan).collect();
        let mut parked = Vec::new();
        while !asked.is_empty() {
            let reads = asked.iter().map(|(_, scan)| Read::Scan(scan.clone())).collect();
            let mut next = Vec::new();
            for ((shard, scan), answer) in asked.into_iter().zip(self.shared.store.read(reads).await?) {
                let page = answer.into_page()?;
                next.extend(scan.after(&page).map(|scan| (shard, scan)));
                for row in page.rows {
                    parked.push((shard, parked_entity(&row)?));
                }
            }
            asked = next;
        }
        parked.sort_by(|(one, first), (other, second)| (one, &first.entity).cmp(&(other, &second.entity)));
        Ok(parked)
    }

    /// The totals of a tenant whose suffix lies from `from` up to and without `until`, each summed over all shards as
    /// of one moment. Rows of more than a page per shard are an error: totals are few.
    pub async fn totals(
        &self,
        tenant: &Tenant,
        (from, until): (&[u8], &[u8]),
    ) -> Result<BTreeMap<Bytes, i128>, StoreError> {
        let shards = self.shared.options.shard_count.shards();
        let range = |shard| keys::shared_rows(shard, tenant, Section::Total, from, until);
        let reads = shards.clone().map(|shard| Read::Scan(Scan::new(range(shard)))).collect();
        let mut totals = BTreeMap::<Bytes, i128>::new();
        for (shard, answer) in shards.zip(self.shared.store.read(reads).await?) {
            let page = answer.into_page()?;
            if page.more.is_some() {
                return Err(StoreError::Corrupt { what: format!("shard {shard} has too many totals") });
            }
            for row in page.rows {
                let total = totals.entry(keys::shared_suffix(shard, tenant, Section::Total, &row.key));
                let total = total.or_default();
                let sum = total.checked_add(integer_from_bytes(Some(&row.value)));
                *total =
                    sum.ok_or_else(|| StoreError::Corrupt { what: "a total leaves its range".to_owned() })?;
            }
        }
        Ok(totals)
    }
}

fn parked_entity(row: &storage::Row) -> Result<ParkedEntity, StoreError> {
    let corrupt = |error: String| StoreError::Corrupt { what: format!("key {}: {error}", row.key) };
    let entity = keys::read_parked(&row.key).map_err(|error| corrupt(error.to_string()))?;
    let parked = ParkedRow::from_bytes(&row.value).map_err(|error| corrupt(error.to_string()))?;
    let ParkedRow { incident, since_ms, reason } = parked;
    Ok(ParkedEntity { entity, incident, since_ms, reason })
}
