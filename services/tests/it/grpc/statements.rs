//! Statements of partners over a connection: previewed, issued by hash, listed, paid, and every way to be refused.

use proto::roaming::{
    GetStatementRequest, IssueStatementRequest, ListLegsRequest, ListStatementsRequest, MonthComponent,
    MonthTerms, PartnerPayment, PreviewStatementRequest, RecordPaymentRequest, ShareAgreement, ShareRule,
    StatementSection,
};
use proto::types::DaySpan;
use tonic::{Code, Response, Status};

use super::roamed::{Network, OWN, agreement, eur, minor, money, month, on_network, rule};
use super::supplier::{TENANT, account_name, date, decimal};
use super::world::{World, fact, field, reason, request_id, run};

const INVALID: Code = Code::InvalidArgument;

/// A refusal with this code and reason.
#[track_caller]
fn check<T: std::fmt::Debug>(answer: Result<T, Status>, code: Code, expected: &str) {
    let refused = answer.unwrap_err();
    assert_eq!(reason(&refused), (code, expected.to_owned()), "{refused:?}");
}

/// A refusal that names this field.
#[track_caller]
fn check_field<T: std::fmt::Debug>(answer: Result<Response<T>, Status>, expected: &str) {
    let refused = answer.unwrap_err();
    assert_eq!((refused.code(), field(&refused)), (INVALID, expected.to_owned()), "{refused:?}");
}

/// A month gives the owner 25.00, and 60.00 in all at least.
fn guaranteed() -> ShareRule {
    let month =
        MonthTerms { fixed: Some(decimal("25")), least: Some(decimal("60")), ..MonthTerms::default() };
    ShareRule { month: Some(month), ..rule("owner", "0.10", "0.005") }
}

async fn numbers(network: &mut Network, page_size: i32) -> Vec<String> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let list = ListStatementsRequest { parent: account_name("owner"), page_size, page_token };
        let page = network.statements.list_statements(list).await.unwrap().into_inner();
        all.extend(page.statements.into_iter().map(|issued| issued.number));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

#[test]
fn a_guaranteed_month_is_stated_without_sessions() {
    on_network(async |mut network| {
        let span = Some(DaySpan { first_day: Some(date(2024, 10, 1)), end_day: None });
        network.agree(ShareAgreement { span, ..agreement("site", vec![guaranteed()]) }).await;
        // The account is told of the agreement by a message.
        let previewed = loop {
            match network.preview("owner", 10).await {
                Ok(previewed) => break previewed,
                Err(status) => assert_eq!(status.code(), Code::NotFound),
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        };
        assert_eq!(previewed.hash.len(), 32);
        let statement = previewed.statement.clone().unwrap();
        assert!(statement.number.is_empty());
        let components: Vec<_> = statement
            .lines
            .iter()
            .map(|line| (line.section(), line.component(), minor(line.net.as_ref())))
            .collect();
        let monthly = StatementSection::Monthly;
        assert_eq!(
            components,
            [(monthly, MonthComponent::Fixed, 2_500), (monthly, MonthComponent::Least, 3_500)]
        );
        assert_eq!((minor(statement.net.as_ref()), minor(statement.total.as_ref())), (6_000, 7_260));
        assert_eq!(network.preview("owner", 10).await.unwrap(), previewed, "a preview changes nothing");
        assert!(numbers(&mut network, 0).await.is_empty());

        let id = request_id();
        let request = |hash: &[u8], request_id: &str| IssueStatementRequest {
            parent: account_name("owner"),
            month: Some(month(10)),
            issue_date: Some(date(2025, 1, 2)),
            hash: hash.to_vec(),
            request_id: request_id.to_owned(),
        };
        let issued = network.statements.issue_statement(request(&previewed.hash, &id)).await.unwrap();
        let issued = issued.into_inner();
        assert_eq!(issued.number, "L24-S-owner-00001");
        for id in [id.as_str(), &request_id(), ""] {
            let again = network.statements.issue_statement(request(&previewed.hash, id)).await.unwrap();
            assert_eq!(again.into_inner(), issued, "the same is answered again");
        }
        check(network.statements.issue_statement(request(&[0; 32], &id)).await, INVALID, "REQUEST_ID_REUSED");
        for month_of_year in [11, 12] {
            network.issued("owner", month_of_year).await;
        }
        let expected = ["L24-S-owner-00001", "L24-S-owner-00002", "L24-S-owner-00003"];
        for page_size in 0..=4 {
            assert_eq!(numbers(&mut network, page_size).await, expected);
        }
        network.ledger().await;
    });
}

#[test]
fn a_preview_that_changed_is_not_issued() {
    on_network(async |mut network| {
        network.agreed().await;
        network.sold(OWN, "one", "10-01").await;
        network.legs("owner", 10, 1).await;
        let first = network.preview("owner", 10).await.unwrap();
        network.sold(OWN, "two", "10-02").await;
        network.legs("owner", 10, 2).await;
        let refused = network.issue("owner", 10, first.hash.clone()).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::FailedPrecondition, "PREVIEW_CHANGED".to_owned()));
        let now = network.preview("owner", 10).await.unwrap();
        let hexadecimal: String = now.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(fact(&refused, "preview_hash"), hexadecimal);
        assert!(numbers(&mut network, 0).await.is_empty());
        let issued = network.issue("owner", 10, now.hash.clone()).await.unwrap();

        // The month is stated: neither it nor one before it is stated again.
        for (month_of_year, hash) in [(10, first.hash), (9, now.hash)] {
            let refused = network.issue("owner", month_of_year, hash).await.unwrap_err();
            assert_eq!(reason(&refused), (Code::FailedPrecondition, "STATEMENT_ISSUED".to_owned()));
            assert_eq!(fact(&refused, "statement"), issued.number);
            let refused = network.preview("owner", month_of_year).await;
            check(refused, Code::FailedPrecondition, "STATEMENT_ISSUED");
        }
        // A leg of October that comes now is of November; pages of legs follow one another.
        network.sold(OWN, "late", "10-03").await;
        network.legs("owner", 11, 1).await;
        let (mut sequences, mut page_token) = (Vec::new(), String::new());
        loop {
            let (parent, month) = (account_name("owner"), Some(month(10)));
            let list = ListLegsRequest { parent, month, page_size: 1, page_token };
            let page = network.statements.list_legs(list).await.unwrap().into_inner();
            sequences.extend(page.legs.iter().map(|held| held.sequence));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(sequences, [1, 2]);
    });
}

#[test]
fn payments_are_recorded_once() {
    on_network(async |mut network| {
        network.agreed().await;
        let precondition = Code::FailedPrecondition;
        check(network.pay("owner", "P-1", eur(10)).await, precondition, "NOTHING_TO_STATE");
        network.sold(OWN, "one", "10-01").await;
        network.legs("owner", 10, 1).await;
        network.issued("owner", 10).await;
        assert_eq!(network.pay("owner", "P-1", eur(100)).await.unwrap(), -21, "too much: the partner owes");
        assert_eq!(network.pay("owner", "P-1", eur(100)).await.unwrap(), -21);
        check(network.pay("owner", "P-1", eur(101)).await, Code::AlreadyExists, "OTHER_PAYMENT");
        check(network.pay("owner", "P-2", money(21, "USD")).await, INVALID, "OTHER_CURRENCY");
        check(network.pay("owner", "P-2", money(21, "XXX")).await, INVALID, "INVALID");
        check(network.pay("owner", "P-2", eur(0)).await, INVALID, "NOTHING_PAID");
        for id in ["", "a b", &"x".repeat(65)] {
            assert_eq!(network.pay("owner", id, eur(1)).await.unwrap_err().code(), INVALID, "{id}");
        }
        check(network.pay("zoe", "P-2", eur(1)).await, Code::NotFound, "UNKNOWN_ACCOUNT");
        assert_eq!(network.pay("owner", "P-2", eur(-21)).await.unwrap(), 0, "and pays back");
        let next = network.issued("owner", 11).await;
        let paid: Vec<_> = next.payments.iter().map(|paid| minor(paid.amount.as_ref())).collect();
        assert_eq!((paid, minor(next.opening_balance.as_ref())), (vec![100, -21], 79));
        assert_eq!(minor(next.closing_balance.as_ref()), 0);
        network.ledger().await;
    });
}

#[test]
fn what_can_t_be_stated_is_refused() {
    on_network(async |mut network| {
        let absent = Code::NotFound;
        let nothing = network.preview("owner", 10).await.unwrap_err();
        assert_eq!(reason(&nothing), (absent, "NOT_FOUND".to_owned()));
        assert_eq!(nothing.message(), "there is nothing to state of tenants/light/accounts/owner in 2024-10");
        check(network.issue("owner", 10, vec![0; 32]).await, Code::FailedPrecondition, "NOTHING_TO_STATE");
        check(network.preview("zoe", 10).await, absent, "UNKNOWN_ACCOUNT");
        check(network.issue("zoe", 10, vec![0; 32]).await, absent, "UNKNOWN_ACCOUNT");
        let get = |name: String| GetStatementRequest { name };
        let statements = &mut network.statements;
        let name = format!("{}/statements/L24-S-owner-00001", account_name("owner"));
        check(statements.get_statement(get(name)).await, absent, "NOT_FOUND");
        check_field(statements.get_statement(get(account_name("owner"))).await, "name");

        let preview = PreviewStatementRequest {
            parent: account_name("owner"),
            month: Some(month(10)),
            issue_date: Some(date(2025, 1, 2)),
        };
        let cases = [
            (PreviewStatementRequest { parent: TENANT.to_owned(), ..preview.clone() }, "parent"),
            (PreviewStatementRequest { month: None, ..preview.clone() }, "month"),
            (PreviewStatementRequest { month: Some(date(2024, 10, 1)), ..preview.clone() }, "month"),
            (PreviewStatementRequest { issue_date: None, ..preview.clone() }, "issue_date"),
            (PreviewStatementRequest { issue_date: Some(month(10)), ..preview.clone() }, "issue_date"),
        ];
        for (broken, expected) in cases {
            check_field(statements.preview_statement(broken.clone()).await, expected);
            let PreviewStatementRequest { parent, month, issue_date } = broken;
            let issue = IssueStatementRequest {
                parent,
                month,
                issue_date,
                hash: vec![0; 32],
                request_id: String::new(),
            };
            check_field(statements.issue_statement(issue).await, expected);
        }
        let PreviewStatementRequest { parent, month: of, issue_date } = preview;
        let issue = IssueStatementRequest { parent, month: of, issue_date, ..Default::default() };
        check_field(statements.issue_statement(issue.clone()).await, "hash");
        let issue = IssueStatementRequest { hash: vec![0; 31], ..issue };
        check_field(statements.issue_statement(issue).await, "hash");
        let list = |page_token: &str| ListStatementsRequest {
            parent: account_name("owner"),
            page_size: 0,
            page_token: page_token.to_owned(),
        };
        check_field(statements.list_statements(list("x")).await, "page_token");
        let legs = ListLegsRequest { parent: account_name("owner"), ..ListLegsRequest::default() };
        check_field(statements.list_legs(legs.clone()).await, "month");
        let legs = ListLegsRequest { month: Some(month(10)), page_token: "x".to_owned(), ..legs };
        check_field(statements.list_legs(legs).await, "page_token");
        let mut pay = RecordPaymentRequest { parent: account_name("owner"), payment: None };
        check_field(statements.record_payment(pay.clone()).await, "payment");
        pay.payment = Some(PartnerPayment { payment_id: "P".to_owned(), ..PartnerPayment::default() });
        assert_eq!(statements.record_payment(pay).await.unwrap_err().code(), INVALID);
        assert!(network.ledger().await.is_empty());
    });
}

#[test]
fn nothing_is_stated_before_there_are_settings() {
    run(async {
        let mut world = World::new().await;
        world.open(TENANT, "owner").await;
        let mut statements =
            proto::roaming::statement_service_client::StatementServiceClient::new(world.channel.clone());
        let preview = PreviewStatementRequest {
            parent: account_name("owner"),
            month: Some(month(10)),
            issue_date: Some(date(2025, 1, 2)),
        };
        let refused = statements.preview_statement(preview).await;
        check(refused, Code::FailedPrecondition, "NO_SETTINGS");
    });
}
