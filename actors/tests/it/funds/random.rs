//! Accounts that reserve, commit, top up and give to one another by chance, on a store with every fault and a node that
//! restarts: every repeat gets the first answer (I9), and the rows fold to what is remembered.

use std::collections::BTreeMap;

use domain::funds::{DebitMode, FundsCommand, FundsReply};
use storage::{FaultRates, Faults};

use super::world::*;

const ACCOUNTS: [&str; 3] = ["anna", "bert", "carl"];
const SEEDS: u64 = 12;
const STEPS: usize = 60;

/// SplitMix64: the same seed, the same numbers.
fn roll(state: &mut u64, sides: usize) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(sides).unwrap()).unwrap()
}

fn faults(seed: u64) -> Faults {
    let rates = FaultRates {
        unknown_applied_per_mille: 40,
        unknown_not_applied_per_mille: 40,
        unknown_late_per_mille: 20,
        unavailable_per_mille: 40,
        ..FaultRates::default()
    };
    Faults::seeded(seed, rates)
}

fn command(dice: &mut u64, step: usize) -> FundsCommand {
    let cents = roll(dice, 2_000) + 1;
    let euros = format!("{}.{:02}", cents / 100, cents % 100);
    let reservation = format!("r{}", roll(dice, 12));
    match roll(dice, 8) {
        0 | 1 => top_up(&format!("t{step}"), &euros),
        2 | 3 => reserve(&reservation, &euros, 1_000 + i64::try_from(roll(dice, 5_000)).unwrap()),
        4 => commit(&reservation, &format!("{}.{:04}", cents * 33 / 10_000, cents * 33 % 10_000)),
        5 => FundsCommand::Release(id(&reservation)),
        6 => {
            let modes = [DebitMode::Voluntary, DebitMode::Forced, DebitMode::Balancing];
            debit(&format!("d{step}"), modes[roll(dice, 3)], &euros)
        }
        _ => {
            let receivers = ["anna", "bert", "carl", "zoe"];
            transfer(&format!("x{step}"), receivers[roll(dice, 4)], &euros)
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rows_fold_to_what_is_remembered_whatever_the_store_does() {
    let (mut transfers, mut refused) = (0, 0);
    for seed in 0..SEEDS {
        let mut dice = seed;
        let mut world = World::new(&ACCOUNTS, faults(seed)).await;
        let mut answers: BTreeMap<(usize, String), (FundsCommand, FundsReply)> = BTreeMap::new();
        for step in 0..STEPS {
            let place = roll(&mut dice, 3);
            let command = command(&mut dice, step);
            if let Ok(reply) = world.funds(ACCOUNTS[place], &command).await {
                transfers += usize::from(matches!(command, FundsCommand::TransferOut { .. }));
                refused += usize::from(matches!(reply, FundsReply::Refused(_)));
                if let Some(key) = command.key() {
                    answers.entry((place, format!("{key:?}"))).or_insert((command, reply));
                }
            }
            match roll(&mut dice, 12) {
                0 => world.restart(faults(seed * 1_000 + u64::try_from(step).unwrap())).await,
                1 | 2 => world.pass(1_500).await,
                _ => {}
            }
        }
        for ((place, _), (command, reply)) in &answers {
            let again = world.funds(ACCOUNTS[*place], command).await;
            assert_eq!(again.as_ref(), Ok(reply), "seed {seed}: {command:?}");
        }
        world.settle().await;
        world.audit(&["anna", "bert", "carl", "zoe"]).await;
        world.restart(Faults::none()).await;
        world.audit(&["anna", "bert", "carl", "zoe"]).await;
    }
    assert!(transfers > 50 && refused > 20, "{transfers} transfers, {refused} refusals");
}
