//! What is refused before a field is read, and what is merely remarked on.

use domain::document::{RefusalReason, WarningKind};
use services::market::{ParseOptions, parse};

use super::{options, sample};

const XML: &str = "valid_RSM-012.cim.xml";
const JSON: &str = "valid_RSM-012.cim.json";

fn reason(bytes: &[u8]) -> RefusalReason {
    parse(bytes, &options()).unwrap_err().reason
}

#[test]
fn what_is_no_document_is_refused() {
    let entity = "<!DOCTYPE a [<!ENTITY b \"bb\">]><a>&b;</a>";
    let deep_xml = "<a>".repeat(40) + &"</a>".repeat(40);
    let deep_json = "{\"a\":".repeat(40) + "1" + &"}".repeat(40);
    assert_eq!(reason(entity.as_bytes()), RefusalReason::ForbiddenDeclaration);
    assert_eq!(reason(b"<a>&b;</a>"), RefusalReason::ForbiddenDeclaration);
    assert_eq!(reason(deep_xml.as_bytes()), RefusalReason::TooDeep { most: 32 });
    assert_eq!(reason(deep_json.as_bytes()), RefusalReason::TooDeep { most: 32 });
    assert_eq!(reason(&"[".repeat(100_000).into_bytes()), malformed("neither JSON nor XML"));
    assert_eq!(reason(b""), malformed("no text"));
    assert_eq!(reason(&[0xfe, 0xff, 0, b'<']), RefusalReason::NotUtf8);
    assert_eq!(reason(b"<a/><b/>"), malformed("a second root element"));
    assert_eq!(reason(b"<a>"), malformed("element a is not closed"));
    assert!(matches!(reason(b"{\"a\": "), RefusalReason::Malformed { .. }));
    assert!(matches!(reason(b"<a></b>"), RefusalReason::Malformed { .. }));
    assert_eq!(reason(b"{\"a\": {}, \"b\": {}}"), RefusalReason::RepeatedField);
    assert_eq!(reason(b"{\"a\": [[1]]}"), RefusalReason::WrongShape);
    assert_eq!(reason(b"<Order/>"), RefusalReason::UnknownDocument { found: "Order".to_owned() });
    let other = "ConfirmRequestChangeOfSupplier_MarketDocument";
    let text = format!("<x:{other} xmlns:x=\"y\"><x:mRID>1</x:mRID></x:{other}>");
    assert_eq!(reason(text.as_bytes()), RefusalReason::UnknownDocument { found: other.to_owned() });
}

fn malformed(detail: &str) -> RefusalReason {
    RefusalReason::Malformed { detail: detail.to_owned() }
}

#[test]
fn a_document_has_a_largest_size() {
    let text = sample(XML);
    let fitting = ParseOptions { most_bytes: text.len(), ..options() };
    assert!(parse(text.as_bytes(), &fitting).is_ok());
    let most = text.len().saturating_sub(1);
    let refusal = parse(text.as_bytes(), &ParseOptions { most_bytes: most, ..options() }).unwrap_err();
    assert_eq!(refusal.to_string(), format!("document without a readable id: is larger than {most} bytes"));
}

#[test]
fn unknown_fields_are_remarked_on_once_and_ignored() {
    let text = sample(XML).replace("<cim:position>", "<cim:note>n</cim:note><cim:position>");
    let text = text.replace("<cim:product>", "<cim:color scheme=\"x\">red</cim:color><cim:product>");
    let parsed = parse(text.as_bytes(), &options()).unwrap();
    assert_eq!(parsed.document, parse(sample(XML).as_bytes(), &options()).unwrap().document);
    let unknown: Vec<_> = parsed
        .warnings
        .iter()
        .filter(|warning| warning.kind == WarningKind::UnknownField)
        .map(|warning| (warning.series.as_deref(), warning.field.as_str()))
        .collect();
    let expected =
        [(Some("C1876456"), "Series[1]/Period/Point[1]/note"), (Some("C1876456"), "Series[1]/color")];
    assert_eq!(unknown, expected);
}

#[test]
fn forms_of_one_content_are_one_document() {
    let expected = parse(sample(XML).as_bytes(), &options()).unwrap().document;
    let same = [
        sample(XML).replace("cim:", "").replace("xmlns:cim", "xmlns"),
        sample(XML).replace("cim:", "ns7:"),
        sample(XML).replace('\n', "\r\n"),
        sample(XML).replace(">242<", "><![CDATA[242.000]]><"),
        sample(XML).replace(">C1876456<", ">&#x43;1876456<"),
        sample(XML).replace(
            "<cim:quality>A02</cim:quality>",
            "<cim:quantity>0</cim:quantity><cim:quality>A02</cim:quality>",
        ),
        sample(XML).replace("2022-08-15T22:00Z", "2022-08-16T00:00:00+02:00"),
        format!("\u{feff}{}", sample(XML).trim_start_matches('\u{feff}')),
    ];
    for text in same {
        let found = parse(text.as_bytes(), &options()).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(found.document, expected, "{text}");
    }
    let json = sample(JSON).replace("\"quantity\": 202", "\"quantity\": 2.0200E+2").replace("\n", " ");
    let expected = parse(sample(JSON).as_bytes(), &options()).unwrap().document;
    assert_eq!(parse(json.as_bytes(), &options()).unwrap().document, expected);
}

#[test]
fn positions_may_come_in_any_order() {
    let text = sample(XML).replace("position>2<", "position>x<").replace("position>3<", "position>2<");
    let text = text.replace("position>x<", "position>3<");
    let values = |text: &str| match parse(text.as_bytes(), &options()).unwrap().document.content {
        domain::document::DocumentContent::MeasuredData(series) => series
            .first()
            .unwrap()
            .series
            .values()
            .map(|value| value.quantity.to_string())
            .collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    assert_eq!(values(&text), ["242", "222", "242", "202", "191", "0"]);
}

#[test]
fn a_document_without_series_is_remarked_on() {
    let text = sample(XML);
    let (start, end) = (text.find("    <cim:Series>").unwrap(), text.find("</cim:NotifyValidated").unwrap());
    let empty = text.get(..start).unwrap().to_owned() + text.get(end..).unwrap();
    let parsed = parse(empty.as_bytes(), &options()).unwrap();
    assert!(parsed.document.content.series_ids().is_empty());
    assert_eq!(parsed.warnings.first().unwrap().kind, WarningKind::Empty);
}
