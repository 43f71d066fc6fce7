//! Charge models: tables of cases, and what holds for all of them.

mod cases;
mod defects;
pub(crate) mod given;
mod onward;
mod properties;
