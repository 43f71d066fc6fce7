//! A partner's records against our prices: whose price counts, tolerance, reasons, and how disputes are decided.

#![expect(clippy::unwrap_used, reason = "a test that can't make its input has failed")]

use domain::instant::Instant;
use domain::money::{Currency, Money};
use domain::price::Price;
use domain::price_sheet::PriceSheet;
use domain::session::{CostPart, PricedSession, Session, SessionTerms, StatedCost, price};
use domain::verification::{
    Counts, Decided, Decision, DecisionRefused, Dispute, DisputeReason, DisputeState, Tolerance, Verdict,
    Verification, VerificationFault, VerificationTerms, WithTax, verify,
};
use proptest::prelude::*;

use crate::session::given::{amsterdam, quantity, session, sheet};

/// 10 kWh at 0.50 and a start fee of 1: 6.00 and, with 20 %, 7.20.
fn our_sheet() -> PriceSheet {
    sheet("energy 0.5 vat 20 | flat 1 vat 20")
}

fn priced(session: &Session, sheet: &PriceSheet) -> PricedSession {
    price(session, std::slice::from_ref(sheet), &amsterdam(), &SessionTerms::default()).unwrap()
}

/// The session with what its record states in all.
fn stating(net: Option<&str>, gross: Option<&str>) -> Session {
    let mut session = session("2024-10-01T14:00Z energy 10 time 2; 2024-10-01T16:00Z");
    let price = |text: Option<&str>| text.map(|text| Price::parse(text).unwrap());
    (session.stated.excluding_vat, session.stated.including_vat) = (price(net), price(gross));
    session
}

fn terms(counts: Counts, minor_units: u32, ten_thousandths: u32) -> VerificationTerms {
    let tolerance = Tolerance { minor_units, ten_thousandths };
    VerificationTerms { counts, tolerance, ..VerificationTerms::default() }
}

fn verified(session: &Session, terms: &VerificationTerms) -> Verification {
    verify(session, Some(&priced(session, &our_sheet())), terms).unwrap()
}

fn euro(text: &str) -> Money {
    Money::parse(text, Currency::Eur).unwrap()
}

#[test]
fn whose_price_counts_and_how_far_they_may_lie_apart() {
    use Counts::{Ours, Theirs};
    let total = || Verdict::Disputed(vec![DisputeReason::TotalDiffers]);
    let cases = [
        // The same in minor units is agreed, whatever its decimals.
        (Theirs, 0, 0, "6.004", "6.00", Verdict::Agreed),
        (Ours, 0, 0, "5.9951", "6.00", Verdict::Agreed),
        (Theirs, 0, 0, "6.01", "6.01", total()),
        (Ours, 0, 0, "6.01", "6.00", total()),
        (Theirs, 1, 0, "6.01", "6.01", Verdict::WithinTolerance),
        (Ours, 1, 0, "5.99", "6.00", Verdict::WithinTolerance),
        (Ours, 1, 0, "6.02", "6.00", total()),
        // 1 % of 6.00 is 6 cents; the wider of the two counts.
        (Theirs, 1, 100, "6.06", "6.06", Verdict::WithinTolerance),
        (Theirs, 1, 100, "6.07", "6.07", total()),
        (Theirs, 10, 100, "6.10", "6.10", Verdict::WithinTolerance),
        (Theirs, 0, 100, "5.94", "5.94", Verdict::WithinTolerance),
        (Theirs, 0, 10_000, "12.00", "12.00", Verdict::WithinTolerance),
    ];
    for (counts, minor, share, net, expected, verdict) in cases {
        let found = verified(&stating(Some(net), None), &terms(counts, minor, share));
        assert_eq!(
            (found.price, &found.verdict),
            (euro(expected), &verdict),
            "{counts:?} {minor} {share} {net}"
        );
        assert_eq!((found.ours, found.counted), (Some(euro("6")), counts));
        assert_eq!(found.difference, found.theirs.unwrap().checked_sub(euro("6")));
    }
}

#[test]
fn where_one_price_is_all_there_is() {
    let silent = stating(None, None);
    let found = verified(&silent, &terms(Counts::Theirs, 0, 0));
    assert_eq!((found.price, found.counted, found.verdict), (euro("6"), Counts::Ours, Verdict::Agreed));
    let unpriced = verify(&stating(Some("7"), None), None, &terms(Counts::Ours, 0, 0)).unwrap();
    assert_eq!((unpriced.price, unpriced.counted), (euro("7"), Counts::Theirs));
    assert_eq!(unpriced.verdict, Verdict::Disputed(vec![DisputeReason::NotPriced]));
    assert_eq!(verify(&silent, None, &VerificationTerms::default()), Err(VerificationFault::NoPrice));
}

#[test]
fn reasons_name_what_differs() {
    let exact = terms(Counts::Theirs, 0, 0);
    let tax = verified(&stating(Some("6"), Some("7.14")), &exact);
    assert_eq!(tax.verdict, Verdict::Disputed(vec![DisputeReason::TaxDiffers]));
    // A sheet without rates says nothing about tax.
    let bare = stating(Some("6"), Some("7.14"));
    let priced = priced(&bare, &sheet("energy 0.5 | flat 1"));
    assert_eq!(verify(&bare, Some(&priced), &exact).unwrap().verdict, Verdict::Agreed);

    let mut session = stating(Some("6.50"), None);
    let cost =
        |text: &str| StatedCost { excluding_vat: Some(Price::parse(text).unwrap()), including_vat: None };
    (session.stated.parts.energy, session.stated.parts.fixed) = (cost("5.5"), cost("1"));
    (session.stated.energy_kwh, session.stated.parking) = (Some(quantity("11")), Some(quantity("1")));
    let found = verified(&session, &exact);
    let reasons = vec![
        DisputeReason::TotalDiffers,
        DisputeReason::PartDiffers(CostPart::Energy),
        DisputeReason::EnergyDiffers,
        DisputeReason::TimeDiffers,
    ];
    assert_eq!(found.verdict, Verdict::Disputed(reasons));
    let [part] = found.parts.as_slice() else { unreachable!("one part differs") };
    assert_eq!((part.ours.to_string(), part.difference.to_string()), ("5".to_owned(), "0.5".to_owned()));
    // Parts may be cut otherwise where the totals agree.
    session.stated.excluding_vat = Some(Price::parse("6").unwrap());
    assert_eq!(verified(&session, &exact).verdict, Verdict::Agreed);
}

#[test]
fn tax_is_right_of_the_stated_amount_as_of_the_exact_one() {
    // 11.629177 kWh at 0.50 are 5.8145885; with 21 % 7.0357, and of the rounded 5.81 7.0301.
    let one = "energy 0.5 vat 21";
    // The start fee has another rate: 6.8145885 and 8.1257; of 6.81 and the same tax 8.1211.
    let two = "energy 0.5 vat 21 | flat 1 vat 9";
    let cases = [
        (one, "5.81", Some("7.03"), 0, true),
        (one, "5.81", Some("7.04"), 0, true),
        (one, "5.81", Some("7.02"), 0, false),
        (one, "5.81", Some("7.05"), 0, false),
        (one, "5.81", Some("7.02"), 1, true),
        (one, "5.81", Some("7.05"), 1, true),
        (one, "5.81", Some("7.01"), 1, false),
        (one, "5.81", Some("7.06"), 1, false),
        (one, "5.8146", Some("7.0357"), 0, true),
        (one, "5.8146", Some("7.03"), 0, false),
        // At 10 %, without tax, and where it is not said.
        (one, "5.81", Some("6.39"), 0, false),
        (one, "5.81", Some("5.81"), 0, false),
        (one, "5.81", None, 0, true),
        // What is tolerated without tax is taxed as it is stated.
        (one, "5.51", Some("6.67"), 30, true),
        (two, "6.81", Some("8.12"), 0, true),
        (two, "6.81", Some("8.13"), 0, true),
        (two, "6.81", Some("8.11"), 0, false),
        (two, "6.81", Some("8.14"), 0, false),
    ];
    for (prices, net, gross, minor, is_right) in cases {
        for is_credit in [false, true] {
            let sign = |text: &str| if is_credit { format!("-{text}") } else { text.to_owned() };
            let mut session = session("2024-10-01T14:00Z energy 11.629177 time 2; 2024-10-01T16:00Z");
            let price = |text: &str| Price::parse(&sign(text)).unwrap();
            session.stated.excluding_vat = Some(price(net));
            session.stated.including_vat = gross.map(price);
            session.is_credit = is_credit;
            let found =
                verify(&session, Some(&priced(&session, &sheet(prices))), &terms(Counts::Theirs, minor, 0));
            let found = found.unwrap();
            let disputed = Verdict::Disputed(vec![DisputeReason::TaxDiffers]);
            assert_eq!(found.verdict != disputed, is_right, "{prices} {net} {gross:?} {minor} {found:?}");
        }
    }
}

#[test]
fn a_dispute_tells_both_prices_with_tax() {
    let of = |net, gross| disputed(&stating(Some(net), gross)).with_tax;
    let with_tax = |theirs: Option<&str>| WithTax { theirs: theirs.map(euro), ours: Some(euro("7.20")) };
    assert_eq!(of("6", Some("7.14")), with_tax(Some("7.14")));
    assert_eq!(of("7", None), with_tax(None));
    // A sheet without rates has none.
    let bare = stating(Some("7"), Some("8.40"));
    let priced = priced(&bare, &sheet("energy 0.5 | flat 1"));
    let found = verify(&bare, Some(&priced), &VerificationTerms::default()).unwrap();
    assert_eq!(found.with_tax, WithTax { theirs: Some(euro("8.40")), ours: None });
}

#[test]
fn a_credit_states_its_total_negated() {
    let mut credit = stating(Some("-6"), Some("-7.2"));
    credit.is_credit = true;
    assert_eq!(verified(&credit, &terms(Counts::Theirs, 0, 0)).verdict, Verdict::Agreed);
}

/// What is done to a dispute over 7.00 of theirs and 6.00 of ours, of which theirs counts.
#[derive(Clone, Copy, Debug)]
enum Act {
    Accept,
    Insist,
    Settle(&'static str),
    Withdraw,
}

fn disputed(session: &Session) -> Dispute {
    let opened = Instant::parse("2024-10-02T00:00Z").unwrap();
    Dispute::of(&verified(session, &terms(Counts::Theirs, 0, 0)), opened).unwrap()
}

fn decided(decision: Decision) -> Decided {
    let at = Instant::parse("2024-10-03T00:00Z").unwrap();
    Decided { decision, at, by: "clerk".to_owned(), note: String::new() }
}

fn decide(dispute: &mut Dispute, act: Act) -> Result<Money, DecisionRefused> {
    let decision = match act {
        Act::Accept => Decision::AcceptTheirs,
        Act::Insist => Decision::InsistOnOurs,
        Act::Settle(amount) => Decision::SettleAt(euro(amount)),
        Act::Withdraw => {
            dispute.withdraw();
            return Ok(euro("0"));
        }
    };
    dispute.decide(decided(decision))
}

#[test]
fn decisions() {
    use Act::{Accept, Insist, Settle, Withdraw};
    use DisputeState::{Accepted, Rejected, Settled, Withdrawn};
    type Steps = &'static [(Act, Result<&'static str, DecisionRefused>)];
    let cases: [(Steps, DisputeState, &str); 7] = [
        (&[(Accept, Ok("0")), (Accept, Ok("0")), (Insist, Err(DecisionRefused::Final))], Accepted, "7"),
        (&[(Insist, Ok("-1")), (Insist, Ok("0"))], Rejected, "6"),
        (&[(Insist, Ok("-1")), (Accept, Ok("1"))], Accepted, "7"),
        (&[(Insist, Ok("-1")), (Settle("6.4"), Ok("0.4"))], Settled, "6.4"),
        (&[(Settle("6.5"), Ok("-0.5")), (Settle("6.6"), Err(DecisionRefused::Final))], Settled, "6.5"),
        (&[(Withdraw, Ok("0")), (Accept, Err(DecisionRefused::Withdrawn))], Withdrawn, "7"),
        (&[(Insist, Ok("-1")), (Withdraw, Ok("0"))], Withdrawn, "6"),
    ];
    for (steps, state, price) in cases {
        let mut dispute = disputed(&stating(Some("7"), None));
        assert!(dispute.state.is_open());
        for (act, expected) in steps {
            assert_eq!(decide(&mut dispute, *act), expected.map(euro), "{steps:?}");
        }
        assert_eq!((dispute.state, dispute.price), (state, euro(price)), "{steps:?}");
        assert!(dispute.decisions.len() <= 2);
    }
}

#[test]
fn decisions_that_can_not_be() {
    let unpriced = verify(&stating(Some("7"), None), None, &VerificationTerms::default()).unwrap();
    let mut dispute = Dispute::of(&unpriced, Instant::MIN).unwrap();
    assert_eq!(decide(&mut dispute, Act::Insist), Err(DecisionRefused::NoPriceOfOurs));
    let other = Decision::SettleAt(Money::new(700, Currency::Dkk));
    assert_eq!(dispute.decide(decided(other)), Err(DecisionRefused::OtherCurrency));
    assert_eq!((dispute.state, dispute.decisions.len()), (DisputeState::Open, 0));
    let agreed = verified(&stating(Some("6"), None), &VerificationTerms::default());
    assert_eq!(Dispute::of(&agreed, Instant::MIN), None);
}

#[test]
fn a_settlement_lies_between_nothing_and_the_larger_price() {
    // Theirs against ours of 6.00, or of none; what is settled at; whether it may be.
    let ours = Some(euro("6"));
    let cases = [
        ("7", ours, "7", true),
        ("7", ours, "7.01", false),
        ("7", ours, "400", false),
        ("7", ours, "0", true),
        ("7", ours, "-0.01", false),
        ("5", ours, "6", true),
        ("5", ours, "6.01", false),
        ("7", None, "7", true),
        ("7", None, "7.01", false),
        ("-3", ours, "-3", true),
        ("-3", ours, "-3.01", false),
        ("-3", Some(euro("-2")), "0", true),
        ("-3", Some(euro("-2")), "0.01", false),
    ];
    for (theirs, ours, amount, may_be) in cases {
        let mut dispute = disputed(&stating(Some("7"), None));
        (dispute.theirs, dispute.ours) = (Some(euro(theirs)), ours);
        let settled = decide(&mut dispute, Act::Settle(amount));
        assert_eq!(settled.is_ok(), may_be, "{theirs} {ours:?} {amount}: {settled:?}");
        if !may_be {
            assert_eq!((settled, dispute.state), (Err(DecisionRefused::BeyondPrices), DisputeState::Open));
        }
    }
}

proptest! {
    /// What is booked adds up to the price that stands, whatever was decided in whatever order.
    #[test]
    fn what_is_booked_is_what_stands(net in 0_i64..5_000, choices in prop::collection::vec((0_u8..3, 0_i64..5_000), 0..6)) {
        let stated = format!("{}.{:02}", net / 100, net % 100);
        let found = verified(&stating(Some(&stated), None), &terms(Counts::Ours, 0, 0));
        prop_assume!(net != 600);
        let mut dispute = Dispute::of(&found, Instant::MIN).unwrap();
        let mut booked = found.price;
        for (choice, amount) in choices {
            let decision = match choice {
                0 => Decision::AcceptTheirs,
                1 => Decision::InsistOnOurs,
                _ => Decision::SettleAt(Money::new(amount, Currency::Eur)),
            };
            if let Ok(adjustment) = dispute.decide(decided(decision)) {
                booked = booked.checked_add(adjustment).unwrap();
            }
        }
        prop_assert_eq!(booked, dispute.price);
    }

    /// A wider tolerance never turns what is agreed or tolerated into a dispute.
    #[test]
    fn a_wider_tolerance_disputes_no_more(net in 0_i64..1_200, minor in 0_u32..600, share in 0_u32..10_000, more in 0_u32..100) {
        let session = stating(Some(&format!("{}.{:02}", net / 100, net % 100)), None);
        let is_disputed = |terms| matches!(verified(&session, &terms).verdict, Verdict::Disputed(_));
        let narrow = is_disputed(terms(Counts::Theirs, minor, share));
        let wide = is_disputed(terms(Counts::Theirs, minor + more, share + more));
        prop_assert!(narrow || !wide);
        let apart = u32::try_from((net - 600).abs()).unwrap();
        prop_assert_eq!(narrow, apart > minor.max(600 * share / 10_000));
    }
}
