//! What accounts tell whoever listens: each decision at most once, in the order of the account, and nothing of what nobody
//! listens for.

use domain::account_event::{AccountEvent, AccountEventKind as Kind};
use domain::entity::account::Command;
use domain::entity::event_log::{PARTITIONS, Partition};
use domain::funds::{Ask, Asked, Commit, FundsCommand, Payout, Reserve, Standing, TopUp, Usage, Used};
use domain::operation::OperationId;
use domain::prepaid::{FriendlyHours, PrepaidCommand, PrepaidTerms, Reconnection, SwitchedOn};

use super::*;

fn id(text: &str) -> OperationId {
    OperationId::new(text).unwrap()
}

fn amount(text: &str) -> Amount {
    Amount::from_quantity(Quantity::parse(text).unwrap()).unwrap()
}

fn top_up(operation: &str, euros: &str) -> FundsCommand {
    let (operation, asset) = (id(operation), Currency::Eur.into());
    FundsCommand::TopUp(TopUp { operation, asset, amount: amount(euros), terms: None })
}

fn reserve(reservation: &str, euros: &str) -> FundsCommand {
    let asked = Asked::Amount(amount(euros), Currency::Eur);
    let ask = Ask { member: None, usage: Usage::default(), asked };
    FundsCommand::Reserve(Reserve { reservation: id(reservation), ask, ttl_ms: 1_000 })
}

fn refund(operation: &str, euros: &str) -> FundsCommand {
    FundsCommand::Refund(Payout { operation: id(operation), currency: Currency::Eur, amount: amount(euros) })
}

fn commit(reservation: &str) -> FundsCommand {
    let used = Used::Charged(Currency::Eur, Vec::new());
    FundsCommand::Commit(Commit { reservation: id(reservation), used, used_at: None })
}

/// What an account has told, in the order of its log.
fn told(world: &World, account: &str) -> Vec<Kind> {
    let of_account = world.told.iter().filter(|(_, _, entry)| entry.account == account);
    of_account.map(|(_, _, entry)| entry.event.kind()).collect()
}

fn open(world: &mut World, account: &str) {
    let details = AccountDetails { id: account.to_owned(), ..AccountDetails::default() };
    world.account(account, &Command::Open(details)).unwrap();
}

#[test]
fn a_listener_is_told_what_it_can_act_on_and_nothing_else() {
    let mut world = world();
    open(&mut world, "anna");
    let level = FundsCommand::SetThresholds(Currency::Eur.into(), [amount("5")].into());
    let cases: [(FundsCommand, &[Kind]); 11] = [
        (level, &[]),
        (top_up("t1", "20"), &[Kind::ToppedUp, Kind::AboveThreshold]),
        (top_up("t1", "20"), &[]),
        (reserve("r1", "4"), &[]),
        (commit("r1"), &[]),
        (refund("p1", "16"), &[Kind::BelowThreshold]),
        (FundsCommand::SetStanding(Standing::Blocked), &[Kind::Blocked]),
        (FundsCommand::SetStanding(Standing::Blocked), &[]),
        (FundsCommand::SetStanding(Standing::Suspended), &[Kind::Suspended]),
        (FundsCommand::SetStanding(Standing::Active), &[Kind::Unblocked]),
        (reserve("r2", "1"), &[]),
    ];
    let mut expected = Vec::new();
    for (command, kinds) in cases {
        world.account("anna", &Command::Funds(command.clone())).unwrap();
        world.settle();
        expected.extend_from_slice(kinds);
        assert_eq!(told(&world, "anna"), expected, "{command:?}");
    }
    world.now += 60_000;
    world.account("anna", &Command::Funds(FundsCommand::Elapse)).unwrap();
    world.settle();
    expected.push(Kind::ReservationExpired);
    assert_eq!(told(&world, "anna"), expected);
    let places: Vec<u64> = world.told.iter().map(|(_, place, _)| *place).collect();
    assert_eq!(places, (1..=expected.len() as u64).collect::<Vec<_>>(), "one after the other");
}

#[test]
fn prepaid_supply_tells_of_credit_and_of_orders() {
    let mut world = world();
    let point = add_point(&mut world, 1, &[("anna", 10_000)]);
    let terms = PrepaidTerms {
        points: [point].into(),
        currency: Currency::Eur,
        low_credit: amount("5"),
        zero_credit: Amount::ZERO,
        friendly: FriendlyHours::default(),
        emergency: None,
        recovery: None,
        reconnection: Reconnection { least: Amount::ZERO, switched_on: SwitchedOn::ByOrder },
        average_days: 7,
    };
    world.account("anna", &Command::Funds(top_up("t1", "6"))).unwrap();
    world.account("anna", &Command::Prepaid(PrepaidCommand::SetTerms(terms, None))).unwrap();
    world.settle();
    assert_eq!(told(&world, "anna"), [Kind::ToppedUp, Kind::SupplyOn]);
    store_month(&mut world, point, "0.5");
    world.settle();
    // What was not paid for is told day by day.
    let of_month = told(&world, "anna")[2..].to_vec();
    let (over, levels) = of_month.split_at(of_month.len() - 3);
    assert!(!over.is_empty() && over.iter().all(|kind| *kind == Kind::OverUsed), "{over:?}");
    assert_eq!(levels, [Kind::LowCredit, Kind::ZeroCredit, Kind::SupplyOff]);
    let Some((_, _, entry)) = world.told.last() else { unreachable!("there is an order") };
    let AccountEvent::SupplyOrdered { order, points } = &entry.event else { unreachable!("{entry:?}") };
    assert_eq!((order.version, points.iter().copied().collect::<Vec<_>>()), (2, vec![point]));
    world.account("anna", &Command::Funds(top_up("t2", "100"))).unwrap();
    world.settle();
    let again = [Kind::ToppedUp, Kind::CreditAgain, Kind::CreditAboveZero, Kind::SupplyOn];
    let mut seen = told(&world, "anna")[2 + of_month.len()..].to_vec();
    seen.sort();
    let mut expected = again.to_vec();
    expected.sort();
    assert_eq!(seen, expected);
}

#[test]
fn an_account_has_its_partition_for_ever() {
    for (account, number) in [("anna", 11), ("bert", 10), ("", 13), ("K-1", 11)] {
        assert_eq!(Partition::of_account(account).number(), number, "{account}");
    }
    let mut counts = [0_u32; PARTITIONS as usize];
    for account in 0..16_000 {
        counts[usize::from(Partition::of_account(&format!("K-{account}")).number())] += 1;
    }
    assert!(counts.iter().all(|count| (800..1_200).contains(count)), "{counts:?}");
    assert_eq!(Partition::all().count(), 16);
    assert_eq!(Partition::new(PARTITIONS), None);
}
