//! What a command names and lists has bounds, whatever else it says: it is remembered, held and booked.

use domain::funds::{
    Ask, Asked, BalanceTerms, ChargedPart, Debit, DebitMode, FundsCommand, FundsRefused, LimitKey,
    LimitWindow, Payout, Reserve, Scope, TopUp, Usage, Used,
};
use domain::ledger::Asset;
use domain::money::Currency;
use domain::tax::{TaxClass, VatRate};

use super::world::{World, amount, id};

const EUROS: Asset = Asset::Money(Currency::Eur);

fn reserve(member: Option<String>, usage: Usage) -> FundsCommand {
    let ask = Ask { member, usage, asked: Asked::Amount(amount("1"), Currency::Eur) };
    FundsCommand::Reserve(Reserve { reservation: id("r"), ask, ttl_ms: 60_000 })
}

fn debit(count: usize, revenue_role: &str, tax_class: &str) -> FundsCommand {
    let part = ChargedPart {
        revenue_role: revenue_role.to_owned(),
        tax_class: TaxClass::new(tax_class),
        rate: VatRate::default(),
        net: amount("0.01"),
        tax: amount("0"),
    };
    let used = Used::Charged(Currency::Eur, vec![part; count]);
    let (operation, usage) = (id("d"), Usage::default());
    let mode = DebitMode::Forced;
    FundsCommand::Debit(Debit { operation, mode, member: None, usage, used, used_at: None })
}

fn top_up(scope: Scope) -> FundsCommand {
    let terms = Some(BalanceTerms { scope, ..BalanceTerms::default() });
    FundsCommand::TopUp(TopUp { operation: id("t"), asset: EUROS, amount: amount("1"), terms })
}

fn named(dimension: &str, product: &str, agreement: &str) -> Usage {
    Usage {
        metering_point: None,
        dimension: dimension.to_owned(),
        product: product.to_owned(),
        agreement: agreement.to_owned(),
    }
}

fn dimensions(names: impl IntoIterator<Item = String>) -> Scope {
    Scope { dimensions: names.into_iter().collect(), ..Scope::default() }
}

#[test]
fn names_and_lists_have_bounds() {
    let (name, long) = ("n".repeat(64), "n".repeat(65));
    let payout = Payout { operation: id("x"), currency: Currency::Eur, amount: amount("1") };
    let limit = |member: &str| {
        let member = Some(member.to_owned());
        FundsCommand::SetLimit(LimitKey { member, asset: EUROS, window: LimitWindow::Day }, None)
    };
    let transfer = |to: &str| FundsCommand::TransferOut { to: to.to_owned(), payout: payout.clone() };
    let numbered = |count: usize| dimensions((0..count).map(|number| number.to_string()));
    let cases = [
        (reserve(None, named(&name, &name, &name)), false),
        (reserve(None, named(&long, "", "")), true),
        (reserve(None, named("", &long, "")), true),
        (reserve(None, named("", "", &long)), true),
        (reserve(Some(name.clone()), Usage::default()), false),
        (reserve(Some(long.clone()), Usage::default()), true),
        (debit(32, &name, &name), false),
        (debit(33, "energy", "standard"), true),
        (debit(1, &long, "standard"), true),
        (debit(1, "energy", &long), true),
        (top_up(numbered(32)), false),
        (top_up(numbered(33)), true),
        (top_up(dimensions([long.clone()])), true),
        (limit(&name), false),
        (limit(&long), true),
        (transfer(&name), false),
        (transfer(&long), true),
    ];
    for (command, is_too_large) in cases {
        let mut world = World::new();
        let given = world.give(&command);
        assert_eq!(given == Err(FundsRefused::TooLarge), is_too_large, "{command:?}: {given:?}");
    }
}
