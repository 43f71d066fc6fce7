//! Debits, corrections, payments, blocked accounts.

use super::super::script::check;

#[test]
fn debits() {
    check(
        "all or nothing",
        "topup t1 10 EUR -> on 1
         debit d1 20 kWh -> 1=5 EUR
         debit d2 21 kWh -> refused OutOfCredit
         debit d3 5.01 EUR -> refused OutOfCredit
         debit d4 5 EUR -> 1=5 EUR
         funds -> 1=0 EUR",
    );
    check(
        "forced: whatever there is",
        "topup t1 1 EUR -> on 1
         force f1 20 kWh -> 1=5 EUR | over-use 0 4
         funds -> 1=-4 EUR
         force f1 20 kWh -> 1=5 EUR
         force f2 0 kWh -> nothing
         reserve r1 1 kWh 60 -> refused OutOfCredit",
    );
    check(
        "forced on an account that never had anything",
        "force f1 4 kWh -> 1=1 EUR | over-use 0 1
         funds -> 1=-1 EUR",
    );
    check(
        "forced within the credit limit is no over-use",
        "credit 5 -> ok
         force f1 20 kWh -> 1=5 EUR
         force f2 4 kWh -> 1=1 EUR | over-use 0 1",
    );
    check(
        "forced leaves what is held",
        "topup t1 5 EUR -> on 1
         topup t2 6 kWh -> on 2
         reserve r1 18 kWh 60 -> 18 kWh: 2=6 kWh, 1=3 EUR
         force f1 20 kWh -> 1=5 EUR | over-use 0 3
         funds -> 1=0 EUR held 3, 2=6 kWh held 6
         commit r1 18 kWh -> 2=6 kWh, 1=3 EUR
         funds -> 1=-3 EUR",
    );
    check(
        "charge what is left",
        "topup t1 3 EUR -> on 1
         left l1 20 kWh -> 1=3 EUR, no more funds
         left l2 1 kWh -> nothing, no more funds
         left l2 1 kWh -> nothing, no more funds
         topup t2 3 EUR -> on 1
         left l2 1 kWh -> nothing, no more funds
         left l3 5 EUR -> 1=3 EUR, no more funds
         funds -> 1=0 EUR",
    );
    check(
        "what is left is neither credit nor held",
        "credit 10 -> ok
         topup t1 5 EUR -> on 1
         reserve r1 12 kWh 60 -> 12 kWh: 1=3 EUR
         left l1 5 EUR -> 1=2 EUR, no more funds
         funds -> 1=3 EUR held 3",
    );
    check(
        "what is left of units and money",
        "topup t1 1 EUR -> on 1
         topup t2 6 kWh -> on 2
         left l1 20 kWh -> 2=6 kWh, 1=1 EUR, no more funds
         funds -> 1=0 EUR",
    );
    check(
        "corrections always book",
        "topup t1 10 EUR -> on 1
         debit d1 8 kWh -> 1=2 EUR
         correct c1 d1 -0.5 -> 1=-0.5 EUR
         correct c1 d1 -0.5 -> 1=-0.5 EUR
         correct c1 d1 -0.6 -> bad IdReused parts
         funds -> 1=8.5 EUR
         correct c2 d1 20 -> 1=20 EUR | over-use 0 11.5
         funds -> 1=-11.5 EUR",
    );
    check(
        "a negative price gives",
        "price -0.25
         topup t1 10 EUR -> on 1
         reserve r1 8 kWh 60 -> 8 kWh:
         commit r1 8 kWh -> 1=-2 EUR
         debit d1 4 kWh -> 1=-1 EUR
         funds -> 1=13 EUR",
    );
}

#[test]
fn an_account_is_blocked_and_freed() {
    check(
        "nothing is granted, everything is finished",
        "topup t1 10 EUR -> on 1
         reserve r1 8 kWh 60 -> 8 kWh: 1=2 EUR
         account blocked -> ok
         reserve r2 8 kWh 60 -> refused Blocked
         ask 8 kWh -> bad Blocked
         extend x1 r1 1 kWh -> refused Blocked
         debit d1 1 kWh -> refused Blocked
         left l1 1 kWh -> refused Blocked
         send s1 bert 1 -> refused Blocked
         commit r1 8 kWh -> 1=2 EUR
         force f1 4 kWh -> 1=1 EUR
         topup t2 1 EUR -> on 1
         refund f2 1 -> ok
         account suspended -> ok
         debit d2 1 kWh -> refused Suspended
         account active -> ok
         debit d1 1 kWh -> refused Blocked
         debit d3 4 kWh -> 1=1 EUR
         funds -> 1=6 EUR",
    );
}

#[test]
fn money_comes_and_goes() {
    check(
        "a refund is of what was paid and is free",
        "credit 5 -> ok
         topup t1 10 EUR -> on 1
         topup t2 2 EUR given -> on 2
         reserve r1 20 kWh 60 -> 20 kWh: 2=2 EUR, 1=3 EUR
         refund f1 8 -> refused BeyondFunds
         refund f2 7 -> ok
         refund f2 7 -> ok
         refund f2 6 -> bad IdReused amount
         refund f3 0.01 -> refused BeyondFunds
         funds -> 1=3 EUR held 3, 2=2 EUR held 2",
    );
    check(
        "transfers between accounts",
        "topup t1 10 EUR -> on 1
         send s1 bert 4 -> ok
         send s1 bert 4 -> ok
         send s1 carl 4 -> bad IdReused to
         send s2 bert 7 -> refused BeyondFunds
         send s3 anna 1 -> bad SameAccount
         receive s1 bert 2.5 -> on 1
         receive s1 bert 2.5 -> on 1
         receive s1 carl 1 -> on 1
         receive s1 bert 3 -> bad IdReused amount
         funds -> 1=9.5 EUR",
    );
}
