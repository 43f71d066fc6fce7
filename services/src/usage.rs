//! Usage priced from files, without a node: a product and events as JSON, what they come to as JSON.
//!
//! The rules are in `domain::usage`; here are its rim and the forms of its files, which have a schema each in
//! `docs/reference`.

mod events;
mod message;
mod price;

use std::fmt;

use domain::product::{Product, ProductDefect};
use domain::usage::{RatedUsage, Usage, UsageFault};
use proto::catalog;
use proto::convert::FieldError;

pub use message::JsonFault;
pub(crate) use message::read as read_message;
pub use price::{rated_json, unit_name};

/// What is wrong with a file, by the path of the field.
#[derive(Debug)]
pub enum UsageError {
    /// It is not JSON, or has fields that are not known.
    Malformed(serde_json::Error),
    /// A field is not as the message has it.
    Message(JsonFault),
    /// A field says what can't be.
    Field(FieldError),
    /// A field of the usage says what can't be.
    Value {
        /// The field's path.
        path: String,
        /// What it may be.
        expected: &'static str,
    },
    /// The product can't be sold.
    Defective(Vec<ProductDefect>),
    /// The usage can't be priced.
    Unpriced(Vec<UsageFault>),
}

impl std::error::Error for UsageError {}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(f, "{error}"),
            Self::Message(fault) => write!(f, "{fault}"),
            Self::Field(error) => write!(f, "{error}"),
            Self::Value { path, expected } => write!(f, "{path}: is not {expected}"),
            Self::Defective(defects) => f.write_str(&lines(defects)),
            Self::Unpriced(faults) => f.write_str(&lines(faults)),
        }
    }
}

/// A product as the API has it, complete.
///
/// # Errors
/// [`UsageError`] where the text is no such message, or the product can't be sold.
pub fn read_product(text: &str) -> Result<Product, UsageError> {
    let value = serde_json::from_str(text).map_err(UsageError::Malformed)?;
    let message: catalog::Product =
        message::read("kvarter.catalog.v1.Product", &value).map_err(UsageError::Message)?;
    let product = Product::try_from(message).map_err(UsageError::Field)?;
    let defects = product.defects();
    if defects.is_empty() { Ok(product) } else { Err(UsageError::Defective(defects)) }
}

/// Usage.
///
/// # Errors
/// [`UsageError`] where a field is not known, is missing or says what can't be.
pub fn read_usage(text: &str) -> Result<Usage, UsageError> {
    events::read(text)
}

/// The price of usage.
///
/// # Errors
/// [`UsageError::Unpriced`] with everything that keeps it from being priced.
pub fn rate(product: &Product, usage: &Usage) -> Result<RatedUsage, UsageError> {
    domain::usage::rate(product, usage).map_err(UsageError::Unpriced)
}

fn lines(faults: &[impl fmt::Display]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
