//! What the compiler can't see: the direction of crates, words and tokens that don't belong somewhere, the size of files.
//!
//! Every rule is a row of [`rules::RULES`] and brings a sample that breaks it, so that no rule can pass by looking at
//! nothing.

#![expect(clippy::unwrap_used, reason = "a test that can't read the source tree has failed")]

mod checks;
mod rules;
mod source;
mod tree;

use rules::RULES;
use source::Source;

#[test]
fn the_source_tree_is_tidy() {
    let sources = tree::sources();
    let offences: Vec<String> =
        RULES.iter().flat_map(|rule| sources.iter().flat_map(|source| rule.offences(source))).collect();
    assert!(offences.is_empty(), "\n{}\n", offences.join("\n"));
}

#[test]
fn every_rule_finds_what_breaks_it() {
    for rule in RULES {
        for (path, text) in rule.broken_by {
            let offences = rule.offences(&Source::new(path, text));
            assert!(!offences.is_empty(), "{}: {path} passes:\n{text}", rule.name);
        }
    }
}

#[test]
fn every_rule_leaves_the_rest_alone() {
    for rule in RULES {
        for (path, text) in rule.kept_by {
            let offences = rule.offences(&Source::new(path, text));
            assert!(offences.is_empty(), "{}", offences.join("\n"));
        }
    }
}

#[test]
fn every_rule_has_files_to_look_at() {
    let sources = tree::sources();
    let idle = |rule: &&rules::Rule| !sources.iter().any(|source| (rule.holds_for)(&source.path));
    let idle: Vec<&str> = RULES.iter().filter(idle).map(|rule| rule.name).collect();
    assert!(idle.is_empty(), "rules that look at no file: {idle:?}");
}

#[test]
fn code_is_told_from_comments_and_text() {
    let cases = [
        ("let a = 1; // f64", "let a = 1;       "),
        ("/* f64 /* f32 */ f64 */ b", "                        b"),
        ("call(\"f64\", 'f')", "call(     ,    )"),
        ("r#\"a \" f64\"# + br\"x\"", "             +      "),
        ("&'a str, '\\'', '\\u{41}'", "&'a str,     ,         "),
        ("\"a\\\" f64\" b", "          b"),
        ("r#type for_r\"x\"", "r#type for_r   "),
        ("\"one\ntwo\" c", "    \n     c"),
    ];
    for (text, expected) in cases {
        assert_eq!(source::code_only(text), expected, "{text}");
    }
}
