//! Fetching from a partner: page by page, from where it was fetched last, each object as if it had been pushed.

use proto::roaming::{GetPartnerRequest, PullPartnerRequest, PullPartnerResponse, RoamingModule};
use serde_json::{Value, json};

use super::given::{BASE, Given, cdr, location, with_edge};
use super::platform::Platform;
use crate::grpc::supplier::TENANT;
use crate::grpc::world::{reason, run};
use services::node::NodeOptions;
use services::store::StoreAddress;

async fn pull(given: &mut Given, module: RoamingModule) -> Result<PullPartnerResponse, tonic::Status> {
    let name = format!("{TENANT}/partners/tnm");
    let request = PullPartnerRequest { name, module: module.into(), from_time: None };
    given.partners.pull_partner(request).await.map(tonic::Response::into_inner)
}

fn counts(pulled: &PullPartnerResponse) -> (u32, u32, u32, u32, bool) {
    (pulled.pages, pulled.taken, pulled.unchanged, pulled.refused, pulled.has_more)
}

fn record(number: u32) -> Value {
    let mut record = cdr(&format!("P{number}"));
    record["last_updated"] = json!(format!("2026-11-21T22:{number:02}:00Z"));
    record
}

#[test]
fn records_are_fetched_from_where_it_stood() {
    run(async {
        let mut given = Given::new().await;
        let mut wrong = record(3);
        wrong["currency"] = json!("XXX");
        given.platform.has("cdrs", vec![record(0), record(1), record(2), wrong, record(4)]);
        assert_eq!(counts(&pull(&mut given, RoamingModule::Cdrs).await.unwrap()), (3, 4, 0, 1, false));
        given.get(&format!("{BASE}/2.2.1/emsp/cdrs/NL/TNM/P4"), &given.operator).await.is(200, 1000);
        // What was changed last is asked for again, and has no effect.
        given.platform.has("cdrs", vec![record(0), record(4), record(5)]);
        given.platform.asked();
        assert_eq!(counts(&pull(&mut given, RoamingModule::Cdrs).await.unwrap()), (1, 1, 1, 0, false));
        let asked = given.platform.asked();
        assert!(asked[2].path.contains("date_from=2026-11-21T22:04:00Z"), "{asked:?}");
        let name = format!("{TENANT}/partners/tnm");
        let partner = given.partners.get_partner(GetPartnerRequest { name }).await.unwrap().into_inner();
        assert_eq!(partner.cursors.len(), 1);
        assert_eq!(partner.cursors[0].module(), RoamingModule::Cdrs);
    });
}

#[test]
fn a_fetch_ends_after_so_many_pages_and_goes_on() {
    run(async {
        let mut options = with_edge(StoreAddress::Memory);
        options.ocpi.most_pages = 2;
        let mut given = Given::with(NodeOptions { ..options }).await;
        let all: Vec<Value> = (0..7).map(record).collect();
        given.platform.has("cdrs", all.clone());
        let mut pulled = Vec::new();
        for _ in 0..3 {
            pulled.push(counts(&pull(&mut given, RoamingModule::Cdrs).await.unwrap()));
        }
        // Each begins with the record that was last.
        assert_eq!(pulled, [(2, 4, 0, 0, true), (2, 3, 1, 0, false), (1, 0, 1, 0, false)]);
        // A list in another order is not passed over: nothing says what is behind.
        given.platform.has(
            "locations",
            [3, 1, 2, 0, 4]
                .map(|day| {
                    let mut location = location(&format!("LOC{day}"));
                    location["last_updated"] = json!(format!("2026-11-{:02}T10:00:00Z", day + 1));
                    location
                })
                .to_vec(),
        );
        let told = pull(&mut given, RoamingModule::Locations).await.unwrap();
        assert_eq!((counts(&told), told.until_time), ((2, 4, 0, 0, true), None));
    });
}

#[test]
fn a_partner_that_can_not_be_asked_is_said() {
    run(async {
        let mut given = Given::new().await;
        // Of the same host, at another port.
        let other = Platform::start().await;
        let all = json!({"version": "2.2.1", "endpoints": [
            {"identifier": "credentials", "role": "RECEIVER", "url": "http://127.0.0.1:9/"},
            {"identifier": "locations", "role": "SENDER", "url": "http://elsewhere.example/locations"},
            {"identifier": "sessions", "role": "SENDER", "url": "https://127.0.0.1/sessions"},
            {"identifier": "tariffs", "role": "SENDER", "url": format!("http://{}/tariffs", other.address)},
            {"identifier": "cdrs", "role": "RECEIVER", "url": "http://127.0.0.1:9/cdrs"}
        ]});
        given.platform.names(Some(all));
        for (module, text) in [
            (RoamingModule::Cdrs, "no address of cdrs"),
            (RoamingModule::Locations, "another host or port"),
            (RoamingModule::Tariffs, "another host or port"),
            (RoamingModule::Sessions, "TLS"),
        ] {
            let status = pull(&mut given, module).await.unwrap_err();
            assert_eq!(reason(&status).1, "PARTNER_NOT_REACHED");
            assert!(status.message().contains(text), "{}", status.message());
        }
        assert!(other.asked().is_empty(), "a token is shown to nobody else");
        given.platform.names(None);
        given.platform.goes_away(true);
        let status = pull(&mut given, RoamingModule::Tariffs).await.unwrap_err();
        assert!(status.message().contains("status 3000 away"), "{}", status.message());
    });
}

#[test]
fn a_page_of_far_more_than_was_asked_for_is_refused() {
    run(async {
        let mut given = Given::new().await;
        given.platform.pages_of(1_001);
        given.platform.has("tariffs", vec![json!({}); 1_000]);
        let told = pull(&mut given, RoamingModule::Tariffs).await.unwrap();
        assert_eq!(counts(&told), (1, 0, 0, 1_000, false));
        given.platform.has("tariffs", vec![json!({}); 1_001]);
        let status = pull(&mut given, RoamingModule::Tariffs).await.unwrap_err();
        let text = "a page of 1001 objects where 200 were asked for";
        assert!(status.message().ends_with(text), "{}", status.message());
    });
}

#[test]
fn a_partner_that_is_silent_keeps_no_other_waiting() {
    run(async {
        let mut options = with_edge(StoreAddress::Memory);
        options.ocpi.fetch_every = std::time::Duration::from_secs(1);
        // Longer than the test waits for the other.
        options.ocpi.patience = std::time::Duration::from_secs(3_600);
        let mut given = Given::with(options).await;
        given.world.open(TENANT, "a").await;
        let silent = Platform::start().await;
        let token = given.create("a", None).await;
        let roles = json!([{"role": "CPO", "party_id": "AAA", "country_code": "NL"}]);
        let body = silent.credentials("token-of-a", roles);
        given.post(&format!("{BASE}/2.2.1/credentials"), &token, &body).await.is(200, 1000);
        silent.falls_silent();
        // What is told from now on is found by a round in which the silent one is asked first.
        silent.asked();
        given.platform.has("locations", vec![location("LOC1")]);
        loop {
            let told = given.get(&format!("{BASE}/2.2.1/emsp/locations/NL/TNM/LOC1"), &given.operator).await;
            if told.code() == 1000 {
                break;
            }
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn partners_are_asked_by_the_node_itself() {
    run(async {
        let mut options = with_edge(StoreAddress::Memory);
        options.ocpi.fetch_every = std::time::Duration::from_millis(20);
        let given = Given::with(options).await;
        given.platform.has("locations", vec![location("LOC1")]);
        loop {
            let told = given.get(&format!("{BASE}/2.2.1/emsp/locations/NL/TNM/LOC1"), &given.operator).await;
            if told.code() == 1000 {
                assert_eq!(told.data(), &location("LOC1"));
                break;
            }
            tokio::task::yield_now().await;
        }
    });
}
