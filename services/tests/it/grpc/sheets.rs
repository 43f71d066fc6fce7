//! Price sheets and agreements on shares over a connection: versions, trials, repeats, pages, and every way to be refused.

use proto::google_type::Date;
use proto::roaming::{
    CreatePriceSheetRequest, CreateShareAgreementRequest, GetPriceSheetRequest, GetShareAgreementRequest,
    LegKind, ListPriceSheetsRequest, ListShareAgreementsRequest, MonthTerms, PriceSheet, SessionTerms,
    ShareAgreement, ShareRule, ShareTiers, TierCount,
};
use proto::types::DaySpan;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::roamed::{Network, agreement, on_network, rule, tariff};
use super::supplier::{TENANT, date, decimal};
use super::world::{field, reason, request_id};

const ABSENT: Code = Code::NotFound;
const INVALID: Code = Code::InvalidArgument;

fn sheet_request(id: &str, tariff: impl Into<Vec<u8>>) -> CreatePriceSheetRequest {
    CreatePriceSheetRequest {
        parent: TENANT.to_owned(),
        price_sheet_id: id.to_owned(),
        tariff: tariff.into(),
        ..CreatePriceSheetRequest::default()
    }
}

fn agreement_request(agreement: ShareAgreement) -> CreateShareAgreementRequest {
    CreateShareAgreementRequest {
        parent: TENANT.to_owned(),
        share_agreement: Some(agreement),
        ..Default::default()
    }
}

async fn put_sheet(network: &mut Network, request: CreatePriceSheetRequest) -> Result<PriceSheet, Status> {
    network.sheets.create_price_sheet(request).await.map(tonic::Response::into_inner)
}

async fn put_agreement(
    network: &mut Network,
    request: CreateShareAgreementRequest,
) -> Result<ShareAgreement, Status> {
    network.agreements.create_share_agreement(request).await.map(tonic::Response::into_inner)
}

async fn get_agreement(network: &mut Network, id: &str, day: Option<Date>) -> Result<ShareAgreement, Status> {
    let get = GetShareAgreementRequest { name: format!("{TENANT}/shareAgreements/{id}"), day };
    network.agreements.get_share_agreement(get).await.map(tonic::Response::into_inner)
}

async fn sheets(network: &mut Network, page_size: i32) -> Vec<(String, u32)> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let list = ListPriceSheetsRequest { parent: TENANT.to_owned(), page_size, page_token };
        let page = network.sheets.list_price_sheets(list).await.unwrap().into_inner();
        all.extend(page.price_sheets.into_iter().map(|sheet| (sheet.price_sheet_id, sheet.version)));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

async fn agreements(network: &mut Network, page_size: i32) -> Vec<(String, u32)> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let list = ListShareAgreementsRequest { parent: TENANT.to_owned(), page_size, page_token };
        let page = network.agreements.list_share_agreements(list).await.unwrap().into_inner();
        all.extend(page.share_agreements.into_iter().map(|one| (one.share_agreement_id, one.version)));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

fn versions(expected: &[(&str, u32)]) -> Vec<(String, u32)> {
    expected.iter().map(|(id, version)| ((*id).to_owned(), *version)).collect()
}

#[test]
fn a_price_sheet_has_versions() {
    on_network(async |mut network| {
        let day = || sheet_request("", tariff("day", "EUR", "0.45"));
        let trial = CreatePriceSheetRequest { validate_only: true, ..day() };
        assert_eq!(put_sheet(&mut network, trial).await.unwrap().version, 1);
        assert!(sheets(&mut network, 0).await.is_empty(), "a trial leaves nothing");

        let id = request_id();
        let made = put_sheet(&mut network, CreatePriceSheetRequest { request_id: id.clone(), ..day() });
        let made = made.await.unwrap();
        assert_eq!((made.name.as_str(), made.version), ("tenants/light/priceSheets/day", 1));
        assert_eq!((made.tariff_id.as_str(), made.currency_code.as_str()), ("day", "EUR"));
        let component = &made.elements[0].components[0];
        assert_eq!(component.price, Some(decimal("0.45")));
        assert_eq!((component.vat_basis_points, component.step_size), (Some(2_100), 1));
        assert!(made.registered_time.is_some());
        for request_id in [id.clone(), String::new(), request_id()] {
            let again = CreatePriceSheetRequest { request_id, ..day() };
            assert_eq!(put_sheet(&mut network, again).await.unwrap(), made, "the same has no effect");
        }
        let dearer = sheet_request("", tariff("day", "EUR", "0.50"));
        let reused = CreatePriceSheetRequest { request_id: id, ..dearer.clone() };
        let reused = put_sheet(&mut network, reused).await.unwrap_err();
        assert_eq!(reason(&reused), (INVALID, "REQUEST_ID_REUSED".to_owned()));
        assert_eq!(put_sheet(&mut network, dearer).await.unwrap().version, 2);
        let other = sheet_request("night", tariff("day", "EUR", "0.30"));
        assert_eq!(put_sheet(&mut network, other).await.unwrap().price_sheet_id, "night");

        let get = GetPriceSheetRequest { name: made.name };
        let latest = network.sheets.get_price_sheet(get).await.unwrap().into_inner();
        assert_eq!((latest.version, &latest.elements[0].components[0].price), (2, &Some(decimal("0.5"))));
        let expected = versions(&[("day", 1), ("day", 2), ("night", 1)]);
        for page_size in 0..=4 {
            assert_eq!(sheets(&mut network, page_size).await, expected);
        }
    });
}

#[test]
fn a_price_sheet_that_can_t_be_is_refused() {
    on_network(async |mut network| {
        put_sheet(&mut network, sheet_request("day", tariff("day", "EUR", "0.45"))).await.unwrap();
        let good = tariff("day", "EUR", "0.45");
        let empty = good.split(r#""elements":"#).next().unwrap().to_owned() + r#""elements":[]}"#;
        let cases: Vec<(CreatePriceSheetRequest, &str, &str)> = vec![
            (sheet_request("", ""), "MISSING", "tariff"),
            (sheet_request("", "{"), "INVALID", "tariff"),
            (sheet_request("", [0xFF]), "INVALID", "tariff"),
            (sheet_request("", format!("[{good},{good}]")), "INVALID", "tariff"),
            (sheet_request("", empty), "INVALID", "tariff"),
            (sheet_request("", tariff("day", "XXX", "0.45")), "INVALID", "tariff"),
            (sheet_request("", tariff("day", "EUR", r#""0.45""#)), "INVALID", "tariff"),
            (sheet_request(&"x".repeat(57), good.clone()), "INVALID", "price_sheet_id"),
            (sheet_request("a\nb", good.clone()), "INVALID", "price_sheet_id"),
            (
                CreatePriceSheetRequest { parent: "light".to_owned(), ..sheet_request("", good.clone()) },
                "INVALID",
                "parent",
            ),
        ];
        for (request, expected, named) in cases {
            let refused = put_sheet(&mut network, request.clone()).await.unwrap_err();
            assert_eq!(reason(&refused), (INVALID, expected.to_owned()), "{request:?}");
            assert_eq!(field(&refused), named, "{request:?}");
        }
        let refused = put_sheet(&mut network, sheet_request("", tariff("day", "USD", "0.45"))).await;
        assert_eq!(reason(&refused.unwrap_err()), (INVALID, "OTHER_CURRENCY".to_owned()));
        let get = GetPriceSheetRequest { name: format!("{TENANT}/priceSheets/none") };
        let refused = network.sheets.get_price_sheet(get).await.unwrap_err();
        assert_eq!(reason(&refused), (ABSENT, "NOT_FOUND".to_owned()));
        assert_eq!(sheets(&mut network, 0).await, versions(&[("day", 1)]));
    });
}

#[test]
fn an_agreement_has_versions_and_days() {
    on_network(async |mut network| {
        let first = || agreement_request(agreement("site", vec![rule("owner", "0.1", "0")]));
        let trial = CreateShareAgreementRequest { validate_only: true, ..first() };
        assert_eq!(put_agreement(&mut network, trial).await.unwrap().version, 1);
        assert!(agreements(&mut network, 0).await.is_empty(), "a trial leaves nothing");

        let id = request_id();
        let request = CreateShareAgreementRequest { request_id: id.clone(), ..first() };
        let made = put_agreement(&mut network, request.clone()).await.unwrap();
        assert_eq!((made.name.as_str(), made.version), ("tenants/light/shareAgreements/site", 1));
        for request in [request, first()] {
            assert_eq!(put_agreement(&mut network, request).await.unwrap(), made, "the same has no effect");
        }
        let mut july = agreement("site", vec![rule("owner", "0.2", "0")]);
        july.span = Some(DaySpan { first_day: Some(date(2024, 7, 1)), end_day: None });
        let reused = CreateShareAgreementRequest { request_id: id, ..agreement_request(july.clone()) };
        let reused = put_agreement(&mut network, reused).await.unwrap_err();
        assert_eq!(reason(&reused), (INVALID, "REQUEST_ID_REUSED".to_owned()));
        assert_eq!(put_agreement(&mut network, agreement_request(july)).await.unwrap().version, 2);
        for (day, expected) in [
            (Some(date(2024, 1, 1)), Some(1)),
            (Some(date(2024, 6, 30)), Some(1)),
            (Some(date(2024, 7, 1)), Some(2)),
            (None, Some(2)),
            (Some(date(2023, 12, 31)), None),
        ] {
            match (get_agreement(&mut network, "site", day).await, expected) {
                (Ok(found), Some(version)) => assert_eq!(found.version, version, "{day:?}"),
                (Err(refused), None) => assert_eq!(reason(&refused), (ABSENT, "NOT_FOUND".to_owned())),
                (answer, _) => panic!("{day:?}: {answer:?}"),
            }
        }
        let other = agreement_request(agreement("other", vec![rule("owner", "0.1", "0")]));
        put_agreement(&mut network, other).await.unwrap();
        let expected = versions(&[("other", 1), ("site", 1), ("site", 2)]);
        for page_size in 0..=4 {
            assert_eq!(agreements(&mut network, page_size).await, expected);
        }
    });
}

#[test]
fn an_agreement_that_can_t_be_is_refused() {
    on_network(async |mut network| {
        network.agree(agreement("site", vec![rule("owner", "0.1", "0")])).await;
        let of = |change: fn(&mut ShareRule)| {
            let mut changed = rule("owner", "0.1", "0");
            change(&mut changed);
            agreement("site", vec![changed])
        };
        let bounds = |rule: &mut ShareRule| {
            let (floor, cap) = (Some(decimal("2")), Some(decimal("1")));
            rule.session = Some(SessionTerms { floor, cap, ..SessionTerms::default() });
        };
        let tierless = |rule: &mut ShareRule| {
            let tiers = Some(ShareTiers { count: TierCount::Energy.into(), tiers: Vec::new() });
            rule.month = Some(MonthTerms { tiers, ..MonthTerms::default() });
        };
        let many = (0..33).map(|number| rule(&format!("a-{number}"), "0.01", "0")).collect();
        let twice = vec![rule("owner", "0.1", "0"), rule("owner", "0.2", "0")];
        let defects: Vec<(ShareAgreement, &str)> = vec![
            (agreement("site", Vec::new()), "EMPTY"),
            (agreement("site", many), "TOO_MANY_RULES"),
            (agreement("site", twice), "DUPLICATE_RULE"),
            (of(|rule| rule.kind = LegKind::Purchase.into()), "NOT_A_SHARE"),
            (of(|rule| rule.kind = LegKind::HomeCharging.into()), "NOT_A_SHARE"),
            (of(|rule| rule.role.clear()), "NOT_A_SHARE"),
            (of(|rule| rule.session.as_mut().unwrap().rate = Some(decimal("1.01"))), "RATE_TOO_LARGE"),
            (of(bounds), "BOUNDS_CROSS"),
            (of(tierless), "TIERS"),
        ];
        for (agreement, defect) in defects {
            let refused = put_agreement(&mut network, agreement_request(agreement)).await.unwrap_err();
            assert_eq!(reason(&refused), (INVALID, "DEFECTIVE_SHARE_AGREEMENT".to_owned()), "{defect}");
            let violations = refused.get_details_precondition_failure().unwrap().violations;
            assert!(violations.iter().any(|violation| violation.r#type == defect), "{violations:?}");
        }
        let named = |id: &str| agreement(id, vec![rule("owner", "0.1", "0")]);
        let fields: Vec<(ShareAgreement, &str, &str)> = vec![
            (named(""), "MISSING", "share_agreement.share_agreement_id"),
            (named("a\nb"), "INVALID", "share_agreement.share_agreement_id"),
            (ShareAgreement { span: None, ..named("x") }, "MISSING", "share_agreement.span"),
            (
                ShareAgreement { currency_code: "XXX".to_owned(), ..named("x") },
                "INVALID",
                "share_agreement.currency_code",
            ),
            (
                of(|rule| rule.recipient_account_id.clear()),
                "MISSING",
                "share_agreement.rules[0].recipient_account_id",
            ),
            (of(|rule| rule.kind = 0), "MISSING", "share_agreement.rules[0].kind"),
            (
                of(|rule| rule.session.as_mut().unwrap().base = 0),
                "MISSING",
                "share_agreement.rules[0].session.base",
            ),
        ];
        for (agreement, expected, named) in fields {
            let refused = put_agreement(&mut network, agreement_request(agreement)).await.unwrap_err();
            assert_eq!(
                (reason(&refused), field(&refused)),
                ((INVALID, expected.to_owned()), named.to_owned()),
                "{refused:?}"
            );
        }
        let request = CreateShareAgreementRequest { parent: TENANT.to_owned(), ..Default::default() };
        let refused = put_agreement(&mut network, request).await.unwrap_err();
        assert_eq!(
            (reason(&refused).1, field(&refused)),
            ("MISSING".to_owned(), "share_agreement".to_owned())
        );
        for id in ["site", "dollars"] {
            let other = ShareAgreement { currency_code: "USD".to_owned(), ..named(id) };
            let refused = put_agreement(&mut network, agreement_request(other)).await.unwrap_err();
            assert_eq!(reason(&refused), (INVALID, "OTHER_CURRENCY".to_owned()));
        }
        let refused = get_agreement(&mut network, "none", None).await.unwrap_err();
        assert_eq!(reason(&refused), (ABSENT, "NOT_FOUND".to_owned()));
        assert_eq!(agreements(&mut network, 0).await, versions(&[("site", 1)]));
    });
}

#[test]
fn an_agreement_gives_to_those_that_there_are_and_never_less_than_nothing() {
    on_network(async |mut network| {
        let unknown = agreement_request(agreement("site", vec![rule("nobody", "0.1", "0")]));
        let refused = put_agreement(&mut network, unknown).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::FailedPrecondition, "UNKNOWN_ACCOUNT".to_owned()));
        let mut capped = rule("owner", "0.1", "0");
        capped.session.as_mut().unwrap().cap = Some(decimal("-5"));
        let refused = put_agreement(&mut network, agreement_request(agreement("site", vec![capped]))).await;
        assert_eq!(reason(&refused.unwrap_err()).0, INVALID);
        assert!(agreements(&mut network, 0).await.is_empty());
    });
}
