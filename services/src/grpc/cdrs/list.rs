//! Lists of what books keep.

use actors::entity::listing::Listing;
use actors::entity::{entity_id, row};
use actors::shell::{FactRow, Section, Tenant};
use domain::cdr::{CdrKey, Party};
use domain::entity::Recipient;
use domain::entity::cdr_book::{Command, Entry, MOST_UNREADABLE, Reply};
use proto::convert::FieldError;
use proto::name::TENANT;
use proto::roaming as message;
use proto::roaming::CdrState;
use proto::store as stored;
use storage::{Key, KeyReader};
use tonic::Status;

use super::super::context::Context;
use super::super::page::{ENTRIES, Paging};
use super::super::{fields, name, status};
use super::{party, resource};
use crate::gateway::{Failure, Gateway, decode};

/// How many entries are looked at for one page, of which not all may be wanted.
const MOST_LOOKED_AT: usize = 2_000;
/// How many unreadable documents are given with their beginnings.
const MOST_WITH_BEGINNINGS: usize = 100;

/// A page of records.
pub(super) async fn list(
    gateway: &Gateway,
    context: &Context,
    request: message::ListCdrsRequest,
) -> Result<message::ListCdrsResponse, Status> {
    let states = states(&request.states)?;
    if TENANT.parse(&request.parent).is_ok() {
        return worklist(gateway, context, request, &states).await;
    }
    let (tenant, party) = party("parent", &request.parent)?;
    let list = format!("records of {tenant} {party} in {states:?}");
    let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
    let after = paging.after.as_deref().map(|after| String::from_utf8_lossy(after).into_owned());
    let book = entity_id(&tenant, &Recipient::CdrBook(party)).map_err(Failure::Name)?;
    let range = row::cdrs_behind(after.as_deref());
    let rows = gateway.rows(&book, Section::Record, &range, MOST_LOOKED_AT).await?;
    let is_all = rows.len() < MOST_LOOKED_AT;
    let (mut cdrs, mut last, mut seen) = (Vec::new(), None, 0);
    for held in &rows {
        if cdrs.len() >= paging.size {
            break;
        }
        seen += 1;
        last = id(held);
        if let Entry::Held(record) = entry(held)? {
            let cdr = resource(&tenant, &record);
            if states.is_empty() || states.contains(&cdr.state()) {
                cdrs.push(cdr);
            }
        }
    }
    let is_end = is_all && seen == rows.len();
    let next_page_token = last.filter(|_| !is_end).map(|last| paging.token(last.as_bytes()));
    Ok(message::ListCdrsResponse { cdrs, next_page_token: next_page_token.unwrap_or_default() })
}

/// A page of records that wait for a person, of all parties.
async fn worklist(
    gateway: &Gateway,
    context: &Context,
    request: message::ListCdrsRequest,
    states: &[CdrState],
) -> Result<message::ListCdrsResponse, Status> {
    let tenant = name::tenant("parent", &request.parent)?;
    if states.iter().any(|state| *state != CdrState::Quarantined) {
        let text = "of a tenant there is only the list of those that wait for a person: QUARANTINED";
        return Err(status::invalid_field("states", text));
    }
    let list = format!("worklist of {tenant}");
    let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
    let entries = gateway.list(&tenant, Listing::CdrWorklist, &[], paging.range()).await?;
    let mut asks = Vec::with_capacity(entries.rows.len());
    for listed in &entries.rows {
        let key =
            key(&listed.order).ok_or_else(|| status::internal("an entry of the worklist names no record"))?;
        asks.push((
            context.read(&tenant, Recipient::CdrBook(key.party()))?,
            Command::Get(key.id().to_owned()),
        ));
    }
    let mut cdrs = Vec::with_capacity(asks.len());
    for answer in gateway.ask_each(asks).await {
        if let Reply::Record { record, .. } = answer? {
            cdrs.push(resource(&tenant, &record));
        }
    }
    let next_page_token = paging.next(&entries);
    Ok(message::ListCdrsResponse { cdrs, next_page_token })
}

/// The documents of a party that can't be read, the newest first.
pub(super) async fn unreadable(
    gateway: &Gateway,
    request: message::ListUnreadableCdrsRequest,
) -> Result<message::ListUnreadableCdrsResponse, Status> {
    let (tenant, party) = party("parent", &request.parent)?;
    let from = fields::instant("received_from_time", request.received_from_time)?;
    let rows = unreadable_rows(gateway, &tenant, party).await?;
    let mut documents = Vec::with_capacity(rows.len());
    for held in rows {
        let mut document: message::UnreadableCdr = decode(&held.value)?;
        let received = fields::instant("received_time", document.received_time)?;
        if from.is_some_and(|from| received.is_none_or(|received| received < from)) {
            continue;
        }
        if !request.with_beginnings {
            document.beginning.clear();
        }
        documents.push(document);
    }
    documents.sort_by_key(|document| std::cmp::Reverse(document.number));
    if request.with_beginnings {
        documents.truncate(MOST_WITH_BEGINNINGS);
    }
    Ok(message::ListUnreadableCdrsResponse { documents })
}

async fn unreadable_rows(gateway: &Gateway, tenant: &Tenant, party: Party) -> Result<Vec<FactRow>, Status> {
    let book = entity_id(tenant, &Recipient::CdrBook(party)).map_err(Failure::Name)?;
    let most = usize::try_from(MOST_UNREADABLE).unwrap_or(usize::MAX);
    Ok(gateway.rows(&book, Section::Record, &row::unreadables(), most).await?)
}

fn states(numbers: &[i32]) -> Result<Vec<CdrState>, Status> {
    let state = |number: &i32| {
        let state = CdrState::try_from(*number).ok().filter(|state| *state != CdrState::Unspecified);
        state.ok_or_else(|| status::invalid_field("states", "names a state that is not known here"))
    };
    numbers.iter().map(state).collect()
}

fn entry(held: &FactRow) -> Result<Entry, Status> {
    let entry: stored::CdrEntry = decode(&held.value)?;
    let read = entry.try_into().map_err(|error: FieldError| Failure::Unreadable(error.to_string()));
    Ok(read?)
}

/// The id of a record's row.
fn id(held: &FactRow) -> Option<String> {
    let key = Key::from(held.suffix.as_ref());
    let mut reader = KeyReader::new(&key);
    reader.tag().ok()?;
    String::from_utf8(reader.bytes().ok()?).ok()
}

/// The key of an entry of the worklist.
fn key(order: &[u8]) -> Option<CdrKey> {
    let key = Key::from(order);
    let mut reader = KeyReader::new(&key);
    let party = String::from_utf8(reader.bytes().ok()?).ok()?;
    CdrKey::new(Party::parse(&party)?, &String::from_utf8(reader.bytes().ok()?).ok()?)
}
