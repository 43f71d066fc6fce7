//! What a metering point does: it carries out the highest order only, and tells a total when it differs.

use std::collections::BTreeMap;

use domain::day::Day;
use domain::money::Currency;
use domain::prepaid::{PointSupply, RatedKey, RatedParts, RatedPeriod, Supply, SupplyOrder};
use domain::quantity::Quantity;

use super::script::{part, point_of};

fn order(account: &str, version: u64, supply: Supply) -> SupplyOrder {
    SupplyOrder { account: account.to_owned(), version, supply, is_prepaid: true }
}

#[test]
fn only_the_highest_version_is_carried_out() {
    let mut point = PointSupply::default();
    let told = [
        (order("anna", 1, Supply::On), true),
        (order("anna", 3, Supply::On), true),
        (order("anna", 2, Supply::Off), false),
        (order("anna", 3, Supply::On), false),
        (order("bert", 1, Supply::Off), true),
        (order("anna", 4, Supply::Off), true),
    ];
    for (order, is_news) in told {
        assert_eq!(point.is_news(&order), is_news, "{order}");
        if is_news {
            point.take(&order);
        }
    }
    assert_eq!(point.orders["anna"].to_string(), "anna/4");
    assert_eq!(point.orders["anna"].supply, Supply::Off);
}

#[test]
fn a_total_is_told_when_it_differs() {
    let mut point = PointSupply::default();
    let day = Day::parse("2026-03-01").unwrap();
    let key = RatedKey {
        metering_point: point_of("1"),
        contract: "c1".to_owned(),
        period: RatedPeriod::Day(day),
        currency: Currency::Eur,
    };
    let rated = |net: &str, used: &str| RatedParts {
        parts: vec![part("energy", net, 0)],
        used: BTreeMap::from([(day, Quantity::parse(used).unwrap())]),
    };
    let cases = [
        (RatedParts::default(), None),
        (rated("3", "10"), Some(1)),
        (rated("3", "10"), None),
        (rated("3", "11"), Some(2)),
        (rated("2", "11"), Some(3)),
        (RatedParts::default(), Some(4)),
        (RatedParts::default(), None),
    ];
    for (rated, version) in cases {
        let total = point.next(&key, rated.clone());
        assert_eq!(total.as_ref().map(|total| total.version), version, "{rated:?}");
        if let Some(total) = total {
            point.tell(&total);
        }
    }
}
