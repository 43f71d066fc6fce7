//! From a session to what its parts are priced by.

use super::fault::SessionFault;
use super::given::{ChargingPeriod, Hours, ReservationOutcome, Session, SessionTerms};
use super::idle::IdleTime;
use super::member::MemberPrices;
use super::priced::{Micros, Position, PricedPart, PricedPeriod, PricedSession, SessionDimension, Warning};
use super::split::{Slice, Volumes};
use super::spot::SpotCount;
use super::stated::Counted;
use super::steps::Used;
use super::total::{self, amount_of, cost_of};
use crate::day::{Day, DayRule};
use crate::instant::Instant;
use crate::price_sheet::{Dimension, Draw, Moment, PriceComponent, PriceSheet, ReservationKind};
use crate::quantity::Quantity;
use crate::zone::Zone;

/// Microseconds of a millionth of an hour.
const MICROS_OF_MICRO_HOUR: i64 = 3_600;
/// Microseconds of a millisecond.
const MICROS_OF_MILLI: i64 = 1_000;
/// How far stated hours may lie from the timestamps and still be the same, rounded to four decimals, in microseconds.
const STATED_TOLERANCE: Micros = 180_000;
/// The longest session, in milliseconds: 366 days.
const LONGEST_MS: i64 = 366 * 86_400_000;

/// Prices a session under the first of the sheets that is valid at its start; a period that names another of them is
/// priced under that.
///
/// # Errors
/// [`SessionFault`] where the session contradicts itself, or no sheet can price it.
pub fn price(
    session: &Session,
    sheets: &[PriceSheet],
    zone: &Zone,
    terms: &SessionTerms,
) -> Result<PricedSession, SessionFault> {
    check(session)?;
    let base = sheets.iter().position(|sheet| sheet.is_valid_at(session.start));
    let base = base.ok_or(SessionFault::NoValidSheet)?;
    let mut pricing = Pricing::new(session, sheets, zone, terms);
    let ends = session.periods.iter().skip(1).map(|next| next.start).chain([session.end]);
    for ((number, period), end) in session.periods.iter().enumerate().zip(ends) {
        let place = pricing.sheet_of(number, period, base);
        let sheet = sheets.get(place).ok_or(SessionFault::NoValidSheet)?;
        if sheet.currency != session.currency {
            return Err(SessionFault::OtherCurrency);
        }
        let whole = pricing.whole(period, end).ok_or(SessionFault::OutOfRange)?;
        if let Some(spot) = &mut pricing.parts.spot {
            spot.add(whole, &pricing.rule, &terms.member)?;
        }
        pricing.add(&Place { number, period, sheet, place }, whole).ok_or(SessionFault::OutOfRange)?;
    }
    let sheet = sheets.get(base).ok_or(SessionFault::NoValidSheet)?;
    total::finish(session, sheet, terms, pricing.done()).ok_or(SessionFault::OutOfRange)
}

fn check(session: &Session) -> Result<(), SessionFault> {
    if session.end < session.start {
        return Err(SessionFault::EndsBeforeStart);
    }
    if session.end.millis_since(session.start) > LONGEST_MS {
        return Err(SessionFault::TooLong);
    }
    if session.periods.is_empty() {
        return Err(SessionFault::NoPeriod);
    }
    let mut earliest = session.start;
    for (number, period) in session.periods.iter().enumerate() {
        if period.start < earliest || session.end < period.start {
            return Err(SessionFault::PeriodOutOfOrder(number));
        }
        earliest = period.start;
        let volumes = [period.energy_kwh, period.time, period.parking, period.reservation];
        if volumes.into_iter().flatten().any(|volume| volume < Quantity::ZERO) {
            return Err(SessionFault::BelowZero(number));
        }
    }
    Ok(())
}

/// What was priced before steps and totals.
pub(super) struct Parts<'a> {
    pub(super) periods: Vec<PricedPeriod>,
    pub(super) used: Vec<Used>,
    pub(super) counted: Counted,
    pub(super) idle: Option<IdleTime>,
    pub(super) spot: Option<SpotCount<'a>>,
    pub(super) warnings: Vec<Warning>,
}

/// A period with what stands around it.
struct Place<'a> {
    number: usize,
    period: &'a ChargingPeriod,
    sheet: &'a PriceSheet,
    place: usize,
}

/// The prices of a slice by dimension, to see whether the next slice has others. The outer `None` stands for a dimension
/// that the slice does not have, the inner one for what is free.
type Prices<'a> = [Option<Option<&'a PriceComponent>>; 4];

struct Pricing<'a> {
    session: &'a Session,
    sheets: &'a [PriceSheet],
    rule: DayRule,
    reservation: ReservationKind,
    member: MemberPrices,
    /// When the session itself began, behind the reservation.
    began: Option<Instant>,
    /// Whether the session's and the reservation's flat prices are still due.
    flat_is_due: [bool; 2],
    parts: Parts<'a>,
}

impl<'a> Pricing<'a> {
    fn new(session: &'a Session, sheets: &'a [PriceSheet], zone: &Zone, terms: &'a SessionTerms) -> Self {
        let reservation = match terms.reservation {
            ReservationOutcome::Used => ReservationKind::Reserved,
            ReservationOutcome::Expired => ReservationKind::Expired,
        };
        let periods = Vec::with_capacity(session.periods.len());
        let idle = terms.idle_fee.map(IdleTime::new);
        let spot = terms.spot.as_ref().map(SpotCount::new);
        let (used, counted, warnings) = (Vec::new(), Counted::default(), Vec::new());
        Self {
            session,
            sheets,
            rule: DayRule::civil(zone.clone()),
            reservation,
            member: terms.member,
            began: None,
            flat_is_due: [true; 2],
            parts: Parts { periods, used, counted, idle, spot, warnings },
        }
    }

    fn done(self) -> Parts<'a> {
        self.parts
    }

    /// The sheet that prices a period: the one that it names, valid when the session starts, or else that of the session.
    fn sheet_of(&mut self, number: usize, period: &ChargingPeriod, base: usize) -> usize {
        let Some(id) = &period.sheet else { return base };
        let is_named = |sheet: &PriceSheet| sheet.id.eq_ignore_ascii_case(id);
        if self.sheets.get(base).is_some_and(is_named) {
            return base;
        }
        let mut valid =
            self.sheets.iter().enumerate().filter(|(_, sheet)| sheet.is_valid_at(self.session.start));
        if let Some((place, _)) = valid.find(|(_, sheet)| is_named(sheet)) {
            return place;
        }
        self.parts.warnings.push(Warning::UnknownSheet { period: number, id: id.clone() });
        base
    }

    /// The period as a slice.
    fn whole(&self, period: &ChargingPeriod, end: Instant) -> Option<Slice> {
        let volumes = volumes(period, end)?;
        Some(Slice { start: period.start, end, volumes, energy_before: self.parts.counted.energy })
    }

    fn add(&mut self, place: &Place<'a>, whole: Slice) -> Option<()> {
        let Place { number, period, .. } = *place;
        let names = period.unknown_dimensions.iter().cloned();
        self.parts.warnings.extend(names.map(|name| Warning::UnknownDimension { period: number, name }));
        if straddles(place.sheet, period) {
            self.parts.warnings.push(Warning::UnsplitDraw { period: number });
        }
        let is_session = period.reservation.is_none()
            || period.time.is_some()
            || period.parking.is_some()
            || period.energy_kwh.is_some_and(|energy| energy > Quantity::ZERO);
        if is_session && self.began.is_none() {
            self.began = Some(period.start);
        }
        if let Some(idle) = &mut self.parts.idle {
            idle.add(whole, &self.rule)?;
        }
        let began = [self.began.unwrap_or(self.session.start), self.session.start];
        let mut before: Option<Prices<'a>> = None;
        for slice in whole.split(place.sheet, &self.rule, &began, &[])? {
            let prices = self.add_slice(place, slice, is_session)?;
            if before.is_some_and(|before| differ(before, prices)) {
                self.parts.warnings.push(Warning::UnsplitPeriod { period: number, at: slice.start });
            }
            before = Some(prices);
        }
        self.parts.counted.add(whole.volumes)
    }

    /// Prices a slice, and tells the prices of what it has.
    fn add_slice(&mut self, place: &Place<'a>, slice: Slice, is_session: bool) -> Option<Prices<'a>> {
        let is_reservation = place.period.reservation.is_some();
        let mut parts = Vec::with_capacity(2);
        let mut prices: Prices<'a> = [None; 4];
        let mut moment = self.moment(place, slice);
        let volumes = slice.volumes;
        let dimensions = [
            (Dimension::Energy, SessionDimension::Energy, volumes.energy),
            (Dimension::Time, SessionDimension::Time, volumes.time),
            (Dimension::ParkingTime, SessionDimension::ParkingTime, volumes.parking),
        ];
        for ((dimension, of, quantity), price) in dimensions.into_iter().zip(&mut prices) {
            if quantity > 0 {
                *price = Some(self.price(place, &moment, (dimension, of, quantity), &mut parts)?);
            }
        }
        if is_session && self.flat_is_due[0] {
            let flat = (Dimension::Flat, SessionDimension::Flat, 1);
            self.flat_is_due[0] = self.price(place, &moment, flat, &mut parts)?.is_none();
        }
        if is_reservation {
            moment.reservation = Some(self.reservation);
            moment.elapsed_ms = slice.start.millis_since(self.session.start);
            if volumes.reservation > 0 {
                let time = (Dimension::Time, SessionDimension::ReservationTime, volumes.reservation);
                prices[3] = Some(self.price(place, &moment, time, &mut parts)?);
            }
            if self.flat_is_due[1] {
                let flat = (Dimension::Flat, SessionDimension::ReservationFlat, 1);
                self.flat_is_due[1] = self.price(place, &moment, flat, &mut parts)?.is_none();
            }
        }
        let period = PricedPeriod { period: place.number, start: slice.start, end: slice.end, parts };
        self.parts.periods.push(period);
        Some(prices)
    }

    /// The price of a dimension at a moment, noted where there is one.
    fn price(
        &mut self,
        place: &Place<'a>,
        moment: &Moment,
        (dimension, of, quantity): (Dimension, SessionDimension, Micros),
        parts: &mut Vec<PricedPart>,
    ) -> Option<Option<&'a PriceComponent>> {
        let Some((element, component)) = place.sheet.component_at(dimension, moment) else {
            return Some(None);
        };
        let position = Position { sheet: place.place, element, dimension: of };
        let includes_vat = place.sheet.includes_vat;
        let amount = amount_of(of, quantity, component.price)?;
        let amount = cost_of(amount, component.vat, includes_vat)?.excluding_vat;
        parts.push(PricedPart { position, price: component.price, quantity, amount });
        let included = match of {
            SessionDimension::Energy => self.member.included(moment.energy_kwh.micros(), quantity)?,
            _ => 0,
        };
        Used::add(&mut self.parts.used, position, (component, includes_vat), (quantity, included))?;
        Some(Some(component))
    }

    fn moment(&self, place: &Place<'a>, slice: Slice) -> Moment {
        let uses_calendar =
            place.sheet.elements.iter().any(|element| element.restrictions.use_the_calendar());
        let (day, clock_ms) =
            if uses_calendar { self.rule.zone().local_reading(slice.start) } else { (Day::MAX, 0) };
        Moment {
            day,
            clock_ms,
            elapsed_ms: slice.start.millis_since(self.began.unwrap_or(self.session.start)),
            energy_kwh: Quantity::from_micros(slice.energy_before),
            current_a: place.period.current_a,
            power_kw: place.period.power_kw,
            reservation: None,
        }
    }
}

/// Whether the two slices have a dimension in common that costs another price in each.
fn differ(one: Prices<'_>, other: Prices<'_>) -> bool {
    let terms = |price: Option<&PriceComponent>| price.map(|component| (component.price, component.vat));
    let pairs = one.into_iter().zip(other).filter_map(|(one, other)| Some((one?, other?)));
    pairs.into_iter().any(|(one, other)| terms(one) != terms(other))
}

/// Whether current or power lay on both sides of a restriction.
fn straddles(sheet: &PriceSheet, period: &ChargingPeriod) -> bool {
    let any = |draw: Draw, bounds: [Option<Quantity>; 2]| {
        bounds.into_iter().flatten().any(|bound| draw.straddles(bound))
    };
    sheet.elements.iter().map(|element| &element.restrictions).any(|restrictions| {
        any(period.current_a, [restrictions.min_current_a, restrictions.max_current_a])
            || any(period.power_kw, [restrictions.min_power_kw, restrictions.max_power_kw])
    })
}

/// What the period has, durations by its timestamps where the stated hours are those, rounded.
fn volumes(period: &ChargingPeriod, end: Instant) -> Option<Volumes> {
    let length = end.millis_since(period.start).checked_mul(MICROS_OF_MILLI)?;
    let time = |hours: Option<Hours>| {
        let Some(hours) = hours else { return Some(0) };
        let stated = hours.micros().checked_mul(MICROS_OF_MICRO_HOUR)?;
        let is_same = stated.checked_sub(length)?.unsigned_abs() <= STATED_TOLERANCE.unsigned_abs();
        Some(if is_same { length } else { stated })
    };
    Some(Volumes {
        energy: period.energy_kwh.unwrap_or_default().micros(),
        time: time(period.time)?,
        parking: time(period.parking)?,
        reservation: time(period.reservation)?,
    })
}
