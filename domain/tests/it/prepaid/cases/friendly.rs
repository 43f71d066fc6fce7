//! Friendly hours: windows of local time, weekends, holidays, and the days on which clocks change.

use super::super::script::check;

/// An account with 5 EUR under these terms at this time, of which `v1` of a day takes all.
fn used_up_at(name: &str, (terms, time): (&str, &str), expected: &str) {
    check(
        name,
        &format!(
            "at {time}
             topup t1 5 -> on 1
             terms low=0 {terms} -> ok | v1 on at 1
             rated 1 2026-01-01 v1 5 -> ok | debit 5 | below low | below zero | {expected}"
        ),
    );
}

const NIGHTS: &str = "friendly=1234567@17:00-09:00";
const NIGHTS_AND_WEEKENDS: &str = "friendly=1234567@17:00-09:00+67@00:00-24:00";

#[test]
fn nobody_is_disconnected_in_friendly_hours() {
    // Amsterdam is an hour ahead of UTC in March, until the 29th.
    used_up_at("in the day", (NIGHTS, "2026-03-02T15:59:59.999Z"), "v2 off at 1");
    used_up_at("the first instant", (NIGHTS, "2026-03-02T16:00Z"), "off at 2026-03-03T08:00:00Z");
    used_up_at("over midnight", (NIGHTS, "2026-03-02T23:30Z"), "off at 2026-03-03T08:00:00Z");
    used_up_at("the last instant", (NIGHTS, "2026-03-03T07:59:59.999Z"), "off at 2026-03-03T08:00:00Z");
    used_up_at("not at their end", (NIGHTS, "2026-03-03T08:00Z"), "v2 off at 1");
    used_up_at(
        "a window of the day before only: Monday's ends on Tuesday, Tuesday has none",
        ("friendly=1@17:00-09:00", "2026-03-03T16:00Z"),
        "v2 off at 1",
    );
    used_up_at(
        "the weekend from Friday evening to Monday morning",
        (NIGHTS_AND_WEEKENDS, "2026-03-06T16:30Z"),
        "off at 2026-03-09T08:00:00Z",
    );
    used_up_at(
        "two windows that meet are one",
        ("friendly=5@17:00-24:00+6@00:00-12:00", "2026-03-06T16:30Z"),
        "off at 2026-03-07T11:00:00Z",
    );
    used_up_at(
        "a window of 24 hours",
        ("friendly=1@18:00-18:00", "2026-03-03T16:59Z"),
        "off at 2026-03-03T17:00:00Z",
    );
}

#[test]
fn holidays_are_friendly_all_day() {
    used_up_at(
        "Easter: Thursday evening to Tuesday morning, with the clock two hours ahead of UTC",
        ("friendly=1234567@17:00-09:00+67@00:00-24:00 holidays=2026-04-03,2026-04-06", "2026-04-02T16:00Z"),
        "off at 2026-04-07T07:00:00Z",
    );
    used_up_at(
        "without the Monday it ends a day earlier",
        ("friendly=1234567@17:00-09:00+67@00:00-24:00 holidays=2026-04-03", "2026-04-02T16:00Z"),
        "off at 2026-04-06T07:00:00Z",
    );
    used_up_at(
        "a holiday alone, from midnight to midnight",
        ("holidays=2026-03-04", "2026-03-03T23:00Z"),
        "off at 2026-03-04T23:00:00Z",
    );
    used_up_at(
        "not a millisecond before",
        ("holidays=2026-03-04", "2026-03-03T22:59:59.999Z"),
        "v2 off at 1",
    );
    used_up_at(
        "a holiday of 23 hours",
        ("holidays=2026-03-29", "2026-03-28T23:00Z"),
        "off at 2026-03-29T22:00:00Z",
    );
}

#[test]
fn clocks_that_change() {
    // In spring 01:00Z is 03:00 in Amsterdam, and no clock shows 02:30.
    used_up_at(
        "a short night: 21:00 to 06:00 is 20:00Z to 04:00Z",
        ("friendly=6@21:00-06:00", "2026-03-28T20:00Z"),
        "off at 2026-03-29T04:00:00Z",
    );
    used_up_at(
        "an end that is skipped is the change",
        ("friendly=6@21:00-02:30", "2026-03-28T20:00Z"),
        "off at 2026-03-29T01:00:00Z",
    );
    used_up_at(
        "a beginning that is skipped is the change",
        ("friendly=7@02:30-05:00", "2026-03-29T01:00Z"),
        "off at 2026-03-29T03:00:00Z",
    );
    used_up_at("not before it", ("friendly=7@02:30-05:00", "2026-03-29T00:59:59.999Z"), "v2 off at 1");
    // In autumn the clock shows 02:30 at 00:30Z and at 01:30Z.
    used_up_at(
        "an end that comes twice is the second",
        ("friendly=6@21:00-02:30", "2026-10-24T20:00Z"),
        "off at 2026-10-25T01:30:00Z",
    );
    used_up_at(
        "a beginning that comes twice is the first",
        ("friendly=7@02:30-05:00", "2026-10-25T00:30Z"),
        "off at 2026-10-25T04:00:00Z",
    );
    used_up_at(
        "a long night: 21:00 to 06:00 is 19:00Z to 05:00Z",
        ("friendly=6@21:00-06:00", "2026-10-24T19:00Z"),
        "off at 2026-10-25T05:00:00Z",
    );
}

#[test]
fn a_postponed_order_is_given_or_cancelled() {
    check(
        "by the timer, not early",
        "topup t1 5 -> on 1
         terms low=0 friendly=1234567@17:00-09:00 -> ok | v1 on at 1
         at 2026-03-02T17:00Z
         rated 1 2026-03-01 v1 5 -> ok | debit 5 | below low | below zero | off at 2026-03-03T08:00:00Z
         view -> 0 left 0, on v1, off at 2026-03-03T08:00:00Z
         due -> 2026-03-03T08:00:00Z
         rated 1 2026-03-01 v2 7 -> ok | debit 2
         at 2026-03-03T07:59:59.999Z
         elapse -> ok
         at 2026-03-03T08:00Z
         elapse -> ok | v2 off at 1
         due -> never
         elapse -> ok",
    );
    check(
        "cancelled by a top-up before: -2 + 3 = 1",
        "topup t1 5 -> on 1
         terms low=0 friendly=1234567@17:00-09:00 -> ok | v1 on at 1
         at 2026-03-02T17:00Z
         rated 1 2026-03-01 v1 7 -> ok | debit 7 | below low | below zero | off at 2026-03-03T08:00:00Z
         topup t2 2 -> anna/1: 2, now 0
         topup t3 1 -> anna/2: 1, now 1 | above low | above zero | stays on
         due -> never
         at 2026-03-03T08:00Z
         elapse -> ok",
    );
    check(
        "a top-up after the hours is too late, timer or not",
        "topup t1 5 -> on 1
         terms low=0 friendly=1234567@17:00-09:00 -> ok | v1 on at 1
         at 2026-03-02T17:00Z
         rated 1 2026-03-01 v1 7 -> ok | debit 7 | below low | below zero | off at 2026-03-03T08:00:00Z
         at 2026-03-03T08:00:01Z
         topup t2 3 -> anna/1: 3, now 1, v3 | v2 off at 1 | above low | above zero | v3 on at 1",
    );
    check(
        "a timer that comes in the next night waits again",
        "topup t1 5 -> on 1
         terms low=0 friendly=1234567@17:00-09:00 -> ok | v1 on at 1
         at 2026-03-02T17:00Z
         rated 1 2026-03-01 v1 5 -> ok | debit 5 | below low | below zero | off at 2026-03-03T08:00:00Z
         at 2026-03-03T18:00Z
         elapse -> ok | off at 2026-03-04T08:00:00Z",
    );
    check(
        "new terms without friendly hours end it at once, a new holiday puts it off",
        "topup t1 5 -> on 1
         terms low=0 friendly=1234567@17:00-09:00 -> ok | v1 on at 1
         at 2026-03-02T17:00Z
         rated 1 2026-03-01 v1 5 -> ok | debit 5 | below low | below zero | off at 2026-03-03T08:00:00Z
         terms low=0 friendly=1234567@17:00-09:00 holidays=2026-03-03 -> ok | off at 2026-03-04T08:00:00Z
         terms low=0 -> ok | v2 off at 1",
    );
    check(
        "supply comes back in friendly hours as well",
        "topup t1 5 -> on 1
         terms low=0 friendly=1234567@17:00-09:00 -> ok | v1 on at 1
         rated 1 2026-03-01 v1 5 -> ok | debit 5 | below low | below zero | v2 off at 1
         at 2026-03-02T17:00Z
         topup t2 3 -> anna/1: 3, now 3, v3 | above low | above zero | v3 on at 1
         rated 1 2026-03-01 v2 8 -> ok | debit 3 | below low | below zero | off at 2026-03-03T08:00:00Z",
    );
}
