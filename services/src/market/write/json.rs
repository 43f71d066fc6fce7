//! Fields to JSON, in the order of the samples: `mRID`, the attributes by name, then the groups.

use super::{Field, Fields};
use crate::market::profile::Profile;

const INDENT: &str = "  ";

pub(super) fn text(profile: &Profile, fields: &Fields) -> String {
    let mut text = "{\n".to_owned();
    push_indent(&mut text, 1);
    text.push_str(&format!("\"{}_MarketDocument\": ", profile.root));
    push_object(&mut text, fields, 1);
    text.push_str("\n}\n");
    text
}

fn push_object(text: &mut String, fields: &Fields, level: usize) {
    let mut ordered: Vec<&(&'static str, Field)> = fields.iter().collect();
    ordered.sort_by_key(|(name, _)| rank(name));
    let inner = level.saturating_add(1);
    push_list(text, ('{', '}'), level, ordered, |text, (name, field)| {
        text.push_str(&format!("\"{name}\": "));
        push_field(text, field, inner);
    });
}

/// Where a name stands: ids first, groups last, a start before its end.
fn rank(name: &'static str) -> (u8, &'static str) {
    match name {
        "mRID" => (0, name),
        "start" => (1, name),
        "end" => (2, name),
        _ if name.starts_with(|letter: char| letter.is_ascii_uppercase()) && name != "VATPayer" => (4, name),
        _ => (3, name),
    }
}

fn push_field(text: &mut String, field: &Field, level: usize) {
    let inner = level.saturating_add(1);
    match field {
        Field::Plain(value) => text.push_str(&quoted(value)),
        Field::Number(value) => text.push_str(value),
        Field::Flag(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Field::Code(code) => push_members(text, level, vec![("value", quoted(code))]),
        Field::NumberValue(number) => push_members(text, level, vec![("value", number.clone())]),
        Field::Id { scheme, id } => {
            push_members(text, level, vec![("codingScheme", quoted(scheme)), ("value", quoted(id))]);
        }
        Field::Group(fields) => push_object(text, fields, level),
        Field::Groups(groups) => {
            push_list(text, ('[', ']'), level, groups.iter().collect(), |text, fields| {
                push_object(text, fields, inner);
            })
        }
    }
}

fn push_members(text: &mut String, level: usize, members: Vec<(&str, String)>) {
    push_list(text, ('{', '}'), level, members, |text, (name, value)| {
        text.push_str(&format!("\"{name}\": {value}"));
    });
}

fn push_list<T>(
    text: &mut String,
    (opening, closing): (char, char),
    level: usize,
    items: Vec<T>,
    push: impl Fn(&mut String, T),
) {
    text.push(opening);
    let is_empty = items.is_empty();
    for (index, item) in items.into_iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        push_indent(text, level.saturating_add(1));
        push(text, item);
    }
    if !is_empty {
        text.push('\n');
        push_indent(text, level);
    }
    text.push(closing);
}

fn push_indent(text: &mut String, level: usize) {
    (0..level).for_each(|_| text.push_str(INDENT));
}

/// A string in quotation marks; letters of any script stay as they are.
fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len().saturating_add(2));
    text.push('"');
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            control if control.is_control() => text.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => text.push(other),
        }
    }
    text.push('"');
    text
}
