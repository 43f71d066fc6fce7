//! What a settlement is computed from, as plain rows.
//!
//! Every row carries the place it came from (`row`), so that a refusal can name it. All periods are half-open; an
//! open end is [`Instant::MAX`].

use std::collections::BTreeSet;

use super::codes::{GridArea, ParticipantId};
use crate::charge::ChargeKey;
use crate::day::DayRule;
use crate::document::{MeteringPointKind, SettlementMethod};
use crate::identity::MeteringPointId;
use crate::instant::{Instant, Period};
use crate::price::Price;
use crate::quantity::Quantity;
use crate::resolution::Resolution;
use crate::series::Quality;

/// What is to be computed.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// The grid areas that get results.
    pub grid_areas: BTreeSet<GridArea>,
    /// The period of the results: whole hours, and whole local days where charges are computed.
    pub period: Period,
    /// When a local day begins; in Denmark the civil days of Europe/Copenhagen.
    pub day_rule: DayRule,
    /// From when on the areas are settled by quarters. Results are hourly for a period that ends at or before it.
    pub quarterly_from: Instant,
    /// How far the computation goes.
    pub scope: Scope,
}

/// How far a settlement goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The energy of the grid areas alone (balance fixing, aggregation).
    Energy,
    /// Energy, and the charges per supplier and owner (wholesale fixing and its corrections).
    EnergyAndCharges,
}

/// A metering point during a period in which nothing about it changed.
#[derive(Clone, Debug)]
pub struct MeteringPointPeriod {
    /// The place in the source.
    pub row: u64,
    /// Which point.
    pub metering_point: MeteringPointId,
    /// What it measures.
    pub metering_point_kind: MeteringPointKind,
    /// How it is settled: consumption points have a method.
    pub settlement_method: Option<SettlementMethod>,
    /// The area it lies in. For exchange points the two below count instead.
    pub grid_area: GridArea,
    /// The length of its intervals: [`Resolution::Hour`] or [`Resolution::Minutes15`].
    pub resolution: Resolution,
    /// The area an exchange point measures from.
    pub from_grid_area: Option<GridArea>,
    /// The area an exchange point measures to.
    pub to_grid_area: Option<GridArea>,
    /// The point a child hangs below.
    pub parent: Option<MeteringPointId>,
    /// Who supplies it; a child has its parent's supplier.
    pub energy_supplier: Option<ParticipantId>,
    /// Who is responsible for its balance.
    pub balance_responsible: Option<ParticipantId>,
    /// When this holds.
    pub period: Period,
}

/// A value of a metering point.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The place in the source.
    pub row: u64,
    /// Which point.
    pub metering_point: MeteringPointId,
    /// Where the interval begins.
    pub time: Instant,
    /// The energy in kWh, at most three decimals; an absent one counts 0.
    pub quantity: Option<Quantity>,
    /// How it came about.
    pub quality: Quality,
}

/// Ties a charge to a metering point for a period.
#[derive(Clone, Debug)]
pub struct ChargeLink {
    /// The place in the source.
    pub row: u64,
    /// Which charge.
    pub charge: ChargeKey,
    /// Which point.
    pub metering_point: MeteringPointId,
    /// How many times a subscription or a fee counts. It has no effect on a tariff.
    pub quantity: Quantity,
    /// When this holds.
    pub period: Period,
}

/// The master data of a charge during a period in which nothing about it changed.
#[derive(Clone, Debug)]
pub struct ChargeInformation {
    /// The place in the source.
    pub row: u64,
    /// Which charge.
    pub charge: ChargeKey,
    /// What its prices are stated for: an hour or a day (tariffs), a month (subscriptions, fees).
    pub resolution: Resolution,
    /// Whether it is a tax.
    pub is_tax: bool,
    /// When this holds.
    pub period: Period,
}

/// A price of a charge from an instant on.
#[derive(Clone, Debug)]
pub struct ChargePrice {
    /// The place in the source.
    pub row: u64,
    /// Which charge.
    pub charge: ChargeKey,
    /// From when on.
    pub time: Instant,
    /// The price in DKK per kWh, per month or per piece, at most six decimals.
    pub price: Price,
}

/// The charges of a settlement.
#[derive(Clone, Debug, Default)]
pub struct Charges {
    /// Links of charges to points.
    pub links: Vec<ChargeLink>,
    /// Master data of charges.
    pub information: Vec<ChargeInformation>,
    /// Prices of charges.
    pub prices: Vec<ChargePrice>,
}
