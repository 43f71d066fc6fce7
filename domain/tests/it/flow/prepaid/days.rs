//! Every day is paid once: in advance from the terms on and as long as they last, afterwards on all others, whatever becomes of
//! contracts and prices. It is 27 October 2024, a day of 25 hours.
//!
//! An hour of a kWh costs 0.10, a day of October 6.20 / 31 = 0.20; tax is 21 %.

use super::*;
use domain::entity::Entity as _;

use crate::model::given::component as counted;

fn set(world: &mut World, id: MeteringPointId, first: Option<Day>) {
    prepaid(world, PrepaidCommand::SetTerms(terms(id), first));
}

fn invoices(world: &World) -> Vec<String> {
    world.rows.invoices.iter().map(|one| one.total.to_text()).collect()
}

/// Closes a month without issuing anything, and answers how many accounts are not ready.
fn close(world: &mut World, run: &str, month: Month) -> u32 {
    let create = invoice_run::Command::Create {
        run: run.to_owned(),
        month,
        known_at: None,
        issue_date: Day::new(2025, 1, 5).unwrap(),
        shard_count: 2,
    };
    world.run(run, &create).unwrap();
    world.settle();
    let not_ready = world.runs[run].preview().not_ready;
    world.run(run, &invoice_run::Command::Cancel).unwrap();
    world.settle();
    u32::try_from(not_ready).unwrap()
}

#[test]
fn days_before_the_terms_are_billed_and_those_from_then_on_debited() {
    let mut world = world();
    let id = add_point(&mut world, 1, &[("anna", 10_000)]);
    store_month(&mut world, id, "0.5");
    set(&mut world, id, None);
    bill(&mut world, "october", october());
    // 26 days of 24 x 0.5 x 0.10 + 0.20 = 1.40: 36.40, tax 7.644 -> 7.64.
    assert_eq!(invoices(&world), ["44.04"]);
    // One of 25 hours, 1.25 + 0.20 = 1.45, and four of 1.40: 7.05 x 1.21 = 8.5305.
    assert_eq!(credit(&mut world), "-8.5305");
    // A correction of a day goes where the day was paid: 1.20 more is 1.45 on a bill, 1.452 of the credit.
    use_day(&mut world, id, 5, "1", 2_000);
    use_day(&mut world, id, 28, "1", 2_001);
    bill(&mut world, "again", october());
    assert_eq!(invoices(&world), ["44.04", "1.45"]);
    assert_eq!(credit(&mut world), "-9.9825");
    bill(&mut world, "once more", october());
    assert_eq!((invoices(&world).len(), credit(&mut world)), (2, "-9.9825".to_owned()));
}

#[test]
fn an_earlier_first_day_is_taken_by_terms_that_are_set_anew() {
    let mut world = world();
    let id = add_point(&mut world, 1, &[("anna", 10_000)]);
    store_month(&mut world, id, "0.5");
    set(&mut world, id, None);
    let first = Day::new(2024, 10, 1);
    let earlier = account::Command::Prepaid(PrepaidCommand::SetTerms(terms(id), first));
    let joined = account::Rejection::Prepaid(domain::prepaid::PrepaidRefused::FirstDayJoined);
    assert_eq!(world.account("anna", &earlier), Err(joined));
    prepaid(&mut world, PrepaidCommand::EndTerms);
    set(&mut world, id, first);
    bill(&mut world, "october", october());
    // 745 x 0.5 x 0.10 + 6.20 = 43.45, x 1.21.
    assert_eq!((invoices(&world).len(), credit(&mut world)), (0, "-52.5745".to_owned()));
}

#[test]
fn an_invoiced_month_stays_as_it_was_billed() {
    let mut world = world();
    let id = add_point(&mut world, 1, &[("anna", 10_000)]);
    store_month(&mut world, id, "0.5");
    bill(&mut world, "october", october());
    let early = account::Command::Prepaid(PrepaidCommand::SetTerms(terms(id), Day::new(2024, 10, 26)));
    let billed = account::Rejection::Prepaid(domain::prepaid::PrepaidRefused::DaysBilled);
    assert_eq!(world.account("anna", &early), Err(billed));
    set(&mut world, id, None);
    // The 27th and what follows were billed already: they are debited, 8.5305, and the next run gives back what it billed,
    // 7.05 and tax 1.4805 -> 1.48.
    use_day(&mut world, id, 5, "0.5", 2_000);
    bill(&mut world, "again", october());
    assert_eq!(invoices(&world), ["52.57", "-8.53"]);
    assert_eq!(credit(&mut world), "-8.5305");
}

#[test]
fn days_behind_the_end_of_the_terms_are_billed() {
    let mut world = world();
    let id = add_point(&mut world, 1, &[("anna", 10_000)]);
    set(&mut world, id, Day::new(2024, 10, 1));
    store_month(&mut world, id, "0.5");
    world.settle();
    assert_eq!(credit(&mut world), "-52.5745");
    prepaid(&mut world, PrepaidCommand::EndTerms);
    bill(&mut world, "october", october());
    // From the 28th on: 4 x 1.40 = 5.60 with tax 6.776 comes back, and 5.60 + 1.18 is billed.
    assert_eq!((invoices(&world), main(&world)), (vec!["6.78".to_owned()], "-45.7985".to_owned()));
    use_day(&mut world, id, 5, "1", 2_000);
    use_day(&mut world, id, 28, "1", 2_001);
    bill(&mut world, "again", october());
    assert_eq!((invoices(&world).len(), invoices(&world)[1].as_str()), (2, "1.45"));
    assert_eq!(main(&world), "-47.2505");
    // Set again on the same day it goes on as if it had not ended.
    set(&mut world, id, None);
    use_day(&mut world, id, 29, "1", 2_002);
    assert_eq!(world.points[&id].supply.advance["anna"].len(), 1);
    assert_eq!(main(&world), "-56.9305", "2 x 3.146 + 2 x 1.694 more");
}

#[test]
fn days_of_a_contract_that_was_cut_short_come_back() {
    let mut world = world();
    let id = add_point(&mut world, 1, &[("anna", 10_000)]);
    top_up(&mut world, "t1", "20");
    set(&mut world, id, Day::new(2024, 10, 1));
    store_month(&mut world, id, "0.5");
    world.settle();
    assert_eq!((credit(&mut world).as_str(), supply(&world, id).1), ("-32.5745", Supply::Off));
    let end = |day| metering_point::Command::EndContract {
        id: "C1".to_owned(),
        end: Day::new(2024, 10, day).unwrap(),
    };
    world.point(id, &end(11)).unwrap();
    world.settle();
    // Ten days are left: 20 - 10 x 1.694 = 3.06, and supply is on again.
    assert_eq!((credit(&mut world).as_str(), supply(&world, id).1), ("3.06", Supply::On));
    // Somebody else moved in: not a day of theirs is anna's, and none is billed twice.
    let payer = Payer { account: "bert".to_owned(), share: Share::new(10_000).unwrap() };
    let contract = Contract {
        id: "C2".to_owned(),
        version: 0,
        product: "dynamic".to_owned(),
        span: DaySpan::since(Day::new(2024, 10, 11).unwrap()).unwrap(),
        payers: vec![payer],
        parameters: BTreeMap::new(),
    };
    let details = AccountDetails { id: "bert".to_owned(), ..AccountDetails::default() };
    world.account("bert", &account::Command::Open(details)).unwrap();
    world.point(id, &metering_point::Command::AddContract(contract)).unwrap();
    bill(&mut world, "october", october());
    // 20 days of 1.40 and one of 1.45 = 29.45, tax 6.1845 -> 6.18. With anna's 14.00 it is the month's 43.45.
    assert_eq!((invoices(&world), credit(&mut world)), (vec!["35.63".to_owned()], "3.06".to_owned()));
    world.point(id, &end(6)).unwrap();
    world.settle();
    assert_eq!(credit(&mut world), "11.53", "20 - 5 x 1.694");
    // The order that is read is that of who pays today.
    let order = world.point(id, &metering_point::Command::GetSupplyOrder).unwrap();
    assert_eq!(order, metering_point::Reply::SupplyOrder(None));
}

/// Sells tiers instead from a day on: 30 kWh of a month at 0.40, the rest at 0.30.
fn sell_tiers(world: &mut World, from: Day) {
    let tiers = counted("graduated zero=none 30:0.40 ..:0.30", "");
    let quantity = QuantitySource::Channel(Direction::Consumption);
    let tiers = Component { id: "energy".to_owned(), quantity, ..tiers };
    let product = Product {
        id: "dynamic".to_owned(),
        version: 0,
        name: "Tiers".to_owned(),
        currency: Currency::Eur,
        valid_from: from,
        components: vec![tiers],
    };
    world.catalog(&catalog::Command::PutProduct(product)).unwrap();
}

#[test]
fn a_month_that_counts_is_paid_in_one_way() {
    let mut world = world();
    let id = add_point(&mut world, 1, &[("anna", 10_000)]);
    sell_tiers(&mut world, Day::new(2024, 10, 1).unwrap());
    set(&mut world, id, None);
    store_month(&mut world, id, "0.1");
    let november = rule().start(Day::new(2024, 11, 1).unwrap());
    store(&mut world, id, (november, 24), "1", 1_000);
    world.settle();
    // October began before the terms: 74.5 kWh are 12 + 44.5 x 0.30 = 25.35, tax 5.3235 -> 5.32, on a bill. Of November
    // 24 x 0.40 x 1.21 = 11.616 are debited.
    assert_eq!(credit(&mut world), "-11.616");
    bill(&mut world, "october", october());
    assert_eq!((invoices(&world), credit(&mut world)), (vec!["30.67".to_owned()], "-11.616".to_owned()));
}

#[test]
fn days_that_are_told_as_a_month_come_back() {
    let mut world = world();
    let id = add_point(&mut world, 1, &[("anna", 10_000)]);
    set(&mut world, id, Day::new(2024, 10, 1));
    use_day(&mut world, id, 1, "1", 1_000);
    use_day(&mut world, id, 2, "1", 1_001);
    assert_eq!(credit(&mut world), "-6.292", "2 x (2.40 + 0.20) x 1.21");
    sell_tiers(&mut world, Day::new(2024, 10, 1).unwrap());
    // The fourth day is there, the third is not: the month is rated as far as nothing is missing, 48 kWh.
    use_day(&mut world, id, 4, "1", 1_002);
    assert_eq!(credit(&mut world), "-21.054", "(12 + 18 x 0.30) x 1.21");
    use_day(&mut world, id, 3, "1", 1_003);
    assert_eq!(credit(&mut world), "-38.478", "(12 + 66 x 0.30) x 1.21");
}

#[test]
fn what_lacked_a_price_is_listed_and_debited_when_it_is_there() {
    let mut world = world();
    let id = add_point(&mut world, 1, &[("anna", 10_000)]);
    let december = Month::new(2024, 12).unwrap();
    set(&mut world, id, None);
    let period = rule().month_period(december).unwrap();
    store(&mut world, id, (period.start(), 744), "1", 1_000);
    world.settle();
    assert_eq!(credit(&mut world), "0");
    assert_eq!(close(&mut world, "first", december), 1, "it is listed, as a point is that can't be billed");
    let prices = IndexPrices {
        index: "spot".to_owned(),
        unit: Unit::MegawattHour,
        currency: Currency::Eur,
        created: period.start(),
        source: "exchange".to_owned(),
        column: PriceColumn {
            start: period.start(),
            resolution: Resolution::Hour,
            prices: vec![Price::parse("80").ok(); 744],
        },
    };
    world.catalog(&catalog::Command::PutPrices(prices)).unwrap();
    assert_eq!(credit(&mut world), "0");
    // The next run, of whatever month, finds them: 31 x (2.40 + 0.20) x 1.21 = 97.526.
    assert_eq!(close(&mut world, "second", Month::new(2025, 1).unwrap()), 1, "January has no values");
    assert_eq!(credit(&mut world), "-97.526");
    assert_eq!(close(&mut world, "third", december), 0);
    assert_eq!((invoices(&world).len(), credit(&mut world)), (0, "-97.526".to_owned()));
}

#[test]
fn what_no_run_corrects_any_more_is_forgotten_on_both_sides() {
    let mut world = world();
    let id = add_point(&mut world, 1, &[("anna", 10_000)]);
    set(&mut world, id, Day::new(2024, 10, 1));
    use_day(&mut world, id, 3, "1", 1_000);
    // 37 months from November on were closed; October is before the last 36 and the one that is closed.
    let mut month = october();
    for _ in 0..37 {
        month = month.next();
        let state = world.points.get_mut(&id).unwrap();
        metering_point::MeteringPoint::apply(state, &metering_point::Event::MonthRated(month));
    }
    close(&mut world, "later", month.next());
    assert!(world.points[&id].supply.told.is_empty());
    assert!(world.accounts["anna"].prepaid.booked.is_empty());
    assert_eq!(credit(&mut world), "-3.146");
    use_day(&mut world, id, 3, "2", 1_001);
    use_day(&mut world, id, 4, "2", 1_002);
    assert_eq!(credit(&mut world), "-3.146", "nothing of it is told");
}
