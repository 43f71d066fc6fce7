//! From registration to issued invoices, through all entities, without any shell.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod corrections;
mod events;
mod funds;
mod gas;
mod monthly;
mod network;
mod prepaid;
mod refusals;
mod roaming;
mod sales;
mod suspense;
mod taxes;
mod tokens;
mod world;

use std::collections::BTreeMap;

use domain::address::Address;
use domain::amount::Amount;
use domain::contract::{Contract, Payer, Share};
use domain::day::{Day, DayRule, Month};
use domain::day_span::DaySpan;
use domain::document::MeteringPointKind;
use domain::entity::account::{self, AccountDetails};
use domain::entity::catalog::{self, IndexPrices, TenantSettings};
use domain::entity::invoice_run::{self, Stage};
use domain::entity::metering_point::{self, PointDetails, PointPeriod, Values};
use domain::fixed::Rounding;
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use domain::ledger::LedgerRole;
use domain::money::Currency;
use domain::price::Price;
use domain::price_series::PriceColumn;
use domain::product::{ChargeModel, Component, DatedPrice, Display, PriceSource, Product, QuantitySource};
use domain::quantity::{Quantity, Unit};
use domain::resolution::Resolution;
use domain::series::{Direction, Quality, TimeSeries, Value};
use domain::tax::{TaxClass, TaxRate, VatRate};
use domain::zone::Zone;
use world::World;

fn rule() -> DayRule {
    DayRule::civil(Zone::named("Europe/Amsterdam").unwrap())
}

fn october() -> Month {
    Month::new(2024, 10).unwrap()
}

fn component(
    id: &str,
    quantity: QuantitySource,
    unit: Unit,
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

/// What a tenant sells in October 2024, on the 27th.
fn world() -> World {
    world_at(0)
}

/// The same, so many milliseconds later.
fn world_at(now: i64) -> World {
    let mut world = World::default();
    world.now = now;
    let settings = TenantSettings {
        seller_name: "Example Energy".to_owned(),
        address: Address::default(),
        vat_id: String::new(),
        iban: String::new(),
        contact: String::new(),
        currency: Currency::Eur,
        zone: Zone::named("Europe/Amsterdam").unwrap(),
        payment_days: 14,
        invoice_prefix: "2024-".to_owned(),
        refuses_check_digits: false,
    };
    world.catalog(&catalog::Command::PutSettings(Box::new(settings))).unwrap();
    let from = Day::new(2024, 1, 1).unwrap();
    let rate =
        TaxRate { class: TaxClass::new("standard"), valid_from: from, rate: VatRate::new(2100).unwrap() };
    world.catalog(&catalog::Command::PutTaxRates(vec![rate])).unwrap();
    let monthly =
        PriceSource::Constant(vec![DatedPrice { valid_from: from, price: Price::parse("6.20").unwrap() }]);
    let one = Price::parse("1").unwrap();
    let spot =
        PriceSource::Series { index: "spot".to_owned(), factor: one, addend: Price::parse("0.02").unwrap() };
    let product = Product {
        id: "dynamic".to_owned(),
        version: 0,
        name: "Dynamic".to_owned(),
        currency: Currency::Eur,
        valid_from: from,
        components: vec![
            component(
                "energy",
                QuantitySource::Channel(Direction::Consumption),
                Unit::KilowattHour,
                spot,
                ChargeModel::PerUnit,
            ),
            component("standing", QuantitySource::Days, Unit::Day, monthly, ChargeModel::Fixed),
        ],
    };
    world.catalog(&catalog::Command::PutProduct(product)).unwrap();
    let period = rule().month_period(october()).unwrap();
    let hours = Resolution::Hour.count(period, &rule()).unwrap();
    let prices = IndexPrices {
        index: "spot".to_owned(),
        unit: Unit::MegawattHour,
        currency: Currency::Eur,
        created: period.start(),
        source: "exchange".to_owned(),
        column: PriceColumn {
            start: period.start(),
            resolution: Resolution::Hour,
            prices: vec![Price::parse("80").ok(); hours],
        },
    };
    world.catalog(&catalog::Command::PutPrices(prices)).unwrap();
    world
}

fn add_point(world: &mut World, number: u64, payers: &[(&str, u32)]) -> MeteringPointId {
    add_point_with(world, number, payers, rule())
}

fn add_point_with(world: &mut World, number: u64, payers: &[(&str, u32)], rule: DayRule) -> MeteringPointId {
    let id = MeteringPointId::new(number).unwrap();
    let span = DaySpan::since(Day::new(2024, 1, 1).unwrap()).unwrap();
    let details = PointDetails {
        id,
        kind: MeteringPointKind::Consumption,
        unit: Unit::KilowattHour,
        rule,
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
    world.point(id, &metering_point::Command::Register(details)).unwrap();
    for (account, _) in payers {
        let details = AccountDetails {
            id: (*account).to_owned(),
            name: (*account).to_owned(),
            ..AccountDetails::default()
        };
        world.account(account, &account::Command::Open(details)).unwrap();
    }
    let payers = payers
        .iter()
        .map(|(account, share)| Payer { account: (*account).to_owned(), share: Share::new(*share).unwrap() });
    let contract = Contract {
        id: format!("C{number}"),
        version: 0,
        product: "dynamic".to_owned(),
        span,
        payers: payers.collect(),
        parameters: BTreeMap::new(),
    };
    world.point(id, &metering_point::Command::AddContract(contract)).unwrap();
    world.settle();
    id
}

fn store(world: &mut World, id: MeteringPointId, period: (Instant, usize), quantity: &str, created_ms: i64) {
    let value = Value { quantity: Quantity::parse(quantity).unwrap(), quality: Quality::Measured };
    let values = Values {
        direction: Direction::Consumption,
        created: Instant::from_millis(created_ms).unwrap(),
        source: "meter".to_owned(),
        series: TimeSeries::new(period.0, Resolution::Hour, vec![value; period.1]),
    };
    // Values are taken up to 31 days ahead.
    let ahead = |until: Instant| until.plus_millis(-31 * 86_400_000);
    world.wait_until(values.series.known_until(&rule()).and_then(ahead));
    let reply = world.point(id, &metering_point::Command::StoreValues(vec![values])).unwrap();
    assert!(matches!(reply, metering_point::Reply::Stored(outcomes) if outcomes[0].is_ok()));
}

fn store_month(world: &mut World, id: MeteringPointId, quantity: &str) {
    let period = rule().month_period(october()).unwrap();
    store(world, id, (period.start(), 745), quantity, 1_000);
}

fn bill(world: &mut World, run: &str, month: Month) -> invoice_run::State {
    let create = invoice_run::Command::Create {
        run: run.to_owned(),
        month,
        known_at: None,
        issue_date: Day::new(2024, 11, 5).unwrap(),
        shard_count: 2,
    };
    world.run(run, &create).unwrap();
    world.settle();
    assert_eq!(world.runs[run].stage, Stage::Previewed);
    let hash = world.runs[run].preview().hash;
    world.run(run, &invoice_run::Command::Approve { hash }).unwrap();
    world.settle();
    assert_eq!(world.runs[run].stage, Stage::Issued);
    world.runs[run].clone()
}

#[test]
fn a_month_becomes_invoices() {
    let mut world = world();
    let one = add_point(&mut world, 1, &[("anna", 10_000)]);
    let shared = add_point(&mut world, 2, &[("bert", 7_000), ("carl", 3_000)]);
    let gap = add_point(&mut world, 3, &[("dora", 10_000)]);
    store_month(&mut world, one, "0.5");
    store_month(&mut world, shared, "1");
    store(&mut world, gap, (rule().month_period(october()).unwrap().start(), 24), "1", 1_000);
    let run = bill(&mut world, "october", october());
    // 745 h x 0.5 kWh x 0.10 = 37.25; standing 6.20; VAT 21 % of 43.45 = 9.1245 -> 9.12; total 52.57.
    // 745 h x 1 kWh x 0.10 = 74.50, split 52.15 / 22.35; standing 6.20, split 4.34 / 1.86.
    // bert: 56.49 + 11.86 = 68.35; carl: 24.21 + 5.08 = 29.29.
    let totals: BTreeMap<&str, String> =
        world.rows.invoices.iter().map(|one| (one.payer.account.as_str(), one.total.to_text())).collect();
    let expected = [("anna", "52.57"), ("bert", "68.35"), ("carl", "29.29")];
    assert_eq!(totals, expected.map(|(account, total)| (account, total.to_owned())).into());
    assert_eq!(run.preview().not_ready, 1);
    // A payment names the document it is for.
    assert!(world.rows.invoices.iter().all(|one| one.payment_reference == one.number));
    assert_eq!(world.numbers["2024-"].given, 3);
    for account in world.accounts.values() {
        let sum = account.balances.values().fold(Amount::ZERO, |sum, one| sum.checked_add(*one).unwrap());
        assert_eq!(sum, Amount::ZERO);
        assert!(account.open_run.is_none());
    }
    let open = |account: &str| {
        world.accounts[account].balances.get(&(LedgerRole::Unbilled, Currency::Eur.into())).copied()
    };
    assert_eq!(open("anna"), Some(Amount::ZERO));
}

#[test]
fn a_restated_day_becomes_a_correction_on_the_next_invoice() {
    let mut world = world();
    let one = add_point(&mut world, 1, &[("anna", 10_000)]);
    store_month(&mut world, one, "0.5");
    bill(&mut world, "october", october());
    let day = rule().start(Day::new(2024, 10, 10).unwrap());
    store(&mut world, one, (day, 24), "1.5", 2_000);
    bill(&mut world, "again", october());
    // 24 h x 1 kWh more x 0.10 = 2.40; VAT 0.504 -> 0.50.
    let totals: Vec<String> = world.rows.invoices.iter().map(|one| one.total.to_text()).collect();
    assert_eq!(totals, ["52.57", "2.90"]);
    let corrections = world.rows.invoices[1].points[0].lines.iter().filter(|line| line.is_correction).count();
    assert_eq!(corrections, 1);
}

#[test]
fn a_run_that_is_cancelled_leaves_nothing_behind() {
    let mut world = world();
    let one = add_point(&mut world, 1, &[("anna", 10_000)]);
    store_month(&mut world, one, "0.5");
    let create = |run: &str| invoice_run::Command::Create {
        run: run.to_owned(),
        month: october(),
        known_at: None,
        issue_date: Day::new(2024, 11, 5).unwrap(),
        shard_count: 2,
    };
    world.run("first", &create("first")).unwrap();
    world.settle();
    world.run("second", &create("second")).unwrap();
    world.settle();
    // The second run finds the account held by the first.
    assert_eq!(world.runs["second"].preview().invoices, 0);
    assert_eq!(world.runs["second"].preview().not_ready, 1);
    world.run("first", &invoice_run::Command::Cancel).unwrap();
    world.settle();
    assert!(world.rows.invoices.is_empty());
    assert!(world.accounts["anna"].open_run.is_none());
    bill(&mut world, "third", october());
    assert_eq!(world.rows.invoices.len(), 1);
    assert_eq!(world.rows.invoices[0].number, "2024-000001");
}

#[test]
fn approval_names_what_was_previewed() {
    let mut world = world();
    let one = add_point(&mut world, 1, &[("anna", 10_000)]);
    store_month(&mut world, one, "0.5");
    let create = invoice_run::Command::Create {
        run: "r".to_owned(),
        month: october(),
        known_at: None,
        issue_date: Day::new(2024, 11, 5).unwrap(),
        shard_count: 2,
    };
    world.run("r", &create).unwrap();
    world.settle();
    let refused = world.run("r", &invoice_run::Command::Approve { hash: [7; 32] });
    assert_eq!(refused, Err(invoice_run::Rejection::PreviewChanged(world.runs["r"].preview().hash)));
}
