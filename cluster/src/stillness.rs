//! Who stands still: heartbeat rows compared from look to look, on the observer's own clock and nobody else's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;

use crate::head::Incarnation;

/// Looks that have to find the same row before its node is declared dead.
const MIN_LOOKS: u32 = 3;

/// What an observer remembers of the others. Stillness is counted from the end of the first look that found a row to
/// the begin of the last one that found the same, so that what is counted has certainly passed.
#[derive(Debug, Default)]
pub(crate) struct Stillness {
    rows: BTreeMap<Incarnation, Still>,
    /// When the last look ended.
    last_ms: Option<u64>,
}

/// One row as it was found.
#[derive(Debug)]
struct Still {
    value: Bytes,
    since_ms: u64,
    looks: u32,
}

/// One row as a look finds it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beating<'a> {
    pub(crate) node: Incarnation,
    pub(crate) value: &'a Bytes,
    /// How long it may stand still.
    pub(crate) lease: Duration,
}

impl Stillness {
    /// Forgets everything: the observer could not renew or look, so that it may be the one who was away.
    pub(crate) fn restart(&mut self) {
        *self = Stillness::default();
    }

    /// Takes in a look, from before it was asked until after it was answered, and gives the nodes that stood
    /// still for their lease. A look that comes more than `gap` after the one before says that the
    /// observer itself stood still, and everything starts anew.
    pub(crate) fn observe<'a>(
        &mut self,
        rows: impl Iterator<Item = Beating<'a>>,
        (began_ms, ended_ms): (u64, u64),
        gap: Duration,
    ) -> BTreeSet<Incarnation> {
        if self.last_ms.is_some_and(|last_ms| milliseconds(gap) < ended_ms.saturating_sub(last_ms)) {
            self.restart();
        }
        self.last_ms = Some(ended_ms);
        let mut before = std::mem::take(&mut self.rows);
        let mut dead = BTreeSet::new();
        for Beating { node, value, lease } in rows {
            let still = match before.remove(&node).filter(|still| still.value == *value) {
                Some(still) => Still { looks: still.looks.saturating_add(1), ..still },
                None => Still { value: value.clone(), since_ms: ended_ms, looks: 1 },
            };
            let age_ms = began_ms.saturating_sub(still.since_ms);
            if still.looks >= MIN_LOOKS && age_ms >= milliseconds(lease) {
                dead.insert(node);
            }
            self.rows.insert(node, still);
        }
        dead
    }

    /// Whether the row was seen with another value than this one.
    pub(crate) fn moved(&self, node: Incarnation, value: &Bytes) -> bool {
        self.rows.get(&node).is_some_and(|still| still.value != *value)
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: Incarnation = Incarnation::new(1);
    const LEASE: Duration = Duration::from_millis(1_000);
    const GAP: Duration = Duration::from_millis(500);

    /// What a sequence of steps says in the end. A step is a look (began, ended, counter) or a failure.
    fn check(name: &str, steps: &[Option<(u64, u64, u8)>], expected: bool) {
        check_lease(name, LEASE, steps, expected);
    }

    fn check_lease(name: &str, lease: Duration, steps: &[Option<(u64, u64, u8)>], expected: bool) {
        let mut stillness = Stillness::default();
        let mut dead = false;
        for step in steps {
            let Some((began_ms, ended_ms, counter)) = *step else {
                stillness.restart();
                dead = false;
                continue;
            };
            let value = Bytes::copy_from_slice(&[counter]);
            let row = Beating { node: NODE, value: &value, lease };
            dead = stillness.observe([row].into_iter(), (began_ms, ended_ms), GAP).contains(&NODE);
        }
        assert_eq!(dead, expected, "{name}");
    }

    #[test]
    fn only_what_certainly_stood_still_is_dead() {
        let at = |ms: u64, counter| Some((ms, ms, counter));
        check("a lease", &[at(0, 1), at(500, 1), at(1_000, 1)], true);
        check("less than a lease", &[at(0, 1), at(500, 1), at(999, 1)], false);
        check("it moved", &[at(0, 1), at(500, 1), at(900, 2), at(1_400, 2), at(1_899, 2)], false);
        check("it moved and stopped", &[at(0, 1), at(500, 2), at(1_000, 2), at(1_500, 2)], true);
        let short = LEASE / 4;
        check_lease("two looks", short, &[at(0, 1), at(500, 1)], false);
        check_lease("three looks", short, &[at(0, 1), at(500, 1), at(501, 1)], true);
        check("the observer was away", &[at(0, 1), at(400, 1), at(1_000, 1)], false);
        check("the observer failed", &[at(0, 1), at(500, 1), None, at(1_000, 1)], false);
        check("and goes on", &[at(0, 1), None, at(500, 1), at(1_000, 1), at(1_500, 1)], true);
        check("the clock stood still", &[at(0, 1), at(0, 1), at(0, 1), at(0, 1)], false);
        check("slow looks", &[Some((0, 300, 1)), Some((700, 800, 1)), Some((1_299, 1_300, 1))], false);
        check(
            "slow looks count inside",
            &[Some((0, 300, 1)), Some((700, 800, 1)), Some((1_300, 1_300, 1))],
            true,
        );
    }

    #[test]
    fn a_row_that_was_away_starts_anew() {
        let mut stillness = Stillness::default();
        let value = Bytes::from_static(b"1");
        let row = Beating { node: NODE, value: &value, lease: LEASE };
        for (ms, there) in [(0, true), (500, true), (800, false), (1_000, true)] {
            let dead = stillness.observe([row].into_iter().filter(|_| there), (ms, ms), GAP);
            assert!(dead.is_empty());
        }
    }
}
