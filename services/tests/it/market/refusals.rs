//! Bad documents: each error names the document, the series and the field, and says why.

use domain::document::RefusalReason;
use services::market::{CheckDigits, ParseOptions, parse};

use super::{options, sample};

const JSON: &str = "valid_RSM-012.cim.json";
const XML: &str = "valid_RSM-012.cim.xml";
const EBIX: &str = "RSM-012_DK_MeteredDataTimeSeries.ebix.xml";
const D18: &str = "RSM-033_D18_ChargeInformation_tariff.cim.xml";
const D08: &str = "RSM-033_D08_ChargePriceSeries_tariff_hourly.cim.xml";
const D08_MONTH: &str = "RSM-033_D08_ChargePriceSeries_subscription_monthly.cim.xml";
const D17: &str = "D17_RequestChangeBillingMasterData_chargelink_subscription.cim.xml";
const RSM_031: &str = "derived_RSM-031_NotifyBillingMasterData.cim.xml";
const RSM_019: &str = "DERIVED_RSM-019_NotifyWholesaleServices.cim.json";

/// A document in which `from` became `to` (once), and its refusal.
struct Bad {
    base: &'static str,
    from: &'static str,
    to: &'static str,
    refusal: &'static str,
}

const fn bad(base: &'static str, from: &'static str, to: &'static str, refusal: &'static str) -> Bad {
    Bad { base, from, to, refusal }
}

fn check(cases: &[Bad]) {
    for case in cases {
        let text = sample(case.base);
        assert!(text.contains(case.from), "{} lacks {:?}", case.base, case.from);
        let text = text.replacen(case.from, case.to, 1);
        let refusal = parse(text.as_bytes(), &options()).map(|_| ()).unwrap_err();
        assert_eq!(refusal.to_string(), case.refusal, "{}: {:?} -> {:?}", case.base, case.from, case.to);
    }
}

#[test]
fn the_two_samples_that_must_be_refused_are() {
    let cases = [
        (
            "RSM-012_NotifyValidatedMeasureData.cim.json",
            "document 111131835, series 4413675032_5080574373, field Series[1]/Period/Point: has 6 values for 24 \
             intervals",
        ),
        (
            "RSM-012_NotifyValidatedMeasureData.cim.xml",
            "document C1876453, series C1876456, field Series[1]/Period/timeInterval: ends at 2022-08-15T04:00:00Z, \
             not after its start 2022-08-15T22:00:00Z",
        ),
    ];
    for (name, expected) in cases {
        assert_eq!(parse(sample(name).as_bytes(), &options()).unwrap_err().to_string(), expected, "{name}");
    }
}

#[test]
fn heads_are_refused() {
    check(&[
        bad(
            XML,
            "<cim:mRID>C1876453</cim:mRID>",
            "",
            "document without a readable id, field mRID: is missing",
        ),
        bad(XML, ">C1876453<", "> <", "document without a readable id, field mRID: is missing"),
        bad(XML, ">E66<", ">E67<", "document C1876453, field type: has the unknown code \"E67\""),
        bad(
            XML,
            ">E23<",
            ">X23<",
            "document C1876453, field process.processType: has the unknown code \"X23\"",
        ),
        bad(
            D18,
            ">D18<",
            ">D17<",
            "document DocId00001, field process.processType: has the unknown code \"D17\"",
        ),
        bad(XML, ">23<", ">99<", "document C1876453, field businessSector.type: has the unknown code \"99\""),
        bad(
            XML,
            ">MDR<",
            ">ABC<",
            "document C1876453, field sender_MarketParticipant.marketRole.type: has the unknown code \"ABC\"",
        ),
        bad(
            XML,
            "codingScheme=\"A10\"",
            "codingScheme=\"B99\"",
            "document C1876453, field sender_MarketParticipant.mRID: has the unknown code \"B99\"",
        ),
        bad(
            XML,
            ">5790001330552<",
            ">57900013305520000<",
            "document C1876453, field receiver_MarketParticipant.mRID: \"57900013305520000\" is no participant id",
        ),
        bad(
            XML,
            ">2022-12-17T09:30:47Z<",
            ">2022-12-17T09:30:47<",
            "document C1876453, field createdDateTime: \"2022-12-17T09:30:47\" is no instant with a zone",
        ),
        bad(
            JSON,
            "\"createdDateTime\": \"2024-07-30T07:30:54Z\"",
            "\"createdDateTime\": 20240730",
            "document 111131835, field createdDateTime: has another shape than it should",
        ),
        bad(
            JSON,
            "\"mRID\": \"111131835\",",
            "\"mRID\": \"111131835\", \"mRID\": \"2\",",
            "document without a readable id, field mRID: stands more than once",
        ),
        bad(
            EBIX,
            ">E66<",
            ">E31<",
            "document 111131835, field HeaderEnergyDocument/DocumentType: has the unknown code \"E31\"",
        ),
    ]);
}

#[test]
fn measured_data_is_refused() {
    check(&[
        bad(
            XML,
            "        <cim:mRID>C1876456</cim:mRID>\n",
            "",
            "document C1876453, field Series[1]/mRID: is missing",
        ),
        bad(
            XML,
            ">579999993331812345<",
            ">57999999333181234<",
            "document C1876453, series C1876456, field Series[1]/marketEvaluationPoint.mRID: \"57999999333181234\" \
             is not 18 digits, not all zeros",
        ),
        // They stand for charging sessions, and their check digit is right.
        bad(
            XML,
            ">579999993331812345<",
            ">000000000000000000<",
            "document C1876453, series C1876456, field Series[1]/marketEvaluationPoint.mRID: \"000000000000000000\" \
             is not 18 digits, not all zeros",
        ),
        bad(
            XML,
            ">E17<",
            ">E99<",
            "document C1876453, series C1876456, field Series[1]/marketEvaluationPoint.type: has the unknown code \
             \"E99\"",
        ),
        bad(
            XML,
            "        <cim:quantity_Measure_Unit.name>KWH</cim:quantity_Measure_Unit.name>\n",
            "",
            "document C1876453, series C1876456, field Series[1]/quantity_Measure_Unit.name: is missing",
        ),
        bad(
            XML,
            ">KWH<",
            ">XWH<",
            "document C1876453, series C1876456, field Series[1]/quantity_Measure_Unit.name: has the unknown code \
             \"XWH\"",
        ),
        bad(
            XML,
            ">KWH<",
            ">MTQ<",
            "document C1876453, series C1876456, field Series[1]/quantity_Measure_Unit.name: does not go with the \
             product",
        ),
        bad(
            XML,
            ">PT1H<",
            ">PT2H<",
            "document C1876453, series C1876456, field Series[1]/Period/resolution: has the unknown code \"PT2H\"",
        ),
        bad(
            XML,
            "2022-08-15T22:00Z",
            "2022-08-15T22:30Z",
            "document C1876453, series C1876456, field Series[1]/Period/timeInterval: does not begin and end with \
             an interval of PT1H",
        ),
        bad(
            XML,
            "2022-08-15T22:00Z",
            "1922-08-15T22:00Z",
            "document C1876453, series C1876456, field Series[1]/Period/timeInterval: is longer than ten years",
        ),
        bad(
            XML,
            "2022-08-16T04:00Z",
            "2022-08-16T05:00Z",
            "document C1876453, series C1876456, field Series[1]/Period/Point: has 6 values for 7 intervals",
        ),
        bad(
            XML,
            "<cim:position>3<",
            "<cim:position>2<",
            "document C1876453, series C1876456, field Series[1]/Period/Point[3]/position: is 2 where 3 should stand",
        ),
        bad(
            XML,
            "<cim:position>6<",
            "<cim:position>7<",
            "document C1876453, series C1876456, field Series[1]/Period/Point[6]/position: is 7 where 6 should stand",
        ),
        bad(
            XML,
            "<cim:position>1<",
            "<cim:position>-1<",
            "document C1876453, series C1876456, field Series[1]/Period/Point[1]/position: \"-1\" is no whole number \
             of the range",
        ),
        bad(
            XML,
            ">A03<",
            ">A09<",
            "document C1876453, series C1876456, field Series[1]/Period/Point[1]/quality: has the unknown code \"A09\"",
        ),
        bad(
            XML,
            ">191<",
            ">1,91<",
            "document C1876453, series C1876456, field Series[1]/Period/Point[5]/quantity: \"1,91\" is not a decimal \
             number",
        ),
        bad(
            XML,
            ">191<",
            ">0.0000001<",
            "document C1876453, series C1876456, field Series[1]/Period/Point[5]/quantity: \"0.0000001\" has more \
             than 6 decimals",
        ),
        bad(
            JSON,
            "\"quantity\": 202",
            "\"quantity\": 1e19",
            "document 111131835, series 4413675032_5080574373, field Series[1]/Period/Point[4]/quantity: \"1e19\" is \
             too large",
        ),
        bad(
            JSON,
            "\"quantity\": 202",
            "\"quantity\": \"202\"",
            "document 111131835, series 4413675032_5080574373, field Series[1]/Period/Point[4]/quantity: has another \
             shape than it should",
        ),
        bad(
            XML,
            ">191<",
            ">-191<",
            "document C1876453, series C1876456, field Series[1]/Period/Point[5]/quantity: is negative",
        ),
        bad(
            XML,
            "                <cim:quantity>191</cim:quantity>\n",
            "",
            "document C1876453, series C1876456, field Series[1]/Period/Point[5]/quantity: is missing, and the \
             quality does not say so",
        ),
        bad(
            XML,
            ">A03<",
            ">A02<",
            "document C1876453, series C1876456, field Series[1]/Period/Point[1]/quantity: is given, but its quality \
             says that it is missing",
        ),
    ]);
}

#[test]
fn ebix_is_refused() {
    let at = "document 111131835, series 4413675032_5080574374, field PayloadEnergyTimeSeries[1]";
    let cases = [
        (">PT15M<", ">PT1H<", "IntervalEnergyObservation: has 96 values for 24 intervals"),
        (
            "ns0:Position>96<",
            "ns0:Position>95<",
            "IntervalEnergyObservation[96]/Position: is 95 where 96 should stand",
        ),
        (
            "<ns0:UnitType listAgencyIdentifier=\"260\">KWH</ns0:UnitType>",
            "",
            "IncludedProductCharacteristic/UnitType: is missing",
        ),
        (
            "2024-06-30T22:00:00Z",
            "2024-06-29T22:00:00Z",
            "ObservationTimeSeriesPeriod/End: ends at 2024-06-29T22:00:00Z, not after its start 2024-06-29T22:00:00Z",
        ),
        (
            "260\">E01",
            "260\">E09",
            "IntervalEnergyObservation[1]/QuantityQuality: has the unknown code \"E09\"",
        ),
        ("\"6\">9<", "\"6\">1<", "Function: has the unknown code \"1\""),
        (
            "            <ns0:EnergyQuantity>0</ns0:EnergyQuantity>\n",
            "            <ns0:QuantityMissing>true</ns0:QuantityMissing>\n",
            "IntervalEnergyObservation[1]/QuantityQuality: is given, but its quality says that it is missing",
        ),
    ];
    for (from, to, expected) in cases {
        let text = sample(EBIX);
        assert!(text.contains(from), "{from}");
        let refusal = parse(text.replacen(from, to, 1).as_bytes(), &options()).unwrap_err();
        assert_eq!(refusal.to_string(), format!("{at}/{expected}"));
    }
}

#[test]
fn charges_are_refused() {
    let cases = [
        (D18, ">D03<", ">D04<", "type: has the unknown code \"D04\""),
        (D18, "<cim:mRID>TariffId01</cim:mRID>", "", "mRID: is missing"),
        (D18, ">PT1H<", ">PT5M<", "priceTimeFrame_Period.resolution: PT5M is no resolution of such a series"),
        (D18, ">D03<", ">D01<", "priceTimeFrame_Period.resolution: PT1H is no resolution of such a series"),
        (D18, "VATPayer>D01", "VATPayer>D03", "VATPayer: has the unknown code \"D03\""),
        (D18, "Invoicing>false", "Invoicing>no", "transparentInvoicing: \"no\" is neither true nor false"),
        (D18, "<cim:taxIndicator>false</cim:taxIndicator>", "", "taxIndicator: is missing"),
        (
            D18,
            "2022-07-31T22:00:00Z",
            "2022-07-31T21:00:00Z",
            "effectiveDate: does not begin and end with a local day",
        ),
        (
            D18,
            "<cim:VATPayer>",
            "<cim:terminationDate>2022-07-31T22:00:00Z</cim:terminationDate><cim:VATPayer>",
            "terminationDate: ends at 2022-07-31T22:00:00Z, not after its start 2022-07-31T22:00:00Z",
        ),
        (
            D18,
            "<cim:VATPayer>",
            "<cim:Series_Period/><cim:VATPayer>",
            "Series_Period: belongs to another process",
        ),
        (
            D08,
            ">10.010<",
            ">ten<",
            "Series_Period[1]/Point[10]/price.amount: \"ten\" is not a decimal number",
        ),
        (
            D08,
            "<cim:price.amount>10.010</cim:price.amount>",
            "",
            "Series_Period[1]/Point[10]/price.amount: is missing",
        ),
        (
            D08,
            "2023-01-01T23:00Z",
            "2023-01-02T23:00Z",
            "Series_Period[1]/Point: has 24 values for 48 intervals",
        ),
        (
            D08,
            "<cim:start>2022-12-31T23:00Z",
            "<cim:start>2023-01-01T00:00Z",
            "Series_Period[1]/timeInterval: does not begin and end with a local day",
        ),
        (
            D08_MONTH,
            "2023-01-31T23:00Z",
            "2023-01-30T23:00Z",
            "Series_Period[1]/timeInterval: does not begin and end with an interval of P1M",
        ),
        (D08_MONTH, ">P1M<", ">P1D<", "Series_Period[1]/resolution: P1D is no resolution of such a series"),
        (D17, "factor>1<", "factor>0<", "factor: \"0\" is no whole number of the range"),
        (D17, "factor>1<", "factor>1.5<", "factor: \"1.5\" is no whole number of the range"),
        (D17, "<cim:effectiveDate>2022-12-31T23:00:00Z</cim:effectiveDate>", "", "effectiveDate: is missing"),
    ];
    for (base, from, to, expected) in cases {
        let text = sample(base);
        assert!(text.contains(from), "{base} lacks {from}");
        let refusal = parse(text.replacen(from, to, 1).as_bytes(), &options()).unwrap_err();
        let at = "document DocId00001, series OperationId00001, field MktActivityRecord[1]/ChargeGroup/ChargeType[1]";
        assert_eq!(refusal.to_string(), format!("{at}/{expected}"), "{base}: {from} -> {to}");
    }
}

#[test]
fn links_and_results_are_refused() {
    let tariff = sample(RSM_031).replace("<cim:factor>1</cim:factor>", "<cim:factor>2</cim:factor>");
    assert_eq!(
        parse(tariff.as_bytes(), &options()).unwrap_err().to_string(),
        "document DocId00001, series OperationId00001, field \
         MktActivityRecord[1]/ChargeGroup/ChargeType[2]/factor: is not 1, as a tariff's must be"
    );
    check(&[
        bad(
            RSM_019,
            "\"value\": \"DKK\"",
            "\"value\": \"XXX\"",
            "document 00000000000000000000000000000001, series 00000000000000000000000000000002, field \
             Series[1]/currency_Unit.name: has the unknown code \"XXX\"",
        ),
        bad(
            RSM_019,
            "10324.530662",
            "10324.5306621",
            "document 00000000000000000000000000000001, series 00000000000000000000000000000003, field \
             Series[2]/Period/Point[1]/energySum_Quantity.quantity: \"10324.5306621\" has more than 6 decimals",
        ),
        bad(
            RSM_019,
            "2023-02-03T23:00Z",
            "2023-02-04T23:00Z",
            "document 00000000000000000000000000000001, series 00000000000000000000000000000002, field \
             Series[1]/Period/Point: has 3 values for 4 intervals",
        ),
    ]);
}

#[test]
fn series_of_one_document_stay_out_of_each_others_way() {
    let one = sample(XML);
    let (start, end) = (one.find("    <cim:Series>").unwrap(), one.find("</cim:NotifyValidated").unwrap());
    let series = one.get(start..end).unwrap();
    let twice =
        |second: &str| one.replace("</cim:NotifyValidated", &format!("{second}</cim:NotifyValidated"));
    let refusal = |text: String| parse(text.as_bytes(), &options()).unwrap_err().to_string();
    assert_eq!(
        refusal(twice(series)),
        "document C1876453, series C1876456, field Series[2]/mRID: has the id of another series of the document"
    );
    let other = series.replace("C1876456", "second");
    assert_eq!(
        refusal(twice(&other)),
        "document C1876453, series second, field Series[2]/Period/timeInterval: states intervals that series \
         C1876456 states too"
    );
    let after = other
        .replace("2022-08-16T04:00Z", "2022-08-16T10:00Z")
        .replace("2022-08-15T22:00Z", "2022-08-16T04:00Z");
    let parsed = parse(twice(&after).as_bytes(), &options()).unwrap();
    assert_eq!(parsed.document.content.series_ids(), ["C1876456", "second"]);
}

#[test]
fn a_wrong_check_digit_is_refused_where_the_receiver_insists() {
    let strict = ParseOptions { check_digits: CheckDigits::Refuse, ..options() };
    assert_eq!(
        parse(sample(XML).as_bytes(), &strict).unwrap_err().to_string(),
        "document C1876453, series C1876456, field Series[1]/marketEvaluationPoint.mRID: 579999993331812345 has a \
         wrong check digit"
    );
    let right = sample(XML).replace("579999993331812345", "579999993331812346");
    let refusal = parse(right.as_bytes(), &strict).unwrap_err();
    assert!(matches!(refusal.reason, RefusalReason::WrongCheckDigit { .. }));
    assert!(parse(sample(JSON).as_bytes(), &strict).is_ok());
}
