//! Of a tenant's log: which events are wanted, and behind which place.

use std::collections::BTreeSet;

use actors::shell::Tenant;
use domain::account_event::AccountEventKind;
use domain::entity::Recipient;
use domain::entity::event_log::{Command, Cursor, Partition, Reply};
use domain::webhook::EventChoice;
use proto::events as message;
use proto::name::ACCOUNT;
use tonic::Status;

use crate::events::parse;
use crate::gateway::Gateway;
use crate::grpc::context::Context;
use crate::grpc::{name, status};

/// Reads a filter.
pub(in crate::grpc) fn choice(
    tenant: &Tenant,
    filter: Option<&message::EventFilter>,
) -> Result<EventChoice, Status> {
    let Some(filter) = filter else { return Ok(EventChoice::default()) };
    let account = match filter.account.as_str() {
        "" => None,
        account => {
            let (of, id) = name::resource(&ACCOUNT, "filter.account", account)?;
            if of != *tenant {
                return Err(status::invalid_field("filter.account", "is of another tenant"));
            }
            name::id("filter.account", &id)?;
            Some(id)
        }
    };
    let kind = |kind: &i32| AccountEventKind::try_from(message::AccountEventKind::try_from(*kind).ok()?).ok();
    let kinds: Option<BTreeSet<AccountEventKind>> = filter.kinds.iter().map(kind).collect();
    let unknown = || status::invalid_field("filter.kinds", "has a kind that is not known here");
    Ok(EventChoice { account, kinds: kinds.ok_or_else(unknown)? })
}

/// The place that a cursor names, or the first, or the last there is.
pub(in crate::grpc) async fn start(
    (gateway, context): (&Gateway, &Context),
    tenant: &Tenant,
    (cursor, from_now): (&str, bool),
) -> Result<Cursor, Status> {
    let end = end(gateway, context, tenant).await?;
    match (cursor, from_now) {
        ("", false) => Ok(Cursor::default()),
        ("", true) => Ok(end),
        (_, true) => Err(status::invalid_field("from_now", "is taken only without a cursor")),
        (text, false) => {
            let cursor = parse(tenant, text).ok_or_else(|| {
                let text = "is no cursor that a listener of this tenant was given";
                status::invalid("CURSOR_MALFORMED", "cursor", text)
            })?;
            if cursor.is_beyond(&end) {
                let text = "is beyond the end of the log: the data are older than the cursor";
                return Err(status::invalid("CURSOR_BEYOND_END", "cursor", text));
            }
            Ok(cursor)
        }
    }
}

/// The place behind the last entry, as the partitions say.
async fn end(gateway: &Gateway, context: &Context, tenant: &Tenant) -> Result<Cursor, Status> {
    let ask = |partition| Ok((context.read(tenant, Recipient::EventLog(partition))?, Command::Get));
    let asks: Result<Vec<_>, Status> = Partition::all().map(ask).collect();
    let mut end = Cursor::default();
    for (partition, answer) in Partition::all().zip(gateway.ask_each(asks?).await) {
        match answer? {
            Reply::Last(last) => end.set(partition, last),
            Reply::Done => return Err(status::internal("the end of a log was asked for and not given")),
        }
    }
    Ok(end)
}
