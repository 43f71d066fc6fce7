//! Charge models: their terms and conditions.

use domain::model::capacity::PeakChoice;
use domain::model::conditions::{BelowZero, Counting, MinimumMeets, RoundingPoint};
use domain::model::percentage::{BoundsOn, FixedOn, FreeAllowances};
use domain::model::tier::ZeroUsage;
use domain::model::{
    CapacityTerms, ChargeModel, Conditions, PackageTerms, PercentageTerms, Proration, Tier, TierTerms,
};
use domain::price::Price;
use domain::quantity::Quantity;

use super::field::{self, same_names};
use super::{FieldError, FieldFault};
use crate::catalog::{self, component};
use crate::google_type::Decimal;

same_names!(Proration, catalog::Proration, [Whole, DaysOfMonth, ThirtyDays, DaysOfYear]);
same_names!(ZeroUsage, catalog::ZeroUsage, [FeeDue, NothingDue]);
same_names!(FixedOn, catalog::FixedOn, [EveryEvent, ChargedEvents]);
same_names!(FreeAllowances, catalog::FreeAllowances, [Apart, WhicheverEndsFirst]);
same_names!(BoundsOn, catalog::BoundsOn, [Rate, RateAndFixed]);
same_names!(PeakChoice, catalog::PeakChoice, [AnyValues, OneADay]);
same_names!(Counting, catalog::Counting, [Month, Version]);
same_names!(BelowZero, catalog::BelowZero, [Refused, Nothing, Mirrored]);
same_names!(RoundingPoint, catalog::RoundingPoint, [Line, Event]);
same_names!(MinimumMeets, catalog::MinimumMeets, [Undiscounted, Discounted]);

/// A model as the two fields of a component that tell of it: the enumeration, or the terms.
pub(super) fn message(model: &ChargeModel) -> (i32, Option<component::Terms>) {
    let terms = match model {
        ChargeModel::PerUnit => return (catalog::ChargeModel::PerUnit.into(), None),
        ChargeModel::Fixed => return (catalog::ChargeModel::Fixed.into(), None),
        ChargeModel::Monthly(proration) => component::Terms::Monthly(proration_number(*proration)),
        ChargeModel::Graduated(terms) => component::Terms::Graduated(terms.into()),
        ChargeModel::Volume(terms) => component::Terms::Volume(terms.into()),
        ChargeModel::Package(terms) => component::Terms::Packages(terms.into()),
        ChargeModel::Percentage(terms) => component::Terms::Percentage(terms.into()),
        ChargeModel::GraduatedPercentage(terms) => component::Terms::GraduatedPercentage(terms.into()),
        ChargeModel::Dynamic => component::Terms::Dynamic(()),
        ChargeModel::Capacity(terms) => component::Terms::Capacity(terms.into()),
    };
    (catalog::ChargeModel::Unspecified.into(), Some(terms))
}

/// The model that the two fields tell of; exactly one of them does.
pub(super) fn value(model: i32, terms: Option<component::Terms>) -> Result<ChargeModel, FieldError> {
    let Some(terms) = terms else {
        let model = catalog::ChargeModel::try_from(model);
        return match model.map_err(|_| FieldError::at("model", FieldFault::Unknown))? {
            catalog::ChargeModel::Unspecified => Err(FieldError::at("model", FieldFault::Missing)),
            catalog::ChargeModel::PerUnit => Ok(ChargeModel::PerUnit),
            catalog::ChargeModel::Fixed => Ok(ChargeModel::Fixed),
        };
    };
    if model != i32::from(catalog::ChargeModel::Unspecified) {
        return Err(FieldError::at("model", FieldFault::Contradiction));
    }
    let within = |field: &'static str| move |error: FieldError| error.within(field);
    match terms {
        component::Terms::Monthly(number) => proration("monthly", number).map(ChargeModel::Monthly),
        component::Terms::Graduated(terms) => {
            terms.try_into().map(ChargeModel::Graduated).map_err(within("graduated"))
        }
        component::Terms::Volume(terms) => {
            terms.try_into().map(ChargeModel::Volume).map_err(within("volume"))
        }
        component::Terms::Packages(terms) => {
            terms.try_into().map(ChargeModel::Package).map_err(within("packages"))
        }
        component::Terms::Percentage(terms) => {
            terms.try_into().map(ChargeModel::Percentage).map_err(within("percentage"))
        }
        component::Terms::GraduatedPercentage(terms) => {
            terms.try_into().map(ChargeModel::GraduatedPercentage).map_err(within("graduated_percentage"))
        }
        component::Terms::Dynamic(()) => Ok(ChargeModel::Dynamic),
        component::Terms::Capacity(terms) => {
            terms.try_into().map(ChargeModel::Capacity).map_err(within("capacity"))
        }
    }
}

impl From<&Tier> for catalog::Tier {
    fn from(tier: &Tier) -> Self {
        let (up_to, price) = (tier.up_to.as_ref().map(Into::into), Some((&tier.price).into()));
        Self { up_to, price, flat_fee: unless_zero(tier.flat_fee) }
    }
}

impl TryFrom<catalog::Tier> for Tier {
    type Error = FieldError;

    fn try_from(tier: catalog::Tier) -> Result<Self, FieldError> {
        Ok(Self {
            up_to: field::optional("up_to", tier.up_to)?,
            price: field::required("price", tier.price)?,
            flat_fee: or_zero("flat_fee", tier.flat_fee)?,
        })
    }
}

impl From<&TierTerms> for catalog::TierTerms {
    fn from(terms: &TierTerms) -> Self {
        let zero_usage = field::number::<catalog::ZeroUsage, _>(terms.zero_usage);
        Self { zero_usage, bounds: proration_number(terms.bounds) }
    }
}

impl TryFrom<catalog::TierTerms> for TierTerms {
    type Error = FieldError;

    fn try_from(terms: catalog::TierTerms) -> Result<Self, FieldError> {
        Ok(Self {
            zero_usage: field::known::<catalog::ZeroUsage, _>("zero_usage", terms.zero_usage)?,
            bounds: proration("bounds", terms.bounds)?,
        })
    }
}

impl From<&PackageTerms> for catalog::PackageTerms {
    fn from(terms: &PackageTerms) -> Self {
        Self {
            size: Some((&terms.size).into()),
            free: (terms.free != Quantity::ZERO).then(|| (&terms.free).into()),
            free_units: proration_number(terms.free_units),
        }
    }
}

impl TryFrom<catalog::PackageTerms> for PackageTerms {
    type Error = FieldError;

    fn try_from(terms: catalog::PackageTerms) -> Result<Self, FieldError> {
        Ok(Self {
            size: field::required("size", terms.size)?,
            free: field::optional("free", terms.free)?.unwrap_or_default(),
            free_units: proration("free_units", terms.free_units)?,
        })
    }
}

impl From<&PercentageTerms> for catalog::PercentageTerms {
    fn from(terms: &PercentageTerms) -> Self {
        Self {
            fixed: unless_zero(terms.fixed),
            fixed_on: field::number::<catalog::FixedOn, _>(terms.fixed_on),
            free_events: terms.free_events,
            free_amount: (terms.free_amount != Quantity::ZERO).then(|| (&terms.free_amount).into()),
            free: field::number::<catalog::FreeAllowances, _>(terms.free),
            minimum: terms.minimum.as_ref().map(Into::into),
            maximum: terms.maximum.as_ref().map(Into::into),
            bounds_on: field::number::<catalog::BoundsOn, _>(terms.bounds_on),
        }
    }
}

impl TryFrom<catalog::PercentageTerms> for PercentageTerms {
    type Error = FieldError;

    fn try_from(terms: catalog::PercentageTerms) -> Result<Self, FieldError> {
        Ok(Self {
            fixed: or_zero("fixed", terms.fixed)?,
            fixed_on: field::known::<catalog::FixedOn, _>("fixed_on", terms.fixed_on)?,
            free_events: terms.free_events,
            free_amount: field::optional("free_amount", terms.free_amount)?.unwrap_or_default(),
            free: field::known::<catalog::FreeAllowances, _>("free", terms.free)?,
            minimum: field::optional("minimum", terms.minimum)?,
            maximum: field::optional("maximum", terms.maximum)?,
            bounds_on: field::known::<catalog::BoundsOn, _>("bounds_on", terms.bounds_on)?,
        })
    }
}

impl From<&CapacityTerms> for catalog::CapacityTerms {
    fn from(terms: &CapacityTerms) -> Self {
        let choice = field::number::<catalog::PeakChoice, _>(terms.choice);
        Self { highest: terms.highest, choice, proration: proration_number(terms.proration) }
    }
}

impl TryFrom<catalog::CapacityTerms> for CapacityTerms {
    type Error = FieldError;

    fn try_from(terms: catalog::CapacityTerms) -> Result<Self, FieldError> {
        Ok(Self {
            highest: terms.highest,
            choice: field::known::<catalog::PeakChoice, _>("choice", terms.choice)?,
            proration: proration("proration", terms.proration)?,
        })
    }
}

impl From<&Conditions> for catalog::Conditions {
    fn from(conditions: &Conditions) -> Self {
        Self {
            counting: field::number::<catalog::Counting, _>(conditions.counting),
            below_zero: field::number::<catalog::BelowZero, _>(conditions.below_zero),
            rounding_point: field::number::<catalog::RoundingPoint, _>(conditions.rounding_point),
            discount: unless_zero(conditions.discount),
            minimum: conditions.minimum.as_ref().map(Into::into),
            minimum_meets: field::number::<catalog::MinimumMeets, _>(conditions.minimum_meets),
            maximum: conditions.maximum.as_ref().map(Into::into),
            limits: proration_number(conditions.limits),
        }
    }
}

impl TryFrom<catalog::Conditions> for Conditions {
    type Error = FieldError;

    fn try_from(conditions: catalog::Conditions) -> Result<Self, FieldError> {
        let rounding_point = conditions.rounding_point;
        Ok(Self {
            counting: field::known::<catalog::Counting, _>("counting", conditions.counting)?,
            below_zero: field::known::<catalog::BelowZero, _>("below_zero", conditions.below_zero)?,
            rounding_point: field::known::<catalog::RoundingPoint, _>("rounding_point", rounding_point)?,
            discount: or_zero("discount", conditions.discount)?,
            minimum: field::optional("minimum", conditions.minimum)?,
            minimum_meets: field::known::<catalog::MinimumMeets, _>(
                "minimum_meets",
                conditions.minimum_meets,
            )?,
            maximum: field::optional("maximum", conditions.maximum)?,
            limits: proration("limits", conditions.limits)?,
        })
    }
}

fn proration_number(proration: Proration) -> i32 {
    field::number::<catalog::Proration, _>(proration)
}

fn proration(field: &str, number: i32) -> Result<Proration, FieldError> {
    field::known::<catalog::Proration, _>(field, number)
}

/// A price whose field is not set where it is zero.
fn unless_zero(price: Price) -> Option<Decimal> {
    (price != Price::ZERO).then(|| (&price).into())
}

fn or_zero(field: &str, price: Option<Decimal>) -> Result<Price, FieldError> {
    field::optional(field, price).map(Option::unwrap_or_default)
}
