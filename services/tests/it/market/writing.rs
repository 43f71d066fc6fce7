//! Written documents have the form of the samples, line by line.

use domain::document::{DocumentContent, DocumentKind};
use services::market::{Form, WriteError, parse, write};

use super::{days, options, sample};

/// The samples whose form is met, and their differences that mean nothing.
///
/// Trailing zeros of prices are not kept. D17 names national coding schemes for ids of GS1, and RSM-001 has a blank
/// before a bracket.
const WRITTEN: [(&str, &[(&str, &str)]); 10] = [
    ("valid_RSM-012.cim.xml", &[]),
    (
        "valid_RSM-012.cim.json",
        &[
            ("\"quantity\": 110.010", "\"quantity\": 110.01"),
            ("\"quantity\": 120.020", "\"quantity\": 120.02"),
        ],
    ),
    ("RSM-033_D18_ChargeInformation_tariff.cim.xml", &[]),
    ("RSM-033_D08_ChargePriceSeries_subscription_monthly.cim.xml", &[]),
    (
        "RSM-033_D08_ChargePriceSeries_tariff_hourly.cim.xml",
        &[(">10.010<", ">10.01<"), (">20.020<", ">20.02<")],
    ),
    (
        "D17_RequestChangeBillingMasterData_chargelink_subscription.cim.xml",
        &[("\"NCS\"", "\"A10\""), ("\"NRO\"", "\"A10\""), ("\"NFI\"", "\"A10\"")],
    ),
    (
        "derived_RSM-031_NotifyBillingMasterData.cim.xml",
        &[("\"NCS\"", "\"A10\""), ("\"NRO\"", "\"A10\""), ("\"NFI\"", "\"A10\"")],
    ),
    ("RSM-001_RequestChangeOfSupplier.cim.xml", &[("\"ARR\" >", "\"ARR\">")]),
    ("RSM-015_RequestValidatedMeasureData.cim.json", &[]),
    ("RSM-017_RequestWholesaleSettlement.cim.json", &[]),
];

/// The lines of a document without its comments, its indentation and its byte order mark. The schema's location at
/// the root of RSM-031 is ours; its sample comes from a request, which has none.
fn lines(text: &str) -> Vec<String> {
    let mut text = text.trim_start_matches('\u{feff}').to_owned();
    while let (Some(start), Some(end)) = (text.find("<!--"), text.find("-->")) {
        text.replace_range(start..end.saturating_add(3), "");
    }
    let root = |line: &str| match line.split_once(" xmlns:") {
        Some((name, _)) if name.contains("NotifyBillingMasterData") => name.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(|line| root(line.trim())).filter(|line| !line.is_empty()).collect()
}

#[test]
fn documents_are_written_in_the_form_of_the_samples() {
    for (name, differences) in WRITTEN {
        let sample = sample(name);
        let parsed = parse(sample.as_bytes(), &options()).unwrap();
        let written = write(&parsed.document, parsed.form, &days()).unwrap();
        let expected = differences.iter().fold(sample, |text, (from, to)| text.replace(from, to));
        assert_eq!(lines(&written), lines(&expected), "{name}");
        assert_eq!(parse(written.as_bytes(), &options()).unwrap().document, parsed.document, "{name}");
    }
}

#[test]
fn what_does_not_fit_is_not_written() {
    let document = |name| parse(sample(name).as_bytes(), &options()).unwrap().document;
    let measured = document("valid_RSM-012.cim.json");
    assert_eq!(write(&measured, Form::EbixXml, &days()), Err(WriteError::FormIsOnlyRead));
    let notice = document("RSM-004_GenericNotification.cim.xml");
    assert_eq!(write(&notice, Form::CimXml, &days()), Err(WriteError::ContentIsOnlyRead));
    let mut other = measured.clone();
    other.header.kind = DocumentKind::PriceListNotice;
    assert_eq!(write(&other, Form::CimXml, &days()), Err(WriteError::KindDoesNotFit));
    let mut empty = measured;
    if let DocumentContent::MeasuredData(series) = &mut empty.content {
        let one = series.first_mut().unwrap();
        one.series = domain::series::TimeSeries::new(one.series.start(), one.series.resolution(), []);
    }
    assert_eq!(write(&empty, Form::CimXml, &days()), Err(WriteError::EmptySeries));
}
