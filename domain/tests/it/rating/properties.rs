//! What holds wherever a contract is cut and in whatever order facts arrive.

use std::collections::BTreeMap;

use domain::amount::Amount;
use domain::charge::ChargeKind;
use domain::day_span::DaySpan;
use domain::day_version::{DayVersion, effective_days};
use domain::instant::Instant;
use domain::position::RatedPosition;
use domain::price::Price;
use domain::price_series::{PriceColumn, PriceMonth, PriceSeries, SeriesId};
use domain::product::{ChargeModel, QuantitySource};
use domain::quantity::{Quantity, Unit};
use domain::resolution::Resolution;
use domain::series::{Direction, Quality, TimeSeries, Value};
use proptest::prelude::*;

use super::given::{
    Given, OCTOBER, always, charges, component, dated, day, energy, key, monthly, on_spot, span, surcharge,
};

/// Every kind of component but the piece on the first day, with a new version, a dated price and a changed tax inside
/// the month.
fn everything(values: &[i64], prices: &[i64]) -> Given {
    let mut flat = energy(dated(&[("2020-01-01", "0.1"), ("2024-10-08", "0.123456")]));
    flat.id = "flat".to_owned();
    let daily =
        component("daily", QuantitySource::Days, Unit::Day, always("0.1234567"), ChargeModel::PerUnit);
    let moving = dated(&[("2020-01-01", "0.05"), ("2024-10-22", "0.0725")]);
    let components = vec![
        energy(on_spot("1.1", "0.02")),
        flat,
        monthly(always("5.95")),
        daily,
        charges(),
        surcharge(&["energy", "standing", "charges"], moving),
    ];
    let (network, reading, transport) = (
        key("network", ChargeKind::Subscription),
        key("reading", ChargeKind::Fee),
        key("transport", ChargeKind::Tariff),
    );
    let at = |list: &[i64], index: usize| list.get(index % list.len()).copied().unwrap();
    let priced = |index| Some(Price::from_raw(at(prices, index) * 1_000));
    Given::new(components.clone())
        .version(2, "2024-10-19", components)
        .taxed("standard", "2024-10-13", 900)
        .values_by(Direction::Consumption, "2024-10-01/2024-10-16", Resolution::Hour, |index| {
            value(at(values, index))
        })
        .values_by(Direction::Consumption, "2024-10-16/2024-11-01", Resolution::Minutes15, |index| {
            value(at(values, index))
        })
        .spot(OCTOBER, Resolution::Hour, priced)
        .prices(SeriesId::Charge(transport.clone()), OCTOBER, Resolution::Hour, Unit::KilowattHour, priced)
        .prices(SeriesId::Charge(network.clone()), OCTOBER, Resolution::Day, Unit::Piece, priced)
        .prices(SeriesId::Charge(reading.clone()), OCTOBER, Resolution::Day, Unit::Piece, priced)
        .linked(&network, "3", "2024-09-15/2024-10-25")
        .linked(&reading, "1", "2024-10-09/2024-10-12")
        .linked(&reading, "2", "2024-10-11/2024-10-14")
        .linked(&transport, "1", "2024-10-02/2025-01-01")
}

fn value(micros: i64) -> Value {
    Value { quantity: Quantity::from_micros(micros), quality: Quality::Measured }
}

/// Exact amount and quantity by component and charge; a surcharge counts pieces, so only its amount is told.
fn sums(positions: &[RatedPosition]) -> BTreeMap<String, (Amount, Quantity)> {
    let mut sums: BTreeMap<String, (Amount, Quantity)> = BTreeMap::new();
    for position in positions {
        let charge = position.key.charge.as_ref().map(ToString::to_string).unwrap_or_default();
        let sum = sums.entry(format!("{} {charge}", position.key.component)).or_default();
        sum.0 = sum.0.checked_add(position.amount).unwrap();
        if position.key.component != "surcharge" {
            sum.1 = sum.1.checked_add(position.quantity).unwrap();
        }
    }
    sums
}

fn some_values() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(0_i64..5_000_000_000, 1..100)
}

fn some_prices() -> impl Strategy<Value = Vec<i64>> {
    // Per MWh, in steps of 0.00001, negative ones among them.
    prop::collection::vec(-5_000_000_i64..50_000_000, 1..750)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn cutting_a_contract_conserves_quantity_and_amount(
        values in some_values(),
        prices in some_prices(),
        cut in 1_i32..31,
    ) {
        let given = everything(&values, &prices);
        let whole = given.rate().unwrap();
        let cut = domain::day::Day::from_number(day("2024-10-01").number() + cut).unwrap();
        let parts = [DaySpan::new(day("2020-01-01"), cut), DaySpan::since(cut)].map(|part| {
            let mut given = given.clone();
            given.contract.span = part.unwrap();
            given.rate().unwrap()
        });
        prop_assert_eq!(sums(&parts.concat()), sums(&whole));
        let keys: std::collections::BTreeSet<_> = whole.iter().map(|position| &position.key).collect();
        prop_assert_eq!(keys.len(), whole.len(), "a key stands twice");
    }

    #[test]
    fn the_order_of_links_does_not_matter(
        values in some_values(),
        order in Just((0..4).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let given = everything(&values, &[8_000_000, 7_000_000, -1_000_000]);
        let mut shuffled = given.clone();
        shuffled.links = order.into_iter().map(|index| given.links.get(index).unwrap().clone()).collect();
        prop_assert_eq!(shuffled.rate(), given.rate());
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(
        versions in prop::collection::vec((0_i64..4, 0_u8..3), 1..8).prop_flat_map(|versions| {
            let order: Vec<usize> = (0..versions.len()).collect();
            (Just(versions), Just(order).prop_shuffle())
        }),
    ) {
        let (versions, order) = versions;
        let days: Vec<DayVersion> = (1..).zip(&versions).map(|(number, version)| day_version(number, *version)).collect();
        let months: Vec<PriceMonth> = (1..).zip(&versions).map(|(number, version)| price_month(number, *version)).collect();
        let shuffled_days = order.iter().map(|index| days.get(*index).unwrap().clone()).collect();
        let shuffled_months: Vec<PriceMonth> = order.iter().map(|index| months.get(*index).unwrap().clone()).collect();
        prop_assert_eq!(effective_days(shuffled_days, Instant::MAX), effective_days(days, Instant::MAX));
        let rule = Given::new(Vec::new()).rule;
        let known = |months: &[PriceMonth]| PriceSeries::known_at(months, Instant::MAX, &rule);
        prop_assert_eq!(known(&shuffled_months), known(&months));
    }
}

/// A version made at one of few times by one of few sources, so that ties occur.
fn day_version(number: u32, (created, source): (i64, u8)) -> DayVersion {
    let start = span(OCTOBER).period(&Given::new(Vec::new()).rule).unwrap().start();
    DayVersion {
        direction: Direction::Consumption,
        day: day("2024-10-01"),
        version: number,
        created: Instant::from_seconds(created).unwrap(),
        received: Instant::from_seconds(i64::from(number)).unwrap(),
        source: source.to_string(),
        values: TimeSeries::new(start, Resolution::Day, [value(i64::from(number))]),
    }
}

fn price_month(number: u32, (created, source): (i64, u8)) -> PriceMonth {
    let start = span(OCTOBER).period(&Given::new(Vec::new()).rule).unwrap().start();
    let prices = vec![Some(Price::from_raw(i64::from(number)))];
    PriceMonth {
        series: SeriesId::Index("spot".to_owned()),
        month: day("2024-10-01").month(),
        version: number,
        created: Instant::from_seconds(created).unwrap(),
        received: Instant::from_seconds(i64::from(number)).unwrap(),
        source: source.to_string(),
        unit: Unit::MegawattHour,
        currency: domain::money::Currency::Eur,
        prices: PriceColumn { start, resolution: Resolution::Month, prices },
    }
}
