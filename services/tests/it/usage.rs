//! Usage priced from files: the page that tells of it, its schemas, and what is refused.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

pub(crate) mod page;
mod refusals;
pub(crate) mod schemas;
