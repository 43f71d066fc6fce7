//! Emergency credit: offered, taken, used, repaid.

use super::super::script::check;

#[test]
fn emergency_credit_is_used_and_repaid() {
    check(
        "20 - 18 = 2 offers it; - 8 = -6 uses 6 of 10; + 5 = -1 repays 5; + 3.5 = 2.5 repays 1 and ends it",
        "topup t1 20 -> on 1
         terms emergency=10@2 -> ok | v1 on at 1
         rated 1 2026-03-01 v1 18 -> ok | debit 18 | below low | offer 1
         take 1 -> ok | took 1
         view -> 2 left 12, on v1
         rated 1 2026-03-02 v1 8 -> ok | debit 8 | below zero
         view -> -6 left 4, emergency used 6, on v1
         topup t2 5 -> anna/1: 5, emergency 5, now -1
         view -> -1 left 9, emergency used 1, on v1
         topup t3 3.5 -> anna/2: 3.5, emergency 1, now 2.5 | above zero | offer gone
         view -> 2.5 left 2.5, on v1
         rated 1 2026-03-02 v2 9 -> ok | debit 1 | offer 2
         take 2 -> ok | took 2",
    );
    check(
        "used up, supply ends; it comes back when all is repaid and something is there: -10 + 9 + 1 + 0.01",
        "topup t1 2 -> on 1
         terms emergency=10@2 -> ok | offer 1 | v1 on at 1
         take 1 -> ok | took 1
         rated 1 2026-03-01 v1 11.99 -> ok | debit 11.99 | below zero
         rated 1 2026-03-01 v2 12 -> ok | debit 0.01 | spent 1 | v2 off at 1
         view -> -10 left 0, emergency used 10, off v2
         topup t2 9 -> anna/1: 9, emergency 9, now -1
         topup t3 1 -> anna/2: 1, emergency 1, now 0
         topup t4 0.01 -> anna/3: 0.01, now 0.01, v3 | above zero | v3 on at 1
         topup t5 1.99 -> anna/4: 1.99, now 2
         rated 1 2026-03-01 v3 13 -> ok | debit 1
         topup t6 2 -> anna/5: 2, now 3 | offer gone
         rated 1 2026-03-01 v4 14 -> ok | debit 1 | offer 2",
    );
    check(
        "taken after supply went off it brings it back, without the least that a top-up needs",
        "topup t1 2 -> on 1
         terms emergency=10@2 least=5 meter -> ok | offer 1 | v1 on at 1
         rated 1 2026-03-01 v1 3 -> ok | debit 3 | below zero | v2 off at 1
         take 1 -> ok | took 1 | v3 ready at 1
         view -> -1 left 9, emergency used 1, ready v3",
    );
    check(
        "taken in friendly hours it cancels the order",
        "topup t1 2 -> on 1
         terms emergency=10@2 friendly=1234567@17:00-09:00 -> ok | offer 1 | v1 on at 1
         at 2026-03-02T17:00Z
         rated 1 2026-03-01 v1 3 -> ok | debit 3 | below zero | off at 2026-03-03T08:00:00Z
         take 1 -> ok | took 1 | stays on
         rated 1 2026-03-01 v2 14 -> ok | debit 11 | off at 2026-03-03T08:00:00Z
         view -> -12 left 0, emergency used 10, on v1, off at 2026-03-03T08:00:00Z
         at 2026-03-03T08:00Z
         elapse -> ok | spent 1 | v2 off at 1",
    );
}

#[test]
fn it_is_offered_in_its_time() {
    check(
        "what is gone was not used: a correction of 18 to 15 leaves 5",
        "topup t1 20 -> on 1
         terms emergency=10@2 -> ok | v1 on at 1
         take 1 -> bad EmergencyNotOffered
         rated 1 2026-03-01 v1 18 -> ok | debit 18 | below low | offer 1
         take 2 -> bad EmergencyNotOffered
         rated 1 2026-03-01 v2 15 -> ok | correct -3 | offer gone
         take 1 -> bad EmergencyNotOffered
         rated 1 2026-03-01 v3 18 -> ok | debit 3 | offer 2
         take 2 -> ok | took 2
         take 2 -> ok
         take 1 -> bad EmergencyNotOffered",
    );
    check(
        "taken twice it is taken once, also when it is spent",
        "topup t1 2 -> on 1
         terms emergency=10@2 -> ok | offer 1 | v1 on at 1
         take 1 -> ok | took 1
         take 1 -> ok
         rated 1 2026-03-01 v1 12 -> ok | debit 12 | below zero | spent 1 | v2 off at 1
         take 1 -> ok
         view -> -10 left 0, emergency used 10, off v2",
    );
    check(
        "it is no help where more than all of it is missing, and not offered as long: -10, then -9.99",
        "topup t1 2 -> on 1
         terms emergency=10@2 friendly=1234567@17:00-09:00 -> ok | offer 1 | v1 on at 1
         at 2026-03-02T17:00Z
         rated 1 2026-03-01 v1 12 -> ok | debit 12 | below zero | offer gone | off at 2026-03-03T08:00:00Z
         take 1 -> bad BeyondEmergency
         at 2026-03-03T08:00Z
         elapse -> ok | v2 off at 1
         take 1 -> bad BeyondEmergency
         topup t2 0.01 -> anna/1: 0.01, now -9.99 | offer 2
         take 1 -> bad EmergencyNotOffered
         take 2 -> ok | took 2 | v3 on at 1",
    );
    check(
        "nor where terms begin so far below, -34.7",
        "rated 1 2026-03-01 v1 34.7 -> ok | debit 34.7
         terms emergency=10@2 -> ok | v1 off at 1
         take 1 -> bad BeyondEmergency
         terms emergency=34.71@2 -> ok | offer 1
         take 1 -> ok | took 1 | v2 on at 1",
    );
    check(
        "it ends with the terms that gave it",
        "topup t1 2 -> on 1
         terms emergency=10@2 -> ok | offer 1 | v1 on at 1
         take 1 -> ok | took 1
         rated 1 2026-03-01 v1 5 -> ok | debit 5 | below zero
         terms -> ok | offer gone | v2 off at 1",
    );
}
