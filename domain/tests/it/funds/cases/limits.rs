//! Credit and spending limits, groups, thresholds.

use super::super::script::check;

#[test]
fn credit_and_spending_limits() {
    check(
        "a credit limit lets funds go below zero, and is not lowered below what is reserved",
        "credit 5 -> ok
         reserve r1 40 kWh 60 -> 20 kWh: 1=5 EUR, no more funds
         credit 4 -> bad LimitBelowReserved
         credit 6 -> ok
         credit 5 -> ok
         commit r1 20 kWh -> 1=5 EUR
         credit 4 -> ok
         reserve r2 1 kWh 60 -> refused OutOfCredit
         funds -> 1=-5 EUR",
    );
    check(
        "a day's limit ends at local midnight",
        "limit day 5 EUR -> ok
         topup t1 20 EUR -> on 1
         debit d1 16 kWh -> 1=4 EUR
         debit d2 8 kWh -> refused LimitReached day
         reserve r1 8 kWh 60 -> 4 kWh: 1=1 EUR, limit of day
         debit d3 1 kWh -> refused LimitReached day
         at 2026-03-02T22:59:59.999Z
         debit d4 4 kWh -> 1=1 EUR | r1 expired
         debit d5 1 kWh -> refused LimitReached day
         at 2026-03-02T23:00Z
         debit d6 20 kWh -> 1=5 EUR
         debit d7 1 kWh -> refused LimitReached day",
    );
    check(
        "a day of 23 hours",
        "at 2026-03-28T22:59:59Z
         limit day 1 EUR -> ok
         topup t1 20 EUR -> on 1
         debit d1 4 kWh -> 1=1 EUR
         debit d2 4 kWh -> refused LimitReached day
         at 2026-03-28T23:00Z
         debit d3 4 kWh -> 1=1 EUR
         at 2026-03-29T21:59:59Z
         debit d4 4 kWh -> refused LimitReached day
         at 2026-03-29T22:00Z
         debit d5 4 kWh -> 1=1 EUR
         at 2026-03-29T23:00Z
         debit d6 4 kWh -> refused LimitReached day",
    );
    check(
        "a day of 25 hours",
        "at 2026-10-24T22:00Z
         limit day 1 EUR -> ok
         topup t1 20 EUR -> on 1
         debit d1 4 kWh -> 1=1 EUR
         at 2026-10-25T22:59:59Z
         debit d2 4 kWh -> refused LimitReached day
         at 2026-10-25T23:00Z
         debit d3 4 kWh -> 1=1 EUR",
    );
    check(
        "a month's limit beside a day's",
        "at 2026-03-30T10:00Z
         limit day 4 EUR -> ok
         limit month 6 EUR -> ok
         topup t1 20 EUR -> on 1
         debit d1 16 kWh -> 1=4 EUR
         at 2026-03-31T21:59:59Z
         reserve r1 16 kWh 1 -> 8 kWh: 1=2 EUR, limit of month
         at 2026-03-31T22:00Z
         reserve r2 24 kWh 60 -> 16 kWh: 1=4 EUR, limit of day | r1 expired",
    );
    check(
        "what is reserved over midnight counts on the new day",
        "limit day 5 EUR -> ok
         topup t1 20 EUR -> on 1
         at 2026-03-02T22:59Z
         reserve r1 16 kWh 300 -> 16 kWh: 1=4 EUR
         at 2026-03-02T23:01Z
         debit d1 8 kWh -> refused LimitReached day
         commit r1 16 kWh -> 1=4 EUR
         debit d2 8 kWh -> refused LimitReached day
         debit d3 4 kWh -> 1=1 EUR",
    );
    check(
        "a limit is not lowered below what is reserved",
        "topup t1 20 EUR -> on 1
         debit d1 8 kWh -> 1=2 EUR
         reserve r1 16 kWh 60 -> 16 kWh: 1=4 EUR
         limit day 3 EUR -> bad LimitBelowReserved
         limit day 6 EUR -> ok
         limit day 3.99 EUR -> bad LimitBelowReserved
         release r1 -> returned 1=4 EUR
         limit day 1 EUR -> ok
         debit d2 4 kWh -> 1=1 EUR
         debit d3 4 kWh -> refused LimitReached day
         limit day none EUR -> ok
         debit d4 4 kWh -> 1=1 EUR",
    );
    check(
        "forced debits count, corrections do not",
        "limit day 5 EUR -> ok
         topup t1 20 EUR -> on 1
         force f1 24 kWh -> 1=6 EUR
         correct c1 f1 -2 -> 1=-2 EUR
         debit d1 1 kWh -> refused LimitReached day",
    );
    check(
        "a limit of units leaves the rest to money",
        "limit day 5 kWh -> ok
         topup t1 10 kWh -> on 1
         topup t2 1 EUR -> on 2
         reserve r1 10 kWh 60 -> 9 kWh: 1=5 kWh, 2=1 EUR, no more funds
         commit r1 9 kWh -> 1=5 kWh, 2=1 EUR
         reserve r2 1 kWh 60 -> refused OutOfCredit",
    );
}

#[test]
fn a_group_shares_its_funds() {
    check(
        "each within its own limit, all within the funds",
        "member ann -> ok
         member bob -> ok
         limit day 3 EUR ann -> ok
         limit day 3 EUR carl -> bad UnknownMember
         topup t1 10 EUR -> on 1
         reserve a1 40 kWh 60 by=ann -> 12 kWh: 1=3 EUR, limit of day ann
         reserve a2 4 kWh 60 by=ann -> refused LimitReached day ann
         reserve b1 40 kWh 60 by=bob -> 28 kWh: 1=7 EUR, no more funds
         reserve c1 4 kWh 60 by=carl -> refused UnknownMember
         commit a1 12 kWh -> 1=3 EUR
         reserve a3 4 kWh 60 by=ann -> refused OutOfCredit
         commit b1 8 kWh -> 1=2 EUR
         reserve a4 4 kWh 60 by=ann -> refused LimitReached day ann
         funds -> 1=5 EUR",
    );
    check(
        "the account's limit binds them together",
        "member ann -> ok
         member bob -> ok
         limit day 5 EUR -> ok
         topup t1 10 EUR -> on 1
         reserve a1 12 kWh 60 by=ann -> 12 kWh: 1=3 EUR
         reserve b1 12 kWh 60 by=bob -> 8 kWh: 1=2 EUR, limit of day
         debit d1 1 kWh -> refused LimitReached day",
    );
    check(
        "a budget that no day renews",
        "member ann -> ok
         limit ever 3 EUR ann -> ok
         topup t1 10 EUR -> on 1
         debit d1 8 kWh by=ann -> 1=2 EUR
         at 2026-06-02T10:00Z
         left l1 8 kWh by=ann -> 1=1 EUR, limit of ever ann
         debit d2 1 kWh by=ann -> refused LimitReached ever ann
         limit ever 4 EUR ann -> ok
         debit d3 4 kWh by=ann -> 1=1 EUR",
    );
    check(
        "a blocked member finishes what runs",
        "member ann -> ok
         topup t1 10 EUR -> on 1
         reserve a1 12 kWh 60 by=ann -> 12 kWh: 1=3 EUR
         member ann blocked -> ok
         extend x1 a1 4 kWh -> refused MemberBlocked
         debit d1 4 kWh by=ann -> refused MemberBlocked
         force f1 4 kWh by=ann -> 1=1 EUR
         member ann gone -> bad MemberReserves
         commit a1 12 kWh -> 1=3 EUR
         member ann gone -> ok
         debit d2 4 kWh by=ann -> refused UnknownMember
         force f2 4 kWh by=ann -> refused UnknownMember",
    );
}

#[test]
fn a_threshold_is_told_once_per_crossing() {
    check(
        "down and up",
        "thresholds EUR 5 0 -> ok
         topup t1 10 EUR -> on 1 | above 0 | above 5
         debit d1 16 kWh -> 1=4 EUR
         debit d2 4 kWh -> 1=1 EUR | below 5
         debit d3 4 kWh -> 1=1 EUR
         topup t2 1 EUR -> on 1
         topup t3 1 EUR -> on 1 | above 5
         force f1 40 kWh -> 1=10 EUR | below 0 | below 5 | over-use 0 4
         topup t4 4 EUR -> on 1
         topup t5 0.01 EUR -> on 1 | above 0",
    );
    check(
        "what is held is still there",
        "topup t1 10 EUR -> on 1
         thresholds EUR 5 -> ok
         reserve r1 40 kWh 60 -> 40 kWh: 1=10 EUR
         commit r1 20 kWh -> 1=5 EUR | below 5",
    );
    check(
        "two crossings in one command are two",
        "topup t1 10 EUR until=2026-03-03T00:00Z -> on 1
         thresholds EUR 5 -> ok
         at 2026-03-03T00:00Z
         topup t2 20 EUR -> on 2 | expired 10 EUR | below 5 | above 5",
    );
    check(
        "of units as well",
        "topup t1 10 kWh -> on 1
         thresholds kWh 2 -> ok
         debit d1 8 kWh -> 1=8 kWh | below 2
         thresholds kWh -> ok
         debit d2 2 kWh -> 1=2 kWh
         funds ->",
    );
}
