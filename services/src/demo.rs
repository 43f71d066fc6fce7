//! The demo: a month of an invented supplier, from documents to invoices.
//!
//! Here its input is made: CSVs of master data, and market documents of charges, prices, links and measured data. The
//! same seed gives the same bytes on every machine. Profiles and spot prices are real (`services/data/README.md`); the
//! rest is invented and says so. What the demo does with its input it does through the generated client.

mod cast;
mod charges;
mod measured;
mod people;
mod profiles;
mod readme;
mod tables;
mod terms;

use std::fs;
use std::io;
use std::path::Path;

use domain::day::{Day, Month};
use domain::identity::MeteringPointId;

use crate::market::{self, Form, WriteError};
use cast::{Cast, Part};
use profiles::Profiles;

/// How much of the demo is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoOptions {
    /// How many metering points; never fewer than those that show something.
    pub points: u64,
    /// What all chance comes from.
    pub seed: u64,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self { points: 300, seed: 2024 }
    }
}

/// One file of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Its path inside the folder of inputs, with `/`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A metering point of the demo that shows something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Highlight {
    /// Its id.
    pub metering_point: MeteringPointId,
    /// Who pays.
    pub accounts: Vec<String>,
    /// What it shows, in a few words.
    pub shows: &'static str,
}

/// The name of the tenant whose data the demo's are.
pub const TENANT: &str = "example";

/// The month that the demo bills.
#[must_use]
pub fn month() -> Month {
    terms::october()
}

/// The date on the demo's invoices.
#[must_use]
pub fn issue_date() -> Day {
    terms::day(2024, 11, 5)
}

/// The metering points that show something, in order.
#[must_use]
pub fn highlights(options: DemoOptions) -> Vec<Highlight> {
    let cast = Cast::new(options.seed, options.points);
    let shows = cast.points.into_iter().filter(|point| point.part != Part::Ordinary);
    let highlights = shows.map(|point| Highlight {
        metering_point: point.id,
        accounts: point.payers.into_iter().map(|(account, _)| account).collect(),
        shows: point.part.shows(),
    });
    highlights.collect()
}

/// Makes the input, in the order of import. The first file is a description and is not imported.
///
/// # Errors
/// [`WriteError`] where a document can't be written.
pub fn inputs(options: DemoOptions) -> Result<Vec<InputFile>, WriteError> {
    let cast = Cast::new(options.seed, options.points);
    let mut files = vec![InputFile { name: "README.md".to_owned(), text: readme::text(&cast, options) }];
    files.extend(tables::tables(&cast).into_iter().map(|(name, text)| InputFile { name, text }));
    let rule = terms::rule();
    for (name, document) in charges::documents(&cast) {
        files.push(InputFile { name, text: market::write(&document, Form::CimXml, &rule)? });
    }
    let profiles = Profiles::october();
    for point in &cast.points {
        for measured in measured::documents(point, options.seed, &profiles) {
            let text = market::write(&measured.document, measured.form, &rule)?;
            files.push(InputFile { name: measured.name, text });
        }
    }
    Ok(files)
}

/// Writes the input below a folder, which is made where it lacks.
///
/// # Errors
/// What the file system says.
pub fn write_inputs(folder: &Path, files: &[InputFile]) -> io::Result<()> {
    for file in files {
        let path = file.name.split('/').fold(folder.to_owned(), |path, part| path.join(part));
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, &file.text)?;
    }
    Ok(())
}
