//! Charge models: how a quantity and a price make an amount.

pub mod pricing;
