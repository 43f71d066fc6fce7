//! The files of the source tree.

use std::fs;
use std::path::Path;

use super::source::Source;

/// What is built, fetched or written by a run, and so no part of the source.
const NOT_SOURCE: [&str; 4] = ["target", "node_modules", "kvarter-demo", ".git"];

/// Every text file of the workspace, by its path from the root, in order of paths.
pub(super) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut sources = Vec::new();
    collect(root, "", &mut sources);
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

fn collect(root: &Path, folder: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if entry.file_type().unwrap().is_dir() {
            if !NOT_SOURCE.contains(&name.as_str()) {
                collect(root, &path, sources);
            }
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            sources.push(Source::new(&path, &text));
        }
    }
}
