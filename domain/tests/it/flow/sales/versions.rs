//! Which version of a price sheet a session is sold by, and its correction.

use super::*;

fn register(world: &mut World, at: &str, text: &str) {
    // A moment is a millisecond later than the one before.
    world.wait_until(given::instant(at).plus_millis(-1));
    let put =
        catalog::Command::PutPriceSheet { id: "public".to_owned(), sheet: Box::new(given::sheet(text)) };
    world.catalog(&put).unwrap();
}

#[test]
fn a_session_is_sold_by_the_version_that_held_at_its_start() {
    // The first version, of 0.50 and 0.40 a kWh, is registered on the 27th. Sessions start at noon.
    for (registered, version, net) in [
        ("2024-10-29T11:59:59.999Z", 2, "7.00"),
        ("2024-10-29T12:00:00Z", 2, "7.00"),
        ("2024-10-29T12:00:00.001Z", 1, "4.50"),
    ] {
        let mut world = charging_world("anna", &["04A1"]);
        set(&mut world, "anna", contract("driver", &["04A1"]));
        register(&mut world, registered, "flat 1.00, energy 0.60");
        world.wait_until(Some(given::instant("2024-10-31T00:00:00Z")));
        for (day, version, net) in [
            // Before any was registered, the first counts.
            ("2024-10-20", 1, "4.50"),
            ("2024-10-28", 1, "4.50"),
            ("2024-10-29", version, net),
            ("2024-10-30", 2, "7.00"),
        ] {
            let sold = sell(&mut world, "anna", &sale(day, day, "10", &card("04A1"))).unwrap();
            let expected = (euros(net), ("public".to_owned(), version));
            assert_eq!((sold.net, sold.sheet), expected, "{day}, registered {registered}");
        }
    }
}

#[test]
fn a_correction_goes_by_the_version_of_what_it_corrects() {
    let mut world = charging_world("anna", &["04A1"]);
    set(&mut world, "anna", contract("driver", &["04A1"]));
    let sold = sell(&mut world, "anna", &sale("1", "2024-10-28", "10", &card("04A1"))).unwrap();
    assert_eq!(sold.net, euros("4.50"));
    register(&mut world, "2024-10-29T00:00:00Z", "flat 1.00, energy 0.60");
    // What is taken back is what was booked, and what comes in its place began when the first version held.
    take_back(&mut world, "anna", "1");
    assert_balanced(&world);
    let sold = sell(&mut world, "anna", &sale("2", "2024-10-28", "20", &card("04A1"))).unwrap();
    assert_eq!((sold.net, sold.sheet), (euros("8.50"), ("public".to_owned(), 1)));
    bill(&mut world, "october", october());
    assert_eq!(lines(&world), [line("Charging sessions", "8.50", "20")]);
    assert_balanced(&world);
}
