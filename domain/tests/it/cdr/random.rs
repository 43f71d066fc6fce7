//! Records, credits and replacements that arrive in any order, some of them more than once, while messages are still on their
//! way: in the end the books are those of whoever got each once and in order.

use std::collections::BTreeMap;

use domain::cdr::Cdr;
use domain::entity::cdr_book::Standing;
use domain::token::Token;
use proptest::prelude::*;

use super::given::{cdr, costing, credit};
use super::world::World;

/// A session: when it was, whether it was credited, and by how many replacements, each credited but for the last.
#[derive(Clone, Debug)]
struct Story {
    hour: i64,
    replacements: u8,
    is_gone: bool,
}

/// All records of a story, in the order in which they happened.
fn records(index: usize, story: &Story) -> Vec<Cdr> {
    let mut records = Vec::new();
    for version in 0..=story.replacements {
        let id = format!("s{index}v{version}");
        let mut one = costing(cdr(&id), &format!("{}.{:02}", index + 1, version));
        let shift = |at: domain::instant::Instant| at.plus_millis(-3_600_000 * story.hour).unwrap();
        (one.session.start, one.session.end) = (shift(one.session.start), shift(one.session.end));
        one.session.periods[0].start = one.session.start;
        one.token = Token::new("rfid", &format!("T{index}")).unwrap();
        let is_last = version == story.replacements;
        records.push(one.clone());
        if !is_last || story.is_gone {
            records.push(credit(&format!("{id}c"), &one));
        }
    }
    records
}

/// What is left in the end: standings, what is paid, what is owed.
type End = (BTreeMap<String, Standing>, i64, i64);

fn end(world: &World) -> End {
    let standings =
        world.entries.iter().map(|((_, id), entry)| (id.clone(), entry.record().unwrap().standing));
    (standings.collect(), world.pays("anna"), world.owed("tnm"))
}

fn story() -> impl Strategy<Value = (u8, bool)> {
    (0_u8..3, any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_arrival_gives_the_same_books(
        stories in proptest::collection::vec(story(), 1..5),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 40),
        repeats in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
        deliveries in proptest::collection::vec(0_usize..7, 80),
    ) {
        let of = |(index, (replacements, is_gone)): (usize, &(u8, bool))| {
            let hour = 2 * i64::try_from(index).unwrap();
            records(index, &Story { hour, replacements: *replacements, is_gone: *is_gone })
        };
        let all: Vec<Cdr> = stories.iter().enumerate().flat_map(of).collect();

        let mut plain = World::new();
        for cdr in &all {
            plain.receive(cdr);
            plain.settle();
        }

        let mut waiting: Vec<&Cdr> = all.iter().collect();
        waiting.extend(repeats.iter().map(|repeat| repeat.get(&all)));
        let mut world = World::new();
        let (mut orders, mut deliveries) = (order.iter().cycle(), deliveries.into_iter());
        while !waiting.is_empty() {
            let next = orders.next().unwrap().index(waiting.len());
            world.receive(waiting.remove(next));
            while let Some(which) = deliveries.next().filter(|which| *which > 0) {
                world.step_any(which);
            }
        }
        world.settle();
        prop_assert_eq!(end(&world), end(&plain));

        // Of every story what came last is left, or nothing.
        let left: i64 = stories.iter().enumerate().filter(|(_, (_, is_gone))| !is_gone).map(|(index, (version, _))| {
            100 * i64::try_from(index + 1).unwrap() + i64::from(*version)
        }).sum();
        prop_assert_eq!(world.owed("tnm"), left);
    }
}
