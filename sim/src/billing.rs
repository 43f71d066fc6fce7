//! The other workload: a small supplier whose month is billed while the storm rages. Afterwards there have to be exactly the
//! invoices that are owed, with numbers without a gap.

mod hasty;
mod supplier;
mod teller;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use actors::entity::listing::Listing;
use cluster::ShardCount;
use proto::account::IssuedInvoice;
use proto::store as stored;
use storage::{KeyRange, KeyReader, KeyWriter, Row, Scan};

use crate::depot::Depot;
use crate::dice::Dice;
use crate::session::Office;

pub use hasty::HastyKinds;
use prost::Message as _;

/// The supplier's tenant.
const TENANT: &str = "example";
/// The run that bills the month.
const RUN: &str = "october";

/// What the client of the supplier found wrong, if anything.
pub type Wrong = Arc<Mutex<Option<String>>>;

/// The client of the supplier; the office counts it as closed when the month is billed.
pub fn client(
    (office, depot): (Arc<Office>, Arc<Depot>),
    count: ShardCount,
    dice: Dice,
    wrong: Wrong,
) -> impl Future<Output = ()> + Send + 'static {
    teller::Teller { office, depot, count, dice, wrong }.run()
}

/// Compares what was issued with what is owed. Gives how many invoices there are.
///
/// # Errors
/// What is wrong.
pub fn audit(depot: &Depot, wrong: &Wrong) -> Result<u64, String> {
    if let Some(wrong) = wrong.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(wrong);
    }
    let issued =
        listed(depot, Listing::InvoicesOfAccount)?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let mut owed: Vec<(String, i64)> =
        issued.iter().map(|(account, _, cents)| (account.clone(), *cents)).collect();
    owed.sort_unstable();
    let expected = supplier::OWED_CENTS.map(|(account, cents)| (account.to_owned(), cents));
    if owed != expected {
        let not_ready = listed(depot, Listing::NotReady)?.into_iter().map(|row| {
            let outcome = stored::AccountOutcome::decode(row.value);
            format!("{}: {outcome:?}", row.key)
        });
        let not_ready: Vec<String> = not_ready.collect();
        return Err(format!("issued {owed:?} instead of {expected:?}; not ready: {not_ready:?}"));
    }
    let numbers: BTreeSet<&str> = issued.iter().map(|(_, number, _)| number.as_str()).collect();
    let wanted: Vec<String> = (1..=expected.len()).map(|number| format!("2024-{number:06}")).collect();
    if !numbers.iter().eq(wanted.iter()) {
        return Err(format!("numbers {numbers:?} instead of {wanted:?}"));
    }
    let not_ready = listed(depot, Listing::NotReady)?.len();
    if not_ready != 1 {
        return Err(format!("{not_ready} accounts are not ready instead of one"));
    }
    u64::try_from(issued.len()).map_err(|error| error.to_string())
}

/// Account, number and total in cents of an entry.
fn read(row: &Row) -> Result<(String, String, i64), String> {
    let unreadable = || format!("an unreadable entry {}", row.key);
    let mut reader = KeyReader::new(&row.key);
    let mut account = || -> Option<Vec<u8>> {
        reader.literal(prefix(Listing::InvoicesOfAccount).finish().len()).ok()?;
        reader.bytes().ok()?;
        reader.tag().ok()?;
        reader.bytes().ok()
    };
    let account = account().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(unreadable)?;
    let invoice = IssuedInvoice::decode(row.value.clone()).map_err(|error| error.to_string())?;
    let total = invoice.total.ok_or_else(unreadable)?;
    let cents = total.units.saturating_mul(100).saturating_add(i64::from(total.nanos / 10_000_000));
    Ok((account, invoice.number, cents))
}

fn listed(depot: &Depot, listing: Listing) -> Result<Vec<Row>, String> {
    let range = KeyRange::prefix(prefix(listing).finish());
    depot.rows(Scan::new(range)).map_err(|error| error.to_string())
}

fn prefix(listing: Listing) -> KeyWriter {
    KeyWriter::new().literal(b"idx/").text(TENANT).tag(listing.number())
}
