//! Invoices: lines, corrections, tax, totals and what they book.

#![expect(clippy::unwrap_used, reason = "a test that can't make its input has failed")]

mod given;
mod lines;
mod properties;
mod totals;
