//! Values of `domain` of every shape, by chance.

pub(crate) mod billing;
pub(crate) mod cdrs;
pub(crate) mod charge_models;
pub(crate) mod charging;
pub(crate) mod entities;
pub(crate) mod events;
pub(crate) mod funds;
pub(crate) mod metering;
pub(crate) mod partners;
pub(crate) mod prepaid;
pub(crate) mod roaming;
pub(crate) mod shares;
pub(crate) mod statements;
pub(crate) mod tokens;
pub(crate) mod values;
pub(crate) mod webhooks;
