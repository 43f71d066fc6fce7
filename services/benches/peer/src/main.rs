//! Charging sessions priced here and by the public crate `ocpi-tariffs`: the same cases, in one process, on one core.
//!
//! Each round takes both sides once, the one behind the other, so that whatever else the machine does meets both; the ratio
//! is of a round. What is told is the median of the rounds, with the lowest and the highest.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use domain::price_sheet::PriceSheet;
use domain::session::{self, Session, SessionTerms};
use domain::zone::Zone;
use ocpi_tariffs::{Version, cdr, json, money, price, tariff};
use serde::Deserialize;
use serde_json::value::RawValue;
use services::ocpi::{read_cdr, read_tariffs};

const ROUNDS: usize = 41;
const REPEATS: u32 = 20;

#[derive(Deserialize)]
struct Texts<'a> {
    case: String,
    timezone: String,
    #[serde(borrow)]
    tariff: &'a RawValue,
    #[serde(borrow)]
    cdr: &'a RawValue,
}

/// A case as each side needs it.
struct Case {
    tariff: String,
    cdr: String,
    zone: Zone,
    their_zone: chrono_tz::Tz,
    sheets: Vec<PriceSheet>,
    session: Session,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/ocpi/popular");
    let mut paths: Vec<_> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort_unstable();
    let all: Vec<Case> =
        paths.iter().map(|path| case(&fs::read_to_string(path)?)).collect::<Result<_, Box<dyn Error>>>()?;
    let count = all.len();
    let cases: Vec<Case> = all.into_iter().filter(agree).collect();
    let terms = SessionTerms::default();
    println!("{} of {count} cases, to which both give the same total", cases.len());
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let theirs = micros(&cases, |case| drop(black_box(their_total(case))));
        let ours = micros(&cases, |case| drop(black_box(our_total(case))));
        let priced = micros(&cases, |case| {
            drop(black_box(session::price(black_box(&case.session), &case.sheets, &case.zone, &terms)));
        });
        rounds.push([theirs, ours, priced, theirs / ours]);
    }
    for (place, name) in
        ["ocpi-tariffs 0.54.0, read and price", "Kvarter, read and price", "Kvarter, price alone", "ratio"]
            .into_iter()
            .enumerate()
    {
        let mut figures: Vec<f64> = rounds.iter().map(|round| round[place]).collect();
        figures.sort_by(f64::total_cmp);
        let unit = if name == "ratio" { "" } else { "us" };
        println!(
            "{name:<36} {:>7.2} {unit:<2} ({:.2} to {:.2})",
            figures[ROUNDS / 2],
            figures[0],
            figures[ROUNDS - 1]
        );
    }
    Ok(())
}

fn case(text: &str) -> Result<Case, Box<dyn Error>> {
    let texts: Texts<'_> = serde_json::from_str(text)?;
    let (tariff, cdr) = (texts.tariff.get().to_owned(), texts.cdr.get().to_owned());
    Ok(Case {
        zone: Zone::named(&texts.timezone).ok_or_else(|| format!("{}: no zone", texts.case))?,
        their_zone: texts.timezone.parse()?,
        sheets: read_tariffs(&tariff)?,
        session: read_cdr(&cdr)?,
        tariff,
        cdr,
    })
}

/// Whether both sides come to the same total without tax, to four decimals.
fn agree(case: &Case) -> bool {
    let ours = our_total(case).and_then(|amount| amount.rounded(4, domain::fixed::Rounding::HalfEven));
    let theirs = their_total(case).and_then(|total| domain::fixed::parse(&format!("{total:#}"), 4).ok());
    ours.is_some() && ours == theirs
}

fn our_total(case: &Case) -> Option<domain::amount::Amount> {
    let (sheets, session) = (read_tariffs(&case.tariff).ok()?, read_cdr(&case.cdr).ok()?);
    let priced = session::price(&session, &sheets, &case.zone, &SessionTerms::default()).ok()?;
    Some(priced.total.excluding_vat)
}

fn their_total(case: &Case) -> Option<money::Money> {
    let (cdr, _) = cdr::from_json(json::parse_object(&case.cdr).ok()?, Version::V221).into_parts();
    let (tariff, _) = tariff::from_json(json::parse_object(&case.tariff).ok()?, Version::V221).into_parts();
    let report = cdr::price(&cdr, price::TariffSource::single(tariff), case.their_zone).ok()?;
    let (report, _) = report.into_parts();
    report.total_cost.calculated.map(|total| total.excl_vat)
}

/// Microseconds of a case.
fn micros(cases: &[Case], work: impl Fn(&Case)) -> f64 {
    let start = Instant::now();
    for _ in 0..REPEATS {
        cases.iter().for_each(&work);
    }
    start.elapsed().as_secs_f64() * 1e6 / (f64::from(REPEATS) * cases.len() as f64)
}
