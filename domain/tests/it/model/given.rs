//! A component and usage, as a line of words says.

use std::collections::BTreeMap;

use domain::day::{Day, DayRule, Month};
use domain::day_span::DaySpan;
use domain::fixed::Rounding;
use domain::instant::Instant;
use domain::model::capacity::PeakChoice;
use domain::model::conditions::{BelowZero, Counting, MinimumMeets, RoundingPoint};
use domain::model::percentage::{BoundsOn, FixedOn, FreeAllowances};
use domain::model::tier::ZeroUsage;
use domain::model::{
    CapacityTerms, ChargeModel, Conditions, PackageTerms, PercentageTerms, Proration, Tier, TierTerms,
};
use domain::money::Currency;
use domain::price::Price;
use domain::product::{Component, DatedPrice, Display, PriceSource, Product, QuantitySource};
use domain::quantity::{Quantity, Unit};
use domain::tax::TaxClass;
use domain::usage::{Event, EventSource, Usage};
use domain::zone::Zone;

/// The words of a line: plain ones, and values by name.
pub(crate) struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self(text.split_whitespace().collect())
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find_map(|word| word.split_once('=').filter(|(key, _)| *key == name)).map(|pair| pair.1)
    }

    fn or(&self, name: &str, default: &'a str) -> &'a str {
        self.value(name).unwrap_or(default)
    }

    fn price(&self, name: &str) -> Option<Price> {
        self.value(name).map(price)
    }

    fn proration(&self, name: &str) -> Proration {
        match self.or(name, "whole") {
            "whole" => Proration::Whole,
            "days" => Proration::DaysOfMonth,
            "thirty" => Proration::ThirtyDays,
            "year" => Proration::DaysOfYear,
            other => panic!("{name}={other}"),
        }
    }

    /// The value of a choice by its word; the first where nothing is said.
    fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> T {
        let Some(word) = self.value(name) else { return choices[0].1 };
        choices.iter().find(|(key, _)| *key == word).unwrap_or_else(|| panic!("{name}={word}")).1
    }
}

pub(crate) fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

pub(crate) fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

pub(crate) fn conditions(text: &str) -> Conditions {
    let words = Words::of(text);
    let below =
        [("refused", BelowZero::Refused), ("nothing", BelowZero::Nothing), ("mirrored", BelowZero::Mirrored)];
    Conditions {
        counting: words.choice("counting", &[("month", Counting::Month), ("version", Counting::Version)]),
        below_zero: words.choice("below", &below),
        rounding_point: words
            .choice("round", &[("line", RoundingPoint::Line), ("event", RoundingPoint::Event)]),
        discount: words.price("discount").unwrap_or_default(),
        minimum: words.price("min"),
        minimum_meets: words
            .choice("meets", &[("after", MinimumMeets::Discounted), ("before", MinimumMeets::Undiscounted)]),
        maximum: words.price("max"),
        limits: words.proration("limits"),
    }
}

/// A component on the dimension `d` (or on days) with a model such as `graduated zero=none 10:0.30 ..:0.20`.
pub(crate) fn component(model: &str, conditions_text: &str) -> Component {
    let words = Words::of(model);
    let kind = words.0[0];
    let constant = |text: &str| {
        let valid_from = Day::new(2020, 1, 1).unwrap();
        PriceSource::Constant(vec![DatedPrice { valid_from, price: price(text) }])
    };
    let own = || match kind {
        "unit" => constant(words.0[1]),
        "percentage" => constant(words.value("rate").unwrap()),
        "dynamic" => PriceSource::Event,
        "graduated" | "volume" | "graduated_percentage" => PriceSource::Tiers(tiers(&words)),
        _ => constant(words.value("price").unwrap()),
    };
    let is_days = kind == "monthly";
    let model = charge_model(kind, &words);
    let unit = if model.is_on_amounts() { Unit::Piece } else { Unit::KilowattHour };
    Component {
        id: kind.to_owned(),
        name: kind.to_owned(),
        quantity: if is_days { QuantitySource::Days } else { QuantitySource::Dimension("d".to_owned()) },
        unit: if is_days { Unit::Day } else { unit },
        price: own(),
        model,
        tax_class: TaxClass::new("standard"),
        display: Display { group: "Usage".to_owned(), is_bundled: false },
        revenue_role: "usage".to_owned(),
        rounding: Rounding::HalfAwayFromZero,
        conditions: (!is_days).then(|| conditions(conditions_text)),
    }
}

fn charge_model(kind: &str, words: &Words<'_>) -> ChargeModel {
    let zero_usage = [("none", ZeroUsage::NothingDue), ("fee", ZeroUsage::FeeDue)];
    let tiers =
        || TierTerms { zero_usage: words.choice("zero", &zero_usage), bounds: words.proration("bounds") };
    match kind {
        "unit" => ChargeModel::PerUnit,
        "monthly" => ChargeModel::Monthly(words.proration("proration")),
        "graduated" => ChargeModel::Graduated(tiers()),
        "volume" => ChargeModel::Volume(tiers()),
        "graduated_percentage" => ChargeModel::GraduatedPercentage(tiers()),
        "dynamic" => ChargeModel::Dynamic,
        "package" => ChargeModel::Package(PackageTerms {
            size: quantity(words.value("size").unwrap()),
            free: quantity(words.or("free", "0")),
            free_units: words.proration("free_units"),
        }),
        "capacity" => ChargeModel::Capacity(CapacityTerms {
            highest: words.value("highest").unwrap().parse().unwrap(),
            choice: words.choice("choice", &[("any", PeakChoice::AnyValues), ("daily", PeakChoice::OneADay)]),
            proration: words.proration("proration"),
        }),
        "percentage" => ChargeModel::Percentage(PercentageTerms {
            fixed: words.price("fixed").unwrap_or_default(),
            fixed_on: words
                .choice("on", &[("every", FixedOn::EveryEvent), ("charged", FixedOn::ChargedEvents)]),
            free_events: words.or("free_events", "0").parse().unwrap(),
            free_amount: quantity(words.or("free_amount", "0")),
            free: words.choice(
                "free",
                &[("apart", FreeAllowances::Apart), ("first", FreeAllowances::WhicheverEndsFirst)],
            ),
            minimum: words.price("min"),
            maximum: words.price("max"),
            bounds_on: words.choice("bounds", &[("both", BoundsOn::RateAndFixed), ("rate", BoundsOn::Rate)]),
        }),
        other => panic!("no model is called {other}"),
    }
}

/// Tiers `bound:price+fee`, the last bound `..`.
fn tiers(words: &Words<'_>) -> Vec<Tier> {
    let tier = |(bound, rest): (&str, &str)| {
        let (each, fee) = rest.split_once('+').unwrap_or((rest, "0"));
        Tier { up_to: (bound != "..").then(|| quantity(bound)), price: price(each), flat_fee: price(fee) }
    };
    words.0.iter().filter_map(|word| word.split_once(':')).map(tier).collect()
}

pub(crate) fn product(component: Component) -> Product {
    Product {
        id: "p".to_owned(),
        version: 1,
        name: "Usage".to_owned(),
        currency: Currency::Eur,
        valid_from: Day::new(2020, 1, 1).unwrap(),
        components: vec![component],
    }
}

/// A month, or two days of which the second is excluded.
pub(crate) fn days(text: &str) -> DaySpan {
    match text.split_once('/') {
        None => DaySpan::of_month(Month::parse(text).unwrap()).unwrap(),
        Some((first, end)) => DaySpan::new(Day::parse(first).unwrap(), Day::parse(end).unwrap()).unwrap(),
    }
}

/// Events of the dimension `d`, each a quantity or an amount: values an hour apart, or `day:value` of the month.
pub(crate) fn usage(span: &str, events: &str, is_on_amounts: bool) -> Usage {
    let (rule, days) = (DayRule::civil(Zone::named("Europe/Amsterdam").unwrap()), days(span));
    let start = rule.start(days.first());
    let event = |(index, word): (usize, &str)| {
        let (at, value) = match word.split_once(':') {
            Some((of_month, value)) => {
                let first = days.first().month().first_day().number();
                let day = Day::from_number(first + of_month.parse::<i32>().unwrap() - 1).unwrap();
                (rule.start(day), quantity(value))
            }
            None => (after(start, index), quantity(word)),
        };
        Event {
            at,
            source: EventSource::Dimension("d".to_owned()),
            quantity: (!is_on_amounts).then_some((value, Unit::KilowattHour)),
            amount: is_on_amounts.then_some(value),
        }
    };
    let events = events.split_whitespace().enumerate().map(event).collect();
    Usage { rule, days, contract_from: None, parameters: BTreeMap::new(), events }
}

fn after(start: Instant, hours: usize) -> Instant {
    start.plus_millis(i64::try_from(hours).unwrap() * 3_600_000).unwrap()
}
