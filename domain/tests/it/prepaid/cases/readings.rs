//! Rated totals: of each the difference to what was booked before, late or corrected, in any order.

use super::super::script::check;

#[test]
fn the_difference_is_booked() {
    check(
        "a day that grows, stays and is told again: 2, + 1.25, + 0",
        "topup t1 20 -> on 1
         terms -> ok | v1 on at 1
         rated 1 2026-03-02 v1 2 -> ok | debit 2
         rated 1 2026-03-02 v2 3.25 -> ok | debit 1.25
         rated 1 2026-03-02 v3 3.25 -> ok
         view -> 16.75 left 16.75, on v1",
    );
    check(
        "a month so far: 2.10, then 4.35 with the next day",
        "topup t1 20 -> on 1
         terms -> ok | v1 on at 1
         rated 1 2026-03 v1 2.1 used=2026-03-01:7 -> ok | debit 2.1
         rated 1 2026-03 v2 4.35 used=2026-03-01:7,2026-03-02:7.5 -> ok | debit 2.25
         view -> 15.65 left 15.65, on v1",
    );
    check(
        "a day that comes late",
        "topup t1 20 -> on 1
         terms -> ok | v1 on at 1
         rated 1 2026-03-02 v1 2 -> ok | debit 2
         rated 1 2026-02-27 v1 1 -> ok | debit 1
         rated 1 2025-11-30 v1 4 -> ok | debit 4",
    );
    check(
        "with tax: 10 at 21 % is 12.10, corrected to 8 it is 9.68",
        "topup t1 20 -> on 1
         terms -> ok | v1 on at 1
         rated 1 2026-03-01 v1 10 vat=21 -> ok | debit 12.1
         rated 1 2026-03-01 v2 8 vat=21 -> ok | correct -2.42
         view -> 10.32 left 10.32, on v1",
    );
    check(
        "a rate of tax that was wrong: 12.10 less 10.90 in one correction",
        "topup t1 20 -> on 1
         terms -> ok | v1 on at 1
         rated 1 2026-03-01 v1 10 vat=21 -> ok | debit 12.1
         rated 1 2026-03-01 v2 10 vat=9 -> ok | correct -1.2",
    );
    check(
        "energy less, tax on it more: one correction of 3 - 4 = -1",
        "topup t1 20 -> on 1
         terms -> ok | v1 on at 1
         rated 1 2026-03-01 v1 energy=9,duty=2 -> ok | debit 11
         rated 1 2026-03-01 v2 energy=5,duty=5 -> ok | correct -1",
    );
}

#[test]
fn what_is_paid_out() {
    check(
        "a first day of production: nothing is debited, 2 come",
        "topup t1 1 -> on 1
         terms low=0 -> ok | v1 on at 1
         rated 1 2026-03-01 v1 -2 -> ok | correct -2
         rated 1 2026-03-01 v2 -3 -> ok | correct -1
         rated 1 2026-03-01 v3 0 -> ok | debit 3
         view -> 1 left 1, on v1",
    );
    check(
        "a first day of negative prices: 1 of duty is debited, 3 of energy come",
        "topup t1 1 -> on 1
         terms low=0 -> ok | v1 on at 1
         rated 1 2026-03-01 v1 energy=-3,duty=1 -> ok | debit 1 | correct -3
         view -> 3 left 3, on v1",
    );
    check(
        "it brings supply back as a top-up does",
        "topup t1 1 -> on 1
         terms low=0 -> ok | v1 on at 1
         rated 1 2026-03-01 v1 2 -> ok | debit 2 | below low | below zero | v2 off at 1
         rated 1 2026-03-02 v1 -2 -> ok | correct -2 | above low | above zero | v3 on at 1",
    );
}

#[test]
fn what_is_absurd_is_not_lost() {
    let roles: String = (1..=33).map(|role| format!(",r{role}=1")).collect();
    check(
        "more than a thousand million, or 33 parts, waits for a person; what differs of it waits beside it, and comes back from there",
        &format!(
            "topup t1 20 -> on 1
             terms -> ok | v1 on at 1
             rated 1 2026-03-01 v1 1000000000.01 -> ok | suspended 1000000000.01
             rated 1 2026-03-02 v1 {} -> ok | suspended 33
             view -> 20 left 20, on v1
             rated 1 2026-03-01 v2 1000000003 -> ok | suspended 2.99
             rated 1 2026-03-01 v3 energy=3,duty=2 -> ok | suspended -1000000000 | debit 2
             rated 1 2026-03-01 v4 duty=1 -> ok | suspended -3 | correct -1
             rated 1 2026-03-01 v5 energy=4,duty=1 -> ok | debit 4
             view -> 15 left 15, on v1",
            roles.trim_start_matches(',')
        ),
    );
}

#[test]
fn corrections_move_supply() {
    check(
        "up after a top-up: 10 + 5 - 14 = 1, corrected to 15 = 0",
        "topup t1 10 -> on 1
         terms low=0 -> ok | v1 on at 1
         topup t2 5 -> anna/1: 5, now 15
         rated 1 2026-03-01 v1 14 -> ok | debit 14
         rated 1 2026-03-01 v2 15 -> ok | debit 1 | below low | below zero | v2 off at 1",
    );
    check(
        "down after supply went off: it comes back",
        "topup t1 10 -> on 1
         terms low=0 -> ok | v1 on at 1
         rated 1 2026-03-01 v1 12 -> ok | debit 12 | below low | below zero | v2 off at 1
         rated 1 2026-03-01 v2 11 -> ok | correct -1
         rated 1 2026-03-01 v3 9.99 -> ok | correct -1.01 | above low | above zero | v3 on at 1
         meter 1 -> anna/3 on",
    );
    check(
        "down in friendly hours: it stays on",
        "topup t1 10 -> on 1
         terms low=0 friendly=1234567@17:00-09:00 -> ok | v1 on at 1
         at 2026-03-02T17:00Z
         rated 1 2026-03-01 v1 12 -> ok | debit 12 | below low | below zero | off at 2026-03-03T08:00:00Z
         rated 1 2026-03-01 v2 9 -> ok | correct -3 | above low | above zero | stays on",
    );
    check(
        "a gift pays first, what is corrected comes to the main balance and does not expire: 10 + 5 - 7, + 4",
        "topup t1 10 -> on 1
         topup t2 5 until=2026-03-03T00:00Z -> on 2
         terms low=0 -> ok | v1 on at 1
         rated 1 2026-03-01 v1 4 -> ok | debit 4
         rated 1 2026-03-01 v2 0 -> ok | correct -4
         at 2026-03-03T00:00Z
         elapse -> ok | expired 1
         view -> 14 left 14, on v1",
    );
}

#[test]
fn only_the_highest_version_counts() {
    check(
        "repeated and reordered",
        "topup t1 20 -> on 1
         terms -> ok | v1 on at 1
         rated 1 2026-03-01 v2 5 -> ok | debit 5
         rated 1 2026-03-01 v1 9 -> ok
         rated 1 2026-03-01 v2 5 -> ok
         rated 1 2026-03-01 v2 6 -> ok
         rated 1 2026-03-01 v4 7 -> ok | debit 2
         rated 1 2026-03-01 v3 1 -> ok
         view -> 13 left 13, on v1",
    );
    check(
        "of each day, point and currency by itself",
        "topup t1 20 -> on 1
         terms points=1,2 -> ok | v1 on at 1,2
         rated 1 2026-03-01 v5 1 -> ok | debit 1
         rated 2 2026-03-01 v1 1 -> ok | debit 1
         rated 1 2026-03-02 v1 1 -> ok | debit 1
         rated 1 2026-03 v1 1 -> ok | debit 1
         rated 1 2026-03-01 v1 1 in=DKK -> ok | debit 1 DKK
         rated 1 2026-03-01 v5 1 -> ok",
    );
    check(
        "before there are terms and after",
        "rated 1 2026-03-01 v1 5 -> ok | debit 5
         terms -> ok | v1 off at 1
         topup t1 6 -> anna/1: 6, now 1, v2 | above zero | v2 on at 1
         end -> ok | v3 on free at 1
         rated 1 2026-03-01 v2 6 -> ok | debit 1",
    );
}
