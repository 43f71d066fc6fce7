//! Ids of metering points and their check digit.

use domain::identity::MeteringPointId;
use proptest::prelude::*;

#[test]
fn the_check_digit_is_the_one_of_gs1() {
    let cases = [
        // A Dutch sample: weights 1, 3, 1, … from the right give 160.
        ("871685900012636543", true),
        ("871685900012636544", false),
        ("871687120000012342", true),
        ("871687120000012345", false),
        ("571313180400000001", true),
        ("571313180400100657", true),
        ("571313000000002000", true),
        ("571313000000002001", false),
        ("000000000000000000", true),
        ("999999999999999995", true),
    ];
    for (text, expected) in cases {
        assert_eq!(MeteringPointId::parse(text).unwrap().has_valid_check_digit(), expected, "{text}");
    }
}

#[test]
fn no_point_is_named_by_the_id_of_charging_sessions() {
    let zeros = MeteringPointId::CHARGING.to_string();
    assert_eq!(MeteringPointId::parse(&zeros), Some(MeteringPointId::CHARGING));
    assert_eq!(MeteringPointId::parse_point(&zeros), None);
    for text in ["571313180400000001", "000000000000000017"] {
        assert_eq!(MeteringPointId::parse_point(text), MeteringPointId::parse(text));
    }
}

#[test]
fn an_id_has_eighteen_digits() {
    for text in [
        "",
        "57131318040010065",
        "5713131804001006571",
        "57131318040010065a",
        "+71313180400100657",
        " 71313180400100657",
    ] {
        assert_eq!(MeteringPointId::parse(text), None, "{text}");
    }
    assert_eq!(MeteringPointId::new(1_000_000_000_000_000_000), None);
    assert_eq!(MeteringPointId::new(7).unwrap().to_string(), "000000000000000007");
}

proptest! {
    #[test]
    fn one_last_digit_of_ten_is_right_and_one_wrong_digit_is_seen(
        body in 0_u64..100_000_000_000_000_000, place in 0_u32..18, change in 1_u64..10,
    ) {
        let ids = (0..10).map(|digit| MeteringPointId::new(body * 10 + digit).unwrap());
        let right: Vec<MeteringPointId> = ids.filter(|id| id.has_valid_check_digit()).collect();
        prop_assert_eq!(right.len(), 1);
        let (number, unit) = (right[0].number(), 10_u64.pow(place));
        let digit = number / unit % 10;
        let changed = number - digit * unit + (digit + change) % 10 * unit;
        prop_assert!(!MeteringPointId::new(changed).unwrap().has_valid_check_digit());
        prop_assert_eq!(MeteringPointId::parse(&right[0].to_string()), Some(right[0]));
    }
}
