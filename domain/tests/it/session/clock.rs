//! Local time of day: over midnight, open ends, and the days of 23 and 25 hours.

use super::given::check;

#[test]
fn windows_of_the_day() {
    // Tuesday 20:00 to Wednesday 20:00 local time: 24 hours, at 1 an hour where the window holds.
    let day = "2024-10-01T18:00Z time 24; 2024-10-02T18:00Z";
    for (window, hours) in [
        ("09:00-17:00", "8"),
        ("22:00-06:00", "8"),
        ("20:00-20:00", "24"),
        ("00:00-00:00", "24"),
        ("22:00-00:00", "2"),
        ("00:00-06:00", "6"),
        ("22:00-", "2"),
        ("-06:00", "6"),
        ("-00:00", "24"),
        ("23:59-00:01", "1/30"),
    ] {
        check(&format!("time 1 ? time {window}"), day, hours);
    }
}

#[test]
fn a_day_of_the_week_is_that_of_the_moment() {
    // The night of Friday: its hours after midnight are Saturday's.
    let night = "2024-10-04T20:00Z time 8; 2024-10-05T04:00Z";
    check("time 1 ? time 22:00-06:00 days 5-5", night, "2");
    check("time 1 ? time 22:00-06:00 days 5-6", night, "8");
}

#[test]
fn the_bounds_of_a_window() {
    // One second on each side of 09:00 and 17:00.
    check("time 3600 ? time 09:00-17:00", "2024-10-01T06:59:59Z time 0.0006; 2024-10-01T07:00:01Z", "1");
    check("time 3600 ? time 09:00-17:00", "2024-10-01T14:59:59Z time 0.0006; 2024-10-01T15:00:01Z", "1");
}

#[test]
fn a_day_of_23_hours() {
    // 31 March 2024: 02:00 becomes 03:00.
    let day = "2024-03-30T23:00Z time 23; 2024-03-31T22:00Z";
    check("time 1 ? time 00:00-06:00", day, "5");
    check("time 1 ? time 01:30-02:30", day, "0.5");
    check("time 1 ? time 02:15-02:45", day, "0");
    check("time 1 ? time 02:30-04:00", day, "1");
    check("time 1 ? time 00:00-00:00", day, "23");
    check("time 1 ? dates 2024-03-31/2024-04-01", day, "23");
}

#[test]
fn a_day_of_25_hours() {
    // 27 October 2024: 03:00 becomes 02:00; the hour after two is shown twice.
    let day = "2024-10-26T22:00Z time 25; 2024-10-27T23:00Z";
    check("time 1 ? time 00:00-06:00", day, "7");
    check("time 1 ? time 02:00-03:00", day, "2");
    check("time 1 ? time 02:30-03:30", day, "1.5");
    check("time 1 ? time 01:30-02:15", day, "1");
    check("time 1 ? days 7-7", day, "25");
}
