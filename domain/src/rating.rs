//! Rating: what a contract owes for a month, as exact positions with their provenance, or why it can't be said yet.
//!
//! A month of a contract is cut where the contract, the product's version, the rate of tax, a dated price or a charge
//! link changes; each piece becomes a position. Nothing is rounded here, and nothing is guessed: a missing value or
//! price makes the point not ready, with the first and last instant that are wanting.

mod counted;
mod days;
mod linked;
mod metered;
mod readiness;
mod surcharge;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use crate::amount::Amount;
use crate::charge::{Charge, ChargeKey, ChargeLink};
use crate::contract::Contract;
use crate::day::{Day, DayRule, Month};
use crate::day_span::DaySpan;
use crate::day_version::DayVersion;
use crate::position::{PositionKey, Provenance, RatedPosition, ShownPrice};
use crate::price::Price;
use crate::price_series::{PriceSeries, SeriesId};
use crate::product::{Component, Display, PriceSource, Product, QuantitySource};
use crate::quantity::{Quantity, Unit};
use crate::series::Direction;
use crate::tax::{TaxClass, TaxTable, VatRate};

pub(crate) use metered::indexed;
pub use readiness::NotReady;

/// What rating reads besides the contract. All of it is immutable versions of facts.
#[derive(Clone, Debug, Default)]
pub struct RatingFacts {
    /// The days of values that count, by channel and day.
    pub days: BTreeMap<Direction, BTreeMap<Day, DayVersion>>,
    /// The versions of each product, in order of validity.
    pub products: BTreeMap<String, Vec<Product>>,
    /// What is known of each charge, in order of time.
    pub charges: BTreeMap<ChargeKey, Vec<Charge>>,
    /// The price series, by id.
    pub prices: BTreeMap<SeriesId, PriceSeries>,
    /// The rates of value added tax.
    pub taxes: TaxTable,
}

/// What rating needs to know of the metering point.
#[derive(Clone, Debug)]
pub struct RatedPoint<'a> {
    /// When its days begin.
    pub rule: &'a DayRule,
    /// The unit of its values.
    pub unit: Unit,
    /// The channel that linked tariffs are counted on.
    pub main_channel: Direction,
    /// Its charge links.
    pub links: &'a [ChargeLink],
}

/// Rates one contract for one month.
///
/// The positions come in the order of the product, each key once; the order of links and facts does not matter.
///
/// # Errors
/// Every reason why the month can't be rated yet, each once, in order of components.
pub fn rate(
    contract: &Contract,
    month: Month,
    point: &RatedPoint<'_>,
    facts: &RatingFacts,
) -> Result<Vec<RatedPosition>, Vec<NotReady>> {
    let days = DaySpan::of_month(month);
    days.map_or(Ok(Vec::new()), |days| rate_days(contract, (month, days), point, facts))
}

/// Rates some days of the month alone. What depends on the whole month (the part of a price that a day bears, a minimum, a
/// cap) is that of the whole contract in it, so that the positions of all its days sum to those of [`rate`]: one by one
/// where nothing is counted over the month, else from its first day on.
///
/// # Errors
/// Every reason why those days can't be rated yet.
pub fn rate_days(
    contract: &Contract,
    (month, days): (Month, DaySpan),
    point: &RatedPoint<'_>,
    facts: &RatingFacts,
) -> Result<Vec<RatedPosition>, Vec<NotReady>> {
    let (positions, reasons, running) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut rater = Rater { contract, month, point, facts, positions, reasons, running };
    let Some(service) = rater.service() else { return Ok(Vec::new()) };
    match facts.products.get(&contract.product) {
        Some(versions) => rater.rate_versions(versions, service, days),
        None => rater.refuse(NotReady::UnknownProduct(contract.product.clone())),
    }
    rater.positions.sort_by(|one, other| (one.order, &one.key).cmp(&(other.order, &other.key)));
    if rater.reasons.is_empty() { Ok(rater.positions) } else { Err(rater.reasons) }
}

/// The work in progress of one contract and month.
struct Rater<'a> {
    contract: &'a Contract,
    month: Month,
    point: &'a RatedPoint<'a>,
    facts: &'a RatingFacts,
    positions: Vec<RatedPosition>,
    reasons: Vec<NotReady>,
    /// How far the counts of components have got that depend on what was counted before.
    running: BTreeMap<counted::CourseKey, counted::Running>,
}

/// One component over one piece of the month, with all that is constant in it.
struct Piece<'a> {
    product: &'a Product,
    component: &'a Component,
    /// The place of the component in the product.
    order: u32,
    service: DaySpan,
}

/// What a position is called, taxed as and shown under.
#[derive(Clone)]
struct Label {
    name: String,
    charge: Option<ChargeKey>,
    tax_class: TaxClass,
    is_tax: bool,
    is_bundled: bool,
}

/// What was counted for a position, and what it costs.
struct Cost {
    quantity: Quantity,
    unit: Unit,
    price: ShownPrice,
    amount: Amount,
    is_estimated: bool,
    provenance: Provenance,
}

impl<'a> Rater<'a> {
    /// The days of the contract in the month.
    fn service(&self) -> Option<DaySpan> {
        DaySpan::of_month(self.month).and_then(|days| days.intersection(self.contract.span))
    }

    fn rate_versions(&mut self, versions: &'a [Product], service: DaySpan, days: DaySpan) {
        for version_days in service.split(versions.iter().map(|version| version.valid_from)) {
            let Some(piece) = version_days.intersection(days) else { continue };
            match versions.iter().rev().find(|version| version.valid_from <= piece.first()) {
                Some(product) => self.rate_product(product, version_days, piece),
                None => self.refuse(NotReady::UnknownProduct(self.contract.product.clone())),
            }
        }
    }

    fn rate_product(&mut self, product: &'a Product, version_days: DaySpan, service: DaySpan) {
        for (order, component) in (0_u32..).zip(&product.components) {
            let piece = Piece { product, component, order, service };
            match &component.quantity {
                QuantitySource::LinkedCharges => self.rate_linked(&piece),
                QuantitySource::AmountOf(references) => self.rate_surcharge(&piece, references),
                QuantitySource::Channel(direction) if component.conditions.is_some() => {
                    self.rate_cut(&piece, |rater, part| rater.rate_counted(part, *direction, version_days))
                }
                QuantitySource::Channel(direction) => {
                    self.rate_cut(&piece, |rater, part| rater.rate_channel(part, *direction))
                }
                QuantitySource::Dimension(_) => self.refuse(NotReady::NotMetered(component.id.clone())),
                QuantitySource::Days => self.rate_cut(&piece, Self::rate_days),
                QuantitySource::Count => self.rate_cut(&piece, Self::rate_count),
            }
        }
    }

    /// Cuts the piece where its price or tax changes and rates each part.
    fn rate_cut(&mut self, piece: &Piece<'a>, rate: impl Fn(&mut Self, &Piece<'a>)) {
        for service in piece.service.split(self.changes(piece)) {
            rate(self, &Piece { service, ..*piece });
        }
    }

    /// The days on which the component's dated price or tax changes, or the factor of a surcharge on it.
    fn changes(&self, piece: &Piece<'a>) -> BTreeSet<Day> {
        let mut changes = self.surcharge_changes(piece);
        changes.extend(self.facts.taxes.changes(&piece.component.tax_class, piece.service));
        if let PriceSource::Constant(prices) = &piece.component.price {
            changes.extend(prices.iter().map(|price| price.valid_from));
        }
        changes
    }

    /// The price that holds throughout the piece.
    fn constant_price(&mut self, piece: &Piece<'a>) -> Option<Price> {
        let missing = || NotReady::MissingPrice { of: piece.component.id.clone(), on: piece.service.first() };
        let price = match &piece.component.price {
            PriceSource::Constant(prices) => prices
                .iter()
                .rev()
                .find(|price| price.valid_from <= piece.service.first())
                .map(|dated| dated.price),
            PriceSource::Parameter(name) => self.contract.parameters.get(name).copied(),
            PriceSource::Calendar(_)
            | PriceSource::Series { .. }
            | PriceSource::LinkedCharge
            | PriceSource::Tiers(_)
            | PriceSource::Event => None,
        };
        if price.is_none() {
            self.refuse(missing());
        }
        price
    }

    fn vat_rate(&mut self, class: &TaxClass, service: DaySpan) -> Option<VatRate> {
        let rate = self.facts.taxes.rate(class, service.first());
        if rate.is_none() {
            self.refuse(NotReady::UnknownTaxClass { class: class.clone(), on: service.first() });
        }
        rate
    }

    fn key(&self, piece: &Piece<'_>, charge: Option<ChargeKey>) -> PositionKey {
        PositionKey {
            contract: self.contract.id.clone(),
            month: self.month,
            component: piece.component.id.clone(),
            charge,
            service: piece.service,
        }
    }

    fn provenance(&self, piece: &Piece<'_>) -> Provenance {
        Provenance {
            contract_version: self.contract.version,
            product_version: piece.product.version,
            ..Provenance::default()
        }
    }

    fn push(&mut self, piece: &Piece<'_>, label: Label, cost: Cost) {
        let Some(vat_rate) = self.vat_rate(&label.tax_class, piece.service) else { return };
        let component = piece.component;
        self.positions.push(RatedPosition {
            key: self.key(piece, label.charge),
            order: piece.order,
            name: label.name,
            quantity: cost.quantity,
            unit: cost.unit,
            price: cost.price,
            amount: cost.amount,
            currency: piece.product.currency,
            tax_class: label.tax_class,
            vat_rate,
            is_tax: label.is_tax,
            display: Display { group: component.display.group.clone(), is_bundled: label.is_bundled },
            revenue_role: component.revenue_role.clone(),
            rounding: component.rounding,
            is_estimated: cost.is_estimated,
            provenance: cost.provenance,
        });
    }

    fn refuse(&mut self, reason: NotReady) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }
}

impl Label {
    /// The component's own name, tax and place.
    fn of_component(piece: &Piece<'_>) -> Self {
        Self {
            name: piece.component.name.clone(),
            charge: None,
            tax_class: piece.component.tax_class.clone(),
            is_tax: false,
            is_bundled: piece.component.display.is_bundled,
        }
    }
}
