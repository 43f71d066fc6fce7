//! Pages follow one another, end, and belong to their tenant.

use proto::account::{
    CreateAccountRequest, ListAccountsRequest, ListPostingsRequest, ListSuspenseRequest, ListSuspenseResponse,
};
use proto::catalog::{
    CreateProductRequest, GetProductRequest, GetTenantSettingsRequest, ListPriceMonthsRequest,
    ListProductsRequest, ListTaxRatesRequest, PriceColumn, PriceMonth, PriceSeriesKey, Product,
    PutPricesRequest, price_series_key,
};
use proto::metering::ListMeteringPointsRequest;
use proto::types::{Resolution, Unit};
use tonic::Code;

use super::supplier::{
    OCTOBER, POINT, TENANT, account, account_name, date, product, seconds, settings, tax_rate,
};
use super::world::{World, field, reason, request_id, run};

impl World {
    async fn accounts_of(&mut self, parent: &str, page_size: i32, page_token: &str) -> (Vec<String>, String) {
        let (parent, page_token) = (parent.to_owned(), page_token.to_owned());
        let list = ListAccountsRequest { parent, page_size, page_token };
        let page = self.accounts.list_accounts(list).await.unwrap().into_inner();
        (page.accounts.into_iter().map(|account| account.account_id).collect(), page.next_page_token)
    }

    pub(crate) async fn open(&mut self, parent: &str, id: &str) {
        let create = CreateAccountRequest {
            parent: parent.to_owned(),
            account: Some(account(id)),
            request_id: request_id(),
            ..Default::default()
        };
        self.accounts.create_account(create).await.unwrap();
    }
}

#[test]
fn pages_follow_one_another_in_order_of_ids() {
    run(async {
        let mut world = World::new().await;
        let ids = ["a", "a b", "b", "c/1", "ç"];
        for id in ids.iter().rev() {
            world.open(TENANT, id).await;
        }
        for size in 1..=6 {
            let (mut seen, mut token) = (Vec::new(), String::new());
            loop {
                let (page, next) = world.accounts_of(TENANT, size, &token).await;
                assert!(!page.is_empty() && page.len() <= usize::try_from(size).unwrap());
                seen.extend(page);
                if next.is_empty() {
                    break;
                }
                token = next;
            }
            assert_eq!(seen, ids, "pages of {size}");
        }
    });
}

#[test]
fn tokens_belong_to_their_list() {
    run(async {
        let mut world = World::new().await;
        for id in ["a", "b", "c"] {
            world.open(TENANT, id).await;
        }
        let (_, token) = world.accounts_of(TENANT, 1, "").await;
        let points = ListMeteringPointsRequest {
            parent: TENANT.to_owned(),
            page_token: token.clone(),
            ..Default::default()
        };
        let refused = world.metering.list_metering_points(points).await.unwrap_err();
        assert_eq!((refused.code(), field(&refused)), (Code::InvalidArgument, "page_token".to_owned()));
        for (page_size, page_token) in
            [(0, "x".to_owned()), (0, format!("{token}0")), (0, token[1..].to_owned())]
        {
            let list = ListAccountsRequest { parent: TENANT.to_owned(), page_size, page_token };
            let refused = world.accounts.list_accounts(list).await.unwrap_err();
            assert_eq!(field(&refused), "page_token");
        }
        let other =
            ListAccountsRequest { parent: "tenants/dark".to_owned(), page_size: 0, page_token: token };
        assert_eq!(field(&world.accounts.list_accounts(other).await.unwrap_err()), "page_token");
        let negative = ListAccountsRequest { parent: TENANT.to_owned(), page_size: -1, ..Default::default() };
        assert_eq!(field(&world.accounts.list_accounts(negative).await.unwrap_err()), "page_size");
    });
}

#[test]
fn another_tenant_sees_nothing() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        world.with_customer("anna", POINT).await;
        let dark = "tenants/dark";
        assert_eq!(world.accounts_of(dark, 0, "").await, (Vec::new(), String::new()));
        let list = ListMeteringPointsRequest { parent: dark.to_owned(), ..Default::default() };
        assert!(
            world.metering.list_metering_points(list).await.unwrap().into_inner().metering_points.is_empty()
        );
        let list = ListProductsRequest { parent: dark.to_owned(), ..Default::default() };
        assert!(world.catalog.list_products(list).await.unwrap().into_inner().products.is_empty());
        let get = proto::account::GetAccountRequest { name: format!("{dark}/accounts/anna") };
        let refused = world.accounts.get_account(get).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::NotFound, "UNKNOWN_ACCOUNT".to_owned()));
        let list = ListPostingsRequest { parent: format!("{dark}/accounts/anna"), ..Default::default() };
        assert_eq!(world.accounts.list_postings(list).await.unwrap_err().code(), Code::NotFound);
        let list = ListPostingsRequest { parent: account_name("anna"), ..Default::default() };
        assert!(world.accounts.list_postings(list).await.unwrap().into_inner().posting_sets.is_empty());
        let get = GetTenantSettingsRequest { name: format!("{dark}/settings") };
        assert_eq!(world.catalog.get_tenant_settings(get).await.unwrap_err().code(), Code::NotFound);
    });
}

#[test]
fn versions_of_products_are_kept() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        let next = Product { valid_from: Some(date(2024, 7, 1)), ..product() };
        let create = CreateProductRequest {
            parent: TENANT.to_owned(),
            product: Some(next),
            request_id: request_id(),
            ..Default::default()
        };
        let created = world.catalog.create_product(create).await.unwrap().into_inner();
        assert_eq!((created.version, created.name.as_str()), (2, "tenants/light/products/basic"));
        for (day, version) in [(None, 2), (Some(date(2024, 6, 30)), 1), (Some(date(2024, 7, 1)), 2)] {
            let get = GetProductRequest { name: created.name.clone(), day };
            assert_eq!(world.catalog.get_product(get).await.unwrap().into_inner().version, version);
        }
        let before = GetProductRequest { name: created.name.clone(), day: Some(date(2023, 12, 31)) };
        assert_eq!(world.catalog.get_product(before).await.unwrap_err().code(), Code::NotFound);
        let list = ListProductsRequest { parent: TENANT.to_owned(), page_size: 1, ..Default::default() };
        let first = world.catalog.list_products(list.clone()).await.unwrap().into_inner();
        let list = ListProductsRequest { page_token: first.next_page_token, ..list };
        let second = world.catalog.list_products(list).await.unwrap().into_inner();
        assert_eq!((first.products[0].version, second.products[0].version), (1, 2));
        assert_eq!((second.products.len(), second.next_page_token.as_str()), (1, ""));
        let rates = ListTaxRatesRequest { parent: TENANT.to_owned(), ..Default::default() };
        assert_eq!(world.catalog.list_tax_rates(rates).await.unwrap().into_inner().tax_rates, [tax_rate()]);
        let get = GetTenantSettingsRequest { name: format!("{TENANT}/settings") };
        let held = world.catalog.get_tenant_settings(get).await.unwrap().into_inner();
        let etag = held.etag.clone();
        assert_eq!(etag.len(), 16);
        let name = format!("{TENANT}/settings");
        assert_eq!(held, proto::catalog::TenantSettings { name, etag, ..settings() });
    });
}

#[test]
fn prices_of_an_index_are_stored_by_month() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        let series = PriceSeriesKey { series: Some(price_series_key::Series::Index("spot".to_owned())) };
        let month = PriceMonth {
            series: Some(series.clone()),
            month: Some(date(2024, 10, 0)),
            created_time: Some(seconds(OCTOBER)),
            source: "exchange".to_owned(),
            unit: Unit::MegawattHour.into(),
            currency_code: "EUR".to_owned(),
            prices: Some(PriceColumn {
                start_time: Some(seconds(OCTOBER)),
                resolution: Resolution::Hour.into(),
                scale: 0,
                prices: vec![80, -1, 0],
                absent_indexes: vec![2],
            }),
            ..PriceMonth::default()
        };
        let november = PriceMonth {
            month: Some(date(2024, 11, 0)),
            prices: month
                .prices
                .clone()
                .map(|prices| PriceColumn { start_time: Some(seconds(OCTOBER + 745 * 3_600)), ..prices }),
            ..month.clone()
        };
        let put = PutPricesRequest {
            parent: TENANT.to_owned(),
            price_months: vec![month.clone(), november],
            request_id: request_id(),
            ..Default::default()
        };
        let stored = world.catalog.put_prices(put.clone()).await.unwrap().into_inner();
        assert_eq!((stored.stored_months, stored.unchanged_months), (2, 0));
        let repeated = world.catalog.put_prices(put.clone()).await.unwrap().into_inner();
        assert_eq!(repeated, stored);
        let again = PutPricesRequest { request_id: request_id(), ..put.clone() };
        let again = world.catalog.put_prices(again).await.unwrap().into_inner();
        assert_eq!((again.stored_months, again.unchanged_months), (0, 2));

        let list = ListPriceMonthsRequest {
            parent: TENANT.to_owned(),
            series: Some(series),
            page_size: 1,
            ..Default::default()
        };
        let page = world.catalog.list_price_months(list.clone()).await.unwrap().into_inner();
        assert_eq!(page.price_months.len(), 1);
        assert_eq!((page.price_months[0].version, &page.price_months[0].month), (1, &month.month));
        assert_eq!(page.price_months[0].prices, month.prices);
        let list = ListPriceMonthsRequest { page_token: page.next_page_token, ..list };
        let page = world.catalog.list_price_months(list.clone()).await.unwrap().into_inner();
        assert_eq!(
            (page.price_months[0].month, page.next_page_token.as_str()),
            (Some(date(2024, 11, 0)), "")
        );
        let one = ListPriceMonthsRequest {
            first_month: Some(date(2024, 11, 0)),
            last_month: Some(date(2024, 10, 0)),
            page_token: String::new(),
            ..list
        };
        assert_eq!(field(&world.catalog.list_price_months(one).await.unwrap_err()), "last_month");
        let elsewhere = PriceMonth { month: Some(date(2024, 9, 0)), ..month };
        let put = PutPricesRequest { price_months: vec![elsewhere], ..put };
        let refused = world.catalog.put_prices(put).await.unwrap_err();
        assert_eq!(field(&refused), "price_months[0].month");
    });
}

#[test]
fn a_tenant_without_suspense_has_an_empty_page() {
    run(async {
        let mut world = World::new().await;
        world.open(TENANT, "anna").await;
        let list = |parent: &str| ListSuspenseRequest { parent: parent.to_owned(), ..Default::default() };
        let page = world.accounts.list_suspense(list(TENANT)).await.unwrap().into_inner();
        assert_eq!(page, ListSuspenseResponse::default());
        let refused = world.accounts.list_suspense(list("nobody")).await.unwrap_err();
        assert_eq!((refused.code(), field(&refused)), (Code::InvalidArgument, "parent".to_owned()));
    });
}
