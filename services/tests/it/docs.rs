//! What the documents promise: every reason code stands in `docs/reference/errors.md`, every link leads to a file.

#![expect(clippy::unwrap_used, reason = "a test that can't read the source tree has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Where reasons are named.
const SOURCES: [&str; 3] = ["proto/src/convert", "services/src/grpc", "domain/src/rating"];
/// What is written like a reason there and is none.
const NO_REASONS: [&str; 1] = ["CARGO_PKG_VERSION"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The files below a folder whose names end so.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| if path.is_dir() { files(&path, ending) } else { vec![path] });
    found.filter(|path| path.to_string_lossy().ends_with(ending)).collect()
}

/// The texts of a source that are written as reasons are: capitals and underscores, at least four.
fn reasons(source: &str) -> BTreeSet<&str> {
    let is_reason = |text: &&str| {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        text.len() >= 4
            && text.starts_with(|first: char| first.is_ascii_uppercase())
            && text.split('_').all(is_word)
            && !NO_REASONS.contains(text)
    };
    source.split('"').filter(is_reason).collect()
}

/// The targets of the links of a page, without what leads out of the repository or inside the page.
fn links(page: &str) -> Vec<&str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    files.filter_map(|target| target.split('#').next()).filter(|target| !target.is_empty()).collect()
}

/// What `errors` does not name of the reasons in `source`.
fn undocumented<'a>(source: &'a str, errors: &str) -> Vec<&'a str> {
    reasons(source).into_iter().filter(|reason| !errors.contains(&format!("`{reason}`"))).collect()
}

#[test]
fn every_reason_is_documented() {
    let errors = fs::read_to_string(root().join("docs/reference/errors.md")).unwrap();
    let mut count = 0;
    for file in SOURCES.iter().flat_map(|folder| files(&root().join(folder), ".rs")) {
        let source = fs::read_to_string(&file).unwrap();
        count += reasons(&source).len();
        let lacking = undocumented(&source, &errors);
        assert!(
            lacking.is_empty(),
            "{} names {lacking:?}, docs/reference/errors.md does not",
            file.display()
        );
    }
    assert!(count > 100, "only {count} reasons were found");
}

#[test]
fn every_link_leads_to_a_file() {
    let mut pages = files(&root().join("docs"), ".md");
    pages.extend(
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md"].map(|name| root().join(name)),
    );
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let lost: Vec<&str> =
            links(&text).into_iter().filter(|link| !page.parent().unwrap().join(link).exists()).collect();
        assert!(lost.is_empty(), "{} links to {lost:?}", page.display());
    }
}

#[test]
fn both_checks_can_fail() {
    let source = "refused(\"NOT_LISTED\", \"a text\"), plain(\"LISTED\")";
    assert_eq!(undocumented(source, "`LISTED`"), ["NOT_LISTED"]);
    assert_eq!(links("[a](b.md#c), [d](#e), [f](https://g), [h](../i)"), ["b.md", "../i"]);
}
