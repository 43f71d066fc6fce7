//! Components whose amount depends on what was counted before in the month: tiers, packages, capacity, and whatever has
//! a minimum, a cap or a discount.
//!
//! The month may be cut, by a change of tax, of a dated price, of a surcharge or by a new version of the product. The count
//! runs on over the cuts (over those of versions where the conditions say so): each piece is charged what is due behind
//! it less what is due before it, both under the terms that hold in it. So the pieces sum to what the whole of the month
//! costs, and a cut alone changes nothing.

use super::metered::{self, Prices};
use super::values::Metered;
use super::{Cost, Label, Piece, Rater};
use crate::amount::Amount;
use crate::day_span::DaySpan;
use crate::fixed::{self, Rounding};
use crate::instant::Period;
use crate::model::capacity::{CapacityTerms, Peaks};
use crate::model::conditions::Counting;
use crate::model::course::Course;
use crate::model::part::PartKind;
use crate::model::proration::Service;
use crate::model::terms::Terms;
use crate::position::{Provenance, ShownPrice};
use crate::price::Price;
use crate::product::ChargeModel;
use crate::quantity::{Quantity, Unit};
use crate::rating::NotReady;
use crate::series::Direction;

/// What a count is of: a component on a channel, and the version of the product where each counts for itself.
pub(super) type CourseKey = (String, Direction, Option<u32>);

/// An hour, in milliseconds.
const HOUR: i64 = 3_600_000;

/// How far a count has got, and everything that this depends on.
#[derive(Default)]
pub(super) struct Running {
    course: Course,
    provenance: Provenance,
    is_estimated: bool,
}

/// What was counted in a piece, before what is due for it is known.
struct Counted {
    quantity: Quantity,
    unit: Unit,
    intervals: usize,
    metered: Metered,
    used: Prices,
}

impl<'a> Rater<'a> {
    /// One piece of a component on a channel whose count runs on; `version_days` are those of the product's version.
    pub(super) fn rate_counted(&mut self, piece: &Piece<'a>, direction: Direction, version_days: DaySpan) {
        let Some(conditions) = piece.component.conditions else { return };
        let (days, version) = match conditions.counting {
            Counting::Month => (self.service(), None),
            Counting::Version => (Some(version_days), Some(piece.product.version)),
        };
        let is_capacity = matches!(piece.component.model, ChargeModel::Capacity(_));
        let unit = if is_capacity { Unit::Kilowatt } else { self.point.unit };
        let service = days.and_then(Service::new);
        let terms = service.and_then(|service| {
            Some((service, Terms::of(piece.component, service, unit, piece.product.currency)?))
        });
        let Some((service, terms)) = terms else { return self.beyond(piece) };
        let key = (piece.component.id.clone(), direction, version);
        let mut running = self.running.remove(&key).unwrap_or_default();
        let before = running.course.due(&terms);
        let counted = match &piece.component.model {
            ChargeModel::Capacity(capacity) => {
                self.count_capacity(piece, direction, (capacity, service), (&terms, &mut running.course))
            }
            _ => self.count_values(piece, direction, &terms, &mut running.course),
        };
        let Some(counted) = counted else { return };
        let amount = before.and_then(|before| Ok(running.course.due(&terms)?.checked_sub(before)));
        running.take(&counted);
        match amount {
            Ok(Some(amount)) => self.push_counted_values(piece, &counted, &running, amount),
            _ => self.beyond(piece),
        }
        self.running.insert(key, running);
    }

    /// Takes the values of the piece into the course.
    fn count_values(
        &mut self,
        piece: &Piece<'a>,
        direction: Direction,
        terms: &Terms,
        course: &mut Course,
    ) -> Option<Counted> {
        let metered = self.metered(piece.service, direction)?;
        let Some(quantity) = Quantity::checked_sum(metered.quantities.iter().copied()) else {
            self.beyond(piece);
            return None;
        };
        let mut used = Prices { column: Vec::new(), used: Vec::new() };
        let taken = match piece.component.model {
            ChargeModel::PerUnit => {
                used = self.own_prices(piece, &metered)?;
                metered::priced(&metered, &used).and_then(|amount| {
                    course.add_priced(terms, quantity, (PartKind::Usage, None), amount).ok()
                })
            }
            ChargeModel::Package(_) => course.add(terms, quantity, self.constant_price(piece)?).ok(),
            _ => course.add(terms, quantity, Price::ZERO).ok(),
        };
        if taken.is_none() {
            self.beyond(piece);
        }
        let intervals = metered.quantities.len();
        taken.map(|()| Counted { quantity, unit: self.point.unit, intervals, metered, used })
    }

    /// Takes the piece's days of the price of the highest values into the course. Which values are the highest is looked up
    /// in all days of the count.
    fn count_capacity(
        &mut self,
        piece: &Piece<'a>,
        direction: Direction,
        (capacity, service): (&CapacityTerms, Service),
        (terms, course): (&Terms, &mut Course),
    ) -> Option<Counted> {
        let metered = self.metered(service.span(), direction)?;
        let price = self.constant_price(piece)?;
        let values = metered.quantities.iter().zip(&metered.intervals).map(|(quantity, interval)| {
            Some((
                self.point.rule.day_of(interval.start()),
                kilowatts(*quantity, self.point.unit, *interval)?,
            ))
        });
        let peaks = values.collect::<Option<Vec<_>>>().map(|values| Peaks::of(capacity, values));
        let taken = peaks.as_ref().and_then(|peaks| {
            let part = |part| peaks.amount(price, part);
            let amount = capacity.proration.borne(service, piece.service, part)?;
            let mean = peaks.mean()?;
            // The count of a capacity is the mean, however many pieces its price is paid in.
            let value = mean.checked_sub(course.count())?;
            course.add_priced(terms, value, (PartKind::Capacity, Some(price)), amount).ok()?;
            Some((mean, usize::try_from(peaks.count()).ok()?))
        });
        let Some((quantity, intervals)) = taken else {
            self.beyond(piece);
            return None;
        };
        let used = Prices { column: Vec::new(), used: Vec::new() };
        Some(Counted { quantity, unit: Unit::Kilowatt, intervals, metered, used })
    }

    /// The position of the piece. It depends on everything that was counted so far, and its provenance tells so.
    fn push_counted_values(
        &mut self,
        piece: &Piece<'a>,
        counted: &Counted,
        running: &Running,
        amount: Amount,
    ) {
        let price = ShownPrice::Average { intervals: u32::try_from(counted.intervals).unwrap_or(u32::MAX) };
        let Provenance { days, prices, .. } = running.provenance.clone();
        let cost = Cost {
            quantity: counted.quantity,
            unit: counted.unit,
            price,
            amount,
            is_estimated: running.is_estimated,
            provenance: Provenance { days, prices, ..self.provenance(piece) },
        };
        self.push(piece, Label::of_component(piece), cost);
    }

    fn beyond(&mut self, piece: &Piece<'a>) {
        self.refuse(NotReady::OutOfRange(piece.component.id.clone()));
    }
}

impl Running {
    /// Adds what a piece was counted from, each version once.
    fn take(&mut self, counted: &Counted) {
        let days = &mut self.provenance.days;
        days.extend(counted.metered.versions.iter().copied());
        days.sort_unstable();
        days.dedup();
        let prices = &mut self.provenance.prices;
        prices.extend(counted.used.used.iter().cloned());
        prices.sort_unstable();
        prices.dedup();
        self.is_estimated |= counted.metered.is_estimated;
    }
}

/// The mean power of an interval: its energy by its length, rounded half away from zero to six decimals (exact for 5, 15,
/// 30 and 60 minutes), or the value itself where the channel measures power. `None` where it measures something else.
fn kilowatts(quantity: Quantity, unit: Unit, interval: Period) -> Option<Quantity> {
    match unit {
        Unit::Kilowatt => Some(quantity),
        Unit::KilowattHour => {
            let scaled = i128::from(quantity.micros()).checked_mul(i128::from(HOUR))?;
            let micros = fixed::divide(scaled, i128::from(interval.millis()), Rounding::HalfAwayFromZero)?;
            i64::try_from(micros).ok().map(Quantity::from_micros)
        }
        _ => None,
    }
}
