//! Files as they are given: read, told apart, checked and put in order.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::import::{self, MasterData};
use crate::usage;

/// What names end with that are taken from folders.
const EXTENSIONS: [&str; 4] = ["csv", "json", "ndjson", "xml"];

/// Files that are imported together.
pub(in crate::cli) struct Batch {
    /// Master data with the names of their files, in the order in which they need one another.
    pub(super) tables: Vec<(String, MasterData)>,
    /// Market documents with the names of their files, in the order given.
    pub(super) documents: Vec<(String, Vec<u8>)>,
}

impl Batch {
    /// Reads files and folders of files.
    pub(in crate::cli) fn read(paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for path in paths {
            if path.is_dir() {
                below(path, &mut files)?;
            } else {
                files.push(path.clone());
            }
        }
        if files.is_empty() {
            return Err(Failure::Usage("the folder has no .csv, .json, .ndjson or .xml file".to_owned()));
        }
        let mut read = Vec::with_capacity(files.len());
        for path in files {
            let bytes = fs::read(&path).map_err(Failure::file(&path))?;
            read.push((path.display().to_string(), bytes));
        }
        Self::of(read)
    }

    /// Tells files apart and checks those of master data.
    pub(in crate::cli) fn of(files: Vec<(String, Vec<u8>)>) -> Result<Self, Failure> {
        let mut batch = Self { tables: Vec::new(), documents: Vec::new() };
        for (name, bytes) in files {
            if name.ends_with(".ndjson") {
                let cdrs = import::ndjson(&bytes).map_err(|line| {
                    Failure::Usage(format!(
                        "{name}: line {line} is no JSON object; nothing of the file was sent"
                    ))
                })?;
                batch.tables.push((name, MasterData::Cdrs(cdrs)));
            } else if import::is_product(&bytes) {
                let product = str::from_utf8(&bytes).map_err(|error| error.to_string());
                let product =
                    product.and_then(|text| usage::read_product(text).map_err(|error| error.to_string()));
                let wrong = |error| Failure::Usage(format!("{name}: {error}; nothing of the file was sent"));
                batch.tables.push((name.clone(), MasterData::Products(vec![product.map_err(wrong)?])));
            } else if import::is_document(&bytes) {
                batch.documents.push((name, bytes));
            } else {
                let data = import::parse(&name, &bytes)?;
                batch.tables.push((name, data));
            }
        }
        batch.tables.sort_by_key(|(_, data)| data.form());
        Ok(batch)
    }
}

/// The files below a folder, in order of their paths.
fn below(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(Failure::file(folder))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(Failure::file(folder))?.path());
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            below(&path, files)?;
        } else if path.extension().is_some_and(|found| EXTENSIONS.iter().any(|known| found == *known)) {
            files.push(path);
        }
    }
    Ok(())
}
