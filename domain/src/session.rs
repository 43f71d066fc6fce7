//! A charging session and its price under a price sheet, exact.
//!
//! A session is what its charge detail record says: charging periods, each with the energy, time, parking and
//! reservation in it. [`price`] cuts the periods where a restriction of the sheet switches, prices each part by the
//! element that holds then, rounds up to steps, and applies least and most. Nothing is rounded but by the contract's
//! [`RoundingPolicy`]. Beside the sheet a contract may have an [`IdleFee`]. Rules: OCPI 2.2.1, modules tariffs and cdrs.

mod fault;
mod given;
mod idle;
mod priced;
mod pricing;
mod split;
mod steps;
mod total;

pub use fault::SessionFault;
pub use given::{
    ChargingPeriod, Cost, Hours, ReservationOutcome, RoundingPoint, RoundingPolicy, Session, SessionTerms,
    Stated,
};
pub use idle::{FreeHours, IdleDay, IdleFee};
pub use priced::{
    ComponentCost, Micros, Position, PricedPart, PricedPeriod, PricedSession, SessionDimension, Warning,
};
pub use pricing::price;
