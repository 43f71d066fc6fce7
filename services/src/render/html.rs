//! The page of an invoice: one file that needs nothing else, to be read on a screen and on paper.

mod breakdown;
mod chart;
mod lines;
mod page;
mod text;
mod totals;

pub use page::invoice_html;
