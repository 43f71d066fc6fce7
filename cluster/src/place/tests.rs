//! Placement: small tables seen whole, and what holds for all.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::shard::ShardCount;

/// The node of a letter.
fn node(letter: char) -> Incarnation {
    Incarnation::new(u128::from(u32::from(letter.to_ascii_uppercase())))
}

/// Nodes by letter; a small one is draining.
fn nodes(letters: &str) -> Vec<Candidate> {
    let candidate = |letter: char| Candidate { incarnation: node(letter), draining: letter.is_lowercase() };
    letters.chars().map(candidate).collect()
}

/// A table from one word a shard: `A` owned by A, `A>B` on its way to B, `-` owned by nobody.
fn table(members: &str, shards: &str) -> Table {
    let words: Vec<&str> = shards.split_whitespace().collect();
    let mut table = Table::new(ShardCount::new(u16::try_from(words.len()).unwrap()).unwrap());
    table.set_nodes(nodes(members).into_iter().map(|node| (node.incarnation, node.draining)).collect());
    for (shard, word) in table.shards().zip(words) {
        let mut letters = word.chars().filter(char::is_ascii_uppercase).map(node);
        table.set_owner(shard, letters.next());
        table.set_next(shard, letters.next());
    }
    table
}

fn written(table: &Table) -> String {
    let letter = |node: Incarnation| char::from(u8::try_from(node.number()).unwrap());
    let word = |shard| match (table.owner(shard), table.next(shard)) {
        (None, _) => "-".to_owned(),
        (Some(owner), None) => letter(owner).to_string(),
        (Some(owner), Some(next)) => format!("{}>{}", letter(owner), letter(next)),
    };
    table.shards().map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn small_tables() {
    // (what, members before and after, shards before, weights of the shards, moves at once, shards after)
    let cases = [
        ("the first node gets everything", ("", "A"), "- - - -", "", 2, "A A A A"),
        ("nobody there", ("", ""), "- -", "", 2, "- -"),
        ("nothing to do", ("AB", "AB"), "A B A B", "", 2, "A B A B"),
        ("one more on one node", ("AB", "AB"), "A A B", "", 2, "A A B"),
        ("a node joins", ("A", "AB"), "A A A A", "", 4, "A>B A>B A A"),
        ("no more at once than allowed", ("A", "AB"), "A A A A", "", 1, "A>B A A A"),
        ("what is on its way counts", ("AB", "AB"), "A>B A A A", "", 1, "A>B A A A"),
        ("what is on its way counts as arrived", ("AB", "AB"), "A>B A>B A A", "", 9, "A>B A>B A A"),
        ("a node dies", ("AB", "A"), "A B A B", "", 1, "A A A A"),
        ("a dead node's shards go to the emptiest", ("ABC", "BC"), "A A A B B C", "", 9, "C B C B B C"),
        ("the target dies", ("AB", "A"), "A>B A", "", 9, "A A"),
        ("the owner dies on the way", ("ABC", "BC"), "A>B B C C", "", 9, "B B C C"),
        ("everybody dies", ("AB", "C"), "A B A>B -", "", 9, "C C C C"),
        ("everybody dies and nobody comes", ("AB", ""), "A B A>B -", "", 9, "- - - -"),
        ("a node drains", ("AB", "aB"), "A B A B", "", 9, "A>B B A>B B"),
        ("a node drains one by one", ("AB", "aB"), "A B A B", "", 1, "A>B B A B"),
        ("the only node drains", ("A", "a"), "A A", "", 9, "A A"),
        ("all drain and a shard has no owner", ("AB", "ab"), "A - B", "", 9, "A - B"),
        ("the target drains", ("ABC", "AbC"), "A>B A C C", "", 9, "A A C C"),
        ("an owner on its way to one that drains dies", ("AB", "b"), "A>B B", "", 9, "- B"),
        ("draining goes before balance", ("ABC", "aBC"), "A B B B B B", "", 1, "A>C B B B B B"),
        ("heavy shards count", ("AB", "AB"), "A A B B", "8 2 1 1", 9, "A A>B B B"),
        ("the heavy one stays where a swap would not help", ("AB", "AB"), "A B", "9 1", 9, "A B"),
        ("unowned ones, the heaviest first", ("AB", "AB"), "- - - -", "1 1 1 3", 9, "B B B A"),
        ("within a tenth of the mean", ("AB", "AB"), "A A B B", "10 12 10 10", 9, "A A B B"),
        ("a little more", ("AB", "AB"), "A A B B", "10 14 9 9", 9, "A A B B"),
        ("and a shard that helps", ("AB", "AB"), "A A A B B", "10 12 2 9 9", 9, "A A A>B B B"),
    ];
    for (what, (before, after), shards, weights, moves_at_once, expected) in cases {
        let previous = table(before, shards);
        let weights = weights.split_whitespace().map(|weight| weight.parse().unwrap());
        let loads: Loads = previous.shards().zip(weights).collect();
        let placed = place(&previous, &nodes(after), &loads, moves_at_once);
        if let Some(placed) = &placed {
            assert_eq!(placed.version(), previous.version() + 1, "{what}");
        }
        assert_eq!(written(&placed.unwrap_or(previous)), expected, "{what}");
    }
}

#[test]
fn a_node_whose_clock_is_off_drains_and_comes_back() {
    let living = nodes("ABC");
    let mut table = table("ABC", "A>B B C B A C");
    table.set_clock_off(node('B'), true);
    let drained = at_rest(table, &living, &Loads::new(), 2);
    assert_eq!(written(&drained), "A A C C A C");
    assert!(drained.is_draining(node('B')) && drained.is_clock_off(node('B')));
    // A wish is no part of it, in neither direction.
    let mut wished = at_rest(drained.clone(), &nodes("AbC"), &Loads::new(), 2);
    wished.set_clock_off(node('B'), false);
    assert!(wished.is_draining(node('B')));
    let mut right = drained;
    right.set_clock_off(node('B'), false);
    assert_eq!(at_rest(right, &living, &Loads::new(), 2).owned_by(node('B')).count(), 2);
}

/// Every hand-over done.
fn arrived(table: &Table) -> Table {
    let mut arrived = table.clone();
    for shard in table.shards() {
        if let Some(next) = table.next(shard) {
            arrived.set_owner(shard, Some(next));
        }
    }
    arrived
}

/// Places and hands over until nothing is to change.
fn at_rest(mut table: Table, candidates: &[Candidate], loads: &Loads, moves_at_once: usize) -> Table {
    for _ in 0..2_000 {
        match place(&table, candidates, loads, moves_at_once) {
            Some(placed) => table = arrived(&placed),
            None if table.moving() == 0 => return table,
            None => table = arrived(&table),
        }
    }
    panic!("it never comes to rest: {}", written(&table));
}

const LETTERS: &str = "ABCDEFGHIJKLM";

fn candidates(flags: &[Option<bool>]) -> Vec<Candidate> {
    let letters = LETTERS.chars().zip(flags);
    letters
        .filter_map(|(letter, flag)| Some(Candidate { incarnation: node(letter), draining: (*flag)? }))
        .collect()
}

prop_compose! {
    /// Any table of up to eight nodes, other nodes that live now, and weights.
    fn situations()(
        before in proptest::collection::vec(any::<Option<bool>>(), 8),
        after in proptest::collection::vec(any::<Option<bool>>(), 8),
        places in proptest::collection::vec((0_usize..9, 0_usize..9), 1..60),
        weights in proptest::collection::vec(prop_oneof![Just(1), 0_u32..20, 0_u32..2_000], 60),
    ) -> (Table, Vec<Candidate>, Loads) {
        let before = candidates(&before);
        let mut table = Table::new(ShardCount::new(u16::try_from(places.len()).unwrap()).unwrap());
        table.set_nodes(before.iter().map(|node| (node.incarnation, node.draining)).collect());
        let pick = |at: usize| before.get(at).map(|node| node.incarnation);
        for (shard, &(owner, next)) in table.shards().zip(&places) {
            table.set_owner(shard, pick(owner));
            table.set_next(shard, pick(next));
        }
        let loads = table.shards().zip(weights).collect();
        (table, candidates(&after), loads)
    }
}

fn living(count: usize) -> Vec<Candidate> {
    candidates(&vec![Some(false); count])
}

fn counts(table: &Table, candidates: &[Candidate]) -> Vec<usize> {
    candidates.iter().map(|node| table.owned_by(node.incarnation).count()).collect()
}

/// A cluster at rest to which nodes came one by one.
fn grown(shards: u16, count: usize, moves_at_once: usize) -> Table {
    let mut table = Table::new(ShardCount::new(shards).unwrap());
    for members in 1..=count {
        table = at_rest(table, &living(members), &Loads::new(), moves_at_once);
    }
    table
}

proptest! {
    #[test]
    fn shards_belong_to_the_living((previous, candidates, loads) in situations(), moves_at_once in 0_usize..9) {
        let Some(placed) = place(&previous, &candidates, &loads, moves_at_once) else { return Ok(()) };
        let all: BTreeSet<_> = candidates.iter().map(|node| node.incarnation).collect();
        let hosts: BTreeSet<_> =
            candidates.iter().filter(|node| !node.draining).map(|node| node.incarnation).collect();
        for shard in previous.shards() {
            let (owner, next) = (placed.owner(shard), placed.next(shard));
            prop_assert!(owner.map_or(hosts.is_empty(), |owner| all.contains(&owner)));
            prop_assert!(next.is_none_or(|next| hosts.contains(&next) && owner.is_some_and(|owner| owner != next)));
            // Nobody who lives loses a shard but by handing it over.
            if let Some(before) = previous.owner(shard).filter(|owner| all.contains(owner)) {
                prop_assert_eq!(owner, Some(before));
            }
        }
        prop_assert!(placed.moving() <= moves_at_once.max(previous.moving()));
        prop_assert!(Table::from_bytes(&placed.to_bytes()).is_ok());
    }

    #[test]
    fn without_hand_overs_once_is_enough((previous, candidates, loads) in situations(), moves_at_once in 0_usize..9) {
        if let Some(placed) = place(&previous, &candidates, &loads, moves_at_once) {
            prop_assert_eq!(place(&placed, &candidates, &loads, moves_at_once), None);
        }
    }

    #[test]
    fn it_comes_to_rest((previous, candidates, loads) in situations(), moves_at_once in 1_usize..9) {
        let rested = at_rest(previous, &candidates, &loads, moves_at_once);
        for node in candidates.iter().filter(|node| node.draining) {
            let others = candidates.iter().any(|node| !node.draining);
            prop_assert!(!others || rested.owned_by(node.incarnation).count() == 0);
        }
    }

    #[test]
    fn equal_shards_are_shared_equally(shards in 1_u16..300, count in 1_usize..12, moves_at_once in 1_usize..40) {
        let table = grown(shards, count, moves_at_once);
        let counts = counts(&table, &living(count));
        let (most, least) = (counts.iter().max().unwrap(), counts.iter().min().unwrap());
        let tolerated = (usize::from(shards) / count / 5).max(1);
        prop_assert!(most - least <= tolerated, "{:?}", counts);
    }

    #[test]
    fn only_to_who_joins(shards in 1_u16..300, count in 1_usize..9, moves_at_once in 1_usize..40) {
        let before = grown(shards, count, moves_at_once);
        let after = at_rest(before.clone(), &living(count + 1), &Loads::new(), moves_at_once);
        let newcomer = living(count + 1).last().unwrap().incarnation;
        let moved = before.shards().filter(|&shard| before.owner(shard) != after.owner(shard)).count();
        prop_assert_eq!(moved, after.owned_by(newcomer).count());
    }

    #[test]
    fn only_from_who_dies(shards in 1_u16..300, count in 2_usize..9, dies: proptest::sample::Index) {
        let before = grown(shards, count, 32);
        let mut candidates = living(count);
        let dead = candidates.remove(dies.index(count)).incarnation;
        let after = at_rest(before.clone(), &candidates, &Loads::new(), 32);
        let moved: Vec<_> =
            before.shards().filter(|&shard| before.owner(shard) != after.owner(shard)).collect();
        prop_assert_eq!(moved, before.owned_by(dead).collect::<Vec<_>>());
    }
}
