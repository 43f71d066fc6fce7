//! Market documents: read whole or refused whole, handed over, and followed until something became of every series.

use std::time::Duration;

use actors::entity::listing::Listing;
use actors::shell::Tenant;
use domain::day::DayRule;
use domain::document::DocumentWarning;
use domain::entity::Recipient;
use domain::entity::catalog::TenantSettings;
use domain::entity::market_document::{Command, Reply, State};
use proto::metering as message;
use proto::name::DOCUMENT;

use tonic::{Code, Status};

use super::context::{Context, Manner};
use super::page::{ENTRIES, Paging};
use super::unreachable::or_unreachable;
use super::{catalog, name, status};
use crate::gateway::{Ask, Gateway};
use crate::market::{self, CheckDigits, ParseOptions, Parsed};

/// The largest document in bytes.
const MOST_BYTES: usize = 4_000_000;
/// The most that remarks may take.
const MOST_WARNING_BYTES: usize = 8_000;

const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Takes a document and answers what became of it.
pub(super) async fn import(
    gateway: &Gateway,
    context: &Context,
    request: message::ImportDocumentRequest,
) -> Result<message::Document, Status> {
    let tenant = name::tenant("parent", &request.parent)?;
    let settings = catalog::state(gateway, context, &tenant).await?.settings;
    let settings = settings.ok_or_else(|| {
        status::plain(
            Code::FailedPrecondition,
            "NO_SETTINGS",
            "the tenant has no settings, so its zone is unknown",
        )
    })?;
    let Parsed { document, warnings, .. } = read(request.content, &settings).await?;
    let key = market::document_key(&document.header);
    let series = market::document_series(&document);
    let warnings = remarks(&warnings);
    let command = Command::Receive { key: key.clone(), header: document.header, series, warnings };
    let validate_only = request.validate_only;
    let manner = Manner { validate_only, ..Manner::default() };
    let ask = context.write(&tenant, Recipient::Document(key.clone()), manner)?;
    // The same document again has no effect.
    let ask = Ask { repeatable: true, ..ask };
    let mut held = state(gateway.ask(ask, &command).await?)?;
    let mut pause = FIRST_PAUSE;
    while !held.is_done() && !validate_only {
        tokio::time::sleep(pause.min(context.remaining()?)).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        held = received(gateway, context, &tenant, &key).await?;
    }
    named(&tenant, &held)
}

/// Reads a document that was received.
pub(super) async fn get(
    gateway: &Gateway,
    context: &Context,
    tenant: &Tenant,
    key: &str,
) -> Result<message::Document, Status> {
    named(tenant, &*received(gateway, context, tenant, key).await?)
}

/// Lists documents in order of receipt.
pub(super) async fn list(
    gateway: &Gateway,
    context: &Context,
    request: message::ListDocumentsRequest,
) -> Result<message::ListDocumentsResponse, Status> {
    let tenant = name::tenant("parent", &request.parent)?;
    let list = format!("documents of {tenant}");
    let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
    let entries = gateway.list(&tenant, Listing::Documents, &[], paging.range()).await?;
    let mut asks = Vec::with_capacity(entries.rows.len());
    let mut names = Vec::with_capacity(entries.rows.len());
    for row in &entries.rows {
        let key = String::from_utf8_lossy(&row.value).into_owned();
        names.push(DOCUMENT.name([tenant.as_str(), &key]));
        asks.push((context.read(&tenant, Recipient::Document(key))?, Command::Get));
    }
    let (mut documents, mut unreachable) = (Vec::with_capacity(asks.len()), Vec::new());
    for (name, answer) in names.into_iter().zip(gateway.ask_each(asks).await) {
        if let Some(reply) = or_unreachable(answer, name, &mut unreachable)? {
            documents.push(named(&tenant, &*state(reply)?)?);
        }
    }
    let next_page_token = paging.next(&entries);
    Ok(message::ListDocumentsResponse { documents, next_page_token, unreachable })
}

/// Reads the bytes on a thread of their own: a large document takes longer than a task may.
async fn read(content: Vec<u8>, settings: &TenantSettings) -> Result<Parsed, Status> {
    let mut options = ParseOptions::new(DayRule::civil(settings.zone.clone()));
    options.most_bytes = MOST_BYTES;
    if settings.refuses_check_digits {
        options.check_digits = CheckDigits::Refuse;
    }
    let parsed = tokio::task::spawn_blocking(move || market::parse(&content, &options)).await;
    let parsed =
        parsed.map_err(|error| status::internal(&format!("the reader of documents died: {error}")))?;
    parsed.map_err(|error| status::unreadable(&error))
}

async fn received(
    gateway: &Gateway,
    context: &Context,
    tenant: &Tenant,
    key: &str,
) -> Result<Box<State>, Status> {
    let ask = context.read(tenant, Recipient::Document(key.to_owned()))?;
    state(gateway.ask(ask, &Command::Get).await?)
}

fn state(reply: Reply) -> Result<Box<State>, Status> {
    match reply {
        Reply::State(state) => Ok(state),
        Reply::Done => Err(status::internal("the state of a document was asked for and not given")),
    }
}

fn named(tenant: &Tenant, state: &State) -> Result<message::Document, Status> {
    let document = message::Document::of_state(state);
    let document = document.ok_or_else(|| status::internal("a received document without a head"))?;
    Ok(message::Document { name: DOCUMENT.name([tenant.as_str(), &state.key]), ..document })
}

/// The remarks as text, as many as are kept.
fn remarks(warnings: &[DocumentWarning]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut bytes = 0_usize;
    for (index, warning) in warnings.iter().enumerate() {
        let text = warning.to_string();
        bytes = bytes.saturating_add(text.len());
        if bytes > MOST_WARNING_BYTES {
            kept.push(format!("and {} more", warnings.len().saturating_sub(index)));
            break;
        }
        kept.push(text);
    }
    kept
}
