//! The samples and their twins: what each says.

use domain::document::{DocumentContent, WarningKind};
use domain::series::Quality;
use services::market::{Form, Parsed, parse};

use super::{TAKEN, days, options, sample};

/// Each sample with its form, the number of its warnings, and what it says.
///
/// The total of the ebIX sample is the sum of its 96 quantities. In RSM-019 the daily tariff has a price on the first
/// day only, so the amounts written as 0 on the other days are absent; the first is 0.010137 x 56,637 x 10^18.
const SAID: [(&str, Form, usize, &str); 17] = [
    (
        "D17_RequestChangeBillingMasterData_chargelink_subscription.cim.xml",
        Form::CimXml,
        0,
        "571313180000000005 TestSub-8100000000030-subscription x1 2022-12-31T23:00:00Z/..",
    ),
    (
        "DERIVED_RSM-019_NotifyWholesaleServices.cim.json",
        Form::CimJson,
        0,
        "Some(\"tariff-daily-1-0000000000800-tariff\") 2023-01-31T23:00:00Z/2023-02-03T23:00:00Z Some(10137000) Some(100000) Some(Amount(574129269000000000000)); Some(0) None None; Some(0) None None; None 2023-01-31T23:00:00Z/2023-02-28T23:00:00Z None None Some(Amount(584750443103694000000000000))",
    ),
    (
        "RSM-001_RequestChangeOfSupplier.cim.xml",
        Form::CimXml,
        1,
        "579999993331812345 5799999933318 2022-09-07T22:00:00Z Some(\"Test Customer\")",
    ),
    (
        "RSM-004_GenericNotification.cim.xml",
        Form::CimXml,
        1,
        "579999993331812345 2021-12-17T23:00:00Z Some(\"12587925\")",
    ),
    (
        "RSM-012_DK_MeteredDataTimeSeries.ebix.xml",
        Form::EbixXml,
        0,
        "571313000000002000 E18 kWh 2024-06-29T22:00:00Z PT15M x96 total 2.245 missing 0",
    ),
    (
        "RSM-015_RequestValidatedMeasureData.cim.json",
        Form::CimJson,
        1,
        "579999993331812345 2022-07-17T22:00:00Z/2022-08-17T22:00:00Z",
    ),
    (
        "RSM-016_RequestAggregatedMeasureData.cim.json",
        Form::CimJson,
        0,
        "Some(Consumption) Some(\"804\") 2023-01-31T23:00:00Z/2023-02-02T23:00:00Z",
    ),
    (
        "RSM-017_RequestWholesaleSettlement.cim.json",
        Form::CimJson,
        0,
        "[(Some(\"EA-001\"), Some(Tariff))] Some(\"570001110111\") Some(Month)",
    ),
    (
        "RSM-033_D08_ChargePriceSeries_subscription_monthly.cim.xml",
        Form::CimXml,
        0,
        "TestSub-8100000000030-subscription 2022-12-31T23:00:00Z/2023-01-31T23:00:00Z x1 2022-12-31T23:00:00Z 199.95 .. 2022-12-31T23:00:00Z 199.95",
    ),
    (
        "RSM-033_D08_ChargePriceSeries_tariff_hourly.cim.xml",
        Form::CimXml,
        0,
        "TestTariff-8100000000030-tariff 2022-12-31T23:00:00Z/2023-01-01T23:00:00Z x24 2022-12-31T23:00:00Z 1.001 .. 2023-01-01T22:00:00Z 24.024",
    ),
    (
        "RSM-033_D18_ChargeInformation_tariff.cim.xml",
        Form::CimXml,
        0,
        "TariffId01-8100000000030-tariff \"Charge Tariff Hourly Name\" PT1H 2022-07-31T22:00:00Z/.. vat false transparent false tax false",
    ),
    (
        "derived_RSM-014_NotifyAggregatedMeasureData.cim.json",
        Form::CimJson,
        0,
        "E20 Some(\"800\") -12.345:calculated; 0.001:estimated; 0:missing; 7:measured",
    ),
    (
        "derived_RSM-031_NotifyBillingMasterData.cim.xml",
        Form::CimXml,
        0,
        "571313180000000005 TestSub-8100000000030-subscription x1 2022-12-31T23:00:00Z/..; 571313180000000005 EA-001-5790000432752-tariff x1 2022-12-31T23:00:00Z/2023-06-30T22:00:00Z",
    ),
    (
        "derived_RSM-034_D08_NotifyPriceList.cim.xml",
        Form::CimXml,
        0,
        "TestSub-8100000000030-subscription 2022-12-31T23:00:00Z/2023-01-31T23:00:00Z x1 2022-12-31T23:00:00Z 199.95 .. 2022-12-31T23:00:00Z 199.95",
    ),
    (
        "derived_RSM-034_D18_NotifyPriceList.cim.xml",
        Form::CimXml,
        0,
        "TariffId01-8100000000030-tariff \"Charge Tariff Hourly Name\" PT1H 2022-07-31T22:00:00Z/.. vat false transparent false tax false",
    ),
    (
        "valid_RSM-012.cim.json",
        Form::CimJson,
        0,
        "571313000000002000 E18 kWh 2024-06-28T22:00:00Z PT1H x24 total 3178.279 missing 1",
    ),
    (
        "valid_RSM-012.cim.xml",
        Form::CimXml,
        1,
        "579999993331812345 E17 kWh 2022-08-15T22:00:00Z PT1H x6 total 1099 missing 1",
    ),
];

#[test]
fn every_sample_says_what_it_says() {
    for (name, form, warnings, expected) in SAID {
        let parsed = taken(name);
        assert_eq!(said(&parsed.document.content), expected, "{name}");
        assert_eq!((parsed.form, parsed.warnings.len()), (form, warnings), "{name}: {:?}", parsed.warnings);
        let is_check_digit = |kind: &WarningKind| matches!(kind, WarningKind::WrongCheckDigit { .. });
        assert!(parsed.warnings.iter().all(|warning| is_check_digit(&warning.kind)), "{name}");
    }
    assert_eq!(SAID.map(|(name, ..)| name), TAKEN);
}

#[test]
fn heads_are_read_in_every_form() {
    let cases = [
        ("valid_RSM-012.cim.json", "111131835 E23 23 5799999933318 MDR 5790001330552 DGL"),
        ("valid_RSM-012.cim.xml", "C1876453 E23 23 5799999933318 MDR 5790001330552 DGL"),
        ("RSM-012_DK_MeteredDataTimeSeries.ebix.xml", "111131835 E23 23 5799999933318 MDR 5790001330552 -"),
        (
            "derived_RSM-034_D08_NotifyPriceList.cim.xml",
            "DocId00001 D08 23 8100000000030 DDZ 5790001330552 DDQ",
        ),
    ];
    for (name, expected) in cases {
        let header = taken(name).document.header;
        let (sender, receiver) = (&header.sender, &header.receiver);
        let or_dash = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
        let found = [
            header.id.clone(),
            header.process.clone(),
            or_dash(&header.business_sector),
            sender.id.clone(),
            or_dash(&sender.role),
            receiver.id.clone(),
            or_dash(&receiver.role),
        ];
        assert_eq!(found.join(" "), expected, "{name}");
    }
}

fn taken(name: &str) -> Parsed {
    parse(sample(name).as_bytes(), &options()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The content of a document in a line, with what matters to billing.
fn said(content: &DocumentContent) -> String {
    match content {
        DocumentContent::MeasuredData(all) => lines(all, |one| {
            let (series, missing) =
                (&one.series, one.series.values().filter(|v| v.quality == Quality::Missing));
            format!(
                "{} {} {} {} {} x{} total {} missing {}",
                one.metering_point,
                one.kind,
                one.unit,
                series.start(),
                series.resolution(),
                series.len(),
                series.total().quantity().unwrap(),
                missing.count()
            )
        }),
        DocumentContent::ChargeInformation(all) => lines(all, |group| {
            lines(&group.charges, |one| {
                format!(
                    "{} {:?} {} {} vat {} transparent {} tax {}",
                    one.key,
                    one.name,
                    one.resolution,
                    one.period,
                    one.has_vat,
                    one.is_transparent,
                    one.is_tax
                )
            })
        }),
        DocumentContent::ChargePrices(all) => lines(all, |group| {
            lines(&group.charges, |one| {
                let priced = one.by_instant(&days()).unwrap();
                let (first, last) = (priced.first().unwrap(), priced.last().unwrap());
                let count = priced.len();
                format!(
                    "{} {} x{count} {} {} .. {} {}",
                    one.charge, one.period, first.0, first.1, last.0, last.1
                )
            })
        }),
        DocumentContent::ChargeLinks(all) => lines(all, |links| {
            lines(&links.links, |one| {
                format!("{} {} x{} {}", links.metering_point, one.charge, one.factor, one.period)
            })
        }),
        DocumentContent::StartOfSupply(all) => lines(all, |one| {
            let name = one.customer.as_ref().and_then(|customer| customer.name.as_deref());
            format!("{} {} {} {:?}", one.metering_point, one.supplier, one.start, name)
        }),
        DocumentContent::EndOfSupply(all) => lines(all, |one| format!("{} {}", one.metering_point, one.end)),
        DocumentContent::Notices(all) => lines(all, |one| {
            let since = one.valid_from.unwrap();
            format!("{} {since} {:?}", one.metering_point, one.original_transaction)
        }),
        DocumentContent::AggregatedResults(all) => lines(all, |one| {
            let values =
                lines_of(one.series.values().map(|v| format!("{}:{}", v.quantity, v.quality.word())));
            format!("{} {:?} {values}", one.kind, one.grid_area)
        }),
        DocumentContent::WholesaleResults(all) => lines(all, |one| {
            let rows = lines_of(one.rows.iter().map(|row| {
                format!(
                    "{:?} {:?} {:?}",
                    row.quantity.map(|q| q.micros()),
                    row.price.map(|p| p.raw()),
                    row.amount
                )
            }));
            format!("{:?} {} {rows}", one.charge.as_ref().map(ToString::to_string), one.period)
        }),
        DocumentContent::MeasuredDataRequests(all) => {
            lines(all, |one| format!("{} {}", one.metering_point, one.period))
        }
        DocumentContent::AggregatedRequests(all) => {
            lines(all, |one| format!("{:?} {:?} {}", one.kind, one.grid_area, one.period))
        }
        DocumentContent::WholesaleRequests(all) => {
            lines(all, |one| format!("{:?} {:?} {:?}", one.charges, one.charge_owner, one.resolution))
        }
    }
}

fn lines<T>(all: &[T], line: impl Fn(&T) -> String) -> String {
    lines_of(all.iter().map(line))
}

fn lines_of(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("; ")
}
