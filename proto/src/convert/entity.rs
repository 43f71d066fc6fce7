//! What entities are asked, answer, tell one another and remember, as the shell carries and stores it: one file per kind.
//!
//! Commands, answers and states go both ways; a rejection goes out only, as the reason a client is told.

mod account;
mod catalog;
mod cdr_book;
mod charging;
mod closing;
mod directory;
mod document_item;
mod event_log;
mod evse;
mod invoice_run;
mod market_document;
mod message;
mod metering_point;
mod number_series;
mod outcome;
mod partner;
mod partners;
mod rejection;
mod roaming;
mod roaming_object;
mod run_part;
mod terms;
mod tokens;
mod webhooks;

pub(super) use rejection::refused;
pub use terms::OnTerms;
