//! What a component's model and conditions come to for the days of a service.

use super::conditions::{BelowZero, Conditions, RoundingPoint};
use super::part::{self, Part};
use super::percentage::PercentageTerms;
use super::proration::{Fraction, Service};
use super::tier::{self, Tier, ZeroUsage};
use super::{ChargeModel, graduated, package, volume};
use crate::amount::Amount;
use crate::fixed::Rounding;
use crate::money::Currency;
use crate::product::{Component, PriceSource};
use crate::quantity::{Quantity, Unit};

/// The terms of a component over some days of a month: tiers and free units as large as they are for those days, in the
/// unit that is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub(super) formula: Formula,
    pub(super) conditions: Conditions,
    /// The part of a month that minimum and maximum bear.
    pub(super) limits: Fraction,
    /// How what an event adds is rounded, where it is.
    pub(super) event_rounding: Option<(Currency, Rounding)>,
}

/// How a count and a price make an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Formula {
    /// Each event by itself at its price.
    PerUnit,
    /// Each event by itself, by its amount.
    Carried,
    /// Each event by itself, after what was free before it.
    Percentage(PercentageTerms),
    /// The count in whole packages.
    Package { size: Quantity, free: Quantity },
    /// The count tier by tier.
    Graduated { tiers: Vec<Tier>, zero_usage: ZeroUsage },
    /// The count at the tier reached.
    Volume { tiers: Vec<Tier>, zero_usage: ZeroUsage },
    /// What somebody else priced: capacity, and prices of intervals.
    Priced,
}

impl Terms {
    /// The terms of a component for the service, counting in `unit`; the currency is that of its prices. `None` where the
    /// component has no conditions (it then counts nothing and needs no terms), or its tiers or units do not convert exactly to the unit that is counted.
    #[must_use]
    pub fn of(component: &Component, service: Service, unit: Unit, currency: Currency) -> Option<Self> {
        let conditions = component.conditions?;
        let converts = |quantity| tier::converted_quantity(quantity, component.unit, unit);
        let table = |bounds: super::Proration| {
            let PriceSource::Tiers(tiers) = &component.price else { return None };
            let part = bounds.of_service(service);
            let prorated = tier::converted(tiers, component.unit, unit)?.into_iter().map(|tier| {
                let up_to = match tier.up_to {
                    None => None,
                    Some(bound) => Some(tier::prorated(bound, part)?),
                };
                Some(Tier { up_to, ..tier })
            });
            prorated.collect::<Option<Vec<Tier>>>()
        };
        let formula = match &component.model {
            ChargeModel::Graduated(terms) | ChargeModel::GraduatedPercentage(terms) => {
                Formula::Graduated { tiers: table(terms.bounds)?, zero_usage: terms.zero_usage }
            }
            ChargeModel::Volume(terms) => {
                Formula::Volume { tiers: table(terms.bounds)?, zero_usage: terms.zero_usage }
            }
            ChargeModel::Package(terms) => Formula::Package {
                size: converts(terms.size)?,
                free: tier::prorated(converts(terms.free)?, terms.free_units.of_service(service))?,
            },
            ChargeModel::Percentage(terms) => Formula::Percentage(*terms),
            ChargeModel::Dynamic => Formula::Carried,
            ChargeModel::PerUnit => Formula::PerUnit,
            ChargeModel::Capacity(_) | ChargeModel::Fixed | ChargeModel::Monthly(_) => Formula::Priced,
        };
        let is_by_event = conditions.rounding_point == RoundingPoint::Event;
        Some(Self {
            formula,
            conditions,
            limits: conditions.limits.of_service(service),
            event_rounding: is_by_event.then_some((currency, component.rounding)),
        })
    }

    /// Parts of a count, for models that price the count as a whole. `None` beyond the range of an amount, or below zero
    /// where that is refused.
    pub(super) fn parts_of(&self, count: Quantity) -> Option<Vec<Part>> {
        if count >= Quantity::ZERO {
            return self.parts_above_zero(count);
        }
        match self.conditions.below_zero {
            // That it is refused is said at the end: a later event may make up for it.
            BelowZero::Refused | BelowZero::Nothing => self.parts_above_zero(Quantity::ZERO),
            BelowZero::Mirrored => {
                let parts = self.parts_above_zero(count.checked_neg()?)?;
                parts.into_iter().map(Part::negated).collect()
            }
        }
    }

    /// The amount of a count; see [`Self::parts_of`].
    pub(super) fn amount_of(&self, count: Quantity) -> Option<Amount> {
        part::total(&self.parts_of(count)?)
    }

    /// How many packages a count is.
    pub(super) fn packages(&self, size: Quantity, free: Quantity, count: Quantity) -> Option<Quantity> {
        if count >= Quantity::ZERO {
            return package::started(size, free, count);
        }
        match self.conditions.below_zero {
            BelowZero::Refused | BelowZero::Nothing => Some(Quantity::ZERO),
            BelowZero::Mirrored => package::started(size, free, count.checked_neg()?)?.checked_neg(),
        }
    }

    /// The counts at which the amount may fall: just behind the bounds of tiers, and on them.
    pub(super) fn edges(&self) -> Vec<Quantity> {
        let (Formula::Graduated { tiers, .. } | Formula::Volume { tiers, .. }) = &self.formula else {
            return Vec::new();
        };
        let behind = Quantity::from_micros(1);
        let bounds = tiers.iter().filter_map(|tier| tier.up_to);
        bounds.flat_map(|bound| [Some(bound), bound.checked_add(behind)]).flatten().collect()
    }

    fn parts_above_zero(&self, count: Quantity) -> Option<Vec<Part>> {
        match &self.formula {
            Formula::Graduated { tiers, zero_usage } => graduated::parts(tiers, *zero_usage, count),
            Formula::Volume { tiers, zero_usage } => volume::parts(tiers, *zero_usage, count),
            _ => Some(Vec::new()),
        }
    }
}
