//! The page of charge models does what it says: its commands are given to one shell, its output is compared, and every
//! file they make keeps to its schema. Other pages are run the same way.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::schemas::{reference, schema};
use crate::render::schema::offences;

/// What the shell says between two blocks.
const END: &str = "the block is done";
/// Keeps every file that is priced, and what it comes to, under the number of the command.
const KEEP: &str = r#"
echo 0 > made
kvarter() {
  local made=$(($(cat made) + 1))
  echo $made > made
  cp product.json "product-$made.json"
  cp usage.json "usage-$made.json"
  "$KVARTER" rate usage --product product.json --usage usage.json > "rated-usage-$made.json"
  "$KVARTER" "$@"
}
"#;

/// Commands, each with the lines that the page shows for them.
fn blocks(page: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for block in page.split("\n```").skip(1) {
        if let Some(commands) = block.strip_prefix("sh\n") {
            found.push((commands.to_owned(), Vec::new()));
        } else if let (Some(shown), Some(last)) = (block.strip_prefix("text\n"), found.last_mut()) {
            last.1.extend(shown.lines().map(plain));
        }
    }
    found
}

/// A line with single blanks.
fn plain(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn run(folder: &Path, prelude: &str, blocks: &[(String, Vec<String>)]) -> String {
    let commands = blocks.iter().map(|(commands, _)| format!("{commands}\necho '{END}'\n"));
    let script: String = std::iter::once(prelude.to_owned()).chain(commands).collect();
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", &script]).current_dir(folder);
    let output = shell.env("KVARTER", env!("CARGO_BIN_EXE_kvarter")).env("NO_COLOR", "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Gives the commands of a page of the reference to one shell, behind a prelude, and finds the lines that the page shows in
/// what they print. The folder holds the files that they made.
pub(crate) fn check_page(name: &str, prelude: &str, least_blocks: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let blocks = blocks(&reference(name));
    assert!(blocks.len() >= least_blocks, "only {} blocks", blocks.len());
    let printed = run(folder.path(), prelude, &blocks);
    for ((commands, shown), printed) in blocks.iter().zip(printed.split(END)) {
        let mut printed = printed.lines().map(plain);
        for line in shown {
            assert!(printed.any(|found| found == *line), "{commands}\ndoes not print\n{line}");
        }
    }
    folder
}

#[test]
fn every_example_of_the_page_comes_to_what_it_shows() {
    check_files(check_page("charge-models.md", KEEP, 12).path());
}

fn check_files(folder: &Path) {
    let mut models = String::new();
    for form in ["product", "usage", "rated-usage"] {
        let schema = schema(form);
        let mut count = 0;
        for number in 1.. {
            let Ok(text) = fs::read_to_string(folder.join(format!("{form}-{number}.json"))) else { break };
            let value: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(offences(&schema, &value), [""; 0], "{text}");
            models.push_str(&text);
            count = number;
        }
        assert!(count >= 18, "{count} files of {form}");
    }
    let names = "monthly graduated volume packages percentage graduated_percentage dynamic capacity \
                 CHARGE_MODEL_PER_UNIT";
    for name in names.split_whitespace() {
        assert!(models.contains(&format!("\"{name}\"")), "no example of {name}");
    }
}
