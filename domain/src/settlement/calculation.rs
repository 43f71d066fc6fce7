//! The course of a settlement: connect the points, take their values one by one, compute.

use std::collections::BTreeSet;
use std::ops::Range;

use super::charges::{self, Basis};
use super::connection::{self, Connection};
use super::energy::{self, MeteredPoints};
use super::input::{Arguments, Charges, MeteringPointPeriod, Reading, Scope};
use super::notice::Notice;
use super::refusal::{InputTable, Refusal, RefusalReason};
use super::results::{ChargeResults, Settlement};
use super::series::PointSeries;
use super::timeline::{Timeline, step_millis};
use super::totals;
use crate::identity::MeteringPointId;

/// Millionths of a kWh in a Wh.
const MICROS_PER_WH: i64 = 1000;

/// A settlement in the making.
///
/// Values are taken one by one and kept as a column per metering point, nine bytes each, so that a month of a hundred
/// thousand points fits in memory.
#[derive(Clone, Debug)]
pub struct Calculation {
    arguments: Arguments,
    timeline: Timeline,
    connections: Vec<Connection>,
    series: Vec<PointSeries>,
    /// The point of the last value and the places of its connections: values of a point come together.
    last: (Option<MeteringPointId>, Range<usize>),
    between_intervals: Option<Notice>,
}

impl Calculation {
    /// Begins with the metering points. `grid_loss_points` are the points on which grid loss is booked.
    ///
    /// # Errors
    /// A [`Refusal`] where the arguments or a point's master data cannot be settled.
    pub fn new(
        arguments: Arguments,
        metering_points: Vec<MeteringPointPeriod>,
        grid_loss_points: &BTreeSet<MeteringPointId>,
    ) -> Result<Self, Refusal> {
        let timeline = Timeline::new(&arguments)?;
        let connections = connection::connect(&arguments, &timeline, metering_points, grid_loss_points)?;
        let series =
            |one: &Connection| PointSeries::absent(one.master.resolution, one.hours.start, one.hours.len());
        let series = connections.iter().map(series).collect();
        let last = (None, 0..0);
        Ok(Self { arguments, timeline, connections, series, last, between_intervals: None })
    }

    /// Takes a value. Values of points or times that have no part in the settlement are passed over, and so are
    /// those of grid loss points, which are computed.
    ///
    /// # Errors
    /// A [`Refusal`] where the quantity is finer than a Wh or the interval has a value already.
    pub fn add(&mut self, reading: Reading) -> Result<(), Refusal> {
        let micros = reading.quantity.map_or(0, |quantity| quantity.micros());
        if micros.checked_rem(MICROS_PER_WH) != Some(0) {
            return Err(refused(&reading, RefusalReason::QuantityTooFine));
        }
        let places = self.places_of(reading.metering_point);
        let connections = self.connections.get(places.clone()).unwrap_or_default();
        let at = connections.iter().position(|one| one.period.contains(reading.time));
        let Some((connection, place)) = at.and_then(|at| Some((connections.get(at)?, places.start + at)))
        else {
            return Ok(());
        };
        let step = step_millis(connection.master.resolution);
        let offset = reading.time.millis_since(connection.period.start());
        if offset.checked_rem(step) != Some(0) {
            self.count_between(reading.row);
            return Ok(());
        }
        let index =
            offset.checked_div(step).and_then(|index| usize::try_from(index).ok()).unwrap_or(usize::MAX);
        let energy_wh = micros.checked_div(MICROS_PER_WH).unwrap_or_default();
        let series = self.series.get_mut(place);
        match series.and_then(|series| series.set(index, energy_wh, reading.quality)) {
            Some(false) => Err(refused(&reading, RefusalReason::ReadingRepeated(reading.metering_point))),
            _ => Ok(()),
        }
    }

    /// Computes energy and, where the arguments ask for them, charges.
    ///
    /// # Errors
    /// A [`Refusal`] where the charges' master data contradict each other or a result leaves its range.
    pub fn settle(mut self, charges: &Charges) -> Result<Settlement, Refusal> {
        self.series.iter_mut().for_each(PointSeries::pad);
        let points = MeteredPoints { connections: &self.connections, series: &self.series };
        let energy = energy::compute(&self.arguments, &self.timeline, &points)?;
        let tables = energy.tables.iter();
        let tables = tables.map(|(table, columns)| Ok((*table, energy::results(columns)?)));
        let tables = tables.collect::<Result<_, Refusal>>()?;
        let mut notices = energy.notices.clone();
        notices.extend(self.between_intervals.clone());
        energy.loss.replace(&self.connections, &self.timeline, &mut self.series)?;
        let charges = match self.arguments.scope {
            Scope::Energy => None,
            Scope::EnergyAndCharges => Some(self.charge(charges, &mut notices)?),
        };
        Ok(Settlement {
            period: self.timeline.period(),
            resolution: self.timeline.resolution(),
            energy: tables,
            charges,
            notices,
        })
    }

    fn charge(&self, charges: &Charges, notices: &mut Vec<Notice>) -> Result<ChargeResults, Refusal> {
        let basis = Basis {
            timeline: &self.timeline,
            connections: &self.connections,
            series: &self.series,
            supplies: &connection::supplies(&self.connections),
            charges,
        };
        let rows = charges::rows(&basis, notices)?;
        let monthly = rows.iter().map(|(table, series)| Ok((*table, totals::monthly(series)?)));
        let monthly = monthly.collect::<Result<std::collections::BTreeMap<_, _>, Refusal>>()?;
        let all = monthly.values().flatten();
        let totals_per_owner = totals::per_owner(all.clone())?;
        let totals_per_supplier = totals::per_supplier(all)?;
        Ok(ChargeResults { rows, monthly, totals_per_owner, totals_per_supplier })
    }

    /// The places of a point's connections.
    fn places_of(&mut self, metering_point: MeteringPointId) -> Range<usize> {
        if self.last.0 != Some(metering_point) {
            let id = |connection: &Connection| connection.master.metering_point;
            let start = self.connections.partition_point(|one| id(one) < metering_point);
            let end = self.connections.partition_point(|one| id(one) <= metering_point);
            self.last = (Some(metering_point), start..end);
        }
        self.last.1.clone()
    }

    fn count_between(&mut self, row: u64) {
        match &mut self.between_intervals {
            Some(Notice::ReadingsBetweenIntervals { count, .. }) => *count = count.saturating_add(1),
            _ => {
                self.between_intervals = Some(Notice::ReadingsBetweenIntervals { count: 1, first_row: row });
            }
        }
    }
}

fn refused(reading: &Reading, reason: RefusalReason) -> Refusal {
    Refusal::row(InputTable::TimeSeriesPoints, reading.row, reason)
}
