//! `kvarter list`: what a tenant has.

use clap::{Args, Subcommand};
use domain::charge::Charge;
use domain::entity::metering_point::PointDetails;
use domain::price_series::{PriceMonth, SeriesId};
use domain::product::Product;
use domain::tax::TaxRate;
use proto::account::{Account, ListAccountsRequest};
use proto::catalog::{
    ListChargesRequest, ListPriceMonthsRequest, ListProductsRequest, ListTaxRatesRequest, PriceSeriesKey,
};
use proto::invoicing::{InvoiceSummary, ListInvoicesRequest};
use proto::metering::{Document, ListDocumentsRequest, ListMeteringPointsRequest, MeteringPoint};
use proto::name;

use super::asking::Asking;
use super::client::{Client, ask, every_page};
use super::failure::Failure;
use super::sheet::{Sheet, remark};
use super::{admin, events, get, show, token};

/// How many entries are asked for at a time.
const PAGE: i32 = 1_000;

/// What `kvarter list` is told.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  kvarter list points --tenant example\n  kvarter list invoices --run 2024-10 --output csv \
                  --tenant example\n\nExit codes: 0 done; 1 the node refused; 2 the command is wrong."
)]
pub struct ListArguments {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// Metering points
    Points,
    /// Accounts
    Accounts,
    /// Versions of products
    Products,
    /// What is known of charges
    Charges,
    /// Rates of value added tax
    TaxRates,
    /// Versions of the months of an index's prices
    Prices {
        /// The name of the index
        #[arg(long)]
        index: String,
    },
    /// Received market documents, in order of receipt
    Documents,
    /// Issued invoices
    Invoices {
        /// Those of a run
        #[arg(long, required_unless_present = "account", conflicts_with = "account")]
        run: Option<String>,
        /// Those of an account
        #[arg(long)]
        account: Option<String>,
    },
    /// What an account or a metering point has claimed
    Tokens(token::OwnerArguments),
    /// What accounts told whoever listens
    Events(events::EventArguments),
    /// What was set aside because it broke
    Parked,
}

/// Lists things and prints them.
pub(super) async fn run(arguments: &ListArguments) -> Result<(), Failure> {
    let client = arguments.asking.client().await?;
    let sheet = match &arguments.what {
        What::Points => points(&client).await?,
        What::Accounts => accounts(&client).await?,
        What::Products => products(&client).await?,
        What::Charges => charges(&client).await?,
        What::TaxRates => tax_rates(&client).await?,
        What::Prices { index } => prices(&client, index).await?,
        What::Documents => documents(&client).await?,
        What::Tokens(owner) => token::list(&client, owner).await?,
        What::Events(of) => events::list(&client, of).await?,
        What::Parked => admin::parked(&client).await?,
        What::Invoices { run, account } => {
            let parent = match (run, account) {
                (Some(run), _) => name::INVOICE_RUN.name([client.tenant(), run]),
                (None, account) => {
                    name::ACCOUNT.name([client.tenant(), account.as_deref().unwrap_or_default()])
                }
            };
            invoices_sheet(&invoices(&client, &parent).await?)
        }
    };
    sheet.print(arguments.asking.output)
}

/// Says on standard error what a list leaves out.
fn tell_unreachable(names: &[String]) {
    for name in names {
        remark(&format!("{name} is set aside and can't be read; `kvarter list parked` says why"));
    }
}

async fn points(client: &Client) -> Result<Sheet, Failure> {
    let parent = client.parent();
    let points: Vec<MeteringPoint> = every_page(async |page_token| {
        let message = ListMeteringPointsRequest { parent: parent.clone(), page_size: PAGE, page_token };
        let page = ask(message, async |request| client.metering().list_metering_points(request).await).await;
        let page = page.map_err(Failure::refused("metering points"))?;
        tell_unreachable(&page.unreachable);
        Ok((page.metering_points, page.next_page_token))
    })
    .await?;
    let row = |point: MeteringPoint| {
        let (address, contracts) = (show::address(point.address.as_ref()), point.contracts.len().to_string());
        let details = PointDetails::try_from(point)?;
        Ok(vec![
            details.id.to_string(),
            get::kind(details.kind),
            details.unit.to_string(),
            get::periods(&details),
            contracts,
            address,
        ])
    };
    let rows: Result<Vec<_>, Failure> = points.into_iter().map(row).collect();
    let columns = &["metering_point", "kind", "unit", "periods", "contracts", "address"];
    Ok(Sheet::new(columns, &["contracts"]).with(rows?))
}

async fn accounts(client: &Client) -> Result<Sheet, Failure> {
    let parent = client.parent();
    let accounts: Vec<Account> = every_page(async |page_token| {
        let message = ListAccountsRequest { parent: parent.clone(), page_size: PAGE, page_token };
        let page = ask(message, async |request| client.accounts().list_accounts(request).await).await;
        let page = page.map_err(Failure::refused("accounts"))?;
        tell_unreachable(&page.unreachable);
        Ok((page.accounts, page.next_page_token))
    })
    .await?;
    let rows = accounts.into_iter().map(|account| {
        let address = show::address(account.address.as_ref());
        vec![
            account.account_id,
            account.display_name,
            account.category,
            account.contracts.len().to_string(),
            address,
        ]
    });
    Ok(Sheet::new(&["account", "name", "category", "contracts", "address"], &["contracts"]).with(rows))
}

async fn products(client: &Client) -> Result<Sheet, Failure> {
    let parent = client.parent();
    let products = every_page(async |page_token| {
        let message = ListProductsRequest { parent: parent.clone(), page_size: PAGE, page_token };
        let page = ask(message, async |request| client.catalog().list_products(request).await).await;
        let page = page.map_err(Failure::refused("products"))?;
        Ok((page.products, page.next_page_token))
    });
    let products: Result<Vec<Product>, _> = products.await?.into_iter().map(Product::try_from).collect();
    let rows = products?.into_iter().map(|product| {
        let components: Vec<&str> =
            product.components.iter().map(|component| component.id.as_str()).collect();
        let components = components.join(", ");
        let (version, from) = (product.version.to_string(), product.valid_from.to_string());
        vec![product.id, version, product.name, product.currency.code().to_owned(), from, components]
    });
    let columns = &["product", "version", "name", "currency", "valid_from", "components"];
    Ok(Sheet::new(columns, &["version"]).with(rows))
}

async fn charges(client: &Client) -> Result<Sheet, Failure> {
    let parent = client.parent();
    let charges = every_page(async |page_token| {
        let message = ListChargesRequest { parent: parent.clone(), page_size: PAGE, page_token };
        let page = ask(message, async |request| client.catalog().list_charges(request).await).await;
        let page = page.map_err(Failure::refused("charges"))?;
        Ok((page.charges, page.next_page_token))
    });
    let charges: Result<Vec<Charge>, _> = charges.await?.into_iter().map(Charge::try_from).collect();
    let yes_or_no = |flag: bool| (if flag { "yes" } else { "no" }).to_owned();
    let rows = charges?.into_iter().map(|charge| {
        vec![
            charge.key.code.clone(),
            charge.key.owner.clone(),
            charge.key.kind.word().to_owned(),
            charge.name.clone(),
            charge.resolution.to_string(),
            yes_or_no(charge.has_vat),
            yes_or_no(charge.is_tax),
            charge.period.start().to_string(),
        ]
    });
    Ok(Sheet::new(&["code", "owner", "kind", "name", "resolution", "vat", "tax", "from"], &[]).with(rows))
}

async fn tax_rates(client: &Client) -> Result<Sheet, Failure> {
    let parent = client.parent();
    let rates = every_page(async |page_token| {
        let message = ListTaxRatesRequest { parent: parent.clone(), page_size: PAGE, page_token };
        let page = ask(message, async |request| client.catalog().list_tax_rates(request).await).await;
        let page = page.map_err(Failure::refused("tax rates"))?;
        Ok((page.tax_rates, page.next_page_token))
    });
    let rates: Result<Vec<TaxRate>, _> = rates.await?.into_iter().map(TaxRate::try_from).collect();
    let rows = rates?.into_iter().map(|rate| {
        vec![rate.class.name().to_owned(), rate.valid_from.to_string(), rate.rate.percent_text()]
    });
    Ok(Sheet::new(&["tax_class", "valid_from", "rate_percent"], &["rate_percent"]).with(rows))
}

async fn prices(client: &Client, index: &str) -> Result<Sheet, Failure> {
    let message = ListPriceMonthsRequest {
        parent: client.parent(),
        series: Some(PriceSeriesKey::from(&SeriesId::Index(index.to_owned()))),
        page_size: 100,
        ..ListPriceMonthsRequest::default()
    };
    let months = every_page(async |page_token| {
        let message = ListPriceMonthsRequest { page_token, ..message.clone() };
        let page = ask(message, async |request| client.catalog().list_price_months(request).await).await;
        let page = page.map_err(Failure::refused(format!("prices of {index}")))?;
        Ok((page.price_months, page.next_page_token))
    });
    let months: Result<Vec<PriceMonth>, _> = months.await?.into_iter().map(PriceMonth::try_from).collect();
    let rows = months?.into_iter().map(|month| {
        let priced = month.prices.prices.iter().flatten().count();
        vec![
            month.month.to_string(),
            month.version.to_string(),
            month.created.to_string(),
            month.received.to_string(),
            month.prices.resolution.to_string(),
            priced.to_string(),
            format!("{} per {}", month.currency.code(), month.unit),
            month.source,
        ]
    });
    let columns = &["month", "version", "created", "received", "resolution", "prices", "unit", "source"];
    Ok(Sheet::new(columns, &["version", "prices"]).with(rows))
}

async fn documents(client: &Client) -> Result<Sheet, Failure> {
    let parent = client.parent();
    let documents: Vec<Document> = every_page(async |page_token| {
        let message = ListDocumentsRequest { parent: parent.clone(), page_size: PAGE, page_token };
        let page = ask(message, async |request| client.metering().list_documents(request).await).await;
        let page = page.map_err(Failure::refused("documents"))?;
        tell_unreachable(&page.unreachable);
        Ok((page.documents, page.next_page_token))
    })
    .await?;
    let rows = documents.into_iter().map(|document| {
        let key = name::DOCUMENT.parse(&document.name).map(|[_, key]| key).unwrap_or_default();
        let stage = show::word(document.stage().as_str_name(), "DOCUMENT_STAGE_");
        let received = show::time(document.received_time.as_ref());
        let header = document.header.unwrap_or_default();
        let kind = show::word(header.kind().as_str_name(), "DOCUMENT_KIND_");
        let created = show::time(header.created_time.as_ref());
        vec![
            key,
            header.document_id,
            kind,
            header.process,
            stage,
            document.series.len().to_string(),
            created,
            received,
        ]
    });
    let columns = &["key", "document", "kind", "process", "stage", "series", "created", "received"];
    Ok(Sheet::new(columns, &["series"]).with(rows))
}

/// The issued invoices of a run or an account, by its name.
pub(super) async fn invoices(client: &Client, parent: &str) -> Result<Vec<InvoiceSummary>, Failure> {
    every_page(async |page_token| {
        let message = ListInvoicesRequest { parent: parent.to_owned(), page_size: PAGE, page_token };
        let page = ask(message, async |request| client.invoicing().list_invoices(request).await).await;
        let page = page.map_err(Failure::refused(format!("invoices of {parent}")))?;
        Ok((page.invoices, page.next_page_token))
    })
    .await
}

fn invoices_sheet(invoices: &[InvoiceSummary]) -> Sheet {
    let rows = invoices.iter().map(|invoice| {
        vec![
            invoice.number.clone(),
            invoice.account_id.clone(),
            invoice.invoice_run_id.clone(),
            show::month(invoice.month.as_ref()),
            show::money(invoice.total.as_ref()),
        ]
    });
    Sheet::new(&["number", "account", "run", "month", "total"], &["total"]).with(rows)
}
