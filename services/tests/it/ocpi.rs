//! Charging sessions priced under OCPI tariffs: every published case, the page that tells of it, and what is refused.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod cases;
mod page;
mod reconciliation;
mod records;
mod refusals;
mod versions;
