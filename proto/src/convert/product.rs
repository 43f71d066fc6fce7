//! Products and their components.

mod calendar;

use domain::fixed::Rounding;
use domain::product::{Component, DatedPrice, Display, PriceSource, Product, QuantitySource};
use domain::tax::TaxClass;

use super::field::{self, same_names};
use super::{FieldError, charge_model, number};
use crate::catalog::{self, component};
use crate::types;

pub(super) use calendar::{minute, time_of_day, weekdays};

same_names!(Rounding, catalog::Rounding, [HalfAwayFromZero, HalfEven, TowardsZero, AwayFromZero]);

impl From<&Product> for catalog::Product {
    fn from(product: &Product) -> Self {
        Self {
            name: String::new(),
            product_id: product.id.clone(),
            version: product.version,
            display_name: product.name.clone(),
            currency_code: product.currency.code().to_owned(),
            valid_from: Some((&product.valid_from).into()),
            components: field::messages(&product.components),
            etag: String::new(),
        }
    }
}

impl TryFrom<catalog::Product> for Product {
    type Error = FieldError;

    fn try_from(product: catalog::Product) -> Result<Self, FieldError> {
        Ok(Self {
            id: product.product_id,
            version: product.version,
            name: product.display_name,
            currency: number::currency("currency_code", &product.currency_code)?,
            valid_from: field::required("valid_from", product.valid_from)?,
            components: field::each("components", product.components)?,
        })
    }
}

impl From<&Component> for catalog::Component {
    fn from(component: &Component) -> Self {
        let (model, terms) = charge_model::message(&component.model);
        Self {
            component_id: component.id.clone(),
            display_name: component.name.clone(),
            quantity: Some((&component.quantity).into()),
            unit: field::number::<types::Unit, _>(component.unit),
            price: Some((&component.price).into()),
            model,
            tax_class: component.tax_class.name().to_owned(),
            display: Some((&component.display).into()),
            revenue_role: component.revenue_role.clone(),
            rounding: field::number::<catalog::Rounding, _>(component.rounding),
            terms,
            conditions: component.conditions.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<catalog::Component> for Component {
    type Error = FieldError;

    fn try_from(component: catalog::Component) -> Result<Self, FieldError> {
        Ok(Self {
            id: component.component_id,
            name: component.display_name,
            quantity: field::chosen("quantity", component.quantity)?.try_into()?,
            unit: field::known::<types::Unit, _>("unit", component.unit)?,
            price: field::chosen("price", component.price)?.try_into()?,
            model: charge_model::value(component.model, component.terms)?,
            tax_class: TaxClass::new(&component.tax_class),
            display: field::required("display", component.display)?,
            revenue_role: component.revenue_role,
            rounding: field::known::<catalog::Rounding, _>("rounding", component.rounding)?,
            conditions: field::optional("conditions", component.conditions)?,
        })
    }
}

impl From<&QuantitySource> for component::Quantity {
    fn from(source: &QuantitySource) -> Self {
        match source {
            QuantitySource::Channel(direction) => {
                Self::Channel(field::number::<types::Direction, _>(*direction))
            }
            QuantitySource::Days => Self::Days(()),
            QuantitySource::Count => Self::Count(()),
            QuantitySource::AmountOf(references) => {
                Self::AmountOf(catalog::ComponentReferences { component_ids: references.clone() })
            }
            QuantitySource::LinkedCharges => Self::LinkedCharges(()),
            QuantitySource::Dimension(name) => Self::Dimension(name.clone()),
        }
    }
}

impl TryFrom<component::Quantity> for QuantitySource {
    type Error = FieldError;

    fn try_from(quantity: component::Quantity) -> Result<Self, FieldError> {
        Ok(match quantity {
            component::Quantity::Channel(direction) => {
                Self::Channel(field::known::<types::Direction, _>("channel", direction)?)
            }
            component::Quantity::Days(()) => Self::Days,
            component::Quantity::Count(()) => Self::Count,
            component::Quantity::AmountOf(references) => Self::AmountOf(references.component_ids),
            component::Quantity::LinkedCharges(()) => Self::LinkedCharges,
            component::Quantity::Dimension(name) => Self::Dimension(name),
        })
    }
}

impl From<&PriceSource> for component::Price {
    fn from(source: &PriceSource) -> Self {
        match source {
            PriceSource::Constant(prices) => {
                Self::Constant(catalog::ConstantPrice { prices: field::messages(prices) })
            }
            PriceSource::Series { index, factor, addend } => Self::Index(catalog::IndexPrice {
                index: index.clone(),
                factor: Some(factor.into()),
                addend: Some(addend.into()),
            }),
            PriceSource::LinkedCharge => Self::LinkedCharge(()),
            PriceSource::Parameter(name) => Self::Parameter(name.clone()),
            PriceSource::Tiers(tiers) => Self::Tiers(catalog::TierTable { tiers: field::messages(tiers) }),
            PriceSource::Event => Self::Event(()),
            PriceSource::Calendar(weeks) => {
                Self::Calendar(catalog::CalendarPrice { weeks: field::messages(weeks) })
            }
        }
    }
}

impl TryFrom<component::Price> for PriceSource {
    type Error = FieldError;

    fn try_from(price: component::Price) -> Result<Self, FieldError> {
        Ok(match price {
            component::Price::Constant(constant) => {
                let prices = field::each("prices", constant.prices);
                Self::Constant(prices.map_err(|error| error.within("constant"))?)
            }
            component::Price::Index(price) => index_price(price).map_err(|error| error.within("index"))?,
            component::Price::LinkedCharge(()) => Self::LinkedCharge,
            component::Price::Parameter(name) => Self::Parameter(name),
            component::Price::Tiers(table) => {
                let tiers = field::each("tiers", table.tiers);
                Self::Tiers(tiers.map_err(|error| error.within("tiers"))?)
            }
            component::Price::Event(()) => Self::Event,
            component::Price::Calendar(calendar) => {
                let weeks = field::each("weeks", calendar.weeks);
                Self::Calendar(weeks.map_err(|error| error.within("calendar"))?)
            }
        })
    }
}

fn index_price(price: catalog::IndexPrice) -> Result<PriceSource, FieldError> {
    Ok(PriceSource::Series {
        index: price.index,
        factor: field::required("factor", price.factor)?,
        addend: field::required("addend", price.addend)?,
    })
}

impl From<&DatedPrice> for catalog::DatedPrice {
    fn from(dated: &DatedPrice) -> Self {
        Self { valid_from: Some((&dated.valid_from).into()), price: Some((&dated.price).into()) }
    }
}

impl TryFrom<catalog::DatedPrice> for DatedPrice {
    type Error = FieldError;

    fn try_from(dated: catalog::DatedPrice) -> Result<Self, FieldError> {
        Ok(Self {
            valid_from: field::required("valid_from", dated.valid_from)?,
            price: field::required("price", dated.price)?,
        })
    }
}

impl From<&Display> for catalog::Display {
    fn from(display: &Display) -> Self {
        Self { group: display.group.clone(), is_bundled: display.is_bundled }
    }
}

impl TryFrom<catalog::Display> for Display {
    type Error = FieldError;

    fn try_from(display: catalog::Display) -> Result<Self, FieldError> {
        Ok(Self { group: display.group, is_bundled: display.is_bundled })
    }
}
