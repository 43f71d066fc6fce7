//! Usage priced by itself: the events of some days under one version of a product, without a metering point, a contract
//! or a store behind it.
//!
//! It is the same arithmetic that rates a month: the models count over the days given, the same exact amounts come out,
//! and each line is rounded once. What only a node knows, price series and linked charges, is refused by name.

mod component;
mod fault;

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::day::{Day, DayRule};
use crate::day_span::DaySpan;
use crate::instant::Instant;
use crate::model::part::Part;
use crate::model::proration::Service;
use crate::money::{Currency, Money};
use crate::price::Price;
use crate::product::{Product, QuantitySource};
use crate::quantity::{Quantity, Unit};
use crate::series::Direction;
use crate::tax::TaxClass;

pub use fault::UsageFault;

/// What an event is counted as.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventSource {
    /// A value of a channel.
    Channel(Direction),
    /// A dimension of a session or of other usage.
    Dimension(String),
}

/// Something that happened at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What it is counted as.
    pub source: EventSource,
    /// How much, with its unit; below zero where it corrects.
    pub quantity: Option<(Quantity, Unit)>,
    /// The amount of money that it carries, in main units of the product's currency.
    pub amount: Option<Quantity>,
}

/// The usage of some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// When its days begin.
    pub rule: DayRule,
    /// Its days; all of one month.
    pub days: DaySpan,
    /// The first day of the contract, which components that count a piece ask for.
    pub contract_from: Option<Day>,
    /// Prices agreed in the contract, by name.
    pub parameters: BTreeMap<String, Price>,
    /// What happened, in any order; events of one instant in the order given.
    pub events: Vec<Event>,
}

/// One component priced over the days of usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsagePosition {
    /// The component's id.
    pub component: String,
    /// Its name on the bill.
    pub name: String,
    /// Its class for value added tax, which is not in the amount.
    pub tax_class: TaxClass,
    /// How much was counted: of the unit, or main units of money where the model is on amounts.
    pub quantity: Quantity,
    /// The unit of the quantity.
    pub unit: Unit,
    /// How many events were counted.
    pub events: usize,
    /// How the amount came about; the parts sum to it.
    pub parts: Vec<Part>,
    /// The amount, exact.
    pub amount: Amount,
    /// The amount rounded once, as the component says.
    pub rounded: Money,
}

/// Usage with its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatedUsage {
    /// The currency of all amounts.
    pub currency: Currency,
    /// One position per component, in the order of the product.
    pub positions: Vec<UsagePosition>,
    /// The sum of the exact amounts.
    pub total: Amount,
    /// The sum of the rounded amounts: what the lines of a bill add up to.
    pub rounded: Money,
}

/// Prices usage under a version of a product.
///
/// # Errors
/// Everything that keeps it from being priced, each once; nothing is priced in part.
pub fn rate(product: &Product, usage: &Usage) -> Result<RatedUsage, Vec<UsageFault>> {
    let Some(service) = Service::new(usage.days) else { return Err(vec![UsageFault::NotOneMonth]) };
    let mut faults = misplaced(product, usage);
    let mut positions: Vec<UsagePosition> = Vec::new();
    let mut events: Vec<(usize, &Event)> = usage.events.iter().enumerate().collect();
    events.sort_by_key(|(_, event)| event.at);
    for component in &product.components {
        let pricing = component::Pricing { product, component, usage, service, events: &events };
        match pricing.rate(&positions) {
            Ok(position) => positions.push(position),
            Err(fault) if !faults.contains(&fault) => faults.push(fault),
            Err(_) => {}
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let sums =
        positions.iter().try_fold((Amount::ZERO, Money::zero(product.currency)), |(total, rounded), one| {
            Some((total.checked_add(one.amount)?, rounded.checked_add(one.rounded)?))
        });
    let (total, rounded) = sums.ok_or_else(|| vec![UsageFault::SumOutOfRange])?;
    Ok(RatedUsage { currency: product.currency, positions, total, rounded })
}

/// Events outside the days, and events that no component counts.
fn misplaced(product: &Product, usage: &Usage) -> Vec<UsageFault> {
    let mut faults = Vec::new();
    if product.valid_from > usage.days.first() {
        faults.push(UsageFault::NotYetValid);
    }
    for (event, Event { at, source, .. }) in usage.events.iter().enumerate() {
        if !usage.days.contains(usage.rule.day_of(*at)) {
            faults.push(UsageFault::EventOutside { event });
        }
        if !product.components.iter().any(|component| counts(&component.quantity, source)) {
            faults.push(UsageFault::NotCounted { event });
        }
    }
    faults
}

fn counts(quantity: &QuantitySource, source: &EventSource) -> bool {
    match (quantity, source) {
        (QuantitySource::Channel(one), EventSource::Channel(other)) => one == other,
        (QuantitySource::Dimension(one), EventSource::Dimension(other)) => one == other,
        _ => false,
    }
}
