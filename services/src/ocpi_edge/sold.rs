//! Rows of books and accounts, read as they lie: documents as they came, and what was sold to a partner.

use actors::entity::entity_id;
use actors::entity::row::{self, Suffixes};
use actors::shell::{Section, Tenant};
use domain::cdr::{CdrKey, Party};
use domain::entity::Recipient;
use domain::instant::Instant;
use prost::Message as _;
use proto::roaming::{self, SoldSession};

use super::answer::Fault;
use super::list::{MOST_MATCHES, too_many};
use crate::gateway::{Failure, Gateway, behind};

/// The most pieces of a document.
const MOST_PIECES: usize = 64;
/// How many rows are read at once.
const AT_ONCE: usize = 500;

/// The first document that came under a key, byte for byte; none where none came.
pub(super) async fn document(
    gateway: &Gateway,
    tenant: &Tenant,
    key: &CdrKey,
) -> Result<Option<String>, Fault> {
    let book = entity_id(tenant, &Recipient::CdrBook(key.party())).map_err(Failure::Name)?;
    let pieces = row::cdr_document_pieces(key.id(), 0);
    let rows = gateway.rows(&book, Section::Record, &pieces, MOST_PIECES).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let bytes: Vec<u8> = rows.into_iter().flat_map(|row| row.value.to_vec()).collect();
    String::from_utf8(bytes).map(Some).map_err(|error| Fault::defect(&error.to_string()))
}

/// The records of a party by which an account was charged, and the credits that took some back, with the time of each.
pub(super) async fn sold_to(
    gateway: &Gateway,
    (tenant, account): (&Tenant, &str),
    party: Party,
    found: &mut Vec<(Instant, CdrKey)>,
) -> Result<(), Fault> {
    let account = Recipient::Account(account.to_owned());
    let account = entity_id(tenant, &account).map_err(Failure::Name)?;
    let mut range = row::sold_behind(None);
    loop {
        let rows = gateway.rows(&account, Section::Record, &range, AT_ONCE).await?;
        for row in &rows {
            let sold = SoldSession::decode(row.value.clone());
            let sold = sold.map_err(|error| Fault::defect(&error.to_string()))?;
            let reversal =
                sold.reversed.and_then(|reversed| Some((reversed.credit?, reversed.received_time)));
            let records = [sold.cdr.map(|cdr| (cdr, sold.sold_time)), reversal];
            found.extend(
                records.into_iter().flatten().filter_map(entry).filter(|(_, key)| key.party() == party),
            );
            if found.len() > MOST_MATCHES {
                return Err(too_many());
            }
        }
        match rows.last().filter(|_| rows.len() >= AT_ONCE) {
            Some(last) => range = Suffixes { from: behind(&last.suffix).into(), until: range.until },
            None => return Ok(()),
        }
    }
}

fn entry((cdr, at): (roaming::CdrKey, Option<prost_types::Timestamp>)) -> Option<(Instant, CdrKey)> {
    let key = CdrKey::new(Party::new(&cdr.country_code, &cdr.party_id)?, &cdr.cdr_id)?;
    Some((proto::convert::instant("time", at?).ok()?, key))
}
