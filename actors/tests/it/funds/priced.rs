//! What runs is priced by the product of an agreement: constant and by an index, at the time of use.

use actors::entity::entity_id;
use actors::shell::{Reply, Request};
use bytes::Bytes;
use domain::address::Address;
use domain::agreement::{Agreement, AgreementCommand};
use domain::day::Day;
use domain::day_span::DaySpan;
use domain::entity::Recipient;
use domain::entity::account;
use domain::entity::catalog::{self, IndexPrices, TenantSettings};
use domain::fixed::Rounding;
use domain::funds::{Ask, Asked, Commit, FundsCommand, FundsReply, Reserve, Usage, Used};
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use domain::money::Currency;
use domain::price::Price;
use domain::price_series::PriceColumn;
use domain::product::{ChargeModel, Component, DatedPrice, Display, PriceSource, Product, QuantitySource};
use domain::quantity::{Quantity, Unit};
use domain::resolution::Resolution;
use domain::series::Direction;
use domain::tax::{TaxClass, TaxRate, VatRate};
use domain::zone::Zone;
use prost::Message as _;
use proto::store as stored;
use storage::Faults;

use super::world::*;

impl World {
    async fn catalog(&self, command: &catalog::Command) {
        let request = Request {
            entity: entity_id(&tenant(), &Recipient::Catalog).unwrap(),
            command: Bytes::from(stored::CatalogCommand::from(command).encode_to_vec()),
            ..request("anna", &account::Command::Get)
        };
        let reply = self.node.call(request).await.unwrap();
        assert!(matches!(reply, Reply::Accepted(_)), "{reply:?}");
    }

    /// Energy at a metering point for the spot price and 0.05, parking at 1.20 an hour.
    async fn with_products(&self) {
        let settings = TenantSettings {
            seller_name: "Example".to_owned(),
            address: Address::default(),
            vat_id: String::new(),
            iban: String::new(),
            contact: String::new(),
            currency: Currency::Eur,
            zone: Zone::named("Europe/Amsterdam").unwrap(),
            payment_days: 14,
            invoice_prefix: "2026-".to_owned(),
            refuses_check_digits: false,
        };
        let (class, rate) = (TaxClass::new("standard"), VatRate::new(2_100).unwrap());
        let spot =
            PriceSource::Series { index: "spot".to_owned(), factor: price("1"), addend: price("0.05") };
        let constant = PriceSource::Constant(vec![DatedPrice { valid_from: first(), price: price("1.20") }]);
        let energy = QuantitySource::Channel(Direction::Consumption);
        let parking = QuantitySource::Dimension("parking".to_owned());
        let product = Product {
            id: "charging".to_owned(),
            version: 0,
            name: "Charging".to_owned(),
            currency: Currency::Eur,
            valid_from: first(),
            components: vec![
                component("energy", energy, Unit::KilowattHour, spot),
                component("parking", parking, Unit::Hour, constant),
            ],
        };
        // The first hour of 2026 in Amsterdam costs 80 per MWh, the next 120, and so on.
        let start = Instant::parse("2025-12-31T23:00Z").unwrap();
        let prices: Vec<_> = (0..48).map(|hour| Some(price(&(80 + 40 * (hour % 3)).to_string()))).collect();
        self.catalog(&catalog::Command::PutSettings(Box::new(settings))).await;
        self.catalog(&catalog::Command::PutTaxRates(vec![TaxRate { class, valid_from: first(), rate }]))
            .await;
        self.catalog(&catalog::Command::PutProduct(product)).await;
        self.catalog(&catalog::Command::PutPrices(IndexPrices {
            index: "spot".to_owned(),
            unit: Unit::MegawattHour,
            currency: Currency::Eur,
            created: start,
            source: "exchange".to_owned(),
            column: PriceColumn { start, resolution: Resolution::Hour, prices },
        }))
        .await;
        self.settle().await;
    }
}

fn first() -> Day {
    Day::new(2026, 1, 1).unwrap()
}

fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

fn component(id: &str, quantity: QuantitySource, unit: Unit, price: PriceSource) -> Component {
    Component {
        id: id.to_owned(),
        name: id.to_owned(),
        quantity,
        unit,
        price,
        model: ChargeModel::PerUnit,
        tax_class: TaxClass::new("standard"),
        display: Display { group: "charging".to_owned(), is_bundled: false },
        revenue_role: id.to_owned(),
        rounding: Rounding::HalfAwayFromZero,
        conditions: None,
    }
}

fn agreement(id: &str, until: Option<Day>) -> account::Command {
    let span = until.map_or_else(|| DaySpan::since(first()), |end| DaySpan::new(first(), end)).unwrap();
    let (id, product) = (id.to_owned(), "charging".to_owned());
    account::Command::Agreements(AgreementCommand::Set(Agreement {
        id,
        product,
        span,
        allows_overuse: false,
    }))
}

fn run(reservation: &str, dimension: &str, quantity: &str, unit: Unit) -> FundsCommand {
    let metering_point = MeteringPointId::new(1);
    let usage = Usage { metering_point, dimension: dimension.to_owned(), ..Usage::default() };
    let ask = Ask { member: None, usage, asked: Asked::Quantity(Quantity::parse(quantity).unwrap(), unit) };
    FundsCommand::Reserve(Reserve { reservation: id(reservation), ask, ttl_ms: 7_200_000 })
}

fn ran(reservation: &str, quantity: &str, at: Option<&str>) -> FundsCommand {
    let used = Used::Quantity(Quantity::parse(quantity).unwrap(), Unit::KilowattHour);
    let used_at = at.map(|at| Instant::parse(at).unwrap());
    FundsCommand::Commit(Commit { reservation: id(reservation), used, used_at })
}

/// What a reply holds or takes in money.
fn money(reply: &FundsReply) -> String {
    let parts = match reply {
        FundsReply::Granted(grant) => &grant.parts,
        FundsReply::Taken(taken) => &taken.parts,
        other => panic!("{other:?}"),
    };
    parts.iter().map(|part| part.amount.to_string()).collect::<Vec<_>>().join(" + ")
}

#[tokio::test(start_paused = true)]
async fn what_runs_is_priced_at_the_time_of_use() {
    let mut world = World::new(&["anna"], Faults::none()).await;
    world.with_products().await;
    world.funds("anna", &top_up("t1", "100")).await.unwrap();
    let refused = world.funds("anna", &run("r0", "energy", "10", Unit::KilowattHour)).await;
    assert_eq!(refused, Err("NO_AGREEMENT".to_owned()));
    world.account("anna", &agreement("A1", None)).await.unwrap();
    // Once there is one the same id is decided anew: (0.12 + 0.05) x 1 x 1.21, and goes back.
    let granted = world.funds("anna", &run("r0", "energy", "1", Unit::KilowattHour)).await.unwrap();
    assert_eq!(money(&granted), "0.2057");
    world.funds("anna", &FundsCommand::Release(id("r0"))).await.unwrap();
    // It is one in the morning in Amsterdam: (0.12 + 0.05) x 10 x 1.21; an hour later (0.16 + 0.05).
    let granted = world.funds("anna", &run("r1", "energy", "10", Unit::KilowattHour)).await.unwrap();
    assert_eq!(money(&granted), "2.057");
    world.pass(3_600_000).await;
    let granted = world.funds("anna", &run("r2", "energy", "10", Unit::KilowattHour)).await.unwrap();
    assert_eq!(money(&granted), "2.541");
    let granted = world.funds("anna", &run("r3", "parking", "2", Unit::Hour)).await.unwrap();
    assert_eq!(money(&granted), "2.904");
    // What was used before is priced as then, after a restart too, and although the agreement is over: 5 x 0.13 x 1.21.
    world.account("anna", &agreement("A1", Some(Day::new(2026, 1, 2).unwrap()))).await.unwrap();
    world.restart(Faults::none()).await;
    let taken = world.funds("anna", &ran("r2", "5", Some("2025-12-31T23:30Z"))).await.unwrap();
    assert_eq!(money(&taken), "0.7865");
    // What has no price is refused, and nothing is guessed.
    let refused = world.funds("anna", &run("r4", "cooling", "1", Unit::Hour)).await;
    assert_eq!(refused, Err("UNPRICED".to_owned()));
    world.audit(&["anna"]).await;
}
