//! A gas point: its days begin at 06:00, while prices are stated in civil months.

use super::*;

#[test]
fn the_last_gas_day_of_a_month_takes_its_prices_from_the_next() {
    let mut world = world();
    let civil = rule();
    let november = Month::new(2024, 11).unwrap();
    let prices = IndexPrices {
        index: "spot".to_owned(),
        unit: Unit::MegawattHour,
        currency: Currency::Eur,
        created: civil.month_period(november).unwrap().start(),
        source: "exchange".to_owned(),
        column: PriceColumn {
            start: civil.month_period(november).unwrap().start(),
            resolution: Resolution::Hour,
            prices: vec![Price::parse("180").ok(); 720],
        },
    };
    world.catalog(&catalog::Command::PutPrices(prices)).unwrap();
    let gas = DayRule::new(civil.zone().clone(), 6).unwrap();
    let id = add_point_with(&mut world, 1, &[("anna", 10_000)], gas.clone());
    store(&mut world, id, (gas.month_period(october()).unwrap().start(), 745), "1", 1_000);
    bill(&mut world, "october", october());
    // 739 h in October at 0.10, 6 h of 1 November at 0.20: 75.10. Standing 6.20. VAT 21 % of 81.30 = 17.073 -> 17.07.
    assert_eq!(world.rows.invoices[0].total.to_text(), "98.37");
}
