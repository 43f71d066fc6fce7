//! Prices of an index: taken in month by month, and read with all their versions.

use actors::shell::Tenant;
use domain::day::{Day, DayRule, Month};
use domain::day_span::DaySpan;
use domain::entity::Recipient;
use domain::entity::catalog::{Command, IndexPrices, Reply};
use domain::price_series::{PriceMonth, SeriesId};
use proto::catalog as message;
use proto::convert::{FieldError, FieldFault};
use tonic::Status;
use uuid::Uuid;

use super::context::{Context, Manner};
use super::page::{Bounds, Paging};
use super::{catalog, fields, name, status};
use crate::gateway::Gateway;

/// Sizes of pages of months.
const MONTHS: Bounds = Bounds { usual: 12, most: 100 };
/// The most months of one request.
const MOST_MONTHS: usize = 1_200;

/// Stores prices as new versions of the months they lie in.
pub(super) async fn put(
    gateway: &Gateway,
    context: &Context,
    request: message::PutPricesRequest,
) -> Result<message::PutPricesResponse, Status> {
    let tenant = name::tenant("parent", &request.parent)?;
    if request.price_months.is_empty() {
        return Err(status::invalid_field("price_months", "is empty"));
    }
    if request.price_months.len() > MOST_MONTHS {
        let fault = FieldFault::TooMany { most: MOST_MONTHS };
        return Err(status::field_error(FieldError::at("price_months", fault), ""));
    }
    let rule = catalog::state(gateway, context, &tenant).await?.rule();
    // Everything is checked before the first month is stored.
    let mut commands = Vec::with_capacity(request.price_months.len());
    for (index, month) in request.price_months.into_iter().enumerate() {
        commands.push(index_prices(month, rule.as_ref(), &format!("price_months[{index}]"))?);
    }
    let validate_only = request.validate_only;
    let manner = Manner { request_id: &request.request_id, validate_only, ..Manner::default() };
    let (mut stored_months, mut unchanged_months) = (0_u32, 0_u32);
    for (index, prices) in (0_u128..).zip(commands) {
        let mut ask = context.write(&tenant, Recipient::Catalog, manner)?;
        // Each month is a command of its own and needs an id of its own: the request's, with its last digits changed by the
        // place of the month. The time in it stays.
        ask.request_id = ask.request_id.map(|id| Uuid::from_u128(id.as_u128() ^ index));
        match gateway.ask(ask, &Command::PutPrices(prices)).await? {
            Reply::PriceMonths(0) => unchanged_months = unchanged_months.saturating_add(1),
            Reply::PriceMonths(stored) => stored_months = stored_months.saturating_add(stored),
            _ => return Err(status::internal("prices were given and not counted")),
        }
    }
    Ok(message::PutPricesResponse { stored_months, unchanged_months })
}

/// Lists the versions of the months of a series.
pub(super) async fn list(
    gateway: &Gateway,
    context: &Context,
    request: message::ListPriceMonthsRequest,
) -> Result<message::ListPriceMonthsResponse, Status> {
    let tenant = name::tenant("parent", &request.parent)?;
    let series: SeriesId = fields::required("series", request.series)?;
    let first: Option<Month> = fields::optional("first_month", request.first_month)?;
    let last: Option<Month> = fields::optional("last_month", request.last_month)?;
    let as_of = fields::instant("as_of_time", request.as_of_time)?;
    let list = format!("prices of {series}, {first:?}, {last:?}, {as_of:?}, {tenant}");
    let paging = Paging::of(request.page_size, &request.page_token, &list, MONTHS)?;
    let Some(span) = span(first, last) else {
        return Err(status::field_error(FieldError::at("last_month", FieldFault::EndsBeforeStart), ""));
    };
    let months = months(gateway, context, &tenant, Command::ListPrices { series, span }).await?;
    let known = months.iter().filter(|month| as_of.is_none_or(|as_of| month.received <= as_of));
    let placed = known.map(|month| {
        let day = month.month.first_day().number().cast_unsigned() ^ 0x8000_0000;
        let place = [day.to_be_bytes(), month.version.to_be_bytes()].concat();
        (place, message::PriceMonth::from(month))
    });
    let (price_months, next_page_token) = paging.cut(placed);
    Ok(message::ListPriceMonthsResponse { price_months, next_page_token })
}

async fn months(
    gateway: &Gateway,
    context: &Context,
    tenant: &Tenant,
    command: Command,
) -> Result<Vec<PriceMonth>, Status> {
    match gateway.ask(context.read(tenant, Recipient::Catalog)?, &command).await? {
        Reply::Prices(months) => Ok(months),
        _ => Err(status::internal("prices were asked for and not given")),
    }
}

/// From the first month to the last; without them, all that the calendar has.
fn span(first: Option<Month>, last: Option<Month>) -> Option<DaySpan> {
    let first = match first {
        Some(month) => month.first_day(),
        None => Day::new(1, 1, 1)?,
    };
    let end = match last {
        Some(month) => month.next().first_day(),
        None => Day::new(9_000, 1, 1)?,
    };
    DaySpan::new(first, end)
}

/// The prices of one month as a command takes them.
fn index_prices(
    month: message::PriceMonth,
    rule: Option<&DayRule>,
    field: &str,
) -> Result<IndexPrices, Status> {
    let at = |name: &str, fault| status::field_error(FieldError::at(name, fault), field);
    // Version and time of receipt are ours to give; what the request says there is not read.
    let given = message::PriceMonth { version: 1, received_time: month.created_time, ..month };
    let month: PriceMonth = fields::required(field, Some(given))?;
    let SeriesId::Index(index) = month.series else {
        return Err(status::invalid_field(
            &format!("{field}.series"),
            "is no index; prices of charges come by document",
        ));
    };
    name::id(&format!("{field}.series.index"), &index)?;
    let intervals = rule.map(|rule| (rule, month.prices.intervals(rule)));
    let elsewhere = intervals.is_some_and(|(rule, intervals)| {
        intervals.iter().any(|(interval, _)| rule.day_of(interval.start()).month() != month.month)
    });
    if elsewhere {
        return Err(at("month", FieldFault::Contradiction));
    }
    Ok(IndexPrices {
        index,
        unit: month.unit,
        currency: month.currency,
        created: month.created,
        source: month.source,
        column: month.prices,
    })
}
