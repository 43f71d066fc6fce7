//! Levels of credit, and supply that follows them.

use super::super::script::check;

#[test]
fn a_level_is_told_once_per_crossing() {
    check(
        "down and up: 20 - 14 = 6, - 1 = 5 is low, - 1 = 4, - 4 = 0 is used up, + 6 = 6",
        "topup t1 20 -> on 1
         terms -> ok | v1 on at 1
         rated 1 2026-03-01 v1 14 -> ok | debit 14
         rated 1 2026-03-02 v1 1 -> ok | debit 1 | below low
         rated 1 2026-03-02 v2 2 -> ok | debit 1
         rated 1 2026-03-02 v3 6 -> ok | debit 4 | below zero | v2 off at 1
         view -> 0 left 0, off v2
         topup t2 6 -> anna/1: 6, now 6, v3 | above low | above zero | v3 on at 1
         elapse -> ok",
    );
    check(
        "both levels at once: 20 - 20.000001",
        "topup t1 20 -> on 1
         terms -> ok | v1 on at 1
         rated 1 2026-03-01 v1 20.000001 -> ok | debit 20.000001 | below low | below zero | v2 off at 1
         view -> -0.000001 left 0, off v2",
    );
    check(
        "a zero-credit level of -10 lets supply go on below zero: 5 - 14 = -9, - 1 = -10",
        "topup t1 5 -> on 1
         terms zero=-10 low=-5 -> ok | v1 on at 1
         rated 1 2026-03-01 v1 14 -> ok | debit 14 | below low
         view -> -9 left 1, on v1
         rated 1 2026-03-01 v2 15 -> ok | debit 1 | below zero | v2 off at 1",
    );
    check(
        "terms begin where the credit is: nothing was crossed, but without credit there is no supply",
        "terms -> ok | v1 off at 1
         topup t1 1 -> anna/1: 1, now 1, v2 | above zero | v2 on at 1
         terms low=0.5 -> ok
         rated 1 2026-03-01 v1 0.5 -> ok | debit 0.5 | below low",
    );
}

#[test]
fn whatever_moves_the_funds_counts() {
    check(
        "a voluntary debit, a transfer",
        "topup t1 20 -> on 1
         terms -> ok | v1 on at 1
         debit d1 15 -> taken | below low
         debit d2 5 -> taken | below zero | v2 off at 1
         receive r1 bert 7 -> on 1 | above low | above zero | v3 on at 1",
    );
    check(
        "what a session holds is still there, what it spends is not",
        "topup t1 20 -> on 1
         terms -> ok | v1 on at 1
         reserve r1 20 -> granted
         rated 1 2026-03-01 v1 2 -> ok | debit 2
         view -> 18 left 18, on v1
         release r1 -> returned",
    );
    check(
        "a gift that expires: 20 given, 3 used of it first, 17 lost, 4 left",
        "topup t1 4 -> on 1
         topup t2 20 until=2026-03-03T00:00Z -> on 2
         terms -> ok | v1 on at 1
         rated 1 2026-03-01 v1 3 -> ok | debit 3
         at 2026-03-03T00:00Z
         elapse -> ok | below low | expired 17
         view -> 4 left 4, on v1",
    );
    check(
        "what is for parking, for another point or for later is no credit",
        "topup t1 1 -> on 1
         topup t2 20 dimension=time -> on 2
         topup t3 20 point=2 -> on 3
         topup t4 20 from=2026-03-03T00:00Z -> on 4
         terms -> ok | v1 on at 1
         view -> 1 left 1, on v1
         rated 1 2026-03-01 v1 1 -> ok | debit 1 | below zero | v2 off at 1
         at 2026-03-03T00:00Z
         elapse -> ok | above low | above zero | v3 on at 1",
    );
    check(
        "other money is no credit",
        "topup t1 1 -> on 1
         terms -> ok | v1 on at 1
         topup t2 100 in=DKK -> on 2
         rated 1 2026-03-01 v1 1 -> ok | debit 1 | below zero | v2 off at 1
         rated 1 2026-03-01 v1 30 in=DKK -> ok | debit 30 DKK",
    );
}

#[test]
fn supply_comes_back() {
    check(
        "only with as much as the terms ask for: -2 + 6.99 = 4.99 < 5",
        "topup t1 10 -> on 1
         terms least=5 -> ok | v1 on at 1
         rated 1 2026-03-01 v1 12 -> ok | debit 12 | below low | below zero | v2 off at 1
         topup t2 6.99 -> anna/1: 6.99, now 4.99 | above zero
         topup t3 0.01 -> anna/2: 0.01, now 5, v3 | v3 on at 1",
    );
    check(
        "and is switched on at the meter where the terms say so",
        "topup t1 10 -> on 1
         terms meter -> ok | v1 on at 1
         rated 1 2026-03-01 v1 10 -> ok | debit 10 | below low | below zero | v2 off at 1
         topup t2 1 -> anna/1: 1, now 1, v3 | above zero | v3 ready at 1
         meter 1 -> anna/3 ready
         rated 1 2026-03-01 v2 11 -> ok | debit 1 | below zero | v4 off at 1",
    );
    check(
        "at every metering point, and those that leave or come are told",
        "topup t1 10 -> on 1
         terms points=1,2 -> ok | v1 on at 1,2
         rated 1 2026-03-01 v1 4 -> ok | debit 4
         rated 2 2026-03-01 v1 6 -> ok | debit 6 | below low | below zero | v2 off at 1,2
         terms points=2,3 -> ok | v3 on free at 1 | v4 off at 2,3
         topup t2 1 -> anna/1: 1, now 1, v5 | above zero | v5 on at 2,3
         meter 1 -> anna/3 on
         meter 3 -> anna/5 on
         rated 1 2026-03-01 v2 5 -> ok | debit 1 | below zero | v6 off at 2,3
         end -> ok | v7 on free at 2,3
         rated 2 2026-03-01 v2 8 -> ok | debit 2
         topup t3 9 -> on 1
         end -> ok",
    );
}
