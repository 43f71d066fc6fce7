//! Several senders of one webhook, none of which knows of the others: each sees some state of it, sends, and tells what became
//! of that, or dies before it does.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// How many events there are.
const EVENTS: u64 = 12;

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A sender looks what there is to do.
    Look(usize),
    /// It sends the event behind the place it knows; whether that is acknowledged.
    Send(usize, bool),
    /// It tells what became of it.
    Tell(usize),
    /// It dies, and another takes its place.
    Die(usize),
    Pause,
    Resume,
    /// Nothing was acknowledged for too long.
    DaysPass,
}

/// What a sender knows and has not told.
#[derive(Default)]
struct Sender {
    known: Option<Place>,
    untold: Option<(Place, bool)>,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3_usize).prop_map(Step::Look),
        4 => (0..3_usize, any::<bool>()).prop_map(|(sender, is_taken)| Step::Send(sender, is_taken)),
        4 => (0..3_usize).prop_map(Step::Tell),
        1 => (0..3_usize).prop_map(Step::Die),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        1 => Just(Step::DaysPass),
    ]
}

fn next(place: &Place) -> u64 {
    place.cursor.place(Partition::new(0).unwrap()) + 1
}

/// What the receiver took, and the places that were acknowledged.
fn play(steps: &[Step]) -> (Vec<u64>, Vec<u64>) {
    let mut world = World::with_one();
    let mut senders: [Sender; 3] = Default::default();
    let (mut taken, mut acknowledged) = (Vec::new(), Vec::new());
    for step in steps {
        match *step {
            Step::Look(sender) => {
                let is_active = world.held().webhook.standing == Standing::Active;
                senders[sender].known = is_active.then(|| world.place());
            }
            Step::Send(sender, is_taken) => {
                let Some(place) = senders[sender].known.take().filter(|place| next(place) <= EVENTS) else {
                    continue;
                };
                if is_taken {
                    taken.push(next(&place));
                }
                senders[sender].untold = Some((place, is_taken));
            }
            Step::Tell(sender) => {
                let Some((place, is_taken)) = senders[sender].untold.take() else { continue };
                let to = next(&place);
                let told = match is_taken {
                    true => world.advance(place, to),
                    false => world.give(&Command::Fail {
                        from: place,
                        failure: AttemptFailure::TimedOut,
                        pause_ms: 5_000,
                    }),
                };
                if is_taken && told.is_ok() {
                    acknowledged.push(to);
                }
            }
            Step::Die(sender) => senders[sender] = Sender::default(),
            Step::Pause => drop(world.give(&Command::Pause("w".to_owned())).unwrap()),
            Step::Resume => drop(world.give(&Command::Resume("w".to_owned())).unwrap()),
            Step::DaysPass => world.pass(MOST_FAILING_MS),
        }
    }
    (taken, acknowledged)
}

proptest! {
    #[test]
    fn every_place_is_acknowledged_once_and_in_order(steps in vec(step(), 0..200)) {
        let (taken, acknowledged) = play(&steps);
        let expected: Vec<u64> = (1..=acknowledged.len() as u64).collect();
        prop_assert_eq!(&acknowledged, &expected);
        // Whoever keeps of each id the first sees the events in order, none left out.
        let mut seen = BTreeSet::new();
        let firsts: Vec<u64> = taken.into_iter().filter(|event| seen.insert(*event)).collect();
        let expected: Vec<u64> = (1..=firsts.len() as u64).collect();
        prop_assert_eq!(&firsts, &expected);
        prop_assert!(firsts.len() >= acknowledged.len(), "nothing is acknowledged that was not taken");
    }
}
