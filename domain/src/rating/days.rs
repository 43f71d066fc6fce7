//! Components that count days or pieces: subscriptions of the product and fees paid once.

use super::{Cost, Label, Piece, Rater};
use crate::amount::Amount;
use crate::model::proration::{Proration, Service};
use crate::position::ShownPrice;
use crate::price::Price;
use crate::product::ChargeModel;
use crate::quantity::{Quantity, Unit};
use crate::rating::NotReady;

impl<'a> Rater<'a> {
    /// A price per day, or a price per month by the civil days of that month or on the basis that is named.
    pub(super) fn rate_days(&mut self, piece: &Piece<'a>) {
        let Some(price) = self.constant_price(piece) else { return };
        let days = piece.service.count();
        let (shown, amount) = match piece.component.model {
            ChargeModel::PerUnit => {
                let amount = Quantity::from_units(days).and_then(|days| Amount::of(days, price));
                (ShownPrice::Single(price), amount)
            }
            ChargeModel::Monthly(proration) => {
                (ShownPrice::Monthly { price, pieces: Quantity::ONE }, self.borne(piece, proration, price))
            }
            _ => {
                let monthly = Amount::of(Quantity::ONE, price);
                let amount = monthly.and_then(|monthly| monthly.fraction(days, self.month.days()));
                (ShownPrice::Monthly { price, pieces: Quantity::ONE }, amount)
            }
        };
        self.push_counted(piece, (days, Unit::Day), shown, amount);
    }

    /// What the days of the piece bear of a month's price.
    fn borne(&self, piece: &Piece<'a>, proration: Proration, price: Price) -> Option<Amount> {
        let service = self.service().and_then(Service::new)?;
        let monthly = Amount::of(Quantity::ONE, price)?;
        proration.borne(service, piece.service, |part| part.of(monthly))
    }

    /// A price due once, on the contract's first day.
    pub(super) fn rate_count(&mut self, piece: &Piece<'a>) {
        if !piece.service.contains(self.contract.span.first()) {
            return;
        }
        let Some(price) = self.constant_price(piece) else { return };
        let amount = Amount::of(Quantity::ONE, price);
        self.push_counted(piece, (1, Unit::Piece), ShownPrice::Single(price), amount);
    }

    fn push_counted(
        &mut self,
        piece: &Piece<'a>,
        (count, unit): (i64, Unit),
        price: ShownPrice,
        amount: Option<Amount>,
    ) {
        let (Some(amount), Some(quantity)) = (amount, Quantity::from_units(count)) else {
            return self.refuse(NotReady::OutOfRange(piece.component.id.clone()));
        };
        let provenance = self.provenance(piece);
        let cost = Cost { quantity, unit, price, amount, is_estimated: false, provenance };
        self.push(piece, Label::of_component(piece), cost);
    }
}
