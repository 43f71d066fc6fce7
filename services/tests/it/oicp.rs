//! Charge detail records of OICP: what one says, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use domain::cdr::{Cdr, Registers};
use domain::instant::Instant;
use domain::money::Currency;
use domain::quantity::Quantity;
use services::ocpi::OcpiError;
use services::oicp::read_cdr;

const RECORD: &str = include_str!("../data/oicp/charge_detail_record.json");

fn read(text: &str) -> Result<Cdr, OcpiError> {
    read_cdr(text, Currency::from_code("EUR").unwrap(), [7; 32])
}

fn kwh(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

#[test]
fn a_record_says_where_who_when_and_how_much() {
    let cdr = read(RECORD).unwrap();
    assert_eq!(cdr.key.to_string(), "DE*XYZ*f98efba4-02d8-4fa0-b810-9a9d50d2c527");
    assert_eq!((cdr.evse.text(), cdr.token.to_string().as_str()), ("DEXYZE8401", "rfid.1234ABCD"));
    assert_eq!((cdr.contract_id.as_str(), cdr.session_id.as_str()), ("DE-DCB-C12345678-X", "SES-77"));
    assert_eq!(cdr.registers, Some(Registers { start_kwh: kwh("1200.125"), end_kwh: kwh("1216.625") }));
    assert_eq!((cdr.sheet.as_deref(), cdr.content, cdr.is_home), (Some("AC3"), [7; 32], false));
    let session = &cdr.session;
    assert_eq!((session.stated.excluding_vat, session.stated.energy_kwh), (None, Some(kwh("16.5"))));
    let at = |time: &str| Instant::parse(time).unwrap();
    assert_eq!((session.start, session.end), (at("2026-03-02T07:00:00Z"), at("2026-03-02T09:00:00Z")));
    let periods: Vec<_> =
        session.periods.iter().map(|one| (one.start, one.energy_kwh, one.time, one.parking)).collect();
    let expected = [
        (at("2026-03-02T07:00:00Z"), None, None, None),
        (at("2026-03-02T07:01:30Z"), Some(kwh("16.5")), Some(kwh("1.5")), None),
        (at("2026-03-02T08:31:30Z"), None, None, Some(kwh("0.475"))),
    ];
    assert_eq!(periods, expected);
}

#[test]
fn each_way_of_identification_names_the_driver() {
    let rfid =
        r#"{"RFIDIdentification": {"UID": "1234abcd", "RFID": "mifareCls", "EvcoID": "DE-DCB-C12345678-X"}}"#;
    let check = |identification: &str, token: &str, contract: &str| {
        assert!(RECORD.contains(rfid));
        let cdr = read(&RECORD.replace(rfid, identification)).unwrap();
        assert_eq!((cdr.token.to_string().as_str(), cdr.contract_id.as_str()), (token, contract));
    };
    check(r#"{"RFIDMifareFamilyIdentification": {"UID": "04:a2:2b"}}"#, "rfid.04A22B", "");
    let contract = "DE-DCB-C1";
    for way in ["PlugAndChargeIdentification", "RemoteIdentification", "QRCodeIdentification"] {
        check(&format!(r#"{{"{way}": {{"EvcoID": "{contract}"}}}}"#), "contract_id.DEDCBC1", contract);
    }
}

#[test]
fn what_can_not_be_is_refused_by_the_field() {
    let cases = [
        ("DE*XYZ*E840*1", "+49*123*456", "EvseID: is no id of a charging point as ISO 15118 has it"),
        ("DE*XYZ*E840*1", "840*1", "EvseID: does not begin with an operator's id such as DE*ABC"),
        ("f98efba4-02d8-4fa0-b810-9a9d50d2c527", "", "SessionID: is no id of at most 39 characters"),
        (
            "\"ConsumedEnergy\": 16.5",
            "\"ConsumedEnergy\": \"16.5\"",
            "ConsumedEnergy: is no number; numbers stand without quotes",
        ),
        ("\"ConsumedEnergy\"", "\"Energy\"", "ConsumedEnergy: is missing"),
        (
            "\"RFIDIdentification\"",
            "\"Face\"",
            "Identification: has none of the five identifications of OICP",
        ),
        (
            "2026-03-02T10:00:00+01:00",
            "soon",
            "SessionEnd: is no time such as 2024-10-01T12:00:00Z, to the millisecond",
        ),
    ];
    for (found, put, expected) in cases {
        assert!(RECORD.contains(found), "{found}");
        assert_eq!(read(&RECORD.replace(found, put)).unwrap_err().to_string(), expected);
    }
}
