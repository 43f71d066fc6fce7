//! Repeats, and what runs out.

use super::super::script::check;

#[test]
fn an_id_has_one_answer() {
    check(
        "a repeat changes nothing, another field is named",
        "topup t1 10 EUR -> on 1
         topup t1 10 EUR -> on 1
         topup t1 11 EUR -> bad IdReused amount
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         funds -> 1=10 EUR held 5
         reserve r1 21 kWh 60 -> bad IdReused asked
         reserve r1 20 kWh 61 -> bad IdReused ttl
         reserve r1 20 kWh 60 by=ann -> bad IdReused member
         reserve r1 20 kWh 60 dimension=time -> bad IdReused usage
         funds -> 1=10 EUR held 5",
    );
    check(
        "a commit is repeated with the same quantity",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         commit r1 12 kWh -> 1=3 EUR
         commit r1 12 kWh -> 1=3 EUR
         commit r1 13 kWh -> bad IdReused used
         release r1 -> bad ReservationCommitted
         extend x1 r1 1 kWh -> refused ReservationCommitted
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         funds -> 1=7 EUR",
    );
    check(
        "an extension is repeated",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         extend x1 r1 4 kWh -> 4 kWh: 1=1 EUR
         extend x1 r1 4 kWh -> 4 kWh: 1=1 EUR
         extend x1 r1 5 kWh -> bad IdReused more
         extend x1 r2 4 kWh -> bad IdReused reservation
         funds -> 1=10 EUR held 6",
    );
    check(
        "also after a pause",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         commit r1 12 kWh -> 1=3 EUR
         reserve r2 4 kWh 60 -> 4 kWh: 1=1 EUR
         restart
         commit r1 12 kWh -> 1=3 EUR
         commit r1 13 kWh -> bad IdReused used
         release r1 -> bad ReservationCommitted
         extend x1 r1 1 kWh -> refused ReservationCommitted
         reserve r2 4 kWh 60 -> 4 kWh: 1=1 EUR
         topup t1 10 EUR -> on 1
         funds -> 1=7 EUR held 1",
    );
    check(
        "a refusal stays one",
        "reserve r1 4 kWh 60 -> refused OutOfCredit
         debit d1 4 kWh -> refused OutOfCredit
         topup t1 10 EUR -> on 1
         reserve r1 4 kWh 60 -> refused OutOfCredit
         debit d1 4 kWh -> refused OutOfCredit
         debit d1 5 kWh -> bad IdReused used
         commit r1 4 kWh -> bad UnknownReservation
         funds -> 1=10 EUR",
    );
    check(
        "one id for two things",
        "topup x 10 EUR -> on 1
         debit x 4 kWh -> bad IdReused operation
         reserve x 4 kWh 60 -> 4 kWh: 1=1 EUR",
    );
}

#[test]
fn time_runs_out() {
    check(
        "not a millisecond early",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         due -> 2026-03-02T10:01:00Z
         at 2026-03-02T10:00:59.999Z
         elapse -> ok
         funds -> 1=10 EUR held 5
         at 2026-03-02T10:01:00Z
         elapse -> ok | r1 expired
         funds -> 1=10 EUR
         due -> never",
    );
    check(
        "the last millisecond is in time",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         at 2026-03-02T10:00:59.999Z
         commit r1 20 kWh -> 1=5 EUR",
    );
    check(
        "at the instant it is late, timer or not",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         at 2026-03-02T10:01:00Z
         commit r1 12 kWh -> late 1=3 EUR beyond 3 | r1 expired | over-use 3 0
         commit r1 12 kWh -> late 1=3 EUR beyond 3
         commit r1 11 kWh -> bad IdReused used
         funds -> 1=7 EUR",
    );
    check(
        "what a late commit finds spent goes below zero",
        "topup t1 10 EUR -> on 1
         reserve r1 40 kWh 60 -> 40 kWh: 1=10 EUR
         at 2026-03-02T11:00Z
         debit d1 32 kWh -> 1=8 EUR | r1 expired
         commit r1 40 kWh -> late 1=10 EUR beyond 10 | over-use 10 8
         funds -> 1=-8 EUR",
    );
    check(
        "a late commit takes units before money",
        "topup t1 10 EUR -> on 1
         topup t2 6 kWh -> on 2
         reserve r1 10 kWh 60 -> 10 kWh: 2=6 kWh, 1=1 EUR
         at 2026-03-02T11:00Z
         elapse -> ok | r1 expired
         restart
         commit r1 10 kWh -> late 2=6 kWh, 1=1 EUR beyond 1 | over-use 1 0
         funds -> 1=9 EUR",
    );
    check(
        "a late commit is held to what was granted",
        "topup t1 10 EUR -> on 1
         reserve r1 1 kWh 1 -> 1 kWh: 1=0.25 EUR
         at 2026-03-02T10:00:01Z
         commit r1 10000000 kWh -> bad CommitAboveHold 2499999.75
         commit r1 1000000 EUR -> bad CommitAboveHold 999999.75
         commit r1 1.001 kWh -> bad CommitAboveHold 0.00025
         funds -> 1=10 EUR held 0.25
         price 0.40
         commit r1 1 kWh -> late 1=0.4 EUR beyond 0.4 | r1 expired | over-use 0.4 0
         commit r1 1 kWh -> late 1=0.4 EUR beyond 0.4
         funds -> 1=9.6 EUR",
    );
    check(
        "also where only an amount was granted, and after a pause",
        "topup t1 10 EUR -> on 1
         reserve r1 4 EUR 1 -> 4 EUR: 1=4 EUR
         at 2026-03-02T11:00Z
         elapse -> ok | r1 expired
         restart
         commit r1 17 kWh -> bad CommitAboveHold 0.25
         commit r1 4.01 EUR -> bad CommitAboveHold 0.01
         commit r1 16 kWh -> late 1=4 EUR beyond 4 | over-use 4 0",
    );
    check(
        "where the contract allows more, it books late as well",
        "overuse
         topup t1 10 EUR -> on 1
         reserve r1 1 kWh 1 -> 1 kWh: 1=0.25 EUR
         at 2026-03-02T11:00Z
         commit r1 50 kWh -> late 1=12.5 EUR beyond 12.5 | r1 expired | over-use 12.5 2.5
         funds -> 1=-2.5 EUR",
    );
    check(
        "too late to release or to extend",
        "topup t1 10 EUR -> on 1
         reserve r1 20 kWh 60 -> 20 kWh: 1=5 EUR
         at 2026-03-02T10:01:00Z
         release r1 -> bad ReservationExpired
         extend x1 r1 1 kWh -> refused ReservationExpired | r1 expired
         release r1 -> bad ReservationExpired",
    );
    check(
        "in order of expiry",
        "topup t1 10 EUR -> on 1
         reserve a 1 kWh 60 -> 1 kWh: 1=0.25 EUR
         reserve b 1 kWh 30 -> 1 kWh: 1=0.25 EUR
         reserve c 1 kWh 45 -> 1 kWh: 1=0.25 EUR
         due -> 2026-03-02T10:00:30Z
         at 2026-03-02T10:01:00Z
         elapse -> ok | b expired | c expired | a expired",
    );
    check(
        "what expired is there for others in the same instant",
        "topup t1 10 EUR -> on 1
         reserve r1 40 kWh 60 -> 40 kWh: 1=10 EUR
         reserve r2 4 kWh 60 -> refused OutOfCredit
         at 2026-03-02T10:01:00Z
         reserve r3 4 kWh 60 -> 4 kWh: 1=1 EUR | r1 expired",
    );
}

#[test]
fn balances_expire() {
    check(
        "at the end of their validity",
        "topup t1 10 kWh until=2026-03-03T00:00Z -> on 1
         due -> 2026-03-03T00:00:00Z
         at 2026-03-02T23:59:59.999Z
         elapse -> ok
         at 2026-03-03T00:00Z
         elapse -> ok | expired 10 kWh
         funds ->
         due -> never",
    );
    check(
        "what is held does not, and is used",
        "topup t1 10 kWh until=2026-03-02T10:00:30Z -> on 1
         reserve r1 4 kWh 60 -> 4 kWh: 1=4 kWh
         at 2026-03-02T10:00:30Z
         elapse -> ok | expired 6 kWh
         funds -> 1=4 kWh held 4
         due -> 2026-03-02T10:01:00Z
         extend x1 r1 1 kWh -> refused OutOfCredit
         commit r1 3 kWh -> 1=3 kWh
         funds -> 1=1 kWh
         due -> 2026-03-02T10:00:30Z
         reserve r2 1 kWh 60 -> refused OutOfCredit | expired 1 kWh
         funds ->",
    );
    check(
        "what an expired reservation returns expires with it",
        "topup t1 10 kWh until=2026-03-02T10:00:30Z -> on 1
         reserve r1 4 kWh 60 -> 4 kWh: 1=4 kWh
         at 2026-03-02T10:01Z
         elapse -> ok | expired 6 kWh | r1 expired | expired 4 kWh
         commit r1 4 kWh -> late 2=1 EUR beyond 1 | over-use 1 1
         funds -> 2=-1 EUR",
    );
    check(
        "of two the earlier one first",
        "topup t1 3 kWh until=2026-03-02T10:00:40Z -> on 1
         topup t2 2 EUR until=2026-03-02T10:00:30Z given -> on 2
         at 2026-03-02T11:00Z
         elapse -> ok | expired 2 EUR | expired 3 kWh",
    );
}
