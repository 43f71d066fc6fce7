//! What a charging point finds suspect, and what it does when a session is withdrawn.

use domain::cdr::{Cdr, EvseSite, Registers, SaleRefused};
use domain::entity::cdr_book::{self as book, Standing};
use domain::entity::evse::{Command, EvseDetails, REMEMBERED_MS, Rejection, Reply};
use domain::money::Currency;
use domain::token::Token;
use domain::zone::Zone;

use super::given::{at, cdr, credit, kwh, party};
use super::world::World;

fn details(most_power_kw: &str) -> EvseDetails {
    let zone = Zone::named("Europe/Amsterdam");
    let site = EvseSite { location: "L1".to_owned(), zone, agreement: None };
    EvseDetails {
        site,
        most_power_kw: Some(kwh(most_power_kw)),
        connectors: vec!["1".to_owned()],
        is_own: false,
    }
}

/// A session from one time of 1 October to another, with so much energy.
fn session(id: &str, start: &str, end: &str, energy: &str) -> Cdr {
    let mut cdr = cdr(id);
    let time = |text: &str| at(&format!("2024-10-01T{text}:00Z"));
    (cdr.session.start, cdr.session.end) = (time(start), time(end));
    cdr.session.periods[0].start = cdr.session.start;
    cdr.session.periods[0].energy_kwh = Some(kwh(energy));
    cdr.session.stated.energy_kwh = Some(kwh(energy));
    cdr
}

/// What is suspect about the second of two sessions, by codes.
fn check(name: &str, second: impl FnOnce(&mut Cdr), expected: &[&str]) {
    let mut world = World::new();
    let evse = cdr("1").evse;
    world.evse(&evse, &Command::Describe(details("22"))).unwrap();
    let mut first = session("first", "12:00", "13:00", "10");
    first.registers = Some(Registers { start_kwh: kwh("100"), end_kwh: kwh("110") });
    world.receive(&first);
    let mut other = session("second", "14:00", "15:00", "8");
    other.token = Token::new("rfid", "OTHER").unwrap();
    second(&mut other);
    world.receive(&other);
    world.settle();
    assert_eq!(world.standing("first"), Standing::Booked, "{name}");
    assert_eq!(world.codes("second"), expected, "{name}");
    let held = if expected.is_empty() { Standing::Booked } else { Standing::Quarantined };
    assert_eq!(world.standing("second"), held, "{name}");
}

fn moved(cdr: &mut Cdr, start: &str, end: &str) {
    let of_day = session("x", start, end, "8");
    (cdr.session.start, cdr.session.end) = (of_day.session.start, of_day.session.end);
    cdr.session.periods[0].start = cdr.session.start;
}

#[test]
fn what_is_suspect_beside_another_session() {
    check("nothing", |_| {}, &[]);
    check("it begins when the other ends", |cdr| moved(cdr, "13:00", "14:00"), &[]);
    check("a minute before that", |cdr| moved(cdr, "12:59", "14:00"), &["OVERLAPS"]);
    check("inside of the other", |cdr| moved(cdr, "12:10", "12:50"), &["OVERLAPS"]);
    let at_another = |cdr: &mut Cdr| {
        moved(cdr, "12:10", "12:50");
        cdr.connector = "2".to_owned();
    };
    check("at another connector", at_another, &[]);
    let at_any = |cdr: &mut Cdr| {
        moved(cdr, "12:10", "12:50");
        cdr.connector = String::new();
    };
    check("at a connector that is not said", at_any, &["OVERLAPS"]);
    let elsewhere = |cdr: &mut Cdr| {
        moved(cdr, "12:10", "12:50");
        cdr.evse = domain::cdr::EvseId::new("NL*TNM*E2").unwrap();
    };
    check("at another charging point", elsewhere, &[]);
    let twice = |cdr: &mut Cdr| *cdr = Cdr { key: cdr.key.clone(), ..session("x", "12:02", "13:01", "10") };
    check("the same told twice", twice, &["SUSPECTED_DUPLICATE"]);
    let later = |cdr: &mut Cdr| *cdr = Cdr { key: cdr.key.clone(), ..session("x", "12:03", "13:01", "10") };
    check("three minutes later", later, &["OVERLAPS"]);
    let registers = |start: &str, end: &str| Some(Registers { start_kwh: kwh(start), end_kwh: kwh(end) });
    check("a meter that goes on", |cdr| cdr.registers = registers("110", "118"), &[]);
    check("one that went back", |cdr| cdr.registers = registers("109", "117"), &["REGISTER_WENT_BACK"]);
    let before = |cdr: &mut Cdr| {
        moved(cdr, "10:00", "11:00");
        cdr.registers = registers("93", "101");
    };
    check("one that was ahead before", before, &["REGISTER_WENT_BACK"]);
}

#[test]
fn no_more_than_the_point_can_give() {
    for (energy, minutes, expected) in [
        ("22", "15:00", &[][..]),
        ("23.1", "15:00", &[]),
        ("23.100001", "15:00", &["OVER_POWER"]),
        ("0", "14:00", &[]),
        ("0.1", "14:00", &["OVER_POWER"]),
    ] {
        let of = |cdr: &mut Cdr| {
            let key = cdr.key.clone();
            *cdr = Cdr { key, ..session("x", "14:00", minutes, energy) };
        };
        check(energy, of, expected);
    }
}

#[test]
fn those_behind_a_session_that_is_withdrawn_are_looked_at_again() {
    let mut world = World::new();
    let first = session("a", "12:00", "13:00", "10");
    let mut second = session("b", "12:30", "13:30", "7");
    second.token = Token::new("rfid", "OTHER").unwrap();
    let mut third = session("c", "13:10", "14:00", "6");
    third.token = Token::new("rfid", "THIRD").unwrap();
    for cdr in [&first, &second, &third] {
        world.receive(cdr);
    }
    world.settle();
    let standings = |world: &World| ["a", "b", "c"].map(|id| world.standing(id));
    // The third is held by the second, held as that is itself.
    assert_eq!(standings(&world), [Standing::Booked, Standing::Quarantined, Standing::Quarantined]);
    world.receive(&credit("a-credit", &first));
    world.settle();
    assert_eq!(standings(&world), [Standing::Credited, Standing::Booked, Standing::Quarantined]);
    world.receive(&credit("b-credit", &second));
    world.settle();
    assert_eq!(standings(&world), [Standing::Credited, Standing::Credited, Standing::Booked]);
}

/// A session that can't be billed as it is, told before and after another record of the same session that can: by whom it is
/// paid as far as that is known, what is wrong with it and the code of that, and how it is put right.
fn check_unbillable(
    code: &str,
    payer: Option<&str>,
    wrong: fn(&mut World, &mut Cdr),
    put_right: fn(&mut World),
    is_right_then: bool,
) {
    for (wrong_first, at_once) in [(true, false), (true, true), (false, false), (false, true)] {
        let name = format!("{code} {wrong_first} {at_once}");
        let mut world = World::new();
        let good = session("good", "12:00", "13:00", "10");
        let mut other = session("other", "12:01", "13:00", "10");
        wrong(&mut world, &mut other);
        let both = if wrong_first { [&other, &good] } else { [&good, &other] };
        for cdr in both {
            world.receive_for(cdr, if *cdr == good { Some("bo") } else { payer });
            if !at_once {
                world.settle();
            }
        }
        world.settle();
        // Whichever came first, the good one is booked, and the other one is known for what it is.
        assert_eq!(world.standing("good"), Standing::Booked, "{name}");
        assert_eq!(world.standing("other"), Standing::Quarantined, "{name}");
        assert!(world.codes("other").contains(&code) || !wrong_first, "{name}: {:?}", world.codes("other"));
        assert_eq!(world.evses[&good.evse].sessions.len(), if is_counted(&world) { 2 } else { 1 }, "{name}");
        // Put right and released it is the same session told twice, and not billed.
        put_right(&mut world);
        let release = book::Command::Release {
            id: "other".to_owned(),
            payer: Some("anna".to_owned()),
            note: String::new(),
        };
        world.book(party(), &release).unwrap();
        world.settle();
        let released = world.record("other");
        let passed = released.released.contains("SUSPECTED_DUPLICATE");
        if is_right_then && !passed {
            assert_eq!(world.codes("other"), ["SUSPECTED_DUPLICATE"], "{name}");
            assert_eq!((world.pays("anna"), world.pays("bo")), (0, 550), "{name}");
        }
    }
}

/// Whether the other one is held for nothing but what may be passed over.
fn is_counted(world: &World) -> bool {
    world.codes("other") == ["SUSPECTED_DUPLICATE"]
}

#[test]
fn what_cannot_be_billed_holds_up_nobody() {
    check_unbillable("UNKNOWN_TOKEN", None, |_, _| {}, |_| {}, true);
    check_unbillable(
        "NO_CHARGING_CONTRACT",
        Some("anna"),
        |world, _| drop(world.refusing.insert("anna".to_owned(), SaleRefused::NoChargingContract)),
        |world| world.refusing.clear(),
        true,
    );
    let unpriced = |_: &mut World, cdr: &mut Cdr| cdr.session.stated.excluding_vat = None;
    check_unbillable("NO_PRICE", Some("anna"), unpriced, |_| {}, false);
    let foreign = |_: &mut World, cdr: &mut Cdr| cdr.session.currency = Currency::Dkk;
    check_unbillable("OTHER_CURRENCY", Some("anna"), foreign, |_| {}, false);
}

#[test]
fn what_may_be_passed_over_is_still_held_against_others() {
    let mut world = World::new();
    let mut first = session("first", "12:00", "13:00", "10");
    first.registers = Some(Registers { start_kwh: kwh("100"), end_kwh: kwh("111") });
    world.receive(&first);
    world.receive(&session("again", "12:01", "13:00", "10"));
    world.settle();
    assert_eq!(world.codes("first"), ["REGISTER_DIFFERS"]);
    assert_eq!(world.codes("again"), ["SUSPECTED_DUPLICATE"]);
    // Rejected it holds up nobody.
    let reject = book::Command::Reject { id: "first".to_owned(), change: None, note: "no".to_owned() };
    world.book(party(), &reject).unwrap();
    world.settle();
    assert_eq!(world.standing("again"), Standing::Booked);
}

#[test]
fn many_that_were_held_are_told_in_steps() {
    let mut world = World::new();
    let first = session("first", "00:00", "23:59", "10");
    world.receive(&first);
    for minute in 0..150 {
        let time = |minute: i32| format!("{:02}:{:02}", minute / 60, minute % 60);
        let mut cdr = session(&format!("s{minute}"), &time(minute), &time(minute + 1), "0.1");
        cdr.token = Token::new("rfid", &format!("T{minute}")).unwrap();
        world.receive(&cdr);
    }
    world.settle();
    let held = |world: &World, standing| {
        (0..150).filter(|minute| world.standing(&format!("s{minute}")) == standing).count()
    };
    assert_eq!(held(&world, Standing::Quarantined), 150);
    world.receive(&credit("credit", &first));
    world.settle();
    assert_eq!(held(&world, Standing::Booked), 150);
}

#[test]
fn old_sessions_are_forgotten_when_new_ones_come() {
    let mut world = World::new();
    let old = session("old", "12:00", "13:00", "10");
    world.receive(&old);
    world.settle();
    let mut new = session("new", "12:00", "13:00", "10");
    let later = |at: domain::instant::Instant| at.plus_millis(REMEMBERED_MS + 1).unwrap();
    (new.session.start, new.session.end) = (later(new.session.start), later(new.session.end));
    new.session.periods[0].start = new.session.start;
    world.now = later(world.now);
    world.receive(&new);
    world.settle();
    let point = &world.evses[&old.evse];
    assert_eq!((point.arrived, point.sessions.len(), point.numbers.len()), (2, 1, 1));
    assert_eq!(world.standing("new"), Standing::Booked);
}

#[test]
fn a_point_says_what_it_is() {
    let mut world = World::new();
    let evse = cdr("1").evse;
    assert_eq!(world.evse(&evse, &Command::Get), Err(Rejection::UnknownEvse));
    assert_eq!(world.evse(&evse, &Command::Describe(details("0"))), Err(Rejection::NoPower));
    world.evse(&evse, &Command::Describe(details("22"))).unwrap();
    world.receive(&cdr("1"));
    world.settle();
    let site = world.record("1").site.clone().unwrap();
    assert_eq!((site.location.as_str(), site.zone.unwrap().name()), ("L1", "Europe/Amsterdam"));
    let known = world.evse(&evse, &Command::Get).unwrap();
    assert_eq!(known, Reply::Evse { details: Some(details("22")), sessions: 1, suspect: 0 });
}
