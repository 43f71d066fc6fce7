//! `kvarter get`: one thing as the node holds it.

mod days;
mod rating;

use clap::{Args, Subcommand};
use domain::day::{Day, Month};
use domain::day_span::DaySpan;
use domain::document::MeteringPointKind;
use domain::entity::metering_point::PointDetails;
use domain::instant::Instant;
use domain::product::Product;
use domain::series::Direction;
use proto::account::{Account, GetAccountRequest};
use proto::admin::GetNodeRequest;
use proto::catalog::{GetProductRequest, GetTenantSettingsRequest};
use proto::metering::{Document, GetDocumentRequest, GetMeteringPointRequest, MeteringPoint};
use proto::name;

use super::admin;
use super::asking::Asking;
use super::client::{Client, ask};
use super::failure::Failure;
use super::sheet::Sheet;
use super::{show, token};

/// What `kvarter get` is told.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  kvarter get point 871699000000000042 --tenant example\n  kvarter get days 871699000000000042 \
                  --from 2024-10-18 --to 2024-10-19 --tenant example\n  kvarter get days 871699000000000042 --from 2024-10-01 --to \
                  2024-11-01 --as-of 2024-11-01T12:00:00Z --values --output csv --tenant example\n\nExit codes: 0 done; 1 the \
                  node refused, or there is no such thing; 2 the command is wrong."
)]
pub struct GetArguments {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// A metering point with its contracts and charge links
    Point {
        /// Its 18 digits
        id: String,
    },
    /// The days of a channel: all their versions, or those that counted at some time
    Days(DaysArguments),
    /// What a month of a metering point costs, without any effect
    Rating {
        /// The metering point
        id: String,
        /// The month
        #[arg(long, value_name = "MONTH", value_parser = show::parse_month)]
        month: Month,
        /// The registration time whose knowledge counts; now where it is left out
        #[arg(long, value_name = "INSTANT", value_parser = show::parse_instant)]
        as_of: Option<Instant>,
    },
    /// An account with its balances
    Account {
        /// Its id
        id: String,
    },
    /// The version of a product that serves a day
    Product {
        /// Its id
        id: String,
        /// The day; the latest version where it is left out
        #[arg(long, value_name = "DAY", value_parser = show::parse_day)]
        day: Option<Day>,
    },
    /// A market document with what became of its series
    Document {
        /// Its key, as `kvarter list documents` shows it
        key: String,
    },
    /// Whose a token is
    Token(token::NamedToken),
    /// The tenant's settings
    Settings,
    /// How the node does
    Node,
    /// The sums of all postings by role, which come to 0 in all
    Balance,
}

#[derive(Args, Clone, Debug)]
struct DaysArguments {
    /// The metering point
    id: String,
    /// The first day
    #[arg(long, value_name = "DAY", value_parser = show::parse_day)]
    from: Day,
    /// The first day after the last
    #[arg(long, value_name = "DAY", value_parser = show::parse_day)]
    to: Day,
    /// The channel: consumption or production
    #[arg(long, value_name = "CHANNEL", default_value = "consumption", value_parser = parse_direction)]
    channel: Direction,
    /// Only what counted at this registration time
    #[arg(long, value_name = "INSTANT", value_parser = show::parse_instant)]
    as_of: Option<Instant>,
    /// A row per value instead of one per day
    #[arg(long)]
    values: bool,
}

fn parse_direction(text: &str) -> Result<Direction, String> {
    Direction::from_word(text).ok_or_else(|| "write consumption or production".to_owned())
}

/// Reads one thing and prints it.
pub(super) async fn run(arguments: &GetArguments) -> Result<(), Failure> {
    let client = arguments.asking.client().await?;
    let sheet = match &arguments.what {
        What::Point { id } => point(&client, id).await?,
        What::Days(wanted) => days::sheet(&client, wanted).await?,
        What::Rating { id, month, as_of } => rating::sheet(&client, id, *month, *as_of).await?,
        What::Account { id } => account(&client, id).await?,
        What::Product { id, day } => product(&client, id, *day).await?,
        What::Document { key } => document(&client, key).await?,
        What::Token(wanted) => token::resolve(&client, wanted).await?,
        What::Settings => settings(&client).await?,
        What::Node => node(&client).await?,
        What::Balance => admin::balance(&client).await?,
    };
    sheet.print(arguments.asking.output)
}

async fn point(client: &Client, id: &str) -> Result<Sheet, Failure> {
    let message = GetMeteringPointRequest { name: name::METERING_POINT.name([client.tenant(), id]) };
    let point = ask(message, async |request| client.metering().get_metering_point(request).await).await;
    let point: MeteringPoint = point.map_err(Failure::refused(format!("metering point {id}")))?;
    let contracts = point.contracts.iter().map(|contract| {
        let span = contract.span.and_then(|span| DaySpan::try_from(span).ok()).map(show::span);
        let payers = contract.payers.iter().map(|payer| {
            let share = domain::fixed::format(payer.share_basis_points.into(), 2, 0);
            format!("{} {share} %", payer.account_id)
        });
        let payers: Vec<String> = payers.collect();
        let (id, product) = (&contract.contract_id, &contract.product_id);
        format!("{id} {product} {}, {}", span.unwrap_or_default(), payers.join(" and "))
    });
    let contracts: Vec<String> = contracts.collect();
    let links =
        point.charge_links.iter().filter_map(|link| link.charge.as_ref()).map(|charge| charge.code.as_str());
    let links = links.collect::<Vec<_>>().join("; ");
    let (address, contracts) = (show::address(point.address.as_ref()), contracts.join("; "));
    let details = PointDetails::try_from(point)?;
    let columns = &[
        "metering_point",
        "kind",
        "unit",
        "zone",
        "address",
        "grid_area",
        "periods",
        "contracts",
        "charge_links",
    ];
    let row = vec![
        details.id.to_string(),
        kind(details.kind),
        details.unit.to_string(),
        details.rule.zone().to_string(),
        address,
        details.grid_area.clone(),
        periods(&details),
        contracts,
        links,
    ];
    Ok(Sheet::one(columns, row))
}

/// A kind with its code.
pub(super) fn kind(kind: MeteringPointKind) -> String {
    kind.code().to_owned()
}

/// The periods of a metering point on one line.
pub(super) fn periods(details: &PointDetails) -> String {
    let periods =
        details.periods.iter().map(|period| format!("{} {}", period.resolution, show::span(period.span)));
    periods.collect::<Vec<_>>().join("; ")
}

async fn account(client: &Client, id: &str) -> Result<Sheet, Failure> {
    let message = GetAccountRequest { name: name::ACCOUNT.name([client.tenant(), id]) };
    let account = ask(message, async |request| client.accounts().get_account(request).await).await;
    let account: Account = account.map_err(Failure::refused(format!("account {id}")))?;
    let balances =
        account.balances.iter().map(|one| format!("{} {} {}", one.role, one.exact_amount, one.currency_code));
    let invoices = account
        .issued_invoices
        .iter()
        .map(|one| format!("{} {}", one.number, show::money(one.total.as_ref())));
    let points = account.contracts.iter().map(|one| format!("{} {}", one.metering_point_id, one.contract_id));
    let joined = |parts: Vec<String>| parts.join("; ");
    let (balances, invoices, points) =
        (joined(balances.collect()), joined(invoices.collect()), joined(points.collect()));
    let columns = &["account", "name", "address", "email", "category", "contracts", "balances", "invoices"];
    let address = show::address(account.address.as_ref());
    let row = vec![
        account.account_id,
        account.display_name,
        address,
        account.email,
        account.category,
        points,
        balances,
        invoices,
    ];
    Ok(Sheet::one(columns, row))
}

async fn product(client: &Client, id: &str, day: Option<Day>) -> Result<Sheet, Failure> {
    let day = day.map(|day| (&day).into());
    let message = GetProductRequest { name: name::PRODUCT.name([client.tenant(), id]), day };
    let product = ask(message, async |request| client.catalog().get_product(request).await).await;
    let product = Product::try_from(product.map_err(Failure::refused(format!("product {id}")))?)?;
    let rows = product.components.iter().map(|component| {
        vec![
            product.version.to_string(),
            product.valid_from.to_string(),
            component.id.clone(),
            component.name.clone(),
            component.unit.to_string(),
            component.tax_class.name().to_owned(),
            component.display.group.clone(),
        ]
    });
    Ok(Sheet::new(
        &["version", "valid_from", "component", "name", "unit", "tax_class", "group"],
        &["version"],
    )
    .with(rows))
}

async fn document(client: &Client, key: &str) -> Result<Sheet, Failure> {
    let message = GetDocumentRequest { name: name::DOCUMENT.name([client.tenant(), key]) };
    let document = ask(message, async |request| client.metering().get_document(request).await).await;
    let document: Document = document.map_err(Failure::refused(format!("document {key}")))?;
    let received = show::time(document.received_time.as_ref());
    let created = show::time(document.header.as_ref().and_then(|header| header.created_time.as_ref()));
    let rows = document.series.iter().map(|series| {
        vec![
            series.series_id.clone(),
            show::word(series.state().as_str_name(), "SERIES_STATE_"),
            series.stored_days.to_string(),
            series.unchanged_days.to_string(),
            series.reason.as_ref().map(|reason| reason.text.clone()).unwrap_or_default(),
            created.clone(),
            received.clone(),
        ]
    });
    let columns = &["series", "state", "stored_days", "unchanged_days", "reason", "created", "received"];
    Ok(Sheet::new(columns, &["stored_days", "unchanged_days"]).with(rows.collect::<Vec<_>>()))
}

async fn settings(client: &Client) -> Result<Sheet, Failure> {
    let message = GetTenantSettingsRequest { name: name::SETTINGS.name([client.tenant()]) };
    let settings = ask(message, async |request| client.catalog().get_tenant_settings(request).await).await;
    let settings = settings.map_err(Failure::refused(format!("settings of tenant {}", client.tenant())))?;
    let policy = show::word(settings.check_digit_policy().as_str_name(), "CHECK_DIGIT_POLICY_");
    let columns = &[
        "seller_name",
        "address",
        "vat_id",
        "iban",
        "contact",
        "currency",
        "zone",
        "payment_days",
        "invoice_number_prefix",
        "check_digits",
    ];
    let address = show::address(settings.seller_address.as_ref());
    let row = vec![
        settings.seller_name,
        address,
        settings.vat_id,
        settings.iban,
        settings.contact,
        settings.currency_code,
        settings.zone,
        settings.payment_days.to_string(),
        settings.invoice_number_prefix,
        policy.to_lowercase(),
    ];
    Ok(Sheet::one(columns, row))
}

async fn node(client: &Client) -> Result<Sheet, Failure> {
    let node = ask(GetNodeRequest {}, async |request| client.admin().get_node(request).await).await;
    let node = node.map_err(Failure::refused("node"))?;
    let columns = &[
        "version",
        "started",
        "store",
        "shards",
        "owned_shards",
        "active_entities",
        "outbox",
        "held_channels",
        "parked_entities",
    ];
    let row = vec![
        node.version.clone(),
        show::time(node.started_time.as_ref()),
        node.store.clone(),
        node.shard_count.to_string(),
        node.owned_shard_count.to_string(),
        node.active_entity_count.to_string(),
        node.outbox_depth.to_string(),
        node.held_channel_count.to_string(),
        node.parked_entity_count.to_string(),
    ];
    Ok(Sheet::one(columns, row))
}
