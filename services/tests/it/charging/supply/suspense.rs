//! What was due and is absurd stands on suspense, and a person places it.

use proto::account::ListSuspenseRequest;
use proto::charging::PlaceSuspenseRequest;
use proto::charging::place_suspense_request::To;
use tonic::Code;

use super::*;
use crate::grpc::supplier::TENANT;
use crate::grpc::world::{reason, run};

/// What stands on suspense at the tenant: account, number of the set, amount on suspense.
async fn waiting(supplied: &mut Supplied) -> Vec<(String, u64, String)> {
    let list = ListSuspenseRequest { parent: TENANT.to_owned(), ..Default::default() };
    let entries = supplied.world.accounts.list_suspense(list).await.unwrap().into_inner().entries;
    let entry = entries.into_iter().map(|entry| {
        let set = entry.posting_set.unwrap();
        let stands = set.postings.iter().find(|posting| posting.role == "suspense").unwrap();
        (entry.account, set.sequence, stands.exact_amount.clone())
    });
    entry.collect()
}

#[test]
fn a_person_places_what_is_absurd() {
    run(async {
        let mut supplied = Supplied::with("10").await;
        supplied.set(terms()).await.unwrap();
        // 4,000 million kWh in four hours: a slip of the meter.
        let mut day = chunk(POINT, 0, 24);
        day.values.as_mut().unwrap().quantities[..4].fill(10_000_000_000);
        supplied.world.stream(vec![day]).await;
        let found = loop {
            let found = waiting(&mut supplied).await;
            if !found.is_empty() {
                break found;
            }
            tokio::task::yield_now().await;
        };
        // 4,000,000,010 kWh x 0.3025 + 0.242.
        let (account, sequence, stands) = found[0].clone();
        assert_eq!((found.len(), account, stands.as_str()), (1, account_name("anna"), "1210000003.267"));
        assert_eq!(supplied.credit().await.unwrap().exact_credit, "10");

        let place = |operation: &str, to: Option<To>| PlaceSuspenseRequest {
            account: account_name("anna"),
            operation_id: operation.to_owned(),
            sequence,
            to,
        };
        let nobody = place("p1", Some(To::ToAccount(account_name("emil"))));
        for (request, expected) in [
            (place("p1", None), (Code::InvalidArgument, "MISSING")),
            (place("", Some(To::Back(()))), (Code::InvalidArgument, "MISSING")),
            (nobody, (Code::NotFound, "NOT_FOUND")),
            (
                PlaceSuspenseRequest { sequence: 99, ..place("p1", Some(To::Back(()))) },
                (Code::NotFound, "NOT_ON_SUSPENSE"),
            ),
        ] {
            let refused = supplied.charging.place_suspense(request).await.unwrap_err();
            assert_eq!(reason(&refused), (expected.0, expected.1.to_owned()));
        }
        supplied.charging.place_suspense(place("p1", Some(To::Back(())))).await.unwrap();
        supplied.charging.place_suspense(place("p1", Some(To::Back(())))).await.unwrap();
        assert_eq!(waiting(&mut supplied).await, Vec::new());
        let again = supplied.charging.place_suspense(place("p2", Some(To::Back(())))).await.unwrap_err();
        assert_eq!(reason(&again).1, "NOT_ON_SUSPENSE");
        assert_eq!(supplied.credit().await.unwrap().exact_credit, "10");
    });
}
