//! Charge detail records over a connection: taken once, kept where they can't be read, listed, released, rejected.

use std::time::Duration;

use proto::directory::directory_service_client::DirectoryServiceClient;
use proto::directory::{ClaimTokenRequest, Token};
use proto::roaming::cdr_service_client::CdrServiceClient;
use proto::roaming::{
    Cdr, CdrState, DescribeEvseRequest, Evse, GetCdrDocumentRequest, GetCdrRequest, GetEvseRequest,
    GetPartyTermsRequest, ListCdrsRequest, ListUnreadableCdrsRequest, PartyTerms, QuarantineAction,
    QuarantineRule, ReceiveCdrRequest, ReceiveCdrResponse, RejectCdrRequest, ReleaseCdrRequest,
    SetPartyTermsRequest, StreamCdrsRequest,
};
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::supplier::{TENANT, account_name};
use super::world::{World, reason, request_id, run};

type Client = CdrServiceClient<Channel>;

/// A record of 2.2.1: a session of an hour in the night of some day of October 2024, for 5.00.
fn document(id: &str, day: u8) -> String {
    format!(
        r#"{{"country_code":"NL","party_id":"TNM","id":"{id}","start_date_time":"2024-10-{day:02}T01:00:00Z",
        "end_date_time":"2024-10-{day:02}T02:00:00Z","session_id":"S-{id}","auth_method":"WHITELIST",
        "cdr_token":{{"country_code":"DE","party_id":"MSP","uid":"04:A2:2B:3C","type":"RFID","contract_id":"DE-MSP-C1"}},
        "cdr_location":{{"id":"L1","evse_uid":"1","evse_id":"NL*TNM*E1","connector_id":"1"}},"currency":"EUR",
        "charging_periods":[{{"start_date_time":"2024-10-{day:02}T01:00:00Z",
        "dimensions":[{{"type":"ENERGY","volume":10}}]}}],"signed_data":{{"encoding_method":"OCMF","signed_values":[]}},
        "total_cost":{{"excl_vat":5.00}},"total_energy":10,"total_time":1,"last_updated":"2024-10-{day:02}T03:00:00Z"}}"#
    )
}

/// The credit of a record.
fn credit(id: &str, of: &str, day: u8) -> String {
    let credit = format!(r#""id":"{id}","credit":true,"credit_reference_id":"{of}""#);
    let document = document(of, day).replace(&format!(r#""id":"{of}""#), &credit);
    document.replace("5.00", "-5.00")
}

async fn receive(client: &mut Client, document: &str) -> Result<ReceiveCdrResponse, Status> {
    let (parent, document) = (TENANT.to_owned(), document.as_bytes().to_vec());
    let request = ReceiveCdrRequest { parent, document, ..ReceiveCdrRequest::default() };
    client.receive_cdr(request).await.map(tonic::Response::into_inner)
}

fn party_name() -> String {
    format!("{TENANT}/parties/NL-TNM")
}

fn name(id: &str) -> String {
    format!("{}/cdrs/{id}", party_name())
}

/// A record as it stands when nothing of it is under way.
async fn settled(client: &mut Client, id: &str) -> Cdr {
    loop {
        let cdr = client.get_cdr(GetCdrRequest { name: name(id) }).await.unwrap().into_inner();
        if !matches!(cdr.state(), CdrState::Checking | CdrState::Rating) {
            return cdr;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn codes(cdr: &Cdr) -> Vec<&str> {
    cdr.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

async fn listed(client: &mut Client, parent: &str, states: &[CdrState]) -> Vec<String> {
    let states = states.iter().map(|state| i32::from(*state)).collect::<Vec<_>>();
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let (parent, states) = (parent.to_owned(), states.clone());
        let request = ListCdrsRequest { parent, states, page_size: 2, page_token };
        let page = client.list_cdrs(request).await.unwrap().into_inner();
        all.extend(page.cdrs.iter().map(|cdr| cdr.content.clone().unwrap().key.unwrap().cdr_id));
        if page.next_page_token.is_empty() {
            return all;
        }
        page_token = page.next_page_token;
    }
}

fn terms() -> PartyTerms {
    PartyTerms { name: party_name(), is_own: true, currency_code: "EUR".to_owned(), ..PartyTerms::default() }
}

async fn set_terms(client: &mut Client, terms: PartyTerms) -> Result<PartyTerms, Status> {
    let request = SetPartyTermsRequest { terms: Some(terms), validate_only: false };
    client.set_party_terms(request).await.map(tonic::Response::into_inner)
}

async fn release(client: &mut Client, id: &str) -> Result<Cdr, Status> {
    let released = client.release_cdr(ReleaseCdrRequest { name: name(id), note: "seen".to_owned() }).await;
    released.map(tonic::Response::into_inner)
}

async fn reject(client: &mut Client, id: &str, change_number: Option<u32>) -> Result<Cdr, Status> {
    let request = RejectCdrRequest { name: name(id), note: "no".to_owned(), change_number };
    client.reject_cdr(request).await.map(tonic::Response::into_inner)
}

#[test]
fn a_record_has_one_effect_however_often_it_comes() {
    run(async {
        let world = World::new().await;
        let mut client = CdrServiceClient::new(world.channel.clone());
        let first = document("1", 1);
        let answer = receive(&mut client, &first).await.unwrap();
        assert!(!answer.is_repeat && !answer.is_changed);
        let again = first.replace('\n', " \n ").replace("03:00:00Z", "23:00:00Z");
        let answer = receive(&mut client, &again).await.unwrap();
        assert!(answer.is_repeat && !answer.is_changed);

        let changed = first.replace("5.00", "6.00");
        let answer = receive(&mut client, &changed).await.unwrap();
        assert!(!answer.is_repeat && answer.is_changed);
        let held = settled(&mut client, "1").await;
        assert_eq!((held.state(), held.changes.len()), (CdrState::Quarantined, 1));
        assert_eq!(codes(&held), ["UNKNOWN_PARTY", "UNKNOWN_TOKEN", "CHANGED_CONTENT"]);
        for (number, document) in [(0, &first), (1, &changed)] {
            let request = GetCdrDocumentRequest { name: name("1"), number };
            let kept = client.get_cdr_document(request).await.unwrap().into_inner();
            assert_eq!(String::from_utf8(kept.document).unwrap(), **document);
        }
        let missing = GetCdrDocumentRequest { name: name("1"), number: 2 };
        assert_eq!(client.get_cdr_document(missing).await.unwrap_err().code(), Code::NotFound);
        reject(&mut client, "1", Some(1)).await.unwrap();
        assert_eq!(codes(&settled(&mut client, "1").await), ["UNKNOWN_PARTY", "UNKNOWN_TOKEN"]);
        let twice = reject(&mut client, "1", Some(1)).await.unwrap_err();
        assert_eq!(reason(&twice), (Code::FailedPrecondition, "CDR_SETTLED".to_owned()));
    });
}

#[test]
fn what_waits_is_listed_released_and_rejected() {
    run(async {
        let mut world = World::new().await;
        world.with_catalog().await;
        let mut client = CdrServiceClient::new(world.channel.clone());
        set_terms(&mut client, terms()).await.unwrap();
        for (id, day) in [("a", 1), ("b", 2), ("c", 3)] {
            receive(&mut client, &document(id, day)).await.unwrap();
            assert_eq!(codes(&settled(&mut client, id).await), ["UNKNOWN_TOKEN"]);
        }
        assert_eq!(listed(&mut client, TENANT, &[]).await, ["a", "b", "c"]);

        let unknown = release(&mut client, "z").await.unwrap_err();
        assert_eq!(reason(&unknown), (Code::NotFound, "UNKNOWN_CDR".to_owned()));
        // Somebody holds the token now, and has no contract.
        world.with_customer("anna", super::supplier::POINT).await;
        let token = Token { token_type: "rfid".to_owned(), value: "04A22B3C".to_owned(), ..Token::default() };
        let claim = ClaimTokenRequest {
            parent: account_name("anna"),
            token: Some(token),
            request_id: request_id(),
            ..ClaimTokenRequest::default()
        };
        DirectoryServiceClient::new(world.channel.clone()).claim_token(claim).await.unwrap();
        release(&mut client, "a").await.unwrap();
        let held = settled(&mut client, "a").await;
        assert_eq!((held.payer_account_id.as_str(), held.state()), ("anna", CdrState::Quarantined));
        assert_ne!(codes(&held), ["UNKNOWN_TOKEN"], "the account has looked at it");

        let absent = reject(&mut client, "a", Some(7)).await.unwrap_err();
        assert_eq!(reason(&absent), (Code::NotFound, "UNKNOWN_CDR_DOCUMENT".to_owned()));
        for (id, number, expected) in [("a", 3, "UNKNOWN_CDR_DOCUMENT"), ("z", 0, "UNKNOWN_CDR")] {
            let request = GetCdrDocumentRequest { name: name(id), number };
            let absent = client.get_cdr_document(request).await.unwrap_err();
            assert_eq!(reason(&absent), (Code::NotFound, expected.to_owned()), "{id}");
        }
        reject(&mut client, "b", None).await.unwrap();
        receive(&mut client, &credit("c-credit", "c", 3)).await.unwrap();
        assert_eq!(settled(&mut client, "c").await.state(), CdrState::Credited);
        assert_eq!(listed(&mut client, TENANT, &[]).await, ["a"]);
        let party = party_name();
        assert_eq!(listed(&mut client, &party, &[]).await, ["a", "b", "c", "c-credit"]);
        assert_eq!(
            listed(&mut client, &party, &[CdrState::Rejected, CdrState::Applied]).await,
            ["b", "c-credit"]
        );

        receive(&mut client, &credit("again", "c", 3)).await.unwrap();
        let refused = settled(&mut client, "again").await;
        assert_eq!((refused.state(), codes(&refused)), (CdrState::Refused, vec!["SECOND_CREDIT"]));
        // It waits for a person, as one does that came before what it takes back.
        receive(&mut client, &credit("early", "d", 4)).await.unwrap();
        assert_eq!(codes(&settled(&mut client, "early").await), ["AWAITING_ORIGINAL"]);
        assert_eq!(listed(&mut client, TENANT, &[]).await, ["a", "again", "early"]);
        for credit in ["again", "early"] {
            let refused = release(&mut client, credit).await.unwrap_err();
            assert_eq!(reason(&refused), (Code::FailedPrecondition, "CDR_NOT_RELEASABLE".to_owned()));
        }
        let rejected = reject(&mut client, "again", None).await.unwrap();
        assert_eq!((rejected.state(), codes(&rejected)), (CdrState::Refused, vec!["SECOND_CREDIT"]));
        reject(&mut client, "early", None).await.unwrap();
        assert_eq!(listed(&mut client, TENANT, &[]).await, ["a"]);
        let settled_already = release(&mut client, "b").await.unwrap_err();
        assert_eq!(reason(&settled_already), (Code::FailedPrecondition, "CDR_NOT_QUARANTINED".to_owned()));
    });
}

#[test]
fn what_cannot_be_read_is_kept_and_nothing_is_billed() {
    run(async {
        let world = World::new().await;
        let mut client = CdrServiceClient::new(world.channel.clone());
        let good = document("1", 1);
        let cases = [
            "".to_owned(),
            "{".to_owned(),
            "[1]".to_owned(),
            good.replace(r#""currency":"EUR","#, ""),
            good.replace(r#""currency":"EUR""#, r#""currency":"XXX""#),
            good.replace(r#""excl_vat":5.00"#, r#""excl_vat":"5.00""#),
            good.replace("2024-10-01T02:00:00Z", "yesterday"),
            good.replace(r#""id":"1","#, &format!(r#""id":"{}","#, "x".repeat(40))),
            good.replace("NL*TNM*E1", "#"),
            good.replace(r#""party_id":"TNM""#, r#""party_id":"T""#),
            good.replace(r#""id":"1","#, r#""id":"1","credit":true,"#),
            "[".repeat(100_000),
        ];
        for case in &cases {
            let (document, sender_party) = (case.as_bytes().to_vec(), "NL-TNM".to_owned());
            let parent = TENANT.to_owned();
            let request =
                ReceiveCdrRequest { parent, document, sender_party, ..ReceiveCdrRequest::default() };
            let refused = client.receive_cdr(request).await.unwrap_err();
            assert_eq!(reason(&refused), (Code::InvalidArgument, "CDR_UNREADABLE".to_owned()), "{case:.80}");
        }
        let list = ListUnreadableCdrsRequest {
            parent: party_name(),
            with_beginnings: true,
            ..ListUnreadableCdrsRequest::default()
        };
        let kept = client.list_unreadable_cdrs(list).await.unwrap().into_inner().documents;
        assert_eq!(kept.len(), cases.len());
        for (document, case) in kept.iter().rev().zip(&cases) {
            assert_eq!(document.length_bytes, u64::try_from(case.len()).unwrap());
            assert!(case.as_bytes().starts_with(&document.beginning) && !document.reason.is_empty());
        }
        assert!(listed(&mut client, &party_name(), &[]).await.is_empty());

        let large = good.replace(r#""signed_values":[]"#, &format!(r#""x":"{}""#, "y".repeat(300_000)));
        let refused = receive(&mut client, &large).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::InvalidArgument, "CDR_DOCUMENT_TOO_LARGE".to_owned()));
        let signed = good.replace(r#""signed_values":[]"#, &format!(r#""x":"{}""#, "y".repeat(200_000)));
        receive(&mut client, &signed).await.unwrap();
        let request = GetCdrDocumentRequest { name: name("1"), number: 0 };
        let kept = client.get_cdr_document(request).await.unwrap().into_inner();
        assert_eq!(kept.document, signed.as_bytes());
    });
}

#[test]
fn a_stream_answers_for_each_record() {
    run(async {
        let world = World::new().await;
        let mut client = CdrServiceClient::new(world.channel.clone());
        let documents = (1..=9).map(|day| document(&format!("s{day}"), day).into_bytes());
        let of_itself = credit("itself", "itself", 1).into_bytes();
        let documents: Vec<Vec<u8>> = documents.chain([of_itself, b"{".to_vec()]).collect();
        let batch = |batch_number| StreamCdrsRequest {
            parent: TENANT.to_owned(),
            batch_number,
            documents: documents.clone(),
            ..StreamCdrsRequest::default()
        };
        let batches = tokio_stream::iter([batch(1), batch(2)]);
        let mut answers = client.stream_cdrs(batches).await.unwrap().into_inner();
        let mut repeats = 0;
        for number in 1..=2 {
            let answer = answers.message().await.unwrap().unwrap();
            assert_eq!((answer.batch_number, answer.outcomes.len()), (number, 11));
            let (bad, good) = answer.outcomes.split_last().unwrap();
            let (refused, good) = good.split_last().unwrap();
            assert_eq!(
                (refused.state(), refused.reasons[0].code.as_str()),
                (CdrState::Refused, "CREDIT_OF_CREDIT")
            );
            assert_eq!(bad.refusal.as_ref().unwrap().code, "CDR_UNREADABLE");
            for (day, outcome) in (1..).zip(good) {
                assert_eq!(
                    (outcome.cdr.as_str(), &outcome.refusal),
                    (name(&format!("s{day}")).as_str(), &None)
                );
                repeats += usize::from(outcome.is_repeat);
            }
        }
        assert_eq!(repeats, 9, "each had one effect");
        assert!(answers.message().await.unwrap().is_none());
    });
}

#[test]
fn terms_and_charging_points_are_set_and_read() {
    run(async {
        let world = World::new().await;
        let mut client = CdrServiceClient::new(world.channel.clone());
        let get = || GetPartyTermsRequest { name: party_name() };
        let none = client.get_party_terms(get()).await.unwrap_err();
        assert_eq!(reason(&none), (Code::NotFound, "NO_PARTY_TERMS".to_owned()));
        let rule = |reason: &str, action: QuarantineAction| PartyTerms {
            rules: vec![QuarantineRule { reason: reason.to_owned(), action: action.into() }],
            ..terms()
        };
        for (terms, expected) in [
            (rule("UNKNOWN_TOKEN", QuarantineAction::Release), "RULE_CANNOT_RELEASE"),
            (rule("NONE", QuarantineAction::Reject), "UNKNOWN_QUARANTINE_REASON"),
            (PartyTerms { currency_code: String::new(), ..terms() }, "MISSING"),
            (PartyTerms { zone: "Europe/Nowhere".to_owned(), ..terms() }, "INVALID"),
            (PartyTerms { is_own: false, ..terms() }, "NO_SETTLEMENT"),
            (PartyTerms { is_settled_elsewhere: true, ..terms() }, "NO_SETTLEMENT"),
            (PartyTerms { name: format!("{TENANT}/parties/NL*TNM"), ..terms() }, "INVALID"),
        ] {
            let refused = set_terms(&mut client, terms).await.unwrap_err();
            assert_eq!(reason(&refused), (Code::InvalidArgument, expected.to_owned()));
        }
        let none = || "none".to_owned();
        let of_none = [
            (PartyTerms { is_own: false, account_id: none(), ..terms() }, "UNKNOWN_ACCOUNT"),
            (PartyTerms { price_sheet_id: none(), ..terms() }, "UNKNOWN_PRICE_SHEET"),
            (PartyTerms { agreement_id: none(), ..terms() }, "UNKNOWN_AGREEMENT"),
        ];
        for (terms, expected) in of_none {
            let refused = set_terms(&mut client, terms).await.unwrap_err();
            assert_eq!(reason(&refused), (Code::FailedPrecondition, expected.to_owned()));
        }
        let elsewhere = PartyTerms { is_own: false, is_settled_elsewhere: true, ..terms() };
        assert!(set_terms(&mut client, elsewhere).await.unwrap().is_settled_elsewhere);
        let with_rule = rule("OVERLAPS", QuarantineAction::Release);
        set_terms(&mut client, with_rule.clone()).await.unwrap();
        let held = client.get_party_terms(get()).await.unwrap().into_inner();
        assert_eq!(held.rules, with_rule.rules);

        let name = format!("{TENANT}/evses/NLTNME1");
        let get = || GetEvseRequest { name: name.clone() };
        assert_eq!(client.get_evse(get()).await.unwrap_err().code(), Code::NotFound);
        let power = |value: &str| Some(proto::google_type::Decimal { value: value.to_owned() });
        let evse = |value: &str| Evse { name: name.clone(), max_power_kw: power(value), ..Evse::default() };
        let describe = |evse| DescribeEvseRequest { evse: Some(evse), validate_only: false };
        let refused = client.describe_evse(describe(evse("0"))).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::InvalidArgument, "EVSE_POWER_NOT_POSITIVE".to_owned()));
        for (evse, expected) in [
            (
                Evse { agreement_id: none(), ..evse("22") },
                (Code::FailedPrecondition, "UNKNOWN_AGREEMENT".to_owned()),
            ),
            (
                Evse { zone: "Europe/Nowhere".to_owned(), ..evse("22") },
                (Code::InvalidArgument, "INVALID".to_owned()),
            ),
        ] {
            assert_eq!(reason(&client.describe_evse(describe(evse)).await.unwrap_err()), expected);
        }
        client.describe_evse(describe(evse("22"))).await.unwrap();
        set_terms(&mut client, terms()).await.unwrap();
        let too_much =
            document("1", 1).replace("10}", "24}").replace(r#""total_energy":10"#, r#""total_energy":24"#);
        receive(&mut client, &too_much).await.unwrap();
        assert_eq!(codes(&settled(&mut client, "1").await), ["UNKNOWN_TOKEN", "OVER_POWER"]);
        // Held because nobody is known to pay, it holds up no other session there.
        loop {
            let held = client.get_evse(get()).await.unwrap().into_inner();
            if (held.session_count, held.suspect_session_count) == (0, 0) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
}
