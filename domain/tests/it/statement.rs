//! Legs at the account of a partner, and its statements.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod given;
mod monthly;

use domain::cdr::{CdrKey, Party};
use domain::day_span::DaySpan;
use domain::entity::account::{Command, Rejection, Reply};
use domain::ledger::{LedgerRole, PostingSource};
use domain::leg::{Leg, LegKind};
use domain::quantity::Quantity;
use domain::share::{Claim, ClaimBasis, Cleared, MonthComponent, ShareAgreement};
use domain::statement::{Bundle, PartnerCommand, PartnerRefused, PartnerReply, StatementSection};

use given::{Owner, agreement, day, eur, leg, month, operation, reversal};

#[test]
fn a_statement_takes_what_the_month_gave() {
    let mut owner = Owner::opened("NL123", agreement());
    for number in 0..10 {
        owner.book(leg(number, day(11, 3), 300));
    }
    // 10 x 3.00; 25.00 fixed; lacking to the least of 60.00: 5.00.
    let (statement, _) = owner.preview(11).unwrap();
    let lines: Vec<_> =
        statement.lines.iter().map(|line| (line.section, line.component, line.net.minor())).collect();
    let expected = [
        (StatementSection::Sessions, None, 3_000),
        (StatementSection::Monthly, Some(MonthComponent::Fixed), 2_500),
        (StatementSection::Monthly, Some(MonthComponent::Least), 500),
    ];
    assert_eq!(lines, expected);
    assert_eq!((statement.net, statement.vat_total, statement.total), (eur(6_000), eur(1_260), eur(7_260)));
    assert_eq!((statement.opening_balance, statement.closing_balance), (eur(0), eur(7_260)));
    assert_eq!(statement.lines[0].sessions, 10);
    let issued = owner.issue(11);
    assert_eq!(issued.number, "NS-S-owner-00001");
    assert_eq!(owner.role(&LedgerRole::Accrued), eur(0));
    assert_eq!(owner.role(&LedgerRole::Payable), eur(-7_260));
    assert_eq!(owner.role(&LedgerRole::Cost("share:site_owner".to_owned())), eur(6_000));
    owner.check_sums();
}

#[test]
fn a_paid_partner_gives_back_on_the_next_statement() {
    let mut owner = Owner::opened("NL123", agreement());
    for number in 0..40 {
        owner.book(leg(number, day(11, 3), 300));
    }
    assert_eq!(owner.issue(11).total, eur(17_545));
    assert_eq!(owner.pay("P1", 17_545), eur(0));
    assert_eq!(owner.pay("P1", 17_545), eur(0));
    // All but the first are taken back, and November falls below its least: 60.00 instead of 145.00.
    for number in 1..40 {
        owner.book(reversal(number, day(11, 3), 300));
    }
    let (statement, _) = owner.preview(12).unwrap();
    let corrections = statement.lines.iter().filter(|line| line.section == StatementSection::Correction);
    let corrections: Vec<_> =
        corrections.map(|line| (line.month, line.component, line.net.minor())).collect();
    let expected = [(month(11), None, -11_700), (month(11), Some(MonthComponent::Least), 3_200)];
    assert_eq!(corrections, expected);
    assert_eq!(statement.payments.len(), 1);
    // No agreement was told of, so that December alone has nothing: -85.00 and its tax.
    assert_eq!((statement.net, statement.total), (eur(-8_500), eur(-10_285)));
    assert_eq!((statement.opening_balance, statement.closing_balance), (eur(17_545), eur(-10_285)));
    assert_eq!(owner.issue(12).number, "NS-S-owner-00002");
    assert_eq!(owner.role(&LedgerRole::Payable), eur(10_285));
    owner.check_sums();
}

/// A day of November for a leg of this number.
fn day_of(number: u32) -> domain::day::Day {
    day(11, i8::try_from(1 + number % 28).unwrap())
}

/// Whatever comes in whichever order, and twice, the statements are the same.
#[test]
fn the_order_of_arrival_changes_nothing() {
    let mut legs: Vec<_> =
        (0..30).map(|number| leg(number, day_of(number), 100 + i64::from(number))).collect();
    legs.extend((0..30).step_by(3).map(|number| reversal(number, day_of(number), 100 + i64::from(number))));
    let statement = |legs: &[Leg]| {
        let mut owner = Owner::opened("NL123", agreement());
        legs.iter().for_each(|leg| owner.book(leg.clone()));
        owner.preview(11).unwrap()
    };
    let expected = statement(&legs);
    let reversed: Vec<_> = legs.iter().rev().cloned().collect();
    assert_eq!(statement(&reversed), expected);
    let doubled: Vec<_> = legs.iter().flat_map(|leg| [leg.clone(), leg.clone()]).collect();
    assert_eq!(statement(&doubled), expected);
}

#[test]
fn what_comes_before_the_account_is_opened_waits_on_suspense() {
    let mut owner = Owner::unopened(agreement());
    for number in 0..3 {
        owner.book(leg(number, day(11, 3), 300));
    }
    assert_eq!(owner.role(&LedgerRole::Suspense), eur(-900));
    assert_eq!(owner.state.suspense.len(), 3);
    owner.open("NL123");
    assert_eq!(owner.role(&LedgerRole::Suspense), eur(0));
    assert_eq!(owner.role(&LedgerRole::Accrued), eur(-900));
    assert!(owner.state.suspense.is_empty());
    assert_eq!(owner.preview(11).unwrap().0.lines[0].net, eur(900));
    owner.check_sums();
}

#[test]
fn a_month_without_sessions_has_what_is_due_all_the_same() {
    let mut owner = Owner::opened("", agreement());
    assert_eq!(owner.preview(11), None);
    owner.agree(ShareAgreement { span: DaySpan::since(day(11, 1)).unwrap(), ..agreement() });
    let (statement, _) = owner.preview(11).unwrap();
    assert_eq!((statement.net, statement.vat_total), (eur(6_000), eur(0)));
    owner.issue(11);
    assert_eq!(owner.preview(12).unwrap().0.net, eur(6_000));
}

#[test]
fn what_is_refused() {
    let mut owner = Owner::opened("NL123", agreement());
    owner.book(leg(0, day(11, 3), 300));
    let issue = |month_of_year, hash| {
        let (month, issued_on) = (month(month_of_year), day(12, 2));
        Command::Partner(PartnerCommand::Issue { month, issued_on, hash })
    };
    let (_, hash) = owner.preview(11).unwrap();
    owner.book(leg(1, day(11, 3), 300));
    let (_, now) = owner.preview(11).unwrap();
    let changed = Rejection::Partner(PartnerRefused::PreviewChanged(now));
    assert_eq!(owner.ask(issue(11, hash)), Err(changed));
    let Ok(Reply::Partner(PartnerReply::Issued(first))) = owner.ask(issue(11, now)) else { panic!() };
    // The same again is answered again; what was issued can't be issued anew.
    assert_eq!(owner.ask(issue(11, now)), Ok(Reply::Partner(PartnerReply::Issued(first.clone()))));
    let again = Rejection::Partner(PartnerRefused::AlreadyIssued(first.number));
    assert_eq!(owner.ask(issue(11, hash)), Err(again.clone()));
    assert_eq!(owner.ask(issue(10, now)), Err(again));
    owner.pay("P1", 100);
    let other = PartnerCommand::Pay { operation: operation("P1"), amount: eur(200), paid_on: day(12, 5) };
    assert_eq!(owner.ask(Command::Partner(other)), Err(Rejection::Partner(PartnerRefused::OtherPayment)));
}

#[test]
fn a_payment_is_taken_back_by_a_negative_one_and_is_never_of_nothing() {
    let mut owner = Owner::opened("NL123", agreement());
    owner.book(leg(0, day(11, 3), 300));
    assert_eq!(owner.issue(11).total, eur(7_260));
    assert_eq!(owner.pay("P1", 7_260), eur(0));
    let nothing = PartnerCommand::Pay { operation: operation("P2"), amount: eur(0), paid_on: day(12, 5) };
    assert_eq!(owner.ask(Command::Partner(nothing)), Err(Rejection::Partner(PartnerRefused::NothingPaid)));
    assert_eq!(owner.pay("P1-back", -7_260), eur(7_260));
    assert_eq!(owner.pay("P1-back", -7_260), eur(7_260));
    assert_eq!(owner.role(&LedgerRole::Payable), eur(-7_260));
    let (statement, _) = owner.preview(12).unwrap();
    let paid: Vec<_> = statement.payments.iter().map(|payment| payment.amount).collect();
    assert_eq!((statement.opening_balance, paid), (eur(7_260), vec![eur(7_260), eur(-7_260)]));
    owner.check_sums();
}

#[test]
fn a_bundle_is_cleared_once() {
    let mut seller = Owner::opened("NL123", agreement());
    let claim = |recipient: &str, weight| Claim {
        recipient: recipient.to_owned(),
        basis: ClaimBasis::Weight(weight),
    };
    let bundle = |claims| {
        let key = leg(1, day(11, 3), 0).cdr;
        Command::Partner(PartnerCommand::Clear(Box::new(Bundle {
            key,
            amount: eur(1_000),
            claims,
            service: day(11, 3),
        })))
    };
    let claims = vec![claim("bus", 1), claim("ferry", 1), claim("train", 1)];
    let cleared = Cleared { parts: vec![eur(334), eur(333), eur(333)], own: eur(0) };
    let reply = Reply::Partner(PartnerReply::Cleared(cleared));
    assert_eq!(seller.ask(bundle(claims.clone())), Ok(reply));
    let told: Vec<_> = seller.told.iter().map(|(account, leg)| (account.as_str(), leg.amount)).collect();
    assert_eq!(told, [("bus", eur(334)), ("ferry", eur(333)), ("train", eur(333))]);
    let refused = |why| Err(Rejection::Partner(why));
    assert_eq!(seller.ask(bundle(claims)), refused(PartnerRefused::AlreadyCleared));
    assert_eq!(seller.ask(bundle(vec![claim("owner", 1)])), refused(PartnerRefused::BadClaims));
    assert_eq!(seller.told.len(), 3);
}

#[test]
fn a_record_and_bundles_of_one_id_are_booked_once_each() {
    let mut owner = Owner::opened("NL123", agreement());
    let of =
        |seller: Option<&str>, minor| Leg { seller: seller.map(str::to_owned), ..leg(1, day(11, 3), minor) };
    let legs = [of(None, 200), of(Some("P0"), 300), of(Some("P1"), 400)];
    for _ in 0..2 {
        legs.iter().for_each(|leg| owner.book(leg.clone()));
        assert_eq!(owner.role(&LedgerRole::Accrued), eur(-900));
    }
    // What was booked for each says whose it was.
    let sellers: Vec<_> = owner.booked.iter().map(|set| set.source().clone()).collect();
    let source = |seller: Option<&str>| PostingSource::Leg {
        cdr: leg(1, day(11, 3), 0).cdr,
        seller: seller.map(str::to_owned),
        number: 0,
    };
    assert_eq!(sellers, [source(None), source(Some("P0")), source(Some("P1"))]);
    owner.check_sums();
}

#[test]
fn a_bundle_that_is_taken_back_counts_as_one_less() {
    let of_bundle = |id: &str, minor| Leg {
        cdr: CdrKey::new(Party::new("NL", "LGT").unwrap(), id).unwrap(),
        seller: Some("shop".to_owned()),
        agreement: String::new(),
        kind: LegKind::Share("bundle".to_owned()),
        energy_kwh: Quantity::ZERO,
        ..leg(0, day(11, 3), minor)
    };
    for (amounts, expected) in [
        (vec![500], (1, 500)),
        (vec![500, 300, -500], (1, 300)),
        (vec![-500, 500, 300], (1, 300)),
        (vec![0], (1, 0)),
    ] {
        let mut owner = Owner::opened("NL123", agreement());
        for (number, minor) in amounts.iter().enumerate() {
            owner.book(of_bundle(&format!("T-{number}"), *minor));
        }
        let book = owner.state.partner.months.values().next().unwrap();
        let totals = &book.current;
        assert_eq!((totals.sessions, totals.shares.minor()), expected, "{amounts:?}");
        let stated = owner.preview(11).map(|(statement, _)| {
            let mut lines = statement.lines.into_iter();
            let line = lines.find(|line| line.section == StatementSection::Sessions).unwrap();
            (line.sessions, line.net.minor())
        });
        assert_eq!(stated, Some(expected), "{amounts:?}");
    }
}
