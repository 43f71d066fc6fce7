//! A charging session and its price under a price sheet, exact.
//!
//! A session is what its charge detail record says: charging periods, each with the energy, time, parking and
//! reservation in it. [`price`] cuts the periods where a restriction of the sheet switches, prices each part by the
//! element that holds then, rounds up to steps, and applies least and most. Nothing is rounded but by the contract's
//! [`RoundingPolicy`]. Beside the sheet a contract may have an [`IdleFee`],
//! [`MemberPrices`] and [`SpotEnergy`]. Rules: OCPI 2.2.1, modules tariffs and cdrs.

mod fault;
mod given;
mod idle;
mod member;
mod priced;
mod pricing;
mod split;
mod spot;
mod stated;
mod steps;
mod total;

pub use fault::SessionFault;
pub use given::{
    ChargingPeriod, Cost, DayHours, Hours, ReservationOutcome, RoundingPoint, RoundingPolicy, Session,
    SessionTerms,
};
pub use idle::{IdleDay, IdleFee};
pub use member::{MemberPrice, MemberPrices};
pub use priced::{
    ComponentCost, MemberDiscount, Micros, Position, PricedPart, PricedPeriod, PricedSession,
    SessionDimension, SpotPart, Warning,
};
pub use pricing::price;
pub use spot::{IndexPrices, SpotEnergy, SpotFormula};
pub use stated::{CostPart, Stated, StatedCost, StatedParts};
