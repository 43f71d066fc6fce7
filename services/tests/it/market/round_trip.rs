//! What is written is read back the same, in both forms, with the same hashes.

use domain::document::{
    AggregatedRequest, DocumentContent, DocumentHeader, DocumentKind, EndOfSupply, MarketDocument,
    MeteringPointKind, Participant, SettlementMethod,
};
use domain::identity::MeteringPointId;
use domain::instant::{Instant, Period};
use proptest::prelude::*;
use services::market::{Form, content_digest, parse, write};

use super::{days, generated, options};

fn check(document: &MarketDocument) {
    for form in [Form::CimXml, Form::CimJson] {
        let text = write(document, form, &days()).unwrap();
        let parsed = parse(text.as_bytes(), &options()).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(&parsed.document, document, "{text}");
        assert_eq!(parsed.form, form);
        assert_eq!(content_digest(&parsed.document), content_digest(document));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn what_is_written_is_read_back(document in generated::document()) {
        check(&document);
    }
}

#[test]
fn what_a_supplier_sends_is_read_back() {
    let header = |kind, process: &str| DocumentHeader {
        id: "request-1".to_owned(),
        kind,
        process: process.to_owned(),
        business_sector: Some("23".to_owned()),
        sender: Participant { id: "5799999933318".to_owned(), role: Some("DDQ".to_owned()) },
        receiver: Participant { id: "5790001330552".to_owned(), role: Some("DDZ".to_owned()) },
        created: Instant::parse("2024-11-02T08:00:00Z").unwrap(),
    };
    let start = Instant::parse("2024-09-30T22:00:00Z").unwrap();
    let end = Instant::parse("2024-10-31T23:00:00Z").unwrap();
    let point = MeteringPointId::parse("571313180000000005").unwrap();
    check(&MarketDocument {
        header: header(DocumentKind::EndOfSupply, "E20"),
        content: DocumentContent::EndOfSupply(vec![EndOfSupply {
            id: "1".to_owned(),
            metering_point: point,
            end,
        }]),
    });
    check(&MarketDocument {
        header: header(DocumentKind::AggregatedRequest, "D04"),
        content: DocumentContent::AggregatedRequests(vec![AggregatedRequest {
            id: "1".to_owned(),
            period: Period::new(start, end).unwrap(),
            kind: Some(MeteringPointKind::Consumption),
            settlement_method: Some(SettlementMethod::Flex),
            grid_area: Some("804".to_owned()),
            supplier: Some("5799999933318".to_owned()),
            balance_responsible: None,
            settlement_version: Some("D01".to_owned()),
        }]),
    });
}
