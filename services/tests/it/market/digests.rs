//! A repeat is known by what it says, not by its bytes.

use domain::document::MarketDocument;
use services::market::{Form, content_digest, parse, series_digests, write};

use super::{TAKEN, days, options, sample};

fn document(text: &str) -> MarketDocument {
    parse(text.as_bytes(), &options()).unwrap().document
}

#[test]
fn the_same_content_in_another_form_has_the_same_hashes() {
    let json = document(&sample("valid_RSM-012.cim.json"));
    let xml = document(&write(&json, Form::CimXml, &days()).unwrap());
    assert_eq!(content_digest(&xml), content_digest(&json));
    assert_eq!(series_digests(&xml), series_digests(&json));
    let wordy = sample("valid_RSM-012.cim.json").replace("\"quantity\": 202", "\"quantity\": 202.000");
    assert_eq!(content_digest(&document(&wordy)), content_digest(&json));
}

#[test]
fn any_change_changes_the_hash() {
    let text = sample("valid_RSM-012.cim.json");
    let base = document(&text);
    let changes = [
        ("\"quantity\": 202", "\"quantity\": 202.001"),
        ("\"A03\"", "\"A06\""),
        ("4413675032_5080574373", "4413675032_5080574374"),
        ("\"C1875000\"", "\"C1875001\""),
        ("\"E18\"", "\"E17\""),
        ("2022-12-17T07:30:00Z", "2022-12-17T07:30:01Z"),
        ("2024-07-30T07:30:54Z", "2024-07-30T07:30:55Z"),
        ("571313000000002000", "571313000000002017"),
    ];
    for (from, to) in changes {
        let changed = document(&text.replacen(from, to, 1));
        assert_ne!(content_digest(&changed), content_digest(&base), "{from} -> {to}");
        assert_ne!(series_digests(&changed), series_digests(&base), "{from} -> {to}");
    }
    let receiver = document(&text.replacen("\"5790001330552\"", "\"5790001330553\"", 1));
    assert_ne!(content_digest(&receiver), content_digest(&base));
    assert_eq!(
        series_digests(&receiver),
        series_digests(&base),
        "whom it was sent to is no content of a series"
    );
}

#[test]
fn no_two_samples_have_one_hash() {
    let mut distinct = TAKEN.map(|name| content_digest(&document(&sample(name)))).to_vec();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), TAKEN.len());
}

/// Hashes are stored with what they are of, so their encoding may never change by accident. The figure was computed
/// apart from this program, from the encoding as `digest` describes it.
#[test]
fn hashes_stay_what_they_are() {
    let digest = content_digest(&document(&sample("valid_RSM-012.cim.json")));
    assert_eq!(digest.to_string(), "a5b49a6f5bb1aa238e3e8948f267c83ae42be4cc6906993bb625356caf319564");
}
