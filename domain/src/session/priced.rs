//! What pricing answers: periods with the element that priced each, costs per component and dimension, and warnings.

use std::collections::BTreeMap;

use super::given::Cost;
use super::idle::IdleDay;
use crate::amount::Amount;
use crate::day::Day;
use crate::instant::Instant;
use crate::price::Price;
use crate::quantity::Quantity;
use crate::tax::VatRate;

/// What of a session is priced. Reservations have dimensions of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionDimension {
    /// Energy, in kWh.
    Energy,
    /// Charging, in hours.
    Time,
    /// Parking, in hours.
    ParkingTime,
    /// The session's own flat price.
    Flat,
    /// Reservation, in hours.
    ReservationTime,
    /// The reservation's flat price.
    ReservationFlat,
    /// Idle time, in hours: a component of our own.
    IdleFee,
}

/// A count of millionths: of a kWh for energy, of a second for time; a flat price counts 1.
pub type Micros = i64;

/// Where a price stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The price sheet, by its place among those given, from 0.
    pub sheet: usize,
    /// The element of the sheet, from 0.
    pub element: usize,
    /// What it prices.
    pub dimension: SessionDimension,
}

/// What a component comes to in the whole session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComponentCost {
    /// Where its price stands.
    pub position: Position,
    /// The price of a kWh, an hour or a piece.
    pub price: Price,
    /// The rate of value added tax; `None` where none applies.
    pub vat: Option<VatRate>,
    /// How much was used.
    pub used: Micros,
    /// What the step adds, counted alike.
    pub surplus: Micros,
    /// What both cost, rounded where the contract rounds components.
    pub cost: Cost,
}

/// What an element priced in a part of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricedPart {
    /// Where the price stands.
    pub position: Position,
    /// The price.
    pub price: Price,
    /// How much.
    pub quantity: Micros,
    /// The exact amount without value added tax, before steps.
    pub amount: Amount,
}

/// A period of the record, or a part of one between two switches of restrictions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedPeriod {
    /// The period of the record, from 0.
    pub period: usize,
    /// When it begins.
    pub start: Instant,
    /// When it ends.
    pub end: Instant,
    /// What was priced in it; empty where it was free.
    pub parts: Vec<PricedPart>,
}

/// Something a person should know. Nothing of it keeps the session from being priced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The record should have begun another period at the instant, where another price begins to hold: the energy was spread
    /// evenly over the period.
    UnsplitPeriod {
        /// The period, from 0.
        period: usize,
        /// The instant.
        at: Instant,
    },
    /// Current or power lay on both sides of a restriction within the period, so that the restriction does not hold.
    UnsplitDraw {
        /// The period, from 0.
        period: usize,
    },
    /// The period has a dimension that is not known; it is not priced.
    UnknownDimension {
        /// The period, from 0.
        period: usize,
        /// Its name.
        name: String,
    },
    /// The period names a price sheet that is not given; that of the session was taken.
    UnknownSheet {
        /// The period, from 0.
        period: usize,
        /// The sheet's id.
        id: String,
    },
    /// No element prices anything of the session.
    NothingPriced,
    /// The record states another total cost without value added tax.
    StatedTotalDiffers {
        /// What it states.
        stated: Price,
        /// What it comes to.
        priced: Amount,
    },
    /// The record states another total cost with value added tax.
    StatedTotalWithVatDiffers {
        /// What it states.
        stated: Price,
        /// What it comes to.
        priced: Amount,
    },
    /// The record states another energy than its periods have.
    StatedEnergyDiffers {
        /// What it states, in kWh.
        stated: Quantity,
        /// What the periods have, in kWh.
        counted: Quantity,
    },
}

/// A priced session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedSession {
    /// The periods in order of time.
    pub periods: Vec<PricedPeriod>,
    /// What each component comes to, by sheet, element and dimension.
    pub components: Vec<ComponentCost>,
    /// What each priced dimension comes to.
    pub dimensions: BTreeMap<SessionDimension, Cost>,
    /// The idle fee by local day; it is in the dimensions as well.
    pub idle_days: BTreeMap<Day, IdleDay>,
    /// What the sheet's least and most add to the sum of its dimensions; below zero where most cuts it.
    pub limits: Cost,
    /// What rounding the sum adds; zero where the contract does not round it.
    pub rounding: Cost,
    /// The sum of the dimensions, of `limits` and of `rounding`.
    pub total: Cost,
    /// What a person should know.
    pub warnings: Vec<Warning>,
}

impl SessionDimension {
    /// Every dimension, in order.
    pub const ALL: [Self; 7] = [
        Self::Energy,
        Self::Time,
        Self::ParkingTime,
        Self::Flat,
        Self::ReservationTime,
        Self::ReservationFlat,
        Self::IdleFee,
    ];

    /// Whether it is counted in time.
    #[must_use]
    pub fn is_time(self) -> bool {
        matches!(self, Self::Time | Self::ParkingTime | Self::ReservationTime | Self::IdleFee)
    }
}
