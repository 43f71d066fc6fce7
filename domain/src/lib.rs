//! The rules of the field as pure code: money, quantity, time, time series, charges, products, rating, settlement
//! and invoices.
//!
//! Nothing here awaits, reads, writes, asks for the time or rolls dice: time, ids and facts are arguments, and the
//! same arguments give the same answer on every machine and in every year. Numbers are fixed point throughout;
//! there is no binary floating point in this crate. Everything above it is a shell around it.

pub mod amount;
pub mod fixed;
pub mod money;
pub mod price;
pub mod quantity;

pub mod day;
pub mod day_span;
pub mod instant;
pub mod resolution;
pub mod series;

pub mod account_event;
pub mod address;
pub mod agreement;
pub mod cdr;
pub mod charge;
pub mod charging_contract;
pub mod contract;
pub mod day_version;
pub mod document;
pub mod funds;
pub mod identity;
pub mod invoice;
pub mod kernel;
pub mod ledger;
pub mod leg;
pub mod model;
pub mod operation;
pub mod position;
pub mod prepaid;
pub mod price_series;
pub mod price_sheet;
pub mod product;
pub mod rating;
pub mod session;
pub mod settlement;
pub mod share;
pub mod statement;
pub mod tax;
pub mod token;
pub mod usage;
pub mod verification;
pub mod webhook;
pub mod zone;

pub mod entity;
