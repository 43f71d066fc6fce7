//! `calculation_arguments.yml`: what is to be computed.
//!
//! The file is a list of one mapping with plain values, the least of YAML: `- key: value` lines, quotes of either
//! kind, a list of grid areas in brackets or one per line, comments. Keys come with hyphens or underscores and in
//! older and newer names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::day::DayRule;
use domain::instant::{Instant, Period};
use domain::settlement::{Arguments, GridArea, Scope};
use domain::zone::Zone;

use super::csv_file::{INSTANT, parse_instant};
use super::error::SettleError;

const FILE: &str = "calculation_arguments.yml";
/// The scenarios' change from hours to quarters, where their arguments name none: 2023-01-31T23:00Z.
const QUARTERLY_FROM_SECONDS: i64 = 1_675_206_000;
const ENERGY_TYPES: [&str; 2] = ["balance_fixing", "aggregation"];
const CHARGE_TYPES: [&str; 4] = [
    "wholesale_fixing",
    "first_correction_settlement",
    "second_correction_settlement",
    "third_correction_settlement",
];

/// The arguments of a scenario.
#[derive(Clone, Debug)]
pub(super) struct CalculationArguments {
    /// What the settlement is told.
    pub(super) settlement: Arguments,
    /// The id of the calculation, possibly empty.
    pub(super) calculation_id: String,
    /// The type of the calculation, such as `wholesale_fixing`.
    pub(super) calculation_type: String,
    /// When it was started, in the words of the file; it shows in results.
    pub(super) started: Option<Instant>,
}

/// A value and the line it stands in.
#[derive(Clone, Debug)]
struct Entry {
    line: u64,
    values: Vec<String>,
}

struct Entries {
    path: PathBuf,
    by_key: BTreeMap<String, Entry>,
}

/// Reads the arguments of the scenario in this folder.
pub(super) fn read(folder: &Path, zone: &str) -> Result<CalculationArguments, SettleError> {
    let zone = Zone::named(zone).ok_or_else(|| SettleError::UnknownZone { zone: zone.to_owned() })?;
    let path = folder.join(FILE);
    let text = fs::read_to_string(&path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => SettleError::MissingFile { path: path.clone() },
        _ => SettleError::Io { path: path.clone(), source },
    })?;
    let entries = Entries { by_key: parse(&path, &text)?, path };
    entries.arguments(zone)
}

impl Entries {
    fn arguments(&self, zone: Zone) -> Result<CalculationArguments, SettleError> {
        let (calculation_type, scope) = self.calculation_type()?;
        let start = self.instant(&["period_start", "period_start_datetime"])?;
        let end_keys = ["period_end", "period_end_datetime"];
        let end = self.instant(&end_keys)?;
        let (end_entry, _) = self.one(&end_keys)?;
        let period = Period::new(start, end)
            .ok_or_else(|| self.wrong("period_end", end_entry, "an instant after the period's start"))?;
        let quarterly_from = match self.find(&["quarterly_resolution_transition_datetime"]) {
            Some(_) => Some(self.instant(&["quarterly_resolution_transition_datetime"])?),
            None => Instant::from_seconds(QUARTERLY_FROM_SECONDS),
        };
        let areas = self.find(&["grid_areas", "grid_area"]);
        let areas = areas.ok_or_else(|| self.missing("grid_areas"))?;
        let grid_areas = areas.values.iter().map(|area| GridArea::new(area)).collect::<Option<_>>();
        let started_keys = ["calculation_execution_time_start", "execution_time_start"];
        let started = self.find(&started_keys).map(|_| self.instant(&started_keys)).transpose()?;
        let calculation_id = self.find(&["calculation_id"]).and_then(|entry| entry.values.first());
        Ok(CalculationArguments {
            settlement: Arguments {
                grid_areas: grid_areas.ok_or_else(|| {
                    self.wrong("grid_areas", areas, "a list of grid areas such as [\"800\"]")
                })?,
                period,
                day_rule: DayRule::civil(zone),
                quarterly_from: quarterly_from.unwrap_or(Instant::MIN),
                scope,
            },
            calculation_id: calculation_id.cloned().unwrap_or_default(),
            calculation_type: calculation_type.to_owned(),
            started,
        })
    }

    /// The type in its present spelling; older files write `WholesaleFixing`.
    fn calculation_type(&self) -> Result<(&'static str, Scope), SettleError> {
        let (entry, given) = self.one(&["calculation_type"])?;
        let plain = |word: &str| word.replace('_', "").to_lowercase();
        let energy = ENERGY_TYPES.map(|word| (word, Scope::Energy));
        let charges = CHARGE_TYPES.map(|word| (word, Scope::EnergyAndCharges));
        let known = energy.into_iter().chain(charges).find(|(word, _)| plain(word) == plain(given));
        known.ok_or_else(|| {
            let expected = format!("one of {}, {}", CHARGE_TYPES.join(", "), ENERGY_TYPES.join(", "));
            self.wrong("calculation_type", entry, &expected)
        })
    }

    fn find(&self, keys: &[&str]) -> Option<&Entry> {
        keys.iter().find_map(|key| self.by_key.get(*key))
    }

    /// The one value of the first of the keys that is there.
    fn one(&self, keys: &[&'static str]) -> Result<(&Entry, &str), SettleError> {
        let name = keys.first().copied().unwrap_or_default();
        let entry = self.find(keys).ok_or_else(|| self.missing(name))?;
        match entry.values.as_slice() {
            [value] if !value.is_empty() => Ok((entry, value)),
            _ => Err(self.wrong(name, entry, "one value")),
        }
    }

    fn instant(&self, keys: &[&'static str]) -> Result<Instant, SettleError> {
        let (entry, value) = self.one(keys)?;
        let name = keys.first().copied().unwrap_or_default();
        parse_instant(value).ok_or_else(|| self.wrong(name, entry, INSTANT))
    }

    fn missing(&self, key: &'static str) -> SettleError {
        SettleError::MissingArgument { path: self.path.clone(), key }
    }

    fn wrong(&self, key: &str, entry: &Entry, expected: &str) -> SettleError {
        SettleError::WrongValue {
            path: self.path.clone(),
            line: entry.line,
            column: key.to_owned(),
            found: entry.values.join(", "),
            expected: expected.to_owned(),
        }
    }
}

/// Reads the lines into entries by key, hyphens as underscores.
fn parse(path: &Path, text: &str) -> Result<BTreeMap<String, Entry>, SettleError> {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    let mut last = None;
    for (line, text) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let content = without_comment(text).trim();
        if content.is_empty() || content == "---" || content == "-" {
            continue;
        }
        let item = content.strip_prefix("- ").map(str::trim);
        let pair = item.unwrap_or(content).split_once(':');
        match (pair, item, last.as_ref().and_then(|key| entries.get_mut(key))) {
            (Some((key, value)), _, _) => {
                let key = unquoted(key).replace('-', "_");
                if entries.contains_key(&key) {
                    let reason =
                        format!("{key} is given twice; a file holds the arguments of one calculation");
                    return Err(SettleError::Malformed { path: path.to_owned(), line, reason });
                }
                entries.insert(key.clone(), Entry { line, values: values(value) });
                last = Some(key);
            }
            (None, Some(item), Some(entry)) => entry.values.push(unquoted(item).to_owned()),
            _ => {
                let reason = format!("\"{content}\" is not a line of the form \"key: value\"");
                return Err(SettleError::Malformed { path: path.to_owned(), line, reason });
            }
        }
    }
    Ok(entries)
}

/// The values of `[ 'a', 'b' ]`, or the one value; none where the text is empty.
fn values(text: &str) -> Vec<String> {
    let text = text.trim();
    let list = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let parts: Vec<&str> = match list {
        Some(list) => list.split(',').collect(),
        None => vec![text],
    };
    parts.into_iter().map(|part| unquoted(part).to_owned()).filter(|part| !part.is_empty()).collect()
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

fn without_comment(text: &str) -> &str {
    if text.trim_start().starts_with('#') {
        return "";
    }
    text.split_once(" #").map_or(text, |(content, _)| content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<CalculationArguments, String> {
        let path = PathBuf::from(FILE);
        let by_key = parse(&path, text).map_err(|error| error.to_string())?;
        let zone = Zone::named("Europe/Copenhagen").unwrap();
        Entries { path, by_key }.arguments(zone).map_err(|error| error.to_string())
    }

    #[test]
    fn both_forms_of_keys_say_the_same() {
        let newer = "- grid-areas: [\"800\", \"801\"]\n  calculation-id: \"a-b\"\n  period-start-datetime: \"2023-01-31 23:00:00\"\n  \
                     period-end-datetime: \"2023-02-03 23:00:00\"\n  calculation-type: \"wholesale_fixing\"\n";
        let older = "# a comment\n- grid_areas:\n    - '800'\n    - '801'\n  calculation_id: 'a-b'\n  period_start: \
                     '2023-01-31 23:00'\n  period_end: 2023-02-03T23:00:00Z # the end\n  calculation_type: wholesale_fixing";
        for text in [newer, older] {
            let arguments = read_text(text).unwrap();
            let areas: Vec<_> = arguments.settlement.grid_areas.iter().map(GridArea::as_str).collect();
            assert_eq!(areas, ["800", "801"]);
            assert_eq!(arguments.settlement.period.to_string(), "2023-01-31T23:00:00Z/2023-02-03T23:00:00Z");
            assert_eq!(arguments.settlement.quarterly_from.to_string(), "2023-01-31T23:00:00Z");
            assert_eq!(arguments.settlement.scope, Scope::EnergyAndCharges);
            assert_eq!(arguments.calculation_id, "a-b");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_line_and_key() {
        let good = "- grid_areas: ['800']\n  period_start: '2023-01-31 23:00'\n  period_end: '2023-02-01 23:00'\n  \
                    calculation_type: aggregation\n";
        assert!(read_text(good).is_ok());
        let cases = [
            ("  period_end: '2023-02-01 23:00'\n", "", "period_end is missing"),
            ("aggregation", "guessing", "line 4, calculation_type: \"guessing\" is not one of"),
            ("'2023-02-01 23:00'", "tomorrow", "line 3, period_end: \"tomorrow\" is not an instant"),
            ("2023-02-01 23:00", "2023-01-01 23:00", "an instant after the period's start"),
            (
                "calculation_type: aggregation",
                "calculation_type",
                "line 4: \"calculation_type\" is not a line",
            ),
            ("calculation_type", "period_end", "line 4: period_end is given twice"),
        ];
        for (given, instead, expected) in cases {
            let error = read_text(&good.replace(given, instead)).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
