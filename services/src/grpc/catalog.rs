//! `kvarter.catalog.v1.CatalogService`: settings, products, tax rates, prices and charges of a tenant.

use std::collections::BTreeMap;

use actors::entity::etag;
use actors::entity::listing::{Listing, by_text};
use actors::shell::Tenant;
use domain::charge::ChargeKey;
use domain::day::Day;
use domain::entity::catalog::{Command, Reply, State, TenantSettings};
use domain::entity::{Recipient, Registered};
use domain::product::Product;
use domain::tax::TaxRate;
use proto::catalog as message;
use proto::catalog::catalog_service_server::CatalogService;
use proto::name::{CHARGE, PRODUCT, SETTINGS};
use tonic::{Request, Response, Status};

use super::context::{Context, Manner};
use super::page::{ENTRIES, Paging};
use super::{fields, name, prices, product, status};
use crate::gateway::{Ask, Failure, Gateway, decode};

/// The longest beginning of invoice numbers: with room for the digits behind it.
const MOST_PREFIX_BYTES: usize = 36;

/// The service.
#[derive(Clone)]
pub struct Catalogs {
    gateway: Gateway,
}

impl Catalogs {
    /// The service on the entities of a node.
    #[must_use]
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }
}

#[tonic::async_trait]
impl CatalogService for Catalogs {
    async fn put_tenant_settings(
        &self,
        request: Request<message::PutTenantSettingsRequest>,
    ) -> Result<Response<message::TenantSettings>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let etag = request.settings.as_ref().map(|settings| settings.etag.clone()).unwrap_or_default();
        let settings: TenantSettings = fields::required("settings", request.settings)?;
        let prefix = name::id("settings.invoice_number_prefix", &settings.invoice_prefix)?;
        if prefix.len() > MOST_PREFIX_BYTES {
            return Err(status::invalid_field(
                "settings.invoice_number_prefix",
                "has more than 36 characters",
            ));
        }
        let answer = named_settings(&tenant, &settings);
        let manner =
            Manner { request_id: &request.request_id, validate_only: request.validate_only, etag: &etag };
        let ask = context.write(&tenant, Recipient::Catalog, manner)?;
        self.gateway.ask(ask, &Command::PutSettings(Box::new(settings))).await?;
        Ok(Response::new(answer))
    }

    async fn get_tenant_settings(
        &self,
        request: Request<message::GetTenantSettingsRequest>,
    ) -> Result<Response<message::TenantSettings>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::settings("name", &request.name)?;
        let settings = state(&self.gateway, &context, &tenant).await?.settings;
        let settings = settings.ok_or_else(|| status::not_found("settings", &request.name))?;
        Ok(Response::new(named_settings(&tenant, &settings)))
    }

    async fn create_product(
        &self,
        request: Request<message::CreateProductRequest>,
    ) -> Result<Response<message::Product>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let etag = request.product.as_ref().map(|product| product.etag.clone()).unwrap_or_default();
        let product: Product = fields::required("product", request.product)?;
        product::check_names(&product)?;
        let manner =
            Manner { request_id: &request.request_id, validate_only: request.validate_only, etag: &etag };
        let ask = context.write(&tenant, Recipient::Catalog, manner)?;
        let reply = self.gateway.ask(ask, &Command::PutProduct(product.clone())).await?;
        let Reply::ProductVersion(version) = reply else {
            return Err(status::internal("a product was added and got no version"));
        };
        Ok(Response::new(named_product(&tenant, &Product { version, ..product })))
    }

    async fn get_product(
        &self,
        request: Request<message::GetProductRequest>,
    ) -> Result<Response<message::Product>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&PRODUCT, "name", &request.name)?;
        let day: Option<Day> = fields::optional("day", request.day)?;
        let ask = context.read(&tenant, Recipient::Catalog)?;
        let versions = products(self.gateway.ask(ask, &Command::GetProduct(id)).await?)?;
        let serves = |version: &&Registered<Product>| day.is_none_or(|day| version.fact.valid_from <= day);
        let version = versions.iter().rev().find(serves);
        let version = version.ok_or_else(|| status::not_found("product", &request.name))?;
        Ok(Response::new(named_product(&tenant, &version.fact)))
    }

    async fn list_products(
        &self,
        request: Request<message::ListProductsRequest>,
    ) -> Result<Response<message::ListProductsResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let list = format!("products of {tenant}");
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        // A place is a product's id and a version, so the product of the last entry is read again; every other has at
        // least one version, and one more shows whether there is another page.
        let from = paging.after.as_deref().and_then(id_of).map(by_text).map(|order| order.to_vec());
        let range = (from, paging.size.saturating_add(2));
        let known = self.gateway.list(&tenant, Listing::Products, &[], range).await?;
        let asks = asks(&context, &tenant, &known.rows, |row| {
            let id =
                String::from_utf8(row.to_vec()).map_err(|error| Failure::Unreadable(error.to_string()))?;
            Ok(Command::GetProduct(id))
        })?;
        let mut placed = Vec::new();
        for reply in self.gateway.ask_each(asks).await {
            for version in products(reply?)? {
                let place = place_of(&version.fact.id, version.fact.version);
                placed.push((place, named_product(&tenant, &version.fact)));
            }
        }
        let (products, next_page_token) = paging.cut(placed);
        Ok(Response::new(message::ListProductsResponse { products, next_page_token }))
    }

    async fn put_tax_rates(
        &self,
        request: Request<message::PutTaxRatesRequest>,
    ) -> Result<Response<message::PutTaxRatesResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        if request.tax_rates.is_empty() {
            return Err(status::invalid_field("tax_rates", "is empty"));
        }
        for (index, rate) in request.tax_rates.iter().enumerate() {
            name::id(&format!("tax_rates[{index}].tax_class"), &rate.tax_class)?;
        }
        let rates: Vec<TaxRate> = fields::each("tax_rates", request.tax_rates)?;
        let manner = Manner {
            request_id: &request.request_id,
            validate_only: request.validate_only,
            ..Manner::default()
        };
        let ask = context.write(&tenant, Recipient::Catalog, manner)?;
        let Reply::State(state) = self.gateway.ask(ask, &Command::PutTaxRates(rates)).await? else {
            return Err(status::internal("tax rates were put and not answered"));
        };
        let tax_rates = counting(&state).into_iter().map(message::TaxRate::from).collect();
        Ok(Response::new(message::PutTaxRatesResponse { tax_rates }))
    }

    async fn list_tax_rates(
        &self,
        request: Request<message::ListTaxRatesRequest>,
    ) -> Result<Response<message::ListTaxRatesResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let list = format!("tax rates of {tenant}");
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let state = state(&self.gateway, &context, &tenant).await?;
        let rates = counting(&state);
        let placed = (0_u64..).zip(rates).map(|(place, rate)| (place.to_be_bytes().to_vec(), rate.into()));
        let (tax_rates, next_page_token) = paging.cut(placed);
        Ok(Response::new(message::ListTaxRatesResponse { tax_rates, next_page_token }))
    }

    async fn put_prices(
        &self,
        request: Request<message::PutPricesRequest>,
    ) -> Result<Response<message::PutPricesResponse>, Status> {
        let (context, request) = Context::open(request)?;
        prices::put(&self.gateway, &context, request).await.map(Response::new)
    }

    async fn list_price_months(
        &self,
        request: Request<message::ListPriceMonthsRequest>,
    ) -> Result<Response<message::ListPriceMonthsResponse>, Status> {
        let (context, request) = Context::open(request)?;
        prices::list(&self.gateway, &context, request).await.map(Response::new)
    }

    async fn list_charges(
        &self,
        request: Request<message::ListChargesRequest>,
    ) -> Result<Response<message::ListChargesResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let list = format!("charges of {tenant}");
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let entries = self.gateway.list(&tenant, Listing::Charges, &[], paging.range()).await?;
        let asks = asks(&context, &tenant, &entries.rows, |row| {
            let key = ChargeKey::try_from(decode::<message::ChargeKey>(row)?);
            Ok(Command::GetCharge(key.map_err(|error| Failure::Unreadable(error.to_string()))?))
        })?;
        let mut charges = Vec::new();
        for reply in self.gateway.ask_each(asks).await {
            let Reply::Charges(known) = reply? else {
                return Err(status::internal("a charge was asked for and not given"));
            };
            charges.extend(known.iter().map(|one| message::Charge {
                name: CHARGE.name([tenant.as_str(), &one.fact.key.to_string()]),
                ..message::Charge::from(&one.fact)
            }));
        }
        let next_page_token = paging.next(&entries);
        Ok(Response::new(message::ListChargesResponse { charges, next_page_token }))
    }
}

/// What a catalogue remembers beside its rows.
pub(super) async fn state(
    gateway: &Gateway,
    context: &Context,
    tenant: &Tenant,
) -> Result<Box<State>, Status> {
    let ask = context.read(tenant, Recipient::Catalog)?;
    match gateway.ask(ask, &Command::Get).await? {
        Reply::State(state) => Ok(state),
        _ => Err(status::internal("the state of a catalogue was asked for and not given")),
    }
}

/// The rates that count. Of two for a class and day that is the one registered later.
fn counting(state: &State) -> Vec<&TaxRate> {
    let rates = state.taxes.iter().map(|rate| ((rate.fact.class.clone(), rate.fact.valid_from), &rate.fact));
    rates.collect::<BTreeMap<_, _>>().into_values().collect()
}

/// The place of a version among versions of products and the like: its id and its number.
pub(super) fn place_of(id: &str, version: u32) -> Vec<u8> {
    [id.as_bytes(), &[0], &version.to_be_bytes()].concat()
}

/// The id in such a place.
fn id_of(place: &[u8]) -> Option<&str> {
    let id = place.split(|byte| *byte == 0).next()?;
    std::str::from_utf8(id).ok()
}

/// The ids from whose versions a page is made: enough to begin in the middle of one and to know whether there are more.
pub(super) async fn ids_of(
    gateway: &Gateway,
    tenant: &Tenant,
    listing: Listing,
    paging: &Paging,
) -> Result<Vec<String>, Status> {
    let from = paging.after.as_deref().and_then(id_of).map(by_text);
    let range = (from.map(|order| order.to_vec()), paging.size.saturating_add(2));
    let known = gateway.list(tenant, listing, &[], range).await?;
    Ok(known.rows.iter().map(|row| String::from_utf8_lossy(&row.value).into_owned()).collect())
}

/// One question to the catalogue per entry of a listing.
fn asks(
    context: &Context,
    tenant: &Tenant,
    rows: &[actors::shell::IndexRow],
    question: impl Fn(&[u8]) -> Result<Command, Failure>,
) -> Result<Vec<(Ask, Command)>, Status> {
    let asks = rows.iter().map(|row| {
        let command = question(&row.value)?;
        Ok((context.read(tenant, Recipient::Catalog)?, command))
    });
    asks.collect()
}

fn products(reply: Reply) -> Result<Vec<Registered<Product>>, Status> {
    match reply {
        Reply::Products(products) => Ok(products),
        _ => Err(status::internal("a product was asked for and not given")),
    }
}

fn named_settings(tenant: &Tenant, settings: &TenantSettings) -> message::TenantSettings {
    let settings = message::TenantSettings::from(settings);
    let etag = etag(&settings);
    message::TenantSettings { name: SETTINGS.name([tenant.as_str()]), etag, ..settings }
}

fn named_product(tenant: &Tenant, product: &Product) -> message::Product {
    let name = PRODUCT.name([tenant.as_str(), &product.id]);
    let product = message::Product::from(product);
    message::Product { name, etag: etag(&product), ..product }
}
