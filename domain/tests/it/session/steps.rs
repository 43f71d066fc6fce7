//! Steps: once a session for energy, once for time, by the last component. Most figures are the specification's.

use super::given::check;

#[test]
fn energy() {
    // 20.45 kWh become 20.5.
    check("energy 0.25 step 100", "2024-10-01T08:00Z energy 20.45; 2024-10-01T09:00Z", "5.125");
    check("energy 0.25 step 100", "2024-10-01T08:00Z energy 20.5; 2024-10-01T09:00Z", "5.125");
    check("energy 1 step 1", "2024-10-01T08:00Z energy 0.0001; 2024-10-01T09:00Z", "0.001");
    check("energy 1 step 0", "2024-10-01T08:00Z energy 0.0001; 2024-10-01T09:00Z", "0.0001");
    check("energy 1 step 500", "2024-10-01T08:00Z energy 0; 2024-10-01T09:00Z", "0");
    // 4.3 kWh at 0.20 and 1.1 at 0.27: 5.4 become 5.5, not 4.3 and 1.5.
    let over_five = "2024-10-01T14:00Z energy 4.3; 2024-10-01T15:00Z energy 1.1; 2024-10-01T16:00Z";
    let elements = "energy 0.20 step 500 ? time 00:00-17:00 | energy 0.27 step 500";
    check(elements, over_five, "1.184");
}

#[test]
fn time() {
    // 6 minutes at 5 and 22 at 7: 28 become 30, so that 24 are billed at 7.
    let periods = "2024-10-01T14:54Z time 0.1; 2024-10-01T15:00Z time 0.3667; 2024-10-01T15:22Z";
    let elements = "time 5 step 600 ? time 00:00-17:00 | time 7 step 600";
    check(elements, periods, "3.3");
    // The step of the last component counts: 28 minutes by steps of 9 become 36.
    check("time 5 step 600 ? time 00:00-17:00 | time 7 step 540", periods, "4");
    // The last component has no step: nothing is rounded.
    check("time 5 step 600 ? time 00:00-17:00 | time 6", periods, "2.7");
    // Time that nobody prices is no part of the total: 22 minutes become 30.
    check("time 6 step 600 ? time 17:00-00:00", periods, "3");
}

#[test]
fn where_parking_is_priced_it_alone_is_rounded() {
    // 21 minutes of charging at 1, 16 of parking become 20, at 2.
    let periods = "2024-10-01T08:00Z time 0.35; 2024-10-01T08:21Z parking 0.2667; 2024-10-01T08:37Z";
    check("time 1 step 600, parking 2 step 600", periods, "61/60");
    // Parking is free: charging becomes 30 minutes.
    check("time 1 step 600", periods, "0.5");
    // Energy keeps its own step.
    let with_energy =
        "2024-10-01T08:00Z energy 1.2 time 0.35; 2024-10-01T08:21Z parking 0.2667; 2024-10-01T08:37Z";
    check("energy 1 step 1000, parking 3 step 600", with_energy, "3");
    // Charging after parking changes nothing.
    let again = "2024-10-01T08:00Z parking 0.2667; 2024-10-01T08:16Z time 0.35; 2024-10-01T08:37Z";
    check("time 1 step 600, parking 2 step 600", again, "61/60");
}
