//! Where every row of a shard lies. The only place that builds or reads keys, always from typed ids.
//!
//! ```text
//! s/<shard>h                                      head (written by the crate `cluster`)
//! s/<shard>e<tenant><kind><key><part>             parts of the state; the root part has the empty name
//! s/<shard>g<tenant><kind><key><log sequence>     events that are not rows already
//! s/<shard>p<tenant><kind><key>                   why an entity is parked
//! s/<shard>i<receiver><kind><key>                 inbox: last sequence of the channel from a sender (kind, key)
//! s/<shard>o<sender><sequence>                    outbox: receiver and command
//! s/<shard>t<due ms><tenant><kind><key><name>     timers in the order they fall due
//! s/<shard>a<tenant><kind><key><due ms><name>     timers of parked entities, moved aside
//! s/<shard>v<tenant><kind><key><what>             what a person decided about a parked entity and what waited for it
//! s/<shard>q<day><tenant><kind><key><client><id>  kept answers, in buckets of days
//! s/<shard>{d,r,l,m}<tenant><kind><key><suffix>   rows an entity owns: series, records, ledger, totals
//! s/<shard>{d,r,l,m}<tenant>0<suffix>             rows in an order shared by the entities of a shard
//! idx/<tenant><index><order><kind><key>           listings across shards
//! ```
//! Shards take 2 bytes, kinds 1, sequences and times 8; texts and byte strings end with a mark, so the order of
//! keys is the order of the parts.

use bytes::Bytes;
use cluster::{ShardId, shard_key};
use storage::{Key, KeyRange, KeyReader, KeyWriter};
use uuid::Uuid;

use super::decision::PartKey;
use super::entity_id::{EntityId, EntityIdError, MalformedKey, Tenant};
use super::fact::{RowKey, Section};
use super::request::Incident;

const STATE: u8 = b'e';
const LOG: u8 = b'g';
const PARKED: u8 = b'p';
const INBOX: u8 = b'i';
const OUTBOX: u8 = b'o';
const TIMER: u8 = b't';
const ASIDE: u8 = b'a';
const RESOLVED: u8 = b'v';
const REQUEST: u8 = b'q';
/// What the listings across shards begin with.
const INDEX: &[u8] = b"idx/";
/// Where a kind stands in rows an entity owns; no kind is zero.
const SHARED: u8 = 0;
/// What `s/`, the shard and the letter take.
const SECTION_BYTES: usize = 5;

/// Names a timer of a shard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimerId {
    pub(crate) due_ms: i64,
    pub(crate) entity: EntityId,
    pub(crate) key: Bytes,
}

/// The parts of an entity's state, the root first.
pub(crate) fn state_range(shard: ShardId, entity: &EntityId) -> KeyRange {
    KeyRange::prefix(of_entity(shard, STATE, entity).finish())
}

pub(crate) fn state(shard: ShardId, entity: &EntityId, part: &PartKey) -> Key {
    of_entity(shard, STATE, entity).literal(part.as_bytes()).finish()
}

/// The name of the part that a key of [`state_range`] holds.
pub(crate) fn part_of(shard: ShardId, entity: &EntityId, key: &Key) -> PartKey {
    let prefix_bytes = of_entity(shard, STATE, entity).finish().len();
    PartKey::new(suffix_after(key, prefix_bytes))
}

pub(crate) fn log(shard: ShardId, entity: &EntityId, log_sequence: u64) -> Key {
    of_entity(shard, LOG, entity).u64(log_sequence).finish()
}

pub(crate) fn parked_range(shard: ShardId) -> KeyRange {
    KeyRange::prefix(shard_key(shard, PARKED).finish())
}

/// The parked entities of one tenant.
pub(crate) fn parked_of(shard: ShardId, tenant: &Tenant) -> KeyRange {
    KeyRange::prefix(shard_key(shard, PARKED).text(tenant.as_str()).finish())
}

pub(crate) fn parked(shard: ShardId, entity: &EntityId) -> Key {
    of_entity(shard, PARKED, entity).finish()
}

pub(crate) fn read_parked(key: &Key) -> Result<EntityId, MalformedKey> {
    let mut reader = after_section(key)?;
    let entity = EntityId::read(&mut reader)?;
    reader.finish()?;
    Ok(entity)
}

/// The last sequence `receiver` has taken from `sender`, which has the same tenant.
pub(crate) fn inbox(shard: ShardId, receiver: &EntityId, sender: &EntityId) -> Key {
    sender.write_within_tenant(of_entity(shard, INBOX, receiver)).finish()
}

pub(crate) fn outbox_range(shard: ShardId) -> KeyRange {
    KeyRange::prefix(shard_key(shard, OUTBOX).finish())
}

pub(crate) fn outbox(shard: ShardId, sender: &EntityId, sequence: u64) -> Key {
    of_entity(shard, OUTBOX, sender).u64(sequence).finish()
}

/// Sender and sequence of an outbox row.
pub(crate) fn read_outbox(key: &Key) -> Result<(EntityId, u64), MalformedKey> {
    let mut reader = after_section(key)?;
    let sender = EntityId::read(&mut reader)?;
    let sequence = reader.u64()?;
    reader.finish()?;
    Ok((sender, sequence))
}

/// All timers of a shard in the order they fall due.
pub(crate) fn timer_range(shard: ShardId) -> KeyRange {
    KeyRange::prefix(shard_key(shard, TIMER).finish())
}

pub(crate) fn timer(shard: ShardId, timer: &TimerId) -> Key {
    timer.entity.write(shard_key(shard, TIMER).i64(timer.due_ms)).literal(&timer.key).finish()
}

pub(crate) fn read_timer(key: &Key) -> Result<TimerId, MalformedKey> {
    let mut reader = after_section(key)?;
    let due_ms = reader.i64()?;
    let entity = EntityId::read(&mut reader)?;
    let name_bytes = key.len().saturating_sub(timer_key_bytes(&entity));
    let key = Bytes::copy_from_slice(reader.literal(name_bytes)?);
    Ok(TimerId { due_ms, entity, key })
}

/// The timers of an entity that were moved aside.
pub(crate) fn aside_range(shard: ShardId, entity: &EntityId) -> KeyRange {
    KeyRange::prefix(of_entity(shard, ASIDE, entity).finish())
}

pub(crate) fn aside(shard: ShardId, timer: &TimerId) -> Key {
    of_entity(shard, ASIDE, &timer.entity).i64(timer.due_ms).literal(&timer.key).finish()
}

pub(crate) fn read_aside(key: &Key) -> Result<TimerId, MalformedKey> {
    let mut reader = after_section(key)?;
    let entity = EntityId::read(&mut reader)?;
    let due_ms = reader.i64()?;
    let name_bytes = key.len().saturating_sub(timer_key_bytes(&entity));
    let key = Bytes::copy_from_slice(reader.literal(name_bytes)?);
    Ok(TimerId { due_ms, entity, key })
}

/// What was resolved about a parked entity.
pub(crate) fn resolved_range(shard: ShardId, entity: &EntityId) -> KeyRange {
    KeyRange::prefix(of_entity(shard, RESOLVED, entity).finish())
}

/// That a message of a channel was taken aside.
pub(crate) fn resolved_message(shard: ShardId, entity: &EntityId, sender: &EntityId, sequence: u64) -> Key {
    sender.write_within_tenant(of_entity(shard, RESOLVED, entity).tag(b'm')).u64(sequence).finish()
}

/// That a timer was taken aside.
pub(crate) fn resolved_timer(shard: ShardId, timer: &TimerId) -> Key {
    of_entity(shard, RESOLVED, &timer.entity).tag(b't').i64(timer.due_ms).literal(&timer.key).finish()
}

/// That an entity which was parked then was taken back.
pub(crate) fn resolved_parking(shard: ShardId, entity: &EntityId, incident: &Incident) -> Key {
    of_entity(shard, RESOLVED, entity).tag(b'p').u64(incident.epoch.number()).u64(incident.number).finish()
}

/// The answer kept for a request id, in the bucket of the day the id was made.
pub(crate) fn request(shard: ShardId, day: u32, entity: &EntityId, client: &str, id: Uuid) -> Key {
    entity.write(shard_key(shard, REQUEST).u32(day)).text(client).u128(id.as_u128()).finish()
}

/// The answers of all days before `day`.
pub(crate) fn requests_before(shard: ShardId, day: u32) -> KeyRange {
    KeyRange { begin: shard_key(shard, REQUEST).finish(), end: shard_key(shard, REQUEST).u32(day).finish() }
}

/// A row of the machine's own.
pub(crate) fn row(shard: ShardId, entity: &EntityId, key: &RowKey) -> Key {
    match key {
        RowKey::Own { section, suffix } => own_row(shard, entity, *section, suffix),
        RowKey::Shared { section, suffix } => shared_row(shard, entity.tenant(), *section, suffix),
        RowKey::Index { index, order } => {
            entity.write_within_tenant(index_key(entity.tenant(), *index).bytes(order)).finish()
        }
    }
}

/// Rows under an entity's name whose suffix lies from `from` up to and without `until`.
pub(crate) fn own_rows(
    shard: ShardId,
    entity: &EntityId,
    section: Section,
    from: &[u8],
    until: Option<&[u8]>,
) -> KeyRange {
    let end = match until {
        Some(until) => own_row(shard, entity, section, until),
        None => KeyRange::prefix(own_row(shard, entity, section, &[])).end,
    };
    KeyRange { begin: own_row(shard, entity, section, from), end }
}

/// Rows shared by the entities of a tenant in a shard, whose suffix lies from `from` up to and without `until`.
pub(crate) fn shared_rows(
    shard: ShardId,
    tenant: &Tenant,
    section: Section,
    from: &[u8],
    until: &[u8],
) -> KeyRange {
    let key = |suffix| shared_row(shard, tenant, section, suffix);
    KeyRange { begin: key(from), end: key(until) }
}

/// The suffix of a key of [`shared_rows`].
pub(crate) fn shared_suffix(shard: ShardId, tenant: &Tenant, section: Section, key: &Key) -> Bytes {
    suffix_after(key, shared_row(shard, tenant, section, &[]).len())
}

/// The suffix of a key of [`own_rows`].
pub(crate) fn own_suffix(shard: ShardId, entity: &EntityId, section: Section, key: &Key) -> Bytes {
    suffix_after(key, own_row(shard, entity, section, &[]).len())
}

/// Entries of a listing whose order lies from `from` up to and without `until`.
pub(crate) fn index_range(tenant: &Tenant, index: u8, from: &[u8], until: Option<&[u8]>) -> KeyRange {
    let end = match until {
        Some(until) => index_key(tenant, index).bytes(until).finish(),
        None => KeyRange::prefix(index_key(tenant, index).finish()).end,
    };
    KeyRange { begin: index_key(tenant, index).bytes(from).finish(), end }
}

/// Order and entity of an entry of a listing.
pub(crate) fn read_index(tenant: &Tenant, key: &Key) -> Result<(Bytes, EntityId), MalformedKey> {
    let mut reader = KeyReader::new(key);
    reader.literal(index_key(tenant, 0).finish().len())?;
    let order = reader.bytes()?;
    let entity = EntityId::read_within_tenant(tenant.clone(), &mut reader)?;
    reader.finish()?;
    Ok((order.into(), entity))
}

/// Where the entries of a listing of a tenant begin.
pub(crate) fn index_begin(tenant: &Tenant, index: u8) -> Key {
    index_key(tenant, index).finish()
}

/// The entries of all listings of all tenants after one, in the order of their names.
pub(crate) fn indexes_after(tenant: Option<&Tenant>) -> KeyRange {
    let all = KeyRange::prefix(KeyWriter::new().literal(INDEX).finish());
    let of =
        |tenant: &Tenant| KeyRange::prefix(KeyWriter::new().literal(INDEX).text(tenant.as_str()).finish());
    KeyRange { begin: tenant.map_or(all.begin, |tenant| of(tenant).end), end: all.end }
}

/// Tenant and listing of an entry.
pub(crate) fn read_indexed(key: &Key) -> Result<(Tenant, u8), MalformedKey> {
    let mut reader = KeyReader::new(key);
    reader.literal(INDEX.len())?;
    let tenant = String::from_utf8(reader.bytes()?).map_err(|_| EntityIdError::Tenant)?;
    Ok((Tenant::parse(&tenant)?, reader.tag()?))
}

fn own_row(shard: ShardId, entity: &EntityId, section: Section, suffix: &[u8]) -> Key {
    of_entity(shard, letter(section), entity).literal(suffix).finish()
}

fn shared_row(shard: ShardId, tenant: &Tenant, section: Section, suffix: &[u8]) -> Key {
    shard_key(shard, letter(section)).text(tenant.as_str()).tag(SHARED).literal(suffix).finish()
}

fn index_key(tenant: &Tenant, index: u8) -> KeyWriter {
    KeyWriter::new().literal(INDEX).text(tenant.as_str()).tag(index)
}

fn of_entity(shard: ShardId, section: u8, entity: &EntityId) -> KeyWriter {
    entity.write(shard_key(shard, section))
}

fn after_section(key: &Key) -> Result<KeyReader<'_>, MalformedKey> {
    let mut reader = KeyReader::new(key);
    reader.literal(SECTION_BYTES)?;
    Ok(reader)
}

fn suffix_after(key: &Key, prefix_bytes: usize) -> Bytes {
    let bytes = key.clone().into_bytes();
    if prefix_bytes <= bytes.len() { bytes.slice(prefix_bytes..) } else { Bytes::new() }
}

fn timer_key_bytes(entity: &EntityId) -> usize {
    entity.to_bytes().len().saturating_add(SECTION_BYTES).saturating_add(size_of::<i64>())
}

fn letter(section: Section) -> u8 {
    match section {
        Section::Series => b'd',
        Section::Record => b'r',
        Section::Ledger => b'l',
        Section::Total => b'm',
    }
}

#[cfg(test)]
mod tests;
