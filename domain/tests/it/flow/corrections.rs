//! What was billed, or could not be, and changes later: it comes with the next run, once.

use super::*;

fn november() -> Month {
    Month::new(2024, 11).unwrap()
}

fn day(month: i8, day: i8) -> Day {
    Day::new(2024, month, day).unwrap()
}

/// Spot prices of November, as those of October.
fn price_november(world: &mut World) {
    let period = rule().month_period(november()).unwrap();
    let prices = IndexPrices {
        index: "spot".to_owned(),
        unit: Unit::MegawattHour,
        currency: Currency::Eur,
        created: period.start(),
        source: "exchange".to_owned(),
        column: PriceColumn {
            start: period.start(),
            resolution: Resolution::Hour,
            prices: vec![Price::parse("80").ok(); 720],
        },
    };
    world.catalog(&catalog::Command::PutPrices(prices)).unwrap();
}

fn store_november(world: &mut World, id: MeteringPointId, quantity: &str) {
    store(world, id, (rule().start(day(11, 1)), 720), quantity, 1_000);
}

fn end(world: &mut World, id: MeteringPointId, end: Day) {
    let id_of = format!("C{}", id.number());
    world.point(id, &metering_point::Command::EndContract { id: id_of, end }).unwrap();
    world.settle();
}

fn totals(world: &World) -> Vec<(&str, String)> {
    world.rows.invoices.iter().map(|one| (one.payer.account.as_str(), one.total.to_text())).collect()
}

pub(super) fn create(run: &str, month: Month) -> invoice_run::Command {
    invoice_run::Command::Create {
        run: run.to_owned(),
        month,
        known_at: None,
        issue_date: Day::new(2024, 12, 5).unwrap(),
        shard_count: 2,
    }
}

#[test]
fn a_contract_that_ended_before_a_billed_month_gives_that_month_back() {
    let mut world = world();
    price_november(&mut world);
    let one = add_point(&mut world, 1, &[("anna", 7_000), ("bert", 3_000)]);
    store_month(&mut world, one, "0.5");
    store_november(&mut world, one, "0.5");
    bill(&mut world, "october", october());
    bill(&mut world, "november", november());
    // She had moved out on the last of October: all of November goes back, October stays.
    end(&mut world, one, day(11, 1));
    bill(&mut world, "december", Month::new(2024, 12).unwrap());
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for invoice in &world.rows.invoices {
        *sums.entry(&invoice.payer.account).or_default() += invoice.net.minor();
    }
    // October alone: energy 37.25 and standing 6.20, split 70/30: 26.08 (26.075, rest to the first) + 4.34; 11.17 + 1.86.
    assert_eq!(sums, [("anna", 3_042), ("bert", 1_303)].into());
}

#[test]
fn a_month_that_was_not_ready_is_billed_by_the_next_run() {
    let mut world = world();
    price_november(&mut world);
    let one = add_point(&mut world, 1, &[("anna", 10_000)]);
    store_november(&mut world, one, "0.5");
    let october_run = bill(&mut world, "october", october());
    assert_eq!(october_run.preview().not_ready, 1);
    store_month(&mut world, one, "0.5");
    bill(&mut world, "november", november());
    // October 43.45 and November 36.00 + 6.20 = 42.20: 85.65; VAT 17.9865 -> 17.99.
    assert_eq!(totals(&world), [("anna", "103.64".to_owned())]);
}

#[test]
fn a_month_that_is_not_ready_holds_up_no_other() {
    let mut world = world();
    price_november(&mut world);
    let one = add_point(&mut world, 1, &[("anna", 10_000)]);
    store_month(&mut world, one, "0.5");
    bill(&mut world, "october", october());
    store(&mut world, one, (rule().start(day(10, 10)), 24), "1.5", 2_000);
    let run = bill(&mut world, "november", november());
    // November has no values and is listed; the correction of October is billed: 2.40 and VAT 0.50.
    assert_eq!(run.preview().not_ready, 1);
    assert_eq!(totals(&world), [("anna", "52.57".to_owned()), ("anna", "2.90".to_owned())]);
}

#[test]
fn a_run_bills_no_month_after_its_own() {
    let mut world = world();
    price_november(&mut world);
    let one = add_point(&mut world, 1, &[("anna", 10_000)]);
    store_month(&mut world, one, "0.5");
    store_november(&mut world, one, "0.5");
    world.run("november", &create("november", november())).unwrap();
    world.settle();
    world.run("november", &invoice_run::Command::Cancel).unwrap();
    world.settle();
    bill(&mut world, "october", october());
    assert_eq!(totals(&world), [("anna", "52.57".to_owned())]);
    bill(&mut world, "again", november());
    // 36.00 + 6.20 = 42.20; VAT 8.862 -> 8.86.
    assert_eq!(totals(&world)[1..], [("anna", "51.06".to_owned())]);
}
