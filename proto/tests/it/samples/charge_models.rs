//! Charge models, tiers and conditions.

use domain::model::capacity::PeakChoice;
use domain::model::conditions::{BelowZero, Counting, MinimumMeets, RoundingPoint};
use domain::model::percentage::{BoundsOn, FixedOn, FreeAllowances};
use domain::model::tier::ZeroUsage;
use domain::model::{
    CapacityTerms, ChargeModel, Conditions, PackageTerms, PercentageTerms, Proration, Tier, TierTerms,
};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::values::*;

fn proration() -> impl Strategy<Value = Proration> {
    use Proration::{DaysOfMonth, DaysOfYear, ThirtyDays, Whole};
    select(vec![Whole, DaysOfMonth, ThirtyDays, DaysOfYear])
}

pub(crate) fn tier() -> impl Strategy<Value = Tier> {
    (option::of(quantity()), price(), price()).prop_map(|(up_to, price, flat_fee)| Tier {
        up_to,
        price,
        flat_fee,
    })
}

fn tier_terms() -> impl Strategy<Value = TierTerms> {
    let zero_usage = select(vec![ZeroUsage::FeeDue, ZeroUsage::NothingDue]);
    (zero_usage, proration()).prop_map(|(zero_usage, bounds)| TierTerms { zero_usage, bounds })
}

fn percentage() -> impl Strategy<Value = PercentageTerms> {
    let fixed = (price(), select(vec![FixedOn::EveryEvent, FixedOn::ChargedEvents]));
    let together = select(vec![FreeAllowances::Apart, FreeAllowances::WhicheverEndsFirst]);
    let free = (any::<u32>(), quantity(), together);
    let on = select(vec![BoundsOn::Rate, BoundsOn::RateAndFixed]);
    let bounds = (option::of(price()), option::of(price()), on);
    (fixed, free, bounds).prop_map(
        |((fixed, fixed_on), (free_events, free_amount, free), (minimum, maximum, bounds_on))| {
            PercentageTerms { fixed, fixed_on, free_events, free_amount, free, minimum, maximum, bounds_on }
        },
    )
}

pub(crate) fn model() -> impl Strategy<Value = ChargeModel> {
    let package = (quantity(), quantity(), proration()).prop_map(|(size, free, free_units)| PackageTerms {
        size,
        free,
        free_units,
    });
    let choice = select(vec![PeakChoice::AnyValues, PeakChoice::OneADay]);
    let capacity = (any::<u32>(), choice, proration())
        .prop_map(|(highest, choice, proration)| CapacityTerms { highest, choice, proration });
    prop_oneof![
        Just(ChargeModel::PerUnit),
        Just(ChargeModel::Fixed),
        proration().prop_map(ChargeModel::Monthly),
        tier_terms().prop_map(ChargeModel::Graduated),
        tier_terms().prop_map(ChargeModel::Volume),
        package.prop_map(ChargeModel::Package),
        percentage().prop_map(ChargeModel::Percentage),
        tier_terms().prop_map(ChargeModel::GraduatedPercentage),
        Just(ChargeModel::Dynamic),
        capacity.prop_map(ChargeModel::Capacity),
    ]
}

pub(crate) fn conditions() -> impl Strategy<Value = Conditions> {
    let below_zero = select(vec![BelowZero::Refused, BelowZero::Nothing, BelowZero::Mirrored]);
    let choices = (
        select(vec![Counting::Month, Counting::Version]),
        below_zero,
        select(vec![RoundingPoint::Line, RoundingPoint::Event]),
        select(vec![MinimumMeets::Undiscounted, MinimumMeets::Discounted]),
    );
    (choices, price(), option::of(price()), option::of(price()), proration()).prop_map(
        |((counting, below_zero, rounding_point, minimum_meets), discount, minimum, maximum, limits)| {
            Conditions {
                counting,
                below_zero,
                rounding_point,
                discount,
                minimum,
                minimum_meets,
                maximum,
                limits,
            }
        },
    )
}
