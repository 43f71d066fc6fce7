//! Properties and tables of the base types, through their public face.

mod amount;
mod fixed;
mod money;

mod day;
mod instant;
mod resolution;
mod series;
mod token;
mod token_races;

mod identity;
mod kernel;

mod flow;

mod agreement;
mod cdr;
mod funds;

mod invoice;
mod ledger;
mod model;
mod partners;
mod prepaid;
mod rating;
mod session;
mod share;
mod statement;
mod verification;
mod webhooks;
