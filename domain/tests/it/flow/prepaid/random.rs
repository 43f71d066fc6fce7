//! Terms that come and go, contracts that are cut short and follow one another, values and runs, in any order: in the end every
//! day is paid once, in advance or on a bill.
//!
//! What is paid, in whichever way, is revenue: the ledger's revenue is what the days of all contracts cost, to the last digit.

use proptest::prelude::*;

use super::*;

const DAY_MS: i64 = 86_400_000;
/// 1 October 2024 in the world's time, whose zero is the 27th.
const FIRST_MS: i64 = -26 * DAY_MS;

#[derive(Clone, Debug)]
enum Happens {
    /// An account sets terms, from today or an earlier day of October.
    Set(bool, Option<i8>),
    End(bool),
    /// Every hour of a day used so many tenths.
    Use(i8, i64),
    /// The first contract ends, and another begins, of the one or the other account.
    Move(i8, bool),
    Bill,
    Pass(i64),
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        4 => (any::<bool>(), proptest::option::of(1_i8..28)).prop_map(|(who, first)| Happens::Set(who, first)),
        2 => any::<bool>().prop_map(Happens::End),
        6 => (1_i8..32, 0_i64..30).prop_map(|(day, tenths)| Happens::Use(day, tenths)),
        1 => (2_i8..31, any::<bool>()).prop_map(|(day, who)| Happens::Move(day, who)),
        1 => Just(Happens::Bill),
        4 => (0_i64..6).prop_map(Happens::Pass),
    ]
}

fn who(is_bert: bool) -> &'static str {
    if is_bert { "bert" } else { "anna" }
}

fn october_day(of_month: i8) -> Day {
    Day::new(2024, 10, of_month).unwrap()
}

fn move_out(world: &mut World, id: MeteringPointId, of_month: i8, account: &str) {
    let end = metering_point::Command::EndContract { id: "C1".to_owned(), end: october_day(of_month) };
    if world.points[&id].contracts.len() > 1 || world.point(id, &end).is_err() {
        return;
    }
    let payer = Payer { account: account.to_owned(), share: Share::new(10_000).unwrap() };
    let contract = Contract {
        id: "C2".to_owned(),
        version: 0,
        product: "dynamic".to_owned(),
        span: DaySpan::since(october_day(of_month)).unwrap(),
        payers: vec![payer],
        parameters: BTreeMap::new(),
    };
    world.point(id, &metering_point::Command::AddContract(contract)).unwrap();
}

/// What anna and bert have in revenue roles, negated: the net of all that is paid in any way.
fn revenue(world: &World) -> Amount {
    let sums = world.accounts.values().flat_map(|account| &account.balances);
    let revenue = sums.filter(|((role, _), _)| matches!(role, LedgerRole::Revenue(_)));
    let sum = revenue.fold(Amount::ZERO, |sum, (_, amount)| sum.checked_add(*amount).unwrap());
    sum.checked_neg().unwrap()
}

fn run(all: Vec<Happens>) -> Result<(), TestCaseError> {
    let mut world = world_at(FIRST_MS);
    let id = add_point(&mut world, 1, &[("anna", 10_000)]);
    let details = AccountDetails { id: "bert".to_owned(), ..AccountDetails::default() };
    world.account("bert", &account::Command::Open(details)).unwrap();
    let mut used = [0_i64; 32];
    // Later values count, whatever the time of the world.
    let mut created = 1_000;
    let mut values = |world: &mut World, used: &mut [i64; 32], of_month: i8, tenths: i64| {
        let start = rule().start(october_day(of_month));
        let hours = if of_month == 27 { 25 } else { 24 };
        created += 1;
        let quantity = format!("{}.{}", tenths / 10, tenths % 10);
        store(world, id, (start, hours), &quantity, created);
        used[usize::try_from(of_month).unwrap()] = tenths;
    };
    for (number, one) in all.into_iter().enumerate() {
        match one {
            Happens::Set(is_bert, first) => {
                let command = PrepaidCommand::SetTerms(terms(id), first.map(october_day));
                // What lies ahead, or was billed, is refused.
                let _ = world.account(who(is_bert), &account::Command::Prepaid(command));
            }
            Happens::End(is_bert) => {
                world.account(who(is_bert), &account::Command::Prepaid(PrepaidCommand::EndTerms)).unwrap();
            }
            Happens::Use(of_month, tenths) => values(&mut world, &mut used, of_month, tenths),
            Happens::Move(of_month, is_bert) => move_out(&mut world, id, of_month, who(is_bert)),
            Happens::Bill => drop(bill(&mut world, &format!("r{number}"), october())),
            Happens::Pass(days) => world.now += days * DAY_MS,
        }
        world.settle();
    }
    // All values of the month are there, and a run closes it.
    for of_month in 1..32 {
        let tenths = used[usize::try_from(of_month).unwrap()];
        values(&mut world, &mut used, of_month, tenths);
    }
    world.settle();
    bill(&mut world, "last", october());
    // A kWh costs 0.10: a tenth of one 0.01 an hour; a day bears 0.20.
    let cents: i64 = (1..32).map(|day| used[day] * if day == 27 { 25 } else { 24 } + 20).sum();
    let expected = Amount::from_quantity(Quantity::from_micros(cents * 10_000)).unwrap();
    prop_assert_eq!(revenue(&world), expected);
    // Nothing changes any more.
    let before = (world.rows.postings.len(), world.rows.invoices.len());
    bill(&mut world, "once more", october());
    prop_assert_eq!((world.rows.postings.len(), world.rows.invoices.len()), before);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_day_is_paid_once(all in proptest::collection::vec(happens(), 1..30)) {
        run(all)?;
    }
}
