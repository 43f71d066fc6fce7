//! Products: lists of components, each a quantity times a price under a model, with its tax and its place on the bill.

pub mod calendar;
mod check;
mod defect;

use std::collections::BTreeSet;

use crate::day::Day;
use crate::fixed::Rounding;
use crate::model::{Conditions, Tier};
use crate::money::Currency;
use crate::price::Price;
use crate::quantity::Unit;
use crate::series::Direction;
use crate::tax::TaxClass;

pub use crate::model::ChargeModel;
pub use calendar::{CalendarWeek, CalendarWindow, Weekdays};
pub use defect::ProductDefect;

/// Where a component's quantity comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuantitySource {
    /// The values of the metering point's channel in this direction.
    Channel(Direction),
    /// Civil days of the contract.
    Days,
    /// One piece on the contract's first day.
    Count,
    /// The exact amounts of other components, named by id: a surcharge on them.
    AmountOf(Vec<String>),
    /// Every charge that is linked to the point; each becomes a position of its own.
    LinkedCharges,
    /// The events of a session or of other usage that carry this dimension, such as `energy` or `parking_time`: their
    /// quantities, or their amounts where the model is on amounts. A metering point has none.
    Dimension(String),
}

/// A price that holds from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedPrice {
    /// The first day on which it holds.
    pub valid_from: Day,
    /// The price.
    pub price: Price,
}

/// Where a component's price comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriceSource {
    /// Constant by date, in order of time. For [`QuantitySource::AmountOf`] it is a plain factor: 0.05 is 5 %.
    Constant(Vec<DatedPrice>),
    /// By local time of day and day of the week, in order of time.
    Calendar(Vec<CalendarWeek>),
    /// A price series, per interval: `price x factor + addend`, rounded half away from zero to eight decimals.
    Series {
        /// The name of the index.
        index: String,
        /// The factor; -1 pays out.
        factor: Price,
        /// What is added per unit of quantity.
        addend: Price,
    },
    /// The linked charge's own series.
    LinkedCharge,
    /// A price agreed in the contract, by name.
    Parameter(String),
    /// A table of tiers, in ascending order, the last without an end.
    Tiers(Vec<Tier>),
    /// The amount that each event carries.
    Event,
}

/// How a component stands on the bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Display {
    /// The group under which its lines are shown.
    pub group: String,
    /// Whether the lines of the group become one line of the bill where their tax class agrees.
    pub is_bundled: bool,
}

/// One priced part of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its id, unique in the product.
    pub id: String,
    /// Its name on the bill.
    pub name: String,
    /// Where its quantity comes from.
    pub quantity: QuantitySource,
    /// The unit the price is stated per; the quantity is converted to it.
    pub unit: Unit,
    /// Where its price comes from.
    pub price: PriceSource,
    /// How both make an amount.
    pub model: ChargeModel,
    /// Its class for the tax. A linked charge without tax is [`TaxClass::OUTSIDE`] whatever stands here.
    pub tax_class: TaxClass,
    /// Its place on the bill.
    pub display: Display,
    /// The role of the ledger account that its revenue is posted to.
    pub revenue_role: String,
    /// How its line is rounded to the minor unit.
    pub rounding: Rounding,
    /// Under which conditions its model counts; `None` only where the model needs none.
    pub conditions: Option<Conditions>,
}

/// A version of a product: what is sold from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// The product's id.
    pub id: String,
    /// Counts its versions, from 1.
    pub version: u32,
    /// Its name for people.
    pub name: String,
    /// The currency of all its prices.
    pub currency: Currency,
    /// The first day on which this version serves; the next version ends it.
    pub valid_from: Day,
    /// Its parts, in the order of the bill.
    pub components: Vec<Component>,
}

impl Product {
    /// Everything that keeps the product from being sold; empty where it is complete.
    #[must_use]
    pub fn defects(&self) -> Vec<ProductDefect> {
        let mut defects = Vec::new();
        let mut known = BTreeSet::new();
        if self.components.is_empty() {
            defects.push(ProductDefect::Empty);
        }
        for component in &self.components {
            component.check(self.valid_from, &known, &mut defects);
            if !known.insert(component.id.as_str()) {
                defects.push(ProductDefect::DuplicateComponent(component.id.clone()));
            }
        }
        defects
    }

    /// The names of the price series its components read, each once, in order.
    #[must_use]
    pub fn indexes(&self) -> BTreeSet<&str> {
        let names = self.components.iter().filter_map(|component| match &component.price {
            PriceSource::Series { index, .. } => Some(index.as_str()),
            _ => None,
        });
        names.collect()
    }
}
