//! Rows as they are stored, for those who read without asking an entity.

use std::collections::BTreeMap;

use bytes::Bytes;
use storage::{Read, Scan, StoreError, StoreExt, integer_from_bytes};

use super::Node;
use crate::shell::entity_id::{EntityId, Tenant};
use crate::shell::fact::{FactRow, Section};
use crate::shell::keys;

impl Node {
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
