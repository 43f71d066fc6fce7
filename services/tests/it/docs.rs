//! What the documents promise: every reason code stands in `docs/reference/errors.md`, every link leads to a file.

#![expect(clippy::unwrap_used, reason = "a test that can't read the source tree has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proto::charging::FundsRefusalReason;

/// Where reasons are named.
const SOURCES: [&str; 3] = ["proto/src/convert", "services/src/grpc", "domain/src/rating"];
/// What is written like a reason in a source and is none.
const NO_REASONS: [&str; 1] = ["CARGO_PKG_VERSION"];
/// What is written like a reason in `errors.md` and is none: codes of gRPC, a stage.
const NO_REASONS_OF_ERRORS: [&str; 6] = [
    "ABORTED",
    "ALREADY_EXISTS",
    "FAILED_PRECONDITION",
    "INVALID_ARGUMENT",
    "PREVIEWED",
    "RESOURCE_EXHAUSTED",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The files below a folder whose names end so.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| if path.is_dir() { files(&path, ending) } else { vec![path] });
    found.filter(|path| path.to_string_lossy().ends_with(ending)).collect()
}

/// The texts between marks that are written as reasons are: capitals and underscores, at least four.
fn reasons(text: &str, mark: char) -> BTreeSet<&str> {
    let is_in_word = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(is_in_word);
    let is_reason = |text: &&str| {
        text.len() >= 4
            && text.starts_with(|first: char| first.is_ascii_uppercase())
            && text.split('_').all(is_word)
    };
    text.split(mark).filter(is_reason).collect()
}

/// The targets of the links of a page, without what leads out of the repository or inside the page.
fn links(page: &str) -> Vec<&str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    files.filter_map(|target| target.split('#').next()).filter(|target| !target.is_empty()).collect()
}

/// What one side names and the other does not.
fn lacking<'a>(named: &BTreeSet<&'a str>, by_others: &BTreeSet<&str>, except: &[&str]) -> Vec<&'a str> {
    named.iter().copied().filter(|reason| !by_others.contains(reason) && !except.contains(reason)).collect()
}

/// Reasons of funds are the names of the protocol.
fn reasons_of_funds() -> impl Iterator<Item = &'static str> {
    let all = (1..).map_while(|number| FundsRefusalReason::try_from(number).ok());
    all.filter_map(|reason| reason.as_str_name().strip_prefix("FUNDS_REFUSAL_REASON_"))
}

#[test]
fn reasons_of_the_code_and_of_its_documents_are_the_same() {
    let errors = fs::read_to_string(root().join("docs/reference/errors.md")).unwrap();
    let documented = reasons(&errors, '`');
    let files = SOURCES.iter().flat_map(|folder| files(&root().join(folder), ".rs"));
    let sources: Vec<String> = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    let mut in_code: BTreeSet<&str> = sources.iter().flat_map(|source| reasons(source, '"')).collect();
    for reason in reasons_of_funds() {
        in_code.insert(reason);
    }
    assert!(in_code.len() > 80, "only {} reasons were found", in_code.len());
    assert_eq!(lacking(&in_code, &documented, &NO_REASONS), [""; 0], "errors.md does not name them");
    assert_eq!(
        lacking(&documented, &in_code, &NO_REASONS_OF_ERRORS),
        [""; 0],
        "errors.md names what is gone"
    );
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
    let in_code = reasons("refused(\"NOT_LISTED\", \"a text\"), plain(\"LISTED\")", '"');
    let documented = reasons("`LISTED`, `GONE`, `kvarter`", '`');
    assert_eq!(lacking(&in_code, &documented, &[]), ["NOT_LISTED"]);
    assert_eq!(lacking(&documented, &in_code, &[]), ["GONE"]);
    assert_eq!(links("[a](b.md#c), [d](#e), [f](https://g), [h](../i)"), ["b.md", "../i"]);
}
