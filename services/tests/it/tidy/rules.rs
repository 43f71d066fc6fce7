//! The rules, one row each, with samples that break them and samples that keep them.

use super::checks;
use super::source::Source;

/// What a rule says about a file: the lines that offend, each with its words.
type Check = fn(&Source) -> Vec<String>;
/// A path and a text.
type Sample = (&'static str, &'static str);

/// One rule.
pub(super) struct Rule {
    /// What must be so.
    pub(super) name: &'static str,
    /// Which paths it is about.
    pub(super) holds_for: fn(&str) -> bool,
    /// What offends.
    check: Check,
    /// Samples that offend.
    pub(super) broken_by: &'static [Sample],
    /// Samples that look like an offence and are none.
    pub(super) kept_by: &'static [Sample],
}

impl Rule {
    /// One line for everything in the file that offends.
    pub(super) fn offences(&self, source: &Source) -> Vec<String> {
        if !(self.holds_for)(&source.path) {
            return Vec::new();
        }
        let offences = (self.check)(source);
        offences.into_iter().map(|offence| format!("{}: {}: {offence}", source.path, self.name)).collect()
    }
}

/// The name of the rule about the command line and the demo.
pub(super) const CLIENTS: &str = "command line and demo reach data through the generated client";

/// Every rule.
pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "an arrow between crates goes down",
        holds_for: is_crate_manifest,
        check: checks::arrows_that_go_up,
        broken_by: &[
            ("domain/Cargo.toml", "[dependencies]\nstorage.workspace = true"),
            ("storage/Cargo.toml", "[dependencies]\ndomain = { path = \"../domain\" }"),
            ("cluster/Cargo.toml", "[dev-dependencies.domain]\npath = \"../domain\""),
            ("proto/Cargo.toml", "[target.'cfg(unix)'.dependencies]\nother = { package = \"actors\" }"),
            ("loadtest/Cargo.toml", "[build-dependencies]\nservices = { workspace = true }"),
            ("elsewhere/Cargo.toml", "[package]\nname = \"elsewhere\""),
        ],
        kept_by: &[
            ("proto/Cargo.toml", "[package]\nname = \"proto\"\n[dependencies]\ndomain.workspace = true"),
            ("actors/Cargo.toml", "[dependencies]\ncluster.workspace = true\nstorage = { workspace = true }"),
            ("domain/Cargo.toml", "[features]\nstorage = []\n[dependencies]\njiff.workspace = true"),
        ],
    },
    Rule {
        name: "a crate is named as its folder",
        holds_for: is_crate_manifest,
        check: checks::name_unlike_folder,
        broken_by: &[("domain/Cargo.toml", "[package]\nname = \"kvarter-domain\"\n[lib]\nname = \"domain\"")],
        kept_by: &[("domain/Cargo.toml", "[package]\nname = \"domain\"\n[[bin]]\nname = \"other\"")],
    },
    Rule {
        name: "domain has no floats",
        holds_for: is_domain,
        check: checks::floats,
        broken_by: &[
            ("domain/src/a.rs", "fn a(b: f64) {}"),
            ("domain/src/a.rs", "let a = 1 as f32;"),
            ("domain/src/a.rs", "let a = 0.5;"),
            ("domain/src/a.rs", "let a = 1e6;"),
            ("domain/src/a.rs", "let a = 1_f64;"),
            ("domain/src/a.rs", "let a = 2.;"),
        ],
        kept_by: &[
            ("domain/src/a.rs", "let a = self.0.1; // 0.5 f64"),
            ("domain/src/a.rs", "(0..24).contains(&1.max(0xE1)); [1u64; 2..3]; \"1.5\""),
        ],
    },
    Rule {
        name: "domain has no clock, no chance, no waiting, no input or output, no order by chance",
        holds_for: is_domain,
        check: checks::impurities,
        broken_by: &[
            ("domain/src/a.rs", "async fn a() {}"),
            ("domain/src/a.rs", "let now = jiff::Timestamp::now();"),
            ("domain/src/a.rs", "use std::collections::HashMap;"),
            ("domain/src/a.rs", "use std::{fmt, fs};"),
            ("domain/src/a.rs", "use std::sync::Mutex;"),
            ("domain/src/a.rs", "use std::sync::{Arc, Mutex};"),
            ("domain/src/a.rs", "#[derive(serde::Serialize)]"),
            ("domain/src/a.rs", "println!(\"{a}\");"),
        ],
        kept_by: &[(
            "domain/src/a.rs",
            "use std::collections::BTreeMap; // never a HashMap\nuse std::sync::Arc;\nlet net = now.io;",
        )],
    },
    Rule {
        name: "a file of code has at most 500 lines, a main at most 130",
        holds_for: is_rust,
        check: checks::too_long,
        broken_by: &[("services/src/main.rs", include_str!("rules.rs"))],
        kept_by: &[("services/src/other.rs", include_str!("rules.rs"))],
    },
    Rule {
        name: "files and modules are named for what they hold",
        holds_for: is_rust,
        check: checks::empty_names,
        broken_by: &[
            ("domain/src/utils.rs", ""),
            ("actors/src/common/shard.rs", ""),
            ("domain/src/price_helpers.rs", ""),
            ("domain/src/a.rs", "pub(crate) mod misc {}"),
        ],
        kept_by: &[("domain/src/import.rs", "let manager = common; mod imported;")],
    },
    Rule {
        name: "no parked code",
        holds_for: is_rust,
        check: checks::parked_code,
        broken_by: &[
            ("domain/src/a.rs", "todo!()"),
            ("domain/src/a.rs", "std::unimplemented!(\"later\")"),
            ("domain/src/a.rs", "#[test]\n#[ignore = \"slow\"]"),
            ("domain/src/a.rs", "dbg!(a);"),
        ],
        kept_by: &[("domain/src/a.rs", "// todo!()\nfn ignore(todo: bool) -> bool { !todo }")],
    },
    Rule {
        name: "a lint is expected with a reason, never allowed",
        holds_for: is_rust,
        check: checks::allowed_lints,
        broken_by: &[
            ("domain/src/a.rs", "#[allow(dead_code)]"),
            ("domain/src/a.rs", "#![allow(clippy::unwrap_used, reason = \"tests\")]"),
            ("domain/src/a.rs", "#[cfg_attr(test, allow(dead_code))]"),
        ],
        kept_by: &[("domain/src/a.rs", "#[expect(dead_code, reason = \"none\")]\nfn allow(a: bool) {}")],
    },
    Rule {
        name: "unsafe code is in libfdb alone",
        holds_for: |path| is_rust(path) && !path.starts_with("libfdb/src/"),
        check: checks::unsafe_code,
        broken_by: &[
            ("storage/src/a.rs", "unsafe { f() }"),
            ("services/src/a.rs", "#[unsafe(no_mangle)]"),
            ("libfdb/tests/it/a.rs", "unsafe fn a() {}"),
        ],
        kept_by: &[
            ("storage/src/a.rs", "// unsafe\nlet unsafe_code = \"unsafe\";"),
            ("libfdb/src/a.rs", "unsafe { f() }"),
        ],
    },
    Rule {
        name: "no path of one machine",
        holds_for: is_any,
        check: checks::machine_paths,
        broken_by: &[
            ("docs/a.md", concat!("see /", "root/notes")),
            ("docs/a.md", concat!("(/", "work/data)")),
            ("Cargo.toml", concat!("path = \"/", "home/me\"")),
        ],
        kept_by: &[("docs/a.md", "a/root/b, /tmp/kvarter, work/, network/")],
    },
    Rule {
        name: CLIENTS,
        holds_for: is_client,
        check: checks::back_doors,
        broken_by: &[
            ("services/src/demo/load.rs", "use storage::Store;"),
            ("services/src/cli.rs", "let a = actors::Shard::new();"),
            ("services/src/cli/node.rs", "use {cluster as c, proto};"),
        ],
        kept_by: &[(
            "services/src/cli/node.rs",
            "use crate::node::storage::path;\nlet storage = a.cluster();",
        )],
    },
    Rule {
        name: "storage and cluster know no billing word",
        holds_for: is_below_billing,
        check: checks::billing_words,
        broken_by: &[
            ("storage/src/a.rs", "struct InvoiceRun;"),
            ("cluster/src/a.rs", "let key = \"e/account/1\";"),
            ("storage/src/a.rs", "fn energy_wh() {}"),
            ("storage/src/tariffs.rs", ""),
        ],
        kept_by: &[("storage/src/a.rs", "//! Knows no invoice.\n/// No price.\nlet billet = discharged;")],
    },
];

fn is_any(_path: &str) -> bool {
    true
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

fn is_domain(path: &str) -> bool {
    is_rust(path) && path.starts_with("domain/src/")
}

fn is_crate_manifest(path: &str) -> bool {
    path.strip_suffix("/Cargo.toml").is_some_and(|folder| !folder.contains('/'))
}

fn is_client(path: &str) -> bool {
    let is_of = |noun: &str| {
        let rest = path.strip_prefix("services/src/").and_then(|path| path.strip_prefix(noun));
        rest.is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
    };
    is_of("cli") || is_of("demo")
}

fn is_below_billing(path: &str) -> bool {
    is_rust(path) && (path.starts_with("storage/") || path.starts_with("cluster/"))
}
