//! One component over the days of usage.

use super::{Event, Usage, UsageFault, UsagePosition, counts};
use crate::amount::Amount;
use crate::day::Day;
use crate::day_span::DaySpan;
use crate::instant::Instant;
use crate::model::capacity::{CapacityTerms, Peaks};
use crate::model::course::{Course, CourseFault};
use crate::model::part::{self, Part, PartKind};
use crate::model::proration::{Proration, Service};
use crate::model::terms::Terms;
use crate::model::tier::converted_quantity;
use crate::price::Price;
use crate::product::calendar::CalendarReader;
use crate::product::{ChargeModel, Component, PriceSource, Product, QuantitySource};
use crate::quantity::Quantity;

/// What a component is priced from.
pub(super) struct Pricing<'a> {
    pub(super) product: &'a Product,
    pub(super) component: &'a Component,
    pub(super) usage: &'a Usage,
    pub(super) service: Service,
    /// In order of time, with their indexes.
    pub(super) events: &'a [(usize, &'a Event)],
}

/// How much was counted, in how many events, and the parts of its amount.
struct Counted {
    quantity: Quantity,
    events: usize,
    parts: Vec<Part>,
}

impl Pricing<'_> {
    /// The position of the component; `before` are those of the components that stand before it.
    pub(super) fn rate(&self, before: &[UsagePosition]) -> Result<UsagePosition, UsageFault> {
        let counted = match &self.component.quantity {
            QuantitySource::Channel(_) | QuantitySource::Dimension(_) => self.rate_events()?,
            QuantitySource::Days => self.rate_days()?,
            QuantitySource::Count => self.rate_count()?,
            QuantitySource::AmountOf(references) => self.rate_surcharge(references, before)?,
            QuantitySource::LinkedCharges => return Err(self.needs_node()),
        };
        let amount = part::total(&counted.parts).ok_or_else(|| self.out_of_range())?;
        let rounded = amount.to_money(self.product.currency, self.component.rounding);
        Ok(UsagePosition {
            component: self.component.id.clone(),
            name: self.component.name.clone(),
            tax_class: self.component.tax_class.clone(),
            quantity: counted.quantity,
            unit: self.component.unit,
            events: counted.events,
            parts: counted.parts,
            amount,
            rounded: rounded.ok_or_else(|| self.out_of_range())?,
        })
    }

    fn rate_events(&self) -> Result<Counted, UsageFault> {
        if matches!(self.component.price, PriceSource::Series { .. } | PriceSource::LinkedCharge) {
            return Err(self.needs_node());
        }
        let values = self.values()?;
        let events = values.len();
        if let ChargeModel::Capacity(capacity) = &self.component.model {
            return self.rate_capacity(capacity, &values);
        }
        if self.component.conditions.is_none() {
            return self.rate_plain(&values);
        }
        let terms = self.terms()?;
        let mut course = Course::default();
        course.begin(&terms).map_err(|fault| self.fault(fault))?;
        for (at, value) in values {
            let price = self.price_at(at)?;
            course.add(&terms, value, price).map_err(|fault| self.fault(fault))?;
        }
        let parts = course.parts(&terms).map_err(|fault| self.fault(fault))?;
        Ok(Counted { quantity: course.count(), events, parts })
    }

    /// Quantity x price without any condition.
    fn rate_plain(&self, values: &[(Instant, Quantity)]) -> Result<Counted, UsageFault> {
        let mut parts: Vec<Part> = Vec::new();
        for (at, value) in values {
            let price = self.price_at(*at)?;
            let earlier = parts.iter().position(|part| part.price == Some(price));
            let earlier = earlier.map(|index| parts.swap_remove(index).quantity).unwrap_or_default();
            let part = earlier.checked_add(*value).and_then(|sum| Part::priced(PartKind::Usage, sum, price));
            parts.push(part.ok_or_else(|| self.out_of_range())?);
        }
        parts.sort_by_key(|part| part.price);
        let quantity = Quantity::checked_sum(values.iter().map(|(_, value)| *value));
        Ok(Counted { quantity: quantity.ok_or_else(|| self.out_of_range())?, events: values.len(), parts })
    }

    fn rate_capacity(
        &self,
        capacity: &CapacityTerms,
        values: &[(Instant, Quantity)],
    ) -> Result<Counted, UsageFault> {
        let terms = self.terms()?;
        let by_day = values.iter().map(|(at, value)| (self.usage.rule.day_of(*at), *value));
        let peaks = Peaks::of(capacity, by_day);
        let mean = peaks.mean().ok_or_else(|| self.out_of_range())?;
        let mut course = Course::default();
        for days in self.price_spans() {
            let price = self.price_on(days.first())?;
            let amount = capacity.proration.borne(self.service, days, |part| peaks.amount(price, part));
            let amount = amount.ok_or_else(|| self.out_of_range())?;
            let value = mean.checked_sub(course.count()).ok_or_else(|| self.out_of_range())?;
            let kind = (PartKind::Capacity, Some(price));
            course.add_priced(&terms, value, kind, amount).map_err(|fault| self.fault(fault))?;
        }
        let parts = course.parts(&terms).map_err(|fault| self.fault(fault))?;
        Ok(Counted { quantity: mean, events: values.len(), parts })
    }

    fn rate_days(&self) -> Result<Counted, UsageFault> {
        let of_month = self.service.month().days();
        let mut parts = Vec::new();
        for days in self.price_spans() {
            let price = self.price_on(days.first())?;
            let counted = Quantity::from_units(days.count());
            let amount = match self.component.model {
                ChargeModel::Monthly(proration) => self.borne(proration, days, price),
                ChargeModel::Fixed => Amount::of(Quantity::ONE, price)
                    .and_then(|monthly| monthly.fraction(days.count(), of_month)),
                _ => counted.and_then(|days| Amount::of(days, price)),
            };
            let part = counted.zip(amount).map(|(quantity, amount)| Part {
                kind: PartKind::Usage,
                quantity,
                price: Some(price),
                amount,
            });
            parts.push(part.ok_or_else(|| self.out_of_range())?);
        }
        let quantity = Quantity::from_units(self.service.span().count());
        Ok(Counted { quantity: quantity.ok_or_else(|| self.out_of_range())?, events: 0, parts })
    }

    fn borne(&self, proration: Proration, days: DaySpan, price: Price) -> Option<Amount> {
        let monthly = Amount::of(Quantity::ONE, price)?;
        proration.borne(self.service, days, |part| part.of(monthly))
    }

    fn rate_count(&self) -> Result<Counted, UsageFault> {
        let component = || self.component.id.clone();
        let start = self.usage.contract_from;
        let start = start.ok_or_else(|| UsageFault::NoContractStart { component: component() })?;
        if !self.usage.days.contains(start) {
            return Ok(Counted { quantity: Quantity::ZERO, events: 0, parts: Vec::new() });
        }
        let part = Part::priced(PartKind::Usage, Quantity::ONE, self.price_on(start)?);
        let parts = vec![part.ok_or_else(|| self.out_of_range())?];
        Ok(Counted { quantity: Quantity::ONE, events: 0, parts })
    }

    fn rate_surcharge(&self, references: &[String], before: &[UsagePosition]) -> Result<Counted, UsageFault> {
        let spans = self.price_spans();
        if spans.len() > 1 {
            return Err(UsageFault::FactorChanges { component: self.component.id.clone() });
        }
        let factor = self.price_on(self.usage.days.first())?;
        let mut base = before.iter().filter(|position| references.contains(&position.component));
        let total = base.try_fold(Amount::ZERO, |sum, position| sum.checked_add(position.amount));
        let amount = total.and_then(|total| total.times(factor)).ok_or_else(|| self.out_of_range())?;
        let part = Part { kind: PartKind::Usage, quantity: Quantity::ONE, price: Some(factor), amount };
        Ok(Counted { quantity: Quantity::ONE, events: 0, parts: vec![part] })
    }

    /// What the component counts, in order of time.
    fn values(&self) -> Result<Vec<(Instant, Quantity)>, UsageFault> {
        let (component, mut values) = (|| self.component.id.clone(), Vec::new());
        for (index, event) in self.events {
            if !counts(&self.component.quantity, &event.source) {
                continue;
            }
            let event_index = *index;
            let value = if self.component.model.is_on_amounts() {
                event
                    .amount
                    .ok_or_else(|| UsageFault::NoAmount { event: event_index, component: component() })?
            } else {
                let quantity = event.quantity;
                let (quantity, unit) = quantity
                    .ok_or_else(|| UsageFault::NoQuantity { event: event_index, component: component() })?;
                converted_quantity(quantity, unit, self.component.unit)
                    .ok_or_else(|| UsageFault::WrongUnit { event: event_index, component: component() })?
            };
            values.push((event.at, value));
        }
        Ok(values)
    }

    /// The days, cut where the component's dated price changes.
    fn price_spans(&self) -> Vec<DaySpan> {
        match &self.component.price {
            PriceSource::Constant(prices) => {
                self.usage.days.split(prices.iter().map(|dated| dated.valid_from))
            }
            _ => vec![self.usage.days],
        }
    }

    /// The price of the instant; nothing where the model takes its prices from tiers or events.
    fn price_at(&self, at: Instant) -> Result<Price, UsageFault> {
        let PriceSource::Calendar(weeks) = &self.component.price else {
            return self.price_on(self.usage.rule.day_of(at));
        };
        let zone = self.usage.rule.zone();
        CalendarReader::new(weeks, zone).at(at).ok_or_else(|| self.missing(zone.local_reading(at).0))
    }

    /// The price of the day; nothing where the model takes its prices from tiers or events.
    fn price_on(&self, day: Day) -> Result<Price, UsageFault> {
        let price = match &self.component.price {
            PriceSource::Constant(prices) => {
                prices.iter().rev().find(|dated| dated.valid_from <= day).map(|dated| dated.price)
            }
            PriceSource::Parameter(name) => self.usage.parameters.get(name).copied(),
            PriceSource::Tiers(_) | PriceSource::Event => Some(Price::ZERO),
            PriceSource::Calendar(_) => None,
            PriceSource::Series { .. } | PriceSource::LinkedCharge => return Err(self.needs_node()),
        };
        price.ok_or_else(|| self.missing(day))
    }

    fn missing(&self, on: Day) -> UsageFault {
        UsageFault::MissingPrice { component: self.component.id.clone(), on }
    }

    fn terms(&self) -> Result<Terms, UsageFault> {
        let (component, unit) = (self.component, self.component.unit);
        let terms = Terms::of(component, self.service, unit, self.product.currency);
        terms.ok_or_else(|| self.out_of_range())
    }

    fn fault(&self, fault: CourseFault) -> UsageFault {
        UsageFault::Course { component: self.component.id.clone(), fault }
    }

    fn out_of_range(&self) -> UsageFault {
        self.fault(CourseFault::OutOfRange)
    }

    fn needs_node(&self) -> UsageFault {
        UsageFault::NeedsNode { component: self.component.id.clone() }
    }
}
