//! Chaos from a seed: faults of the store, crashes, two owners at once; afterwards every account is what the
//! acknowledged commands say, and every request id still gives its first answer.

use std::collections::BTreeMap;
use std::time::Duration;

use actors::shell::{CallError, Defects, Node, NodeOptions, Reply, Request, RowKey, Section};
use storage::{FaultRates, Faults};

use crate::bank::account;
use crate::join::join_all;
use crate::world::{World, ask, quiet, with_id};

const KEYS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const ROUNDS: usize = 12;
const CALLS: usize = 10;
const SEEDS: u64 = 60;

/// One command and what it is known to have answered.
struct Op {
    request: Request,
    from: &'static str,
    to: Option<&'static str>,
    amount: i64,
    answer: Option<Reply>,
}

/// SplitMix64: the same seed, the same numbers.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn key(&mut self) -> &'static str {
        KEYS[usize::try_from(self.roll(KEYS.len() as u64)).unwrap()]
    }
}

fn faults(dice: &mut Dice) -> Faults {
    let rates = FaultRates {
        conflict_per_mille: 30,
        unknown_applied_per_mille: 60,
        unknown_not_applied_per_mille: 60,
        unknown_late_per_mille: 40,
        unavailable_per_mille: 30,
    };
    let delays = std::sync::Mutex::new(Dice(dice.roll(u64::MAX)));
    Faults::seeded(dice.roll(u64::MAX), rates).with_pace(move || {
        let delay_ms = delays.lock().unwrap().roll(4);
        Box::pin(tokio::time::sleep(Duration::from_millis(delay_ms)))
    })
}

fn next_op(world: &mut World, dice: &mut Dice) -> Op {
    let (from, id) = (dice.key(), world.id());
    let amount = i64::try_from(dice.roll(100)).unwrap() + 1;
    let to = (dice.roll(3) > 0).then(|| dice.key());
    let command = match to {
        Some(to) => format!("transfer {amount} {to}"),
        None => format!("add {amount}"),
    };
    let timeout = (dice.roll(4) == 0).then(|| Duration::from_millis(dice.roll(10)));
    Op { request: Request { timeout, ..with_id(from, &command, id) }, from, to, amount, answer: None }
}

/// Sends what has no answer yet; what fails stays open, to be asked again under the same id.
async fn send(node: &Node, ops: &mut [Op]) {
    let open: Vec<&mut Op> = ops.iter_mut().filter(|op| op.answer.is_none()).collect();
    let answers = join_all(open.iter().map(|op| node.call(op.request.clone()))).await;
    for (op, answered) in open.into_iter().zip(answers) {
        match answered {
            Ok(reply) => op.answer = Some(reply),
            Err(
                CallError::OutcomeUnknown
                | CallError::NotOwner { .. }
                | CallError::DeadlineExceeded
                | CallError::Overloaded { .. },
            ) => op.request.timeout = None,
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// One run; whatever goes wrong panics. Gives the balances.
async fn run(seed: u64, defects: Defects) -> Vec<(String, i64)> {
    let mut dice = Dice(seed);
    let mut world = World::new();
    let set = |options: &mut NodeOptions| {
        options.defects = defects;
        options.idle = Duration::from_secs(2);
    };
    let mut ops: Vec<Op> = Vec::new();
    let plan = faults(&mut dice);
    let mut node = world.start_with(plan, set).await;
    for _ in 0..ROUNDS {
        ops.extend((0..CALLS).map(|_| next_op(&mut world, &mut dice)));
        send(&node, &mut ops).await;
        if dice.roll(2) == 0 {
            crate::world::let_time_pass(&world, &node, u32::try_from(dice.roll(6_000)).unwrap()).await;
        }
        match dice.roll(4) {
            0 => drop(node),
            // The former owner is still there and is asked once more.
            1 => {
                let former = node;
                let plan = faults(&mut dice);
                node = world.start_with(plan, set).await;
                send(&former, &mut ops).await;
                drop(former);
                continue;
            }
            _ => continue,
        }
        world.store.release_late();
        let plan = faults(&mut dice);
        node = world.start_with(plan, set).await;
    }
    audit(&mut world, node, ops).await
}

/// Asks until everything is answered, lets everything arrive, and compares with what was acknowledged.
async fn audit(world: &mut World, node: Node, mut ops: Vec<Op>) -> Vec<(String, i64)> {
    for _ in 0..100 {
        send(&node, &mut ops).await;
    }
    assert!(ops.iter().all(|op| op.answer.is_some()), "something was never answered");
    quiet(world, &node).await;
    drop(node);
    world.store.release_late();
    let node = world.start(Faults::none()).await;
    quiet(world, &node).await;

    let mut expected: BTreeMap<&str, i64> = KEYS.iter().map(|key| (*key, 0)).collect();
    for op in ops.iter().filter(|op| matches!(op.answer, Some(Reply::Accepted(_)))) {
        *expected.get_mut(op.from).unwrap() += if op.to.is_some() { -op.amount } else { op.amount };
        if let Some(to) = op.to {
            *expected.get_mut(to).unwrap() += op.amount;
        }
    }
    let mut sum_by_shard: BTreeMap<u16, i128> = BTreeMap::new();
    let mut balances = Vec::new();
    for (key, balance) in expected {
        assert_eq!(ask(&node, key, "check").await, format!("{balance} {balance}"), "account {key}");
        *sum_by_shard.entry(node.shard_of(&account(key)).number()).or_default() += i128::from(balance);
        balances.push((key.to_owned(), balance));
    }
    let total = RowKey::Shared { section: Section::Total, suffix: "sum".into() };
    for key in KEYS {
        let stored = node.row(&account(key), &total).await.unwrap();
        let sum = storage::integer_from_bytes(stored.as_deref());
        assert_eq!(sum, sum_by_shard[&node.shard_of(&account(key)).number()]);
    }
    for op in &ops {
        assert_eq!(node.call(op.request.clone()).await.ok(), op.answer, "{:?}", op.request);
    }
    assert!(node.inspect().await.shards.iter().all(|shard| shard.parked.is_empty() && shard.held.is_empty()));
    balances
}

fn play(seed: u64, defects: Defects) -> std::thread::Result<Vec<(String, i64)>> {
    std::panic::catch_unwind(|| {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap().block_on(run(seed, defects))
    })
}

#[test]
fn acknowledged_commands_and_nothing_else_have_an_effect() {
    for seed in 0..SEEDS {
        let balances = play(seed, Defects::default());
        assert!(balances.is_ok(), "seed {seed}");
        if seed < 5 {
            let again = play(seed, Defects::default());
            assert_eq!(again.unwrap(), balances.unwrap(), "the same seed, the same run: {seed}");
        }
    }
}

#[test]
fn every_missing_rule_is_noticed() {
    let none = Defects::default();
    let defects = [
        Defects { no_fence: true, ..none },
        Defects { early_answers: true, ..none },
        Defects { no_deduplication: true, ..none },
        Defects { deduplication_by_shard: true, ..none },
        Defects { no_sequence_check: true, ..none },
        Defects { no_batch_id: true, ..none },
    ];
    for defect in defects {
        assert!((0..SEEDS).any(|seed| play(seed, defect).is_err()), "{defect:?} was not noticed");
    }
}
