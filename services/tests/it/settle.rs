//! `kvarter settle` against the market's scenarios and its own, and against input that is wrong.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't use its own data has failed"
)]

mod differences;
mod errors;
mod notices;
mod output;
mod scenarios;

use std::fs;
use std::path::{Path, PathBuf};

use services::settle::{Report, SettleArguments, SettleError, run};
use tempfile::TempDir;

/// A folder of the tests' data.
fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)
}

/// The arguments that compare a scenario's results with the expected ones.
fn comparing(scenario: &Path) -> SettleArguments {
    SettleArguments {
        input: scenario.join("when"),
        output: None,
        compare: Some(scenario.join("then")),
        zone: "Europe/Copenhagen".to_owned(),
    }
}

/// A copy of a scenario that a test may change.
struct Copy {
    folder: TempDir,
}

impl Copy {
    fn of(scenario: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(&data(scenario), folder.path());
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Replaces the first occurrence of a text in a file; the text must be there.
    fn replace(&self, file: &str, text: &str, instead: &str) {
        let path = self.path().join(file);
        let content = fs::read_to_string(&path).unwrap();
        assert!(content.contains(text), "{file} has no {text}");
        fs::write(&path, content.replacen(text, instead, 1)).unwrap();
    }

    fn compare(&self) -> Result<Report, SettleError> {
        run(&comparing(self.path()))
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let from = entry.unwrap().path();
        let to = to.join(from.file_name().unwrap());
        if from.is_dir() {
            copy_folder(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}
