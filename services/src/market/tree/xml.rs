//! XML to the tree: local names without their prefixes, no document type, no entity but the five of XML itself.

use std::borrow::Cow;

use domain::document::RefusalReason;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::{Content, MOST_LEVELS, Node, malformed};

/// Reads a document.
///
/// # Errors
/// The reason for which the text is no such document.
pub(in crate::market) fn from_xml(text: &str) -> Result<Node<'_>, RefusalReason> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut building = Building::default();
    loop {
        match reader.read_event().map_err(malformed)? {
            Event::Start(start) => building.open(&start)?,
            Event::End(_) => building.close()?,
            Event::Text(text) => building.text(text.xml_content(XmlVersion::Implicit1_0))?,
            Event::CData(text) => building.text(text.xml_content(XmlVersion::Implicit1_0))?,
            Event::GeneralRef(reference) => building.text(Cow::Owned(resolved(&reference)?))?,
            Event::DocType(_) => return Err(RefusalReason::ForbiddenDeclaration),
            Event::Eof => return building.finish(),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

/// The elements that are open, the outermost first, and the root once it is closed.
#[derive(Default)]
struct Building<'a> {
    open: Vec<Open<'a>>,
    root: Option<Node<'a>>,
}

struct Open<'a> {
    name: String,
    scheme: Option<String>,
    text: Cow<'a, str>,
    fields: Vec<Node<'a>>,
}

impl<'a> Building<'a> {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), RefusalReason> {
        if self.open.len() >= MOST_LEVELS {
            return Err(RefusalReason::TooDeep { most: MOST_LEVELS });
        }
        if self.root.is_some() {
            return Err(malformed("a second root element"));
        }
        let name = start.local_name().as_ref().to_owned();
        self.open.push(Open { name, scheme: scheme_of(start)?, text: Cow::Borrowed(""), fields: Vec::new() });
        Ok(())
    }

    fn text(&mut self, text: Cow<'a, str>) -> Result<(), RefusalReason> {
        match self.open.last_mut() {
            Some(open) if open.text.is_empty() => open.text = text,
            Some(open) => open.text.to_mut().push_str(&text),
            None if text.trim().is_empty() => {}
            None => return Err(malformed("text outside the root element")),
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), RefusalReason> {
        let Some(open) = self.open.pop() else {
            return Err(malformed("an end without a start"));
        };
        let content = if open.fields.is_empty() {
            Content::Text(trimmed(open.text))
        } else if open.text.trim().is_empty() {
            Content::Fields(open.fields)
        } else {
            return Err(RefusalReason::WrongShape);
        };
        let node = Node { name: Cow::Owned(open.name), scheme: open.scheme.map(Cow::Owned), content };
        match self.open.last_mut() {
            Some(parent) => parent.fields.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }

    fn finish(self) -> Result<Node<'a>, RefusalReason> {
        match (self.open.last(), self.root) {
            (None, Some(root)) => Ok(root),
            (Some(open), _) => Err(malformed(format_args!("element {} is not closed", open.name))),
            (None, None) => Err(malformed("no root element")),
        }
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

fn scheme_of(start: &BytesStart<'_>) -> Result<Option<String>, RefusalReason> {
    let mut scheme = None;
    for attribute in start.attributes() {
        let attribute = attribute.map_err(malformed)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(malformed)?;
        let name = attribute.key.local_name();
        if matches!(name.as_ref(), "codingScheme" | "schemeAgencyIdentifier" | "listAgencyIdentifier") {
            scheme = Some(value.into_owned());
        }
    }
    Ok(scheme)
}

/// The text of `&amp;` and its like, or of a character by number.
fn resolved(reference: &BytesRef<'_>) -> Result<String, RefusalReason> {
    if let Some(letter) = reference.resolve_char_ref().map_err(malformed)? {
        return Ok(letter.to_string());
    }
    let name: &str = reference.as_ref();
    let letter = quick_xml::escape::resolve_xml_entity(name).ok_or(RefusalReason::ForbiddenDeclaration)?;
    Ok(letter.to_owned())
}
