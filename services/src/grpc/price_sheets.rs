//! `kvarter.roaming.v1.PriceSheetService`: OCPI tariffs in the catalogue.

use actors::entity::listing::Listing;
use actors::shell::Tenant;
use domain::entity::catalog::{Command, Reply};
use domain::entity::{Recipient, Registered};
use domain::price_sheet::PriceSheet;
use proto::convert::timestamp;
use proto::name::PRICE_SHEET;
use proto::roaming as message;
use proto::roaming::price_sheet_service_server::PriceSheetService;
use tonic::{Request, Response, Status};

use super::context::{Context, Manner};
use super::page::{ENTRIES, Paging};
use super::{catalog, name, status};
use crate::gateway::Gateway;
use crate::ocpi;

/// The service.
#[derive(Clone)]
pub struct PriceSheets {
    gateway: Gateway,
}

impl PriceSheets {
    /// The service on the entities of a node.
    #[must_use]
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    async fn versions(
        &self,
        context: &Context,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Vec<message::PriceSheet>, Status> {
        let ask = context.read(tenant, Recipient::Catalog)?;
        let reply = self.gateway.ask(ask, &Command::GetPriceSheet(id.to_owned())).await?;
        Ok(named_versions(tenant, id, reply)?.collect())
    }
}

#[tonic::async_trait]
impl PriceSheetService for PriceSheets {
    async fn create_price_sheet(
        &self,
        request: Request<message::CreatePriceSheetRequest>,
    ) -> Result<Response<message::PriceSheet>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let sheet = read_tariff(&request.tariff)?;
        let id = if request.price_sheet_id.is_empty() { &sheet.id } else { &request.price_sheet_id };
        let id = name::id("price_sheet_id", id)?.to_owned();
        let validate_only = request.validate_only;
        let manner = Manner { request_id: &request.request_id, validate_only, ..Manner::default() };
        let ask = context.write(&tenant, Recipient::Catalog, manner)?;
        let command = Command::PutPriceSheet { id: id.clone(), sheet: Box::new(sheet.clone()) };
        let Reply::PriceSheetVersion(version) = self.gateway.ask(ask, &command).await? else {
            return Err(status::internal("a price sheet was added and got no version"));
        };
        if validate_only {
            return Ok(Response::new(named(&tenant, &id, version, &sheet)));
        }
        let held = self.versions(&context, &tenant, &id).await?;
        let stored = held.into_iter().find(|held| held.version == version);
        stored.map(Response::new).ok_or_else(|| status::internal("a price sheet was added and is not there"))
    }

    async fn get_price_sheet(
        &self,
        request: Request<message::GetPriceSheetRequest>,
    ) -> Result<Response<message::PriceSheet>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = name::resource(&PRICE_SHEET, "name", &request.name)?;
        let latest = self.versions(&context, &tenant, &id).await?.pop();
        latest.map(Response::new).ok_or_else(|| status::not_found("price sheet", &request.name))
    }

    async fn list_price_sheets(
        &self,
        request: Request<message::ListPriceSheetsRequest>,
    ) -> Result<Response<message::ListPriceSheetsResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let list = format!("price sheets of {tenant}");
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let mut placed = Vec::new();
        for id in catalog::ids_of(&self.gateway, &tenant, Listing::PriceSheets, &paging).await? {
            for version in self.versions(&context, &tenant, &id).await? {
                placed.push((catalog::place_of(&id, version.version), version));
            }
        }
        let (price_sheets, next_page_token) = paging.cut(placed);
        Ok(Response::new(message::ListPriceSheetsResponse { price_sheets, next_page_token }))
    }
}

/// The one tariff of a document.
fn read_tariff(bytes: &[u8]) -> Result<PriceSheet, Status> {
    if bytes.is_empty() {
        return Err(status::missing("tariff"));
    }
    let text = str::from_utf8(bytes).map_err(|_| status::invalid_field("tariff", "is no UTF-8"))?;
    let sheets = ocpi::read_tariffs(text);
    let mut sheets = sheets.map_err(|error| status::invalid_field("tariff", &error.to_string()))?;
    match (sheets.pop(), sheets.is_empty()) {
        (Some(sheet), true) => Ok(sheet),
        _ => Err(status::invalid_field("tariff", "is not exactly one tariff")),
    }
}

fn named_versions(
    tenant: &Tenant,
    id: &str,
    reply: Reply,
) -> Result<impl Iterator<Item = message::PriceSheet>, Status> {
    let Reply::PriceSheets(versions) = reply else {
        return Err(status::internal("a price sheet was asked for and not given"));
    };
    let named = move |(version, sheet): (u32, Registered<PriceSheet>)| message::PriceSheet {
        registered_time: Some(timestamp(sheet.at)),
        ..named(tenant, id, version, &sheet.fact)
    };
    Ok((1..).zip(versions).map(named))
}

fn named(tenant: &Tenant, id: &str, version: u32, sheet: &PriceSheet) -> message::PriceSheet {
    message::PriceSheet {
        name: PRICE_SHEET.name([tenant.as_str(), id]),
        price_sheet_id: id.to_owned(),
        version,
        ..message::PriceSheet::from(sheet)
    }
}
