//! The page of price sheets does what it says, and what the command prints keeps to its schema.

use std::fs;

use serde_json::Value;

use crate::render::schema::offences;
use crate::usage::page::check_page;
use crate::usage::schemas::schema;

/// Keeps what every command comes to as JSON, under its number.
const KEEP: &str = r#"
echo 0 > made
kvarter() {
  local made=$(($(cat made) + 1))
  echo $made > made
  "$KVARTER" rate cdr --tariff tariff.json --cdr cdr.json --timezone Europe/Berlin > "priced-session-$made.json"
  "$KVARTER" "$@"
}
"#;

#[test]
fn every_example_of_the_page_comes_to_what_it_shows() {
    let folder = check_page("price-sheets.md", KEEP, 4);
    let schema = schema("priced-session");
    for number in 1.. {
        let path = folder.path().join(format!("priced-session-{number}.json"));
        let Ok(text) = fs::read_to_string(path) else {
            assert!(number > 9, "only {number} files");
            break;
        };
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(offences(&schema, &value), [""; 0], "{text}");
        let mut broken = value;
        broken["warnings"] = serde_json::json!([{"code": "RAIN", "text": "it rains"}]);
        assert!(!offences(&schema, &broken).is_empty());
    }
}
