//! Linked charges: subscriptions, fees, tariffs and taxes.

use domain::charge::{ChargeKey, ChargeKind};
use domain::position::ShownPrice;
use domain::price::Price;
use domain::price_series::SeriesId;
use domain::quantity::{Quantity, Unit};
use domain::rating::NotReady;
use domain::resolution::Resolution;

use super::given::{Given, OCTOBER, charges, check, instant, key, price};

fn given() -> Given {
    Given::new(vec![charges()])
}

/// Prices of a charge on days of October, by the index of the day.
fn daily(given: Given, key: &ChargeKey, price: impl Fn(usize) -> Option<Price>) -> Given {
    given.prices(SeriesId::Charge(key.clone()), OCTOBER, Resolution::Day, Unit::Piece, price)
}

/// A price on the first of October, carried forward.
fn once(given: Given, key: &ChargeKey, text: &str) -> Given {
    daily(given, key, |day| (day == 0).then(|| price(text)))
}

#[test]
fn a_subscription_counts_civil_days_and_pieces() {
    let network = key("network", ChargeKind::Subscription);
    let linked = |factor, days| once(given(), &network, "10").linked(&network, factor, days);
    check(&linked("1", OCTOBER), &["network 2024-10-01/2024-11-01 31 day 10"]);
    // 2 x 10 x 20 / 31.
    let given = linked("2", "2024-10-12/2025-01-01");
    check(&given, &["network 2024-10-12/2024-11-01 20 day 400/31"]);
    let pieces = Quantity::from_units(2).unwrap();
    assert_eq!(given.rate().unwrap()[0].price, ShownPrice::Monthly { price: price("10"), pieces });
}

#[test]
fn links_of_one_charge_apply_together() {
    let network = key("network", ChargeKind::Subscription);
    let given = once(given(), &network, "31")
        .linked(&network, "1", OCTOBER)
        .linked(&network, "2", "2024-10-11/2024-10-21")
        .linked(&network, "2", "2024-12-01/2024-12-02");
    check(
        &given,
        &[
            "network 2024-10-01/2024-10-11 10 day 10",
            "network 2024-10-11/2024-10-21 10 day 30",
            "network 2024-10-21/2024-11-01 11 day 11",
        ],
    );
    let mut turned = given.clone();
    turned.links.reverse();
    assert_eq!(given.rate(), turned.rate());
}

#[test]
fn a_price_of_a_subscription_holds_until_the_next() {
    let network = key("network", ChargeKind::Subscription);
    let prices = |day| match day {
        0 => Some(price("31")),
        15 => Some(price("62")),
        20 => Some(price("62")),
        _ => None,
    };
    let given = daily(given(), &network, prices).linked(&network, "1", OCTOBER);
    check(&given, &["network 2024-10-01/2024-10-16 15 day 15", "network 2024-10-16/2024-11-01 16 day 32"]);
    // A price is carried inside one period of what is known of the charge, not beyond.
    let renamed = given.clone().described(&network, "2024-10-20", |_| {});
    let at = instant("2024-10-19T22:00Z");
    assert_eq!(
        renamed.rate(),
        Err(vec![NotReady::MissingSeriesPrice { series: SeriesId::Charge(network), at }])
    );
}

#[test]
fn a_fee_is_due_in_full_on_each_day_of_its_link() {
    let reading = key("reading", ChargeKind::Fee);
    let linked = |factor, days| once(given(), &reading, "25").linked(&reading, factor, days);
    check(&linked("1", "2024-10-10/2024-10-11"), &["reading 2024-10-10/2024-10-11 1 pcs 25"]);
    check(&linked("2", "2024-10-10/2024-10-13"), &["reading 2024-10-10/2024-10-13 6 pcs 150"]);
    check(&linked("1", "2024-09-10/2024-09-11"), &[]);
}

#[test]
fn a_tariff_meets_every_value_and_a_tax_stands_without_tax() {
    let (transport, duty) = (key("transport", ChargeKind::Tariff), key("duty", ChargeKind::Tariff));
    let prices = |given: Given, key: &ChargeKey, resolution, text: &'static str| {
        given.prices(SeriesId::Charge(key.clone()), OCTOBER, resolution, Unit::KilowattHour, move |index| {
            Some(if index == 0 { Price::ZERO } else { price(text) })
        })
    };
    let given = prices(given(), &transport, Resolution::Hour, "0.05");
    let given = prices(given, &duty, Resolution::Day, "0.1088")
        .hourly()
        .described(&duty, "2020-01-01", |charge| {
            (charge.has_vat, charge.is_tax, charge.is_transparent) = (false, true, false);
        })
        .linked(&transport, "1", OCTOBER)
        .linked(&duty, "1", OCTOBER)
        .taxed("standard", "2024-10-16", 900);
    // 359 and 385 hours at 0.05; 721 hours at 0.1088, in one piece: a tax without tax on it is not cut by the rate.
    check(
        &given,
        &[
            "duty 2024-10-01/2024-11-01 745 kWh 78.4448",
            "transport 2024-10-01/2024-10-16 360 kWh 17.95",
            "transport 2024-10-16/2024-11-01 385 kWh 19.25",
        ],
    );
    let positions = given.rate().unwrap();
    let duty = &positions[0];
    assert_eq!(
        (duty.is_tax, duty.tax_class.name(), duty.vat_rate.hundredths_of_percent()),
        (true, "outside", 0)
    );
    assert_eq!(duty.name, "duty of the network");
    assert_eq!(positions[2].vat_rate.hundredths_of_percent(), 900);
}

#[test]
fn a_charge_is_cut_where_what_is_known_of_it_changes() {
    let network = key("network", ChargeKind::Subscription);
    let given = daily(given(), &network, |day| matches!(day, 0 | 15).then(|| price("31")))
        .linked(&network, "1", OCTOBER)
        .described(&network, "2024-10-16", |charge| charge.name = "Network, new".to_owned());
    check(&given, &["network 2024-10-01/2024-10-16 15 day 15", "network 2024-10-16/2024-11-01 16 day 16"]);
    let names: Vec<String> = given.rate().unwrap().into_iter().map(|position| position.name).collect();
    assert_eq!(names, ["network of the network", "Network, new"]);
    // Known for a time only: the rest of the month waits.
    let mut ended = given;
    let known = ended.facts.charges.get_mut(&network).unwrap();
    known.truncate(1);
    assert_eq!(ended.rate(), Err(vec![NotReady::UnknownCharge(network)]));
}

#[test]
fn provenance_names_the_month_whose_price_was_carried() {
    let network = key("network", ChargeKind::Subscription);
    let (id, month) = (SeriesId::Charge(network.clone()), |text| domain::day::Month::parse(text).unwrap());
    let given = given()
        .prices(id.clone(), "2024-07-01/2024-08-01", Resolution::Month, Unit::Piece, |_| Some(price("31")))
        .linked(&network, "1", OCTOBER);
    check(&given, &["network 2024-10-01/2024-11-01 31 day 31"]);
    assert_eq!(given.rate().unwrap()[0].provenance.prices, [(id, month("2024-07"), 1)]);
}
