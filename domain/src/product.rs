//! Products: lists of components, each a quantity times a price under a model, with its tax and its place on the bill.

use std::collections::BTreeSet;
use std::fmt;

use crate::day::Day;
use crate::fixed::Rounding;
use crate::money::Currency;
use crate::price::Price;
use crate::quantity::Unit;
use crate::series::Direction;
use crate::tax::TaxClass;

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
}

/// How quantity and price make an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeModel {
    /// Quantity x price.
    PerUnit,
    /// A price per month by civil days (source days), or once (source count).
    Fixed,
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
            Self::DoesNotCompose(id) => {
                write!(f, "quantity, price and model of component {id} do not go together")
            }
            Self::WrongUnit(id) => write!(f, "the unit of component {id} can't count its quantity"),
            Self::UnknownReference { component, reference } => {
                write!(f, "component {component} refers to {reference}, which does not stand before it")
            }
            Self::NoTaxClass(id) => write!(f, "component {id} has no tax class"),
            Self::NoRevenueRole(id) => write!(f, "component {id} has no revenue role"),
        }
    }
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

impl Component {
    fn check(&self, valid_from: Day, known: &BTreeSet<&str>, defects: &mut Vec<ProductDefect>) {
        let mut refuse = |is_wrong: bool, defect: ProductDefect| {
            if is_wrong {
                defects.push(defect);
            }
        };
        refuse(self.tax_class.name().is_empty(), ProductDefect::NoTaxClass(self.id.clone()));
        refuse(self.revenue_role.is_empty(), ProductDefect::NoRevenueRole(self.id.clone()));
        refuse(!self.composes(), ProductDefect::DoesNotCompose(self.id.clone()));
        refuse(!self.unit_fits(), ProductDefect::WrongUnit(self.id.clone()));
        if let PriceSource::Constant(prices) = &self.price {
            let starts_late = prices.first().is_none_or(|first| first.valid_from > valid_from);
            refuse(starts_late, ProductDefect::NoPriceAtStart(self.id.clone()));
            let ascending = prices.is_sorted_by(|one, next| one.valid_from < next.valid_from);
            refuse(!ascending, ProductDefect::PricesOutOfOrder(self.id.clone()));
        }
        if let QuantitySource::AmountOf(references) = &self.quantity {
            for reference in references.iter().filter(|reference| !known.contains(reference.as_str())) {
                let (component, reference) = (self.id.clone(), reference.clone());
                refuse(true, ProductDefect::UnknownReference { component, reference });
            }
        }
    }

    fn composes(&self) -> bool {
        use PriceSource::{Constant, LinkedCharge, Parameter, Series};
        let is_own_price = matches!(self.price, Constant(_) | Parameter(_));
        match (&self.quantity, self.model) {
            (QuantitySource::Channel(_), ChargeModel::PerUnit) => {
                is_own_price || matches!(self.price, Series { .. })
            }
            (QuantitySource::Days, _) | (QuantitySource::Count, ChargeModel::Fixed) => is_own_price,
            (QuantitySource::AmountOf(of), ChargeModel::PerUnit) => is_own_price && !of.is_empty(),
            (QuantitySource::LinkedCharges, ChargeModel::PerUnit) => self.price == LinkedCharge,
            _ => false,
        }
    }

    fn unit_fits(&self) -> bool {
        match &self.quantity {
            QuantitySource::Channel(_) => !matches!(self.unit, Unit::Piece | Unit::Day | Unit::Hour),
            QuantitySource::Days => self.unit == Unit::Day,
            QuantitySource::Count | QuantitySource::AmountOf(_) => self.unit == Unit::Piece,
            QuantitySource::LinkedCharges => true,
        }
    }
}
