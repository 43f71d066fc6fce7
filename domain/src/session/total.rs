//! From priced parts to the total: steps, tax, rounding, least and most, and what differs from what the record states.

use std::collections::BTreeMap;

use super::given::{Cost, RoundingPoint, RoundingPolicy, Session, SessionTerms};
use super::priced::{ComponentCost, Micros, PricedSession, SessionDimension, Warning};
use super::pricing::Parts;
use super::steps::{self, Used};
use crate::amount::Amount;
use crate::price::Price;
use crate::price_sheet::{Limit, PriceSheet};
use crate::quantity::Quantity;
use crate::tax::VatRate;

/// Half of the last of the four decimals that numbers of OCPI have: what is nearer is the same.
const STATED_TOLERANCE: Price = Price::from_raw(5_000);

/// The exact amount of so much of a dimension.
pub(super) fn amount_of(dimension: SessionDimension, quantity: Micros, price: Price) -> Option<Amount> {
    match dimension {
        SessionDimension::Energy => Amount::of(Quantity::from_micros(quantity), price),
        SessionDimension::Time
        | SessionDimension::ParkingTime
        | SessionDimension::ReservationTime
        | SessionDimension::IdleFee => Amount::of_time(quantity, price),
        SessionDimension::Flat | SessionDimension::ReservationFlat => {
            Amount::of(Quantity::from_units(quantity)?, price)
        }
    }
}

/// Everything that is known once the last period is priced. `sheet` is that of the session.
pub(super) fn finish(
    session: &Session,
    sheet: &PriceSheet,
    terms: &SessionTerms,
    parts: Parts,
) -> Option<PricedSession> {
    let Parts { periods, mut used, energy, idle, mut warnings } = parts;
    steps::round_up(&mut used)?;
    used.sort_unstable_by_key(|used| used.position);
    let at = |point: RoundingPoint| terms.rounding.filter(|policy| policy.point == point);
    let by_component = at(RoundingPoint::Component);
    let components: Option<Vec<_>> = used.iter().map(|used| component_cost(used, by_component)).collect();
    let components = components?;
    let mut dimensions: BTreeMap<SessionDimension, Cost> = BTreeMap::new();
    let mut sum = Cost::ZERO;
    for component in &components {
        let cost = dimensions.entry(component.position.dimension).or_default();
        *cost = cost.checked_add(component.cost)?;
        sum = sum.checked_add(component.cost)?;
    }
    let limits = bounded(sum, sheet.least, sheet.most)?.checked_sub(sum)?;
    let mut idle_days = BTreeMap::new();
    if let Some((days, cost)) = idle.map_or(Some(None), |idle| idle.done().map(Some))?
        && !days.is_empty()
    {
        let cost = by_component.map_or(Some(cost), |policy| policy.round(cost))?;
        dimensions.insert(SessionDimension::IdleFee, cost);
        sum = sum.checked_add(cost)?;
        idle_days = days;
    }
    let exact = sum.checked_add(limits)?;
    let total = at(RoundingPoint::Sum).map_or(Some(exact), |policy| policy.round(exact))?;
    if components.is_empty() {
        warnings.push(Warning::NothingPriced);
    }
    warnings.extend(differences(session, total, energy)?);
    let rounding = total.checked_sub(exact)?;
    Some(PricedSession { periods, components, dimensions, idle_days, limits, rounding, total, warnings })
}

fn component_cost(used: &Used, rounding: Option<RoundingPolicy>) -> Option<ComponentCost> {
    let quantity = used.used.checked_add(used.surplus)?;
    let excluding_vat = amount_of(used.position.dimension, quantity, used.price)?;
    let cost = Cost { excluding_vat, including_vat: with_vat(excluding_vat, used.vat)? };
    Some(ComponentCost {
        position: used.position,
        price: used.price,
        vat: used.vat,
        used: used.used,
        surplus: used.surplus,
        cost: rounding.map_or(Some(cost), |policy| policy.round(cost))?,
    })
}

/// The amount with its tax.
pub(super) fn with_vat(net: Amount, vat: Option<VatRate>) -> Option<Amount> {
    vat.map_or(Some(net), |vat| net.checked_add(vat.on(net)?))
}

/// The cost between least and most, each way by itself.
fn bounded(cost: Cost, least: Limit, most: Limit) -> Option<Cost> {
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

fn of_price(price: Price) -> Option<Amount> {
    Amount::of(Quantity::ONE, price)
}

/// What the record states otherwise. A credit states the negated cost.
fn differences(session: &Session, total: Cost, energy: Micros) -> Option<Vec<Warning>> {
    let mut warnings = Vec::new();
    let tolerance = of_price(STATED_TOLERANCE)?;
    let differs = |stated: Price, priced: Amount| {
        let stated = of_price(stated)?;
        let stated = if session.is_credit { stated.checked_neg()? } else { stated };
        let difference = stated.checked_sub(priced)?;
        Some(difference > tolerance || difference.checked_neg()? > tolerance)
    };
    if let Some(stated) = session.stated.excluding_vat
        && differs(stated, total.excluding_vat)?
    {
        warnings.push(Warning::StatedTotalDiffers { stated, priced: total.excluding_vat });
    }
    if let Some(stated) = session.stated.including_vat
        && differs(stated, total.including_vat)?
    {
        warnings.push(Warning::StatedTotalWithVatDiffers { stated, priced: total.including_vat });
    }
    let counted = Quantity::from_micros(energy);
    if let Some(stated) = session.stated.energy_kwh.filter(|stated| *stated != counted) {
        warnings.push(Warning::StatedEnergyDiffers { stated, counted });
    }
    Some(warnings)
}
