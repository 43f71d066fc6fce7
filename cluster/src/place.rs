//! Placement: which node is to run which shard, as a pure function that moves as little as it can.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::head::Incarnation;
use crate::load::Loads;
use crate::shard::ShardId;
use crate::table::Table;

/// A node that lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which one.
    pub incarnation: Incarnation,
    /// Whether somebody wishes that it give up its shards. One whose clock is off according to the table does so anyway.
    pub draining: bool,
}

/// The table after `previous`, now that exactly `candidates` live; `None` if nothing is to change.
///
/// A shard without an owner gets one at once. A shard of a node that is draining, and then what makes the nodes more
/// equal, is to be handed over, but only so many at a time that `moves_at_once` are on their way. A
/// shard on its way to a node that died or is draining stays for now. Nothing moves for balance while every node is
/// within a tenth of the mean, or no single shard would make it better; each such move makes the sum of squares of
/// the nodes' loads smaller, so that the same loads never lead back to a former table.
pub fn place(
    previous: &Table,
    candidates: &[Candidate],
    loads: &Loads,
    moves_at_once: usize,
) -> Option<Table> {
    let mut plan = Plan::keep(previous, candidates, loads);
    plan.settle_unowned();
    let moves = moves_at_once.saturating_sub(plan.table.moving());
    let moves = plan.vacate(moves);
    plan.balance(moves);
    (plan.table != *previous).then(|| plan.table.after(previous))
}

/// A table in the making.
struct Plan<'a> {
    table: Table,
    loads: &'a Loads,
    /// What each node that takes shards will carry once everything on its way has arrived.
    carried: BTreeMap<Incarnation, u64>,
}

impl<'a> Plan<'a> {
    /// What stays as it was.
    fn keep(previous: &Table, candidates: &[Candidate], loads: &'a Loads) -> Plan<'a> {
        let mut table = previous.clone();
        table.set_nodes(candidates.iter().map(|node| (node.incarnation, node.draining)).collect());
        let hosts = table.nodes().filter(|&node| !table.is_draining(node));
        let carried = hosts.map(|node| (node, 0)).collect();
        let mut plan = Plan { table, loads, carried };
        for shard in previous.shards() {
            let goes_to = plan.table.next(shard).or(plan.table.owner(shard));
            goes_to.into_iter().for_each(|node| plan.carry(node, shard));
        }
        plan
    }

    fn weight(&self, shard: ShardId) -> u64 {
        self.loads.weight(shard).into()
    }

    fn carry(&mut self, node: Incarnation, shard: ShardId) {
        let weight = self.weight(shard);
        if let Some(carried) = self.carried.get_mut(&node) {
            *carried = carried.saturating_add(weight);
        }
    }

    /// The node that carries least, of several the first.
    fn lightest(&self) -> Option<(Incarnation, u64)> {
        self.carried.iter().map(|(&node, &carried)| (node, carried)).min_by_key(|&(_, carried)| carried)
    }

    /// Gives every shard without an owner to somebody, the heaviest first.
    fn settle_unowned(&mut self) {
        let unowned = self.table.shards().filter(|&shard| self.table.owner(shard).is_none());
        let mut unowned: Vec<ShardId> = unowned.collect();
        unowned.sort_by_key(|&shard| (Reverse(self.weight(shard)), shard));
        for shard in unowned {
            let Some((host, _)) = self.lightest() else {
                return;
            };
            self.table.set_owner(shard, Some(host));
            self.carry(host, shard);
        }
    }

    /// Moves shards away from nodes that are draining; gives the number of moves left.
    fn vacate(&mut self, mut moves: usize) -> usize {
        for shard in self.table.shards() {
            let leaving = self.table.owner(shard).is_some_and(|owner| self.table.is_draining(owner));
            if !leaving || self.table.next(shard).is_some() {
                continue;
            }
            let Some((host, _)) = self.lightest().filter(|_| moves > 0) else {
                break;
            };
            self.table.set_next(shard, Some(host));
            self.carry(host, shard);
            moves = moves.saturating_sub(1);
        }
        moves
    }

    /// Moves shards from nodes that carry much to the one that carries least.
    fn balance(&mut self, moves: usize) {
        for _ in 0..moves {
            let Some((shard, from, to)) = self.best_move() else {
                return;
            };
            let weight = self.weight(shard);
            self.table.set_next(shard, Some(to));
            if let Some(carried) = self.carried.get_mut(&from) {
                *carried = carried.saturating_sub(weight);
            }
            self.carry(to, shard);
        }
    }

    /// The shard that makes the fullest node and the emptiest most equal, if they differ enough to disturb anybody.
    fn best_move(&self) -> Option<(ShardId, Incarnation, Incarnation)> {
        let (to, least) = self.lightest()?;
        let total: u128 = self.carried.values().copied().map(u128::from).sum();
        // Against the mean, without dividing: `share(load) <= 10 * total` says that the load is at most the mean.
        let hosts = u128::try_from(self.carried.len()).unwrap_or(u128::MAX);
        let share = |load: u64| u128::from(load).saturating_mul(hosts).saturating_mul(10);
        let most = self.carried.values().copied().max()?;
        if share(most) <= total.saturating_mul(11) && share(least) >= total.saturating_mul(9) {
            return None;
        }
        let mut sources: Vec<(u64, Incarnation)> =
            self.carried.iter().map(|(&node, &carried)| (carried, node)).collect();
        sources.sort_by_key(|&(carried, node)| (Reverse(carried), node));
        let sources = sources.into_iter().map(|(carried, node)| (carried.saturating_sub(least), node));
        sources
            .take_while(|&(surplus, _)| share(surplus) > total)
            .find_map(|(surplus, from)| Some((self.best_shard(from, surplus)?, from, to)))
    }

    /// Of the shards that stay on `from`, the one closest to half of what it carries more than the other; a shard as
    /// heavy as the whole surplus would only swap the two.
    fn best_shard(&self, from: Incarnation, surplus: u64) -> Option<ShardId> {
        let stays = |shard: &ShardId| self.table.next(*shard).is_none() && self.weight(*shard) < surplus;
        self.table
            .owned_by(from)
            .filter(stays)
            .min_by_key(|&shard| self.weight(shard).saturating_mul(2).abs_diff(surplus))
    }
}

#[cfg(test)]
mod tests;
