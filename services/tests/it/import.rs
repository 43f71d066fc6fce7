//! CSVs of master data: what is read, and the place that a fault names.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use domain::day::Day;
use domain::resolution::Resolution;
use proptest::prelude::*;
use services::import::{CdrDocument, CsvFault, Form, MasterData, is_document, ndjson, parse};

const TENANT: &str = "seller_name,street,postal_code,city,country_code,vat_id,iban,contact,currency,zone,\
payment_days,invoice_number_prefix\n";
const ACCOUNTS: &str = "account_id,name,street,postal_code,city,country_code\n";
const POINTS: &str =
    "metering_point_id,kind,unit,zone,grid_area,resolution,supplier,first_day,end_day,settlement_method\n";
const PRODUCTS: &str = "product_id,product_name,currency,valid_from,component_id,component_name,quantity,unit,price,\
model,tax_class,group,revenue_role\n";
const PRICES: &str = "index,unit,currency,resolution,created_utc,start_utc,price\n";
const CONTRACTS: &str =
    "contract_id,metering_point_id,product_id,first_day,end_day,account_id,share_percent\n";
const TOKENS: &str = "token_type,value,account_id,metering_point_id\n";

const CDRS: &str = "country_code,party_id,cdr_id,evse_id,token_type,token_uid,start_time,end_time,energy_kwh,currency,\
parking_hours,total_cost_excl_vat,meter_start_kwh,meter_end_kwh,credit_of,home_charging,connector_id,tariff_id\n";
const CDR: &str = "NL,TNM,C-1,NL*TNM*E1,rfid,04A2,2026-03-02T07:00:00Z,2026-03-02T08:00:00Z,12.123456,EUR,0.25,4.5000,100,112.123456,,yes,2,t1\n";

fn read(header: &str, rows: &str) -> MasterData {
    parse("a.csv", format!("{header}{rows}").as_bytes()).unwrap()
}

#[test]
fn each_form_is_known_by_its_header() {
    let cases = [
        (TENANT, "S,,,,,,,,EUR,Europe/Amsterdam,14,2024-\n", Form::Tenant, 1),
        (
            "tax_class,valid_from,rate_percent\n",
            "standard,2012-10-01,21\nreduced,2019-01-01,9\n",
            Form::TaxRates,
            2,
        ),
        (ACCOUNTS, "A-1,\"Bakker, Anna\",Weg 1,9901 AA,Dorp,NL\n", Form::Accounts, 1),
        (
            POINTS,
            "871699000000000035,E17,kWh,Europe/Amsterdam,990,PT1H,1,2024-01-01,2024-10-16,D01\n\
             871699000000000035,E17,kWh,Europe/Amsterdam,990,PT15M,1,2024-10-16,,D01\n",
            Form::MeteringPoints,
            1,
        ),
        (
            PRODUCTS,
            "p,P,EUR,2024-01-01,a,A,channel:consumption,kWh,constant:0.1,per_unit,standard,E,energy\n\
             p,P,EUR,2024-01-01,b,B,amount_of:a,pcs,constant:0.02,per_unit,standard,E,energy\n",
            Form::Products,
            1,
        ),
        (PRICES, "s,MWh,EUR,PT1H,2024-10-31T13:00Z,2024-09-30T22:00Z,-1.5\n", Form::Prices, 1),
        (
            CONTRACTS,
            "C,871699000000000035,p,2024-01-01,,A-1,70\nC,871699000000000035,p,2024-01-01,,A-2,30\n",
            Form::Contracts,
            1,
        ),
        (TOKENS, "rfid,04:a2,A-1,\nmeter_serial,4711,,871699000000000035\n", Form::Tokens, 2),
        ("token_type,value,account_id\n", "rfid,04:a2,A-1\n", Form::Tokens, 1),
        (CDRS, CDR, Form::Cdrs, 1),
    ];
    for (header, rows, form, count) in cases {
        let data = read(header, rows);
        assert_eq!((data.form(), data.len()), (form, count), "{header}");
        assert_eq!(read(&format!("\u{feff}{header}"), rows), data, "a byte order mark means nothing");
    }
}

#[test]
fn rows_of_one_thing_come_together() {
    let MasterData::MeteringPoints(points) = read(
        POINTS,
        "871699000000000035,E17,kWh,Europe/Amsterdam,990,PT1H,1,2024-01-01,2024-10-16,D01\n\
         871699000000000035,E17,kWh,Europe/Amsterdam,990,PT15M,1,2024-10-16,,\n",
    ) else {
        panic!("points")
    };
    let periods = &points.first().unwrap().periods;
    let resolutions: Vec<Resolution> = periods.iter().map(|period| period.resolution).collect();
    assert_eq!(resolutions, [Resolution::Hour, Resolution::Minutes15]);
    assert_eq!(periods.first().unwrap().span.end(), Day::new(2024, 10, 16).unwrap());
    let MasterData::Prices(prices) = read(
        PRICES,
        "s,MWh,EUR,PT1H,2024-10-31T13:00Z,2024-10-01T00:00Z,1\ns,MWh,EUR,PT1H,2024-10-31T13:00Z,2024-10-01T02:00Z,3\n\
         s,MWh,EUR,PT1H,2024-10-31T13:00Z,2024-10-01T03:00Z,\n",
    ) else {
        panic!("prices")
    };
    let column = &prices.first().unwrap().column.prices;
    let texts: Vec<Option<String>> = column.iter().map(|price| price.map(|price| price.to_text(0))).collect();
    assert_eq!(texts, [Some("1".to_owned()), None, Some("3".to_owned()), None]);
}

#[test]
fn a_fault_names_its_place_and_what_is_expected() {
    let point = "871699000000000035,E17,kWh,Europe/Amsterdam,990";
    let product = "p,P,EUR,2024-01-01,a,A";
    let contract = "C,871699000000000035,p,2024-01-01";
    let cases = [
        ("", "", "a.csv, line 1: the header is that of no form"),
        (
            "a,b,c\n",
            "1,2,3\n",
            "line 1: the header is that of no form; expected the columns of one of tenant, tax_rates",
        ),
        ("tax_class,valid_from\n", "", "line 1: the header of tax_rates lacks the column rate_percent"),
        ("tax_class,valid_from,rate_percent,rate\n", "", "line 1: tax_rates has no column \"rate\""),
        ("tax_class,valid_from,rate_percent,rate_percent\n", "", "or it stands there twice"),
        (TENANT, "", "line 1: the file has no row below its header"),
        (TENANT, ",,,,,,,,EUR,Europe/Amsterdam,14,2024-\n", "line 2, column seller_name: found \"\""),
        (
            TENANT,
            "S,,,,,,,,EUR,Europe/Rotterdam,14,2024-\n",
            "column zone: found \"Europe/Rotterdam\", expected an IANA",
        ),
        (TENANT, "S,,,,Netherlands,,,,EUR,UTC,14,2024-\n", "column country_code"),
        (TENANT, "S,,,,,,,,EUR,UTC,14,2024-\nT,,,,,,,,EUR,UTC,14,2024-\n", "line 3, column seller_name"),
        (
            "tax_class,valid_from,rate_percent\n",
            "standard,2024-02-30,21\n",
            "column valid_from: found \"2024-02-30\"",
        ),
        ("tax_class,valid_from,rate_percent\n", "standard,2024-01-01,101\n", "column rate_percent"),
        (
            ACCOUNTS,
            "A-1,Anna,Weg 1,,,NL\nA-1,Bram,,,,NL\n",
            "line 3, column account_id: \"A-1\" stands in the file twice",
        ),
        (ACCOUNTS, "A/1,Anna,Weg 1,,,NL\n", "column account_id: found \"A/1\", expected an id"),
        (ACCOUNTS, "A-1,Bakker, Anna,Weg 1,,,NL\n", "line 2: the row has 7 cells, the header 6"),
        (POINTS, &format!("{point},PT2H,1,2024-01-01,,\n"), "column resolution: found \"PT2H\""),
        (POINTS, &format!("{point},PT1H,1,2024-01-01,2024-01-01,\n"), "column end_day"),
        (
            POINTS,
            &format!("{point},PT1H,1,2024-01-01,2024-02-01,\n{point},PT1H,1,2024-01-31,,\n"),
            "line 3, column first_day",
        ),
        (
            POINTS,
            &format!(
                "{point},PT1H,1,2024-01-01,2024-02-01,\n{}",
                "871699000000000035,E18,kWh,Europe/Amsterdam,990,PT1H,1,2024-02-01,,\n"
            ),
            "line 3, column kind: found \"E18\", expected \"E17\" as in line 2",
        ),
        (
            POINTS,
            "8716990000000000,E17,kWh,UTC,990,PT1H,1,2024-01-01,,\n",
            "a metering point id of 18 digits",
        ),
        // Eighteen zeros stand for charging sessions.
        (
            POINTS,
            "000000000000000000,E17,kWh,UTC,990,PT1H,1,2024-01-01,,\n",
            "column metering_point_id: found \"000000000000000000\", expected a metering point id of 18 digits, not all zeros",
        ),
        (
            CONTRACTS,
            "C,000000000000000000,p,2024-01-01,,A-1,100\n",
            "column metering_point_id: found \"000000000000000000\"",
        ),
        (
            PRODUCTS,
            &format!("{product},weeks,kWh,constant:1,per_unit,standard,E,energy\n"),
            "column quantity",
        ),
        (
            PRODUCTS,
            &format!("{product},days,day,6.20,fixed,standard,E,energy\n"),
            "column price: found \"6.20\"",
        ),
        (
            PRODUCTS,
            &format!("{product},days,kWh,constant:1,fixed,standard,E,energy\n"),
            "product p can't be sold: the unit of component a can't count its quantity",
        ),
        (PRICES, "s,MWh,EUR,P1M,2024-10-31T13:00Z,2024-10-01T00:00Z,1\n", "column resolution"),
        (
            PRICES,
            "s,MWh,EUR,PT1H,2024-10-31T13:00Z,2024-10-01T00:00Z,1\ns,MWh,EUR,PT1H,2024-10-31T13:00Z,2024-10-01T00:30Z,1\n",
            "line 3, column start_utc",
        ),
        (
            PRICES,
            "s,MWh,EUR,PT1H,2024-10-31T13:00Z,2024-10-01T00:00Z,\"1,5\"\n",
            "column price: found \"1,5\"",
        ),
        (CONTRACTS, &format!("{contract},,A-1,60\n{contract},,A-2,30\n"), "make 90 %, expected 100 %"),
        (CONTRACTS, &format!("{contract},,A-1,50\n{contract},,A-1,50\n"), "line 3, column account_id"),
        (CONTRACTS, &format!("{contract},,A-1,0\n"), "column share_percent: found \"0\""),
        (TOKENS, "RFID,04,A-1,\n", "line 2, column token_type: found \"RFID\", expected rfid"),
        (TOKENS, "rfid,:,A-1,\n", "column value: found \":\""),
        (TOKENS, "rfid,04,,\n", "column account_id: found \"\""),
        (TOKENS, "rfid,04,A-1,871699000000000035\n", "column metering_point_id"),
        (TOKENS, "rfid,04,,87\n", "a metering point id of 18 digits"),
        (
            TOKENS,
            "rfid,04:A2,A-1,\nrfid,04a2,A-2,\n",
            "line 3, column value: \"rfid.04A2\" stands in the file twice",
        ),
    ];
    for (header, rows, expected) in cases {
        let error = parse("a.csv", format!("{header}{rows}").as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}\n  lacks: {expected}");
    }
}

#[test]
fn what_is_no_text_is_refused() {
    let bytes = [b"tax_class,valid_from,rate_percent\n".as_slice(), b"\xff\xfe,2024-01-01,21\n"].concat();
    assert!(matches!(parse("a.csv", &bytes).unwrap_err().fault, CsvFault::Malformed(_)));
    assert!(is_document(b"\xef\xbb\xbf  <a/>") && is_document(b"{") && !is_document(b"a,b"));
}

proptest! {
    /// Whatever the bytes: an answer, never a panic.
    #[test]
    fn anything_may_come(header in prop::sample::select(vec![TENANT, ACCOUNTS, POINTS, PRODUCTS, PRICES, CONTRACTS, TOKENS]),
                         rest in prop::collection::vec(any::<u8>(), 0..400)) {
        let bytes = [header.as_bytes(), &rest].concat();
        drop(parse("a.csv", &bytes));
    }

    /// A cell replaced in a good file: taken or refused with a place.
    #[test]
    fn any_cell_may_come(cell in "[ -~]{0,24}", place in 0_usize..13) {
        let row = ["p", "P", "EUR", "2024-01-01", "a", "A", "channel:consumption", "kWh", "index:s*1+0.1", "per_unit",
                   "standard", "E", "energy"];
        let row: Vec<String> = row.iter().enumerate().map(|(index, text)| {
            let text = if index == place { cell.as_str() } else { text };
            format!("\"{}\"", text.replace('"', "\"\""))
        }).collect();
        if let Err(error) = parse("a.csv", format!("{PRODUCTS}{}\n", row.join(",")).as_bytes()) {
            prop_assert_eq!(error.line, 2);
        }
    }
}

#[test]
fn a_row_becomes_a_record_of_ocpi_digit_by_digit() {
    let MasterData::Cdrs(records) = read(CDRS, CDR) else { unreachable!("the header is of records") };
    let json = r#"{"country_code":"NL","party_id":"TNM","id":"C-1","start_date_time":"2026-03-02T07:00:00Z","end_date_time":"2026-03-02T08:00:00Z","cdr_token":{"uid":"04A2","type":"RFID","contract_id":""},"auth_method":"WHITELIST","cdr_location":{"id":"","evse_uid":"NL*TNM*E1","evse_id":"NL*TNM*E1","connector_id":"2"},"currency":"EUR","charging_periods":[{"start_date_time":"2026-03-02T07:00:00Z","dimensions":[{"type":"ENERGY","volume":12.123456},{"type":"PARKING_TIME","volume":0.25}],"tariff_id":"t1"}],"total_cost":{"excl_vat":4.5000},"total_energy":12.123456,"meter_start_kwh":100,"meter_end_kwh":112.123456,"credit":false,"home_charging_compensation":true}"#;
    assert_eq!(records, [CdrDocument { what: "NL*TNM*C-1".to_owned(), json: json.to_owned() }]);
    let record = services::ocpi::read_cdr_record(json, None).unwrap();
    assert_eq!((record.key.to_string().as_str(), record.is_home), ("NL*TNM*C-1", true));
    assert!(record.registers.is_some());
}

#[test]
fn a_row_that_is_no_record_is_refused_by_the_column() {
    let refused = |found: &str, put: &str| {
        assert!(CDR.contains(found), "{found}");
        parse("a.csv", format!("{CDRS}{}", CDR.replacen(found, put, 1)).as_bytes()).unwrap_err().to_string()
    };
    for (found, put, column) in [
        ("NL,TNM", "NL,T", "party_id"),
        ("C-1", "", "cdr_id"),
        ("NL*TNM*E1", "?", "evse_id"),
        (",rfid,", ",card,", "token_type"),
        ("2026-03-02T08:00:00Z", "soon", "end_time"),
        ("12.123456", "a lot", "energy_kwh"),
        ("EUR", "EURO", "currency"),
        (",yes,", ",perhaps,", "home_charging"),
    ] {
        let fault = refused(found, put);
        assert!(fault.contains("a.csv") && fault.contains(column), "{fault}");
    }
    let twice = parse("a.csv", format!("{CDRS}{CDR}{CDR}").as_bytes()).unwrap_err();
    assert!(matches!(twice.fault, CsvFault::Duplicate { .. }));
}

#[test]
fn lines_of_json_are_records_and_the_first_that_is_none_is_told() {
    let records = ndjson(b"{\"id\": 1}\n\n  {\"id\": 2}\r\n").unwrap();
    let told: Vec<_> = records.iter().map(|record| (record.what.as_str(), record.json.trim())).collect();
    assert_eq!(told, [("line 1", r#"{"id": 1}"#), ("line 3", r#"{"id": 2}"#)]);
    for (text, line) in [("{}\n[]", 2), ("{", 1), ("{}\n{} x", 2)] {
        assert_eq!(ndjson(text.as_bytes()), Err(line));
    }
    assert_eq!(ndjson(b"{}\n\xff{}"), Err(2));
}
