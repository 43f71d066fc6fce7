//! What holds for every table and every usage.

use domain::amount::Amount;
use domain::model::conditions::BelowZero;
use domain::model::course::Course;
use domain::model::part;
use domain::model::pricing::{Onward, Pricing, most_quantity};
use domain::model::proration::{Proration, Service};
use domain::model::terms::Terms;
use domain::model::{ChargeModel, Tier};
use domain::money::Currency;
use domain::price::Price;
use domain::product::{Component, PriceSource};
use domain::quantity::{Quantity, Unit};
use proptest::collection::vec;
use proptest::prelude::*;

use super::given::{component, days, product, usage};

const MODELS: [&str; 6] = [
    "unit 0.25",
    "graduated zero=fee ..:0",
    "volume zero=none ..:0",
    "package size=7.5 free=3 price=5",
    "percentage rate=0.012 fixed=0.10 free_events=2 free_amount=30 free=first min=0.05 max=4",
    "graduated_percentage zero=none ..:0",
];
const CONDITIONS: [&str; 4] = [
    "below=mirrored",
    "below=nothing discount=0.15 min=4 max=30",
    "below=mirrored max=20",
    "below=mirrored min=3",
];
const SPANS: [&str; 4] = ["2024-10", "2024-02", "2024-02-10/2024-03-01", "2024-03-31/2024-04-01"];

fn tiers() -> impl Strategy<Value = Vec<Tier>> {
    let tier = (1..40_000_000_i64, 0..2_000_i64, 0..300_i64);
    vec(tier, 1..6).prop_map(|widths| {
        let (mut bound, count) = (0, widths.len());
        let tiers = widths.into_iter().enumerate().map(|(index, (width, each, fee))| {
            bound += width;
            let up_to = (index + 1 < count).then_some(Quantity::from_micros(bound));
            let cents = |count: i64| Price::from_raw(count * 100_000);
            Tier { up_to, price: cents(each / 10), flat_fee: cents(fee * 10) }
        });
        tiers.collect()
    })
}

fn charged() -> impl Strategy<Value = (Component, &'static str)> {
    let model = prop::sample::select(MODELS.to_vec());
    let conditions = prop::sample::select(CONDITIONS.to_vec());
    (model, conditions, tiers(), prop::sample::select(SPANS.to_vec())).prop_map(
        |(model, conditions, tiers, span)| {
            let mut component = component(model, conditions);
            if matches!(component.price, PriceSource::Tiers(_)) {
                component.price = PriceSource::Tiers(tiers);
            }
            (component, span)
        },
    )
}

fn terms(component: &Component, span: &str) -> Terms {
    let service = Service::new(days(span)).unwrap();
    Terms::of(component, service, component.unit, Currency::Eur).unwrap()
}

fn price_of(component: &Component) -> Price {
    match &component.price {
        PriceSource::Constant(prices) => prices[0].price,
        _ => Price::ZERO,
    }
}

fn taken(component: &Component, span: &str, values: &[i64]) -> (Terms, Course) {
    let (terms, mut course) = (terms(component, span), Course::default());
    course.begin(&terms).unwrap();
    for value in values {
        course.add(&terms, Quantity::from_micros(*value), price_of(component)).unwrap();
    }
    (terms, course)
}

fn is_by_event(component: &Component) -> bool {
    matches!(component.model, ChargeModel::Percentage(_))
}

proptest! {
    #[test]
    fn products_by_chance_can_be_sold((component, _) in charged()) {
        prop_assert_eq!(product(component).defects(), []);
    }

    /// What events add sums to what they cost at once, whatever the order and the corrections among them.
    #[test]
    fn increments_sum_to_the_whole((component, span) in charged(), values in vec(-9_000_000..60_000_000_i64, 0..12)) {
        let (terms, mut course) = (terms(&component, span), Course::default());
        let mut sum = Amount::ZERO;
        course.begin(&terms).unwrap();
        sum = sum.checked_add(course.due(&terms).unwrap()).unwrap();
        for value in &values {
            let before = course.due(&terms).unwrap();
            let value = Quantity::from_micros(*value);
            let after = course.due_after(&terms, value, price_of(&component)).unwrap();
            course.add(&terms, value, price_of(&component)).unwrap();
            prop_assert_eq!(course.due(&terms).unwrap(), after);
            sum = sum.checked_add(after.checked_sub(before).unwrap()).unwrap();
        }
        prop_assert_eq!(sum, course.due(&terms).unwrap());
        prop_assert_eq!(part::total(&course.parts(&terms).unwrap()).unwrap(), sum);
    }

    /// A count costs what it costs in any number of steps, unless each event is priced by itself.
    #[test]
    fn splits_change_nothing((component, span) in charged(), values in vec(0..60_000_000_i64, 1..12)) {
        prop_assume!(!is_by_event(&component));
        let (terms, course) = taken(&component, span, &values);
        let (_, at_once) = taken(&component, span, &[values.iter().sum()]);
        prop_assert_eq!(course.due(&terms), at_once.due(&terms));
    }

    /// Graduated tiers: the tiers' quantities sum to the count, and the parts to the amount.
    #[test]
    fn tiers_share_the_count(tiers in tiers(), count in 1..200_000_000_i64) {
        let mut component = component("graduated zero=none ..:0", "");
        component.price = PriceSource::Tiers(tiers);
        let (terms, course) = taken(&component, "2024-10", &[count]);
        let parts = course.parts(&terms).unwrap();
        let in_tiers = parts.iter().filter(|part| matches!(part.kind, part::PartKind::Tier(_)));
        let sum = Quantity::checked_sum(in_tiers.map(|part| part.quantity)).unwrap();
        prop_assert_eq!(sum.micros(), count);
    }

    /// More never costs less, but for a volume that reaches a cheaper tier.
    #[test]
    fn more_costs_no_less((component, span) in charged(), one in 0..90_000_000_i64, more in 0..90_000_000_i64) {
        prop_assume!(!matches!(component.model, ChargeModel::Volume(_)));
        let (terms, less) = taken(&component, span, &[one]);
        let (_, greater) = taken(&component, span, &[one + more]);
        prop_assert!(less.due(&terms).unwrap() <= greater.due(&terms).unwrap());
    }

    /// What is granted is within the funds wherever it stops, and a step more is not.
    #[test]
    fn grants_hold(
        (component, span) in charged(),
        used in 0..60_000_000_i64,
        funds in 0..4_000_i64,
        step in 1..3_000_000_i64,
        stop in 0..=100_i64,
    ) {
        let (terms, course) = taken(&component, span, &[used]);
        let onward = Onward { terms: &terms, course: &course, price: price_of(&component) };
        let funds = Amount::of(Quantity::ONE, Price::from_raw(funds * 1_000_000)).unwrap();
        let (step, most) = (Quantity::from_micros(step), Quantity::from_micros(120_000_000));
        let granted = most_quantity(&onward, funds, step, most);
        prop_assert!(onward.amount(granted).unwrap() <= funds);
        let stopped = Quantity::from_micros(granted.micros() / 100 * stop);
        let before = course.due(&terms).unwrap();
        let after = course.due_after(&terms, stopped, price_of(&component)).unwrap();
        prop_assert!(after.checked_sub(before).unwrap() <= funds);
        let further = granted.checked_add(step).unwrap();
        prop_assert!(granted == most || further > most || onward.amount(further).unwrap() > funds);
    }

    /// A model prices below zero what it prices above it, where it says so.
    #[test]
    fn mirrored_is_mirrored((mut component, span) in charged(), value in 1..60_000_000_i64) {
        prop_assume!(!is_by_event(&component));
        let conditions = component.conditions.as_mut().unwrap();
        (conditions.below_zero, conditions.minimum, conditions.maximum) = (BelowZero::Mirrored, None, None);
        let (terms, above) = taken(&component, span, &[value]);
        let (_, below) = taken(&component, span, &[-value]);
        prop_assert_eq!(below.due(&terms).unwrap(), above.due(&terms).unwrap().checked_neg().unwrap());
    }

    /// The stretches of a service bear together what the whole of it does.
    #[test]
    fn stretches_bear_the_whole(cuts in vec(1..=28_i8, 0..6), month in 1..=12_i8, year in 2023..=2024_i16, cents in 1..9_999_i64) {
        let month = domain::day::Month::new(year, month).unwrap();
        let span = domain::day_span::DaySpan::of_month(month).unwrap();
        let service = Service::new(span).unwrap();
        let monthly = Amount::of(Quantity::ONE, Price::from_raw(cents * 1_000_000)).unwrap();
        let cuts = cuts.into_iter().filter_map(|day| domain::day::Day::new(year, month.of_year(), day));
        let pieces = span.split(cuts);
        for basis in [Proration::Whole, Proration::DaysOfMonth, Proration::ThirtyDays, Proration::DaysOfYear] {
            let borne = |days| basis.borne(service, days, |part| part.of(monthly)).unwrap();
            let sum = pieces.iter().try_fold(Amount::ZERO, |sum, days| sum.checked_add(borne(*days)));
            prop_assert_eq!(sum.unwrap(), borne(span));
            if basis != Proration::DaysOfYear {
                prop_assert_eq!(borne(span), monthly);
            }
        }
    }

    /// A line is the exact amount rounded once.
    #[test]
    fn lines_round_once((component, _) in charged(), values in vec(0..60_000_i64, 0..6)) {
        let is_on_amounts = component.model.is_on_amounts();
        let words: Vec<String> = values.iter().map(|value| Quantity::from_micros(*value).to_string()).collect();
        let rated = domain::usage::rate(&product(component), &usage("2024-10", &words.join(" "), is_on_amounts)).unwrap();
        let position = &rated.positions[0];
        let rounded = position.amount.to_money(Currency::Eur, domain::fixed::Rounding::HalfAwayFromZero).unwrap();
        prop_assert_eq!(position.rounded, rounded);
        prop_assert_eq!(rated.total, position.amount);
    }
}

#[test]
fn units_convert_with_their_bounds() {
    // Tiers per MWh, counted in kWh: 2 MWh at 100 and 1 MWh at 50.
    let mut component = component("graduated zero=none 2:100 ..:50", "");
    component.unit = Unit::MegawattHour;
    let service = Service::new(days("2024-10")).unwrap();
    let terms = Terms::of(&component, service, Unit::KilowattHour, Currency::Eur).unwrap();
    let mut course = Course::default();
    course.add(&terms, Quantity::from_units(3_000).unwrap(), Price::ZERO).unwrap();
    assert_eq!(course.due(&terms).unwrap().to_string(), "250");
    component.unit = Unit::Gigajoule;
    assert!(Terms::of(&component, service, Unit::KilowattHour, Currency::Eur).is_none());
}
