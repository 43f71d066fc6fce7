//! Disputes over a connection: a partner's price that lies too far from ours is booked, listed and decided.

use proto::google_type::Money;
use proto::roaming::{
    Cdr, CdrState, DecideDisputeRequest, DisputeDecision, DisputeReason, DisputeState, DisputeVerdict,
    ListCdrsRequest, PartyTerms, PriceBasis,
};
use tonic::{Code, Status};

use super::roamed::{Network, OWN, PARTNER, cdr_name, credit, eur, minor, money, on_network, partner_terms};
use super::supplier::TENANT;
use super::world::reason;
use DisputeVerdict::{Accept, Insist, Settle};

fn decision(verdict: DisputeVerdict, amount: Option<Money>) -> DisputeDecision {
    DisputeDecision { verdict: verdict.into(), amount, note: "talked".to_owned(), ..Default::default() }
}

async fn decide(
    network: &mut Network,
    name: String,
    decision: Option<DisputeDecision>,
) -> Result<Cdr, Status> {
    let decided = network.cdrs.decide_dispute(DecideDisputeRequest { name, decision }).await;
    decided.map(tonic::Response::into_inner)
}

async fn decided(
    network: &mut Network,
    id: &str,
    verdict: DisputeVerdict,
    amount: Option<Money>,
) -> Result<Cdr, Status> {
    decide(network, cdr_name(PARTNER, id), Some(decision(verdict, amount))).await
}

/// The ids of the records that wait for a person.
async fn waiting(network: &mut Network) -> Vec<String> {
    let list = ListCdrsRequest { parent: TENANT.to_owned(), ..ListCdrsRequest::default() };
    let listed = network.cdrs.list_cdrs(list).await.unwrap().into_inner().cdrs;
    listed.into_iter().map(|cdr| cdr.content.unwrap().key.unwrap().cdr_id).collect()
}

/// Amounts of what the partner is owed, in order of booking.
async fn owed(network: &mut Network, count: usize) -> Vec<i64> {
    let legs = network.legs("tnm", 10, count).await;
    legs.iter().map(|held| minor(held.leg.as_ref().unwrap().amount.as_ref())).collect()
}

fn state(cdr: &Cdr) -> (DisputeState, i64) {
    let dispute = cdr.dispute.as_ref().unwrap();
    (dispute.state(), minor(dispute.price.as_ref()))
}

#[test]
fn a_price_that_is_too_far_from_ours_is_disputed_and_decided() {
    // The partner states 5.00, its sheet gives 4.40. What is decided, what stands then, and what is booked on top.
    let stated = [
        (Accept, None, DisputeState::Accepted, 500, None),
        (Insist, None, DisputeState::Rejected, 440, Some(-60)),
        (Settle, Some(470), DisputeState::Settled, 470, Some(-30)),
    ];
    let priced = [
        (Accept, None, DisputeState::Accepted, 500, Some(60)),
        (Insist, None, DisputeState::Rejected, 440, None),
        (Settle, Some(470), DisputeState::Settled, 470, Some(30)),
    ];
    for (price_basis, counts, cases) in
        [(PriceBasis::Stated, 500, stated), (PriceBasis::PriceSheet, 440, priced)]
    {
        on_network(async |mut network| {
            network.agreed().await;
            network.terms(PartyTerms { price_basis: price_basis.into(), ..partner_terms() }).await;
            let mut expected = Vec::new();
            for (day, (verdict, amount, end, stands, on_top)) in (1..).zip(cases) {
                let id = format!("D-{day}");
                let cdr = network.sold(PARTNER, &id, &format!("10-{day:02}")).await;
                let dispute = cdr.dispute.clone().unwrap();
                assert_eq!(state(&cdr), (DisputeState::Open, counts));
                assert_eq!(dispute.reasons().collect::<Vec<_>>(), [DisputeReason::TotalDiffers]);
                assert_eq!([&dispute.stated, &dispute.priced].map(|price| minor(price.as_ref())), [500, 440]);
                assert!(cdr.purchase.as_ref().unwrap().is_disputed);
                assert_eq!(waiting(&mut network).await, [id.as_str()]);
                expected.push(counts);
                assert_eq!(owed(&mut network, expected.len()).await, expected);

                let cdr = decided(&mut network, &id, verdict, amount.map(eur)).await.unwrap();
                assert_eq!(state(&cdr), (end, stands));
                let decision = cdr.dispute.as_ref().unwrap().decisions.last().unwrap();
                assert_eq!((decision.verdict(), decision.note.as_str()), (verdict, "talked"));
                assert_eq!(decision.subject, "anonymous");
                assert!(decision.decided_time.is_some());
                // The sale and the share of the site stay: the margin bears it.
                assert_eq!(minor(cdr.sale.as_ref().unwrap().net.as_ref()), 600);
                assert_eq!(minor(cdr.margin.as_ref()), 600 - 65 - stands);
                assert!(waiting(&mut network).await.is_empty());
                expected.extend(on_top);
                assert_eq!(owed(&mut network, expected.len()).await, expected);
                // The same decision again has no effect.
                assert_eq!(decided(&mut network, &id, verdict, amount.map(eur)).await.unwrap(), cdr);
                assert_eq!(owed(&mut network, expected.len()).await, expected);
            }
            network.ledger().await;
        });
    }
}

#[test]
fn what_can_t_be_decided_is_refused_and_changes_nothing() {
    on_network(async |mut network| {
        network.agreed().await;
        let (invalid, precondition) = (Code::InvalidArgument, Code::FailedPrecondition);
        for (id, day) in [("open", "10-01"), ("accepted", "10-02"), ("settled", "10-03"), ("gone", "10-04")] {
            network.sold(PARTNER, id, day).await;
        }
        network.sold(OWN, "own", "10-05").await;
        decided(&mut network, "accepted", Accept, None).await.unwrap();
        decided(&mut network, "settled", Insist, None).await.unwrap();
        decided(&mut network, "settled", Settle, Some(eur(450))).await.unwrap();
        network.send(&credit(PARTNER, "gone-C", "gone", "10-04")).await;
        network.settled(PARTNER, "gone", CdrState::Credited).await;
        // 5.00 of four records; -0.60 and 0.10 by decisions; -5.00 by the credit.
        let legs = owed(&mut network, 7).await;

        let long = DisputeDecision { note: "x".repeat(501), ..decision(Accept, None) };
        let least = Money { currency_code: "EUR".to_owned(), units: i64::MIN / 100, nanos: -80_000_000 };
        let ours = |id: &str| cdr_name(PARTNER, id);
        let cases: Vec<(String, Option<DisputeDecision>, Code, &str)> = vec![
            (ours("unknown"), Some(decision(Accept, None)), Code::NotFound, "UNKNOWN_CDR"),
            (cdr_name(OWN, "own"), Some(decision(Accept, None)), precondition, "CDR_NOT_DISPUTED"),
            (ours("gone-C"), Some(decision(Accept, None)), precondition, "CDR_NOT_DISPUTED"),
            (ours("gone"), Some(decision(Accept, None)), precondition, "DISPUTE_WITHDRAWN"),
            (ours("accepted"), Some(decision(Insist, None)), precondition, "DISPUTE_DECIDED"),
            (ours("accepted"), Some(decision(Settle, Some(eur(450)))), precondition, "DISPUTE_DECIDED"),
            (ours("settled"), Some(decision(Settle, Some(eur(451)))), precondition, "DISPUTE_DECIDED"),
            (ours("settled"), Some(decision(Accept, None)), precondition, "DISPUTE_DECIDED"),
            (
                ours("open"),
                Some(decision(Settle, Some(money(450, "USD")))),
                invalid,
                "DISPUTE_OTHER_CURRENCY",
            ),
            (ours("open"), Some(decision(Settle, Some(least))), invalid, "DISPUTE_BEYOND_PRICES"),
            (ours("open"), Some(decision(Settle, Some(eur(501)))), invalid, "DISPUTE_BEYOND_PRICES"),
            (ours("open"), Some(decision(Settle, Some(eur(-1)))), invalid, "DISPUTE_BEYOND_PRICES"),
            (ours("open"), Some(decision(Settle, Some(money(450, "XXX")))), invalid, "INVALID"),
            (ours("open"), Some(decision(Settle, None)), invalid, "INVALID"),
            (ours("open"), Some(decision(DisputeVerdict::Unspecified, None)), invalid, "INVALID"),
            (ours("open"), Some(long), invalid, "INVALID"),
            (ours("open"), None, invalid, "MISSING"),
            ("tenants/light/parties/NL-TNM".to_owned(), Some(decision(Accept, None)), invalid, "INVALID"),
        ];
        let ids = ["open", "accepted", "settled", "gone", "gone-C"];
        let mut before = Vec::new();
        for id in ids {
            before.push(network.cdr(PARTNER, id).await);
        }
        for (name, decision, code, expected) in cases {
            let refused = decide(&mut network, name.clone(), decision.clone()).await.unwrap_err();
            assert_eq!(reason(&refused), (code, expected.to_owned()), "{name} {decision:?}");
        }
        for (id, before) in ids.into_iter().zip(before) {
            assert_eq!(network.cdr(PARTNER, id).await, before);
        }
        assert_eq!(owed(&mut network, 7).await, legs);
        assert_eq!(waiting(&mut network).await, ["open"]);
    });
}

#[test]
fn what_is_within_the_tolerance_is_not_disputed() {
    on_network(async |mut network| {
        network.agreed().await;
        network.terms(PartyTerms { tolerance_minor: 60, ..partner_terms() }).await;
        let cdr = network.sold(PARTNER, "near", "10-01").await;
        assert_eq!(cdr.dispute, None);
        let purchase = cdr.purchase.unwrap();
        assert_eq!([&purchase.stated, &purchase.priced].map(|price| minor(price.as_ref())), [500, 440]);
        assert!(!purchase.is_disputed && waiting(&mut network).await.is_empty());
        let refused = decided(&mut network, "near", Insist, None).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::FailedPrecondition, "CDR_NOT_DISPUTED".to_owned()));
        assert_eq!(owed(&mut network, 1).await, [500]);
    });
}

#[test]
fn a_decision_after_the_statement_stands_on_the_next() {
    on_network(async |mut network| {
        network.agreed().await;
        network.sold(PARTNER, "late", "10-01").await;
        assert_eq!(owed(&mut network, 1).await, [500]);
        network.issued("tnm", 10).await;
        decided(&mut network, "late", Insist, None).await.unwrap();
        network.legs("tnm", 11, 1).await;
        let next = network.issued("tnm", 11).await;
        let [line] = next.lines.as_slice() else { panic!("{next:?}") };
        assert_eq!((line.service_month.unwrap().month, minor(line.net.as_ref())), (10, -60));
        assert_eq!(line.sessions, 0, "another price is no other session");
        assert_eq!(minor(next.closing_balance.as_ref()), 440);
    });
}
