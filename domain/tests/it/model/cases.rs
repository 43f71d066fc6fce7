//! The table of cases, each with its derivation.

use std::fs;

use domain::model::part;
use domain::usage::rate;

use super::given::{component, product, usage};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/charge_models.txt");

#[test]
fn every_case_comes_to_its_figure() {
    let table = fs::read_to_string(TABLE).unwrap();
    let mut wrong = Vec::new();
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let count = lines.clone().count();
    for line in lines {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [model, conditions, days, events, expected, _] = columns[..] else {
            panic!("not six columns: {line}");
        };
        let came = came_to(model, conditions, days, events, expected.contains('~'));
        if came != expected {
            wrong.push(format!("{line}\n  came to {came}"));
        }
    }
    assert!(count >= 100, "only {count} cases");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

fn came_to(model: &str, conditions: &str, days: &str, events: &str, with_line: bool) -> String {
    let component = component(model, conditions);
    let is_on_amounts = component.model.is_on_amounts();
    let product = product(component);
    assert_eq!(product.defects(), [], "{model} | {conditions}");
    let Ok(rated) = rate(&product, &usage(days, events, is_on_amounts)) else {
        return "refused".to_owned();
    };
    let position = &rated.positions[0];
    assert_eq!(part::total(&position.parts), Some(position.amount), "{model} | {conditions} | {events}");
    if with_line {
        format!("{} ~ {}", position.amount, position.rounded.to_text())
    } else {
        position.amount.to_string()
    }
}
