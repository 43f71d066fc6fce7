//! Partners in roaming over HTTP: credentials, objects, records, lists, authorisation, fetching, and what is wrong.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't have its answer has failed"
)]

mod authorize;
mod bad_input;
mod cdrs;
mod credentials;
mod fetch;
pub(crate) mod given;
mod lists;
mod objects;
mod oicp;
mod own;
pub(crate) mod platform;
mod sold;
