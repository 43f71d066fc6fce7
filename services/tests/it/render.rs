//! Issued documents as bytes: the same invoice always gives the same ones.
//!
//! The expected files lie in `tests/data/render`. Where a change of the form is meant, `KVARTER_WRITE_EXPECTED=1 cargo
//! test -p services render` writes them anew; the difference is then for a person to read.

#![expect(clippy::unwrap_used, reason = "a test that can't read its files has failed")]

mod sample;
pub(crate) mod schema;

use std::path::{Path, PathBuf};

use domain::invoice::Invoice;
use quick_xml::Reader;
use quick_xml::events::Event;
use services::render::{invoice_html, invoice_json};

fn samples() -> [(&'static str, Invoice); 3] {
    [
        ("household", sample::household().build().unwrap()),
        ("producer", sample::producer().build().unwrap()),
        ("preview", sample::preview().build().unwrap()),
    ]
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/render").join(name)
}

fn check(name: &str, text: &str) {
    let path = data(name);
    if std::env::var_os("KVARTER_WRITE_EXPECTED").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert!(text == expected, "{name} differs from what is expected");
}

#[test]
fn an_invoice_is_rendered_as_expected() {
    for (name, invoice) in samples() {
        check(&format!("{name}.json"), &invoice_json(&invoice));
        check(&format!("{name}.html"), &invoice_html(&invoice));
    }
}

#[test]
fn a_page_is_whole_and_needs_nothing_else() {
    for (name, invoice) in samples() {
        let page = invoice_html(&invoice);
        let markup = page.strip_prefix("<!DOCTYPE html>\n").unwrap();
        let mut reader = Reader::from_str(markup);
        let (mut depth, mut ids) = (0_i32, std::collections::BTreeSet::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    depth += 1;
                    for attribute in start.attributes() {
                        let attribute = attribute.unwrap();
                        let is_id = attribute.key.as_ref() == "id";
                        assert!(
                            !is_id || ids.insert(attribute.value.to_string()),
                            "{name}: an id stands twice"
                        );
                    }
                }
                Event::End(_) => depth -= 1,
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0, "{name}");
        for foreign in ["src=", "href=", "url(h", "@import", "<script", "<link"] {
            assert!(!page.contains(foreign), "{name}: {foreign}");
        }
    }
}

#[test]
fn json_keeps_to_its_schema() {
    let schema = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/invoice.schema.json"),
    );
    let schema: serde_json::Value = serde_json::from_str(&schema.unwrap()).unwrap();
    for (name, invoice) in samples() {
        let json: serde_json::Value = serde_json::from_str(&invoice_json(&invoice)).unwrap();
        assert_eq!(schema::offences(&schema, &json), Vec::<String>::new(), "{name}");
        let mut broken = json;
        broken["points"][0]["lines"][0]["net"] = serde_json::Value::from(12.5);
        assert!(!schema::offences(&schema, &broken).is_empty(), "{name}");
    }
}
