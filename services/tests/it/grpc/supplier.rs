//! A small supplier as messages: one product, accounts, metering points, October 2024 with its day of 25 hours.

use prost_types::Timestamp;
use proto::account::{Account, CreateAccountRequest, GetAccountRequest};
use proto::catalog::{
    ChargeModel, Component, ConstantPrice, CreateProductRequest, DatedPrice, Display, Product,
    PutTaxRatesRequest, PutTenantSettingsRequest, Rounding, TaxRate, TenantSettings, component,
};
use proto::google_type::{Date, Decimal};
use proto::metering::{
    Contract, CreateContractRequest, CreateMeteringPointRequest, DayChunk, MeteringPoint, MeteringPointKind,
    MeteringPointPeriod, Payer, SettlementMethod,
};
use proto::types::{Address, DaySpan, Direction, Resolution, TimeSeries, Unit};

use super::world::{World, request_id};

/// The tenant.
pub(crate) const TENANT: &str = "tenants/light";
/// A point with a right check digit.
pub(crate) const POINT: &str = "571313180000000005";
/// 2024-09-30T22:00Z: October begins in Amsterdam.
pub(crate) const OCTOBER: i64 = 1_727_733_600;
/// Hours of October 2024 in Amsterdam.
pub(crate) const HOURS: usize = 745;

pub(crate) fn date(year: i32, month: i32, day: i32) -> Date {
    Date { year, month, day }
}

pub(crate) fn decimal(value: &str) -> Decimal {
    Decimal { value: value.to_owned() }
}

pub(crate) fn seconds(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}

pub(crate) fn settings() -> TenantSettings {
    TenantSettings {
        seller_name: "Light B.V.".to_owned(),
        seller_address: Some(address()),
        vat_id: "NL001234567B01".to_owned(),
        iban: "NL91ABNA0417164300".to_owned(),
        contact: "help@light.example".to_owned(),
        currency_code: "EUR".to_owned(),
        zone: "Europe/Amsterdam".to_owned(),
        payment_days: 14,
        invoice_number_prefix: "L24-".to_owned(),
        check_digit_policy: proto::catalog::CheckDigitPolicy::Warn.into(),
        ..TenantSettings::default()
    }
}

pub(crate) fn address() -> Address {
    Address {
        street: "Kade 1".to_owned(),
        postal_code: "1011 AB".to_owned(),
        city: "Amsterdam".to_owned(),
        country_code: "NL".to_owned(),
    }
}

pub(crate) fn tax_rate() -> TaxRate {
    TaxRate { tax_class: "standard".to_owned(), valid_from: Some(date(2019, 1, 1)), rate_basis_points: 2_100 }
}

/// Energy at 0.25 per kWh and 6.20 per month.
pub(crate) fn product() -> Product {
    Product {
        product_id: "basic".to_owned(),
        display_name: "Basic".to_owned(),
        currency_code: "EUR".to_owned(),
        valid_from: Some(date(2024, 1, 1)),
        components: vec![
            component("energy", component::Quantity::Channel(Direction::Consumption.into()), "0.25"),
            component("subscription", component::Quantity::Days(()), "6.20"),
        ],
        ..Product::default()
    }
}

fn component(id: &str, quantity: component::Quantity, price: &str) -> Component {
    let is_energy = matches!(quantity, component::Quantity::Channel(_));
    let (unit, model) =
        if is_energy { (Unit::KilowattHour, ChargeModel::PerUnit) } else { (Unit::Day, ChargeModel::Fixed) };
    let price = DatedPrice { valid_from: Some(date(2024, 1, 1)), price: Some(decimal(price)) };
    Component {
        component_id: id.to_owned(),
        display_name: id.to_owned(),
        quantity: Some(quantity),
        unit: unit.into(),
        price: Some(component::Price::Constant(ConstantPrice { prices: vec![price] })),
        model: model.into(),
        tax_class: "standard".to_owned(),
        display: Some(Display { group: "Supply".to_owned(), is_bundled: false }),
        revenue_role: "supply".to_owned(),
        rounding: Rounding::HalfAwayFromZero.into(),
        ..Component::default()
    }
}

pub(crate) fn account(id: &str) -> Account {
    Account {
        account_id: id.to_owned(),
        display_name: format!("Account {id}"),
        address: Some(address()),
        email: format!("{id}@home.example"),
        ..Account::default()
    }
}

pub(crate) fn metering_point(id: &str) -> MeteringPoint {
    let period = MeteringPointPeriod {
        span: Some(since_new_year()),
        resolution: Resolution::Hour.into(),
        supplier: "8719333000001".to_owned(),
        settlement_method: SettlementMethod::Flex.into(),
    };
    MeteringPoint {
        metering_point_id: id.to_owned(),
        kind: MeteringPointKind::Consumption.into(),
        unit: Unit::KilowattHour.into(),
        zone: "Europe/Amsterdam".to_owned(),
        address: Some(address()),
        grid_area: "1".to_owned(),
        periods: vec![period],
        ..MeteringPoint::default()
    }
}

pub(crate) fn contract(id: &str, account: &str) -> Contract {
    Contract {
        contract_id: id.to_owned(),
        product_id: "basic".to_owned(),
        span: Some(since_new_year()),
        payers: vec![Payer { account_id: account.to_owned(), share_basis_points: 10_000 }],
        ..Contract::default()
    }
}

/// Half a kWh in each of so many hours from an hour of October on.
pub(crate) fn chunk(point: &str, first_hour: i64, hours: usize) -> DayChunk {
    DayChunk {
        metering_point_id: point.to_owned(),
        direction: Direction::Consumption.into(),
        created_time: Some(seconds(OCTOBER + 40 * 86_400)),
        source: "reading".to_owned(),
        values: Some(TimeSeries {
            start_time: Some(seconds(OCTOBER + 3_600 * first_hour)),
            resolution: Resolution::Hour.into(),
            scale: 1,
            quantities: vec![5; hours],
            quality_runs: Vec::new(),
        }),
    }
}

fn since_new_year() -> DaySpan {
    DaySpan { first_day: Some(date(2024, 1, 1)), end_day: None }
}

impl World {
    /// Settings, tax rates and the product.
    pub(crate) async fn with_catalog(&mut self) {
        let parent = TENANT.to_owned();
        let settings = Some(settings());
        let put = PutTenantSettingsRequest {
            parent: parent.clone(),
            settings,
            request_id: request_id(),
            ..Default::default()
        };
        self.catalog.put_tenant_settings(put).await.unwrap();
        let tax_rates = vec![tax_rate()];
        let put = PutTaxRatesRequest {
            parent: parent.clone(),
            tax_rates,
            request_id: request_id(),
            ..Default::default()
        };
        self.catalog.put_tax_rates(put).await.unwrap();
        let create = CreateProductRequest {
            parent,
            product: Some(product()),
            request_id: request_id(),
            ..Default::default()
        };
        self.catalog.create_product(create).await.unwrap();
    }

    /// An account that pays for a point.
    pub(crate) async fn with_customer(&mut self, id: &str, point: &str) {
        let parent = TENANT.to_owned();
        let account = Some(account(id));
        let create = CreateAccountRequest {
            parent: parent.clone(),
            account,
            request_id: request_id(),
            ..Default::default()
        };
        self.accounts.create_account(create).await.unwrap();
        let metering_point = Some(metering_point(point));
        let create = CreateMeteringPointRequest {
            parent,
            metering_point,
            request_id: request_id(),
            ..Default::default()
        };
        self.metering.create_metering_point(create).await.unwrap();
        let create = CreateContractRequest {
            parent: point_name(point),
            contract: Some(contract("C1", id)),
            request_id: request_id(),
            ..Default::default()
        };
        self.metering.create_contract(create).await.unwrap();
        let get = GetAccountRequest { name: account_name(id) };
        let account = self.accounts.get_account(get).await.unwrap().into_inner();
        assert_eq!(account.contracts.len(), 1, "the account was told of its contract");
    }
}

pub(crate) fn point_name(id: &str) -> String {
    format!("{TENANT}/meteringPoints/{id}")
}

pub(crate) fn account_name(id: &str) -> String {
    format!("{TENANT}/accounts/{id}")
}
