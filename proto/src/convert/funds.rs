//! The funds of an account: what clients see of them, and what is asked, answered, remembered and stored.

mod balance;
mod charged;
mod command;
mod grant;
mod limit;
mod plain;
mod refusal;
mod rejection;
mod reply;
mod request;
mod reservation;
mod state;
mod told;

pub(super) use charged::{into_unit_quantity, unit_quantity};

pub use request::{placed, shown, transferred};
pub use state::FundsEntries;
