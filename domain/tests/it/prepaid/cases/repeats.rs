//! Repeats get the first answer and change nothing.

use super::super::script::check;

#[test]
fn an_id_has_one_answer() {
    check(
        "a top-up, also after a pause: debt gets its share once, the answer is the first",
        "topup t1 1 -> on 1
         terms low=0 share=25 -> ok | v1 on at 1
         debt 30 -> ok
         price 0.30
         rated 1 2026-03-01 v1 3 -> ok | debit 3 | below low | below zero | v2 off at 1
         topup t2 20 -> anna/1: 20 = debt 5 + credit 15, now 13, 50 kWh, v3 | debt 5 | above low | above zero | v3 on at 1
         price 0.60
         rated 1 2026-03-01 v2 4 -> ok | debit 1
         topup t2 20 -> anna/1: 20 = debt 5 + credit 15, now 13, 50 kWh, v3
         topup t2 21 -> bad Funds(IdReused { field: \"amount\" })
         restart
         topup t2 20 -> anna/1: 20 = debt 5 + credit 15, now 13, 50 kWh, v3
         topup t1 1 -> on 1
         view -> 12 left 12, 20 kWh, owes 25, on v3",
    );
    check(
        "a refusal stays one",
        "terms -> ok | v1 off at 1
         debit d1 5 -> Refused(OutOfCredit)
         topup t1 10 -> anna/1: 10, now 10, v2 | above low | above zero | v2 on at 1
         debit d1 5 -> Refused(OutOfCredit)
         debit d2 6 -> taken | below low
         debit d2 6 -> taken",
    );
    check(
        "ids of debits for supply are nobody else's",
        "topup prepaid:1 20 -> bad ReservedId
         debit prepaid:1 20 -> bad ReservedId
         receive prepaid:1 bert 5 -> on 1
         rated 1 2026-03-01 v1 3 -> ok | debit 3",
    );
    check(
        "terms that are set already, the end that came already",
        "topup t1 20 -> on 1
         terms friendly=1@17:00-09:00 share=25 -> ok | v1 on at 1
         terms friendly=1@17:00-09:00 share=25 -> ok
         end -> ok | v2 on free at 1
         end -> ok
         terms -> ok | v3 on at 1",
    );
}
