//! What a metering point rates when readings arrive: days that are there, or the month so far.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use domain::amount::Amount;
use domain::day_span::DaySpan;
use domain::funds::ChargedPart;
use domain::prepaid::{Arrived, RatedParts, RatedPeriod, rate_arrived};
use domain::product::{ChargeModel, Component, QuantitySource};
use domain::quantity::{Quantity, Unit};
use domain::rating::RatedPoint;
use domain::resolution::Resolution;
use domain::series::{Direction, Quality, Value};

use crate::model::given::component as counted;
use crate::rating::given::{Given, always, component, energy, monthly};

fn rated(given: &Given) -> Vec<Arrived> {
    let point = RatedPoint {
        rule: &given.rule,
        unit: given.unit,
        main_channel: given.main_channel,
        links: &given.links,
    };
    let month = DaySpan::of_month(given.month).unwrap();
    rate_arrived(&given.contract, (given.month, month), &point, &given.facts)
}

fn sum(amounts: impl IntoIterator<Item = Amount>) -> Amount {
    amounts.into_iter().fold(Amount::ZERO, |sum, amount| sum.checked_add(amount).unwrap())
}

fn net(rated: &RatedParts) -> Amount {
    sum(rated.parts.iter().map(|part| part.net))
}

/// Each period in one line: gross amount and use, or the first reason.
fn arrived(given: &Given) -> Vec<String> {
    let lines = rated(given).into_iter().map(|(period, rated)| {
        let period = match period {
            RatedPeriod::Day(day) => day.to_string(),
            RatedPeriod::Month(month) => month.to_string(),
        };
        match rated {
            Ok(rated) => {
                let gross = ChargedPart::total(&rated.parts).unwrap();
                let used = Quantity::checked_sum(rated.used.into_values()).unwrap();
                format!("{period} {gross} for {used}")
            }
            Err(reasons) => format!("{period} {}", reasons[0].code()),
        }
    });
    lines.collect()
}

fn hours(given: Given, days: &str, each: &str) -> Given {
    given.values(Direction::Consumption, days, Resolution::Hour, each)
}

#[test]
fn days_that_are_there() {
    // 24 x 0.25 = 6 and 31 / 31 = 1 a day, with 21 % 8.47. A day of 25 hours: 7.25 x 1.21.
    let product = || Given::new(vec![energy(always("0.25")), monthly(always("31"))]);
    let given = hours(product(), "2024-10-03/2024-10-05", "1");
    assert_eq!(arrived(&given), ["2024-10-03 8.47 for 24", "2024-10-04 8.47 for 24"]);
    let given = hours(given, "2024-10-27/2024-10-28", "1");
    assert_eq!(arrived(&given)[2], "2024-10-27 8.7725 for 25");
    // Half a day is none yet: its use is not known either.
    let half = |index| Value {
        quantity: Quantity::ONE,
        quality: if index < 12 { Quality::Measured } else { Quality::Missing },
    };
    let given = hours(product(), "2024-10-03/2024-10-04", "1").values_by(
        Direction::Consumption,
        "2024-10-04/2024-10-05",
        Resolution::Hour,
        half,
    );
    assert_eq!(arrived(&given), ["2024-10-03 8.47 for 24", "2024-10-04 MISSING_VALUES"]);
    assert_eq!(arrived(&product()), Vec::<String>::new());
}

#[test]
fn days_sum_to_the_month() {
    // A fee on the first day of the contract; 24 x 0.7 x 0.29 = 4.872; 10 a month, of which each day bears 1 / 31:
    // together 161.032 / 31.
    let fee = component("fee", QuantitySource::Count, Unit::Piece, always("40"), ChargeModel::Fixed);
    let components = vec![fee, energy(always("0.29")), monthly(always("10"))];
    let given = Given::new(components).of_days("2024-10-10/2025-01-01");
    let given = hours(given, "2024-10-10/2024-11-01", "0.7");
    let days: Vec<Amount> = rated(&given).into_iter().map(|(_, rated)| net(&rated.unwrap())).collect();
    assert_eq!(days.len(), 22);
    assert_eq!(days[0].checked_sub(days[1]), Amount::from_quantity(Quantity::from_units(40).unwrap()));
    assert_eq!(days[1].to_string(), "20129/3875");
    let month = given.rate().unwrap().into_iter().map(|position| position.amount);
    assert_eq!(sum(days), sum(month));
}

#[test]
fn a_month_that_counts_is_told_so_far() {
    // 48 kWh: 30 x 0.40 + 18 x 0.30 = 17.40, with 21 % 21.054; the day after the gap waits.
    let source = QuantitySource::Channel(Direction::Consumption);
    let tiers = counted("graduated zero=none 30:0.40 ..:0.30", "");
    let tiers = Component { id: "energy".to_owned(), quantity: source, unit: Unit::KilowattHour, ..tiers };
    let given = hours(Given::new(vec![tiers]), "2024-10-01/2024-10-03", "1");
    let gap = hours(given.clone(), "2024-10-04/2024-10-05", "1");
    assert_eq!(arrived(&given), ["2024-10 21.054 for 48"]);
    assert_eq!(arrived(&gap), ["2024-10 21.054 for 48"]);
    // The third day fills it: 96 kWh, 12 + 66 x 0.30 = 31.80.
    let whole = hours(gap, "2024-10-03/2024-10-04", "1");
    assert_eq!(arrived(&whole), ["2024-10 38.478 for 96"]);
    // Nothing from the first day on.
    let late =
        hours(Given::new(whole.facts.products["p1"][0].components.clone()), "2024-10-02/2024-10-03", "1");
    assert_eq!(arrived(&late), ["2024-10 MISSING_VALUES"]);
}
