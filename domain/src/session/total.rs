//! From priced parts to the total: steps, tax, what members pay less, rounding, least and most.

use std::collections::BTreeMap;

use super::given::{Cost, RoundingPoint, RoundingPolicy, Session, SessionTerms};
use super::member;
use super::priced::{
    ComponentCost, MemberDiscount, Micros, PricedSession, SessionDimension, SpotPart, Warning,
};
use super::pricing::Parts;
use super::stated;
use super::steps::{self, Used};
use crate::amount::Amount;
use crate::fixed::Rounding;
use crate::price::Price;
use crate::price_sheet::{Limit, PriceSheet};
use crate::quantity::Quantity;
use crate::tax::VatRate;

/// The exact amount of so much of a dimension.
pub(super) fn amount_of(dimension: SessionDimension, quantity: Micros, price: Price) -> Option<Amount> {
    match dimension {
        SessionDimension::Energy | SessionDimension::SpotEnergy => {
            Amount::of(Quantity::from_micros(quantity), price)
        }
        SessionDimension::Time
        | SessionDimension::ParkingTime
        | SessionDimension::ReservationTime
        | SessionDimension::IdleFee => Amount::of_time(quantity, price),
        SessionDimension::Flat | SessionDimension::ReservationFlat | SessionDimension::MemberDiscount => {
            Amount::of(Quantity::from_units(quantity)?, price)
        }
    }
}

/// The cost of an amount that is without its tax or includes it.
///
/// With tax added it is exact. Without a tax that is included it is `amount x 100 / (100 + rate)`, whose decimals seldom end:
/// it is rounded to 18 of them. What is then rounded to a currency comes out as the fraction would: prices have eight
/// decimals and quantities six, so that a fraction that is no tie lies further from one than that rounding moves it.
pub(super) fn cost_of(amount: Amount, vat: Option<VatRate>, includes_vat: bool) -> Option<Cost> {
    let Some(vat) = vat else { return Some(Cost { excluding_vat: amount, including_vat: amount }) };
    if !includes_vat {
        return Some(Cost { excluding_vat: amount, including_vat: amount.checked_add(vat.on(amount)?)? });
    }
    Some(Cost { excluding_vat: without_vat(amount, vat)?, including_vat: amount })
}

/// The amount without the tax that it includes.
fn without_vat(amount: Amount, vat: VatRate) -> Option<Amount> {
    const WHOLE: i64 = 10_000;
    const DECIMALS: u32 = 18;
    let with_tax = WHOLE.checked_add(vat.hundredths_of_percent().into())?;
    let rounded = || amount.fraction_rounded((WHOLE, with_tax), DECIMALS, Rounding::HalfAwayFromZero);
    amount.fraction(WHOLE, with_tax).or_else(rounded)
}

/// Everything that is known once the last period is priced. `sheet` is that of the session.
pub(super) fn finish(
    session: &Session,
    sheet: &PriceSheet,
    terms: &SessionTerms,
    mut parts: Parts<'_>,
) -> Option<PricedSession> {
    steps::round_up(&mut parts.used)?;
    parts.used.sort_unstable_by_key(|used| used.position);
    let at = |point: RoundingPoint| terms.rounding.filter(|policy| policy.point == point);
    let mut sum = Sum::of(&parts.used, terms, at(RoundingPoint::Component))?;
    let limits = bounded(sum.cost, sheet.least, sheet.most)?.checked_sub(sum.cost)?;
    let (mut idle_days, mut spot) = (BTreeMap::new(), Vec::new());
    if let Some(idle) = parts.idle {
        let (days, cost) = idle.done()?;
        sum.add_own(SessionDimension::IdleFee, cost, days.is_empty())?;
        idle_days = days;
    }
    if let Some(count) = parts.spot {
        let (priced, cost) = count.done()?;
        sum.add_own(SessionDimension::SpotEnergy, cost, priced.is_empty())?;
        spot = priced;
    }
    let Sum { components, discounts, dimensions, cost, .. } = sum;
    let exact = cost.checked_add(limits)?;
    let total = at(RoundingPoint::Sum).map_or(Some(exact), |policy| policy.round(exact))?;
    let rounding = total.checked_sub(exact)?;
    let included_kwh = included(&discounts, &spot)?;
    let mut priced = PricedSession {
        periods: parts.periods,
        components,
        dimensions,
        idle_days,
        discounts,
        spot,
        included_kwh,
        limits,
        rounding,
        total,
        warnings: parts.warnings,
    };
    let mut differences = stated::differences(session, &priced, terms.rounding, parts.counted)?;
    priced.warn();
    priced.warnings.append(&mut differences);
    Some(priced)
}

/// The costs that were summed.
struct Sum {
    components: Vec<ComponentCost>,
    discounts: Vec<MemberDiscount>,
    dimensions: BTreeMap<SessionDimension, Cost>,
    cost: Cost,
    rounding: Option<RoundingPolicy>,
}

impl Sum {
    /// The costs of what the sheet prices, and what a member pays less.
    fn of(used: &[Used], terms: &SessionTerms, rounding: Option<RoundingPolicy>) -> Option<Self> {
        let mut components = Vec::with_capacity(used.len());
        let mut discounts = Vec::new();
        let mut dimensions: BTreeMap<SessionDimension, Cost> = BTreeMap::new();
        let mut cost = Cost::ZERO;
        for used in used {
            let component = component_cost(used, rounding)?;
            let dimension = dimensions.entry(component.position.dimension).or_default();
            *dimension = dimension.checked_add(component.cost)?;
            cost = cost.checked_add(component.cost)?;
            components.push(component);
            discounts.extend(terms.member.discount(used, rounding)?);
        }
        let mut sum = Self { components, discounts, dimensions, cost, rounding: None };
        let less = member::sum(&sum.discounts)?;
        sum.add_own(SessionDimension::MemberDiscount, less, sum.discounts.is_empty())?;
        Some(Self { rounding, ..sum })
    }

    /// Adds a component of our own, rounded where the contract rounds components.
    fn add_own(&mut self, of: SessionDimension, cost: Cost, is_none: bool) -> Option<()> {
        if !is_none {
            let cost = self.rounding.map_or(Some(cost), |policy| policy.round(cost))?;
            self.dimensions.insert(of, cost);
            self.cost = self.cost.checked_add(cost)?;
        }
        Some(())
    }
}

impl PricedSession {
    /// Warns of what the prices themselves leave open.
    fn warn(&mut self) {
        if self.components.is_empty() && self.spot.is_empty() {
            self.warnings.push(Warning::NothingPriced);
        }
        if self.components.iter().any(|component| component.includes_vat && component.vat.is_none()) {
            self.warnings.push(Warning::TaxRateUnknown);
        }
    }
}

fn component_cost(used: &Used, rounding: Option<RoundingPolicy>) -> Option<ComponentCost> {
    let quantity = used.used.checked_add(used.surplus)?;
    let amount = amount_of(used.position.dimension, quantity, used.price)?;
    let cost = cost_of(amount, used.vat, used.includes_vat)?;
    Some(ComponentCost {
        position: used.position,
        price: used.price,
        vat: used.vat,
        includes_vat: used.includes_vat,
        used: used.used,
        surplus: used.surplus,
        cost: rounding.map_or(Some(cost), |policy| policy.round(cost))?,
    })
}

/// The energy that a subscription included: priced by the sheet, by the index, or by both.
fn included(discounts: &[MemberDiscount], spot: &[SpotPart]) -> Option<Quantity> {
    let by_sheet = discounts.iter().map(|discount| Quantity::from_micros(discount.included));
    let by_index = spot.iter().map(|part| part.included_kwh);
    Some(Quantity::checked_sum(by_sheet)?.max(Quantity::checked_sum(by_index)?))
}

/// The cost between least and most, each way by itself.
fn bounded(cost: Cost, least: Limit, most: Limit) -> Option<Cost> {
    let of_price = |price: Price| Amount::of(Quantity::ONE, price);
    let bound = |amount: Amount, least: Option<Price>, most: Option<Price>| {
        let least = least.map_or(Some(amount), of_price)?;
        let most = most.map_or(Some(amount.max(least)), of_price)?;
        Some(amount.max(least).min(most))
    };
    Some(Cost {
        excluding_vat: bound(cost.excluding_vat, least.excluding_vat, most.excluding_vat)?,
        including_vat: bound(cost.including_vat, least.including_vat, most.including_vat)?,
    })
}
