//! Requests that are only checked: answered as if they were carried out, and nothing is there afterwards.

use proto::account::{Account, CreateAccountRequest, GetAccountRequest, UpdateAccountRequest};
use proto::admin::UnparkEntityRequest;
use proto::catalog::{
    CreateProductRequest, GetProductRequest, GetTenantSettingsRequest, ListTaxRatesRequest, Product,
    PutTaxRatesRequest, PutTenantSettingsRequest, TaxRate, TenantSettings,
};
use proto::directory::directory_service_client::DirectoryServiceClient;
use proto::directory::{ClaimTokenRequest, ListTokensRequest, ReleaseTokenRequest, Token, TokenState};
use proto::invoicing::{
    ApproveInvoiceRunRequest, CancelInvoiceRunRequest, CreateInvoiceRunRequest, GetInvoiceRunRequest,
    InvoiceRun, InvoiceRunStage,
};
use proto::metering::{
    CreateContractRequest, CreateMeteringPointRequest, EndContractRequest, GetMeteringPointRequest,
    ImportDocumentRequest, ListDayVersionsRequest, ListDocumentsRequest, StreamDaysRequest,
};
use proto::types::{DaySpan, Direction};
use tokio_stream::iter;
use tonic::Code;

use super::supplier::{
    HOURS, POINT, TENANT, account, account_name, chunk, contract, date, metering_point, point_name, product,
    settings, tax_rate,
};
use super::world::{World, reason, request_id, run};

#[test]
fn nothing_is_created_by_a_trial() {
    run(async {
        let mut world = World::new().await;
        let (parent, validate_only) = (TENANT.to_owned(), true);
        let put = PutTenantSettingsRequest {
            parent: parent.clone(),
            settings: Some(settings()),
            validate_only,
            ..Default::default()
        };
        let tried = world.catalog.put_tenant_settings(put.clone()).await.unwrap().into_inner();
        let get = GetTenantSettingsRequest { name: tried.name.clone() };
        assert_eq!(world.catalog.get_tenant_settings(get).await.unwrap_err().code(), Code::NotFound);
        let put = PutTenantSettingsRequest { validate_only: false, ..put };
        assert_eq!(world.catalog.put_tenant_settings(put).await.unwrap().into_inner(), tried);

        let put = PutTaxRatesRequest {
            parent: parent.clone(),
            tax_rates: vec![tax_rate()],
            validate_only,
            ..Default::default()
        };
        assert_eq!(
            world.catalog.put_tax_rates(put.clone()).await.unwrap().into_inner().tax_rates,
            [tax_rate()]
        );
        let list = ListTaxRatesRequest { parent: parent.clone(), ..Default::default() };
        let listed = world.catalog.list_tax_rates(list).await.unwrap().into_inner().tax_rates;
        assert_eq!(listed, [] as [TaxRate; 0]);

        // What refuses it refuses its trial: the class has no rate yet.
        let create = CreateProductRequest {
            parent: parent.clone(),
            product: Some(product()),
            validate_only,
            ..Default::default()
        };
        let refused = world.catalog.create_product(create.clone()).await.unwrap_err();
        assert_eq!(reason(&refused).1, "UNKNOWN_TAX_CLASS");
        let put = PutTaxRatesRequest { validate_only: false, ..put };
        world.catalog.put_tax_rates(put).await.unwrap();
        let tried = world.catalog.create_product(create).await.unwrap().into_inner();
        assert_eq!(tried.version, 1);
        let get = GetProductRequest { name: tried.name, day: None };
        assert_eq!(world.catalog.get_product(get).await.unwrap_err().code(), Code::NotFound);

        let create = CreateAccountRequest {
            parent: parent.clone(),
            account: Some(account("anna")),
            validate_only,
            ..Default::default()
        };
        let tried = world.accounts.create_account(create.clone()).await.unwrap().into_inner();
        let get = GetAccountRequest { name: tried.name.clone() };
        assert_eq!(world.accounts.get_account(get).await.unwrap_err().code(), Code::NotFound);
        let create = CreateAccountRequest { validate_only: false, ..create };
        assert_eq!(world.accounts.create_account(create).await.unwrap().into_inner(), tried);

        let create = CreateMeteringPointRequest {
            parent,
            metering_point: Some(metering_point(POINT)),
            validate_only,
            ..Default::default()
        };
        let tried = world.metering.create_metering_point(create.clone()).await.unwrap().into_inner();
        let get = GetMeteringPointRequest { name: tried.name.clone() };
        assert_eq!(world.metering.get_metering_point(get).await.unwrap_err().code(), Code::NotFound);
        let create = CreateMeteringPointRequest { validate_only: false, ..create };
        assert_eq!(world.metering.create_metering_point(create).await.unwrap().into_inner(), tried);
    });
}

#[test]
fn nothing_is_changed_by_a_trial() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        world.with_customer("anna", POINT).await;
        let validate_only = true;
        let before = world.everything().await;

        let update = UpdateAccountRequest {
            account: Some(Account {
                name: account_name("anna"),
                display_name: "Anna B".to_owned(),
                ..account("anna")
            }),
            validate_only,
            ..Default::default()
        };
        let tried = world.accounts.update_account(update).await.unwrap().into_inner();
        assert_eq!(tried.display_name, "Anna B");
        let name = format!("{}/contracts/C1", point_name(POINT));
        let end_day = Some(date(2024, 6, 1));
        let end = EndContractRequest { name, end_day, validate_only, ..Default::default() };
        let ended = world.metering.end_contract(end).await.unwrap().into_inner();
        assert_eq!((ended.version, ended.span.unwrap().end_day), (2, end_day));
        let create = CreateContractRequest {
            parent: point_name(POINT),
            contract: Some(contract("C2", "anna")),
            validate_only,
            ..Default::default()
        };
        let refused = world.metering.create_contract(create).await.unwrap_err();
        assert_eq!(reason(&refused).1, "CONTRACT_OVERLAPS");
        let newer = Product { valid_from: Some(date(2024, 7, 1)), ..product() };
        let create = CreateProductRequest {
            parent: TENANT.to_owned(),
            product: Some(newer),
            validate_only,
            ..Default::default()
        };
        assert_eq!(world.catalog.create_product(create).await.unwrap().into_inner().version, 2);
        let put = PutTenantSettingsRequest {
            parent: TENANT.to_owned(),
            settings: Some(TenantSettings { payment_days: 30, ..settings() }),
            validate_only,
            ..Default::default()
        };
        assert_eq!(world.catalog.put_tenant_settings(put).await.unwrap().into_inner().payment_days, 30);
        let batch = StreamDaysRequest {
            parent: TENANT.to_owned(),
            batch_number: 1,
            chunks: vec![chunk(POINT, 0, 24), chunk("571313180000000029", 0, 24)],
            validate_only,
        };
        let mut answers = world.metering.stream_days(iter([batch])).await.unwrap().into_inner();
        let answer = answers.message().await.unwrap().unwrap();
        assert_eq!((answer.outcomes[0].stored_days, answer.outcomes[1].refusal.is_some()), (1, true));
        let unpark = UnparkEntityRequest {
            name: format!("{TENANT}/parkedEntities/account.616e6e61"),
            validate_only,
            ..Default::default()
        };
        assert_eq!(world.admin.unpark_entity(unpark).await.unwrap_err().code(), Code::NotFound);

        assert_eq!(world.everything().await, before);
    });
}

#[test]
fn tokens_and_runs_can_be_tried() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        world.with_customer("anna", POINT).await;
        world.stream(vec![chunk(POINT, 0, HOURS)]).await;
        let mut directory = DirectoryServiceClient::new(world.channel.clone());
        let card = Token { token_type: "rfid".to_owned(), value: "04A2".to_owned(), ..Default::default() };
        let claim = ClaimTokenRequest {
            parent: account_name("anna"),
            token: Some(card),
            request_id: request_id(),
            validate_only: true,
        };
        let tried = directory.claim_token(claim.clone()).await.unwrap().into_inner();
        assert_eq!(tried.state(), TokenState::Claiming);
        let list = ListTokensRequest { parent: account_name("anna"), ..Default::default() };
        assert!(directory.list_tokens(list.clone()).await.unwrap().into_inner().tokens.is_empty());
        // The id of a trial is not remembered: it may serve the request itself.
        let claim = ClaimTokenRequest { validate_only: false, ..claim };
        let held = directory.claim_token(claim).await.unwrap().into_inner();
        assert_eq!(held.state(), TokenState::Held);
        let release =
            ReleaseTokenRequest { name: held.name.clone(), validate_only: true, ..Default::default() };
        assert_eq!(
            directory.release_token(release).await.unwrap().into_inner().state(),
            TokenState::Releasing
        );
        assert_eq!(directory.list_tokens(list).await.unwrap().into_inner().tokens, [held]);

        let october = InvoiceRun {
            invoice_run_id: "october".to_owned(),
            month: Some(date(2024, 10, 0)),
            issue_date: Some(date(2024, 11, 5)),
            ..Default::default()
        };
        let create = CreateInvoiceRunRequest {
            parent: TENANT.to_owned(),
            invoice_run: Some(october),
            validate_only: true,
            ..Default::default()
        };
        let tried = world.invoicing.create_invoice_run(create).await.unwrap().into_inner();
        assert_eq!(tried.stage(), InvoiceRunStage::Closing);
        let get = GetInvoiceRunRequest { name: tried.name.clone() };
        assert_eq!(world.invoicing.get_invoice_run(get.clone()).await.unwrap_err().code(), Code::NotFound);
        let previewed = world.run_to_preview("october").await;
        let (name, preview_hash) = (previewed.name.clone(), previewed.preview_hash.clone());
        let approve = ApproveInvoiceRunRequest {
            name: name.clone(),
            preview_hash,
            validate_only: true,
            ..Default::default()
        };
        let tried = world.invoicing.approve_invoice_run(approve).await.unwrap().into_inner();
        assert_eq!(tried.stage(), InvoiceRunStage::Approved);
        let cancel = CancelInvoiceRunRequest { name, validate_only: true, ..Default::default() };
        let tried = world.invoicing.cancel_invoice_run(cancel).await.unwrap().into_inner();
        assert_eq!(tried.stage(), InvoiceRunStage::Cancelled);
        assert_eq!(world.invoicing.get_invoice_run(get).await.unwrap().into_inner(), previewed);
        world.approve(&previewed).await;
    });
}

#[test]
fn a_document_can_be_tried() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        let content = std::fs::read("tests/data/cim/valid_RSM-012.cim.json").unwrap();
        let import = ImportDocumentRequest { parent: TENANT.to_owned(), content, validate_only: true };
        let tried = world.metering.import_document(import).await.unwrap().into_inner();
        assert!(!tried.series.is_empty());
        let list = ListDocumentsRequest { parent: TENANT.to_owned(), ..Default::default() };
        assert!(world.metering.list_documents(list).await.unwrap().into_inner().documents.is_empty());
    });
}

impl World {
    /// What a client sees of the tenant.
    async fn everything(&mut self) -> String {
        let get = GetAccountRequest { name: account_name("anna") };
        let account = self.accounts.get_account(get).await.unwrap().into_inner();
        let get = GetMeteringPointRequest { name: point_name(POINT) };
        let point = self.metering.get_metering_point(get).await.unwrap().into_inner();
        let get = GetTenantSettingsRequest { name: format!("{TENANT}/settings") };
        let settings = self.catalog.get_tenant_settings(get).await.unwrap().into_inner();
        let get = GetProductRequest { name: format!("{TENANT}/products/basic"), day: None };
        let product = self.catalog.get_product(get).await.unwrap().into_inner();
        let span = DaySpan { first_day: Some(date(2024, 10, 1)), end_day: Some(date(2024, 11, 1)) };
        let days = ListDayVersionsRequest {
            parent: point_name(POINT),
            direction: Direction::Consumption.into(),
            span: Some(span),
            ..Default::default()
        };
        let days = self.metering.list_day_versions(days).await.unwrap().into_inner();
        format!("{account:?} {point:?} {settings:?} {product:?} {days:?}")
    }
}
