//! Components that take a part of other components' amounts.

use std::collections::BTreeSet;

use super::{Cost, Label, Piece, Rater};
use crate::amount::Amount;
use crate::day::Day;
use crate::position::{Provenance, RatedPosition, ShownPrice};
use crate::product::QuantitySource;
use crate::quantity::{Quantity, Unit};
use crate::rating::NotReady;

impl<'a> Rater<'a> {
    /// A factor on the exact amounts of components rated before it. Where the factor or its tax changes inside the
    /// month, those components were cut there too, so that every amount meets the factor of its days.
    pub(super) fn rate_surcharge(&mut self, piece: &Piece<'a>, references: &[String]) {
        self.rate_cut(piece, |rater, part| {
            let within = |position: &&RatedPosition| {
                references.contains(&position.key.component)
                    && part.service.contains(position.key.service.first())
            };
            let base: Vec<&RatedPosition> = rater.positions.iter().filter(within).collect();
            if base.is_empty() {
                return;
            }
            let provenance = built_on(rater.provenance(part), &base);
            let is_estimated = base.iter().any(|position| position.is_estimated);
            let total = base.iter().try_fold(Amount::ZERO, |sum, position| sum.checked_add(position.amount));
            let Some(factor) = rater.constant_price(part) else { return };
            let Some(amount) = total.and_then(|total| total.times(factor)) else {
                return rater.refuse(NotReady::OutOfRange(part.component.id.clone()));
            };
            let (quantity, price) = (Quantity::ONE, ShownPrice::Factor(factor));
            let cost = Cost { quantity, unit: Unit::Piece, price, amount, is_estimated, provenance };
            rater.push(part, Label::of_component(part), cost);
        });
    }

    /// The days on which a later component that takes a part of this one changes its factor or tax.
    pub(super) fn surcharge_changes(&self, piece: &Piece<'a>) -> BTreeSet<Day> {
        let mut changes = BTreeSet::new();
        let later = (0_u32..).zip(&piece.product.components).filter(|(order, _)| *order > piece.order);
        for (order, component) in later {
            let QuantitySource::AmountOf(references) = &component.quantity else { continue };
            if references.contains(&piece.component.id) {
                changes.extend(self.changes(&Piece { component, order, ..*piece }));
            }
        }
        changes
    }
}

/// What the base was computed from belongs to what the surcharge was computed from.
fn built_on(own: Provenance, base: &[&RatedPosition]) -> Provenance {
    let days: BTreeSet<_> = base.iter().flat_map(|position| position.provenance.days.clone()).collect();
    let prices: BTreeSet<_> = base.iter().flat_map(|position| position.provenance.prices.clone()).collect();
    Provenance { days: days.into_iter().collect(), prices: prices.into_iter().collect(), ..own }
}
