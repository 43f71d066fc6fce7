//! What was reckoned elsewhere is booked as it is told, if it can be: names that books are kept under, and tax that its rate
//! comes to, give or take a minor unit.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use domain::funds::{
    ChargedPart, Commit, Debit, DebitMode, FundsCommand, FundsRefused, PartFault, Usage, Used,
};
use domain::ledger::Asset;
use domain::money::Currency;
use domain::tax::{TaxClass, VatRate};

use super::script::command;
use super::world::{World, amount, id};

fn part(role: &str, class: &str, rate: u32, net: &str, tax: &str) -> ChargedPart {
    ChargedPart {
        revenue_role: role.to_owned(),
        tax_class: TaxClass::new(class),
        rate: VatRate::new(rate).unwrap(),
        net: amount(net),
        tax: amount(tax),
    }
}

fn debit(mode: DebitMode, currency: Currency, parts: Vec<ChargedPart>) -> FundsCommand {
    let (operation, usage, used) = (id("d"), Usage::default(), Used::Charged(currency, parts));
    FundsCommand::Debit(Debit { operation, mode, member: None, usage, used, used_at: None })
}

#[test]
fn each_fault_of_a_part_has_its_reason() {
    use PartFault::{RevenueRole, TaxClass, TaxOffRate, TaxSign, TaxWithoutRate};
    let fault = |fault| Some(FundsRefused::Part { index: 1, fault });
    let cases = [
        (part("", "standard", 2_100, "1", "0.21"), fault(RevenueRole)),
        (part(" grid", "standard", 2_100, "1", "0.21"), fault(RevenueRole)),
        (part("gr\nid", "standard", 2_100, "1", "0.21"), fault(RevenueRole)),
        (part("grid", "", 2_100, "1", "0.21"), fault(TaxClass)),
        (part("grid", "standard ", 2_100, "1", "0.21"), fault(TaxClass)),
        // No tax is due on what is outside of it.
        (part("grid", "outside", 2_100, "1", "0.21"), fault(TaxClass)),
        (part("grid", "outside", 0, "1", "0"), None),
        (part("grid", "standard", 2_100, "1", "-0.21"), fault(TaxSign)),
        (part("grid", "standard", 2_100, "-1", "0.21"), fault(TaxSign)),
        (part("grid", "standard", 2_100, "-1", "-0.21"), Some(FundsRefused::AmountNotPositive)),
        (part("grid", "zero", 0, "1", "0.01"), fault(TaxWithoutRate)),
        (part("grid", "standard", 2_100, "1", "0.210001"), None),
        (part("grid", "standard", 2_100, "1", "0.22"), None),
        (part("grid", "standard", 2_100, "1", "0.220001"), fault(TaxOffRate)),
        (part("grid", "standard", 2_100, "1", "0.20"), None),
        (part("grid", "standard", 2_100, "1", "0.199999"), fault(TaxOffRate)),
        (part("grid", "standard", 2_100, "1", "0"), fault(TaxOffRate)),
        (part("grid", "standard", 2_100, "0", "0"), None),
        (part("grid", "standard", 2_100, "0", "0.02"), fault(TaxOffRate)),
        (part("grid", "standard", 2_100, "1000000001", "210000000.21"), Some(FundsRefused::AmountAbsurd)),
    ];
    for (wrong, expected) in cases {
        for mode in [DebitMode::Voluntary, DebitMode::Forced, DebitMode::Balancing] {
            let mut world = World::new();
            let parts = vec![part("energy", "standard", 2_100, "2", "0.42"), wrong.clone()];
            let given = world.give(&debit(mode, Currency::Eur, parts));
            assert_eq!(given.err(), expected, "{wrong:?} {mode:?}");
            assert_eq!(
                world.sets().count() == 0,
                expected.is_some() || mode != DebitMode::Forced,
                "{wrong:?}"
            );
        }
    }
}

#[test]
fn a_minor_unit_is_that_of_the_currency() {
    for (currency, tax, is_right) in [
        (Currency::Jpy, "22", true),
        (Currency::Jpy, "22.000001", false),
        (Currency::Kwd, "21.001", true),
        (Currency::Kwd, "21.001001", false),
    ] {
        let fault = part("grid", "standard", 2_100, "100", tax).fault(currency);
        assert_eq!(fault.is_none(), is_right, "{currency:?} {tax}");
    }
    assert_eq!(Asset::Money(Currency::Eur).least_payable(), amount("0.01"));
    assert_eq!(Asset::KilowattHour.least_payable(), amount("0.000001"));
}

#[test]
fn a_commit_is_looked_at_as_well_and_its_reservation_stays() {
    let mut world = World::new();
    world.give(&command(&["topup", "t1", "10", "EUR"])).unwrap();
    world.give(&command(&["reserve", "r1", "5", "EUR", "60"])).unwrap();
    let commit = |tax: &str| {
        let used = Used::Charged(Currency::Eur, vec![part("grid", "standard", 2_100, "1", tax)]);
        FundsCommand::Commit(Commit { reservation: id("r1"), used, used_at: None })
    };
    let refused = world.give(&commit("0.5")).err();
    assert_eq!(refused, Some(FundsRefused::Part { index: 0, fault: PartFault::TaxOffRate }));
    assert_eq!(world.funds.reservations.len(), 1);
    world.give(&commit("0.21")).unwrap();
    assert!(world.funds.reservations.is_empty());
}
