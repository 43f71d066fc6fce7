//! Reservations, extensions and commits.

use super::super::script::check;

#[test]
fn a_reservation_holds_and_a_commit_takes() {
    check(
        "what is not used returns at once",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         funds -> 1=10 EUR held 5
         commit r1 12 kWh -> 1=3 EUR
         funds -> 1=7 EUR",
    );
    check(
        "nothing used",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         commit r1 0 kWh -> nothing
         funds -> 1=10 EUR",
    );
    check(
        "released",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         release r1 -> returned 1=5 EUR
         release r1 -> returned 1=5 EUR
         commit r1 1 kWh -> bad ReservationReleased
         extend x1 r1 1 kWh -> refused ReservationReleased
         funds -> 1=10 EUR",
    );
    check(
        "an amount instead of a quantity, ended by either",
        "topup t1 10 EUR -> on 1
         reserve r1 4 EUR 60 -> 4 EUR: 1=4 EUR
         commit r1 3.2 EUR -> 1=3.2 EUR
         reserve r2 20 EUR 60 -> 6.8 EUR: 1=6.8 EUR, no more funds
         commit r2 8 kWh -> 1=2 EUR
         funds -> 1=4.8 EUR",
    );
    check(
        "never reserved",
        "commit r1 1 kWh -> bad UnknownReservation
         release r1 -> bad UnknownReservation
         extend x1 r1 1 kWh -> refused UnknownReservation",
    );
    check(
        "with tax: 0.25 and 20 % are 0.30",
        "price 0.25 vat=20
         topup t1 10 EUR -> on 1
         reserve r1 100 kWh 60 -> 33.333 kWh: 1=9.9999 EUR, no more funds
         commit r1 10 kWh -> 1=3 EUR
         funds -> 1=7 EUR",
    );
    check(
        "what is due at the start is not for units to pay",
        "price 0.25 start=1
         topup t1 0.50 EUR -> on 1
         topup t2 10 kWh -> on 2
         reserve r1 5 kWh 60 -> refused OutOfCredit
         topup t3 0.50 EUR -> on 1
         reserve r2 5 kWh 60 -> 5 kWh: 2=5 kWh, 1=1 EUR
         commit r2 0 kWh -> 1=1 EUR
         funds -> 1=0 EUR, 2=10 kWh",
    );
}

#[test]
fn a_grant_is_as_much_as_there_is_and_says_why() {
    check(
        "40 kWh for 10 EUR",
        "topup t1 10 EUR -> on 1
         reserve r1 100 kWh 60 -> 40 kWh: 1=10 EUR, no more funds
         reserve r2 1 kWh 60 -> refused OutOfCredit",
    );
    check(
        "units first, then money",
        "topup t1 10 EUR -> on 1
         topup t2 15 kWh prio=1 -> on 2
         reserve r1 40 kWh 60 -> 40 kWh: 2=15 kWh, 1=6.25 EUR
         commit r1 20 kWh -> 2=15 kWh, 1=1.25 EUR
         funds -> 1=8.75 EUR",
    );
    check(
        "units and money together do not suffice",
        "topup t1 1 EUR -> on 1
         topup t2 15 kWh -> on 2
         reserve r1 40 kWh 60 -> 19 kWh: 2=15 kWh, 1=1 EUR, no more funds
         commit r1 10 kWh -> 2=10 kWh
         funds -> 1=1 EUR, 2=5 kWh",
    );
    check(
        "by priority, then earliest expiry, then age",
        "topup a 5 kWh prio=2 -> on 1
         topup b 5 kWh prio=1 until=2026-05-01T00:00Z -> on 2
         topup c 5 kWh prio=1 until=2026-04-01T00:00Z -> on 3
         topup d 5 kWh prio=1 until=2026-04-01T00:00Z given -> on 4
         debit d1 18 kWh -> 3=5 kWh, 4=5 kWh, 2=5 kWh, 1=3 kWh
         funds -> 1=2 kWh",
    );
    check(
        "funds of equal terms are one balance",
        "topup a 5 kWh prio=1 -> on 1
         topup b 5 kWh prio=1 -> on 1
         topup c 5 kWh prio=2 -> on 2
         funds -> 1=10 kWh, 2=5 kWh",
    );
    check(
        "a balance is spent on what is in its scope",
        "topup a 5 kWh dimension=energy -> on 1
         topup b 5 kWh point=7 -> on 2
         ask 12 kWh dimension=energy -> 5 kWh: 1=5 kWh, no more funds
         ask 12 kWh dimension=energy point=7 -> 10 kWh: 1=5 kWh, 2=5 kWh, no more funds
         ask 12 kWh dimension=time -> bad OutOfCredit
         topup c 5 kWh product=night -> on 3
         ask 12 kWh product=night point=8 -> 5 kWh: 3=5 kWh, no more funds",
    );
    check(
        "a balance is not spent before its time",
        "topup a 5 kWh from=2026-03-03T00:00Z -> on 1
         reserve r1 5 kWh 60 -> refused OutOfCredit
         at 2026-03-03T00:00Z
         reserve r2 5 kWh 60 -> 5 kWh: 1=5 kWh",
    );
    check(
        "given money before paid money",
        "topup a 10 EUR -> on 1
         topup b 2 EUR given prio=1 -> on 2
         reserve r1 20 kWh 60 -> 20 kWh: 2=2 EUR, 1=3 EUR
         commit r1 4 kWh -> 2=1 EUR
         debit d1 12 kWh -> 2=1 EUR, 1=2 EUR
         funds -> 1=8 EUR",
    );
    check(
        "to ask holds nothing",
        "topup a 10 EUR -> on 1
         ask 8 kWh -> 8 kWh: 1=2 EUR
         ask 80 kWh -> 40 kWh: 1=10 EUR, no more funds
         funds -> 1=10 EUR",
    );
}

#[test]
fn a_reservation_is_extended() {
    check(
        "more quantity, more time",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         extend x1 r1 10 kWh 120 -> 10 kWh: 1=2.5 EUR
         due -> 2026-03-02T10:02:00Z
         extend x2 r1 50 kWh -> 10 kWh: 1=2.5 EUR, no more funds
         extend x3 r1 1 kWh -> refused OutOfCredit
         commit r1 40 kWh -> 1=10 EUR
         funds -> 1=0 EUR",
    );
    check(
        "it becomes no shorter",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         extend x1 r1 4 kWh 1 -> 4 kWh: 1=1 EUR
         due -> 2026-03-02T10:01:00Z",
    );
    check(
        "an extension uses units that came since",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         topup t2 6 kWh -> on 2
         extend x1 r1 10 kWh -> 10 kWh: 2=6 kWh, 1=1 EUR
         commit r1 30 kWh -> 2=6 kWh, 1=6 EUR",
    );
    check(
        "a start is paid once",
        "price 0.25 start=1
         topup t1 10 EUR -> on 1
         reserve r1 4 kWh 60 -> 4 kWh: 1=2 EUR
         extend x1 r1 4 kWh -> 4 kWh: 1=1 EUR
         commit r1 8 kWh -> 1=3 EUR",
    );
    check(
        "at a price that doubled the rest pays only what runs already",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         price 0.50
         extend x1 r1 20 kWh -> refused OutOfCredit
         commit r1 10 kWh -> 1=5 EUR",
    );
    check(
        "another kind is refused",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         extend x1 r1 1 EUR -> bad OtherUnit",
    );
}

#[test]
fn more_than_was_held() {
    check(
        "is refused, and what was held stays",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         commit r1 21 kWh -> bad CommitAboveHold 0.25
         commit r1 5.01 EUR -> bad CommitAboveHold 0.01
         funds -> 1=10 EUR held 5
         commit r1 20 kWh -> 1=5 EUR",
    );
    check(
        "a granted quantity is promised, whatever it costs by then",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         reserve r2 20 kWh 60 -> 20 kWh: 1=5 EUR
         price 0.30
         commit r1 20.001 kWh -> bad CommitAboveHold 1.0003
         commit r1 20 kWh -> 1=6 EUR beyond 1 | over-use 1 1
         price 0.20
         commit r2 20 kWh -> 1=4 EUR
         funds -> 1=0 EUR",
    );
    check(
        "amounts are not: what is held is all that there is for them",
        "topup t1 10 EUR -> on 1
         reserve r1 5 EUR 60 -> 5 EUR: 1=5 EUR
         reserve r2 20 kWh 60 -> 20 kWh: 1=5 EUR
         price 0.30
         commit r1 20 kWh -> bad CommitAboveHold 1
         commit r2 5.5 EUR -> bad CommitAboveHold 0.5
         funds -> 1=10 EUR held 10",
    );
    check(
        "units beyond the grant, though there are some",
        "topup t1 10 kWh -> on 1
         reserve r1 4 kWh 60 -> 4 kWh: 1=4 kWh
         commit r1 5 kWh -> bad CommitAboveHold 0",
    );
    check(
        "where the contract allows it",
        "overuse
         topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         commit r1 30 kWh -> 1=7.5 EUR beyond 2.5 | over-use 2.5 0
         funds -> 1=2.5 EUR",
    );
    check(
        "below zero",
        "overuse
         topup t1 5 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         commit r1 30 kWh -> 1=7.5 EUR beyond 2.5 | over-use 2.5 2.5
         funds -> 1=-2.5 EUR
         topup t2 3 EUR -> on 1
         funds -> 1=0.5 EUR",
    );
    check(
        "free units first",
        "overuse
         topup t1 5 EUR -> on 1
         topup t2 10 kWh -> on 2
         reserve r1 4 kWh 60 -> 4 kWh: 2=4 kWh
         commit r1 12 kWh -> 2=10 kWh, 1=0.5 EUR beyond 0.5 | over-use 0.5 0
         funds -> 1=4.5 EUR",
    );
    check(
        "not out of what others hold",
        "overuse
         topup t1 5 EUR -> on 1
         reserve r1 4 kWh 60 -> 4 kWh: 1=1 EUR
         reserve r2 16 kWh 60 -> 16 kWh: 1=4 EUR
         commit r1 8 kWh -> 1=2 EUR beyond 1 | over-use 1 1
         funds -> 1=3 EUR held 4
         commit r2 16 kWh -> 1=4 EUR
         funds -> 1=-1 EUR",
    );
}
