//! What a refusal tells: field, bound and text, so that the request can be put right; and parts that were reckoned wrongly.

use proto::charging::used::Used as WireUsed;
use proto::charging::{
    Agreement, Charged, ChargedPart, CommitRequest, DebitMode, DebitRequest, EndAgreementRequest,
    SetAgreementRequest, SetSpendingLimitRequest, SpendingLimitKey, SpendingWindow, TopUpRequest, Used,
};
use proto::types::DaySpan;
use tonic::{Code, Status};

use super::given::{Given, by_name, commit, energy, reserve, top_up, used};
use crate::grpc::supplier::{account_name, date};
use crate::grpc::world::{fact, field, reason, run};

/// `REASON field: text`.
fn told(status: &Status) -> String {
    format!("{} {}", reason(status).1, status.message())
}

#[test]
fn a_payment_is_told_what_is_wrong_with_it() {
    type Change = fn(&mut TopUpRequest);
    let cases: &[(Change, &str)] = &[
        (|one| one.operation_id.clear(), "MISSING operation_id: is missing"),
        (
            |one| one.operation_id = "a b".to_owned(),
            "INVALID operation_id: is no id: 1 to 64 printable characters of ASCII without spaces",
        ),
        (|one| one.exact_amount.clear(), "MISSING exact_amount: is missing"),
        (|one| one.currency_code.clear(), "MISSING currency_code: is missing"),
        (
            |one| one.exact_amount = "5.".to_owned(),
            "INVALID exact_amount: is no plain decimal number such as 12.34",
        ),
        (
            |one| (one.currency_code.clear(), one.unit = "kW".to_owned()).1,
            "INVALID unit: is no unit that balances are held in: kWh, m3, GJ, h or pcs",
        ),
        (
            |one| one.exact_amount = "-5".to_owned(),
            "AMOUNT_NOT_POSITIVE exact_amount: is not above zero, or below zero where zero would do",
        ),
        (
            |one| one.exact_amount = "1000000000.01".to_owned(),
            "AMOUNT_ABSURD exact_amount: is more than 1,000,000,000 at once",
        ),
        (
            |one| one.exact_amount = "1.005".to_owned(),
            "OTHER_SCALE exact_amount: has more decimals than the asset is paid with: 2",
        ),
    ];
    run(async {
        let mut given = Given::new().await;
        for (change, expected) in cases {
            let mut request = top_up("anna", "t1", "7");
            change(&mut request);
            let refused = given.client.top_up(request).await.unwrap_err();
            assert_eq!((refused.code(), told(&refused).as_str()), (Code::InvalidArgument, *expected));
        }
        let mut request = top_up("anna", "t1", "1.005");
        let refused = given.client.top_up(request.clone()).await.unwrap_err();
        assert_eq!(
            (fact(&refused, "field").as_str(), fact(&refused, "most").as_str()),
            ("exact_amount", "2")
        );
        request.exact_amount = "2000000000".to_owned();
        let refused = given.client.top_up(request).await.unwrap_err();
        assert_eq!(fact(&refused, "most"), "1000000000");
        assert_eq!(given.balance("anna").await, "100");
    });
}

fn part(revenue_role: &str, tax_class: &str, rate: u32, tax: &str) -> ChargedPart {
    ChargedPart {
        revenue_role: revenue_role.to_owned(),
        tax_class: tax_class.to_owned(),
        vat_basis_points: rate,
        exact_net: "10".to_owned(),
        exact_tax: tax.to_owned(),
    }
}

fn charged(parts: Vec<ChargedPart>) -> Option<Used> {
    Some(Used { used: Some(WireUsed::Charged(Charged { currency_code: "EUR".to_owned(), parts })) })
}

fn debit(id: &str, used: Option<Used>) -> DebitRequest {
    DebitRequest {
        payer: by_name("anna"),
        operation_id: id.to_owned(),
        mode: DebitMode::Forced.into(),
        usage: energy(),
        used,
        ..DebitRequest::default()
    }
}

#[test]
fn parts_that_were_reckoned_wrongly_are_not_booked() {
    let cases = [
        (part("", "standard", 2_100, "2.1"), "REVENUE_ROLE", "revenue_role"),
        (part("roaming", "", 2_100, "2.1"), "TAX_CLASS", "tax_class"),
        (part("roaming", "outside", 2_100, "2.1"), "TAX_CLASS", "tax_class"),
        (part("roaming", "standard", 2_100, "-2.1"), "TAX_SIGN", "exact_tax"),
        (part("roaming", "standard", 0, "2.1"), "TAX_WITHOUT_RATE", "exact_tax"),
        (part("roaming", "standard", 2_100, "2.12"), "TAX_OFF_RATE", "exact_tax"),
        (part("roaming", "standard", 2_100, "2.08"), "TAX_OFF_RATE", "exact_tax"),
        (part("roaming", "standard", 2_100, "1/2"), "INVALID", "exact_tax"),
    ];
    run(async {
        let mut given = Given::new().await;
        given.client.reserve(reserve(by_name("anna"), "r1", "100")).await.unwrap();
        for (wrong, expected, at) in cases {
            let parts = vec![part("roaming", "standard", 2_100, "2.1"), wrong];
            let place = format!("used.charged.parts[1].{at}");
            let refused = given.client.debit(debit("d1", charged(parts.clone()))).await.unwrap_err();
            assert_eq!((reason(&refused).1.as_str(), field(&refused)), (expected, place.clone()));
            let request = CommitRequest { used: charged(parts), ..commit(by_name("anna"), "r1", "1") };
            let refused = given.client.commit(request).await.unwrap_err();
            assert_eq!(
                (reason(&refused), field(&refused)),
                ((Code::InvalidArgument, expected.to_owned()), place)
            );
        }
        assert_eq!(given.balance("anna").await, "100 held 60.5");
        // The id was refused and not remembered: it is free for what is right.
        let right = vec![part("roaming", "standard", 2_100, "2.1")];
        given.client.debit(debit("d1", charged(right))).await.unwrap();
        assert_eq!(given.balance("anna").await, "87.9 held 60.5");
    });
}

#[test]
fn a_forced_debit_of_nobody_is_refused() {
    run(async {
        let mut given = Given::new().await;
        let request = DebitRequest { member: Some("carl".to_owned()), ..debit("d1", used("1")) };
        let refused = given.client.debit(request).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::NotFound, "UNKNOWN_MEMBER".to_owned()));
        assert_eq!(given.balance("anna").await, "100");
    });
}

#[test]
fn a_spending_limit_is_about_one_asset() {
    run(async {
        let mut given = Given::new().await;
        let set = |currency_code: &str, unit: &str| SetSpendingLimitRequest {
            account: account_name("anna"),
            key: Some(SpendingLimitKey {
                member: None,
                currency_code: currency_code.to_owned(),
                unit: unit.to_owned(),
                window: SpendingWindow::Day.into(),
            }),
            exact_most: Some("5".to_owned()),
        };
        for (currency, unit, expected, at) in [
            ("EUR", "kWh", "INVALID", "key.unit"),
            ("", "kW", "INVALID", "key.unit"),
            ("", "", "MISSING", "key.currency_code"),
        ] {
            let refused = given.client.set_spending_limit(set(currency, unit)).await.unwrap_err();
            assert_eq!((reason(&refused).1.as_str(), field(&refused).as_str()), (expected, at));
        }
        assert!(given.funds("anna").await.limits.is_empty());
        given.client.set_spending_limit(set("", "kWh")).await.unwrap();
        assert_eq!(given.funds("anna").await.limits.len(), 1);
    });
}

#[test]
fn an_agreement_is_told_what_is_wrong_with_it() {
    let span = |year| Some(DaySpan { first_day: Some(date(2024, 1, 1)), end_day: Some(date(year, 1, 1)) });
    let agreement = |id: &str, product: &str, year| Agreement {
        agreement_id: id.to_owned(),
        product_id: product.to_owned(),
        span: span(year),
        ..Agreement::default()
    };
    run(async {
        let mut given = Given::new().await;
        for (agreement, expected, at) in [
            (agreement("", "charging", 2025), "MISSING", "agreement.agreement_id"),
            (agreement(&"a".repeat(57), "charging", 2025), "AGREEMENT_ID", "agreement.agreement_id"),
            (agreement("a\nb", "charging", 2025), "AGREEMENT_ID", "agreement.agreement_id"),
            (agreement("road", "", 2025), "MISSING", "agreement.product_id"),
            (agreement("road", "charging", 2024), "ENDS_BEFORE_START", "agreement.span.end_day"),
            (agreement("road", "charging", 2023), "ENDS_BEFORE_START", "agreement.span.end_day"),
        ] {
            let set = SetAgreementRequest { account: account_name("anna"), agreement: Some(agreement) };
            let refused = given.client.set_agreement(set).await.unwrap_err();
            let named = (reason(&refused).1, field(&refused));
            assert_eq!(named, (expected.to_owned(), at.to_owned()));
        }
        let end = EndAgreementRequest {
            account: account_name("anna"),
            agreement_id: "home".to_owned(),
            end_day: Some(date(2024, 1, 1)),
        };
        let refused = given.client.end_agreement(end).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::InvalidArgument, "ENDS_BEFORE_START".to_owned()));
    });
}
