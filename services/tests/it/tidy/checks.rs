//! How each rule reads a file.

use super::source::Source;

/// Every crate from the lowest floor up, with the crates of this workspace that it may name.
const MAY_USE: [(&str, &[&str]); 9] = [
    ("domain", &[]),
    ("libfdb", &[]),
    ("storage", &["libfdb"]),
    ("proto", &["domain"]),
    ("cluster", &["storage", "proto"]),
    ("actors", &["domain", "storage", "proto", "cluster"]),
    ("services", &["domain", "storage", "proto", "cluster", "actors"]),
    ("loadtest", &["proto"]),
    ("sim", &["domain", "storage", "proto", "cluster", "actors", "services"]),
];

/// Words that have no business in `domain`.
const IMPURE_WORDS: [&str; 13] = [
    "async",
    "await",
    "serde",
    "serde_json",
    "tokio",
    "HashMap",
    "HashSet",
    "RandomState",
    "SystemTime",
    "rand",
    "unsafe",
    "println",
    "eprintln",
];
/// Parts of the standard library that have none.
const IMPURE_MODULES: [&str; 8] = ["env", "fs", "io", "net", "process", "sync", "thread", "time"];

const EMPTY_NAMES: [&str; 9] =
    ["util", "utils", "common", "helper", "helpers", "manager", "imp", "misc", "shared"];

const BILLING_WORDS: [&str; 21] = [
    "account",
    "bill",
    "billing",
    "charge",
    "consumption",
    "currency",
    "customer",
    "energy",
    "invoice",
    "invoicing",
    "kwh",
    "meter",
    "metering",
    "payer",
    "price",
    "subscription",
    "supplier",
    "tariff",
    "tax",
    "vat",
    "wh",
];

pub(super) fn arrows_that_go_up(source: &Source) -> Vec<String> {
    let folder = folder_of(source);
    let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == folder) else {
        return vec![format!("{folder} has no floor yet")];
    };
    let is_ours = |name: &&str| MAY_USE.iter().any(|(ours, _)| ours == name);
    let used = dependencies(&source.text).into_iter().filter(is_ours);
    used.filter(|name| *name != folder && !allowed.contains(name))
        .map(|name| format!("{folder} uses {name}"))
        .collect()
}

pub(super) fn name_unlike_folder(source: &Source) -> Vec<String> {
    let mut lines = source.text.lines().skip_while(|line| line.trim() != "[package]").skip(1);
    let name = lines.by_ref().take_while(|line| !line.starts_with('[')).find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "name").then(|| value.trim().trim_matches('"'))
    });
    let folder = folder_of(source);
    if name == Some(folder) { Vec::new() } else { vec![format!("folder {folder}, crate {name:?}")] }
}

pub(super) fn floats(source: &Source) -> Vec<String> {
    offending_lines(&source.code, |line| {
        words(line).any(|(_, word)| word.ends_with("f32") || word.ends_with("f64"))
            || words(line).any(|(at, word)| is_float(line, at, word))
    })
}

pub(super) fn impurities(source: &Source) -> Vec<String> {
    offending_lines(&source.code, |line| {
        // Sharing a value is pure; whatever else there is to share by waits.
        let line = &line.replace("std::sync::Arc;", "");
        let is_std = words(line).any(|(_, word)| word == "std");
        words(line).any(|(at, word)| {
            IMPURE_WORDS.contains(&word)
                || (is_std && IMPURE_MODULES.contains(&word))
                || (word == "now" && follows(line, at, word, "("))
        })
    })
}

pub(super) fn too_long(source: &Source) -> Vec<String> {
    let most = if source.path.ends_with("/main.rs") && source.path.contains("/src/") { 130 } else { 500 };
    let lines = source.text.lines().count();
    if lines > most { vec![format!("{lines} lines, {most} at most")] } else { Vec::new() }
}

pub(super) fn empty_names(source: &Source) -> Vec<String> {
    let is_empty = |name: &str| name.split('_').any(|part| EMPTY_NAMES.contains(&part));
    let path = source.path.strip_suffix(".rs").unwrap_or(&source.path);
    let mut offences: Vec<String> =
        path.split('/').filter(|name| is_empty(name)).map(|name| format!("a file named {name}")).collect();
    offences.extend(offending_lines(&source.code, |line| {
        let mut words = words(line).map(|(_, word)| word).skip_while(|word| *word != "mod").skip(1);
        words.next().is_some_and(is_empty)
    }));
    offences
}

pub(super) fn parked_code(source: &Source) -> Vec<String> {
    offending_lines(&source.code, |line| {
        ["todo!", "unimplemented!", "dbg!", "#[ignore"].iter().any(|parked| line.contains(parked))
    })
}

pub(super) fn allowed_lints(source: &Source) -> Vec<String> {
    offending_lines(&source.code, |line| {
        let is_attribute = line.trim_start().starts_with('#');
        is_attribute && words(line).any(|(at, word)| word == "allow" && follows(line, at, word, "("))
    })
}

pub(super) fn unsafe_code(source: &Source) -> Vec<String> {
    offending_lines(&source.code, |line| words(line).any(|(_, word)| word == "unsafe"))
}

pub(super) fn machine_paths(source: &Source) -> Vec<String> {
    let folders = ["/root", "/work", "/home", "/Users"];
    offending_lines(&source.text, |line| {
        folders.iter().flat_map(|folder| line.match_indices(folder)).any(|(at, folder)| {
            let begins = line.get(..at).is_some_and(|before| !before.ends_with(is_part_of_path));
            begins && follows(line, at, folder, "/")
        })
    })
}

pub(super) fn back_doors(source: &Source) -> Vec<String> {
    offending_lines(&source.code, |line| {
        let is_use = line.trim_start().starts_with("use ") || line.contains(" use ");
        words(line).filter(|(_, word)| ["storage", "actors", "cluster"].contains(word)).any(|(at, word)| {
            let is_root = line.get(..at).is_some_and(|before| !before.trim_end().ends_with([':', '.']));
            is_root && (is_use || follows(line, at, word, "::"))
        })
    })
}

pub(super) fn billing_words(source: &Source) -> Vec<String> {
    let knows = |text: &str| {
        words(text).flat_map(|(_, word)| parts(word)).any(|part| {
            let singular = part.strip_suffix('s').unwrap_or(&part);
            BILLING_WORDS.contains(&singular)
        })
    };
    let path = knows(&source.path).then(|| "its path".to_owned());
    let is_comment = |line: &str| line.trim_start().starts_with("//");
    path.into_iter().chain(offending_lines(&source.text, |line| !is_comment(line) && knows(line))).collect()
}

fn folder_of(source: &Source) -> &str {
    source.path.split('/').next().unwrap_or_default()
}

/// Every crate that a manifest depends on, for whatever purpose, also under another name.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            inside = section.ends_with("dependencies");
            names.extend(section.rsplit_once("dependencies.").map(|(_, name)| name));
        } else if inside {
            names.extend(line.split(['.', '=', ' ']).next());
        }
        names.extend(line.split_once("package = \"").and_then(|(_, after)| after.split('"').next()));
    }
    names
}

/// The lines for which it is so, with their numbers.
fn offending_lines(text: &str, offends: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| offends(line));
    lines.map(|(number, line): (usize, &str)| format!("line {number}: {}", line.trim())).collect()
}

/// Identifiers and numbers of a line, each with where it begins.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_between = |character: char| !(character.is_alphanumeric() || character == '_');
    let mut at = 0_usize;
    line.split_inclusive(is_between).filter_map(move |piece| {
        let begins = at;
        at = at.saturating_add(piece.len());
        let word = piece.trim_end_matches(is_between);
        (!word.is_empty()).then_some((begins, word))
    })
}

/// Whether `next` stands right behind the word that begins at `at`.
fn follows(line: &str, at: usize, word: &str, next: &str) -> bool {
    line.get(at.saturating_add(word.len())..).is_some_and(|rest| rest.starts_with(next))
}

/// A number with a point or an exponent; the index of a tuple (`a.0.1`) and the end of a range are none.
fn is_float(line: &str, at: usize, word: &str) -> bool {
    let before = line.get(..at).unwrap_or_default();
    let is_index = before.ends_with('.') && !before.ends_with("..");
    if is_index || !word.starts_with(|first: char| first.is_ascii_digit()) || word.starts_with("0x") {
        return false;
    }
    let after = line.get(at.saturating_add(word.len())..).unwrap_or_default();
    let has_point = after.strip_prefix('.').is_some_and(|rest| {
        !rest.starts_with(|next: char| next == '.' || next == '_' || next.is_alphabetic())
    });
    let has_exponent = word.contains(['e', 'E']) && !word.ends_with("size");
    has_point || has_exponent
}

fn is_part_of_path(character: char) -> bool {
    character.is_alphanumeric() || "_-./}".contains(character)
}

/// `InvoiceRun` and `invoice_run` are both invoice and run.
fn parts(word: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for character in word.chars() {
        if character == '_' || character.is_uppercase() {
            parts.push(String::new());
        }
        if character != '_' {
            parts.last_mut().unwrap().extend(character.to_lowercase());
        }
    }
    parts
}
