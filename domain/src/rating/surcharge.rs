//! Components that take a part of other components' amounts.

use super::{Piece, Rater};
use crate::amount::Amount;
use crate::position::{RatedPosition, ShownPrice};
use crate::quantity::{Quantity, Unit};
use crate::rating::NotReady;

impl<'a> Rater<'a> {
    /// A factor on the exact amounts of components rated before it. Where the factor or its tax changes inside the
    /// month, a position counts to the piece in which its service begins.
    pub(super) fn rate_surcharge(&mut self, piece: &Piece<'a>, references: &[String]) {
        self.rate_cut(piece, |rater, part| {
            let Some(factor) = rater.constant_price(part) else { return };
            let within = |position: &&RatedPosition| {
                references.contains(&position.key.component)
                    && part.service.contains(position.key.service.first())
            };
            let mut amounts = rater.positions.iter().filter(within).map(|position| position.amount);
            let base = amounts.try_fold(Amount::ZERO, Amount::checked_add);
            let Some(amount) = base.and_then(|base| base.times(factor)) else {
                return rater.refuse(NotReady::OutOfRange(part.component.id.clone()));
            };
            let Some(vat_rate) = rater.vat_rate(&part.component.tax_class, part.service) else { return };
            let position = RatedPosition {
                key: rater.key(part, None),
                order: part.order,
                name: part.component.name.clone(),
                quantity: Quantity::ONE,
                unit: Unit::Piece,
                price: ShownPrice::Factor(factor),
                amount,
                currency: part.product.currency,
                tax_class: part.component.tax_class.clone(),
                vat_rate,
                is_tax: false,
                display: part.component.display.clone(),
                revenue_role: part.component.revenue_role.clone(),
                rounding: part.component.rounding,
                is_estimated: false,
                provenance: rater.provenance(part),
            };
            rater.positions.push(position);
        });
    }
}
