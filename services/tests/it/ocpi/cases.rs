//! The cases of `tests/data/ocpi`: worked examples of the specification, and runs of real public tariffs.

use std::fs;
use std::path::{Path, PathBuf};

use domain::amount::Amount;
use domain::fixed::Rounding;
use domain::price::Price;
use domain::quantity::Quantity;
use domain::session::{
    Cost, PricedSession, ReservationOutcome, RoundingPoint, RoundingPolicy, SessionDimension, SessionTerms,
    Warning, price,
};
use domain::zone::Zone;
use serde::Deserialize;
use serde_json::value::RawValue;
use services::ocpi::{read_cdr, read_tariffs};

#[derive(Deserialize)]
struct Case<'a> {
    case: String,
    timezone: String,
    rounding: Option<String>,
    reservation_outcome: Option<String>,
    #[serde(borrow)]
    tariff: &'a RawValue,
    #[serde(borrow)]
    cdr: &'a RawValue,
    #[serde(borrow)]
    expected: &'a RawValue,
    #[serde(borrow)]
    exact_by_ocpi_tariffs: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Totals<'a> {
    #[serde(borrow)]
    total_cost: Option<&'a RawValue>,
    #[serde(borrow)]
    total_energy_cost: Option<&'a RawValue>,
    #[serde(borrow)]
    total_fixed_cost: Option<&'a RawValue>,
    #[serde(borrow)]
    total_parking_cost: Option<&'a RawValue>,
    #[serde(borrow)]
    total_time_cost: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Figures<'a> {
    #[serde(borrow)]
    excl_vat: &'a RawValue,
    #[serde(borrow)]
    incl_vat: &'a RawValue,
}

#[derive(Deserialize)]
struct Tolerated<'a> {
    #[serde(borrow)]
    tolerance: &'a RawValue,
    #[serde(borrow)]
    value: Figures<'a>,
}

fn texts(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ocpi").join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort_unstable();
    paths.into_iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn parse<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> T {
    serde_json::from_str(raw.get()).unwrap()
}

/// A figure, as a number or as text.
fn figure(raw: &RawValue) -> Amount {
    Amount::of(Quantity::ONE, Price::parse(raw.get().trim_matches('"')).unwrap()).unwrap()
}

fn cost(figures: &Figures<'_>) -> Cost {
    Cost { excluding_vat: figure(figures.excl_vat), including_vat: figure(figures.incl_vat) }
}

/// Amounts of the cases have four decimals, a tie to the even neighbour.
fn to_four_decimals(cost: Cost) -> Cost {
    RoundingPolicy { mode: Rounding::HalfEven, decimals: 4, point: RoundingPoint::Sum }.round(cost).unwrap()
}

fn priced(case: &Case<'_>) -> PricedSession {
    let rounding = case.rounding.as_deref().map(|policy| {
        assert_eq!(policy, "2 decimals half-up");
        RoundingPolicy { mode: Rounding::HalfAwayFromZero, decimals: 2, point: RoundingPoint::Sum }
    });
    let reservation = match case.reservation_outcome.as_deref() {
        None => ReservationOutcome::Used,
        Some(outcome) => {
            assert_eq!(outcome, "expired");
            ReservationOutcome::Expired
        }
    };
    let sheets = read_tariffs(case.tariff.get()).unwrap();
    let session = read_cdr(case.cdr.get()).unwrap();
    let zone = Zone::named(&case.timezone).unwrap();
    price(&session, &sheets, &zone, &SessionTerms { rounding, reservation, ..SessionTerms::default() })
        .unwrap()
}

#[test]
fn worked_examples_of_the_specification() {
    let texts = texts("spec-worked");
    assert_eq!(texts.len(), 20);
    for text in &texts {
        let case: Case<'_> = serde_json::from_str(text).unwrap();
        let priced = priced(&case);
        let expected: Totals<'_> = parse(case.expected);
        let expected: Figures<'_> = parse(expected.total_cost.unwrap());
        assert_eq!(to_four_decimals(priced.total), cost(&expected), "{}", case.case);
        assert_eq!(priced.warnings, [], "{}", case.case);
    }
}

#[test]
fn runs_of_real_tariffs() {
    let texts = texts("popular");
    assert_eq!(texts.len(), 46);
    for text in &texts {
        let case: Case<'_> = serde_json::from_str(text).unwrap();
        let priced = priced(&case);
        let exact: Totals<'_> = parse(case.exact_by_ocpi_tariffs.unwrap());
        let expected: Totals<'_> = parse(case.expected);
        let Some(total) = exact.total_cost else {
            assert!(expected.total_cost.is_none(), "{}", case.case);
            assert!(priced.components.is_empty(), "{}", case.case);
            assert!(priced.warnings.contains(&Warning::NothingPriced), "{}", case.case);
            continue;
        };
        assert_eq!(priced.warnings, [], "{}", case.case);
        assert_eq!(to_four_decimals(priced.total), cost(&parse(total)), "{}", case.case);
        for (dimension, figures) in [
            (SessionDimension::Energy, exact.total_energy_cost),
            (SessionDimension::Flat, exact.total_fixed_cost),
            (SessionDimension::ParkingTime, exact.total_parking_cost),
            (SessionDimension::Time, exact.total_time_cost),
        ] {
            let found = priced.dimensions.get(&dimension).copied().map(to_four_decimals);
            let figures = figures.map(|figures| cost(&parse(figures)));
            assert_eq!(found, figures, "{} {dimension:?}", case.case);
        }
        check_tolerance(&case, &priced, parse(expected.total_cost.unwrap()));
    }
}

fn check_tolerance(case: &Case<'_>, priced: &PricedSession, expected: Tolerated<'_>) {
    let tolerance = figure(expected.tolerance);
    let difference = priced.total.checked_sub(cost(&expected.value)).unwrap();
    for difference in [difference.excluding_vat, difference.including_vat] {
        let size = difference.max(difference.checked_neg().unwrap());
        assert!(size <= tolerance, "{}: off by {size}", case.case);
    }
}
