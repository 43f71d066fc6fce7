//! What pricing answers: periods with the element that priced each, costs per component and dimension, and warnings.

use std::collections::BTreeMap;

use super::given::{Cost, Hours};
use super::idle::IdleDay;
use super::stated::CostPart;
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
    /// Energy by an index, in kWh: a component of our own.
    SpotEnergy,
    /// What a member pays less, counted in nothing: a component of our own.
    MemberDiscount,
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
    /// The price of a kWh, an hour or a piece, as the sheet has it.
    pub price: Price,
    /// The rate of value added tax; `None` where none applies.
    pub vat: Option<VatRate>,
    /// Whether the price includes the tax.
    pub includes_vat: bool,
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

/// What a member pays less for a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberDiscount {
    /// The component.
    pub position: Position,
    /// How much of it the subscription includes.
    pub included: Micros,
    /// What is added to its cost: below zero, but where a member's own price is the higher one.
    pub cost: Cost,
}

/// Energy that was priced by an index between two of its changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpotPart {
    /// When it begins.
    pub start: Instant,
    /// When it ends.
    pub end: Instant,
    /// The index, per kWh.
    pub index: Price,
    /// The energy, in kWh.
    pub energy_kwh: Quantity,
    /// How much of it the subscription includes, in kWh.
    pub included_kwh: Quantity,
    /// What a kWh costs, exact and without value added tax.
    pub price: Amount,
    /// What the energy costs that is not included, exact and without value added tax.
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
    /// The record states another cost of a part.
    StatedCostDiffers {
        /// What for.
        part: CostPart,
        /// Whether the figure is with value added tax.
        with_vat: bool,
        /// What it states.
        stated: Price,
        /// What it comes to.
        priced: Amount,
    },
    /// The record states another time than its periods have or its timestamps span.
    StatedTimeDiffers {
        /// What it states.
        stated: Hours,
        /// What the periods have of charging and parking.
        counted: Micros,
    },
    /// The record states another parking time than its periods have.
    StatedParkingTimeDiffers {
        /// What it states.
        stated: Hours,
        /// What the periods have.
        counted: Micros,
    },
    /// Prices include taxes of which no rate is given: they are in the cost without tax as well.
    TaxRateUnknown,
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
    /// What a member pays less, by component; it is in the dimensions as well.
    pub discounts: Vec<MemberDiscount>,
    /// The energy that was priced by an index, in order of time; it is in the dimensions as well.
    pub spot: Vec<SpotPart>,
    /// How much of the session's energy the subscription included, in kWh.
    pub included_kwh: Quantity,
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
    pub const ALL: [Self; 9] = [
        Self::Energy,
        Self::Time,
        Self::ParkingTime,
        Self::Flat,
        Self::ReservationTime,
        Self::ReservationFlat,
        Self::IdleFee,
        Self::SpotEnergy,
        Self::MemberDiscount,
    ];

    /// Whether it is counted in time.
    #[must_use]
    pub fn is_time(self) -> bool {
        matches!(self, Self::Time | Self::ParkingTime | Self::ReservationTime | Self::IdleFee)
    }

    /// Among which of the costs that records state it is; `None` of discounts, which are among those of their component.
    #[must_use]
    pub fn part(self) -> Option<CostPart> {
        match self {
            Self::Energy | Self::SpotEnergy => Some(CostPart::Energy),
            Self::Time => Some(CostPart::Time),
            Self::ParkingTime | Self::IdleFee => Some(CostPart::Parking),
            Self::Flat => Some(CostPart::Fixed),
            Self::ReservationTime | Self::ReservationFlat => Some(CostPart::Reservation),
            Self::MemberDiscount => None,
        }
    }
}

impl PricedSession {
    /// The cost by what it is for, as records state it: own components stand with what they are about. Least, most and the
    /// rounding of the sum are in none of the parts. `None` beyond the range.
    #[must_use]
    pub fn cost_of(&self, part: CostPart) -> Option<Cost> {
        let dimensions =
            self.dimensions.iter().filter(|(of, _)| of.part() == Some(part)).map(|(_, cost)| *cost);
        let discounts = self.discounts.iter().filter(|less| less.position.dimension.part() == Some(part));
        let mut costs = dimensions.chain(discounts.map(|less| less.cost));
        costs.try_fold(Cost::ZERO, Cost::checked_add)
    }
}
