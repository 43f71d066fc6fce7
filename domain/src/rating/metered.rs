//! Components that price the values of a channel, interval by interval.

use super::{Piece, Rater};
use crate::amount::Amount;
use crate::charge::ChargeKey;
use crate::day::Day;
use crate::day_span::DaySpan;
use crate::fixed::{self, Rounding};
use crate::instant::{Instant, Period};
use crate::kernel;
use crate::position::{Provenance, RatedPosition, ShownPrice};
use crate::price::Price;
use crate::price_series::{PriceSeries, SeriesId};
use crate::product::PriceSource;
use crate::quantity::Quantity;
use crate::rating::NotReady;
use crate::series::{Direction, Quality};
use crate::tax::TaxClass;

/// The values of a span of days as one column, with what must be told of them.
pub(super) struct Metered {
    quantities: Vec<Quantity>,
    intervals: Vec<Period>,
    is_estimated: bool,
    versions: Vec<(Day, u32)>,
}

/// What a metered position is called and taxed as.
pub(super) struct Billed {
    pub(super) name: String,
    pub(super) charge: Option<ChargeKey>,
    pub(super) tax_class: TaxClass,
    pub(super) is_tax: bool,
    pub(super) is_bundled: bool,
}

impl<'a> Rater<'a> {
    /// The product's own price, constant or from a series, on a channel.
    pub(super) fn rate_channel(&mut self, piece: &Piece<'a>, direction: Direction) {
        let Some(metered) = self.metered(piece.service, direction) else { return };
        let (prices, series) = match &piece.component.price {
            PriceSource::Series { index, factor, addend } => {
                let id = SeriesId::Index(index.clone());
                let Some(series) = self.series(&id, metered.intervals.first()) else { return };
                let addend = addend.converted(piece.component.unit, self.point.unit);
                let formula = |price: Price| indexed(price, *factor, addend?);
                let Some(prices) = self.price_column(series, &metered, formula) else { return };
                (prices, Some(series))
            }
            _ => {
                let Some(price) = self.constant_price(piece) else { return };
                let Some(price) = price.converted(piece.component.unit, self.point.unit) else {
                    return self.refuse(NotReady::OutOfRange(piece.component.id.clone()));
                };
                (vec![price; metered.quantities.len()], None)
            }
        };
        let billed = Billed {
            name: piece.component.name.clone(),
            charge: None,
            tax_class: piece.component.tax_class.clone(),
            is_tax: false,
            is_bundled: piece.component.display.is_bundled,
        };
        self.push_metered(piece, &metered, &prices, series, billed);
    }

    /// A linked tariff's own series on the point's main channel.
    pub(super) fn rate_tariff(&mut self, piece: &Piece<'a>, id: &SeriesId, billed: Billed) {
        let Some(metered) = self.metered(piece.service, self.point.main_channel) else { return };
        let Some(series) = self.series(id, metered.intervals.first()) else { return };
        let Some(prices) = self.price_column(series, &metered, Some) else { return };
        self.push_metered(piece, &metered, &prices, Some(series), billed);
    }

    /// The series, or a refusal that names the first interval it would have priced.
    pub(super) fn series(&mut self, id: &SeriesId, first: Option<&Period>) -> Option<&'a PriceSeries> {
        let series = self.facts.prices.get(id);
        if let (None, Some(first)) = (series, first) {
            self.refuse(NotReady::MissingSeriesPrice { series: id.clone(), at: first.start() });
        }
        series
    }

    /// Every value of the days, or a refusal that tells the first and last interval that is missing.
    fn metered(&mut self, service: DaySpan, direction: Direction) -> Option<Metered> {
        let mut metered = Metered {
            quantities: Vec::new(),
            intervals: Vec::new(),
            is_estimated: false,
            versions: Vec::new(),
        };
        let mut missing: Option<(Instant, Instant, u64)> = None;
        let mut note = |first: Instant, last: Instant, count: u64| {
            let (from, _, so_far) = missing.unwrap_or((first, last, 0));
            missing = Some((from, last, so_far.saturating_add(count)));
        };
        let days = self.facts.days.get(&direction);
        for day in service.days() {
            let Some(period) = self.point.rule.period(day) else { continue };
            let Some(version) = days.and_then(|days| days.get(&day)) else {
                let hours = u64::try_from(period.millis()).unwrap_or_default() / 3_600_000;
                let last = period.end().plus_millis(-3_600_000).unwrap_or(period.start());
                note(period.start(), last, hours);
                continue;
            };
            metered.versions.push((day, version.version));
            for (index, value) in version.values.values().enumerate() {
                let edge = |index| {
                    version.values.resolution().start_of(index, version.values.start(), self.point.rule)
                };
                let Some(interval) =
                    edge(index).zip(edge(index.saturating_add(1))).and_then(|(a, b)| Period::new(a, b))
                else {
                    continue;
                };
                match value.quality {
                    Quality::Missing => note(interval.start(), interval.start(), 1),
                    Quality::Estimated | Quality::Incomplete => metered.is_estimated = true,
                    Quality::Measured | Quality::Calculated => {}
                }
                metered.quantities.push(value.quantity);
                metered.intervals.push(interval);
            }
        }
        if let Some((first, last, count)) = missing {
            self.refuse(NotReady::MissingValues { direction, first, last, count });
            return None;
        }
        Some(metered)
    }

    /// One price per interval, in the unit of the point.
    fn price_column(
        &mut self,
        series: &PriceSeries,
        metered: &Metered,
        formula: impl Fn(Price) -> Option<Price>,
    ) -> Option<Vec<Price>> {
        let mut column = Vec::with_capacity(metered.intervals.len());
        let id = || series.id().clone();
        for interval in &metered.intervals {
            let Some((priced, price)) = series.at(interval.start()) else {
                self.refuse(NotReady::MissingSeriesPrice { series: id(), at: interval.start() });
                return None;
            };
            if !priced.covers(*interval) {
                self.refuse(NotReady::PriceFinerThanValues { series: id(), interval: *interval });
                return None;
            }
            let Some(price) = price.converted(series.unit(), self.point.unit).and_then(&formula) else {
                self.refuse(NotReady::WrongUnit(id()));
                return None;
            };
            column.push(price);
        }
        Some(column)
    }

    fn push_metered(
        &mut self,
        piece: &Piece<'a>,
        metered: &Metered,
        prices: &[Price],
        series: Option<&PriceSeries>,
        billed: Billed,
    ) {
        if series.is_some_and(|series| series.currency() != piece.product.currency) {
            return self.refuse(NotReady::WrongUnit(
                series.map_or_else(|| SeriesId::Index(String::new()), |series| series.id().clone()),
            ));
        }
        let product = kernel::product_sum(&metered.quantities, prices);
        let quantity = Quantity::checked_sum(metered.quantities.iter().copied());
        let (Some(amount), Some(quantity)) = (product.and_then(Amount::from_product), quantity) else {
            return self.refuse(NotReady::OutOfRange(piece.component.id.clone()));
        };
        let Some(vat_rate) = self.vat_rate(&billed.tax_class, piece.service) else { return };
        let provenance = Provenance {
            days: metered.versions.clone(),
            prices: series.map(|series| used_versions(series, piece.service)).unwrap_or_default(),
            ..self.provenance(piece)
        };
        let mut display = piece.component.display.clone();
        display.is_bundled = billed.is_bundled;
        self.positions.push(RatedPosition {
            key: self.key(piece, billed.charge),
            order: piece.order,
            name: billed.name,
            quantity,
            unit: self.point.unit,
            price: shown(prices),
            amount,
            currency: piece.product.currency,
            tax_class: billed.tax_class,
            vat_rate,
            is_tax: billed.is_tax,
            display,
            revenue_role: piece.component.revenue_role.clone(),
            rounding: piece.component.rounding,
            is_estimated: metered.is_estimated,
            provenance,
        });
    }
}

/// `price x factor + addend`, rounded half away from zero to the decimals of a price.
fn indexed(price: Price, factor: Price, addend: Price) -> Option<Price> {
    let scaled = i128::from(price.raw()).checked_mul(i128::from(factor.raw()))?;
    let product = fixed::divide(scaled, fixed::power_of_ten(Price::SCALE)?, Rounding::HalfAwayFromZero)?;
    Price::from_raw(i64::try_from(product).ok()?).checked_add(addend)
}

fn shown(prices: &[Price]) -> ShownPrice {
    match prices.split_first() {
        Some((first, rest)) if rest.iter().all(|price| price == first) => ShownPrice::Single(*first),
        _ => ShownPrice::Average { intervals: u32::try_from(prices.len()).unwrap_or(u32::MAX) },
    }
}

fn used_versions(series: &PriceSeries, service: DaySpan) -> Vec<(SeriesId, crate::day::Month, u32)> {
    let last = service.end().previous().month();
    let used = series.versions().iter().filter(|(month, _)| (service.first().month()..=last).contains(month));
    used.map(|(month, version)| (series.id().clone(), *month, *version)).collect()
}
