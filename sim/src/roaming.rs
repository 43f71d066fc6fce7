//! The fourth workload: records of charging sessions that come while the storm rages, twice, changed, credited before or after they
//! come, and replaced. Afterwards every record is in one final state, and the ledgers of whoever pays and of whoever is owed say
//! exactly what the records say: nothing is sold or bought twice, and nothing that was credited is left.

mod operator;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use actors::entity::{entity_id, row};
use cluster::{ShardCount, shard_key};
use domain::amount::Amount;
use domain::entity::Recipient;
use domain::entity::cdr_book::{CdrRecord, Entry, Standing};
use domain::ledger::LedgerRole;
use prost::Message as _;
use proto::store as stored;
use storage::{KeyRange, Scan};

use crate::audit::{AuditCounts, posted};
use crate::depot::Depot;
use crate::dice::Dice;
use crate::session::Office;

/// What clients sent and were answered, and what one of them found wrong.
#[derive(Debug, Default)]
pub struct Manifest {
    /// The ids of all records that were taken.
    sent: Mutex<BTreeSet<String>>,
    wrong: Mutex<Option<String>>,
}

impl Manifest {
    /// Whether no client found anything wrong.
    ///
    /// # Errors
    /// What is wrong.
    pub fn right(&self) -> Result<(), String> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

/// A client; the office counts it as closed when everything it sent was answered as a repeat once more.
pub fn client(
    office: Arc<Office>,
    number: usize,
    dice: Dice,
    manifest: Arc<Manifest>,
) -> impl Future<Output = ()> + Send + 'static {
    operator::Operator::new(office, number, dice, manifest).run()
}

/// Compares the ledgers with the records, and the records with what was sent.
///
/// # Errors
/// What is wrong.
pub fn audit(depot: &Depot, count: ShardCount, manifest: &Manifest) -> Result<AuditCounts, String> {
    manifest.right()?;
    let records = records(depot, count)?;
    let sent = std::mem::take(&mut *manifest.sent.lock().unwrap_or_else(PoisonError::into_inner));
    if let Some(id) = sent.iter().find(|id| !records.contains_key(*id)) {
        return Err(format!("record {id} was taken and is gone"));
    }
    let mut ledgers: BTreeMap<String, (Amount, Amount)> = BTreeMap::new();
    let mut counts = AuditCounts::default();
    for record in records.values() {
        counts.answers = counts.answers.saturating_add(1);
        expect(record, &records, &mut ledgers)?;
    }
    for account in world::ACCOUNTS {
        let (mut revenue, mut cost) = (Amount::ZERO, Amount::ZERO);
        let sets = posted(depot, count, account)?;
        counts.effects = counts.effects.saturating_add(u64::try_from(sets.len()).unwrap_or_default());
        for posting in sets.iter().flat_map(|set| set.set.postings()) {
            match posting.role {
                LedgerRole::Revenue(_) => revenue = sum(revenue, posting.amount.checked_neg())?,
                LedgerRole::Cost(_) => cost = sum(cost, Some(posting.amount))?,
                LedgerRole::Suspense => return Err(format!("{account} has something on suspense")),
                _ => {}
            }
        }
        let expected = ledgers.get(account).copied().unwrap_or_default();
        if (revenue, cost) != expected {
            return Err(format!("{account} has {revenue} and {cost}, its records say {expected:?}"));
        }
    }
    Ok(counts)
}

/// What a record says that ledgers hold: revenue of whoever pays, cost of whoever is owed.
fn expect(
    record: &CdrRecord,
    records: &BTreeMap<String, CdrRecord>,
    ledgers: &mut BTreeMap<String, (Amount, Amount)>,
) -> Result<(), String> {
    let id = record.cdr.key.id();
    match record.standing {
        Standing::Checking | Standing::Rating | Standing::AwaitingOriginal => {
            return Err(format!("record {id} came to rest as {:?}", record.standing));
        }
        Standing::Applied => {
            let original = record.cdr.credit_of.as_ref().and_then(|original| records.get(original));
            let back = original.and_then(|original| original.credited_by.as_deref());
            if back != Some(id) {
                return Err(format!("credit {id} was applied, and its original says {back:?}"));
            }
        }
        Standing::Booked | Standing::Quarantined | Standing::Credited => {}
        Standing::Rejected | Standing::Refused(_) => {}
    }
    let Some(booked) = &record.booked else { return Ok(()) };
    if record.standing == Standing::Booked {
        let payer = record.payer.clone().unwrap_or_default();
        let held = ledgers.entry(payer).or_default();
        held.0 = sum(held.0, Amount::from_money(booked.sale.net))?;
    }
    for leg in &booked.legs {
        let held = ledgers.entry(leg.account.clone()).or_default();
        held.1 = sum(held.1, Amount::from_money(leg.leg.amount))?;
    }
    Ok(())
}

/// Every record of the party, by id.
fn records(depot: &Depot, count: ShardCount) -> Result<BTreeMap<String, CdrRecord>, String> {
    let party = world::party().ok_or("a party that can't be")?;
    let entity =
        entity_id(&world::tenant()?, &Recipient::CdrBook(party)).map_err(|error| error.to_string())?;
    let entity = entity.to_bytes();
    let range = row::cdrs_behind(None);
    let end =
        |suffix: &[u8]| shard_key(count.shard_of(&entity), b'r').literal(&entity).literal(suffix).finish();
    let rows = depot.rows(Scan::new(KeyRange::new(end(&range.from), end(&range.until))));
    let mut records = BTreeMap::new();
    for row in rows.map_err(|error| error.to_string())? {
        let entry = stored::CdrEntry::decode(row.value).map_err(|error| error.to_string())?;
        if let Entry::Held(record) = Entry::try_from(entry).map_err(|error| format!("a record: {error}"))? {
            records.insert(record.cdr.key.id().to_owned(), *record);
        }
    }
    Ok(records)
}

fn sum(sum: Amount, amount: Option<Amount>) -> Result<Amount, String> {
    amount.and_then(|amount| sum.checked_add(amount)).ok_or_else(|| "a sum beyond the range".to_owned())
}
