//! Prepaid supply: terms, what is shown, what point and account tell one another, and what is stored.

mod command;
mod rated;
mod rejection;
mod shown;
mod state;
mod supply;
mod terms;
