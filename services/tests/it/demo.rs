//! The input of the demo: the same bytes always, in forms that are taken without a remark, and showing what it says.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use domain::day::DayRule;
use domain::document::{DocumentContent, MeasuredSeries};
use domain::series::Quality;
use domain::zone::Zone;
use services::demo::{DemoOptions, InputFile, inputs};
use services::import::{self, Form, MasterData};
use services::market::{ParseOptions, parse};
use sha2::{Digest, Sha256};

fn small() -> Vec<InputFile> {
    inputs(DemoOptions { points: 30, ..DemoOptions::default() }).unwrap()
}

fn rule() -> DayRule {
    DayRule::civil(Zone::named("Europe/Amsterdam").unwrap())
}

/// The measured series of every file, by file.
fn measured(files: &[InputFile]) -> BTreeMap<String, Vec<MeasuredSeries>> {
    let documents = files.iter().filter(|file| file.name.starts_with("measured/"));
    let series = documents.map(|file| {
        let parsed = parse(file.text.as_bytes(), &ParseOptions::new(rule())).unwrap();
        assert!(parsed.warnings.is_empty(), "{}: {:?}", file.name, parsed.warnings);
        let DocumentContent::MeasuredData(series) = parsed.document.content else { panic!("{}", file.name) };
        (file.name.clone(), series)
    });
    series.collect()
}

#[test]
fn the_same_bytes_on_every_machine() {
    let mut hash = Sha256::new();
    for file in small() {
        hash.update(file.name.as_bytes());
        hash.update([0]);
        hash.update(file.text.as_bytes());
    }
    let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, "288fee27daa49017586d4eed054a0e289a83e82962b7d3cb84952d87afbc7a7a");
}

#[test]
fn more_points_leave_the_first_as_they_are() {
    let few = small();
    let more: BTreeMap<String, String> = inputs(DemoOptions { points: 40, ..DemoOptions::default() })
        .unwrap()
        .into_iter()
        .map(|file| (file.name, file.text))
        .collect();
    for file in few.iter().filter(|file| file.name.starts_with("measured/")) {
        assert_eq!(more.get(&file.name), Some(&file.text), "{}", file.name);
    }
}

#[test]
fn every_file_is_taken() {
    let files = small();
    let mut forms = Vec::new();
    for file in files.iter().filter(|file| file.name != "README.md") {
        if import::is_document(file.text.as_bytes()) {
            let parsed = parse(file.text.as_bytes(), &ParseOptions::new(rule())).unwrap();
            assert!(parsed.warnings.is_empty(), "{}: {:?}", file.name, parsed.warnings);
        } else {
            forms.push(import::parse(&file.name, file.text.as_bytes()).unwrap().form());
        }
    }
    // The supplier of the demo has no tokens, and nobody charges a car.
    let is_there = |form: &Form| !matches!(form, Form::Tokens | Form::Cdrs);
    let expected: Vec<Form> = Form::ALL.into_iter().filter(is_there).collect();
    assert_eq!(forms, expected);
}

#[test]
fn the_points_show_what_they_are_for() {
    let files = small();
    let measured = measured(&files);
    let of = |name: &str| measured.get(&format!("measured/{name}")).unwrap();
    let counts = |name: &str| of(name).iter().map(|series| series.series.len()).collect::<Vec<_>>();
    // 20 days of 24 hours and the 25th hour; 20 days; 15 days by the hour and 16 by quarters; a day.
    assert_eq!(counts("871699000000000011.json"), [20 * 24 + 1]);
    assert_eq!(counts("871699000000000028.json"), [20 * 24]);
    assert_eq!(counts("871699000000000035.json"), [15 * 24, 16 * 96 + 4]);
    assert_eq!(counts("871699000000000042.json"), [745]);
    assert_eq!(counts("871699000000000042.restated.json"), [24]);
    let of_quality = |name: &str, quality| {
        of(name).iter().flat_map(|one| one.series.values()).filter(|value| value.quality == quality).count()
    };
    assert_eq!(of_quality("871699000000000059.json", Quality::Missing), 5);
    assert_eq!(of_quality("871699000000000042.json", Quality::Estimated), 24);
}

#[test]
fn the_sun_shines_while_spot_is_negative() {
    let files = small();
    let prices = files.iter().find(|file| file.name == "prices.csv").unwrap();
    let MasterData::Prices(prices) = import::parse(&prices.name, prices.text.as_bytes()).unwrap() else {
        panic!("prices")
    };
    let spot = &prices.first().unwrap().column.prices;
    assert_eq!(spot.len(), 745);
    let measured = measured(&files);
    let production = measured.get("measured/871699000000000073.xml").unwrap();
    let quantities = production.first().unwrap().series.quantities();
    let paid_for = spot
        .iter()
        .zip(quantities)
        .filter(|(price, quantity)| price.is_some_and(|price| price.raw() < 0) && quantity.micros() > 0);
    assert!(paid_for.count() >= 8);
}
