//! Changes that are bound to the state in which the resource was read.

use proto::account::{Account, GetAccountRequest, UpdateAccountRequest};
use proto::catalog::{
    CreateProductRequest, GetTenantSettingsRequest, Product, PutTenantSettingsRequest, TenantSettings,
};
use proto::invoicing::{ApproveInvoiceRunRequest, CancelInvoiceRunRequest, InvoiceRunStage};
use proto::metering::EndContractRequest;
use tonic::{Code, Status};

use super::supplier::{HOURS, POINT, TENANT, account, account_name, chunk, date, point_name, product};
use super::world::{World, fact, reason, request_id, run};

fn mismatch(status: &Status, etag: &str) {
    assert_eq!(reason(status), (Code::Aborted, "ETAG_MISMATCH".to_owned()));
    assert_eq!(fact(status, "etag"), etag);
}

#[test]
fn of_two_who_read_the_same_account_one_changes_it() {
    run(async {
        let mut world = World::new().await;
        world.open(TENANT, "anna").await;
        let get = GetAccountRequest { name: account_name("anna") };
        let read = world.accounts.get_account(get.clone()).await.unwrap().into_inner();
        let update = |name: &str, etag: &str| UpdateAccountRequest {
            account: Some(Account {
                name: account_name("anna"),
                display_name: name.to_owned(),
                etag: etag.to_owned(),
                ..account("anna")
            }),
            request_id: request_id(),
            ..Default::default()
        };
        let changed = world.accounts.update_account(update("Anna B", &read.etag)).await.unwrap().into_inner();
        assert_eq!(changed.display_name, "Anna B");
        assert_ne!(changed.etag, read.etag);
        let refused = world.accounts.update_account(update("Anna C", &read.etag)).await.unwrap_err();
        mismatch(&refused, &changed.etag);
        assert_eq!(world.accounts.get_account(get).await.unwrap().into_inner(), changed);
        // Without an etag the last one wins; a state that comes back has its etag again.
        let back = world.accounts.update_account(update(&read.display_name, "")).await.unwrap().into_inner();
        assert_eq!(back.etag, read.etag);
        let missing = UpdateAccountRequest::default();
        assert_eq!(reason(&world.accounts.update_account(missing).await.unwrap_err()).1, "MISSING");
    });
}

#[test]
fn settings_and_products_have_etags() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        let get = GetTenantSettingsRequest { name: format!("{TENANT}/settings") };
        let held = world.catalog.get_tenant_settings(get).await.unwrap().into_inner();
        let put = |etag: &str, payment_days| PutTenantSettingsRequest {
            parent: TENANT.to_owned(),
            settings: Some(TenantSettings { payment_days, etag: etag.to_owned(), ..held.clone() }),
            request_id: request_id(),
            ..Default::default()
        };
        let changed = world.catalog.put_tenant_settings(put(&held.etag, 21)).await.unwrap().into_inner();
        mismatch(&world.catalog.put_tenant_settings(put(&held.etag, 22)).await.unwrap_err(), &changed.etag);

        let create = |etag: &str, month| CreateProductRequest {
            parent: TENANT.to_owned(),
            product: Some(Product {
                valid_from: Some(date(2024, month, 1)),
                etag: etag.to_owned(),
                ..product()
            }),
            request_id: request_id(),
            ..Default::default()
        };
        let second = world.catalog.create_product(create("", 3)).await.unwrap().into_inner();
        let third = world.catalog.create_product(create(&second.etag, 5)).await.unwrap().into_inner();
        assert_eq!(third.version, 3);
        mismatch(&world.catalog.create_product(create(&second.etag, 7)).await.unwrap_err(), &third.etag);
    });
}

#[test]
fn contracts_and_runs_have_etags() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        world.with_customer("anna", POINT).await;
        world.stream(vec![chunk(POINT, 0, HOURS)]).await;
        let previewed = world.run_to_preview("october").await;
        let name = previewed.name.clone();
        let etag = "0000000000000000".to_owned();
        let cancel = CancelInvoiceRunRequest { name: name.clone(), etag: etag.clone(), ..Default::default() };
        mismatch(&world.invoicing.cancel_invoice_run(cancel).await.unwrap_err(), &previewed.etag);
        let preview_hash = previewed.preview_hash.clone();
        let approve = ApproveInvoiceRunRequest { name, preview_hash, etag, ..Default::default() };
        mismatch(&world.invoicing.approve_invoice_run(approve.clone()).await.unwrap_err(), &previewed.etag);
        let approve = ApproveInvoiceRunRequest { etag: previewed.etag.clone(), ..approve };
        let approved = world.invoicing.approve_invoice_run(approve).await.unwrap().into_inner();
        assert_ne!(approved.stage(), InvoiceRunStage::Previewed);

        let get = proto::metering::GetMeteringPointRequest { name: point_name(POINT) };
        let point = world.metering.get_metering_point(get).await.unwrap().into_inner();
        let held = &point.contracts[0];
        let end = |etag: &str, month| EndContractRequest {
            name: held.name.clone(),
            end_day: Some(date(2025, month, 1)),
            etag: etag.to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        let ended = world.metering.end_contract(end(&held.etag, 6)).await.unwrap().into_inner();
        mismatch(&world.metering.end_contract(end(&held.etag, 5)).await.unwrap_err(), &ended.etag);
    });
}
