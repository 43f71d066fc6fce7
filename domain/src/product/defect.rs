//! What keeps a product from being sold.

use std::fmt;

/// Why a product can't be sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProductDefect {
    /// It has no component.
    Empty,
    /// Two components have this id.
    DuplicateComponent(String),
    /// The component has no price on the first day of the product's validity.
    NoPriceAtStart(String),
    /// Two prices of the component hold from the same day, or they are out of order.
    PricesOutOfOrder(String),
    /// A window of the component's calendar is on no day, empty, or not within a day.
    NoSuchWindow(String),
    /// Some minute of the component's calendar has no price.
    CalendarGap(String),
    /// Some minute of the component's calendar has two prices.
    CalendarOverlap(String),
    /// The component's quantity, price and model do not go together.
    DoesNotCompose(String),
    /// The component's unit can't count its quantity.
    WrongUnit(String),
    /// The component refers to one that does not stand before it.
    UnknownReference {
        /// The component.
        component: String,
        /// What it refers to.
        reference: String,
    },
    /// The component names no tax class.
    NoTaxClass(String),
    /// The component names no revenue role.
    NoRevenueRole(String),
    /// The component's revenue role or tax class has more than 64 bytes.
    LongName(String),
    /// The component counts the events of a dimension that it does not name.
    NoDimension(String),
    /// The component's table has no tier.
    NoTiers(String),
    /// The bounds of the component's tiers do not ascend from above zero.
    TiersOutOfOrder(String),
    /// The component's last tier has a bound, or another has none.
    TiersNotOpen(String),
    /// A rate of the component lies outside -1 to 1: 0.05 is 5 %.
    RateOutOfRange(String),
    /// The component's packages are not larger than nothing.
    PackageNotPositive(String),
    /// The component's free units, free amount, or fixed amount per event are below zero.
    AllowanceBelowZero(String),
    /// The least that an event of the component costs is above the most.
    EventBoundsCrossed(String),
    /// The component averages no value.
    NoPeaks(String),
    /// The component's model counts over a month and its conditions are not said.
    NoConditions(String),
    /// The component's model neither counts nor has a limit and yet has conditions.
    NeedlessConditions(String),
    /// Single events of the component are to be rounded, but it has none.
    NoEventsToRound(String),
    /// The component's discount lies outside 0 to 1: 0.05 is 5 %.
    DiscountOutOfRange(String),
    /// The component's minimum or maximum is below zero.
    LimitBelowZero(String),
    /// The component's minimum is above its maximum.
    LimitsCrossed(String),
}

impl fmt::Display for ProductDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the product has no component"),
            Self::DuplicateComponent(id) => write!(f, "two components have the id {id}"),
            Self::NoPriceAtStart(id) => {
                write!(f, "component {id} has no price on the first day of the product")
            }
            Self::PricesOutOfOrder(id) => {
                write!(f, "the prices of component {id} are not in ascending order of time")
            }
            Self::NoSuchWindow(id) => {
                write!(
                    f,
                    "a window of the calendar of component {id} is on no day, empty, or not within a day"
                )
            }
            Self::CalendarGap(id) => write!(f, "a minute of the calendar of component {id} has no price"),
            Self::CalendarOverlap(id) => {
                write!(f, "a minute of the calendar of component {id} has two prices")
            }
            Self::DoesNotCompose(id) => {
                write!(f, "quantity, price and model of component {id} do not go together")
            }
            Self::WrongUnit(id) => write!(f, "the unit of component {id} can't count its quantity"),
            Self::UnknownReference { component, reference } => {
                write!(f, "component {component} refers to {reference}, which does not stand before it")
            }
            Self::NoTaxClass(id) => write!(f, "component {id} has no tax class"),
            Self::NoRevenueRole(id) => write!(f, "component {id} has no revenue role"),
            Self::LongName(id) => {
                write!(f, "the revenue role or tax class of component {id} has more than 64 bytes")
            }
            Self::NoDimension(id) => write!(f, "component {id} does not name its dimension"),
            Self::NoTiers(id) => write!(f, "component {id} has no tier"),
            Self::TiersOutOfOrder(id) => {
                write!(f, "the tiers of component {id} do not ascend from above zero")
            }
            Self::TiersNotOpen(id) => {
                write!(f, "the last tier of component {id}, and no other, must be without a bound")
            }
            Self::RateOutOfRange(id) => write!(f, "a rate of component {id} is not within -1 and 1"),
            Self::PackageNotPositive(id) => write!(f, "the package of component {id} is not above zero"),
            Self::AllowanceBelowZero(id) => {
                write!(f, "what is free or fixed in component {id} is below zero")
            }
            Self::EventBoundsCrossed(id) => {
                write!(f, "the minimum of an event of component {id} is above its maximum")
            }
            Self::NoPeaks(id) => write!(f, "component {id} averages no value"),
            Self::NoConditions(id) => write!(f, "the model of component {id} needs conditions"),
            Self::NeedlessConditions(id) => write!(f, "the model of component {id} takes no conditions"),
            Self::NoEventsToRound(id) => write!(f, "component {id} has no events to round one by one"),
            Self::DiscountOutOfRange(id) => write!(f, "the discount of component {id} is not within 0 and 1"),
            Self::LimitBelowZero(id) => write!(f, "the minimum or maximum of component {id} is below zero"),
            Self::LimitsCrossed(id) => write!(f, "the minimum of component {id} is above its maximum"),
        }
    }
}
