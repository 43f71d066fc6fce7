//! Bad input: each has a reason of its own, and nothing moves.

use super::script::check;

#[test]
fn bad_input_has_its_own_reason() {
    check(
        "quantities and amounts",
        "topup t1 10 EUR -> on 1
         reserve r1 -1 kWh 60 -> bad QuantityNotPositive
         reserve r1 0 kWh 60 -> bad QuantityNotPositive
         reserve r1 10000000.000001 kWh 60 -> bad QuantityAbsurd
         reserve r1 -1 EUR 60 -> bad AmountNotPositive
         reserve r1 1000000001 EUR 60 -> bad AmountAbsurd
         reserve r1 4 kWh 60 -> 4 kWh: 1=1 EUR
         commit r1 -1 kWh -> bad QuantityNotPositive
         commit r1 -1 EUR -> bad AmountNotPositive
         debit d1 0 kWh -> bad QuantityNotPositive
         force d1 -1 kWh -> bad QuantityNotPositive
         force d1 -1 EUR -> bad AmountNotPositive
         correct c1 t1 -2000000000 -> bad AmountAbsurd
         topup t2 0 EUR -> bad AmountNotPositive
         topup t2 -1 kWh -> bad AmountNotPositive
         credit -1 -> bad AmountNotPositive
         limit day -1 EUR -> bad AmountNotPositive
         funds -> 1=10 EUR held 1",
    );
    check(
        "scales, units, currencies",
        "topup t1 10.005 EUR -> bad OtherScale
         topup t1 10.5 JPY -> bad OtherScale
         topup t1 10.005 KWD -> on 1
         refund f1 0.001 -> bad OtherScale
         reserve r1 1 m3 60 -> bad OtherUnit
         reserve r1 1 kW 60 -> bad NotAnAsset
         reserve r1 1 MWh 60 -> bad NotAnAsset
         reserve r1 1 DKK 60 -> refused OutOfCredit
         debit d1 1 DKK -> bad OtherCurrency
         funds -> 1=10.005 KWD",
    );
    check(
        "times and clocks",
        "reserve r1 1 kWh 0 -> bad TimeToLive
         reserve r1 1 kWh 2678401 -> bad TimeToLive
         extend x1 r1 1 kWh -1 -> bad TimeToLive
         topup t1 1 EUR until=2026-03-02T10:00Z -> bad ValidityOver
         topup 019cae02-1ce0-7000-8000-000000000000 1 EUR -> on 1
         topup 019cae02-1ce1-7000-8000-000000000000 1 EUR -> bad IdAhead
         funds -> 1=1 EUR",
    );
    check(
        "the time of a use",
        "topup t1 10 EUR -> on 1
         reserve r1 4 kWh 60 -> 4 kWh: 1=1 EUR
         commit r1 4 kWh at=2026-03-02T10:00:00.001Z -> bad UsedTime
         commit r1 4 kWh at=2026-01-30T09:59:59.999Z -> bad UsedTime
         force d1 1 kWh at=2026-03-02T10:00:00.001Z -> bad UsedTime
         commit r1 4 kWh at=2026-01-30T10:00Z -> 1=1 EUR
         commit r1 4 kWh at=2026-01-30T10:00Z -> 1=1 EUR
         commit r1 4 kWh -> bad IdReused used_time
         force d1 4 kWh at=2026-03-02T10:00Z -> 1=1 EUR
         force d1 4 kWh -> bad IdReused used_time
         funds -> 1=8 EUR",
    );
    check(
        "a set that is too large",
        "thresholds EUR 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 -> bad TooManyThresholds",
    );
}

#[test]
fn everything_has_a_bound() {
    let balances: String =
        (1..=100).map(|number| format!("topup t{number} 1 kWh prio={number} -> on {number}\n")).collect();
    check("balances", &format!("{balances}topup t101 1 kWh prio=101 -> refused TooManyBalances"));
    let reservations: String =
        (1..=1_000).map(|number| format!("reserve r{number} 1 kWh 60 -> 1 kWh: 1=0.25 EUR\n")).collect();
    check(
        "reservations",
        &format!("topup t 1000 EUR -> on 1\n{reservations}reserve r 1 kWh 60 -> refused TooManyReservations"),
    );
}
