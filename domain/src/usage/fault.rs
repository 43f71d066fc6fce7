//! Why usage can't be priced.

use std::fmt;

use crate::day::Day;
use crate::model::course::CourseFault;

/// Why usage can't be priced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageFault {
    /// Its days are not all of one month.
    NotOneMonth,
    /// The version of the product serves only from a later day on.
    NotYetValid,
    /// The event of this index, from 0, lies outside the days.
    EventOutside {
        /// Its index.
        event: usize,
    },
    /// No component counts the event.
    NotCounted {
        /// Its index.
        event: usize,
    },
    /// The event carries no quantity, which the component counts.
    NoQuantity {
        /// Its index.
        event: usize,
        /// The component.
        component: String,
    },
    /// The event carries no amount, which the component counts.
    NoAmount {
        /// Its index.
        event: usize,
        /// The component.
        component: String,
    },
    /// The event's quantity does not convert exactly to the component's unit.
    WrongUnit {
        /// Its index.
        event: usize,
        /// The component.
        component: String,
    },
    /// The component takes its prices from a series or linked charges, which only a node knows.
    NeedsNode {
        /// The component.
        component: String,
    },
    /// The component has no price on a day: the usage does not give the parameter.
    MissingPrice {
        /// The component.
        component: String,
        /// The day.
        on: Day,
    },
    /// The component counts a piece on the contract's first day, which the usage does not give.
    NoContractStart {
        /// The component.
        component: String,
    },
    /// The factor on other components changes within the days: they are to be priced apart.
    FactorChanges {
        /// The component.
        component: String,
    },
    /// The component can't say what is due.
    Course {
        /// The component.
        component: String,
        /// Why.
        fault: CourseFault,
    },
    /// The sum is beyond what an amount holds.
    SumOutOfRange,
}

impl fmt::Display for UsageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOneMonth => write!(f, "from, to: the days are not all of one month"),
            Self::NotYetValid => write!(f, "from: the product serves only from a later day on"),
            Self::EventOutside { event } => write!(f, "events[{event}].time: is outside the days"),
            Self::NotCounted { event } => write!(f, "events[{event}]: no component counts it"),
            Self::NoQuantity { event, component } => {
                write!(f, "events[{event}].quantity: is missing, and component {component} counts it")
            }
            Self::NoAmount { event, component } => {
                write!(f, "events[{event}].amount: is missing, and component {component} counts it")
            }
            Self::WrongUnit { event, component } => {
                write!(f, "events[{event}].unit: does not convert exactly to that of component {component}")
            }
            Self::NeedsNode { component } => {
                write!(f, "component {component} has prices that only a node knows: rate it there")
            }
            Self::MissingPrice { component, on } => {
                write!(f, "parameters: component {component} has no price on {on}")
            }
            Self::NoContractStart { component } => {
                write!(f, "contract_from: is missing, and component {component} needs it")
            }
            Self::FactorChanges { component } => {
                write!(f, "the factor of component {component} changes: rate the days before and after apart")
            }
            Self::Course { component, fault } => write!(f, "component {component}: {fault}"),
            Self::SumOutOfRange => write!(f, "the sum is out of range"),
        }
    }
}

impl std::error::Error for UsageFault {}
