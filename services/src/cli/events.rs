//! What accounts tell whoever listens: `kvarter list events`.

use clap::Args;
use proto::charging::OverUse;
use proto::events::account_event::Event;
use proto::events::{AccountEvent, EventFilter, ListEventsRequest};
use proto::name;

use super::client::{Client, ask, every_page};
use super::failure::Failure;
use super::sheet::Sheet;
use super::show;

/// How many entries are asked for at a time.
const PAGE: i32 = 1_000;

/// Whose events.
#[derive(Args, Clone, Debug)]
pub(super) struct EventArguments {
    /// Those of an account only
    #[arg(long)]
    account: Option<String>,
}

/// Every event there is, in the order of the log.
pub(super) async fn list(client: &Client, arguments: &EventArguments) -> Result<Sheet, Failure> {
    let parent = client.parent();
    let account = arguments.account.as_ref().map(|id| name::ACCOUNT.name([client.tenant(), id]));
    let filter = account.map(|account| EventFilter { account, kinds: Vec::new() });
    let events: Vec<AccountEvent> = every_page(async |page_token| {
        let (parent, filter) = (parent.clone(), filter.clone());
        let message = ListEventsRequest { parent, page_size: PAGE, page_token, filter };
        let page = ask(message, async |request| client.events().list_events(request).await).await;
        let page = page.map_err(Failure::refused("events"))?;
        Ok((page.events, page.next_page_token))
    })
    .await?;
    let rows = events.into_iter().map(|event| {
        let kind = show::word(event.kind().as_str_name(), "ACCOUNT_EVENT_KIND_").to_lowercase();
        let registered = show::time(event.registered_time.as_ref());
        let what = event.event.map(what).unwrap_or_default();
        vec![event.event_id, registered, event.account_id, kind, what]
    });
    let columns = &["event", "registered", "account", "kind", "what"];
    Ok(Sheet::new(columns, &[]).with(rows).or_else_say("nothing was told"))
}

/// What an event is about, beside its kind.
fn what(event: Event) -> String {
    match event {
        Event::ThresholdCrossed(crossed) => {
            let of = [crossed.currency_code, crossed.unit].concat();
            format!("{} {of} at {} {of}", crossed.exact_funds, crossed.exact_level)
        }
        Event::CreditCrossed(crossed) => format!("{} {}", crossed.exact_credit, crossed.currency_code),
        Event::StandingChanged(_) => String::new(),
        Event::ToppedUp(topped) => {
            let of = [topped.currency_code, topped.unit].concat();
            format!("{} {of} by {}", topped.exact_amount, topped.operation_id)
        }
        Event::OverUsed(OverUse { currency_code, exact_beyond_hold, exact_beyond_limit, .. }) => {
            format!(
                "{exact_beyond_hold} {currency_code} beyond the hold, {exact_beyond_limit} beyond the limit"
            )
        }
        Event::SupplyOrdered(ordered) => {
            let version = ordered.order.map(|order| order.version).unwrap_or_default();
            format!("order {version} to {}", ordered.metering_point_ids.join(", "))
        }
        Event::ReservationExpired(expired) => expired.reservation_id,
    }
}
