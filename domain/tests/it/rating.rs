//! Rating: every kind of component over the months that hurt, with figures derived by hand beside them.

#![expect(clippy::unwrap_used, reason = "a test that can't make its input has failed")]

pub(crate) mod calendar;
mod counted;
pub(crate) mod given;
mod linked;
mod metered;
mod months;
mod properties;
mod readiness;
