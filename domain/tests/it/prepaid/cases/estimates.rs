//! How long the credit lasts: everything rounds down, and what is not known is not shown.

use super::super::script::check;

#[test]
fn energy_and_days() {
    check(
        "12 EUR at 0.30 are 40 kWh; at 10 kWh a day, 4 days; 11.99 are 39.966 kWh and 3 days",
        "topup t1 12 -> on 1
         terms -> ok | v1 on at 1
         view -> 12 left 12, on v1
         price 0.30
         view -> 12 left 12, 40 kWh, on v1
         rated 1 2026-03-01 v1 0 used=2026-03-01:10 -> ok
         view -> 12 left 12, 40 kWh, 4 days, on v1
         rated 1 2026-03-01 v2 0.01 used=2026-03-01:10 -> ok | debit 0.01
         view -> 11.99 left 11.99, 39.966 kWh, 3 days, on v1",
    );
    check(
        "without a price only the credit is known, without use no days",
        "topup t1 12 -> on 1
         terms -> ok | v1 on at 1
         rated 1 2026-03-01 v1 0 used=2026-03-01:10 -> ok
         view -> 12 left 12, on v1",
    );
    check(
        "subscriptions cost each day: 12 / (3 + 0.50) = 3.43; 12 / 0.50 = 24 where energy is free or nothing is used",
        "topup t1 12 -> on 1
         terms -> ok | v1 on at 1
         rated 1 2026-03-01 v1 0 used=2026-03-01:10 -> ok
         price 0.30 day=0.5
         view -> 12 left 12, 40 kWh, 3 days, on v1
         price 0 day=0.5
         view -> 12 left 12, 24 days, on v1
         price 0
         view -> 12 left 12, on v1
         price -0.10 day=0.5
         view -> 12 left 12, on v1
         price 0.30 day=0.5
         rated 1 2026-03-01 v2 0 used=2026-03-01:0 -> ok
         view -> 12 left 12, 40 kWh, 24 days, on v1",
    );
    check(
        "nothing left is nothing",
        "topup t1 1 -> on 1
         terms low=0 -> ok | v1 on at 1
         price 0.30
         rated 1 2026-03-01 v1 2 used=2026-03-01:7 -> ok | debit 2 | below low | below zero | v2 off at 1
         view -> -1 left 0, 0 kWh, 0 days, off v2",
    );
    check(
        "emergency credit that is in use lasts as well: 2 + 10 = 12",
        "topup t1 2 -> on 1
         terms low=0 emergency=10@2 -> ok | offer 1 | v1 on at 1
         price 0.30
         rated 1 2026-03-01 v1 0 used=2026-03-01:10 -> ok
         view -> 2 left 2, 6.666 kWh, 0 days, on v1
         take 1 -> ok | took 1
         view -> 2 left 12, 40 kWh, 4 days, on v1",
    );
}

#[test]
fn the_average_is_of_the_last_days() {
    check(
        "of seven days before today those that are known: (6 + 9) / 2 = 7.5 kWh, 2.25 EUR, 12 / 2.25 = 5.33",
        "topup t1 12 -> on 1
         terms average=7 -> ok | v1 on at 1
         price 0.30
         rated 1 2026-03 v1 0 used=2026-03-01:6,2026-03-02:100 -> ok
         rated 1 2026-02 v1 0 used=2026-02-23:9,2026-02-22:1000 -> ok
         view -> 12 left 12, 40 kWh, 5 days, on v1",
    );
    check(
        "a new day moves the window: on 3 March 2 March counts, 23 February does not: 53 kWh, 15.90 EUR",
        "topup t1 32 -> on 1
         terms average=7 -> ok | v1 on at 1
         price 0.30
         rated 1 2026-03 v1 0 used=2026-03-01:6,2026-03-02:100 -> ok
         rated 1 2026-02 v1 0 used=2026-02-23:9 -> ok
         at 2026-03-02T23:00Z
         view -> 32 left 32, 106.666 kWh, 2 days, on v1",
    );
    check(
        "two points together: 6 + 4 = 10 kWh a day; a corrected day counts as it is now",
        "topup t1 12 -> on 1
         terms points=1,2 -> ok | v1 on at 1,2
         price 0.30
         rated 1 2026-03-01 v1 0 used=2026-03-01:5 -> ok
         rated 2 2026-03-01 v1 0 used=2026-03-01:4 -> ok
         rated 1 2026-03-01 v2 0 used=2026-03-01:6 -> ok
         rated 1 2026-03-01 v1 0 used=2026-03-01:99 -> ok
         view -> 12 left 12, 40 kWh, 4 days, on v1",
    );
}

#[test]
fn a_top_up_shows_its_energy() {
    check(
        "what is credited at today's price: 15 / 0.29 = 51.7241",
        "topup t1 1 -> on 1
         terms low=0 share=25 -> ok | v1 on at 1
         debt 30 -> ok
         price 0.29
         topup t2 20 -> anna/1: 20 = debt 5 + credit 15, now 16, 51.724 kWh | debt 5
         price 0
         topup t3 1 -> anna/2: 1 = debt 0.25 + credit 0.75, now 16.75 | debt 0.25",
    );
}
