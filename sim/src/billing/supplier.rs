//! A small supplier: one product, three metering points, four accounts, October 2024 with its day of 25 hours.
//!
//! What it is given is written down here as text; `None` would mean that the text is wrong.

use std::collections::BTreeMap;

use domain::address::Address;
use domain::contract::{Contract, Payer, Share};
use domain::day::{Day, DayRule, Month};
use domain::day_span::DaySpan;
use domain::document::MeteringPointKind;
use domain::entity::account::{self, AccountDetails};
use domain::entity::catalog::{self, IndexPrices, TenantSettings};
use domain::entity::metering_point::{self, PointDetails, PointPeriod, Values};
use domain::entity::{Recipient, invoice_run};
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
use prost::Message as _;
use proto::store as stored;

/// Hours of October.
const HOURS: usize = 745;
/// What each account owes for October, in cents: 745 h at 0.10 EUR, the standing charge of 6.20 EUR, and 21 % of tax; the
/// second point is shared 70 to 30, and the third has values of one day only.
pub(super) const OWED_CENTS: [(&str, i64); 3] = [("anna", 52_57), ("bert", 68_35), ("carl", 29_29)];

/// A command and whom it is for.
pub(super) type Told = (Recipient, Vec<u8>);

/// Who pays, and how much of ten thousand.
type Payers<'a> = &'a [(&'a str, u32)];

/// Everything the supplier is told before it bills.
pub(super) fn set_up() -> Option<Vec<Told>> {
    let mut told = Vec::new();
    for command in catalog()? {
        told.push((Recipient::Catalog, stored::CatalogCommand::from(&command).encode_to_vec()));
    }
    for id in ["anna", "bert", "carl", "dora"] {
        let details = AccountDetails { id: id.to_owned(), name: id.to_owned(), ..AccountDetails::default() };
        let command = account::Command::Open(details);
        told.push((
            Recipient::Account(id.to_owned()),
            stored::AccountCommand::from(&command).encode_to_vec(),
        ));
    }
    let points: [(u64, Payers<'_>, &str, usize); 3] = [
        (1, &[("anna", 10_000)], "0.5", HOURS),
        (2, &[("bert", 7_000), ("carl", 3_000)], "1", HOURS),
        (3, &[("dora", 10_000)], "1", 24),
    ];
    for (number, payers, quantity, hours) in points {
        let id = MeteringPointId::new(number)?;
        for command in point(id, payers, quantity, hours)? {
            let bytes = stored::MeteringPointCommand::from(&command).encode_to_vec();
            told.push((Recipient::MeteringPoint(id), bytes));
        }
    }
    Some(told)
}

/// The run that bills October.
pub(super) fn create_run(shard_count: u16) -> Option<invoice_run::Command> {
    Some(invoice_run::Command::Create {
        run: super::RUN.to_owned(),
        month: october_month()?,
        known_at: None,
        issue_date: Day::new(2024, 11, 5)?,
        shard_count: shard_count.into(),
    })
}

fn catalog() -> Option<Vec<catalog::Command>> {
    let rate =
        TaxRate { class: TaxClass::new("standard"), valid_from: new_year()?, rate: VatRate::new(2100)? };
    let prices = IndexPrices {
        index: "spot".to_owned(),
        unit: Unit::MegawattHour,
        currency: Currency::Eur,
        created: october()?.start(),
        source: "exchange".to_owned(),
        column: PriceColumn {
            start: october()?.start(),
            resolution: Resolution::Hour,
            prices: vec![Price::parse("80").ok(); HOURS],
        },
    };
    Some(vec![
        catalog::Command::PutSettings(Box::new(settings()?)),
        catalog::Command::PutTaxRates(vec![rate]),
        catalog::Command::PutProduct(product()?),
        catalog::Command::PutPrices(prices),
    ])
}

fn point(
    id: MeteringPointId,
    payers: Payers<'_>,
    quantity: &str,
    hours: usize,
) -> Option<Vec<metering_point::Command>> {
    let span = DaySpan::since(new_year()?)?;
    let details = PointDetails {
        id,
        kind: MeteringPointKind::Consumption,
        unit: Unit::KilowattHour,
        rule: rule()?,
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
    let payer = |(account, share): &(&str, u32)| {
        Some(Payer { account: (*account).to_owned(), share: Share::new(*share)? })
    };
    let contract = Contract {
        id: format!("C{id}"),
        version: 0,
        product: "dynamic".to_owned(),
        span,
        payers: payers.iter().map(payer).collect::<Option<_>>()?,
        parameters: BTreeMap::new(),
    };
    let value = Value { quantity: Quantity::parse(quantity).ok()?, quality: Quality::Measured };
    let values = Values {
        direction: Direction::Consumption,
        created: october()?.end(),
        source: "meter".to_owned(),
        series: TimeSeries::new(october()?.start(), Resolution::Hour, vec![value; hours]),
    };
    Some(vec![
        metering_point::Command::Register(details),
        metering_point::Command::AddContract(contract),
        metering_point::Command::StoreValues(vec![values]),
    ])
}

fn product() -> Option<Product> {
    let spot = PriceSource::Series {
        index: "spot".to_owned(),
        factor: Price::parse("1").ok()?,
        addend: Price::parse("0.02").ok()?,
    };
    let monthly = PriceSource::Constant(vec![DatedPrice {
        valid_from: new_year()?,
        price: Price::parse("6.20").ok()?,
    }]);
    let consumption = QuantitySource::Channel(Direction::Consumption);
    Some(Product {
        id: "dynamic".to_owned(),
        version: 0,
        name: "Dynamic".to_owned(),
        currency: Currency::Eur,
        valid_from: new_year()?,
        components: vec![
            component("energy", (consumption, Unit::KilowattHour), spot, ChargeModel::PerUnit),
            component("standing", (QuantitySource::Days, Unit::Day), monthly, ChargeModel::Fixed),
        ],
    })
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

fn settings() -> Option<TenantSettings> {
    Some(TenantSettings {
        seller_name: "Example Energy".to_owned(),
        address: Address::default(),
        vat_id: String::new(),
        iban: String::new(),
        contact: String::new(),
        currency: Currency::Eur,
        zone: rule()?.zone().clone(),
        payment_days: 14,
        invoice_prefix: "2024-".to_owned(),
        refuses_check_digits: false,
    })
}

fn rule() -> Option<DayRule> {
    Some(DayRule::civil(Zone::named("Europe/Amsterdam")?))
}

fn october_month() -> Option<Month> {
    Month::new(2024, 10)
}

fn october() -> Option<Period> {
    rule()?.month_period(october_month()?)
}

fn new_year() -> Option<Day> {
    Day::new(2024, 1, 1)
}
