//! A small supplier: one product, three metering points, four accounts, October 2024 with its day of 25 hours.

use std::collections::BTreeMap;

use domain::address::Address;
use domain::contract::{Contract, Payer, Share};
use domain::day::{Day, DayRule, Month};
use domain::day_span::DaySpan;
use domain::document::MeteringPointKind;
use domain::entity::account::AccountDetails;
use domain::entity::catalog::{self, IndexPrices, TenantSettings};
use domain::entity::invoice_run;
use domain::entity::metering_point::{self, PointDetails, PointPeriod, Values};
use domain::fixed::Rounding;
use domain::identity::MeteringPointId;
use domain::instant::Period;
use domain::money::Currency;
use domain::price::Price;
use domain::price_series::PriceColumn;
use domain::product::{ChargeModel, Component, DatedPrice, Display, PriceSource, Product, QuantitySource};
use domain::quantity::{Quantity, Unit};
use domain::resolution::Resolution;
use domain::series::{Direction, Quality, TimeSeries, Value};
use domain::tax::{TaxClass, TaxRate, VatRate};
use domain::zone::Zone;

pub(super) fn catalog() -> Vec<catalog::Command> {
    let rate = TaxRate {
        class: TaxClass::new("standard"),
        valid_from: new_year(),
        rate: VatRate::new(2100).unwrap(),
    };
    let prices = IndexPrices {
        index: "spot".to_owned(),
        unit: Unit::MegawattHour,
        currency: Currency::Eur,
        created: october().start(),
        source: "exchange".to_owned(),
        column: PriceColumn {
            start: october().start(),
            resolution: Resolution::Hour,
            prices: vec![Price::parse("80").ok(); 745],
        },
    };
    vec![
        catalog::Command::PutSettings(Box::new(settings())),
        catalog::Command::PutTaxRates(vec![rate]),
        catalog::Command::PutProduct(product()),
        catalog::Command::PutPrices(prices),
    ]
}

pub(super) fn accounts() -> Vec<AccountDetails> {
    let names = ["anna", "bert", "carl", "dora"];
    names
        .map(|id| AccountDetails { id: id.to_owned(), name: id.to_owned(), ..AccountDetails::default() })
        .into()
}

/// One point with one payer, one shared by two, one that has a gap after its first day.
pub(super) fn metering_points() -> Vec<(MeteringPointId, Vec<metering_point::Command>)> {
    let first_day = 24;
    vec![
        point(1, &[("anna", 10_000)], "0.5", 745),
        point(2, &[("bert", 7_000), ("carl", 3_000)], "1", 745),
        point(3, &[("dora", 10_000)], "1", first_day),
    ]
}

pub(super) fn create_run() -> invoice_run::Command {
    invoice_run::Command::Create {
        run: "october".to_owned(),
        month: october_month(),
        known_at: None,
        issue_date: Day::new(2024, 11, 5).unwrap(),
        shard_count: 4,
    }
}

/// The tenth of October of the first point, delivered again with this in every hour.
pub(super) fn restate(quantity: &str, document: i64) -> metering_point::Command {
    let day = restated_day().period(&rule()).unwrap();
    let value = Value { quantity: Quantity::parse(quantity).unwrap(), quality: Quality::Measured };
    metering_point::Command::StoreValues(vec![Values {
        direction: Direction::Consumption,
        created: october().end().plus_millis(document).unwrap(),
        source: format!("restatement {document}"),
        series: TimeSeries::new(day.start(), Resolution::Hour, vec![value; 24]),
    }])
}

pub(super) fn restated_day() -> DaySpan {
    DaySpan::new(Day::new(2024, 10, 10).unwrap(), Day::new(2024, 10, 11).unwrap()).unwrap()
}

pub(super) fn october_month() -> Month {
    Month::new(2024, 10).unwrap()
}

pub(super) fn point(
    number: u64,
    payers: &[(&str, u32)],
    quantity: &str,
    hours: usize,
) -> (MeteringPointId, Vec<metering_point::Command>) {
    let id = MeteringPointId::new(number).unwrap();
    let span = DaySpan::since(new_year()).unwrap();
    let details = PointDetails {
        id,
        kind: MeteringPointKind::Consumption,
        unit: Unit::KilowattHour,
        rule: rule(),
        address: Address::default(),
        grid_area: "1".to_owned(),
        parent: None,
        periods: vec![PointPeriod {
            span,
            resolution: Resolution::Hour,
            supplier: "1".to_owned(),
            settlement_method: None,
        }],
    };
    let payer = |(account, share): &(&str, u32)| Payer {
        account: (*account).to_owned(),
        share: Share::new(*share).unwrap(),
    };
    let contract = Contract {
        id: format!("C{number}"),
        version: 0,
        product: "dynamic".to_owned(),
        span,
        payers: payers.iter().map(payer).collect(),
        parameters: BTreeMap::new(),
    };
    let value = Value { quantity: Quantity::parse(quantity).unwrap(), quality: Quality::Measured };
    let values = Values {
        direction: Direction::Consumption,
        created: october().end(),
        source: "meter".to_owned(),
        series: TimeSeries::new(october().start(), Resolution::Hour, vec![value; hours]),
    };
    let commands = vec![
        metering_point::Command::Register(details),
        metering_point::Command::AddContract(contract),
        metering_point::Command::StoreValues(vec![values]),
    ];
    (id, commands)
}

fn product() -> Product {
    let spot = PriceSource::Series {
        index: "spot".to_owned(),
        factor: Price::parse("1").unwrap(),
        addend: Price::parse("0.02").unwrap(),
    };
    let monthly = PriceSource::Constant(vec![DatedPrice {
        valid_from: new_year(),
        price: Price::parse("6.20").unwrap(),
    }]);
    let consumption = QuantitySource::Channel(Direction::Consumption);
    Product {
        id: "dynamic".to_owned(),
        version: 0,
        name: "Dynamic".to_owned(),
        currency: Currency::Eur,
        valid_from: new_year(),
        components: vec![
            component("energy", (consumption, Unit::KilowattHour), spot, ChargeModel::PerUnit),
            component("standing", (QuantitySource::Days, Unit::Day), monthly, ChargeModel::Fixed),
        ],
    }
}

fn component(
    id: &str,
    (quantity, unit): (QuantitySource, Unit),
    price: PriceSource,
    model: ChargeModel,
) -> Component {
    Component {
        id: id.to_owned(),
        name: id.to_owned(),
        quantity,
        unit,
        price,
        model,
        tax_class: TaxClass::new("standard"),
        display: Display { group: "supply".to_owned(), is_bundled: false },
        revenue_role: "energy".to_owned(),
        rounding: Rounding::HalfAwayFromZero,
        conditions: None,
    }
}

fn settings() -> TenantSettings {
    TenantSettings {
        seller_name: "Example Energy".to_owned(),
        address: Address::default(),
        vat_id: String::new(),
        iban: String::new(),
        contact: String::new(),
        currency: Currency::Eur,
        zone: rule().zone().clone(),
        payment_days: 14,
        invoice_prefix: "2024-".to_owned(),
        refuses_check_digits: false,
    }
}

fn rule() -> DayRule {
    DayRule::civil(Zone::named("Europe/Amsterdam").unwrap())
}

fn october() -> Period {
    rule().month_period(october_month()).unwrap()
}

fn new_year() -> Day {
    Day::new(2024, 1, 1).unwrap()
}
