//! What was sold to a partner, as records of the tenant's own: found in the rows of its account, told as they were charged.
//!
//! The station's document says what a session was; what it cost is what the account booked. A record is shown from then on
//! and never changes. What takes a sale back is a credit: that which the station sent, or, where a person rejected the
//! record, one that is named after it.

mod place;
mod record;

use std::collections::BTreeMap;

use actors::entity::entity_id;
use actors::entity::row::{self, Suffixes};
use actors::shell::{EntityId, Section, Tenant};
use domain::cdr::{CdrKey, MOST_CDR_ID_BYTES, Party};
use domain::charging_contract::SoldSession;
use domain::entity::cdr_book::{self, CdrRecord};
use domain::entity::partners::PartnerRole;
use domain::entity::roaming_object::RoamingModule;
use domain::entity::{Recipient, Registered, catalog};
use domain::instant::Instant;
use domain::price_sheet::PriceSheet;
use prost::Message as _;
use proto::roaming;

use super::answer::Fault;
use super::list::{MOST_MATCHES, Paging, Place, too_many};
use super::merge::Object;
use super::object;
use super::request::Call;
use crate::gateway::{Failure, Gateway, behind};
use record::Shown;

/// The most pieces of a document.
const MOST_PIECES: usize = 64;
/// How many rows are read at once.
const AT_ONCE: usize = 500;
/// What is appended to the id of a record that a person rejected (OCPI 2.2.1, credit CDRs).
const TAKEN_BACK: &str = "-C";

/// A record that is shown, in order of the time of its change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// When it was booked.
    at: Instant,
    /// How it is called.
    id: String,
    /// The record that was sold.
    sold: CdrKey,
    /// Whether it takes that back.
    is_credit: bool,
}

impl Entry {
    /// Where it stands in a list: two parties may call records the same.
    pub(super) fn place(&self) -> Place {
        (self.at, format!("{} {}", self.id, self.sold))
    }
}

/// What several records of a page have in common, read once.
#[derive(Default)]
struct Seen {
    locations: BTreeMap<(Party, String), Option<Object>>,
    sheets: BTreeMap<String, Vec<Registered<PriceSheet>>>,
}

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

/// The records of the tenant's own parties by which an account was charged, and the credits that took some back, of a time.
pub(super) async fn sold_to(
    call: &Call,
    account: &str,
    parties: &[Party],
    paging: &Paging,
) -> Result<Vec<Entry>, Fault> {
    let account = account_rows(call, account)?;
    let mut range = row::sold_behind(None);
    let mut found = Vec::new();
    loop {
        let rows = call.edge.gateway.rows(&account, Section::Record, &range, AT_ONCE).await?;
        for row in &rows {
            let entries = entries(&read(&row.value)?);
            let is_wanted =
                |entry: &Entry| paging.contains(entry.at) && parties.contains(&entry.sold.party());
            found.extend(entries.into_iter().flatten().filter(is_wanted));
            if found.len() > MOST_MATCHES {
                return Err(too_many());
            }
        }
        match rows.last().filter(|_| rows.len() >= AT_ONCE) {
            Some(last) => range = Suffixes { from: behind(&last.suffix).into(), until: range.until },
            None => break,
        }
    }
    found.sort();
    Ok(found)
}

/// These records as they are told.
pub(super) async fn told(call: &Call, account: &str, entries: &[Entry]) -> Result<Vec<String>, Fault> {
    let gets = entries.iter().map(|entry| {
        let get = cdr_book::Command::Get(entry.sold.id().to_owned());
        (call.ask(Recipient::CdrBook(entry.sold.party())), get)
    });
    let mut seen = Seen::default();
    let mut items = Vec::with_capacity(entries.len());
    let records = call.edge.gateway.ask_each(gets.collect()).await;
    for (entry, record) in entries.iter().zip(records) {
        let cdr_book::Reply::Record { record, .. } = record? else {
            return Err(Fault::defect("a record was asked for and not given"));
        };
        items.push(seen.item(call, account, entry, &record).await?);
    }
    Ok(items)
}

impl Seen {
    async fn item(
        &mut self,
        call: &Call,
        account: &str,
        entry: &Entry,
        record: &CdrRecord,
    ) -> Result<String, Fault> {
        let sold = sold(call, account, &entry.sold).await?;
        let document = document(&call.edge.gateway, &call.tenant, &entry.sold).await?;
        let document = document.and_then(|text| Object::read(&text).ok()).unwrap_or_default();
        let (sheet, version) = &sold.sale.sheet;
        let (sheet, version) = (sheet.clone(), usize::try_from(*version).unwrap_or_default());
        let versions = self.versions(call, &sheet).await?;
        let sheet = version.checked_sub(1).and_then(|place| versions.get(place)).cloned();
        let site = record.site.as_ref().map(|site| site.location.as_str()).unwrap_or_default();
        let location = if record.cdr.location.is_empty() { site } else { &record.cdr.location };
        let location = self.location(call, entry.sold.party(), location).await?;
        let mut providers = call.guest.partner.parties.iter().filter(|one| one.role == PartnerRole::Provider);
        let shown = Shown {
            sold: &sold,
            cdr: &record.cdr,
            document: &document,
            location,
            sheet: sheet.as_ref(),
            provider: providers.next().map(|one| one.party),
            credit: entry.is_credit.then_some(entry.id.as_str()),
            last_updated: entry.at,
        };
        shown.text().ok_or_else(|| Fault::defect("an amount of what was sold is out of range"))
    }

    /// Every version of a price sheet.
    async fn versions(&mut self, call: &Call, id: &str) -> Result<&[Registered<PriceSheet>], Fault> {
        if !self.sheets.contains_key(id) {
            let get = catalog::Command::GetPriceSheet(id.to_owned());
            let versions = match call.edge.gateway.ask(call.ask(Recipient::Catalog), &get).await {
                Ok(catalog::Reply::PriceSheets(versions)) => versions,
                Ok(_) => return Err(Fault::defect("a price sheet was asked for and not given")),
                Err(Failure::Rejected(_)) => Vec::new(),
                Err(failure) => return Err(failure.into()),
            };
            self.sheets.insert(id.to_owned(), versions);
        }
        Ok(self.sheets.get(id).map(Vec::as_slice).unwrap_or_default())
    }

    /// What the tenant has published of a location.
    async fn location(&mut self, call: &Call, party: Party, id: &str) -> Result<Option<&Object>, Fault> {
        let known = (party, id.to_owned());
        if !self.locations.contains_key(&known) {
            let held = match object::new_key(RoamingModule::Locations, party, id) {
                Ok(key) => object::held(&call.edge.gateway, call.ask(Recipient::RoamingObject(key))).await?,
                Err(_) => None,
            };
            let held = held.and_then(|held| Object::read(&held.text).ok());
            self.locations.insert(known.clone(), held);
        }
        Ok(self.locations.get(&known).and_then(Option::as_ref))
    }
}

fn account_rows(call: &Call, account: &str) -> Result<EntityId, Fault> {
    let account = Recipient::Account(account.to_owned());
    Ok(entity_id(&call.tenant, &account).map_err(Failure::Name)?)
}

/// What an account was sold under a key.
async fn sold(call: &Call, account: &str, key: &CdrKey) -> Result<SoldSession, Fault> {
    let from = row::sold_from(key);
    let rows = call.edge.gateway.rows(&account_rows(call, account)?, Section::Record, &from, 1).await?;
    let found = rows.first().map(|row| read(&row.value)).transpose()?.filter(|sold| sold.cdr == *key);
    found.ok_or_else(|| Fault::defect("what was sold is there no more"))
}

fn read(bytes: &[u8]) -> Result<SoldSession, Fault> {
    let sold = roaming::SoldSession::decode(bytes).map_err(|error| Fault::defect(&error.to_string()))?;
    sold.try_into().map_err(|error: proto::convert::FieldError| Fault::defect(&error.to_string()))
}

/// The sale, and what took it back.
fn entries(sold: &SoldSession) -> [Option<Entry>; 2] {
    let key = &sold.cdr;
    let entry = |at, id: &str, is_credit| Entry { at, id: id.to_owned(), sold: key.clone(), is_credit };
    let credit = sold.reversed.as_ref().map(|reversed| match &reversed.credit {
        Some(credit) => entry(reversed.received, credit.id(), true),
        None => entry(reversed.received, &taken_back(key.id()), true),
    });
    [Some(entry(sold.sold_at, key.id(), false)), credit]
}

/// How the credit of a record is called that a person rejected.
fn taken_back(id: &str) -> String {
    let most = MOST_CDR_ID_BYTES.saturating_sub(TAKEN_BACK.len());
    let kept: String = id.chars().take(most).collect();
    kept + TAKEN_BACK
}
