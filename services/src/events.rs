//! The log of what a tenant's accounts told, read from the rows by whoever gives events to somebody outside: streams, lists,
//! webhooks.

mod cursor;
mod log;

pub(crate) use cursor::{from_bytes, parse, text, to_bytes};
pub(crate) use log::{Log, Part, Placed};
