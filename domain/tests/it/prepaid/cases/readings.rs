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

/// A kWh costs 0.25 and 21 % tax; it is a day of 24 hours, and another day cost 9.121.
#[test]
fn what_the_funds_gave_comes_back_to_them() {
    // 5 kWh an hour are 30.00 net; 100,000 are 600,000; a thousand million 6,000,000,000.
    let begin = "topup t1 20 -> on 1
         terms low=0 -> ok | v1 on at 1
         rated 1 2026-02-28 v1 9.121 -> ok | debit 9.121
         rated 1 2026-03-01 v1 30 vat=21 -> ok | debit 36.3 | below low | below zero | v2 off at 1
         view -> -25.421 left 0, off v2
         rated 1 2026-03-01 v2 600000 vat=21 -> ok | debit 725963.7
         view -> -725989.121 left 0, off v2
         rated 1 2026-03-01 v3 6000000000 vat=21 -> ok | suspended 7259274000";
    let ways = [
        ("at once", "rated 1 2026-03-01 v4 30 vat=21 -> ok | suspended -7259274000 | correct -725963.7"),
        (
            "in two steps: 3,000 million are 3,630,000,000 with tax",
            "rated 1 2026-03-01 v4 3000000000 vat=21 -> ok | suspended -3630000000
             rated 1 2026-03-01 v5 30 vat=21 -> ok | suspended -3629274000 | correct -725963.7",
        ),
        (
            "in three, one of them across: 300,000 are 363,000",
            "rated 1 2026-03-01 v4 600001 vat=21 -> ok | suspended -7259273998.79
             rated 1 2026-03-01 v5 300000 vat=21 -> ok | suspended -1.21 | correct -363000
             rated 1 2026-03-01 v6 30 vat=21 -> ok | correct -362963.7",
        ),
        (
            "and up again before it comes back",
            "rated 1 2026-03-01 v4 600001 vat=21 -> ok | suspended -7259273998.79
             rated 1 2026-03-01 v5 600002 vat=21 -> ok | suspended 1.21
             rated 1 2026-03-01 v6 600000 vat=21 -> ok | suspended -2.42
             rated 1 2026-03-01 v7 600001 vat=21 -> ok | debit 1.21
             rated 1 2026-03-01 v8 30 vat=21 -> ok | correct -725964.91",
        ),
    ];
    for (name, way) in ways {
        check(name, &format!("{begin}\n{way}\nview -> -25.421 left 0, off v2"));
    }
    check(
        "more than a thousand million, given in two steps, comes back in pieces of 500 million net; it may be too much for one
         command, not for the funds",
        "topup t1 20 -> on 1
         terms low=0 -> ok | v1 on at 1
         rated 1 2026-03-01 v1 600000000 vat=21 -> ok | debit 726000000 | below low | below zero | v2 off at 1
         rated 1 2026-03-01 v2 1200000000 vat=21 -> ok | debit 726000000
         rated 1 2026-03-01 v3 10 vat=21 -> ok | correct -605000000 | correct -605000000 | correct -241999987.9 | above low | above zero | v3 on at 1
         view -> 7.9 left 7.9, on v3",
    );
    check(
        "what was paid out is taken back in the same way, what is paid out is not cut",
        "topup t1 20 -> on 1
         terms low=0 -> ok | v1 on at 1
         rated 1 2026-03-01 v1 -600000000 -> ok | correct -600000000
         rated 1 2026-03-01 v2 -1200000000 -> ok | correct -600000000
         rated 1 2026-03-01 v3 10 -> ok | correct 500000000 | correct 500000000 | correct 200000000 | debit 10
         rated 1 2026-03-01 v4 -1000000001 -> ok | correct -10 | suspended -1000000001
         view -> 20 left 20, on v1",
    );
    check(
        "parts of which one is too much: the others are taken, and given back, as always",
        "topup t1 20 -> on 1
         terms low=0 -> ok | v1 on at 1
         rated 1 2026-03-01 v1 energy=2,duty=3 -> ok | debit 5
         rated 1 2026-03-01 v2 energy=1000000003,duty=1 -> ok | correct -2 | suspended 1000000001
         rated 1 2026-03-01 v3 energy=1,duty=1 -> ok | suspended -1000000001 | correct -1
         view -> 18 left 18, on v1",
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
