//! What a metering point does: it carries out the highest order only, knows the days that are paid in advance, and tells a
//! total when it differs, as much as a commit holds.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use domain::day::Day;
use domain::money::Currency;
use domain::prepaid::{
    PointSupply, RatedKey, RatedParts, RatedPeriod, RatedTotal, Supply, SupplyOrder, ToTell, batched,
};
use domain::quantity::Quantity;

use super::script::{part, point_of};

fn order(account: &str, version: u64, supply: Supply) -> SupplyOrder {
    let day = Day::parse("2026-03-02");
    SupplyOrder { account: account.to_owned(), version, supply, is_prepaid: true, day }
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

/// The days in advance after orders: `+` from a day on, `-` no longer from it on, in March.
fn advance(orders: &str) -> String {
    let mut point = PointSupply::default();
    for (version, text) in (1_u64..).zip(orders.split_whitespace()) {
        let day = Day::new(2026, 3, text[1..].parse().unwrap());
        point.take(&SupplyOrder {
            day,
            is_prepaid: text.starts_with('+'),
            ..order("anna", version, Supply::On)
        });
    }
    let spans = point.advance.get("anna").unwrap().iter().map(|span| match span.is_open() {
        true => format!("{}-", span.first().of_month()),
        false => format!("{}-{}", span.first().of_month(), span.end().of_month()),
    });
    spans.collect::<Vec<_>>().join(" ")
}

#[test]
fn orders_fix_the_days_that_are_paid_in_advance() {
    let cases = [
        ("+2", "2-"),
        // On and off move no day.
        ("+2 +5 +9", "2-"),
        ("-3", ""),
        ("+2 -6", "2-6"),
        ("+2 -6 -9", "2-6"),
        // A day that was paid in advance stays so; a gap is closed where the first day lies before it.
        ("+2 -6 +5", "2-"),
        ("+2 -6 +6", "2-"),
        ("+2 -6 +8", "2-6 8-"),
        ("+2 -6 +8 -9 +1", "1-"),
        ("+2 -6 +8 -9 +7", "2-6 7-"),
    ];
    for (orders, expected) in cases {
        assert_eq!(advance(orders), expected, "{orders}");
    }
}

/// So many totals of as many parts each, as messages of so many totals each.
fn messages(totals: i32, parts: usize, held: usize, most: usize) -> Vec<usize> {
    let day = Day::parse("2026-01-01").unwrap().number();
    let total = |number: i32| RatedTotal {
        key: RatedKey {
            metering_point: point_of("1"),
            contract: "c1".to_owned(),
            period: RatedPeriod::Day(Day::from_number(day + number).unwrap()),
            currency: Currency::Eur,
        },
        version: 1,
        rated: RatedParts { parts: vec![part("energy", "1", 0); parts], used: BTreeMap::new() },
    };
    let all = (0..totals).map(|number| ToTell {
        account: if number < 100 { "anna" } else { "bert" }.to_owned(),
        total: total(number),
        held_parts: held,
    });
    batched(all, most).iter().map(|told| told.totals.len()).collect()
}

#[test]
fn a_message_holds_what_an_account_books_at_once() {
    // At most 64 totals, 128 parts with those that are taken back, one account.
    assert_eq!(messages(31, 3, 0, 800), [31]);
    assert_eq!(messages(70, 1, 0, 800), [64, 6]);
    assert_eq!(messages(31, 20, 0, 800), [6, 6, 6, 6, 6, 1]);
    assert_eq!(messages(31, 2, 20, 800), [5, 5, 5, 5, 5, 5, 1]);
    assert_eq!(messages(102, 2, 0, 800), [64, 36, 2]);
    // One that is too large by itself goes by itself.
    assert_eq!(messages(2, 200, 0, 800), [1, 1]);
    // What a commit of the point holds: so many totals, 20 messages, 160,000 bytes of 160 + 2 and 78 a part.
    assert_eq!(messages(31, 3, 0, 10), [10]);
    assert_eq!(messages(31, 120, 0, 800).iter().sum::<usize>(), 16);
    assert_eq!(messages(100, 10, 90, 800).len(), 20);
    assert!(messages(0, 1, 0, 800).is_empty());
}
