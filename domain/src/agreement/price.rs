//! The price in force: what something costs that runs at an instant, by a product.
//!
//! Of the product's components count those on the dimension that runs, those on the consumption of a metering point
//! where energy runs at one, and parts of the amounts of such components. Days and pieces of a contract are no part of
//! what runs; a bill or a debit of its own charges them. Whatever else would count what runs, and can't be priced from
//! the instant alone, refuses the whole price: nothing is charged in part.

use std::collections::BTreeMap;

use super::Unpriced;
use crate::amount::Amount;
use crate::day::{Day, DayRule};
use crate::funds::{PricePart, SalePrice, Usage};
use crate::instant::Instant;
use crate::model::ChargeModel;
use crate::model::pricing::Pricing;
use crate::money::Currency;
use crate::price::Price;
use crate::price_series::{PriceSeries, SeriesId};
use crate::product::calendar::CalendarReader;
use crate::product::{Component, PriceSource, Product, QuantitySource};
use crate::quantity::{Quantity, Unit};
use crate::rating::indexed;
use crate::series::Direction;
use crate::tax::{TaxClass, TaxTable, VatRate};

/// The dimension of energy, which a metering point counts on its channel.
pub const ENERGY: &str = "energy";

/// What a price is made from besides the product. All of it is versions of facts as they are known.
#[derive(Clone, Copy, Debug)]
pub struct PriceFacts<'a> {
    /// The tenant's civil days: the zone of local time, of days of prices and of tax.
    pub days: &'a DayRule,
    /// The rates of value added tax.
    pub taxes: &'a TaxTable,
    /// The price series of indexes, by id.
    pub series: &'a BTreeMap<SeriesId, PriceSeries>,
}

/// What something costs that runs at an instant. It owns what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceInForce {
    currency: Currency,
    unit: Unit,
    parts: Vec<Part>,
}

/// One component's part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    component: String,
    net: Net,
    revenue_role: String,
    tax_class: TaxClass,
    rate: VatRate,
}

/// How a part's net amount comes about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Net {
    /// So much per unit.
    PerUnit(Price),
    /// A part of what so many units cost at these prices.
    Of(Vec<Net>, Price),
}

/// The least by which a partial grant of a unit differs from another: a thousandth, of what is counted in pieces a piece.
#[must_use]
pub fn step_of(unit: Unit) -> Quantity {
    match unit {
        Unit::Piece | Unit::Day => Quantity::ONE,
        Unit::MegawattHour => Quantity::from_micros(1),
        _ => Quantity::from_micros(1_000),
    }
}

/// What a unit of what runs costs at the instant, by the version of the product that serves on its local day; `versions`
/// are those of the product, in order of validity.
///
/// # Errors
/// [`Unpriced`] with the first reason why the product does not say it.
pub fn price_in_force(
    versions: &[Product],
    facts: &PriceFacts<'_>,
    usage: &Usage,
    unit: Unit,
    at: Instant,
) -> Result<PriceInForce, Unpriced> {
    let on = facts.days.day_of(at);
    let serving = versions.iter().rev().find(|version| version.valid_from <= on);
    let product = serving.ok_or_else(|| Unpriced::UnknownProduct(usage.product.clone()))?;
    let pricer = Pricer { product, facts, usage, unit, at, on };
    let mut parts: Vec<Part> = Vec::new();
    for component in &product.components {
        if let Some(net) = pricer.net(component, &parts)? {
            parts.push(pricer.part(component, net)?);
        }
    }
    if parts.is_empty() {
        return Err(Unpriced::NotCounted);
    }
    Ok(PriceInForce { currency: product.currency, unit, parts })
}

struct Pricer<'a> {
    product: &'a Product,
    facts: &'a PriceFacts<'a>,
    usage: &'a Usage,
    unit: Unit,
    at: Instant,
    on: Day,
}

impl Pricer<'_> {
    /// How the component's net amount comes about; none where it does not count what runs.
    fn net(&self, component: &Component, before: &[Part]) -> Result<Option<Net>, Unpriced> {
        let is_energy_at_a_point = self.usage.metering_point.is_some() && self.usage.dimension == ENERGY;
        match &component.quantity {
            QuantitySource::Dimension(name) if *name == self.usage.dimension => {}
            QuantitySource::Channel(Direction::Consumption) if is_energy_at_a_point => {}
            QuantitySource::AmountOf(references) => return self.share(component, references, before),
            QuantitySource::LinkedCharges if is_energy_at_a_point => {
                return Err(Unpriced::NotLive(component.id.clone()));
            }
            _ => return Ok(None),
        }
        if component.model != ChargeModel::PerUnit || component.conditions.is_some() {
            return Err(Unpriced::NotLive(component.id.clone()));
        }
        self.price(component).map(|price| Some(Net::PerUnit(price)))
    }

    /// A part of the amounts of components that count what runs.
    fn share(
        &self,
        component: &Component,
        references: &[String],
        before: &[Part],
    ) -> Result<Option<Net>, Unpriced> {
        let base = before.iter().filter(|part| references.contains(&part.component));
        let base: Vec<Net> = base.map(|part| part.net.clone()).collect();
        if base.is_empty() {
            return Ok(None);
        }
        let factor = self.stated(component).ok_or_else(|| Unpriced::MissingPrice(component.id.clone()))?;
        Ok(Some(Net::Of(base, factor)))
    }

    /// The component's price of a unit that runs.
    fn price(&self, component: &Component) -> Result<Price, Unpriced> {
        let (missing, wrong_unit) =
            (|| Unpriced::MissingPrice(component.id.clone()), || Unpriced::WrongUnit(component.id.clone()));
        let PriceSource::Series { index, factor, addend } = &component.price else {
            let price = self.stated(component).ok_or_else(missing)?;
            return price.converted(component.unit, self.unit).ok_or_else(wrong_unit);
        };
        let series = self.facts.series.get(&SeriesId::Index(index.clone())).ok_or_else(missing)?;
        if series.currency() != self.product.currency {
            return Err(wrong_unit());
        }
        let (_, price) = series.at(self.at).ok_or_else(missing)?;
        let price = price.converted(series.unit(), self.unit).ok_or_else(wrong_unit)?;
        let addend = addend.converted(component.unit, self.unit).ok_or_else(wrong_unit)?;
        indexed(price, *factor, addend).ok_or_else(|| Unpriced::OutOfRange(component.id.clone()))
    }

    /// The price that the product states for the instant, per the component's unit.
    fn stated(&self, component: &Component) -> Option<Price> {
        match &component.price {
            PriceSource::Constant(prices) => {
                let held = prices.iter().rev().find(|dated| dated.valid_from <= self.on);
                held.map(|dated| dated.price)
            }
            PriceSource::Calendar(weeks) => CalendarReader::new(weeks, self.facts.days.zone()).at(self.at),
            _ => None,
        }
    }

    fn part(&self, component: &Component, net: Net) -> Result<Part, Unpriced> {
        let class = &component.tax_class;
        let rate = self.facts.taxes.rate(class, self.on);
        Ok(Part {
            component: component.id.clone(),
            net,
            revenue_role: component.revenue_role.clone(),
            tax_class: class.clone(),
            rate: rate.ok_or_else(|| Unpriced::UnknownTaxClass(class.clone()))?,
        })
    }
}

impl PriceInForce {
    /// The currency.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// As a decision about funds takes it.
    #[must_use]
    pub fn sale_price(&self) -> SalePrice<'_> {
        let parts = self.parts.iter().map(|part| PricePart {
            pricing: &part.net,
            revenue_role: part.revenue_role.clone(),
            tax_class: part.tax_class.clone(),
            rate: part.rate,
        });
        SalePrice {
            currency: self.currency,
            unit: self.unit,
            step: step_of(self.unit),
            parts: parts.collect(),
        }
    }
}

/// Exact; a part of an amount is rounded as [`Amount::times`] says.
impl Pricing for Net {
    fn amount(&self, quantity: Quantity) -> Option<Amount> {
        match self {
            Self::PerUnit(price) => Amount::of(quantity, *price),
            Self::Of(base, factor) => {
                let sum =
                    base.iter().try_fold(Amount::ZERO, |sum, net| sum.checked_add(net.amount(quantity)?));
                sum?.times(*factor)
            }
        }
    }
}
