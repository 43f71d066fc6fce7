//! What accounts booked, as the store has it.

use actors::entity::{entity_id, row};
use actors::shell::Tenant;
use cluster::{ShardCount, shard_key};
use domain::entity::Recipient;
use domain::entity::account::Posted;
use prost::Message as _;
use proto::account::PostingSet;
use storage::{KeyRange, Scan};

use crate::depot::Depot;

/// The tenant of all workloads that bill.
const TENANT: &str = "example";

/// The posting sets of an account, in order and without a gap. That each sums to zero is what makes it readable.
pub(crate) fn posted(depot: &Depot, count: ShardCount, account: &str) -> Result<Vec<Posted>, String> {
    let tenant = Tenant::parse(TENANT).map_err(|error| error.to_string())?;
    let entity =
        entity_id(&tenant, &Recipient::Account(account.to_owned())).map_err(|error| error.to_string())?;
    let entity = entity.to_bytes();
    let range = row::postings_from(0);
    let end =
        |suffix: &[u8]| shard_key(count.shard_of(&entity), b'l').literal(&entity).literal(suffix).finish();
    let rows = depot.rows(Scan::new(KeyRange::new(end(&range.from), end(&range.until))));
    let mut sets = Vec::new();
    for row in rows.map_err(|error| error.to_string())? {
        let set = PostingSet::decode(row.value).map_err(|error| error.to_string())?;
        let set = Posted::try_from(set).map_err(|error| format!("a set of {account}: {error}"))?;
        let place = u64::try_from(sets.len()).unwrap_or_default().saturating_add(1);
        if set.sequence != place {
            return Err(format!("{account} has set {} where {place} should be", set.sequence));
        }
        sets.push(set);
    }
    Ok(sets)
}
