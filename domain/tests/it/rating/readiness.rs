//! Why a month can't be rated: every reason, with what is wanting.

use domain::charge::ChargeKind;
use domain::instant::Period;
use domain::price_series::SeriesId;
use domain::product::PriceSource;
use domain::quantity::{Quantity, Unit};
use domain::rating::NotReady;
use domain::resolution::Resolution;
use domain::series::{Direction, Quality, Value};
use domain::tax::TaxClass;

use super::given::{
    Given, OCTOBER, always, charges, dated, day, energy, instant, key, monthly, on_spot, price,
};

fn check(given: &Given, expected: &[NotReady]) {
    assert_eq!(given.rate(), Err(expected.to_vec()));
}

fn missing(first: &str, last: &str, count: u64) -> NotReady {
    let (first, last) = (instant(first), instant(last));
    NotReady::MissingValues { direction: Direction::Consumption, first, last, count }
}

fn constant() -> Given {
    Given::new(vec![energy(always("0.1"))])
}

fn spot() -> Given {
    Given::new(vec![energy(on_spot("1", "0"))]).hourly()
}

fn index() -> SeriesId {
    SeriesId::Index("spot".to_owned())
}

#[test]
fn missing_values_are_told_by_the_first_and_last_interval() {
    let direction = Direction::Consumption;
    // Nothing at all: 745 hours.
    check(&constant(), &[missing("2024-09-30T22:00Z", "2024-10-31T22:00Z", 745)]);
    // The first day and the last: 24 hours each.
    let held = constant().values(direction, "2024-10-02/2024-10-31", Resolution::Hour, "1");
    check(&held, &[missing("2024-09-30T22:00Z", "2024-10-31T22:00Z", 48)]);
    // The long day alone, and the quarters 3 to 6 of every day but that.
    let held = constant().values(direction, "2024-10-01/2024-10-27", Resolution::Hour, "1").values(
        direction,
        "2024-10-28/2024-11-01",
        Resolution::Hour,
        "1",
    );
    check(&held, &[missing("2024-10-26T22:00Z", "2024-10-27T22:00Z", 25)]);
    let gaps = |index| {
        if (3..7).contains(&index) {
            Value::MISSING
        } else {
            Value { quantity: Quantity::ONE, quality: Quality::Measured }
        }
    };
    let held = constant().of_days("2024-10-05/2024-10-07").values_by(
        direction,
        "2024-10-05/2024-10-07",
        Resolution::Minutes15,
        gaps,
    );
    check(&held, &[missing("2024-10-04T22:45Z", "2024-10-05T23:30Z", 8)]);
}

#[test]
fn a_reason_is_told_once_and_all_reasons_are_told() {
    let mut twice = vec![
        energy(always("0.1")),
        monthly(PriceSource::Parameter("agreed".to_owned())),
        energy(always("1")),
    ];
    twice[2].id = "again".to_owned();
    let wanting = missing("2024-09-30T22:00Z", "2024-10-31T22:00Z", 745);
    let price = NotReady::MissingPrice { of: "standing".to_owned(), on: day("2024-10-01") };
    check(&Given::new(twice), &[wanting, price]);
}

#[test]
fn a_missing_price_is_never_zero() {
    let late = dated(&[("2024-10-05", "0.1")]);
    let reason = NotReady::MissingPrice { of: "energy".to_owned(), on: day("2024-10-01") };
    check(&Given::new(vec![energy(late)]).hourly(), &[reason]);
    let absent = |at| NotReady::MissingSeriesPrice { series: index(), at: instant(at) };
    check(&spot(), &[absent("2024-09-30T22:00Z")]);
    // The hour with index 30 has none; tariff and index prices are not carried forward.
    let gap = spot().spot(OCTOBER, Resolution::Hour, |hour| (hour != 30).then_some(price("80")));
    check(&gap, &[absent("2024-10-02T04:00Z")]);
    let short = spot().spot("2024-10-01/2024-10-31", Resolution::Hour, |_| Some(price("80")));
    check(&short, &[absent("2024-10-30T23:00Z")]);
}

#[test]
fn a_price_finer_than_the_values_is_refused() {
    let given = spot().spot(OCTOBER, Resolution::Minutes15, |_| Some(price("80")));
    let interval = Period::new(instant("2024-09-30T22:00Z"), instant("2024-09-30T23:00Z")).unwrap();
    check(&given, &[NotReady::PriceFinerThanValues { series: index(), interval }]);
}

#[test]
fn units_and_currencies_must_meet() {
    let mut cubic = spot().spot(OCTOBER, Resolution::Hour, |_| Some(price("80")));
    cubic.unit = Unit::CubicMetre;
    check(&cubic, &[NotReady::WrongUnit(index())]);
    let mut krone = spot().spot(OCTOBER, Resolution::Hour, |_| Some(price("80")));
    let products = krone.facts.products.values_mut().flatten();
    products.for_each(|product| product.currency = domain::money::Currency::Dkk);
    check(&krone, &[NotReady::WrongUnit(index())]);
    // Nine decimals per kWh.
    let fine = spot().spot(OCTOBER, Resolution::Hour, |_| Some(price("0.000001")));
    check(&fine, &[NotReady::WrongUnit(index())]);
}

#[test]
fn products_charges_and_taxes_must_be_known() {
    let mut stranger = constant().hourly();
    stranger.contract.product = "other".to_owned();
    check(&stranger, &[NotReady::UnknownProduct("other".to_owned())]);
    let mut late = constant().hourly();
    late.facts.products.values_mut().flatten().for_each(|product| product.valid_from = day("2024-10-10"));
    check(&late, &[NotReady::UnknownProduct("p1".to_owned())]);
    let transport = key("transport", ChargeKind::Tariff);
    let mut unknown = Given::new(vec![charges()]).hourly().linked(&transport, "1", OCTOBER);
    unknown.facts.charges.clear();
    check(&unknown, &[NotReady::UnknownCharge(transport.clone())]);
    let twice = Given::new(vec![charges()]).hourly().linked(&transport, "2", OCTOBER);
    check(&twice, &[NotReady::TariffFactor(transport)]);
    let mut untaxed = monthly(always("5"));
    untaxed.tax_class = TaxClass::new("reduced");
    let reason = NotReady::UnknownTaxClass { class: TaxClass::new("reduced"), on: day("2024-10-01") };
    check(&Given::new(vec![untaxed]), &[reason]);
}
