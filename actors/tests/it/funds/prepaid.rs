//! Supply in advance on a node: values that arrive are debited, meters are ordered, timers are kept, and all of it is there
//! after a restart.

use actors::entity::entity_id;
use actors::shell::{Reply, Request};
use bytes::Bytes;
use domain::address::Address;
use domain::contract::{Contract, Payer, Share};
use domain::day::{Day, DayRule};
use domain::day_span::DaySpan;
use domain::document::MeteringPointKind;
use domain::entity::Recipient;
use domain::entity::account;
use domain::entity::catalog::{self, TenantSettings};
use domain::entity::metering_point::{self, PointDetails, PointPeriod, Values};
use domain::fixed::Rounding;
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use domain::money::Currency;
use domain::prepaid::{
    CreditView, FriendlyHours, FriendlyWindow, PrepaidCommand, PrepaidReply, PrepaidTerms, Reconnection,
    Recovery, Supply, SwitchedOn,
};
use domain::price::Price;
use domain::product::{
    ChargeModel, Component, DatedPrice, Display, PriceSource, Product, QuantitySource, Weekdays,
};
use domain::quantity::{Quantity, Unit};
use domain::resolution::Resolution;
use domain::series::{Direction, Quality, TimeSeries, Value};
use domain::tax::{TaxClass, TaxRate, VatRate};
use domain::zone::Zone;
use prost::Message as _;
use proto::store as stored;
use storage::Faults;

use super::world::*;

const DAY_MS: u32 = 86_400_000;

fn first() -> Day {
    Day::new(2025, 1, 1).unwrap()
}

fn rule() -> DayRule {
    DayRule::civil(Zone::named("Europe/Amsterdam").unwrap())
}

fn point() -> MeteringPointId {
    MeteringPointId::new(871_699_000_000_000_011).unwrap()
}

impl World {
    async fn send(&self, to: Recipient, command: Vec<u8>) -> Bytes {
        let request = Request {
            entity: entity_id(&tenant(), &to).unwrap(),
            command: Bytes::from(command),
            ..request("anna", &account::Command::Get)
        };
        match self.node.call(request).await.unwrap() {
            Reply::Accepted(reply) => reply,
            refused @ Reply::Rejected(_) => panic!("{refused:?}"),
        }
    }

    async fn sell(&self, command: &catalog::Command) {
        self.send(Recipient::Catalog, stored::CatalogCommand::from(command).encode_to_vec()).await;
    }

    async fn at_point(&self, command: &metering_point::Command) -> metering_point::Reply {
        let command = stored::MeteringPointCommand::from(command).encode_to_vec();
        let reply = self.send(Recipient::MeteringPoint(point()), command).await;
        stored::MeteringPointReply::decode(reply).unwrap().try_into().unwrap()
    }

    /// A point whose energy costs 0.25 and no tax, and its contract with anna.
    async fn with_contract(&self) {
        self.with_components(1).await;
    }

    /// The same, so much for each of several components, each with a revenue role of its own.
    async fn with_components(&self, count: u32) {
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
        let (class, rate) = (TaxClass::new("standard"), VatRate::default());
        let price = Price::parse("0.25").unwrap();
        let energy = Component {
            id: "energy".to_owned(),
            name: "Energy".to_owned(),
            quantity: QuantitySource::Channel(Direction::Consumption),
            unit: Unit::KilowattHour,
            price: PriceSource::Constant(vec![DatedPrice { valid_from: first(), price }]),
            model: ChargeModel::PerUnit,
            tax_class: class.clone(),
            display: Display { group: "Energy".to_owned(), is_bundled: false },
            revenue_role: "energy".to_owned(),
            rounding: Rounding::HalfAwayFromZero,
            conditions: None,
        };
        let product = Product {
            id: "advance".to_owned(),
            version: 0,
            name: "Advance".to_owned(),
            currency: Currency::Eur,
            valid_from: first(),
            components: (1..=count)
                .map(|number| Component {
                    id: format!("energy-{number}"),
                    revenue_role: format!("energy-{number}"),
                    ..energy.clone()
                })
                .collect(),
        };
        self.sell(&catalog::Command::PutSettings(Box::new(settings))).await;
        self.sell(&catalog::Command::PutTaxRates(vec![TaxRate { class, valid_from: first(), rate }])).await;
        self.sell(&catalog::Command::PutProduct(product)).await;
        let span = DaySpan::since(first()).unwrap();
        let period = PointPeriod {
            span,
            resolution: Resolution::Hour,
            supplier: String::new(),
            settlement_method: None,
        };
        let details = PointDetails {
            id: point(),
            kind: MeteringPointKind::Consumption,
            unit: Unit::KilowattHour,
            rule: rule(),
            address: Address::default(),
            grid_area: "1".to_owned(),
            parent: None,
            periods: vec![period],
        };
        let payer = Payer { account: "anna".to_owned(), share: Share::new(Share::WHOLE).unwrap() };
        let contract = Contract {
            id: "C1".to_owned(),
            version: 1,
            product: "advance".to_owned(),
            span,
            payers: vec![payer],
            parameters: std::collections::BTreeMap::new(),
        };
        self.at_point(&metering_point::Command::Register(details)).await;
        self.at_point(&metering_point::Command::AddContract(contract)).await;
        self.settle().await;
    }

    /// Stores so much for every hour of a day.
    async fn use_day(&self, day: &str, each: &str, created: &str) {
        self.use_days(day, 1, each, created).await;
    }

    /// Stores so much for every hour of several days of 24 hours.
    async fn use_days(&self, day: &str, days: usize, each: &str, created: &str) {
        let start = rule().start(Day::parse(day).unwrap());
        let value = Value { quantity: Quantity::parse(each).unwrap(), quality: Quality::Measured };
        let values = Values {
            direction: Direction::Consumption,
            created: Instant::parse(created).unwrap(),
            source: "meter".to_owned(),
            series: TimeSeries::new(start, Resolution::Hour, vec![value; 24 * days]),
        };
        let reply = self.at_point(&metering_point::Command::StoreValues(vec![values])).await;
        assert!(matches!(&reply, metering_point::Reply::Stored(one) if one[0].is_ok()), "{reply:?}");
        self.settle().await;
    }

    async fn prepaid(&self, command: PrepaidCommand) -> account::Reply {
        let reply = self.account("anna", &account::Command::Prepaid(command)).await.unwrap();
        self.settle().await;
        reply
    }

    async fn credit(&self) -> CreditView {
        match self.prepaid(PrepaidCommand::Get).await {
            account::Reply::Prepaid(PrepaidReply::Credit(view)) => *view,
            other => panic!("{other:?}"),
        }
    }

    /// The order that the metering point carries out.
    async fn order(&self) -> (u64, Supply) {
        match self.at_point(&metering_point::Command::Get).await {
            metering_point::Reply::State(state) => {
                let order = &state.supply.orders["anna"];
                (order.version, order.supply)
            }
            other => panic!("{other:?}"),
        }
    }
}

fn terms(friendly: FriendlyHours, recovery: Option<Recovery>) -> PrepaidCommand {
    let terms = PrepaidTerms {
        points: [point()].into(),
        currency: Currency::Eur,
        low_credit: amount("5"),
        zero_credit: amount("0"),
        friendly,
        emergency: None,
        recovery,
        reconnection: Reconnection { least: amount("0"), switched_on: SwitchedOn::ByOrder },
        average_days: 7,
    };
    PrepaidCommand::SetTerms(terms, Day::new(2025, 12, 1))
}

#[tokio::test(start_paused = true)]
async fn what_is_used_in_advance_is_there_after_a_restart() {
    let mut world = World::new(&["anna"], Faults::none()).await;
    world.with_contract().await;
    world.funds("anna", &top_up("t1", "10")).await.unwrap();
    let share = Recovery::ShareOfTopUp(Share::new(2_500).unwrap());
    world.prepaid(terms(FriendlyHours::default(), Some(share))).await;
    world.prepaid(PrepaidCommand::SetDebt(amount("100"))).await;
    // 24 x 1 x 0.25 = 6 of 10 leaves 4 for 16 kWh, at 24 a day no whole one.
    world.use_day("2025-12-31", "1", "2025-12-31T23:00Z").await;
    let view = world.credit().await;
    let energy = Some((Quantity::parse("16").unwrap(), Unit::KilowattHour));
    assert_eq!((view.credit, view.energy_left, view.days_left), (amount("4"), energy, Some(0)));
    // The day before was late: 6 more.
    world.use_day("2025-12-30", "1", "2025-12-31T23:00Z").await;
    assert_eq!(world.order().await, (2, Supply::Off));
    let first = world.account("anna", &account::Command::Funds(top_up("t2", "20"))).await.unwrap();
    let account::Reply::Prepaid(PrepaidReply::ToppedUp(shown)) = &first else { panic!("{first:?}") };
    assert_eq!((shown.to_debt, shown.credited, shown.supply_version), (amount("5"), amount("15"), Some(3)));
    world.settle().await;
    let before = world.state("anna").await;
    world.restart(Faults::none()).await;
    let again = world.account("anna", &account::Command::Funds(top_up("t2", "20"))).await.unwrap();
    assert_eq!(again, first, "a repeat gets the first answer from its row");
    let after = world.state("anna").await;
    assert_eq!((after.ledger(), after.posting_sets), (before.ledger(), before.posting_sets));
    let without_recent = |mut state: account::State| {
        state.prepaid.shown = domain::prepaid::RecentShown::default();
        state.prepaid
    };
    assert_eq!(without_recent(after), without_recent(before), "nothing of it is lost");
    assert_eq!(world.order().await, (3, Supply::On));
    // The point knows what it told: the same again is nothing new, half of it gives 3 back.
    world.use_day("2025-12-30", "1", "2025-12-31T23:01Z").await;
    assert_eq!(world.credit().await.credit, amount("13"));
    world.use_day("2025-12-30", "0.5", "2025-12-31T23:02Z").await;
    assert_eq!(world.credit().await.credit, amount("16"));
    // It ends on 1 January; what is used then is still in advance, on the 2nd no longer, also after a restart.
    world.prepaid(PrepaidCommand::EndTerms).await;
    world.restart(Faults::none()).await;
    let again = world.account("anna", &account::Command::Funds(top_up("t2", "20"))).await.unwrap();
    assert_eq!(again, first, "what was shown is answered when supply has ended");
    world.use_day("2026-01-01", "0.5", "2025-12-31T23:03Z").await;
    assert_eq!(world.main("anna").await.0, "13");
    world.use_day("2026-01-02", "0.5", "2025-12-31T23:04Z").await;
    assert_eq!(world.main("anna").await.0, "13");
    world.audit(&["anna"]).await;
}

#[tokio::test(start_paused = true)]
async fn friendly_hours_and_weeks_end_by_timer() {
    let mut world = World::new(&["anna"], Faults::none()).await;
    world.with_contract().await;
    world.funds("anna", &top_up("t1", "6")).await.unwrap();
    let window = FriendlyWindow { weekdays: Weekdays::ALL, from_minute: 1_020, to_minute: 540 };
    let friendly = FriendlyHours { windows: vec![window], holidays: [].into() };
    // Every seventh day from 5 January on, a Monday.
    let weekly = Recovery::PerWeek { amount: amount("2"), first: Day::new(2026, 1, 5).unwrap() };
    world.prepaid(terms(friendly, Some(weekly))).await;
    world.prepaid(PrepaidCommand::SetDebt(amount("3"))).await;
    // It is one in the morning; supply stays on until nine.
    world.use_day("2025-12-31", "1", "2025-12-31T23:00Z").await;
    let until = Instant::parse("2026-01-01T08:00Z").unwrap();
    assert_eq!((world.order().await, world.credit().await.disconnect_at), ((1, Supply::On), Some(until)));
    world.restart(Faults::none()).await;
    world.pass(DAY_MS / 4).await;
    assert_eq!(world.order().await, (1, Supply::On));
    world.pass(DAY_MS / 12).await;
    assert_eq!(world.order().await, (2, Supply::Off));
    // With 10 there, the first Monday takes 2, the second the last one that is owed.
    world.account("anna", &account::Command::Funds(top_up("t2", "10"))).await.unwrap();
    world.settle().await;
    assert_eq!(world.order().await, (3, Supply::On));
    world.restart(Faults::none()).await;
    world.pass(4 * DAY_MS).await;
    assert_eq!((world.main("anna").await.0.as_str(), world.credit().await.debt), ("8", amount("1")));
    world.pass(7 * DAY_MS).await;
    assert_eq!((world.main("anna").await.0.as_str(), world.credit().await.debt), ("7", amount("0")));
    world.audit(&["anna"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_month_of_many_revenue_roles_is_told_in_parts() {
    let world = World::new(&["anna"], Faults::none()).await;
    world.with_components(30).await;
    world.prepaid(terms(FriendlyHours::default(), None)).await;
    // 31 days x 24 x 0.25 x 30 roles: 930 parts, more rows than one commit holds.
    world.use_days("2025-12-01", 31, "1", "2025-12-31T23:00Z").await;
    assert_eq!(world.credit().await.credit, amount("-5580"));
    assert_eq!(world.state("anna").await.prepaid.operations, 31);
    world.use_days("2025-12-01", 31, "0.5", "2025-12-31T23:01Z").await;
    assert_eq!(world.credit().await.credit, amount("-2790"));
    world.audit(&["anna"]).await;
}

#[tokio::test(start_paused = true)]
async fn what_one_commit_has_no_room_for_follows_at_once() {
    let world = World::new(&["anna"], Faults::none()).await;
    world.with_components(30).await;
    let PrepaidCommand::SetTerms(all, _) = terms(FriendlyHours::default(), None) else { unreachable!() };
    world.prepaid(PrepaidCommand::SetTerms(all, Day::new(2025, 4, 1))).await;
    // 100 days of 24 x 0.25 x 30 roles: 3,000 parts of over 200,000 bytes.
    world.use_days("2025-04-01", 100, "1", "2025-12-31T23:00Z").await;
    assert_eq!(world.credit().await.credit, amount("-18000"));
    match world.at_point(&metering_point::Command::Get).await {
        metering_point::Reply::State(state) => {
            assert_eq!((state.supply.told.len(), state.supply.pending.len()), (100, 0));
        }
        other => panic!("{other:?}"),
    }
    world.audit(&["anna"]).await;
}
