//! What is refused, with which code, reason and field.

use proto::account::{Account, CreateAccountRequest, GetAccountRequest, ListOpenLinesRequest};
use proto::admin::{GetTrialBalanceRequest, UnparkEntityRequest};
use proto::catalog::component::Price;
use proto::catalog::{
    Component, CreateProductRequest, GetProductRequest, GetTenantSettingsRequest, ListPriceMonthsRequest,
    Product, PutPricesRequest, PutTaxRatesRequest, PutTenantSettingsRequest, TaxRate, TenantSettings,
};
use proto::invoicing::{
    ApproveInvoiceRunRequest, CancelInvoiceRunRequest, CreateInvoiceRunRequest, GetInvoiceRequest,
    GetInvoiceRunRequest, InvoiceRun, InvoiceRunStage, ListInvoicesRequest, ListNotReadyRequest,
    RenderInvoiceRequest,
};
use proto::metering::{
    Contract, CreateContractRequest, CreateMeteringPointRequest, EndContractRequest, GetDocumentRequest,
    GetMeteringPointRequest, ListDayVersionsRequest, MeteringPoint, Payer, RateMeteringPointRequest,
};
use proto::types::DaySpan;
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

use super::supplier::{
    POINT, TENANT, account, account_name, contract, date, metering_point, point_name, product, settings,
};
use super::world::{World, fact, field, reason, run};

const UNKNOWN: &str = "571313180000000029";

/// The first component of the product that others are sold.
fn component() -> Component {
    product().components.swap_remove(0)
}

/// A refusal with this code and reason.
fn check<T: std::fmt::Debug>(answer: Result<Response<T>, Status>, code: Code, expected: &str) {
    let refused = answer.unwrap_err();
    assert_eq!(reason(&refused), (code, expected.to_owned()), "{refused:?}");
}

/// A refusal that names this field.
fn check_field<T: std::fmt::Debug>(answer: Result<Response<T>, Status>, expected: &str) {
    let refused = answer.unwrap_err();
    assert_eq!(
        (refused.code(), field(&refused)),
        (Code::InvalidArgument, expected.to_owned()),
        "{refused:?}"
    );
}

#[test]
fn what_is_not_there_is_not_found() {
    run(async {
        let World { mut metering, mut accounts, mut catalog, mut invoicing, mut admin, node: _node, .. } =
            World::new().await;
        let not_found = Code::NotFound;
        let point = point_name(UNKNOWN);
        let name = point.clone();
        let get = GetMeteringPointRequest { name: name.clone() };
        check(metering.get_metering_point(get).await, not_found, "UNKNOWN_METERING_POINT");
        let rate = RateMeteringPointRequest { name, month: Some(date(2024, 10, 0)), as_of_time: None };
        check(metering.rate_metering_point(rate).await, not_found, "UNKNOWN_METERING_POINT");
        let add = CreateContractRequest {
            parent: point.clone(),
            contract: Some(contract("C1", "anna")),
            ..Default::default()
        };
        check(metering.create_contract(add).await, not_found, "UNKNOWN_METERING_POINT");
        let end = EndContractRequest {
            name: format!("{point}/contracts/C1"),
            end_day: Some(date(2024, 10, 1)),
            ..Default::default()
        };
        check(metering.end_contract(end).await, not_found, "UNKNOWN_METERING_POINT");
        let get = GetDocumentRequest { name: format!("{TENANT}/documents/a.b") };
        check(metering.get_document(get).await, not_found, "UNKNOWN_DOCUMENT");
        let get = GetAccountRequest { name: account_name("nobody") };
        check(accounts.get_account(get).await, not_found, "UNKNOWN_ACCOUNT");
        let list = ListOpenLinesRequest { parent: account_name("nobody"), ..Default::default() };
        check(accounts.list_open_lines(list).await, not_found, "UNKNOWN_ACCOUNT");
        let get = GetProductRequest { name: format!("{TENANT}/products/none"), day: None };
        check(catalog.get_product(get).await, not_found, "NOT_FOUND");
        let get = GetTenantSettingsRequest { name: format!("{TENANT}/settings") };
        check(catalog.get_tenant_settings(get).await, not_found, "NOT_FOUND");
        let name = format!("{TENANT}/invoiceRuns/none");
        let get = GetInvoiceRunRequest { name: name.clone() };
        check(invoicing.get_invoice_run(get).await, not_found, "UNKNOWN_RUN");
        let list = ListNotReadyRequest { parent: name.clone(), ..Default::default() };
        check(invoicing.list_not_ready(list).await, not_found, "UNKNOWN_RUN");
        let approve =
            ApproveInvoiceRunRequest { name: name.clone(), preview_hash: vec![0; 32], ..Default::default() };
        check(invoicing.approve_invoice_run(approve).await, not_found, "UNKNOWN_RUN");
        let cancel = CancelInvoiceRunRequest { name, ..Default::default() };
        check(invoicing.cancel_invoice_run(cancel).await, not_found, "UNKNOWN_RUN");
        let name = format!("{TENANT}/invoices/L24-000001");
        let get = GetInvoiceRequest { name: name.clone() };
        check(invoicing.get_invoice(get).await, not_found, "NOT_FOUND");
        let render = RenderInvoiceRequest { name, format: 1 };
        check(invoicing.render_invoice(render).await, not_found, "NOT_FOUND");
        let name = format!("{TENANT}/parkedEntities/account.61");
        let unpark = UnparkEntityRequest { name, ..Default::default() };
        check(admin.unpark_entity(unpark).await, not_found, "NOT_FOUND");
        let balance = GetTrialBalanceRequest { parent: TENANT.to_owned() };
        let balance = admin.get_trial_balance(balance).await.unwrap().into_inner();
        assert!(balance.rows.is_empty() && balance.totals.is_empty());
    });
}

#[test]
fn fields_that_say_what_can_t_be_are_named() {
    run(async {
        let World { mut metering, mut accounts, mut catalog, mut invoicing, mut admin, node: _node, .. } =
            World::new().await;
        let parent = || TENANT.to_owned();
        for broken in ["", "tenants", "tenants/", "tenants/Light", "light", "tenants/a/b"] {
            let create = CreateAccountRequest {
                parent: broken.to_owned(),
                account: Some(account("anna")),
                ..Default::default()
            };
            check_field(accounts.create_account(create).await, "parent");
        }
        let create = |account: Option<Account>| CreateAccountRequest {
            parent: parent(),
            account,
            ..Default::default()
        };
        check_field(accounts.create_account(create(None)).await, "account");
        for id in ["", "a\nb", &"x".repeat(57)] {
            check_field(accounts.create_account(create(Some(account(id)))).await, "account.account_id");
        }
        let wordy = Account { display_name: "x".repeat(100_000), ..account("anna") };
        let wordy = accounts.create_account(create(Some(wordy))).await;
        check(wordy, Code::InvalidArgument, "TOO_LARGE");
        let homeless = Account { address: None, ..account("anna") };
        check_field(accounts.create_account(create(Some(homeless))).await, "account.address");

        let create = |point: MeteringPoint| CreateMeteringPointRequest {
            parent: parent(),
            metering_point: Some(point),
            ..Default::default()
        };
        let zoneless = MeteringPoint { zone: "Europe/Nowhere".to_owned(), ..metering_point(POINT) };
        check_field(metering.create_metering_point(create(zoneless)).await, "metering_point.zone");
        // Eighteen zeros stand for charging sessions.
        for id in ["57", "000000000000000000"] {
            let named = metering.create_metering_point(create(metering_point(id))).await;
            check_field(named, "metering_point.metering_point_id");
        }
        let mut endless = metering_point(POINT);
        endless.periods[0].span = Some(DaySpan { first_day: Some(date(2024, 2, 30)), end_day: None });
        let expected = "metering_point.periods[0].span.first_day";
        check_field(metering.create_metering_point(create(endless)).await, expected);
        let get = GetMeteringPointRequest { name: format!("{TENANT}/meteringPoints/57") };
        check_field(metering.get_metering_point(get).await, "name");
        let nameless = Payer { account_id: String::new(), share_basis_points: 10_000 };
        let add = CreateContractRequest {
            parent: point_name(POINT),
            contract: Some(Contract { payers: vec![nameless], ..contract("C1", "") }),
            ..Default::default()
        };
        check_field(metering.create_contract(add.clone()).await, "contract.payers[0].account_id");
        // Each payer is told by a message with the contract in it: so many would be gigabytes.
        let payer = |index| Payer { account_id: format!("{index}"), share_basis_points: 1 };
        let payers = (0..10_000).map(payer).collect();
        let add = CreateContractRequest { contract: Some(Contract { payers, ..contract("C1", "") }), ..add };
        check_field(metering.create_contract(add).await, "contract.payers");
        let days = ListDayVersionsRequest {
            parent: point_name(POINT),
            direction: 1,
            span: Some(DaySpan { first_day: Some(date(2024, 1, 1)), end_day: None }),
            ..Default::default()
        };
        check_field(metering.list_day_versions(days.clone()).await, "span");
        let days = ListDayVersionsRequest { direction: 0, ..days };
        check_field(metering.list_day_versions(days).await, "direction");
        let rate = RateMeteringPointRequest {
            name: point_name(POINT),
            month: Some(date(2024, 10, 1)),
            as_of_time: None,
        };
        check_field(metering.rate_metering_point(rate).await, "month");

        let put = |settings: TenantSettings| PutTenantSettingsRequest {
            parent: parent(),
            settings: Some(settings),
            ..Default::default()
        };
        let other = TenantSettings { currency_code: "XXX".to_owned(), ..settings() };
        check_field(catalog.put_tenant_settings(put(other)).await, "settings.currency_code");
        for prefix in ["", &"x".repeat(37)] {
            let other = TenantSettings { invoice_number_prefix: prefix.to_owned(), ..settings() };
            check_field(catalog.put_tenant_settings(put(other)).await, "settings.invoice_number_prefix");
        }
        let put = PutTaxRatesRequest { parent: parent(), ..Default::default() };
        check_field(catalog.put_tax_rates(put.clone()).await, "tax_rates");
        let nameless = TaxRate { valid_from: Some(date(2024, 1, 1)), ..TaxRate::default() };
        let put = PutTaxRatesRequest { tax_rates: vec![nameless], ..put };
        check_field(catalog.put_tax_rates(put).await, "tax_rates[0].tax_class");
        // What becomes part of a row's key is checked before a run stumbles over it.
        let wordy = "x".repeat(5_000);
        let broken = [
            ("component_id", Component { component_id: wordy.clone(), ..component() }),
            ("revenue_role", Component { revenue_role: wordy.clone(), ..component() }),
            ("tax_class", Component { tax_class: wordy.clone(), ..component() }),
            ("parameter", Component { price: Some(Price::Parameter(wordy)), ..component() }),
        ];
        for (field, broken) in broken {
            let broken = Product { components: vec![broken], ..product() };
            let create =
                CreateProductRequest { parent: parent(), product: Some(broken), ..Default::default() };
            check_field(catalog.create_product(create).await, &format!("product.components[0].{field}"));
        }
        let put = PutPricesRequest { parent: parent(), ..Default::default() };
        check_field(catalog.put_prices(put).await, "price_months");
        let list = ListPriceMonthsRequest { parent: parent(), ..Default::default() };
        check_field(catalog.list_price_months(list).await, "series");

        let create = CreateInvoiceRunRequest { parent: parent(), ..Default::default() };
        check_field(invoicing.create_invoice_run(create.clone()).await, "invoice_run");
        let run = InvoiceRun { invoice_run_id: "october".to_owned(), ..Default::default() };
        let create = CreateInvoiceRunRequest { invoice_run: Some(run), ..create };
        check_field(invoicing.create_invoice_run(create).await, "invoice_run.month");
        let approve = ApproveInvoiceRunRequest {
            name: format!("{TENANT}/invoiceRuns/october"),
            preview_hash: vec![0; 31],
            ..Default::default()
        };
        check_field(invoicing.approve_invoice_run(approve).await, "preview_hash");
        let list = ListInvoicesRequest { parent: parent(), ..Default::default() };
        check_field(invoicing.list_invoices(list).await, "parent");
        let render = RenderInvoiceRequest { name: format!("{TENANT}/invoices/1"), format: 0 };
        check_field(invoicing.render_invoice(render).await, "format");
        let unpark = UnparkEntityRequest { name: "x".to_owned(), ..Default::default() };
        check_field(admin.unpark_entity(unpark).await, "name");
    });
}

#[test]
fn what_the_state_does_not_allow_says_why() {
    run(async {
        let mut world = World::new().await;
        let create = CreateProductRequest {
            parent: TENANT.to_owned(),
            product: Some(product()),
            ..Default::default()
        };
        let untaxed = world.catalog.create_product(create.clone()).await;
        check(untaxed, Code::FailedPrecondition, "UNKNOWN_TAX_CLASS");
        let run = InvoiceRun {
            invoice_run_id: "october".to_owned(),
            month: Some(date(2024, 10, 0)),
            issue_date: Some(date(2024, 11, 5)),
            ..InvoiceRun::default()
        };
        let create_run = CreateInvoiceRunRequest {
            parent: TENANT.to_owned(),
            invoice_run: Some(run),
            ..Default::default()
        };
        let early = world.invoicing.create_invoice_run(create_run.clone()).await;
        check(early, Code::FailedPrecondition, "NO_SETTINGS");

        world.with_catalog().await;
        world.with_customer("anna", POINT).await;
        let empty = Product { product_id: "empty".to_owned(), components: Vec::new(), ..product() };
        let empty = CreateProductRequest { product: Some(empty), ..create };
        let refused = world.catalog.create_product(empty).await.unwrap_err();
        assert_eq!(reason(&refused).1, "DEFECTIVE_PRODUCT");
        let violations = refused.get_details_precondition_failure().unwrap().violations;
        assert_eq!(violations[0].r#type, "EMPTY");
        assert_eq!(refused.message(), format!("the product can't be sold: {}", violations[0].description));

        let moved = MeteringPoint { grid_area: "2".to_owned(), ..metering_point(POINT) };
        let moved = CreateMeteringPointRequest {
            parent: TENANT.to_owned(),
            metering_point: Some(moved),
            ..Default::default()
        };
        let moved = world.metering.create_metering_point(moved).await;
        check(moved, Code::AlreadyExists, "ALREADY_REGISTERED");
        let add = |contract: Contract| CreateContractRequest {
            parent: point_name(POINT),
            contract: Some(contract),
            ..Default::default()
        };
        let again = Contract { product_id: "other".to_owned(), ..contract("C1", "anna") };
        check(world.metering.create_contract(add(again)).await, Code::AlreadyExists, "CONTRACT_EXISTS");
        let halved = Payer { account_id: "anna".to_owned(), share_basis_points: 5_000 };
        let halved = Contract { payers: vec![halved], ..contract("C2", "anna") };
        check(world.metering.create_contract(add(halved)).await, Code::InvalidArgument, "SHARES_NOT_WHOLE");
        let end = EndContractRequest {
            name: format!("{}/contracts/C1", point_name(POINT)),
            end_day: Some(date(2020, 1, 1)),
            ..Default::default()
        };
        let end = world.metering.end_contract(end).await;
        check(end, Code::FailedPrecondition, "END_OUTSIDE_CONTRACT");

        let previewed = world.run_to_preview("october").await;
        let name = previewed.name.clone();
        let wrong =
            ApproveInvoiceRunRequest { name: name.clone(), preview_hash: vec![7; 32], ..Default::default() };
        let refused = world.invoicing.approve_invoice_run(wrong.clone()).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::FailedPrecondition, "PREVIEW_CHANGED".to_owned()));
        let hash: String = previewed.preview_hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(fact(&refused, "preview_hash"), hash);
        let mut other = create_run;
        other.invoice_run.as_mut().unwrap().issue_date = Some(date(2024, 11, 6));
        check(world.invoicing.create_invoice_run(other).await, Code::AlreadyExists, "RUN_EXISTS");
        let issued = world.approve(&previewed).await;
        assert_eq!(issued.stage(), InvoiceRunStage::Issued);
        let cancel = CancelInvoiceRunRequest { name, ..Default::default() };
        let refused = world.invoicing.cancel_invoice_run(cancel).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::FailedPrecondition, "WRONG_STAGE".to_owned()));
        assert_eq!(fact(&refused, "stage"), "ISSUED");
    });
}
