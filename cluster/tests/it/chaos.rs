//! Everything at once, from seeds: processes killed, halted, cut off and started again while a fifth of all commits is
//! refused, lost, late or in doubt. The auditor looks after every commit.

use std::sync::atomic::Ordering;

use crate::world::{Audit, LEASE, World};

const SEEDS: u64 = 100;
const EVENTS: u32 = 40;

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_or_doubled_whatever_happens() {
    let mut buried = 0;
    for seed in 0..SEEDS {
        println!("seed {seed}");
        buried += run(seed).await;
    }
    assert!(buried > usize::try_from(SEEDS).unwrap(), "the faults bite: {buried}");
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_takes_the_same_course() {
    let mut courses = Vec::new();
    for _ in 0..2 {
        let world = chaos(5).await;
        courses.push(world.audit.lock().unwrap().table());
    }
    assert_eq!(courses[0], courses[1]);
}

async fn run(seed: u64) -> usize {
    let mut world = chaos(seed).await;
    world.chance.faults.store(false, Ordering::Release);
    for host in world.hosts.values() {
        host.halt.go_on();
        host.clock.go();
        host.store.store.faults().thaw();
    }
    world.rows.release_late();
    Audit::look(&world.audit, &world.rows).await;
    if world.living().is_empty() {
        world.start("last");
    }
    tokio::time::sleep(LEASE * 3).await;
    world.until_at_rest().await;
    world.audit_shards().await;
    world.buried().len()
}

async fn chaos(seed: u64) -> World {
    let mut world = World::of(seed, &["a", "b", "c"]).await;
    world.chance.faults.store(true, Ordering::Release);
    for _ in 0..EVENTS {
        let pause = world.chance.draw(600);
        tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
        let drawn = world.chance.draw(10);
        let living = world.living();
        let pick = usize::try_from(world.chance.draw(64)).unwrap();
        let some = living.get(pick % living.len().max(1)).map(|&number| world.host(number));
        match (drawn, some) {
            (0, Some(host)) => host.kill(&world.audit),
            (1 | 2, Some(host)) => host.halt.stop(),
            (3, Some(host)) => host.clock.stop(),
            (4, Some(host)) => host.store.store.faults().freeze(),
            (5, _) if living.len() < 5 => {
                world.start(["a", "b", "c", "d", "e", "f"].get(pick % 6).unwrap());
            }
            (6, _) => {
                world.rows.release_late();
                Audit::look(&world.audit, &world.rows).await;
            }
            _ => {
                for host in world.hosts.values() {
                    host.halt.go_on();
                    host.clock.go();
                    host.store.store.faults().thaw();
                }
            }
        }
    }
    world
}
