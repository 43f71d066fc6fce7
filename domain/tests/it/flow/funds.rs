//! Money that goes from account to account: nothing is on its way in the end, and what can't be placed is on suspense.

use domain::entity::account::Command;
use domain::funds::{FundsCommand, FundsReply, Payout, TopUp};
use domain::ledger::{LedgerRole, PostingReason};
use domain::operation::OperationId;

use super::*;

fn amount(euros: i64) -> Amount {
    Amount::from_quantity(Quantity::from_units(euros).unwrap()).unwrap()
}

fn top_up(euros: i64) -> Command {
    let (operation, asset) = (OperationId::new("t").unwrap(), Currency::Eur.into());
    Command::Funds(FundsCommand::TopUp(TopUp { operation, asset, amount: amount(euros), terms: None }))
}

fn transfer(operation: &str, to: &str, euros: i64) -> Command {
    let operation = OperationId::new(operation).unwrap();
    let payout = Payout { operation, currency: Currency::Eur, amount: amount(euros) };
    Command::Funds(FundsCommand::TransferOut { to: to.to_owned(), payout })
}

#[test]
fn what_leaves_an_account_arrives_once() {
    let mut world = World::default();
    for id in ["anna", "bert"] {
        let details = AccountDetails { id: id.to_owned(), ..AccountDetails::default() };
        world.account(id, &Command::Open(details)).unwrap();
    }
    world.account("anna", &top_up(50)).unwrap();
    for (operation, to, euros) in [("x1", "bert", 12), ("x1", "bert", 12), ("x2", "zoe", 5)] {
        let reply = world.account("anna", &transfer(operation, to, euros)).unwrap();
        assert_eq!(reply, account::Reply::Funds(FundsReply::Done));
    }
    world.settle();
    let main = |world: &World, id: &str| {
        let balances = &world.accounts[id].funds.balances;
        balances.values().map(|balance| balance.amount).next()
    };
    assert_eq!((main(&world, "anna"), main(&world, "bert")), (Some(amount(33)), Some(amount(12))));
    assert_eq!(main(&world, "zoe"), None, "nobody opened the account");

    let mut sums: BTreeMap<String, Amount> = BTreeMap::new();
    for (_, set) in &world.rows.postings {
        for posting in set.postings() {
            let sum = sums.entry(posting.role.total_name()).or_default();
            *sum = sum.checked_add(posting.amount).unwrap();
        }
    }
    assert_eq!(sums["transit"], Amount::ZERO);
    assert_eq!(sums[&LedgerRole::Suspense.to_string()], amount(-5));
    let suspended = world.rows.postings.iter().filter(|(_, set)| set.reason() == PostingReason::Suspended);
    assert_eq!(suspended.map(|(account, _)| account.as_str()).collect::<Vec<_>>(), ["zoe"]);
}
