//! The neutral tree of a document: named fields that hold fields, text or a number, whatever the form was.

mod json;
mod xml;

pub(super) use json::from_json;
pub(super) use xml::from_xml;

use std::borrow::Cow;

use domain::document::RefusalReason;

/// How deep fields may be nested. Documents of the market need nine levels.
pub(super) const MOST_LEVELS: usize = 32;

/// A field. A list in JSON is a field repeated, as in XML.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) name: Cow<'a, str>,
    /// The coding scheme or agency of an id or a code, where one is named.
    pub(super) scheme: Option<Cow<'a, str>>,
    pub(super) content: Content<'a>,
}

/// What a field holds.
#[derive(Debug)]
pub(super) enum Content<'a> {
    Fields(Vec<Node<'a>>),
    Text(Cow<'a, str>),
    /// A number, `true` or `false` of JSON, as it was written.
    Literal(&'a str),
}

/// The text without a byte order mark.
///
/// # Errors
/// [`RefusalReason::NotUtf8`].
pub(super) fn text_of(bytes: &[u8]) -> Result<&str, RefusalReason> {
    let text = std::str::from_utf8(bytes).map_err(|_| RefusalReason::NotUtf8)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text).trim_start())
}

fn malformed(error: impl std::fmt::Display) -> RefusalReason {
    RefusalReason::Malformed { detail: error.to_string() }
}
