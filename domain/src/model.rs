//! Charge models: how a quantity and a price make an amount, and under which conditions.
//!
//! A component of a product names its model. [`ChargeModel::PerUnit`] and [`ChargeModel::Fixed`] multiply; every other
//! counts over the days of a month and says in its terms and its [`Conditions`] what engines of this kind do
//! differently. [`terms::Terms`] is what that comes to for given days, [`course::Course`] how far the month has got, and
//! [`pricing`] how much may run from there.

pub mod capacity;
pub mod conditions;
pub mod course;
pub mod graduated;
pub mod package;
pub mod part;
pub mod percentage;
pub mod pricing;
pub mod proration;
pub mod terms;
pub mod tier;
pub mod volume;

pub use capacity::CapacityTerms;
pub use conditions::Conditions;
pub use package::PackageTerms;
pub use percentage::PercentageTerms;
pub use proration::Proration;
pub use tier::{Tier, TierTerms};

/// How quantity and price make an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeModel {
    /// Quantity x price.
    PerUnit,
    /// A price per month by civil days (source days), or once (source count).
    Fixed,
    /// A price per month by days, on a basis that is named.
    Monthly(Proration),
    /// Each tier prices the part of the quantity in it.
    Graduated(TierTerms),
    /// The tier that is reached prices the whole quantity.
    Volume(TierTerms),
    /// Packages that were started.
    Package(PackageTerms),
    /// A rate on the amount of each event.
    Percentage(PercentageTerms),
    /// Each tier puts its rate on the part of the events' amounts in it.
    GraduatedPercentage(TierTerms),
    /// The event carries its amount.
    Dynamic,
    /// The highest value of the month, or the mean of the highest.
    Capacity(CapacityTerms),
}

impl ChargeModel {
    /// Whether it prices amounts of money that events carry, not quantities.
    #[must_use]
    pub const fn is_on_amounts(&self) -> bool {
        matches!(self, Self::Percentage(_) | Self::GraduatedPercentage(_) | Self::Dynamic)
    }

    /// Whether it can't be charged without [`Conditions`]: it depends on what was counted before.
    #[must_use]
    pub const fn needs_conditions(&self) -> bool {
        !matches!(self, Self::PerUnit | Self::Fixed | Self::Monthly(_))
    }
}
