//! The funds of an account: tables of cases with figures derived by hand, and random operations against a model.

mod bad_input;
mod bounds;
mod cases;
mod ledger;
mod model;
mod parts;
mod random;
mod records;
mod script;
mod world;
