//! The story that is told to a node that may be gone at any moment: a supplier bills October 2024.

use std::collections::BTreeMap;

use proto::account::CreateAccountRequest;
use proto::account::account_service_client::AccountServiceClient;
use proto::catalog::catalog_service_client::CatalogServiceClient;
use proto::catalog::{CreateProductRequest, PutTaxRatesRequest, PutTenantSettingsRequest};
use proto::invoicing::invoicing_service_client::InvoicingServiceClient;
use proto::invoicing::{
    ApproveInvoiceRunRequest, CreateInvoiceRunRequest, GetInvoiceRunRequest, InvoiceFormat, InvoiceRun,
    InvoiceRunStage, ListInvoicesRequest, RenderInvoiceRequest,
};
use proto::metering::metering_service_client::MeteringServiceClient;
use proto::metering::{CreateContractRequest, CreateMeteringPointRequest, ImportDocumentRequest};
use tonic::Status;
use tonic::transport::Channel;

use crate::grpc::world::request_id;
use crate::grpc::{documents, supplier};

/// Whoever asks again until there is an answer. A repeat is safe: every request has an id or a natural key.
pub(crate) trait Patient {
    /// Asks until there is an answer, from whomever.
    async fn ask<T>(&self, request: impl AsyncFnMut(Channel) -> Result<T, Status>) -> T;
}

/// Issued invoices by number, in the universal JSON form.
pub(crate) type Invoices = BTreeMap<String, Vec<u8>>;

/// Accounts with the points they pay for.
pub(crate) const CUSTOMERS: [(&str, &str); 5] = [
    ("anna", "571313180000000005"),
    ("bert", "571313180000000012"),
    ("carl", "571313180000000029"),
    ("dora", "571313180000000036"),
    ("emil", "571313180000000043"),
];

/// Bills the month and gives the invoices by number.
pub(crate) async fn month(asked: &impl Patient) -> Invoices {
    set_up(asked).await;
    let [anna, bert, carl, dora, emil] = CUSTOMERS.map(|(account, point)| customer(asked, account, point));
    tokio::join!(anna, bert, carl, dora, emil);
    let previewed = create_run(asked).await;
    approve(asked, previewed).await;
    invoices(asked).await
}

async fn set_up(asked: &impl Patient) {
    let parent = supplier::TENANT.to_owned();
    let (settings, request) = (Some(supplier::settings()), request_id());
    let put = PutTenantSettingsRequest {
        parent: parent.clone(),
        settings,
        request_id: request,
        ..Default::default()
    };
    asked
        .ask(async |channel| CatalogServiceClient::new(channel).put_tenant_settings(put.clone()).await)
        .await;
    let (tax_rates, request) = (vec![supplier::tax_rate()], request_id());
    let put =
        PutTaxRatesRequest { parent: parent.clone(), tax_rates, request_id: request, ..Default::default() };
    asked.ask(async |channel| CatalogServiceClient::new(channel).put_tax_rates(put.clone()).await).await;
    let (product, request) = (Some(supplier::product()), request_id());
    let create = CreateProductRequest { parent, product, request_id: request, ..Default::default() };
    asked.ask(async |channel| CatalogServiceClient::new(channel).create_product(create.clone()).await).await;
}

async fn customer(asked: &impl Patient, account: &str, point: &str) {
    let parent = supplier::TENANT.to_owned();
    let create = CreateAccountRequest {
        parent: parent.clone(),
        account: Some(supplier::account(account)),
        request_id: request_id(),
        ..Default::default()
    };
    asked.ask(async |channel| AccountServiceClient::new(channel).create_account(create.clone()).await).await;
    let create = CreateMeteringPointRequest {
        parent: parent.clone(),
        metering_point: Some(supplier::metering_point(point)),
        request_id: request_id(),
        ..Default::default()
    };
    asked
        .ask(async |channel| MeteringServiceClient::new(channel).create_metering_point(create.clone()).await)
        .await;
    let create = CreateContractRequest {
        parent: supplier::point_name(point),
        contract: Some(supplier::contract("C1", account)),
        request_id: request_id(),
        ..Default::default()
    };
    asked
        .ask(async |channel| MeteringServiceClient::new(channel).create_contract(create.clone()).await)
        .await;
    for (first, hours) in [(0, 360), (360, 385)] {
        let document = String::from_utf8(documents::measured_data(point, first, hours)).unwrap();
        let content = document.replace("\"values\"", &format!("\"values {point} {first}\"")).into();
        let import = ImportDocumentRequest { parent: parent.clone(), content, ..Default::default() };
        asked
            .ask(async |channel| MeteringServiceClient::new(channel).import_document(import.clone()).await)
            .await;
    }
}

async fn create_run(asked: &impl Patient) -> InvoiceRun {
    let run = InvoiceRun {
        invoice_run_id: "october".to_owned(),
        month: Some(supplier::date(2024, 10, 0)),
        issue_date: Some(supplier::date(2024, 11, 5)),
        ..InvoiceRun::default()
    };
    let create = CreateInvoiceRunRequest {
        parent: supplier::TENANT.to_owned(),
        invoice_run: Some(run),
        request_id: request_id(),
        ..Default::default()
    };
    asked
        .ask(async |channel| InvoicingServiceClient::new(channel).create_invoice_run(create.clone()).await)
        .await;
    until(asked, InvoiceRunStage::Previewed).await
}

async fn approve(asked: &impl Patient, previewed: InvoiceRun) {
    let approve = ApproveInvoiceRunRequest {
        name: previewed.name,
        preview_hash: previewed.preview_hash,
        request_id: request_id(),
        ..Default::default()
    };
    asked
        .ask(async |channel| InvoicingServiceClient::new(channel).approve_invoice_run(approve.clone()).await)
        .await;
    until(asked, InvoiceRunStage::Issued).await;
}

async fn until(asked: &impl Patient, stage: InvoiceRunStage) -> InvoiceRun {
    let get = GetInvoiceRunRequest { name: format!("{}/invoiceRuns/october", supplier::TENANT) };
    loop {
        let run = asked
            .ask(async |channel| InvoicingServiceClient::new(channel).get_invoice_run(get.clone()).await)
            .await;
        if run.get_ref().stage() == stage {
            return run.into_inner();
        }
    }
}

pub(crate) async fn invoices(asked: &impl Patient) -> Invoices {
    let parent = format!("{}/invoiceRuns/october", supplier::TENANT);
    let list = ListInvoicesRequest { parent, ..ListInvoicesRequest::default() };
    let listed = asked
        .ask(async |channel| InvoicingServiceClient::new(channel).list_invoices(list.clone()).await)
        .await;
    let mut invoices = BTreeMap::new();
    for invoice in listed.into_inner().invoices {
        let render = RenderInvoiceRequest { name: invoice.name, format: InvoiceFormat::Json.into() };
        let rendered = asked
            .ask(async |channel| InvoicingServiceClient::new(channel).render_invoice(render.clone()).await)
            .await;
        invoices.insert(invoice.number, rendered.into_inner().content);
    }
    invoices
}
