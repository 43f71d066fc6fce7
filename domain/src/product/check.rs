//! Whether a component is complete: its parts go together, and its numbers mean something.

use std::collections::BTreeSet;

use super::{ChargeModel, Component, PriceSource, ProductDefect, QuantitySource, calendar};
use crate::day::Day;
use crate::model::conditions::RoundingPoint;
use crate::model::tier::{self, TierDefect};
use crate::model::{Conditions, PercentageTerms};
use crate::price::Price;
use crate::quantity::{Quantity, Unit};

/// The longest revenue role and tax class: funds take no longer one, and both stand in the names of ledger accounts.
const MOST_NAME_BYTES: usize = 64;
/// A rate or discount of 100 %.
const WHOLE: Price = Price::from_raw(100_000_000);

impl Component {
    /// Adds everything that is wrong with the component; `known` are those that stand before it.
    pub(super) fn check(&self, valid_from: Day, known: &BTreeSet<&str>, defects: &mut Vec<ProductDefect>) {
        let mut refuse = |is_wrong: bool, defect: fn(String) -> ProductDefect| {
            if is_wrong {
                defects.push(defect(self.id.clone()));
            }
        };
        refuse(self.tax_class.name().is_empty(), ProductDefect::NoTaxClass);
        refuse(self.revenue_role.is_empty(), ProductDefect::NoRevenueRole);
        let names = [self.revenue_role.as_str(), self.tax_class.name()];
        refuse(names.iter().any(|name| name.len() > MOST_NAME_BYTES), ProductDefect::LongName);
        refuse(!self.composes(), ProductDefect::DoesNotCompose);
        refuse(!self.unit_fits(), ProductDefect::WrongUnit);
        if let PriceSource::Constant(prices) = &self.price {
            let starts_late = prices.first().is_none_or(|first| first.valid_from > valid_from);
            refuse(starts_late, ProductDefect::NoPriceAtStart);
            let ascending = prices.is_sorted_by(|one, next| one.valid_from < next.valid_from);
            refuse(!ascending, ProductDefect::PricesOutOfOrder);
        }
        let is_nameless = matches!(&self.quantity, QuantitySource::Dimension(name) if name.is_empty());
        refuse(is_nameless, ProductDefect::NoDimension);
        self.check_model(&mut refuse);
        match &self.conditions {
            None => refuse(self.model.needs_conditions(), ProductDefect::NoConditions),
            Some(conditions) => self.check_conditions(conditions, &mut refuse),
        }
        if let PriceSource::Calendar(weeks) = &self.price {
            calendar::check(&self.id, weeks, valid_from, defects);
        }
        if let QuantitySource::AmountOf(references) = &self.quantity {
            for reference in references.iter().filter(|reference| !known.contains(reference.as_str())) {
                let (component, reference) = (self.id.clone(), reference.clone());
                defects.push(ProductDefect::UnknownReference { component, reference });
            }
        }
    }

    fn check_model(&self, refuse: &mut impl FnMut(bool, fn(String) -> ProductDefect)) {
        let is_rate = matches!(self.model, ChargeModel::Percentage(_) | ChargeModel::GraduatedPercentage(_));
        let is_beyond = |rate: Price| is_rate && rate.raw().unsigned_abs() > WHOLE.raw().unsigned_abs();
        match &self.price {
            PriceSource::Tiers(tiers) => {
                match tier::defect(tiers) {
                    None => {}
                    Some(TierDefect::Empty) => refuse(true, ProductDefect::NoTiers),
                    Some(TierDefect::NotAscending) => refuse(true, ProductDefect::TiersOutOfOrder),
                    Some(TierDefect::NotOpenAtTheEnd) => refuse(true, ProductDefect::TiersNotOpen),
                }
                refuse(tiers.iter().any(|tier| is_beyond(tier.price)), ProductDefect::RateOutOfRange);
            }
            PriceSource::Constant(prices) => {
                refuse(prices.iter().any(|dated| is_beyond(dated.price)), ProductDefect::RateOutOfRange);
            }
            _ => {}
        }
        match &self.model {
            ChargeModel::Package(terms) => {
                refuse(terms.size <= Quantity::ZERO, ProductDefect::PackageNotPositive);
                refuse(terms.free < Quantity::ZERO, ProductDefect::AllowanceBelowZero);
            }
            ChargeModel::Percentage(terms) => check_percentage(terms, refuse),
            ChargeModel::Capacity(terms) => refuse(terms.highest == 0, ProductDefect::NoPeaks),
            _ => {}
        }
    }

    fn check_conditions(
        &self,
        conditions: &Conditions,
        refuse: &mut impl FnMut(bool, fn(String) -> ProductDefect),
    ) {
        let is_channel = matches!(self.quantity, QuantitySource::Channel(_));
        let is_counted = is_channel || matches!(self.quantity, QuantitySource::Dimension(_));
        refuse(!is_counted && !self.model.needs_conditions(), ProductDefect::NeedlessConditions);
        let has_no_events = is_channel || matches!(self.model, ChargeModel::Capacity(_));
        let by_event = conditions.rounding_point == RoundingPoint::Event;
        refuse(by_event && has_no_events, ProductDefect::NoEventsToRound);
        let discount = Price::ZERO..=WHOLE;
        refuse(!discount.contains(&conditions.discount), ProductDefect::DiscountOutOfRange);
        let (least, most) = (conditions.minimum, conditions.maximum);
        let is_below = |limit: Option<Price>| limit.is_some_and(|limit| limit < Price::ZERO);
        refuse(is_below(least) || is_below(most), ProductDefect::LimitBelowZero);
        let crossed = least.zip(most).is_some_and(|(least, most)| least > most);
        refuse(crossed, ProductDefect::LimitsCrossed);
    }

    fn composes(&self) -> bool {
        use ChargeModel as Model;
        use PriceSource::{Calendar, Constant, Event, LinkedCharge, Parameter, Series, Tiers};
        let is_own_price = matches!(self.price, Constant(_) | Parameter(_));
        let has_tiers = matches!(self.price, Tiers(_));
        match (&self.quantity, &self.model) {
            (QuantitySource::Channel(_), Model::PerUnit) => {
                is_own_price || matches!(self.price, Series { .. } | Calendar(_))
            }
            (QuantitySource::Dimension(_), Model::PerUnit) => {
                is_own_price || matches!(self.price, Calendar(_))
            }
            (
                QuantitySource::Channel(_) | QuantitySource::Dimension(_),
                Model::Package(_) | Model::Capacity(_),
            )
            | (QuantitySource::Dimension(_), Model::Percentage(_))
            | (QuantitySource::Days, Model::PerUnit | Model::Fixed | Model::Monthly(_))
            | (QuantitySource::Count, Model::Fixed) => is_own_price,
            (
                QuantitySource::Channel(_) | QuantitySource::Dimension(_),
                Model::Graduated(_) | Model::Volume(_),
            )
            | (QuantitySource::Dimension(_), Model::GraduatedPercentage(_)) => has_tiers,
            (QuantitySource::Dimension(_), Model::Dynamic) => self.price == Event,
            (QuantitySource::AmountOf(of), Model::PerUnit) => is_own_price && !of.is_empty(),
            (QuantitySource::LinkedCharges, Model::PerUnit) => self.price == LinkedCharge,
            _ => false,
        }
    }

    fn unit_fits(&self) -> bool {
        match &self.quantity {
            QuantitySource::Channel(_) if matches!(self.model, ChargeModel::Capacity(_)) => {
                self.unit == Unit::Kilowatt
            }
            QuantitySource::Channel(_) => !matches!(self.unit, Unit::Piece | Unit::Day | Unit::Hour),
            QuantitySource::Days => self.unit == Unit::Day,
            QuantitySource::Count | QuantitySource::AmountOf(_) => self.unit == Unit::Piece,
            QuantitySource::Dimension(_) => !self.model.is_on_amounts() || self.unit == Unit::Piece,
            QuantitySource::LinkedCharges => true,
        }
    }
}

fn check_percentage(terms: &PercentageTerms, refuse: &mut impl FnMut(bool, fn(String) -> ProductDefect)) {
    let is_below = terms.fixed < Price::ZERO || terms.free_amount < Quantity::ZERO;
    refuse(is_below, ProductDefect::AllowanceBelowZero);
    let crossed = terms.minimum.zip(terms.maximum).is_some_and(|(least, most)| least > most);
    refuse(crossed, ProductDefect::EventBoundsCrossed);
}
