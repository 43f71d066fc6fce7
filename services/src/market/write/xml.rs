//! Fields to XML, with the prefix and the indentation of the samples.

use quick_xml::escape::escape;

use super::{Field, Fields};
use crate::market::profile::Profile;

const INDENT: &str = "    ";

pub(super) fn text(profile: &Profile, fields: &Fields) -> String {
    let namespace = profile.namespace();
    let root = format!("cim:{}_MarketDocument", profile.root);
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    if profile.has_schema_location {
        let schema = format!("{}.xsd", namespace.replace([':', '.'], "-"));
        text.push_str(&format!(
            "<{root} xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:cim=\"{namespace}\" \
             xsi:schemaLocation=\"{namespace} {schema}\">\n"
        ));
    } else {
        text.push_str(&format!("<{root} xmlns:cim=\"{namespace}\">\n"));
    }
    push_fields(&mut text, fields, 1);
    text.push_str(&format!("</{root}>\n"));
    text
}

fn push_fields(text: &mut String, fields: &Fields, level: usize) {
    for (name, field) in fields {
        match field {
            Field::Group(fields) => push_group(text, name, fields, level),
            Field::Groups(groups) => groups.iter().for_each(|fields| push_group(text, name, fields, level)),
            Field::Id { scheme, id } => {
                let attribute = format!(" codingScheme=\"{scheme}\"");
                push_value(text, name, &attribute, id, level);
            }
            Field::Plain(value) | Field::Code(value) | Field::Number(value) | Field::NumberValue(value) => {
                push_value(text, name, "", value, level);
            }
            Field::Flag(flag) => push_value(text, name, "", if *flag { "true" } else { "false" }, level),
        }
    }
}

fn push_group(text: &mut String, name: &str, fields: &Fields, level: usize) {
    let indent = INDENT.repeat(level);
    text.push_str(&format!("{indent}<cim:{name}>\n"));
    push_fields(text, fields, level.saturating_add(1));
    text.push_str(&format!("{indent}</cim:{name}>\n"));
}

fn push_value(text: &mut String, name: &str, attribute: &str, value: &str, level: usize) {
    let indent = INDENT.repeat(level);
    text.push_str(&format!("{indent}<cim:{name}{attribute}>{}</cim:{name}>\n", escape(value)));
}
