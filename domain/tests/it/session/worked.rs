//! The specification's example with everything in it, by hand.

use super::given::{amount, check, priced, session, sheet};
use domain::session::SessionDimension;

/// 2.50 at once; charging below 32 A 1.00 an hour, from 32 A on 2.00, at weekends 1.25; parking 5.00 an hour on working days
/// from 9 to 18 h, 6.00 on Saturdays from 10 to 17 h.
const COMPLEX: &str = "flat 2.50 vat 15 \
    | time 1.00 vat 20 step 900 ? current -32 \
    | time 2.00 vat 20 step 600 ? current 32- days 1-5 \
    | time 1.25 vat 20 step 600 ? current 32- days 6-7 \
    | parking 5.00 vat 10 step 300 ? time 09:00-18:00 days 1-5 \
    | parking 6.00 vat 10 step 300 ? time 10:00-17:00 days 6-6";

#[test]
fn saturday() {
    // 114 minutes at 1.25: 2.375; 71 minutes of parking become 75, at 6.00: 7.50; 2.50 at once. Parking is priced, so that
    // charging is not rounded: the specification's own 2.28 is an error of its text.
    let periods = "2019-01-19T12:30Z time 1.9 least-current 43 most-current 45; \
        2019-01-19T14:24Z parking 1.1833; 2019-01-19T15:35Z";
    check(COMPLEX, periods, "12.375 13.975");
    let priced = priced(&sheet(COMPLEX), &session(periods));
    let cost = |dimension| priced.dimensions[&dimension];
    assert_eq!(cost(SessionDimension::Flat).including_vat, amount("2.875"));
    assert_eq!(cost(SessionDimension::Time).including_vat, amount("2.85"));
    assert_eq!(cost(SessionDimension::ParkingTime).including_vat, amount("8.25"));
    let elements: Vec<usize> =
        priced.periods.iter().flat_map(|period| &period.parts).map(|part| part.position.element).collect();
    assert_eq!(elements, [3, 0, 5]);
}

#[test]
fn monday() {
    // 165 minutes at 1.00: 2.75; 42 minutes of parking become 45, at 5.00: 3.75; 2.50 at once.
    let periods = "2019-01-14T08:30Z time 2.75 least-current 10 most-current 16; \
        2019-01-14T11:15Z parking 0.7; 2019-01-14T11:57Z";
    check(COMPLEX, periods, "9 10.3");
}

#[test]
fn the_first_element_of_each_dimension_counts() {
    // Energy from the first, time from the second, which has energy as well; parking from none.
    let elements = "energy 0.5 | energy 9, time 3 | time 7";
    let periods = "2024-10-01T10:00Z energy 10 time 2; 2024-10-01T12:00Z parking 1; 2024-10-01T13:00Z";
    check(elements, periods, "11");
}

#[test]
fn durations_are_those_of_the_timestamps_where_they_agree() {
    // 100 minutes are stated as 1.6667 h, 0.12 s more: 100 minutes at 3 an hour. At 1.6668 h, 0.48 s more, they are as stated.
    check("time 3", "2024-10-01T10:00Z time 1.6667; 2024-10-01T11:40Z", "5");
    check("time 3", "2024-10-01T10:00Z time 1.66661; 2024-10-01T11:39:59.976Z", "4.99998");
    check("time 3", "2024-10-01T10:00Z time 1.66672; 2024-10-01T11:40Z", "5.00016");
    // 0.18 s is the last that agrees.
    check("time 3600", "2024-10-01T10:00Z time 1.00005; 2024-10-01T11:00Z", "3600");
    check("time 3600", "2024-10-01T10:00Z time 1.000051; 2024-10-01T11:00Z", "3600.1836");
}
