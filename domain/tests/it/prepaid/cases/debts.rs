//! Old debt: a share of each top-up, or so much a week.

use super::super::script::check;

#[test]
fn a_share_of_each_top_up() {
    check(
        "25 % of 10.01 is 2.5025: 2.50 and 7.51; of the last 10 EUR only the 1.50 that are owed: 5 = 1.50 + 3.50",
        "topup t1 1 -> on 1
         terms low=0 share=25 -> ok | v1 on at 1
         debt 9 -> ok
         topup t2 10.01 -> anna/1: 10.01 = debt 2.5 + credit 7.51, now 8.51 | debt 2.5
         view -> 8.51 left 8.51, owes 6.5, on v1
         topup t3 20 -> anna/2: 20 = debt 5 + credit 15, now 23.51 | debt 5
         topup t4 10 -> anna/3: 10 = debt 1.5 + credit 8.5, now 32.01 | debt 1.5
         topup t5 10 -> anna/4: 10, now 42.01",
    );
    check(
        "33.33 % of a few cents is none: 0.02 -> 0.006666; of 0.04 it is 0.013332, a cent",
        "terms low=0 share=33.33 -> ok | v1 off at 1
         debt 9 -> ok
         topup t1 0.02 -> anna/1: 0.02, now 0.02, v2 | above low | above zero | v2 on at 1
         topup t2 0.04 -> anna/2: 0.04 = debt 0.01 + credit 0.03, now 0.05 | debt 0.01",
    );
    check(
        "a share of all leaves no credit",
        "terms low=0 share=100 -> ok | v1 off at 1
         debt 12 -> ok
         topup t1 10 -> anna/1: 10 = debt 10 + credit 0, now 0 | debt 10
         topup t2 10 -> anna/2: 10 = debt 2 + credit 8, now 8, v2 | debt 2 | above low | above zero | v2 on at 1",
    );
    check(
        "in whole yen: 25 % of 101 is 25.25",
        "terms low=0 share=25 in=JPY -> ok | v1 off at 1
         debt 30 -> ok
         topup t1 101 in=JPY -> anna/1: 101 = debt 25 + credit 76, now 76, v2 | debt 25 JPY | above low | above zero | v2 on at 1",
    );
    check(
        "in thousandths of a dinar: 25 % of 1.001 is 0.25025",
        "terms low=0 share=25 in=KWD -> ok | v1 off at 1
         debt 30 -> ok
         topup t1 1.001 in=KWD -> anna/1: 1.001 = debt 0.25 + credit 0.751, now 0.751, v2 | debt 0.25 KWD | above low | above zero | v2 on at 1",
    );
    check(
        "of a gift, of other money and of a transfer debt gets nothing",
        "topup t1 1 -> on 1
         terms low=0 share=25 -> ok | v1 on at 1
         debt 30 -> ok
         topup t2 10 until=2026-04-01T00:00Z -> anna/1: 10, now 11
         topup t3 10 in=DKK -> on 3
         receive r1 bert 10 -> on 1
         view -> 21 left 21, owes 30, on v1",
    );
    check(
        "a gift is spent before the main balance, and pays no debt: 25 % of 4 from the 5 on the main balance, all 10 expire",
        "topup t1 1 -> on 1
         topup t2 10 until=2026-03-20T00:00Z -> on 2
         terms low=0 share=25 -> ok | v1 on at 1
         debt 30 -> ok
         topup t3 4 -> anna/1: 4 = debt 1 + credit 3, now 14 | debt 1
         at 2026-03-20T00:00Z
         elapse -> ok | expired 10
         view -> 4 left 4, owes 29, on v1",
    );
    check(
        "debt comes before emergency credit: of 10, 2.50 to debt, 7.50 repay 6 and leave 1.50",
        "topup t1 2 -> on 1
         terms low=0 share=25 emergency=10@2 -> ok | offer 1 | v1 on at 1
         debt 30 -> ok
         take 1 -> ok | took 1
         rated 1 2026-03-01 v1 8 -> ok | debit 8 | below low | below zero
         topup t2 10 -> anna/1: 10 = debt 2.5 + credit 7.5, emergency 6, now 1.5 | debt 2.5 | above low | above zero",
    );
}

#[test]
fn so_much_a_week() {
    check(
        "3 EUR every Monday at local midnight, 10 EUR in all: 3 + 3 + 3 + 1; from 29 March on midnight is 22:00Z",
        "topup t1 50 -> on 1
         terms weekly=3@2026-03-09 -> ok | v1 on at 1
         due -> never
         debt 10 -> ok
         due -> 2026-03-08T23:00:00Z
         at 2026-03-08T22:59:59.999Z
         elapse -> ok
         at 2026-03-08T23:00Z
         elapse -> ok | debt 3
         elapse -> ok
         due -> 2026-03-15T23:00:00Z
         at 2026-03-15T23:00Z
         elapse -> ok | debt 3
         at 2026-03-22T23:00Z
         elapse -> ok | debt 3
         due -> 2026-03-29T22:00:00Z
         at 2026-03-29T22:00Z
         elapse -> ok | debt 1
         due -> never
         view -> 40 left 40, on v1",
    );
    check(
        "at most what the credit is above zero, in whole cents; what could not be taken is not made up for",
        "topup t1 5 -> on 1
         terms low=0 weekly=3@2026-03-09 -> ok | v1 on at 1
         debt 10 -> ok
         rated 1 2026-03-01 v1 3.995 -> ok | debit 3.995
         at 2026-03-09T10:00Z
         elapse -> ok | debt 1
         view -> 0.005 left 0.005, owes 9, on v1
         at 2026-03-16T10:00Z
         elapse -> ok
         topup t2 20 -> anna/1: 20, now 20.005
         at 2026-03-23T10:00Z
         elapse -> ok | debt 3
         view -> 17.005 left 17.005, owes 6, on v1",
    );
    check(
        "nor out of a gift, nor what a session holds: of 8 on the main balance and 20 that were given 8 - 6 = 2",
        "topup t1 8 -> on 1
         terms low=0 weekly=3@2026-03-09 -> ok | v1 on at 1
         debt 10 -> ok
         at 2026-03-08T22:30Z
         reserve s1 6 -> granted
         topup t2 20 until=2026-04-01T00:00Z -> anna/1: 20, now 28
         at 2026-03-08T23:00Z
         elapse -> ok | debt 2
         view -> 26 left 26, owes 8, on v1",
    );
    check(
        "never out of emergency credit",
        "topup t1 2 -> on 1
         terms low=0 weekly=3@2026-03-09 emergency=10@2 -> ok | offer 1 | v1 on at 1
         debt 10 -> ok
         take 1 -> ok | took 1
         rated 1 2026-03-01 v1 3 -> ok | debit 3 | below low | below zero
         at 2026-03-09T10:00Z
         elapse -> ok
         view -> -1 left 9, owes 10, emergency used 1, on v1",
    );
    check(
        "a timer that is weeks late takes each of them, and a top-up finds them taken: 5 - 3 - 2 = 0",
        "topup t1 5 -> on 1
         terms low=0 weekly=3@2026-03-09 -> ok | v1 on at 1
         debt 10 -> ok
         at 2026-03-17T10:00Z
         topup t2 4 -> anna/1: 4, now 4, v3 | debt 3 | debt 2 | below low | below zero | v2 off at 1 | above low | above zero | v3 on at 1
         due -> 2026-03-22T23:00:00Z",
    );
    check(
        "a debt that comes later begins with the next such day, not with those before",
        "topup t1 20 -> on 1
         terms weekly=3@2026-03-02 -> ok | v1 on at 1
         at 2026-03-20T10:00Z
         debt 10 -> ok
         due -> 2026-03-22T23:00:00Z
         elapse -> ok
         terms weekly=4@2026-03-04 -> ok
         due -> 2026-03-24T23:00:00Z
         end -> ok | v2 on free at 1
         due -> never",
    );
}

#[test]
fn the_sum_of_all_debt_is_set() {
    check(
        "set again it is the same, raised it is more, not below what was paid off",
        "debt 5 -> bad NotPrepaid
         terms low=0 share=50 -> ok | v1 off at 1
         debt 5 -> ok
         debt 5 -> ok
         topup t1 4 -> anna/1: 4 = debt 2 + credit 2, now 2, v2 | debt 2 | above low | above zero | v2 on at 1
         debt 5 -> ok
         view -> 2 left 2, owes 3, on v2
         debt 8 -> ok
         view -> 2 left 2, owes 6, on v2
         debt 1.99 -> bad DebtBelowRecovered
         debt 2 -> ok
         view -> 2 left 2, on v2
         debt -1 -> bad AmountNotPositive
         debt 2.001 -> bad OtherScale",
    );
}

#[test]
fn debt_stays_in_its_currency() {
    check(
        "other money can't pay it; when it is paid off, debt begins anew",
        "topup t1 1 -> on 1
         terms low=0 share=50 -> ok | v1 on at 1
         debt 5 -> ok
         terms low=0 share=50 in=DKK -> bad DebtInOtherCurrency
         end -> ok | v2 on free at 1
         terms low=0 share=50 in=DKK -> bad DebtInOtherCurrency
         terms low=0 share=50 -> ok | v3 on at 1
         topup t2 10 -> anna/1: 10 = debt 5 + credit 5, now 6 | debt 5
         terms low=0 share=50 in=DKK -> ok | v4 off at 1
         debt 4 -> ok
         view -> 0 left 0, owes 4, off v4",
    );
}
