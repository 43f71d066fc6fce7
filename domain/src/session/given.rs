//! What pricing is given: the session, what its record states, and the contract's terms.

use super::idle::IdleFee;
use super::member::MemberPrices;
use super::spot::SpotEnergy;
use super::stated::Stated;
use crate::amount::Amount;
use crate::fixed::Rounding;
use crate::instant::Instant;
use crate::money::Currency;
use crate::price_sheet::{Draw, Restrictions};
use crate::quantity::Quantity;

/// A charging session, as its charge detail record has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The id of its record.
    pub id: String,
    /// The currency of its record.
    pub currency: Currency,
    /// When the session, or the reservation before it, began.
    pub start: Instant,
    /// When it was over.
    pub end: Instant,
    /// Its periods in order of time; each ends where the next begins, the last with the session.
    pub periods: Vec<ChargingPeriod>,
    /// Whether its record is a credit: only the stated cost is negated then.
    pub is_credit: bool,
    /// What its record says it comes to.
    pub stated: Stated,
}

/// A part of a session over which its record says nothing finer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargingPeriod {
    /// When it begins.
    pub start: Instant,
    /// The energy, in kWh; `None` where the record has none.
    pub energy_kwh: Option<Quantity>,
    /// The hours of charging; `None` where the record has none.
    pub time: Option<Hours>,
    /// The hours of parking; `None` where the record has none.
    pub parking: Option<Hours>,
    /// The hours of reservation; `None` where the record has none.
    pub reservation: Option<Hours>,
    /// The current, in A.
    pub current_a: Draw,
    /// The power, in kW.
    pub power_kw: Draw,
    /// The price sheet of this period, where it names one.
    pub sheet: Option<String>,
    /// Dimensions of the record that are not known here, by name. They are not priced.
    pub unknown_dimensions: Vec<String>,
}

/// Hours as a record states them, with at most six decimals.
pub type Hours = Quantity;

/// An amount without and with value added tax.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    /// Without value added tax.
    pub excluding_vat: Amount,
    /// With value added tax; the same where none applies.
    pub including_vat: Amount,
}

/// What became of the reservation before a session. A charge detail record does not say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReservationOutcome {
    /// The driver came.
    #[default]
    Used,
    /// Nobody came in time.
    Expired,
}

/// Where the contract rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundingPoint {
    /// The cost of each component; the total is the sum of what was rounded.
    Component,
    /// The total alone.
    Sum,
}

/// How the contract rounds. OCPI itself does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundingPolicy {
    /// Which way.
    pub mode: Rounding,
    /// To how many decimals of the currency's main unit, at most 18.
    pub decimals: u32,
    /// What is rounded.
    pub point: RoundingPoint,
}

/// What the contract and the operator say beside the sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionTerms {
    /// How amounts are rounded; `None` keeps them exact.
    pub rounding: Option<RoundingPolicy>,
    /// What became of the reservation.
    pub reservation: ReservationOutcome,
    /// The idle fee, outside of what the sheet bounds by its least and most.
    pub idle_fee: Option<IdleFee>,
    /// What a member pays in place of the sheet's prices.
    pub member: MemberPrices,
    /// Energy by an index, beside the sheet's and outside of what that bounds.
    pub spot: Option<SpotEnergy>,
}

/// Hours of the local day. Where the end is not after the start they last over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayHours {
    /// The minute after midnight with which they begin.
    pub start_minute: u16,
    /// The minute after midnight with which they end.
    pub end_minute: u16,
}

impl DayHours {
    /// The hours as restrictions of an element.
    pub(super) fn restrictions(self) -> Restrictions {
        let (start_minute, end_minute) = (Some(self.start_minute), Some(self.end_minute));
        Restrictions { start_minute, end_minute, ..Restrictions::default() }
    }
}

impl ChargingPeriod {
    /// A period from an instant on in which nothing was counted.
    #[must_use]
    pub fn from(start: Instant) -> Self {
        Self {
            start,
            energy_kwh: None,
            time: None,
            parking: None,
            reservation: None,
            current_a: Draw::default(),
            power_kw: Draw::default(),
            sheet: None,
            unknown_dimensions: Vec::new(),
        }
    }
}

impl Cost {
    /// Nothing.
    pub const ZERO: Self = Self { excluding_vat: Amount::ZERO, including_vat: Amount::ZERO };

    /// The sum, or `None` beyond the range.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            excluding_vat: self.excluding_vat.checked_add(other.excluding_vat)?,
            including_vat: self.including_vat.checked_add(other.including_vat)?,
        })
    }

    /// The difference, or `None` beyond the range.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Some(Self {
            excluding_vat: self.excluding_vat.checked_sub(other.excluding_vat)?,
            including_vat: self.including_vat.checked_sub(other.including_vat)?,
        })
    }
}

impl RoundingPolicy {
    /// The cost, rounded both ways; `None` beyond the range or 18 decimals.
    #[must_use]
    pub fn round(self, cost: Cost) -> Option<Cost> {
        let round = |amount: Amount| {
            let count = amount.rounded(self.decimals, self.mode)?;
            Amount::from_decimal(count, self.decimals)
        };
        Some(Cost { excluding_vat: round(cost.excluding_vat)?, including_vat: round(cost.including_vat)? })
    }
}
