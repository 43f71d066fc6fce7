//! As much of JSON Schema as the schemas of the reference use; a keyword that is not read here is an offence.

use serde_json::Value;

/// Where the value does not keep to the schema.
pub(crate) fn offences(schema: &Value, value: &Value) -> Vec<String> {
    let mut offences = Vec::new();
    visit(schema, schema, value, "$", &mut offences);
    offences
}

fn visit(root: &Value, schema: &Value, value: &Value, at: &str, offences: &mut Vec<String>) {
    for (keyword, rule) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "additionalProperties" => {}
            "$ref" => {
                let path = rule.as_str().unwrap().strip_prefix('#').unwrap();
                visit(root, root.pointer(path).unwrap(), value, at, offences);
            }
            "type" if !has_type(rule, value) => offences.push(format!("{at} is no {rule}: {value}")),
            "const" if rule != value => offences.push(format!("{at} is not {rule}: {value}")),
            "enum" if !rule.as_array().unwrap().contains(value) => {
                offences.push(format!("{at} is none of {rule}: {value}"));
            }
            "pattern" if !matches(rule.as_str().unwrap(), value) => {
                offences.push(format!("{at} does not match {rule}: {value}"));
            }
            "minItems"
                if value.as_array().is_some_and(|items| (items.len() as u64) < rule.as_u64().unwrap()) =>
            {
                offences.push(format!("{at} has too few items"));
            }
            "type" | "const" | "enum" | "pattern" | "minItems" => {}
            "required" => {
                let wanted = rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                let missing = wanted.filter(|name| value.is_object() && value.get(name).is_none());
                offences.extend(missing.map(|name| format!("{at} lacks {name}")));
            }
            "properties" => {
                for (name, field) in value.as_object().into_iter().flatten() {
                    match rule.get(name) {
                        Some(rule) => visit(root, rule, field, &format!("{at}.{name}"), offences),
                        None => offences.push(format!("{at} has the unknown field {name}")),
                    }
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    visit(root, rule, item, &format!("{at}[{index}]"), offences);
                }
            }
            "allOf" => {
                for rule in rule.as_array().unwrap() {
                    visit(root, rule, value, at, offences);
                }
            }
            "oneOf" => {
                let keeps = |rule: &&Value| {
                    let mut offences = Vec::new();
                    visit(root, rule, value, at, &mut offences);
                    offences.is_empty()
                };
                let kept = rule.as_array().unwrap().iter().filter(keeps).count();
                if kept != 1 {
                    offences.push(format!("{at} keeps to {kept} of {rule}, not to one"));
                }
            }
            other => offences.push(format!("{at}: the keyword {other} is not read here")),
        }
    }
}

fn has_type(rule: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap() {
        "string" => value.is_string(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    };
    rule.as_array().map_or_else(|| is(rule), |names| names.iter().any(is))
}

/// The patterns of the schema, read by hand; anything else does not match. Null has no pattern.
fn matches(pattern: &str, value: &Value) -> bool {
    let Some(text) = value.as_str() else { return value.is_null() };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let number = |text: &str| match text.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text),
    };
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match pattern {
        "^-?[0-9]+(\\.[0-9]+)?$" => number(unsigned),
        "^-?[0-9]+(\\.[0-9]+|/[0-9]+)?$" => {
            number(unsigned)
                || unsigned.split_once('/').is_some_and(|(one, other)| digits(one) && digits(other))
        }
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" => domain::day::Day::parse(text).is_some(),
        "^[0-9]{4}-[0-9]{2}$" => domain::day::Month::parse(text).is_some(),
        "^[0-9]{2}:[0-9]{2}$" => text.split_once(':').is_some_and(|(hours, minutes)| {
            digits(hours) && digits(minutes) && (hours.len(), minutes.len()) == (2, 2)
        }),
        "^[0-9]{18}$" => domain::identity::MeteringPointId::parse(text).is_some(),
        _ => false,
    }
}
