//! Bounds of restrictions: lower inclusive, upper exclusive, and periods are cut where one is passed.

use super::given::check;

/// One hour of charging, 10:00 to 11:00 local time on Tuesday 1 October 2024, with 6 kWh.
const HOUR: &str = "2024-10-01T08:00Z energy 6 time 1; 2024-10-01T09:00Z";

#[test]
fn dates_and_days() {
    for (held, total) in [
        ("dates 2024-10-01/", "1"),
        ("dates 2024-10-02/", "0"),
        ("dates /2024-10-02", "1"),
        ("dates /2024-10-01", "0"),
        ("days 2-2", "1"),
        ("days 3-7", "0"),
    ] {
        check(&format!("time 1 ? {held}"), HOUR, total);
    }
    // 23:00 to 01:00 local time: half of it lies on the second day.
    let night = "2024-10-01T21:00Z time 2; 2024-10-01T23:00Z";
    check("time 1 ? dates 2024-10-02/", night, "1");
    check("time 3 ? dates /2024-10-02 | time 5", night, "8");
    check("time 3 ? days 2-2 | time 5", night, "8");
}

#[test]
fn durations() {
    for (held, total) in [
        ("duration 0-", "3600"),
        ("duration 3599-", "1"),
        ("duration 3600-", "0"),
        ("duration -0", "0"),
        ("duration -1", "1"),
        ("duration -3600", "3600"),
        ("duration 600-1800", "1200"),
    ] {
        check(&format!("time 3600 ? {held}"), HOUR, total);
    }
    // 20 minutes of 6 kWh an hour are 2 kWh.
    check("energy 1 ? duration 600-1800", HOUR, "2");
}

#[test]
fn energy_so_far() {
    for (held, total) in [
        ("kwh 0-", "6"),
        ("kwh 2-", "4"),
        ("kwh 6-", "0"),
        ("kwh -0", "0"),
        ("kwh -2", "2"),
        ("kwh -6", "6"),
        ("kwh 2-5", "3"),
    ] {
        check(&format!("energy 1 ? {held}"), HOUR, total);
    }
    // The energy so far is that of the session, not of the period.
    let two = "2024-10-01T08:00Z energy 6 time 1; 2024-10-01T09:00Z energy 6 time 1; 2024-10-01T10:00Z";
    check("energy 1 ? kwh -9 | energy 2", two, "15");
    // Two of six kWh are there after 20 minutes.
    check("time 3 ? kwh -2 | time 6", HOUR, "5");
    // A period that takes no time.
    check("energy 1 ? kwh -2 | energy 2", "2024-10-01T08:00Z energy 6; 2024-10-01T08:00Z", "10");
}

#[test]
fn current_and_power() {
    for (draw, held, total) in [
        ("least-current 32 most-current 40", "current 32-", "1"),
        ("least-current 31.999 most-current 40", "current 32-", "0"),
        ("least-current 10 most-current 32", "current -32", "0"),
        ("least-current 10 most-current 31.999", "current -32", "1"),
        // Only one of both is known: it stands for both.
        ("most-current 43", "current 32-", "1"),
        ("least-current 10", "current -32", "1"),
        // Nothing is known: no bound holds.
        ("", "current 32-", "0"),
        ("", "current -32", "0"),
        ("least-power 22 most-power 50", "power 22-50.1", "1"),
        ("least-power 22 most-power 50", "power 22-50", "0"),
    ] {
        let hour = format!("2024-10-01T08:00Z time 1 {draw}; 2024-10-01T09:00Z");
        check(&format!("time 1 ? {held}"), &hour, total);
    }
}

#[test]
fn restrictions_hold_together() {
    // 10:15 to 10:45 by the clock, and the second half of the hour by duration: 15 minutes.
    check("time 4 ? time 10:15-10:45 duration 1800-", HOUR, "1");
    check("time 4 ? time 10:15-10:45 days 3-3", HOUR, "0");
}

#[test]
fn a_flat_price_is_due_once_at_the_first_moment_at_which_it_holds() {
    let two = "2024-10-01T08:00Z time 1; 2024-10-01T09:00Z parking 1; 2024-10-01T10:00Z";
    check("flat 5", two, "5");
    check("flat 5 ? duration 3600-", two, "5");
    check("flat 5 ? duration 7200-", two, "0");
    check("flat 3 ? duration -60 | flat 5", two, "3");
}
