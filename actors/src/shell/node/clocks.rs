//! Whether this node's wall clock is the one that is wrong. Ownership hangs on no clock of one host against another's;
//! registration times do.

use std::sync::Arc;

use cluster::{Incarnation, Peer};

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

/// What speaks against admitting requests, from how far the clocks of the others are ahead.
///
/// This node's own clock counts as one of them, and of two in the middle the nearer one: a wrong clock of another node,
/// which alone would be half of two others, must not stop those that are right.
pub(super) fn objection(mut offsets_ms: Vec<i64>) -> Option<Arc<str>> {
    if offsets_ms.len() < ENOUGH_CLOCKS {
        return None;
    }
    offsets_ms.push(0);
    offsets_ms.sort_unstable();
    let (lower, upper) = (offsets_ms.len().saturating_sub(1) / 2, offsets_ms.len() / 2);
    let middle = [lower, upper].into_iter().filter_map(|at| offsets_ms.get(at).copied());
    let median_ms = middle.min_by_key(|offset_ms| offset_ms.unsigned_abs())?;
    (median_ms.unsigned_abs() > MAX_OFFSET_MS)
        .then(|| Arc::from(format!("its clock is {median_ms} ms off the median of all nodes; set it right")))
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
            objection(others.map(|(_, other_ms)| other_ms - own_ms).collect()).is_some()
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
}
