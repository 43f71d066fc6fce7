//! The component *linked charges*: every charge linked to the point in the period becomes its own position.

use super::metered::Billed;
use super::{Piece, Rater};
use crate::amount::Amount;
use crate::charge::{Charge, ChargeKind, ChargeLink};
use crate::day::Day;
use crate::day_span::DaySpan;
use crate::position::{RatedPosition, ShownPrice};
use crate::price::Price;
use crate::price_series::SeriesId;
use crate::quantity::{Quantity, Unit};
use crate::rating::NotReady;
use crate::tax::TaxClass;

impl<'a> Rater<'a> {
    pub(super) fn rate_linked(&mut self, piece: &Piece<'a>) {
        for link in self.point.links {
            let linked = DaySpan::of_period(link.period, self.point.rule);
            if let Some(service) = linked.and_then(|days| days.intersection(piece.service)) {
                self.rate_link(&Piece { service, ..*piece }, link);
            }
        }
    }

    /// Cuts a link where what is known of its charge, or the rate of tax, changes.
    fn rate_link(&mut self, piece: &Piece<'a>, link: &ChargeLink) {
        let Some(known) = self.facts.charges.get(&link.charge) else {
            return self.refuse(NotReady::UnknownCharge(link.charge.clone()));
        };
        let described = known.iter().map(|charge| self.point.rule.day_of(charge.period.start()));
        let taxed = self.facts.taxes.changes(&piece.component.tax_class, piece.service);
        for service in piece.service.split(described.chain(taxed)) {
            let start = self.point.rule.start(service.first());
            match known.iter().rev().find(|charge| charge.period.contains(start)) {
                Some(charge) => self.rate_charge(&Piece { service, ..*piece }, link, charge),
                None => self.refuse(NotReady::UnknownCharge(link.charge.clone())),
            }
        }
    }

    fn rate_charge(&mut self, piece: &Piece<'a>, link: &ChargeLink, charge: &Charge) {
        let id = SeriesId::Charge(charge.key.clone());
        match charge.key.kind {
            ChargeKind::Tariff if link.factor != Quantity::ONE => {
                self.refuse(NotReady::TariffFactor(charge.key.clone()));
            }
            ChargeKind::Tariff => self.rate_tariff(piece, &id, billed(piece, charge)),
            ChargeKind::Subscription | ChargeKind::Fee => self.rate_pieces(piece, link, charge, &id),
        }
    }

    /// Subscriptions by civil days, fees in full on each day; days of equal price become one position.
    fn rate_pieces(&mut self, piece: &Piece<'a>, link: &ChargeLink, charge: &Charge, id: &SeriesId) {
        let start = self.point.rule.start(piece.service.first());
        let Some(series) = self.facts.prices.get(id) else {
            return self.refuse(NotReady::MissingSeriesPrice { series: id.clone(), at: start });
        };
        if series.currency() != piece.product.currency {
            return self.refuse(NotReady::WrongUnit(id.clone()));
        }
        let mut priced: Vec<(Price, Day)> = Vec::new();
        for day in piece.service.days() {
            let start = self.point.rule.start(day);
            let Some(price) = series.in_force(start) else {
                return self.refuse(NotReady::MissingSeriesPrice { series: id.clone(), at: start });
            };
            if priced.last().is_none_or(|(last, _)| *last != price) {
                priced.push((price, day));
            }
        }
        let ends = priced.iter().skip(1).map(|(_, first)| *first).chain([piece.service.end()]);
        for ((price, first), end) in priced.iter().zip(ends) {
            if let Some(service) = DaySpan::new(*first, end) {
                self.push_pieces(&Piece { service, ..*piece }, link, charge, *price);
            }
        }
    }

    fn push_pieces(&mut self, piece: &Piece<'a>, link: &ChargeLink, charge: &Charge, price: Price) {
        let days = piece.service.count();
        let each = Amount::of(link.factor, price);
        let (amount, quantity, shown) = if charge.key.kind == ChargeKind::Fee {
            let amount = each.and_then(|each| each.fraction(days, 1));
            (amount, times(link.factor, days), ShownPrice::Single(price))
        } else {
            let amount = each.and_then(|each| each.fraction(days, self.month.days()));
            (amount, times(Quantity::ONE, days), ShownPrice::Monthly { price, pieces: link.factor })
        };
        let (Some(amount), Some(quantity)) = (amount, quantity) else {
            return self.refuse(NotReady::OutOfRange(charge.key.to_string()));
        };
        let Billed { name, tax_class, is_tax, is_bundled, charge: key } = billed(piece, charge);
        let Some(vat_rate) = self.vat_rate(&tax_class, piece.service) else { return };
        let mut provenance = self.provenance(piece);
        let series = SeriesId::Charge(charge.key.clone());
        let used =
            self.facts.prices.get(&series).map(|prices| prices.versions().to_vec()).unwrap_or_default();
        provenance.prices =
            used.into_iter().map(|(month, version)| (series.clone(), month, version)).collect();
        let mut display = piece.component.display.clone();
        display.is_bundled = is_bundled;
        self.positions.push(RatedPosition {
            key: self.key(piece, key),
            order: piece.order,
            name,
            quantity,
            unit: if charge.key.kind == ChargeKind::Fee { Unit::Piece } else { Unit::Day },
            price: shown,
            amount,
            currency: piece.product.currency,
            tax_class,
            vat_rate,
            is_tax,
            display,
            revenue_role: piece.component.revenue_role.clone(),
            rounding: piece.component.rounding,
            is_estimated: false,
            provenance,
        });
    }
}

/// A charge's own name, tax and place: shown on its own line where its owner demands it.
fn billed(piece: &Piece<'_>, charge: &Charge) -> Billed {
    Billed {
        name: charge.name.clone(),
        charge: Some(charge.key.clone()),
        tax_class: if charge.has_vat { piece.component.tax_class.clone() } else { TaxClass::outside() },
        is_tax: charge.is_tax,
        is_bundled: piece.component.display.is_bundled && !charge.is_transparent,
    }
}

fn times(quantity: Quantity, count: i64) -> Option<Quantity> {
    quantity.micros().checked_mul(count).map(Quantity::from_micros)
}
