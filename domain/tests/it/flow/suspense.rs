//! What stands on suspense until a person places it: money for an account that nobody opened, and what was due and is absurd.
//! Whatever is done with it, money is conserved, and suspense holds what nobody has placed yet.

use domain::entity::account::{Command, Rejection, Reply};
use domain::entity::message::Message;
use domain::funds::{ChargedPart, FundsCommand, FundsRefused, FundsReply, Payout, Place, Placement, TopUp};
use domain::ledger::PostingReason;
use domain::operation::OperationId;
use domain::prepaid::{RatedKey, RatedParts, RatedPeriod, RatedTotal};
use proptest::prelude::*;

use super::*;

fn amount(euros: i64) -> Amount {
    Amount::from_quantity(Quantity::from_units(euros).unwrap()).unwrap()
}

fn id(text: &str) -> OperationId {
    OperationId::new(text).unwrap()
}

fn open(world: &mut World, account: &str) {
    let details = AccountDetails { id: account.to_owned(), ..AccountDetails::default() };
    world.account(account, &Command::Open(details)).unwrap();
}

/// Gives so much to somebody else.
fn transfer(world: &mut World, operation: &str, to: &str, euros: i64) {
    let payout = Payout { operation: id(operation), currency: Currency::Eur, amount: amount(euros) };
    let command = FundsCommand::TransferOut { to: to.to_owned(), payout };
    world.account("anna", &Command::Funds(command)).unwrap();
    world.settle();
}

/// A metering point tells so much for a day of October, with a fifth of it as tax.
fn tell(world: &mut World, account: &str, of_month: i8, version: u64, euros: i64) {
    let part = ChargedPart {
        revenue_role: "energy".to_owned(),
        tax_class: TaxClass::new("standard"),
        rate: VatRate::new(2_500).unwrap(),
        net: amount(euros * 4),
        tax: amount(euros),
    };
    let key = RatedKey {
        metering_point: MeteringPointId::new(1).unwrap(),
        contract: "C1".to_owned(),
        period: RatedPeriod::Day(Day::new(2024, 10, of_month).unwrap()),
        currency: Currency::Eur,
    };
    let parts = if euros == 0 { Vec::new() } else { vec![part] };
    let total = RatedTotal { key, version, rated: RatedParts { parts, used: BTreeMap::new() } };
    let (account_id, totals) = (account.to_owned(), vec![total]);
    let message = Message::PrepaidRated { account: account_id, totals, forgotten: Vec::new() };
    world.account(account, &Command::Message(message)).unwrap();
    world.settle();
}

fn place(
    world: &mut World,
    account: &str,
    (operation, sequence): (&str, u64),
    to: Placement,
) -> Result<Reply, Rejection> {
    let command = FundsCommand::Place(Place { operation: id(operation), sequence, to });
    let reply = world.account(account, &Command::Funds(command));
    world.settle();
    reply
}

/// The only number that stands on suspense.
fn only(world: &World, account: &str) -> u64 {
    let open: Vec<u64> = world.accounts[account].suspense.keys().copied().collect();
    assert_eq!(open.len(), 1, "{account}");
    open[0]
}

fn main(world: &World, account: &str) -> Amount {
    world.accounts[account].funds.balances.values().map(|balance| balance.amount).next().unwrap_or_default()
}

/// The sum of all postings of all accounts, by the name of the total.
fn sums(world: &World) -> BTreeMap<String, Amount> {
    let mut sums: BTreeMap<String, Amount> = BTreeMap::new();
    for posting in world.rows.postings.iter().flat_map(|(_, set)| set.postings()) {
        let sum = sums.entry(posting.role.total_name()).or_default();
        *sum = sum.checked_add(posting.amount).unwrap();
    }
    sums
}

/// Anna with 100, of which 5 went to Zoe, whom nobody knows; and Bert.
fn given() -> World {
    let mut world = World::default();
    open(&mut world, "anna");
    open(&mut world, "bert");
    let (operation, asset) = (id("t"), Currency::Eur.into());
    let top_up = TopUp { operation, asset, amount: amount(100), terms: None };
    world.account("anna", &Command::Funds(FundsCommand::TopUp(top_up))).unwrap();
    transfer(&mut world, "x1", "zoe", 5);
    world
}

#[test]
fn what_came_goes_where_a_person_says() {
    let cases = [
        (Placement::Account("bert".to_owned()), (95, 5, 0)),
        (Placement::Back, (100, 0, 0)),
        (Placement::MainBalance, (95, 0, 5)),
    ];
    for (to, (anna, bert, zoe)) in cases {
        let mut world = given();
        let sequence = only(&world, "zoe");
        if to == Placement::MainBalance {
            let refused = place(&mut world, "zoe", ("p1", sequence), to.clone());
            assert_eq!(refused, Err(Rejection::UnknownAccount));
            open(&mut world, "zoe");
        }
        let done = Ok(Reply::Funds(FundsReply::Done));
        assert_eq!(place(&mut world, "zoe", ("p1", sequence), to.clone()), done);
        // The same again is answered as before; another one under the id, or the same under another, is refused.
        let booked = world.rows.postings.len();
        assert_eq!(place(&mut world, "zoe", ("p1", sequence), to.clone()), done);
        let other = place(&mut world, "zoe", ("p1", sequence), Placement::Account("carl".to_owned()));
        assert_eq!(other, Err(Rejection::Funds(FundsRefused::IdReused { field: "to" })));
        let gone = place(&mut world, "zoe", ("p2", sequence), Placement::Back);
        assert_eq!(gone, Err(Rejection::Funds(FundsRefused::NotOnSuspense)));
        assert_eq!(world.rows.postings.len(), booked);
        let is = ["anna", "bert", "zoe"].map(|account| main(&world, account));
        assert_eq!(is, [anna, bert, zoe].map(amount), "{to:?}");
        let sums = sums(&world);
        assert_eq!((sums["suspense"], sums["transit"]), (Amount::ZERO, Amount::ZERO));
        let (_, placed) =
            world.rows.postings.iter().find(|(_, set)| set.reason() == PostingReason::Placed).unwrap();
        assert_eq!(placed.corrects(), Some(&domain::ledger::PostingSource::Operation(id("x1"))));
    }
}

#[test]
fn what_was_due_is_taken_or_given_up() {
    let mut world = given();
    // More than a thousand million at once: 4 + 1 thousand million.
    tell(&mut world, "bert", 3, 1, 1_000_000_000);
    let sequence = only(&world, "bert");
    let moved = place(&mut world, "bert", ("p1", sequence), Placement::Account("anna".to_owned()));
    assert_eq!(moved, Err(Rejection::Funds(FundsRefused::NotMovable)));
    let own = place(&mut world, "bert", ("p1", sequence), Placement::Account("bert".to_owned()));
    assert_eq!(own, Err(Rejection::Funds(FundsRefused::SameAccount)));
    place(&mut world, "bert", ("p1", sequence), Placement::MainBalance).unwrap();
    assert_eq!(main(&world, "bert"), amount(-5_000_000_000));
    // It was a slip of the meter: what is too much stands on suspense with the other sign, and comes back.
    tell(&mut world, "bert", 3, 2, 1);
    let sequence = only(&world, "bert");
    place(&mut world, "bert", ("p2", sequence), Placement::MainBalance).unwrap();
    assert_eq!(main(&world, "bert"), amount(-5));
    assert_eq!(sums(&world)["revenue:energy"], amount(-4));

    tell(&mut world, "bert", 4, 1, 1_000_000_000);
    let sequence = only(&world, "bert");
    place(&mut world, "bert", ("p3", sequence), Placement::Back).unwrap();
    assert_eq!((main(&world, "bert"), sums(&world)["revenue:energy"]), (amount(-5), amount(-4)));
}

/// Something that happens: of accounts the first three are there from the beginning, the last two may be opened.
#[derive(Clone, Debug)]
enum Happens {
    Transfer(usize, i64),
    Tell(usize, i8, i64),
    Open(usize),
    Place(usize, usize, Option<Option<usize>>),
}

const ACCOUNTS: [&str; 4] = ["anna", "bert", "yves", "zoe"];

fn happens() -> impl Strategy<Value = Happens> {
    let account = || 0_usize..4;
    prop_oneof![
        (1_usize..4, 1_i64..9).prop_map(|(to, euros)| Happens::Transfer(to, euros)),
        (account(), 1_i8..4, prop_oneof![0_i64..5, Just(1_000_000_000), Just(999_999_999)])
            .prop_map(|(account, day, euros)| Happens::Tell(account, day, euros)),
        (2_usize..4).prop_map(Happens::Open),
        (account(), 0_usize..3, proptest::option::of(proptest::option::of(account())))
            .prop_map(|(account, item, to)| Happens::Place(account, item, to)),
    ]
}

/// Suspense is what stands there; nothing is on its way; top-ups are what the funds and everybody else have.
fn conserved(world: &World) {
    let sums = sums(world);
    let of = |role: &str| sums.get(role).copied().unwrap_or_default();
    assert_eq!(of("transit"), Amount::ZERO);
    let waiting = world.accounts.values().flat_map(|account| account.suspense.values());
    let waiting = waiting.map(|posted| posted.set.amount(&LedgerRole::Suspense));
    assert_eq!(of("suspense"), waiting.fold(Amount::ZERO, |sum, one| sum.checked_add(one).unwrap()));
    assert_eq!(sums.values().map(|amount| amount.raw()).sum::<i128>(), 0);
    for account in world.accounts.values() {
        assert_eq!(account.ledger().into_values().map(Amount::raw).sum::<i128>(), 0);
    }
    // What was told last is what revenue is, less what a person gave up.
    assert_eq!(of("top_up"), amount(100));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn money_is_conserved_whatever_is_placed(all in proptest::collection::vec(happens(), 1..25)) {
        let mut world = given();
        let mut versions = 0;
        for (number, one) in all.into_iter().enumerate() {
            match one {
                Happens::Transfer(to, euros) => {
                    // What anna does not have is refused.
                    let payout = Payout {
                        operation: id(&format!("x-{number}")),
                        currency: Currency::Eur,
                        amount: amount(euros),
                    };
                    let command = FundsCommand::TransferOut { to: ACCOUNTS[to].to_owned(), payout };
                    world.account("anna", &Command::Funds(command)).unwrap();
                    world.settle();
                }
                Happens::Tell(account, day, euros) => {
                    versions += 1;
                    tell(&mut world, ACCOUNTS[account], day, versions, euros);
                }
                Happens::Open(account) => open(&mut world, ACCOUNTS[account]),
                Happens::Place(account, item, to) => {
                    let account = ACCOUNTS[account];
                    let state = world.accounts.get(account);
                    let sequence = state.and_then(|state| state.suspense.keys().nth(item).copied());
                    let to = match to {
                        None => Placement::MainBalance,
                        Some(None) => Placement::Back,
                        Some(Some(to)) => Placement::Account(ACCOUNTS[to].to_owned()),
                    };
                    let operation = format!("p-{number}");
                    let _ = place(&mut world, account, (&operation, sequence.unwrap_or(999)), to);
                }
            }
            conserved(&world);
        }
    }
}
