//! Instants and half-open periods.

#![expect(clippy::unwrap_used, reason = "a test that can't make its input has failed")]

use domain::instant::{Instant, Period};
use proptest::prelude::*;

fn instant(millis: i64) -> Instant {
    Instant::from_millis(millis).unwrap()
}

fn a_period() -> impl Strategy<Value = Period> {
    (-1_000_i64..1_000, 1_i64..1_000)
        .prop_map(|(start, length)| Period::new(instant(start), instant(start + length)).unwrap())
}

proptest! {
    #[test]
    fn the_parts_of_a_period_lie_end_to_end(period in a_period(), cuts in prop::collection::vec(-1_200_i64..2_200, 0..20)) {
        let parts = period.split(cuts.iter().map(|cut| instant(*cut)));
        prop_assert_eq!(parts.first().unwrap().start(), period.start());
        prop_assert_eq!(parts.last().unwrap().end(), period.end());
        prop_assert!(parts.windows(2).all(|pair| pair[0].end() == pair[1].start()));
        prop_assert_eq!(parts.iter().map(|part| part.millis()).sum::<i64>(), period.millis());
        for cut in cuts.into_iter().map(instant).filter(|cut| period.contains(*cut)) {
            prop_assert!(parts.iter().any(|part| part.start() == cut));
        }
    }

    #[test]
    fn what_two_periods_share_is_what_lies_in_both(one in a_period(), other in a_period(), millis in -1_200_i64..2_200) {
        let at = instant(millis);
        let shared = one.intersection(other);
        prop_assert_eq!(shared, other.intersection(one));
        prop_assert_eq!(shared.is_some(), one.overlaps(other));
        prop_assert_eq!(shared.is_some_and(|shared| shared.contains(at)), one.contains(at) && other.contains(at));
        prop_assert_eq!(one.covers(other), shared == Some(other));
        prop_assert_eq!(Period::ALWAYS.intersection(one), Some(one));
    }

    #[test]
    fn an_instant_is_its_text(millis in -377_705_023_201_000_i64..=253_402_207_200_000) {
        prop_assert_eq!(Instant::parse(&instant(millis).to_string()), Some(instant(millis)));
    }
}

#[test]
fn text_is_an_instant_or_none() {
    let cases = [
        ("2024-10-26T22:00:00Z", Some("2024-10-26T22:00:00Z")),
        ("2024-10-27T00:00:00+02:00", Some("2024-10-26T22:00:00Z")),
        ("2024-10-26T22:00Z", Some("2024-10-26T22:00:00Z")),
        ("2024-10-26 22:00:00Z", Some("2024-10-26T22:00:00Z")),
        (" 2024-10-26T22:00:00.5Z ", Some("2024-10-26T22:00:00.500Z")),
        ("2024-10-26T22:00:00.000000Z", Some("2024-10-26T22:00:00Z")),
        ("2024-10-26T22:00:00.0001Z", None),
        ("2024-10-26T22:00:00", None),
        ("2024-10-26", None),
        ("2024-02-30T00:00Z", None),
        ("", None),
    ];
    for (text, expected) in cases {
        let read = Instant::parse(text).map(|instant| instant.to_string());
        assert_eq!(read.as_deref(), expected, "{text}");
    }
}

#[test]
fn time_has_two_ends() {
    assert_eq!(Instant::MAX.plus_millis(1), None);
    assert_eq!(Instant::MIN.plus_millis(-1), None);
    assert_eq!(Instant::from_seconds(i64::MAX), None);
    assert_eq!(Period::since(Instant::MAX), None);
    assert_eq!(Period::new(instant(5), instant(5)), None);
    assert_eq!(Period::since(instant(0)).unwrap().to_string(), "1970-01-01T00:00:00Z/..");
    assert!(Period::since(instant(0)).unwrap().is_open());
}
