//! What funds book: sets per asset, who gets what, statements and trial balances.

use domain::amount::Amount;
use domain::funds::{
    BalanceTerms, ChargedPart, Debit, DebitMode, FundsCommand, FundsReply, Payout, TopUp, Usage, Used,
};
use domain::instant::{Instant, Period};
use domain::ledger::{Asset, BalanceNumber, LedgerRole, PostingReason, TrialBalance, statement};
use domain::money::Currency;
use domain::quantity::{Quantity, Unit};
use domain::tax::{TaxClass, VatRate};

use super::world::{World, amount, id};

fn top_up(name: &str, much: &str, asset: Asset, terms: Option<BalanceTerms>) -> FundsCommand {
    FundsCommand::TopUp(TopUp { operation: id(name), asset, amount: amount(much), terms })
}

fn debit(name: &str, mode: DebitMode, used: Used) -> FundsCommand {
    FundsCommand::Debit(Debit {
        operation: id(name),
        mode,
        member: None,
        usage: Usage::default(),
        used,
        used_at: None,
    })
}

/// The postings of the last sets, as text.
fn booked(world: &World, sets: usize) -> Vec<String> {
    let skipped = world.ledger.len() - sets;
    let sets = world.sets().skip(skipped);
    sets.map(|set| {
        let postings = set.postings().iter().map(|posting| format!(" {}={}", posting.role, posting.amount));
        format!("{} {}:{}", set.reason().code(), set.asset(), postings.collect::<String>())
    })
    .collect()
}

#[test]
fn what_is_used_of_units_and_money_is_booked_with_its_tax() {
    let mut world = World::new();
    world.rate = VatRate::new(2_100).unwrap();
    world.give(&top_up("t1", "10", Currency::Eur.into(), None)).unwrap();
    world.give(&top_up("t2", "6", Asset::KilowattHour, None)).unwrap();
    assert_eq!(
        booked(&world, 2),
        ["TOPPED_UP EUR: funds:1=-10 top_up=10", "TOPPED_UP kWh: funds:2=-6 top_up=6"]
    );
    let used = Used::Quantity(Quantity::parse("10").unwrap(), Unit::KilowattHour);
    world.give(&debit("d1", DebitMode::Voluntary, used)).unwrap();
    assert_eq!(
        booked(&world, 2),
        [
            "DEBITED EUR: revenue:energy=-1 vat:standard:21=-0.21 funds:1=1.21",
            "DEBITED kWh: funds:2=6 consumed=-6"
        ]
    );
}

#[test]
fn what_is_left_is_split_in_proportion_to_the_last_unit() {
    let mut world = World::new();
    world.give(&top_up("t1", "1", Currency::Eur.into(), None)).unwrap();
    let part = |role: &str, net: &str, tax: &str| ChargedPart {
        revenue_role: role.to_owned(),
        tax_class: TaxClass::new("standard"),
        rate: VatRate::new(2_100).unwrap(),
        net: amount(net),
        tax: amount(tax),
    };
    let parts = vec![part("energy", "1", "0.21"), part("grid", "1.40", "0.29")];
    let used = Used::Charged(Currency::Eur, parts);
    let (reply, _) = world.give(&debit("d1", DebitMode::Balancing, used)).unwrap();
    let FundsReply::Taken(taken) = reply else { unreachable!("{reply:?}") };
    assert_eq!(taken.parts.len(), 1);
    let set = world.sets().last().unwrap();
    assert_eq!(set.reason(), PostingReason::DebitedBalancing);
    assert_eq!(set.amount(&LedgerRole::Funds(BalanceNumber(1))), amount("1"));
    // 1 of 2.90 EUR: 100/290 of 1 EUR is 0.3448275862..., cut off at 1 / (56,637 x 10^18).
    let energy = set.amount(&LedgerRole::Revenue("energy".to_owned())).raw();
    assert_eq!(energy, -(56_637_000_000_000_000_000_000 * 100 / 290));
    assert_eq!(set.postings().iter().map(|posting| posting.amount.raw()).sum::<i128>(), 0);
}

#[test]
fn a_transfer_is_in_transit_until_its_mirror_is_booked() {
    let (mut anna, mut bert) = (World::new(), World::new());
    anna.give(&top_up("t1", "10", Currency::Eur.into(), None)).unwrap();
    let payout = Payout { operation: id("s1"), currency: Currency::Eur, amount: amount("4") };
    anna.give(&FundsCommand::TransferOut { to: "bert".to_owned(), payout: payout.clone() }).unwrap();
    assert_eq!(booked(&anna, 1), ["TRANSFERRED_OUT EUR: funds:1=4 transit:anna:bert=-4"]);
    // Both worlds call their account anna: bert's side is told apart by who sends.
    bert.give(&FundsCommand::TransferIn { from: "bert".to_owned(), payout }).unwrap();
    assert_eq!(booked(&bert, 1), ["TRANSFERRED_IN EUR: funds:1=-4 transit:bert:anna=4"]);
    let both = TrialBalance::of(anna.ledger.iter().chain(&bert.ledger)).unwrap();
    assert!(both.totals().unwrap().values().all(|total| *total == Amount::ZERO));
}

#[test]
fn a_statement_of_any_period_adds_up() {
    let mut world = World::new();
    let day = |day: i8, hour: i8| Instant::parse(&format!("2026-03-{day:02}T{hour:02}:00Z")).unwrap();
    let steps = [(2, "t1", "10"), (3, "t2", "5"), (4, "t3", "2.50"), (5, "t4", "1")];
    for (number, name, much) in steps {
        world.now = day(number, 10);
        world.give(&top_up(name, much, Currency::Eur.into(), None)).unwrap();
        let used = Used::Quantity(Quantity::parse("4").unwrap(), Unit::KilowattHour);
        world.give(&debit(&format!("d{name}"), DebitMode::Voluntary, used)).unwrap();
    }
    // from day, to day, opening, number of entries, closing; a liability is below zero.
    let cases = [
        (1, 9, "0", 8, "-14.5"),
        (2, 3, "0", 2, "-9"),
        (3, 5, "-9", 4, "-14.5"),
        (6, 9, "-14.5", 0, "-14.5"),
        (1, 2, "0", 0, "0"),
    ];
    for (from, to, opening, entries, closing) in cases {
        let period = Period::new(day(from, 0), day(to, 0)).unwrap();
        let statement = statement(&world.ledger, period).unwrap();
        let account = statement.accounts.get(&(Currency::Eur.into(), LedgerRole::Funds(BalanceNumber(1))));
        let account = account.cloned().unwrap_or_default();
        let found = (account.opening.to_string(), account.entries.len(), account.closing.to_string());
        assert_eq!(found, (opening.to_owned(), entries, closing.to_owned()), "{from} to {to}");
        let last = account.entries.last().map_or(account.opening, |entry| entry.balance);
        assert_eq!(last, account.closing);
    }
}

#[test]
fn a_set_is_undone_by_its_mirror() {
    let mut world = World::new();
    world.give(&top_up("t1", "10", Currency::Eur.into(), None)).unwrap();
    let set = world.sets().next().unwrap();
    let source = domain::ledger::PostingSource::Operation(id("c1"));
    let undone = set.reversed(source).unwrap();
    assert_eq!((undone.reason(), undone.corrects()), (PostingReason::Corrected, Some(set.source())));
    for posting in set.postings() {
        assert_eq!(undone.amount(&posting.role).checked_add(posting.amount), Some(Amount::ZERO));
    }
}

#[test]
fn a_role_is_read_as_it_is_written() {
    let roles = [
        "unbilled",
        "receivable",
        "revenue:grid:fee",
        "vat:standard:21",
        "vat:a:b:5.5",
        "rounding",
        "funds:4294967295",
        "top_up",
        "granted",
        "expired",
        "consumed",
        "suspense",
        "transit:anna:bert:7",
        "transit:a%3Ab%25:c",
    ];
    for text in roles {
        assert_eq!(LedgerRole::parse(text).unwrap().to_string(), text);
    }
    for text in ["", "funds:", "funds:01", "funds:-1", "transit:anna", "vat:standard", "other"] {
        assert_eq!(LedgerRole::parse(text), None, "{text}");
    }
}

#[test]
fn an_asset_is_known_by_its_code() {
    for asset in Asset::all() {
        assert_eq!(Asset::from_code(asset.code()), Some(asset));
    }
    for code in ["MWh", "kW", "day", "XXX", ""] {
        assert_eq!(Asset::from_code(code), None, "{code}");
    }
}
