//! Values of a channel at constant and moving prices, over days of 23, 24 and 25 hours, and gas days.

use domain::amount::Amount;
use domain::charge::ChargeKind;
use domain::contract::{split, split_amount};
use domain::day::DayRule;
use domain::fixed::Rounding;
use domain::money::Currency;
use domain::position::ShownPrice;
use domain::price::Price;
use domain::price_series::SeriesId;
use domain::product::{ChargeModel, QuantitySource};
use domain::quantity::Unit;
use domain::resolution::Resolution;
use domain::series::Direction;
use domain::zone::Zone;

use super::given::{Given, OCTOBER, always, charges, check, component, energy, key, on_spot, price, told};

/// So many cents per kWh, as a price per MWh.
fn cents(count: usize) -> Option<Price> {
    Some(Price::from_raw(i64::try_from(count).unwrap() * 10 * 100_000_000))
}

fn production(price: domain::product::PriceSource) -> domain::product::Component {
    let source = QuantitySource::Channel(Direction::Production);
    component("production", source, Unit::KilowattHour, price, ChargeModel::PerUnit)
}

#[test]
fn a_long_and_a_short_day_have_a_price_for_each_of_their_hours() {
    // The price of the hour with index i is i cents. 25 hours of 4 x 0.25 kWh: 0 + 1 + … + 24 = 300 cents.
    let long = "2024-10-27/2024-10-28";
    let given = Given::new(vec![energy(on_spot("1", "0"))])
        .of_days(long)
        .values(Direction::Consumption, long, Resolution::Minutes15, "0.25")
        .spot(long, Resolution::Hour, cents);
    check(&given, &["energy 2024-10-27/2024-10-28 25 kWh 3"]);
    assert_eq!(given.rate().unwrap()[0].price, ShownPrice::Average { intervals: 100 });
    // 23 hours: 0 + 1 + … + 22 = 253 cents.
    let short = "2024-03-31/2024-04-01";
    let given = Given::new(vec![energy(on_spot("1", "0"))])
        .of_month("2024-03")
        .of_days(short)
        .values(Direction::Consumption, short, Resolution::Hour, "1")
        .spot(short, Resolution::Hour, cents);
    check(&given, &["energy 2024-03-31/2024-04-01 23 kWh 2.53"]);
}

#[test]
fn hours_become_quarters_in_mid_month() {
    // 15 x 24 hours of 1 kWh at 10 cents; then 15 x 24 + 25 = 385 hours of 4 x 0.5 kWh at 20 cents.
    let given = Given::new(vec![energy(on_spot("1", "0"))])
        .values(Direction::Consumption, "2024-10-01/2024-10-16", Resolution::Hour, "1")
        .values(Direction::Consumption, "2024-10-16/2024-11-01", Resolution::Minutes15, "0.5")
        .spot(OCTOBER, Resolution::Hour, |hour| cents(if hour < 360 { 10 } else { 20 }));
    check(&given, &["energy 2024-10-01/2024-11-01 1130 kWh 190"]);
    let position = &given.rate().unwrap()[0];
    // 360 hours and 1,540 quarters.
    assert_eq!(position.price, ShownPrice::Average { intervals: 1_900 });
    assert_eq!(position.provenance.prices.len(), 1);
    assert_eq!(position.provenance.days.len(), 31);
}

#[test]
fn a_price_may_be_negative_and_production_is_paid_out() {
    let flat = |component, text: &'static str| {
        Given::new(vec![component])
            .hourly()
            .values(Direction::Production, OCTOBER, Resolution::Hour, "1")
            .spot(OCTOBER, Resolution::Hour, move |_| Some(price(text)))
    };
    // 745 kWh x (0.08 + 0.02).
    check(&flat(energy(on_spot("1", "0.02")), "80"), &["energy 2024-10-01/2024-11-01 745 kWh 74.5"]);
    // 745 x -0.05: who consumes is paid.
    check(&flat(energy(on_spot("1", "0")), "-50"), &["energy 2024-10-01/2024-11-01 745 kWh -37.25"]);
    // Production: -1 x 0.08 + 0.01 is -0.07; at -20 per MWh who produces pays 0.02 + 0.01.
    check(
        &flat(production(on_spot("-1", "0.01")), "80"),
        &["production 2024-10-01/2024-11-01 745 kWh -52.15"],
    );
    check(
        &flat(production(on_spot("-1", "0.01")), "-20"),
        &["production 2024-10-01/2024-11-01 745 kWh 22.35"],
    );
    // 0.033333 x 1.5 = 0.0499995, and 0.0333333 x 1.5 = 0.04999995 is a price of eight decimals.
    check(
        &flat(energy(on_spot("1.5", "0")), "33.3333"),
        &["energy 2024-10-01/2024-11-01 745 kWh 37.24996275"],
    );
}

#[test]
fn a_price_per_megawatt_hour_meets_kilowatt_hours() {
    let mut energy = energy(always("62.33"));
    energy.unit = Unit::MegawattHour;
    let given = Given::new(vec![energy]).hourly();
    check(&given, &["energy 2024-10-01/2024-11-01 745 kWh 46.43585"]);
    assert_eq!(given.rate().unwrap()[0].price, ShownPrice::Single(price("0.06233")));
}

#[test]
fn the_gas_day_carries_values_prices_and_links() {
    // Gas days of October begin at 06:00 on the 1st and end at 06:00 on the 1st of November: 745 hours, the long one on the 26th.
    let rule = DayRule::new(Zone::named("Europe/Amsterdam").unwrap(), 6).unwrap();
    let network = key("network", ChargeKind::Subscription);
    let mut given = Given::new(vec![energy(on_spot("1", "0")), charges()]);
    given.rule = rule;
    let given = given
        .values(Direction::Consumption, OCTOBER, Resolution::Hour, "2")
        .spot(OCTOBER, Resolution::Day, cents)
        .prices(SeriesId::Charge(network.clone()), OCTOBER, Resolution::Month, Unit::Piece, |_| {
            Some(price("31"))
        });
    // Day i costs i cents: 48 kWh x (0 + … + 30) cents, and 2 kWh more on day 25: 22,320 + 50 cents.
    let energy = "energy 2024-10-01/2024-11-01 1490 kWh 223.7";
    check(&given, &[energy]);
    // Linked from the local midnight of the 12th to that of the 22nd: ten gas days.
    let mut by_midnight = given.clone().linked(&network, "1", OCTOBER);
    let midnights = DayRule::civil(Zone::named("Europe/Amsterdam").unwrap());
    let days = super::given::span("2024-10-12/2024-10-22");
    by_midnight.links[0].period = days.period(&midnights).unwrap();
    check(&by_midnight, &[energy, "network 2024-10-12/2024-10-22 10 day 10"]);
    let by_gas_day = given.linked(&network, "1", "2024-10-12/2024-10-22");
    assert_eq!(by_gas_day.rate(), by_midnight.rate());
}

#[test]
fn several_payers_share_what_was_rounded_and_what_is_exact() {
    // 745 x 0.0613 = 45.6685, rounded 45.67: 70 % is 31.969, 30 % is 13.701.
    let given = Given::new(vec![energy(always("0.0613"))]).hourly();
    let position = &given.rate().unwrap()[0];
    assert_eq!(told(position), "energy 2024-10-01/2024-11-01 745 kWh 45.6685");
    let rounded = position.amount.to_money(Currency::Eur, Rounding::HalfAwayFromZero).unwrap();
    assert_eq!(split(rounded.minor(), &[7_000, 3_000]), [3_197, 1_370]);
    let parts = split_amount(position.amount, &[7_000, 3_000]);
    assert_eq!(parts.iter().map(Amount::to_string).collect::<Vec<_>>(), ["31.96795", "13.70055"]);
}
