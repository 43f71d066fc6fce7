//! Components that price the values of a channel, interval by interval.

use super::values::Metered;
use super::{Cost, Label, Piece, Rater};
use crate::amount::Amount;
use crate::day::Month;
use crate::fixed::{self, Rounding};
use crate::instant::Period;
use crate::kernel::{self, DensePrices};
use crate::position::{Provenance, ShownPrice};
use crate::price::Price;
use crate::price_series::{PriceSeries, SeriesId};
use crate::product::calendar::{CalendarFault, CalendarReader};
use crate::product::{CalendarWeek, PriceSource};
use crate::quantity::Quantity;
use crate::rating::NotReady;
use crate::series::Direction;

/// One price per interval of the values, with the versions of months they came from.
pub(super) struct Prices {
    pub(super) column: Vec<Price>,
    pub(super) used: Vec<(SeriesId, Month, u32)>,
}

impl<'a> Rater<'a> {
    /// The product's own price, constant or from a series, on a channel.
    pub(super) fn rate_channel(&mut self, piece: &Piece<'a>, direction: Direction) {
        let Some(metered) = self.metered(piece.service, direction) else { return };
        if let Some(prices) = self.own_prices(piece, &metered) {
            self.push_metered(piece, Label::of_component(piece), metered, prices);
        }
    }

    /// The product's own price of each interval, in the unit of the point.
    pub(super) fn own_prices(&mut self, piece: &Piece<'a>, metered: &Metered) -> Option<Prices> {
        let (index, factor, addend) = match &piece.component.price {
            PriceSource::Series { index, factor, addend } => (index, factor, addend),
            PriceSource::Calendar(weeks) => return self.calendar_prices(piece, weeks, metered),
            _ => return self.one_price(piece, metered.quantities.len()),
        };
        let addend = addend.converted(piece.component.unit, self.point.unit);
        let formula = |price: Price| indexed(price, *factor, addend?);
        self.series_prices(piece, &SeriesId::Index(index.clone()), metered, formula)
    }

    /// A linked tariff's own series on the point's main channel.
    pub(super) fn rate_tariff(&mut self, piece: &Piece<'a>, id: &SeriesId, label: Label) {
        let Some(metered) = self.metered(piece.service, self.point.main_channel) else { return };
        if let Some(prices) = self.series_prices(piece, id, &metered, Some) {
            self.push_metered(piece, label, metered, prices);
        }
    }

    /// The price that holds throughout the piece, in the unit of the point.
    fn one_price(&mut self, piece: &Piece<'a>, count: usize) -> Option<Prices> {
        let price = self.constant_price(piece)?;
        match price.converted(piece.component.unit, self.point.unit) {
            Some(price) => Some(Prices { column: vec![price; count], used: Vec::new() }),
            None => {
                self.refuse(NotReady::OutOfRange(piece.component.id.clone()));
                None
            }
        }
    }

    /// The calendar's price of each interval, in the unit of the point.
    fn calendar_prices(
        &mut self,
        piece: &Piece<'a>,
        weeks: &[CalendarWeek],
        metered: &Metered,
    ) -> Option<Prices> {
        let mut calendar = CalendarReader::new(weeks, self.point.rule.zone());
        let (id, unit) = (&piece.component.id, piece.component.unit);
        let price = |interval: &Period| match calendar.over(*interval) {
            Ok(price) => {
                let price = price.converted(unit, self.point.unit);
                price.ok_or_else(|| NotReady::OutOfRange(id.clone()))
            }
            Err(CalendarFault::NoPrice) => {
                let (on, _) = self.point.rule.zone().local_reading(interval.start());
                Err(NotReady::MissingPrice { of: id.clone(), on })
            }
            Err(CalendarFault::ChangesWithin) => {
                Err(NotReady::PriceChangesWithin { component: id.clone(), interval: *interval })
            }
        };
        let column: Result<Vec<Price>, NotReady> = metered.intervals.iter().map(price).collect();
        let prices = column.map(|column| Prices { column, used: Vec::new() });
        prices.map_err(|reason| self.refuse(reason)).ok()
    }

    /// The series' price of each interval, in the unit of the point and put through the formula.
    fn series_prices(
        &mut self,
        piece: &Piece<'a>,
        id: &SeriesId,
        metered: &Metered,
        formula: impl Fn(Price) -> Option<Price>,
    ) -> Option<Prices> {
        let (first, last) = metered.intervals.first().zip(metered.intervals.last())?;
        let (first, last) = (first.start(), last.start());
        let prices = match self.facts.prices.get(id) {
            None => Err(NotReady::MissingSeriesPrice { series: id.clone(), at: first }),
            Some(series) if series.currency() != piece.product.currency => {
                Err(NotReady::WrongUnit(id.clone()))
            }
            Some(series) => {
                let price = |interval: &Period| {
                    let price = price_of(series, *interval)?;
                    let price = price.converted(series.unit(), self.point.unit).and_then(&formula);
                    price.ok_or_else(|| NotReady::WrongUnit(id.clone()))
                };
                let column: Result<Vec<Price>, NotReady> = metered.intervals.iter().map(price).collect();
                let used = series.versions_between(first, last).iter();
                let used = used.map(|(month, version)| (id.clone(), *month, *version)).collect();
                column.map(|column| Prices { column, used })
            }
        };
        prices.map_err(|reason| self.refuse(reason)).ok()
    }

    fn push_metered(&mut self, piece: &Piece<'a>, label: Label, metered: Metered, prices: Prices) {
        let quantity = Quantity::checked_sum(metered.quantities.iter().copied());
        let (Some(amount), Some(quantity)) = (priced(&metered, &prices), quantity) else {
            return self.refuse(NotReady::OutOfRange(piece.component.id.clone()));
        };
        let provenance = Provenance { days: metered.versions, prices: prices.used, ..self.provenance(piece) };
        let price = shown(&prices.column);
        let is_estimated = metered.is_estimated;
        let cost = Cost { quantity, unit: self.point.unit, price, amount, is_estimated, provenance };
        self.push(piece, label, cost);
    }
}

/// The exact sum of the values at their prices. `None` beyond the range of an amount.
pub(super) fn priced(metered: &Metered, prices: &Prices) -> Option<Amount> {
    let dense = DensePrices::new(prices.column.iter().copied());
    let sums = kernel::product_sums(&metered.quantities, &[dense.all()])?;
    sums.first().copied().and_then(Amount::from_product)
}

/// The price of the interval, which must hold for all of it.
fn price_of(series: &PriceSeries, interval: Period) -> Result<Price, NotReady> {
    match series.at(interval.start()) {
        None => Err(NotReady::MissingSeriesPrice { series: series.id().clone(), at: interval.start() }),
        Some((priced, _)) if !priced.covers(interval) => {
            Err(NotReady::PriceFinerThanValues { series: series.id().clone(), interval })
        }
        Some((_, price)) => Ok(price),
    }
}

/// `price x factor + addend`, rounded half away from zero to the decimals of a price.
pub(crate) fn indexed(price: Price, factor: Price, addend: Price) -> Option<Price> {
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
