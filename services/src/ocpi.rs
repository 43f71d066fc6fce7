//! Documents of OCPI, the protocol between charge point operators and mobility providers, read into the domain's model.
//!
//! Versions 2.1.1, 2.2.1 and 2.3.0 become the same price sheets and sessions. Numbers are read from their digits: no
//! binary float stands between a document and an amount. Fields that are not known are passed over.

mod cdr;
mod cdr_record;
mod content;
pub(crate) mod country;
mod members;
pub(crate) mod node;
mod priced;
pub mod reconciliation;
mod tariff;
pub(crate) mod tariff_text;
mod warning;
pub(crate) mod written;

use std::fmt;

pub use cdr::read_cdr;
pub use cdr_record::read_cdr_record;
pub use content::content_digest;
pub(crate) use members::check_names;
pub use priced::{dimension_name, priced_json, quantity_text, sheet_id, unit};
pub use tariff::read_tariffs;
pub use warning::{cost_field, warning_words};

/// What is wrong with a document, by the path of the field.
#[derive(Debug)]
pub enum OcpiError {
    /// It is not JSON.
    Malformed(serde_json::Error),
    /// A field is missing.
    Missing {
        /// Its path: `elements[0].price_components[0].price`.
        path: String,
    },
    /// A field is not what it should be.
    Value {
        /// Its path.
        path: String,
        /// What is wrong, to be read behind the path.
        wrong: String,
    },
}

impl fmt::Display for OcpiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(f, "{error}"),
            Self::Missing { path } => write!(f, "{path}: is missing"),
            Self::Value { path, wrong } if path.is_empty() => write!(f, "the document {wrong}"),
            Self::Value { path, wrong } => write!(f, "{path}: {wrong}"),
        }
    }
}

impl std::error::Error for OcpiError {}
