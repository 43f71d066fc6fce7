//! What would lose a price, hold up a run or leave a ledger that can't be corrected.

use domain::charge::{ChargeKey, ChargeKind};
use domain::entity::Message;
use domain::entity::message::FromDocument;
use domain::entity::metering_point::ValuesRefused;
use domain::price_series::SeriesId;

use super::*;

fn apply(created: Instant, columns: Vec<PriceColumn>) -> catalog::Command {
    let key = ChargeKey { code: "1".to_owned(), owner: "2".to_owned(), kind: ChargeKind::Tariff };
    let from = FromDocument { document: "d08".to_owned(), index: 0, created };
    let prices = columns.into_iter().map(|column| (SeriesId::Charge(key.clone()), column)).collect();
    catalog::Command::Message(Message::ApplyPrices { from, prices })
}

fn column(day: i8, resolution: Resolution, count: usize) -> PriceColumn {
    let start = rule().start(Day::new(2024, 10, day).unwrap());
    PriceColumn { start, resolution, prices: vec![Price::parse("1").ok(); count] }
}

fn priced_hours(world: &World) -> usize {
    let months = world.rows.catalog.prices.values().flatten();
    let charge = months.filter(|month| matches!(month.series, SeriesId::Charge(_)));
    let latest = charge.max_by_key(|month| month.version);
    latest.map_or(0, |month| month.prices.prices.iter().flatten().count())
}

#[test]
fn columns_of_one_document_are_laid_one_over_the_other() {
    let mut world = world();
    let created = rule().start(Day::new(2024, 10, 1).unwrap());
    let columns = (1..=3).map(|day| column(day, Resolution::Hour, 24)).collect();
    world.catalog(&apply(created, columns)).unwrap();
    assert_eq!(priced_hours(&world), 72);
}

#[test]
fn prices_without_end_or_from_the_future_are_not_taken() {
    let mut world = world();
    let created = rule().start(Day::new(2024, 10, 1).unwrap());
    world.catalog(&apply(created, vec![column(1, Resolution::Month, 20_000)])).unwrap();
    world.catalog(&apply(created, vec![column(1, Resolution::Day, 20_000)])).unwrap();
    world.catalog(&apply(Instant::MAX, vec![column(1, Resolution::Hour, 24)])).unwrap();
    assert_eq!(priced_hours(&world), 0);
}

#[test]
fn a_product_keeps_the_currency_of_its_tenant() {
    let mut world = world();
    let product = world.rows.catalog.products["dynamic"][0].fact.clone();
    let other = Product { currency: Currency::Dkk, ..product };
    let refused = world.catalog(&catalog::Command::PutProduct(other));
    assert_eq!(refused, Err(catalog::Rejection::OtherCurrency));
}

#[test]
fn a_run_whose_parts_can_have_no_name_is_refused() {
    let mut world = world();
    let run = "r".repeat(61);
    let refused = world.run(&run, &corrections::create(&run, october()));
    assert_eq!(refused, Err(invoice_run::Rejection::UnusableId));
}

#[test]
fn a_run_is_cancelled_at_any_moment_before_its_approval() {
    for steps in 0..40 {
        let mut world = world();
        let one = add_point(&mut world, 1, &[("anna", 7_000), ("bert", 3_000)]);
        store_month(&mut world, one, "0.5");
        world.run("first", &corrections::create("first", october())).unwrap();
        world.settle_some(steps);
        world.run("first", &invoice_run::Command::Cancel).unwrap();
        world.settle();
        assert_eq!(world.runs["first"].stage, Stage::Cancelled, "after {steps} steps");
        assert!(world.accounts.values().all(|account| account.open_run.is_none()), "after {steps} steps");
        bill(&mut world, "second", october());
        assert_eq!(world.rows.invoices.len(), 2);
    }
}

#[test]
fn an_account_of_many_points_is_billed_or_listed() {
    for (points, expected) in [(130_u64, (1, 0)), (151, (0, 1))] {
        let mut world = world();
        for number in 1..=points {
            let id = add_point(&mut world, number, &[("anna", 10_000)]);
            store_month(&mut world, id, "0.5");
        }
        let run = bill(&mut world, "october", october());
        let preview = run.preview();
        assert_eq!((preview.invoices, preview.not_ready), expected, "{points} points");
    }
}

/// What becomes of values of a point that begin so many days after worlds do.
fn stored(days_ahead: i64, quantities: &[&str]) -> Result<(), ValuesRefused> {
    let mut world = world();
    let id = add_point(&mut world, 1, &[("anna", 10_000)]);
    let value = |text: &&str| match *text {
        "missing" => Value::MISSING,
        text => Value { quantity: Quantity::parse(text).unwrap(), quality: Quality::Measured },
    };
    let start = rule().start(rule().day_of(world.moment().now)).plus_millis(days_ahead * 86_400_000).unwrap();
    let values = Values {
        direction: Direction::Consumption,
        created: Instant::from_millis(1_000).unwrap(),
        source: "meter".to_owned(),
        series: TimeSeries::new(start, Resolution::Hour, quantities.iter().map(value)),
    };
    let reply = world.point(id, &metering_point::Command::StoreValues(vec![values]));
    let Ok(metering_point::Reply::Stored(outcomes)) = reply else { return Err(ValuesRefused::Empty) };
    outcomes[0].map(|_| ())
}

#[test]
fn values_that_no_point_can_have_are_refused() {
    let cases: [(i64, &[&str], Result<(), ValuesRefused>); 9] = [
        (0, &["0"], Ok(())),
        (0, &["1", "-0.000001"], Err(ValuesRefused::Negative)),
        (0, &["1000000000"], Ok(())),
        (0, &["1", "1000000000.000001"], Err(ValuesRefused::Absurd)),
        // Worlds begin 5 hours and 33 minutes after their first day does.
        (31, &["1"; 5], Ok(())),
        (31, &["1"; 6], Err(ValuesRefused::TooFarAhead)),
        (31, &["1", "missing", "missing", "missing", "missing", "missing"], Ok(())),
        (32, &["missing"], Ok(())),
        (3_650, &["1"], Err(ValuesRefused::TooFarAhead)),
    ];
    for (days_ahead, quantities, expected) in cases {
        assert_eq!(stored(days_ahead, quantities), expected, "{days_ahead} {quantities:?}");
    }
}
