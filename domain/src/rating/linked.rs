//! The component *linked charges*: every charge linked to the point in the period becomes its own position.

use std::collections::BTreeMap;

use super::{Cost, Label, Piece, Rater};
use crate::amount::Amount;
use crate::charge::{Charge, ChargeKey, ChargeKind};
use crate::day::{Day, Month};
use crate::day_span::DaySpan;
use crate::instant::Instant;
use crate::position::{Provenance, ShownPrice};
use crate::price::Price;
use crate::price_series::{PriceSeries, SeriesId};
use crate::quantity::{Quantity, Unit};
use crate::rating::NotReady;
use crate::tax::TaxClass;

/// A charge as it stands on one stretch of days: what is known of it, and how many times it is linked.
struct Linked<'a> {
    charge: &'a Charge,
    factor: Quantity,
}

/// Days of one price of a subscription or fee.
struct Priced {
    price: Price,
    service: DaySpan,
    /// Where the intervals of the first and the last price begin.
    between: (Instant, Instant),
}

impl<'a> Rater<'a> {
    /// Cuts every charge where one of its links begins or ends. Links that overlap apply together: their factors add
    /// up, so that a charge has one position per stretch of days however it is linked.
    pub(super) fn rate_linked(&mut self, piece: &Piece<'a>) {
        let mut charges: BTreeMap<&'a ChargeKey, Vec<(DaySpan, Quantity)>> = BTreeMap::new();
        for link in self.point.links {
            let linked = DaySpan::beginning_in(link.period, self.point.rule);
            if let Some(service) = linked.and_then(|days| days.intersection(piece.service)) {
                charges.entry(&link.charge).or_default().push((service, link.factor));
            }
        }
        for (key, links) in charges {
            let edges = links.iter().flat_map(|(days, _)| [days.first(), days.end()]);
            for service in piece.service.split(edges) {
                let mut factors = links.iter().filter(|(days, _)| days.covers(service)).peekable();
                if factors.peek().is_some() {
                    let factor = Quantity::checked_sum(factors.map(|(_, factor)| *factor));
                    self.rate_link(&Piece { service, ..*piece }, key, factor);
                }
            }
        }
    }

    /// Cuts a link where what is known of its charge, or the rate of tax, changes.
    fn rate_link(&mut self, piece: &Piece<'a>, key: &ChargeKey, factor: Option<Quantity>) {
        let Some(factor) = factor else { return self.refuse(NotReady::OutOfRange(key.to_string())) };
        let Some(known) = self.facts.charges.get(key) else {
            return self.refuse(NotReady::UnknownCharge(key.clone()));
        };
        let spans = known.iter().filter_map(|charge| DaySpan::beginning_in(charge.period, self.point.rule));
        let edges = spans.flat_map(|days| [days.first(), days.end()]);
        let factors = self.surcharge_changes(piece);
        for service in piece.service.split(edges.chain(factors)) {
            let start = self.point.rule.start(service.first());
            let Some(charge) = known.iter().rev().find(|charge| charge.period.contains(start)) else {
                self.refuse(NotReady::UnknownCharge(key.clone()));
                continue;
            };
            let label = Label::of_charge(piece, charge);
            let taxed: Vec<Day> = self.facts.taxes.changes(&label.tax_class, service).collect();
            for service in service.split(taxed) {
                self.rate_charge(&Piece { service, ..*piece }, &Linked { charge, factor }, label.clone());
            }
        }
    }

    fn rate_charge(&mut self, piece: &Piece<'a>, linked: &Linked<'_>, label: Label) {
        let key = &linked.charge.key;
        let id = SeriesId::Charge(key.clone());
        match key.kind {
            ChargeKind::Tariff if linked.factor != Quantity::ONE => {
                self.refuse(NotReady::TariffFactor(key.clone()));
            }
            ChargeKind::Tariff => self.rate_tariff(piece, &id, label),
            ChargeKind::Subscription | ChargeKind::Fee => self.rate_pieces(piece, linked, &id, &label),
        }
    }

    /// Subscriptions by civil days, fees in full on each day; days of equal price become one position.
    fn rate_pieces(&mut self, piece: &Piece<'a>, linked: &Linked<'_>, id: &SeriesId, label: &Label) {
        let missing =
            |day: Day| NotReady::MissingSeriesPrice { series: id.clone(), at: self.point.rule.start(day) };
        let Some(series) = self.facts.prices.get(id) else {
            return self.refuse(missing(piece.service.first()));
        };
        if series.currency() != piece.product.currency {
            return self.refuse(NotReady::WrongUnit(id.clone()));
        }
        match self.priced(piece.service, linked.charge, series) {
            Err(day) => self.refuse(missing(day)),
            Ok(stretches) => {
                for stretch in stretches {
                    let used = series.versions_between(stretch.between.0, stretch.between.1);
                    let piece = Piece { service: stretch.service, ..*piece };
                    self.push_pieces(&piece, linked, label.clone(), (stretch.price, used));
                }
            }
        }
    }

    /// The days by price, in order; the first day without one where there is none.
    fn priced(&self, service: DaySpan, charge: &Charge, series: &PriceSeries) -> Result<Vec<Priced>, Day> {
        let mut stretches: Vec<Priced> = Vec::new();
        for day in service.days() {
            let in_force = series.in_force(self.point.rule.start(day), charge.period.start());
            let ((interval, price), one_day) = in_force.zip(DaySpan::new(day, day.next())).ok_or(day)?;
            match stretches.last_mut() {
                Some(last) if last.price == price => {
                    last.service = DaySpan::new(last.service.first(), day.next()).ok_or(day)?;
                    last.between.1 = interval.start();
                }
                _ => {
                    let between = (interval.start(), interval.start());
                    stretches.push(Priced { price, service: one_day, between });
                }
            }
        }
        Ok(stretches)
    }

    fn push_pieces(
        &mut self,
        piece: &Piece<'a>,
        Linked { charge, factor }: &Linked<'_>,
        label: Label,
        (price, used): (Price, &[(Month, u32)]),
    ) {
        let days = piece.service.count();
        let each = Amount::of(*factor, price);
        let is_fee = charge.key.kind == ChargeKind::Fee;
        let (amount, quantity, unit, price) = if is_fee {
            let amount = each.and_then(|each| each.fraction(days, 1));
            let count = factor.micros().checked_mul(days).map(Quantity::from_micros);
            (amount, count, Unit::Piece, ShownPrice::Single(price))
        } else {
            let amount = each.and_then(|each| each.fraction(days, self.month.days()));
            let shown = ShownPrice::Monthly { price, pieces: *factor };
            (amount, Quantity::from_units(days), Unit::Day, shown)
        };
        let (Some(amount), Some(quantity)) = (amount, quantity) else {
            return self.refuse(NotReady::OutOfRange(charge.key.to_string()));
        };
        let id = SeriesId::Charge(charge.key.clone());
        let prices = used.iter().map(|(month, version)| (id.clone(), *month, *version)).collect();
        let provenance = Provenance { prices, ..self.provenance(piece) };
        let cost = Cost { quantity, unit, price, amount, is_estimated: false, provenance };
        self.push(piece, label, cost);
    }
}

impl Label {
    /// A charge's own name, tax and place: shown on its own line where its owner demands it.
    fn of_charge(piece: &Piece<'_>, charge: &Charge) -> Self {
        Self {
            name: charge.name.clone(),
            charge: Some(charge.key.clone()),
            tax_class: if charge.has_vat { piece.component.tax_class.clone() } else { TaxClass::outside() },
            is_tax: charge.is_tax,
            is_bundled: piece.component.display.is_bundled && !charge.is_transparent,
        }
    }
}
