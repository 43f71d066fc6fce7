//! Issued documents as bytes: the universal JSON and a page for people.
//!
//! Both are pure functions of the invoice: the same invoice gives the same bytes on every machine, so that what was
//! issued can be rendered again and compared by its hash. Numbers are written as decimal text and never pass through a
//! binary float.

mod html;
mod json;
mod statement;

pub use html::invoice_html;
pub use json::invoice_json;
pub use statement::statement_json;
