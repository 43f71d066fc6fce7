//! What the steward does about its node's clock: the others are watched, a wrong one admits nothing, and as long as it is
//! wrong the node takes no shards and hands over its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cluster::set_clock_off;
use tokio::time::timeout;

use super::Steward;
use crate::shell::node::clocks::{Turn, ahead_ms, objection, watched};

/// A clock counts as right again when nothing spoke against it for so many beats.
const RIGHT_BEATS: u32 = 5;

impl Steward {
    /// Keeps the way to those open whose clocks this node's is compared with.
    pub(super) fn watch_clocks(&self) {
        let me = self.shared.options.incarnation;
        self.routes.peers.watch_clocks(&watched(self.routes.map().peers(), me));
    }

    /// Compares this node's clock with the others'. A wrong one stops admitting at once.
    pub(super) fn judge_clock(&mut self) {
        let ahead_ms = ahead_ms(self.routes.peers.clock_offsets_ms());
        self.shared.admittance.object(objection(ahead_ms));
        let own_ms = self.shared.clock.wall_ms();
        let median_ms = ahead_ms.map(|ahead_ms| own_ms.saturating_sub(ahead_ms));
        let hold = self.member.beat().saturating_mul(RIGHT_BEATS);
        match self.clock.judge(ahead_ms, self.shared.clock.monotonic_ms(), hold) {
            None => {}
            Some(Turn::Off) => tracing::warn!(
                ahead_ms,
                own_ms,
                median_ms,
                "this node's clock is off the median of all nodes; it admits nothing and its shards go to others until it is right"
            ),
            Some(Turn::Right) => tracing::warn!(
                ahead_ms,
                own_ms,
                median_ms,
                "this node's clock is not off the median of all nodes any more; it takes shards again"
            ),
        }
    }

    /// Has the table say whether this node's clock is off. Tried again with every turn until it does; a node that leaves
    /// hands its shards over anyway.
    pub(super) async fn mark_clock(&mut self) {
        let (map, me) = (self.routes.map(), self.shared.options.incarnation);
        let is_off = self.clock.is_off();
        if map.table().is_clock_off(me) == is_off || self.calls.leave.load(Ordering::Acquire) {
            return;
        }
        match timeout(self.patience(), set_clock_off(Arc::clone(&self.shared.store), me, is_off)).await {
            Ok(Ok(())) => {
                self.calls.look.store(true, Ordering::Release);
                self.routes.wake.notify_one();
                self.routes.nudge_peers();
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the node can't say whether its clock is off; trying again");
            }
            Err(_) => tracing::warn!("the node can't say in time whether its clock is off; trying again"),
        }
    }
}
