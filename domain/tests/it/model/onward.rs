//! How much may run from where a month stands.

use domain::amount::Amount;
use domain::model::course::Course;
use domain::model::pricing::{Onward, Pricing, most_quantity};
use domain::model::proration::Service;
use domain::model::terms::Terms;
use domain::money::Currency;
use domain::price::Price;
use domain::quantity::{Quantity, Unit};

use super::given::{component, days, price, quantity};

/// What runs for so much money after so much was used, in steps of a thousandth up to a thousand, and what it costs.
fn check(model: &str, conditions: &str, used: &str, funds: &str, expected: (&str, &str)) {
    let component = component(model, conditions);
    let service = Service::new(days("2024-10")).unwrap();
    let terms = Terms::of(&component, service, Unit::KilowattHour, Currency::Eur).unwrap();
    let each = if model.starts_with("unit") { price("0.25") } else { price("5") };
    let mut course = Course::default();
    course.begin(&terms).unwrap();
    if !used.is_empty() {
        course.add(&terms, quantity(used), each).unwrap();
    }
    let onward = Onward { terms: &terms, course: &course, price: each };
    let funds = Amount::of(Quantity::ONE, price(funds)).unwrap();
    let granted = most_quantity(&onward, funds, quantity("0.001"), quantity("1000"));
    let amount = onward.amount(granted).unwrap();
    assert_eq!(
        (granted.to_string(), amount.to_string()),
        (expected.0.to_owned(), expected.1.to_owned()),
        "{model}"
    );
}

#[test]
fn grants_follow_the_model_from_where_the_month_stands() {
    let graduated = "graduated zero=none 10:0.30 20:0.25 ..:0.20";
    // 10 x 0.30 + 8 x 0.25 = 5
    check(graduated, "", "", "5", ("18", "5"));
    // from 5: 5 x 0.30 + 10 x 0.25 = 4, then 5 x 0.20
    check(graduated, "", "5", "5", ("20", "5"));
    // one cent less: 4.99 = 4 + 4.95 x 0.20
    check(graduated, "", "5", "4.99", ("19.95", "4.99"));
    // A fee that the rest does not reach stops at the bound.
    check("graduated zero=none 10:0.30 ..:0.20+3", "", "5", "4.49", ("5", "1.5"));
    // 1.5 + 3 + 0.2 x 0.20
    check("graduated zero=none 10:0.30 ..:0.20+3", "", "5", "4.54", ("5.2", "4.54"));
    // 35 at five, less behind it: never more than 35 is held on the way, and 35 / 6.5 = 5.384…
    let volume = "volume zero=none 5:7 10:6.5 ..:6";
    check(volume, "", "", "35", ("5.384", "35"));
    check(volume, "", "", "34", ("4.857", "33.999"));
    check("package size=100 price=5", "", "50", "4.99", ("50", "0"));
    check("package size=100 price=5", "", "50", "5", ("150", "5"));
    // The cap is reached: everything else is free.
    check("unit 0.25", "max=10", "20", "5", ("1000", "5"));
    check("unit 0.25", "max=10", "20", "4.99", ("19.96", "4.99"));
    // The minimum of 10 was due from the start; 20 more are within it.
    check("unit 0.25", "min=10", "20", "0", ("20", "0"));
    check("unit 0.25", "discount=0.5", "20", "1", ("8", "1"));
}

#[test]
fn a_tier_that_pays_out_lends_nothing() {
    // 10 x 0.30, then -0.10 each: from 8 on the most on the way is 0.60, whatever comes after.
    let model = "graduated zero=none 10:0.30 ..:-0.10";
    check(model, "", "8", "0.59", ("1.966", "0.5898"));
    check(model, "", "8", "0.60", ("1000", "0.6"));
}

#[test]
fn steps_cost_what_the_whole_costs() {
    let component = component("graduated zero=fee 10:0.30+2 ..:0.20+3", "max=7");
    let service = Service::new(days("2024-10")).unwrap();
    let terms = Terms::of(&component, service, Unit::KilowattHour, Currency::Eur).unwrap();
    let mut course = Course::default();
    assert_eq!(course.due(&terms), Ok(Amount::ZERO));
    let whole = Onward { terms: &terms, course: &course.clone(), price: Price::ZERO }.amount(quantity("12"));
    let mut sum = Amount::ZERO;
    for _ in 0..12 {
        let step =
            Onward { terms: &terms, course: &course, price: Price::ZERO }.amount(quantity("1")).unwrap();
        sum = sum.checked_add(step).unwrap();
        course.add(&terms, quantity("1"), Price::ZERO).unwrap();
    }
    assert_eq!(Some(sum), whole);
    assert_eq!(sum.to_string(), "7");
}
