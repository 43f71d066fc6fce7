//! What a charge detail record states that its session comes to, and where that differs from what was priced.

use super::given::{Cost, Hours, RoundingPolicy, Session};
use super::priced::{Micros, PricedSession, Warning};
use super::split::Volumes;
use crate::amount::Amount;
use crate::price::Price;
use crate::quantity::Quantity;

/// Half of the last of the four decimals that numbers of OCPI have: what is nearer is the same.
const STATED_TOLERANCE: Price = Price::from_raw(5_000);
/// Half of the last of four decimals of an hour, in microseconds: each figure that was summed may be off by as much.
const HOURS_TOLERANCE: Micros = 180_000;
/// Microseconds of a millionth of an hour.
const MICROS_OF_MICRO_HOUR: i64 = 3_600;
/// Microseconds of a millisecond.
const MICROS_OF_MILLI: i64 = 1_000;

/// What a charge detail record says it comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// The total cost without value added tax.
    pub excluding_vat: Option<Price>,
    /// The total cost with it.
    pub including_vat: Option<Price>,
    /// The energy, in kWh.
    pub energy_kwh: Option<Quantity>,
    /// The hours of the session, parking among them (`total_time`).
    pub time: Option<Hours>,
    /// The hours of parking (`total_parking_time`).
    pub parking: Option<Hours>,
    /// The cost by what it is for.
    pub parts: StatedParts,
}

/// A cost as it is stated, one way or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatedCost {
    /// Without value added tax.
    pub excluding_vat: Option<Price>,
    /// With it.
    pub including_vat: Option<Price>,
}

/// The stated costs by what they are for. They stay positive in a credit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatedParts {
    /// `total_energy_cost`.
    pub energy: StatedCost,
    /// `total_time_cost`.
    pub time: StatedCost,
    /// `total_parking_cost`.
    pub parking: StatedCost,
    /// `total_fixed_cost`.
    pub fixed: StatedCost,
    /// `total_reservation_cost`.
    pub reservation: StatedCost,
}

/// What a cost of a session is for, as records state it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CostPart {
    /// Energy.
    Energy,
    /// The time of charging.
    Time,
    /// Parking.
    Parking,
    /// What is due once, but for a reservation.
    Fixed,
    /// A reservation, with what is due once for it.
    Reservation,
}

/// What the periods of a session have in all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    pub(super) energy: Micros,
    pub(super) time: Micros,
    pub(super) parking: Micros,
}

impl CostPart {
    /// Every part, in order.
    pub const ALL: [Self; 5] = [Self::Energy, Self::Time, Self::Parking, Self::Fixed, Self::Reservation];
}

impl StatedParts {
    /// What is stated of a part.
    #[must_use]
    pub fn of(&self, part: CostPart) -> StatedCost {
        match part {
            CostPart::Energy => self.energy,
            CostPart::Time => self.time,
            CostPart::Parking => self.parking,
            CostPart::Fixed => self.fixed,
            CostPart::Reservation => self.reservation,
        }
    }
}

impl Counted {
    /// Adds what a period has.
    pub(super) fn add(&mut self, volumes: Volumes) -> Option<()> {
        self.energy = self.energy.checked_add(volumes.energy)?;
        self.time = self.time.checked_add(volumes.time)?;
        self.parking = self.parking.checked_add(volumes.parking)?;
        Some(())
    }
}

/// What the record states otherwise. A credit states the negated total. `None` beyond the range.
pub(super) fn differences(
    session: &Session,
    priced: &PricedSession,
    rounding: Option<RoundingPolicy>,
    counted: Counted,
) -> Option<Vec<Warning>> {
    let mut warnings = Vec::new();
    let (stated, total) = (&session.stated, priced.total);
    if let Some(stated) = stated.excluding_vat
        && differs(signed(stated, session.is_credit)?, total.excluding_vat)?
    {
        warnings.push(Warning::StatedTotalDiffers { stated, priced: total.excluding_vat });
    }
    if let Some(stated) = stated.including_vat
        && differs(signed(stated, session.is_credit)?, total.including_vat)?
    {
        warnings.push(Warning::StatedTotalWithVatDiffers { stated, priced: total.including_vat });
    }
    part_differences(session, priced, rounding, &mut warnings)?;
    let energy = Quantity::from_micros(counted.energy);
    if let Some(stated) = stated.energy_kwh.filter(|stated| *stated != energy) {
        warnings.push(Warning::StatedEnergyDiffers { stated, counted: energy });
    }
    time_differences(session, counted, &mut warnings)?;
    Some(warnings)
}

fn part_differences(
    session: &Session,
    priced: &PricedSession,
    rounding: Option<RoundingPolicy>,
    warnings: &mut Vec<Warning>,
) -> Option<()> {
    if session.stated.parts == StatedParts::default() {
        return Some(());
    }
    for part in CostPart::ALL {
        let stated = session.stated.parts.of(part);
        let exact = priced.cost_of(part)?;
        let rounded = rounding.map_or(Some(exact), |policy| policy.round(exact))?;
        let mut compare = |stated: Option<Price>, with_vat: bool| {
            let figure = |cost: Cost| if with_vat { cost.including_vat } else { cost.excluding_vat };
            let Some(stated) = stated else { return Some(()) };
            let sum = of_price(stated)?;
            if differs(sum, figure(exact))? && differs(sum, figure(rounded))? {
                warnings.push(Warning::StatedCostDiffers { part, with_vat, stated, priced: figure(exact) });
            }
            Some(())
        };
        compare(stated.excluding_vat, false)?;
        compare(stated.including_vat, true)?;
    }
    Some(())
}

/// The stated time is right where it is that of the timestamps or that of the periods.
fn time_differences(session: &Session, counted: Counted, warnings: &mut Vec<Warning>) -> Option<()> {
    let figures = i64::try_from(session.periods.len()).ok()?.checked_add(1)?;
    let tolerance = HOURS_TOLERANCE.checked_mul(figures)?.unsigned_abs();
    let is_same = |stated: Hours, counted: Micros| {
        let stated = stated.micros().checked_mul(MICROS_OF_MICRO_HOUR)?;
        Some(stated.checked_sub(counted)?.unsigned_abs() <= tolerance)
    };
    if let Some(stated) = session.stated.time {
        let by_periods = counted.time.checked_add(counted.parking)?;
        let by_clock = session.end.millis_since(session.start).checked_mul(MICROS_OF_MILLI)?;
        if !is_same(stated, by_periods)? && !is_same(stated, by_clock)? {
            warnings.push(Warning::StatedTimeDiffers { stated, counted: by_periods });
        }
    }
    if let Some(stated) = session.stated.parking
        && !is_same(stated, counted.parking)?
    {
        warnings.push(Warning::StatedParkingTimeDiffers { stated, counted: counted.parking });
    }
    Some(())
}

fn signed(stated: Price, is_credit: bool) -> Option<Amount> {
    let stated = of_price(stated)?;
    if is_credit { stated.checked_neg() } else { Some(stated) }
}

fn differs(stated: Amount, priced: Amount) -> Option<bool> {
    let tolerance = of_price(STATED_TOLERANCE)?;
    let difference = stated.checked_sub(priced)?;
    Some(difference > tolerance || difference.checked_neg()? > tolerance)
}

fn of_price(price: Price) -> Option<Amount> {
    Amount::of(Quantity::ONE, price)
}
