//! Cards that change hands: whoever held a card when a session began pays for it, whenever its record comes.

use domain::entity::directory::{self, Former, Held, MOST_FORMER, Owner};

use super::*;

fn tell(world: &mut World, account: &str, command: TokenCommand) {
    world.account(account, &Command::Tokens(command)).unwrap();
    world.settle();
}

fn wait(world: &mut World, time: &str) {
    world.wait_until(Some(given::instant(time)));
}

/// Anna holds the card from the 27th of October 2024 until the 29th, and bo from the 30th; both have contracts since January.
fn changed(covers: &Covers) -> World {
    let mut world = charging_world("anna", &["01"]);
    open(&mut world, "bo", &[]);
    for account in ["anna", "bo"] {
        let since = since((2024, 1, 1));
        let contract =
            ChargingContract { covers: covers.clone(), ..ChargingContract::new("it", since, "public") };
        set(&mut world, account, contract);
    }
    wait(&mut world, "2024-10-29T00:00:00Z");
    tell(&mut world, "anna", TokenCommand::Release(card("01")));
    wait(&mut world, "2024-10-30T00:00:00Z");
    tell(&mut world, "bo", TokenCommand::Claim(card("01")));
    wait(&mut world, "2024-11-05T00:00:00Z");
    world
}

#[test]
fn the_holder_at_the_start_pays() {
    let not_held = Err(SaleRefused::TokenNotHeld);
    let sold = Ok("it".to_owned());
    for (covers, of_before, of_between) in [
        (Covers::Held, not_held.clone(), not_held.clone()),
        // The contract says from which day on, for whoever held the card first after that.
        (Covers::Listed([card("01")].into()), sold.clone(), sold.clone()),
    ] {
        for (day, payer, expected, other) in [
            ("2024-10-20", "anna", &of_before, None),
            ("2024-10-28", "anna", &sold, None),
            ("2024-10-29", "bo", &of_between, Some("anna")),
            ("2024-10-31", "bo", &sold, Some("anna")),
        ] {
            let mut world = changed(&covers);
            let session = sale("1", day, "10", &card("01"));
            let holder = world.directory[&card("01")].holder_at(session.session.start).unwrap();
            assert_eq!(holder.claim.owner, Owner::Account(payer.to_owned()), "{day}");
            let told = sell(&mut world, payer, &session).map(|sale| sale.contract);
            assert_eq!(told, *expected, "{day} under {covers:?}");
            // Who gave the card back before does not pay for it, whatever is asked.
            if let Some(other) = other {
                let told = sell(&mut world, other, &session).map(|sale| sale.contract);
                assert_eq!(told, not_held, "{day} under {covers:?}");
            }
        }
    }
}

#[test]
fn who_has_it_again_held_it_both_times() {
    let mut world = changed(&Covers::Held);
    tell(&mut world, "bo", TokenCommand::Release(card("01")));
    wait(&mut world, "2024-11-10T00:00:00Z");
    tell(&mut world, "anna", TokenCommand::Claim(card("01")));
    // Asked for again while it is on its way back.
    wait(&mut world, "2024-11-20T00:00:00Z");
    for command in [TokenCommand::Release(card("01")), TokenCommand::Claim(card("01"))] {
        world.account("anna", &Command::Tokens(command)).unwrap();
    }
    world.settle();
    for (number, (day, payer)) in
        [("10-28", "anna"), ("10-31", "bo"), ("11-15", "anna"), ("11-20", "anna")].into_iter().enumerate()
    {
        let session = sale(&number.to_string(), &format!("2024-{day}"), "10", &card("01"));
        let holder = world.directory[&card("01")].holder_at(session.session.start).unwrap();
        assert_eq!(holder.claim.owner, Owner::Account(payer.to_owned()), "{day}");
        assert!(sell(&mut world, payer, &session).is_ok(), "{day}");
    }
}

#[test]
fn what_so_many_have_held_is_nobody_s_before_them() {
    let at = |second: i64| Instant::from_seconds(second).unwrap();
    let held = |number: i64| Held {
        claim: directory::Claim { owner: Owner::Account(format!("a{number}")), number: 1 },
        since: at(number * 10),
    };
    let former = |number: i64| Former { held: held(number), until: at(number * 10 + 5) };
    for (count, before) in [(0, Some(1)), (3, Some(1)), (7, Some(1)), (8, None)] {
        let state =
            directory::State { held: Some(held(count + 1)), former: (1..=count).map(former).collect() };
        assert!(state.former.len() <= MOST_FORMER);
        let before = before.map(held);
        assert_eq!(state.holder_at(at(5)), before.as_ref(), "{count} before");
        assert_eq!(state.holder_at(at(count * 10 + 7)), Some(&held(count + 1)), "{count} between");
    }
}
