//! Bundles over a connection: a price divided among providers once, what stands on their statements, and what is refused.

use proto::google_type::Money;
use proto::roaming::{
    Bundle, CdrKey, Claim, ClearBundleRequest, ClearedBundle, LegKind, PerUse, claim::Basis,
};
use tonic::{Code, Status};

use super::roamed::{Network, eur, minor, money, on_network};
use super::supplier::{TENANT, account_name, date, decimal};
use super::world::{reason, request_id};

fn claim(account: &str, basis: Basis) -> Claim {
    Claim { account_id: account.to_owned(), basis: Some(basis) }
}

fn price(account: &str, price: &str) -> Claim {
    claim(account, Basis::Price(decimal(price)))
}

fn per_use(account: &str, uses: u32, price: &str) -> Claim {
    claim(account, Basis::PerUse(PerUse { uses, price: Some(decimal(price)) }))
}

fn weight(account: &str, weight: u32) -> Claim {
    claim(account, Basis::Weight(weight))
}

/// A bundle of October.
fn bundle(id: &str, amount: Money, claims: Vec<Claim>) -> Bundle {
    let key = CdrKey { country_code: "NL".to_owned(), party_id: "LGT".to_owned(), cdr_id: id.to_owned() };
    Bundle { key: Some(key), amount: Some(amount), claims, service_date: Some(date(2024, 10, 5)) }
}

async fn clear(
    network: &mut Network,
    bundle: impl Into<Option<Bundle>>,
    request_id: &str,
) -> Result<ClearedBundle, Status> {
    clear_of(network, "anna", bundle, request_id).await
}

async fn clear_of(
    network: &mut Network,
    seller: &str,
    bundle: impl Into<Option<Bundle>>,
    request_id: &str,
) -> Result<ClearedBundle, Status> {
    let request = ClearBundleRequest {
        parent: account_name(seller),
        bundle: bundle.into(),
        request_id: request_id.to_owned(),
    };
    network.statements.clear_bundle(request).await.map(tonic::Response::into_inner)
}

/// Parts and own part in minor units; together they are the price.
fn parts(cleared: &ClearedBundle, amount: i64) -> (Vec<i64>, i64) {
    let parts: Vec<i64> = cleared.parts.iter().map(|part| minor(Some(part))).collect();
    let own = minor(cleared.own.as_ref());
    assert_eq!(parts.iter().sum::<i64>() + own, amount);
    (parts, own)
}

/// What an account is owed, leg by leg, once there are so many.
async fn owed(network: &mut Network, account: &str, count: usize) -> Vec<i64> {
    let legs = network.legs(account, 10, count).await;
    legs.iter().map(|held| minor(held.leg.as_ref().unwrap().amount.as_ref())).collect()
}

#[test]
fn a_price_is_divided_and_stated() {
    on_network(async |mut network| {
        let cases = [
            (1_000, vec![weight("tnm", 1), weight("owner", 2)], (vec![333, 667], 0)),
            (4_900, vec![price("tnm", "12.50"), per_use("owner", 3, "0.335")], (vec![1_250, 101], 3_549)),
            (4_900, vec![weight("tnm", 1), price("owner", "9")], (vec![4_000, 900], 0)),
            (1_000, vec![price("tnm", "12.50"), weight("owner", 1)], (vec![1_250, 0], -250)),
            (-1_000, vec![weight("tnm", 1), weight("owner", 2)], (vec![-333, -667], 0)),
            (-200, vec![price("tnm", "1.50"), weight("owner", 1)], (vec![-150, -50], 0)),
            (0, vec![weight("tnm", 1), weight("owner", 2)], (vec![0, 0], 0)),
            (0, vec![price("tnm", "1"), weight("owner", 2)], (vec![100, 0], -100)),
        ];
        let count = cases.len();
        let (mut of_tnm, mut of_owner) = (Vec::new(), Vec::new());
        for (number, (amount, claims, expected)) in cases.into_iter().enumerate() {
            let sold = bundle(&format!("T-{number}"), eur(amount), claims);
            let cleared = clear(&mut network, sold, &request_id()).await.unwrap();
            assert_eq!(parts(&cleared, amount), expected);
            of_tnm.push(expected.0[0]);
            of_owner.push(expected.0[1]);
        }
        let (mut told, mut told_owner) =
            (owed(&mut network, "tnm", count).await, owed(&mut network, "owner", count).await);
        for (told, expected) in [(&mut told, &mut of_tnm), (&mut told_owner, &mut of_owner)] {
            told.sort_unstable();
            expected.sort_unstable();
            assert_eq!(told, expected);
        }
        let leg = network.legs("tnm", 10, count).await.swap_remove(0).leg.unwrap();
        assert_eq!((leg.kind(), leg.role.as_str()), (LegKind::Share, "bundle"));
        assert_eq!((leg.agreement_id.as_str(), leg.service_date.unwrap().day), ("", 5));
        let statement = network.issued("tnm", 10).await;
        assert_eq!(minor(statement.total.as_ref()), of_tnm.iter().sum::<i64>());
        network.ledger().await;
    });
}

#[test]
fn a_bundle_is_cleared_once() {
    on_network(async |mut network| {
        let sold = bundle("T-1", eur(1_000), vec![weight("tnm", 1), weight("owner", 1)]);
        let id = request_id();
        let first = clear(&mut network, sold.clone(), &id).await.unwrap();
        for _ in 0..2 {
            assert_eq!(clear(&mut network, sold.clone(), &id).await.unwrap(), first, "the same request");
        }
        let other = bundle("T-2", eur(1_000), vec![weight("tnm", 1)]);
        let reused = clear(&mut network, other, &id).await.unwrap_err();
        assert_eq!(reason(&reused), (Code::InvalidArgument, "REQUEST_ID_REUSED".to_owned()));
        // The same bundle by another request, and another content of it.
        let changed = Bundle { amount: Some(eur(2_000)), ..sold.clone() };
        for again in [sold.clone(), changed] {
            for id in [request_id(), String::new()] {
                let refused = clear(&mut network, again.clone(), &id).await.unwrap_err();
                assert_eq!(reason(&refused), (Code::FailedPrecondition, "BUNDLE_CLEARED".to_owned()));
            }
        }
        let back = bundle("T-1-back", eur(-1_000), sold.claims.clone());
        clear(&mut network, back, "").await.unwrap();
        for account in ["tnm", "owner"] {
            assert_eq!(owed(&mut network, account, 2).await, [500, -500]);
        }
        // What was taken back leaves nothing: no amount, and no session.
        let refused = network.preview("owner", 10).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::NotFound, "NOT_FOUND".to_owned()));
    });
}

#[test]
fn sellers_name_their_bundles_apart() {
    on_network(async |mut network| {
        for (seller, amount) in [("anna", 300), ("owner", 400)] {
            let sold = bundle("T-1", eur(amount), vec![weight("tnm", 1)]);
            clear_of(&mut network, seller, sold.clone(), "").await.unwrap();
            let refused = clear_of(&mut network, seller, sold, "").await.unwrap_err();
            assert_eq!(reason(&refused), (Code::FailedPrecondition, "BUNDLE_CLEARED".to_owned()));
        }
        let mut told = owed(&mut network, "tnm", 2).await;
        told.sort_unstable();
        assert_eq!(told, [300, 400]);
        assert_eq!(minor(network.issued("tnm", 10).await.total.as_ref()), 700);
    });
}

#[test]
fn what_can_t_be_cleared_is_refused_and_changes_nothing() {
    on_network(async |mut network| {
        let (invalid, one) = (Code::InvalidArgument, || vec![weight("tnm", 1)]);
        let many =
            |count: u32| (0..count).map(|number| weight(&format!("p-{number}"), 1)).collect::<Vec<_>>();
        let of = |claims| bundle("T-1", eur(1_000), claims);
        let keyed = |change: fn(&mut CdrKey)| {
            let mut changed = of(one());
            change(changed.key.as_mut().unwrap());
            changed
        };
        let nobody = Claim { account_id: "tnm".to_owned(), basis: None };
        let priceless = claim("tnm", Basis::PerUse(PerUse { uses: 1, price: None }));
        let broken = Money { currency_code: "EUR".to_owned(), units: 1, nanos: -1 };
        let large = "92233720368";
        let cases: Vec<(Option<Bundle>, Code, &str)> = vec![
            (None, invalid, "MISSING"),
            (Some(Bundle { key: None, ..of(one()) }), invalid, "MISSING"),
            (Some(keyed(|key| key.cdr_id.clear())), invalid, "INVALID"),
            (Some(keyed(|key| key.cdr_id = "x".repeat(40))), invalid, "INVALID"),
            (Some(keyed(|key| key.party_id.clear())), invalid, "INVALID"),
            (Some(Bundle { amount: None, ..of(one()) }), invalid, "MISSING"),
            (Some(Bundle { amount: Some(broken), ..of(one()) }), invalid, "INVALID"),
            (Some(Bundle { amount: Some(money(1_000, "XXX")), ..of(one()) }), invalid, "INVALID"),
            (Some(Bundle { amount: Some(money(1_000, "USD")), ..of(one()) }), invalid, "OTHER_CURRENCY"),
            (Some(Bundle { service_date: None, ..of(one()) }), invalid, "MISSING"),
            (Some(Bundle { service_date: Some(date(2024, 2, 30)), ..of(one()) }), invalid, "INVALID"),
            (Some(of(vec![])), invalid, "CANNOT_CLEAR"),
            (Some(of(vec![weight("tnm", 1), price("tnm", "1")])), invalid, "CANNOT_CLEAR"),
            (Some(of(vec![price("tnm", large), per_use("owner", u32::MAX, large)])), invalid, "CANNOT_CLEAR"),
            (Some(of(vec![price("tnm", "-1.50")])), invalid, "CANNOT_CLEAR"),
            (Some(bundle("T-1", eur(-200), vec![price("tnm", "-1.50")])), invalid, "CANNOT_CLEAR"),
            (Some(of(vec![per_use("tnm", 3, "-0.1")])), invalid, "CANNOT_CLEAR"),
            (Some(of(many(61))), invalid, "BAD_CLAIMS"),
            (Some(of(vec![weight("tnm", 1), weight("anna", 1)])), invalid, "BAD_CLAIMS"),
            (Some(of(vec![nobody])), invalid, "MISSING"),
            (Some(of(vec![priceless])), invalid, "MISSING"),
            (Some(of(vec![price("tnm", "x")])), invalid, "INVALID"),
            (Some(of(vec![weight("", 1)])), invalid, "MISSING"),
            (Some(of(vec![weight("a\nb", 1)])), invalid, "INVALID"),
        ];
        for (bundle, code, expected) in cases {
            let refused = clear(&mut network, bundle.clone(), "").await.unwrap_err();
            assert_eq!(reason(&refused), (code, expected.to_owned()), "{bundle:?}");
        }
        let nobody = |parent: &str| ClearBundleRequest {
            parent: parent.to_owned(),
            bundle: Some(of(one())),
            request_id: String::new(),
        };
        let refused = network.statements.clear_bundle(nobody(&account_name("zoe"))).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::NotFound, "UNKNOWN_ACCOUNT".to_owned()));
        let refused = network.statements.clear_bundle(nobody(TENANT)).await.unwrap_err();
        assert_eq!(reason(&refused), (invalid, "INVALID".to_owned()));
        let odd = clear(&mut network, of(one()), "x").await.unwrap_err();
        assert_eq!(reason(&odd), (invalid, "REQUEST_ID_INVALID".to_owned()));
        for account in ["anna", "tnm", "owner"] {
            assert!(owed(&mut network, account, 0).await.is_empty());
        }
        assert!(network.ledger().await.is_empty());
        // As many claims as may be: the id was not used up by what was refused.
        let cleared = clear(&mut network, of(many(60)), "").await.unwrap();
        assert_eq!(parts(&cleared, 1_000).0.len(), 60);
    });
}

#[test]
fn a_provider_that_has_no_account_yet_gets_its_part_once_it_has() {
    on_network(async |mut network| {
        let sold = bundle("T-1", eur(1_000), vec![weight("ferry", 1)]);
        clear(&mut network, sold, "").await.unwrap();
        assert_eq!(owed(&mut network, "ferry", 1).await, [1_000]);
        let of = |ledger: &[(String, String)], role: &str| {
            ledger.iter().find(|(held, _)| held == role).map(|(_, amount)| amount.clone())
        };
        assert_eq!(of(&network.ledger().await, "suspense").as_deref(), Some("-10"));
        let refused = network.preview("ferry", 10).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::NotFound, "UNKNOWN_ACCOUNT".to_owned()));
        network.world.open(TENANT, "ferry").await;
        loop {
            let ledger = network.ledger().await;
            if of(&ledger, "accrued").as_deref() == Some("-10") {
                assert!(matches!(of(&ledger, "suspense").as_deref(), None | Some("0")), "{ledger:?}");
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        assert_eq!(minor(network.issued("ferry", 10).await.total.as_ref()), 1_000);
    });
}
