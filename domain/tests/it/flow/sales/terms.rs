//! What of a charging contract's terms is refused when it is set.

use domain::charging_contract::{CardLimits, ChargingContractRefused as Refused, OperatorGroup};
use domain::session::MemberPrices;

use super::*;

#[test]
fn what_could_never_be_sold_by_is_refused() {
    let dollars = Some(Money::new(5_000, Currency::Usd));
    let limited = |per_day, per_month| ChargingContract {
        card_limits: CardLimits { per_day, per_month },
        ..contract("it", &["01"])
    };
    let group = |sheet: &str| ChargingContract {
        groups: vec![OperatorGroup {
            operators: [party()].into(),
            sheet: Some(sheet.to_owned()),
            prices: MemberPrices::default(),
        }],
        ..contract("it", &["01"])
    };
    let unknown = |sheet: &str| Err(Refused::UnknownPriceSheet(sheet.to_owned()));
    for (contract, expected) in [
        (limited(Some(euros("50.00")), None), Ok(())),
        (limited(dollars, None), Err(Refused::OtherCurrency("limit_per_day"))),
        (limited(Some(euros("50.00")), dollars), Err(Refused::OtherCurrency("limit_per_month"))),
        (ChargingContract { sheet: "nothing".to_owned(), ..contract("it", &["01"]) }, unknown("nothing")),
        (group("nothing"), unknown("nothing")),
        (group("public"), Ok(())),
    ] {
        let mut world = charging_world("anna", &["01"]);
        let set = ChargingContractCommand::Set(Box::new(contract.clone()));
        let told = world.account("anna", &Command::Charging(set)).map(|_| ());
        assert_eq!(told, expected.map_err(account::Rejection::Charging), "{contract:?}");
    }
}

#[test]
fn limits_wait_for_the_currency_of_the_tenant() {
    let mut world = World::default();
    let details = AccountDetails { id: "anna".to_owned(), ..AccountDetails::default() };
    world.account("anna", &Command::Open(details)).unwrap();
    let sheet = Box::new(given::sheet("energy 0.40"));
    world.catalog(&catalog::Command::PutPriceSheet { id: "public".to_owned(), sheet }).unwrap();
    let card_limits = CardLimits { per_day: Some(euros("50.00")), per_month: None };
    let limited = ChargingContract { card_limits, ..contract("limited", &["01"]) };
    let set = ChargingContractCommand::Set(Box::new(limited));
    assert_eq!(world.account("anna", &Command::Charging(set)), Err(account::Rejection::NoSettings));
    super::set(&mut world, "anna", contract("free", &["01"]));
}
