//! The table of shards: which node is to run which, as one row that everybody changes by compare-and-set.
//!
//! A node runs a shard only while the table names it as the owner; a shard that is to go to another node has that one
//! as its next until the owner has let it go. Every change makes a new version, so that no content comes back.

mod stored;

use std::collections::{BTreeMap, BTreeSet};

use crate::head::Incarnation;
use crate::shard::{ShardCount, ShardId};

/// One version of the table. The default has no shards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    version: u64,
    /// The nodes of the cluster and whether somebody wished that each give up its shards.
    nodes: BTreeMap<Incarnation, bool>,
    /// Those of them whose wall clock is off: they give up their shards as well.
    clocks_off: BTreeSet<Incarnation>,
    /// By shard. Names only nodes of the table; a next has an owner that is another node.
    places: Vec<Place>,
}

/// Where one shard is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    owner: Option<Incarnation>,
    next: Option<Incarnation>,
}

impl Table {
    /// The table before the first node joins: version 0, which is never stored.
    pub fn new(shard_count: ShardCount) -> Table {
        let places = shard_count.shards().map(|_| Place::default()).collect();
        Table { places, ..Table::default() }
    }

    /// How often the table was changed.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many shards it has.
    pub fn shard_count(&self) -> usize {
        self.places.len()
    }

    /// Every shard, in rising order.
    pub fn shards(&self) -> impl Iterator<Item = ShardId> + use<> {
        (0..=u16::MAX).map(ShardId::new).take(self.places.len())
    }

    /// The node that is to run the shard; `None` while nobody is, or there is no such shard.
    pub fn owner(&self, shard: ShardId) -> Option<Incarnation> {
        self.places.get(shard.index()).and_then(|place| place.owner)
    }

    /// The node to which the owner is to hand the shard.
    pub fn next(&self, shard: ShardId) -> Option<Incarnation> {
        self.places.get(shard.index()).and_then(|place| place.next)
    }

    /// The nodes of the cluster, in rising order.
    pub fn nodes(&self) -> impl Iterator<Item = Incarnation> + '_ {
        self.nodes.keys().copied()
    }

    /// Whether the node is in the table.
    pub fn has(&self, node: Incarnation) -> bool {
        self.nodes.contains_key(&node)
    }

    /// Whether the node is to give up its shards and gets no others, by wish or because its clock is off.
    pub fn is_draining(&self, node: Incarnation) -> bool {
        self.is_wished_away(node) || self.is_clock_off(node)
    }

    /// Whether the node has said that its wall clock is off.
    pub fn is_clock_off(&self, node: Incarnation) -> bool {
        self.clocks_off.contains(&node)
    }

    /// Whether somebody wished that the node give up its shards.
    pub(crate) fn is_wished_away(&self, node: Incarnation) -> bool {
        self.nodes.get(&node).copied().unwrap_or_default()
    }

    /// The shards a node is to run, in rising order.
    pub fn owned_by(&self, node: Incarnation) -> impl Iterator<Item = ShardId> + '_ {
        self.shards().filter(move |&shard| self.owner(shard) == Some(node))
    }

    /// The shards that are to be handed to a node, in rising order.
    pub fn arriving_at(&self, node: Incarnation) -> impl Iterator<Item = ShardId> + '_ {
        self.shards().filter(move |&shard| self.next(shard) == Some(node))
    }

    /// How many shards are being handed over.
    pub fn moving(&self) -> usize {
        self.places.iter().filter(|place| place.next.is_some()).count()
    }

    /// Sets the nodes of the table and which of them are wished away. Shards of others lose their owner, and none goes to one that is not to get any; what
    /// was on its way from a node that is gone has arrived.
    pub(crate) fn set_nodes(&mut self, nodes: BTreeMap<Incarnation, bool>) {
        self.clocks_off.retain(|node| nodes.contains_key(node));
        self.nodes = nodes;
        let (nodes, clocks_off) = (&self.nodes, &self.clocks_off);
        let takes = |next: &Incarnation| nodes.get(next) == Some(&false) && !clocks_off.contains(next);
        for place in &mut self.places {
            place.owner = place.owner.filter(|owner| nodes.contains_key(owner));
            place.next = place.next.filter(takes);
            if place.owner.is_none() {
                place.owner = place.next.take();
            }
        }
    }

    /// Sets whether the clock of a node of the table is off.
    pub(crate) fn set_clock_off(&mut self, node: Incarnation, off: bool) {
        if off && self.has(node) {
            self.clocks_off.insert(node);
        } else {
            self.clocks_off.remove(&node);
        }
    }

    /// Sets whether somebody wishes that a node of the table give up its shards.
    pub(crate) fn set_draining(&mut self, node: Incarnation, draining: bool) {
        if let Some(flag) = self.nodes.get_mut(&node) {
            *flag = draining;
        }
    }

    /// Gives a shard to a node of the table, or to nobody.
    pub(crate) fn set_owner(&mut self, shard: ShardId, owner: Option<Incarnation>) {
        if let Some(place) = self.places.get_mut(shard.index()) {
            *place = Place { owner, next: None };
        }
    }

    /// Says to which node of the table the owner is to hand a shard, if it has one and that is another.
    pub(crate) fn set_next(&mut self, shard: ShardId, next: Option<Incarnation>) {
        if let Some(place) = self.places.get_mut(shard.index()) {
            place.next = next.filter(|next| place.owner.is_some_and(|owner| owner != *next));
        }
    }

    /// This content as the version after `previous`.
    pub(crate) fn after(mut self, previous: &Table) -> Table {
        self.version = previous.version.saturating_add(1);
        self
    }
}
