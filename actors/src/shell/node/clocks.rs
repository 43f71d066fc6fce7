//! Whether this node's wall clock is the one that is wrong. Ownership hangs on no clock of one host against another's;
//! registration times do.

use std::sync::Arc;
use std::time::Duration;

use cluster::{Incarnation, Peer};

/// What a node made of its own clock so far.
#[derive(Debug, Default)]
pub(super) struct OwnClock {
    is_off: bool,
    /// Since when nothing speaks against it, as the monotonic clock says.
    right_since_ms: Option<u64>,
}

/// A change in what a node makes of its own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is off from now on.
    Off,
    /// It has been right for a while, or can't be told wrong any more.
    Right,
}

/// A node whose wall clock differs by more from the median of all admits nothing.
const MAX_OFFSET_MS: u64 = 500;
/// From so many other clocks on one can tell who is wrong.
const ENOUGH_CLOCKS: usize = 2;

/// The clocks of so many others are watched.
const WATCHED_CLOCKS: usize = 5;

/// Whose clocks a node watches: the next ones after itself, of which the last is followed by the first. So every clock is
/// watched by as many as any other.
pub(super) fn watched(peers: &[Peer], me: Incarnation) -> Vec<Peer> {
    let after = peers.iter().filter(|peer| peer.incarnation > me);
    let before = peers.iter().filter(|peer| peer.incarnation < me);
    after.chain(before).take(WATCHED_CLOCKS).cloned().collect()
}

/// By how much this node's clock is ahead of the median of all, from how far the clocks of the others are ahead of it;
/// `None` while too few are known.
///
/// This node's own clock counts as one of them, and of two in the middle the nearer one: a wrong clock of another node,
/// which alone would be half of two others, must not stop those that are right.
pub(super) fn ahead_ms(mut offsets_ms: Vec<i64>) -> Option<i64> {
    if offsets_ms.len() < ENOUGH_CLOCKS {
        return None;
    }
    offsets_ms.push(0);
    offsets_ms.sort_unstable();
    let (lower, upper) = (offsets_ms.len().saturating_sub(1) / 2, offsets_ms.len() / 2);
    let middle = [lower, upper].into_iter().filter_map(|at| offsets_ms.get(at).copied());
    middle.min_by_key(|offset_ms| offset_ms.unsigned_abs()).map(i64::saturating_neg)
}

/// Whether a clock that is so far ahead of the median is wrong.
fn is_wrong(ahead_ms: i64) -> bool {
    ahead_ms.unsigned_abs() > MAX_OFFSET_MS
}

/// What speaks against admitting requests.
pub(super) fn objection(ahead_ms: Option<i64>) -> Option<Arc<str>> {
    let ahead_ms = ahead_ms.filter(|&ahead_ms| is_wrong(ahead_ms))?;
    Some(Arc::from(format!("its clock is {ahead_ms} ms off the median of all nodes; set it right")))
}

impl OwnClock {
    /// What a look at `now_ms` showed; gives whether the node begins or ceases to count as one whose clock is off. It
    /// ceases to when nothing spoke against its clock for so long.
    pub(super) fn judge(&mut self, ahead_ms: Option<i64>, now_ms: u64, hold: Duration) -> Option<Turn> {
        if ahead_ms.is_some_and(is_wrong) {
            self.right_since_ms = None;
            return (!std::mem::replace(&mut self.is_off, true)).then_some(Turn::Off);
        }
        let since_ms = *self.right_since_ms.get_or_insert(now_ms);
        let is_over = self.is_off && Duration::from_millis(now_ms.saturating_sub(since_ms)) >= hold;
        self.is_off &= !is_over;
        is_over.then_some(Turn::Right)
    }

    /// Whether the node counts as one whose clock is off.
    pub(super) fn is_off(&self) -> bool {
        self.is_off
    }
}

#[cfg(test)]
mod tests {
    use cluster::NodeName;

    use super::*;

    #[test]
    fn the_next_ones_are_watched() {
        let peer = |number: u128| Peer {
            incarnation: Incarnation::new(number),
            name: NodeName::new(&format!("n{number}")).unwrap(),
            address: "h:1".into(),
        };
        // (how many nodes there are, who looks, whom it watches)
        let cases: [(u128, u128, &[u128]); 5] = [
            (1, 1, &[]),
            (3, 1, &[2, 3]),
            (3, 2, &[3, 1]),
            (8, 2, &[3, 4, 5, 6, 7]),
            (8, 7, &[8, 1, 2, 3, 4]),
        ];
        for (count, me, expected) in cases {
            let peers: Vec<Peer> = (1..=count).map(peer).collect();
            let found = watched(&peers, Incarnation::new(me));
            let found: Vec<u128> = found.iter().map(|peer| peer.incarnation.number()).collect();
            assert_eq!(found, expected, "{me} of {count}");
        }
    }

    /// Of clocks that are so far ahead of the right time, which nodes object.
    fn check(name: &str, clocks_ms: &[i64], objecting: &[bool]) {
        let objects = |(me, own_ms): (usize, &i64)| {
            let others = clocks_ms.iter().enumerate().filter(|(other, _)| *other != me);
            objection(ahead_ms(others.map(|(_, other_ms)| other_ms - own_ms).collect())).is_some()
        };
        let found: Vec<bool> = clocks_ms.iter().enumerate().map(objects).collect();
        assert_eq!(found, objecting, "{name}");
    }

    #[test]
    fn a_wrong_clock_stops_its_own_node_alone() {
        check("one clock", &[5_000], &[false]);
        check("two can't tell", &[0, 5_000], &[false, false]);
        check("as far as may be", &[0, 0, 500], &[false, false, false]);
        check("one of three ahead", &[0, 0, 501], &[false, false, true]);
        check("one of three behind", &[0, 0, -501], &[false, false, true]);
        check("one of four ahead", &[0, 5_000, 0, 0], &[false, true, false, false]);
        check("two of four can't tell", &[0, 0, 5_000, 5_000], &[false; 4]);
        check("two of five", &[0, 5_000, 0, -5_000, 0], &[false, true, false, true, false]);
        check("all differ", &[0, 5_000, -5_000], &[false, true, true]);
    }
    #[test]
    fn a_clock_is_right_again_when_it_was_so_for_a_while() {
        assert_eq!(ahead_ms(vec![-600_000, -600_010]), Some(600_000));
        assert_eq!(ahead_ms(vec![-600_000]), None);
        // (when, what is known then, what changes, whether it counts as off)
        let looks = [
            (0, Some(500), None, false),
            (100, Some(501), Some(Turn::Off), true),
            (200, Some(-501), None, true),
            (300, Some(0), None, true),
            (700, None, None, true),
            // A while with a moment in between does not count.
            (750, Some(9_000), None, true),
            (800, Some(0), None, true),
            (1_299, Some(500), None, true),
            (1_300, None, Some(Turn::Right), false),
            (9_000, Some(0), None, false),
        ];
        let mut clock = OwnClock::default();
        for (now_ms, ahead_ms, turn, is_off) in looks {
            let found = (clock.judge(ahead_ms, now_ms, Duration::from_millis(500)), clock.is_off());
            assert_eq!(found, (turn, is_off), "at {now_ms}");
        }
    }
}
