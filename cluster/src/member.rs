//! A node's membership in a cluster: it beats, looks, buries the dead and proposes what follows.
//!
//! A member does nothing by itself: whoever runs the node calls [`Member::step`] once per [`Member::beat`], and earlier
//! when a peer says that the table changed. It reads no clock but the one it was given.

mod join;
mod leave;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use storage::{Commit, CommitOutcome, StoreError};

use crate::charter::Charter;
use crate::clock::Clock;
use crate::head::Incarnation;
use crate::lease::{Lease, Standing};
use crate::load::Loads;
use crate::look::{Calls, View};
use crate::map::Map;
use crate::node::{NodeName, NodeRow, Peer};
use crate::proposal::propose;
use crate::rows::{load_key, node_key};
use crate::settle::BackOff;
use crate::shard::ShardCount;
use crate::stillness::Stillness;

pub use join::JoinError;

/// How often a node says what its shards weigh, and learns what the others' do.
const LOADS_EVERY_MS: u64 = 10_000;

/// How a node takes part in a cluster.
#[derive(Clone, Debug)]
pub struct MemberOptions {
    /// This start of the node: drawn at random, never used before.
    pub incarnation: Incarnation,
    /// What people call the node; no two that run may have the same.
    pub name: NodeName,
    /// Where other nodes reach it, `host:port`.
    pub address: Arc<str>,
    /// Into how many shards the store is divided; refused if the store says otherwise.
    pub shard_count: ShardCount,
    /// How long the node may be silent before others take its shards.
    pub lease: Duration,
    /// Whether no other process can use the store: every other node in it is one that died.
    pub exclusive: bool,
    /// How many shards may be on their way from one node to another at once.
    pub moves_at_once: usize,
    /// Pauses before asking the store again.
    pub back_off: BackOff,
}

/// A node that joined.
#[derive(Debug)]
pub struct Member {
    calls: Calls,
    clock: Arc<dyn Clock>,
    options: MemberOptions,
    charter: Charter,
    lease: Arc<Lease>,
    map: Arc<Map>,
    /// The own row as it was last known to be, and its stored form.
    row: NodeRow,
    stored: Bytes,
    /// The renewal under way, when its outcome is not known.
    doubt: Option<Renewal>,
    stillness: Stillness,
    /// Since when the table, in which version, needs a change that is another's to make.
    needed_since: Option<(u64, u64)>,
    loads: Loads,
    loads_read_ms: Option<u64>,
    loads_written: Option<(u64, Loads)>,
}

/// One attempt to beat.
#[derive(Clone, Debug)]
struct Renewal {
    row: NodeRow,
    stored: Bytes,
    /// When the first attempt at this very row began.
    began_ms: u64,
}

/// What a step found and did.
#[derive(Clone, Debug)]
pub struct Step {
    /// What the node may do now.
    pub standing: Standing,
    /// What is known now.
    pub map: Arc<Map>,
    /// Whether this step changed the table, or may have: the other nodes should look at once.
    pub changed: bool,
    /// The nodes this step declared dead.
    pub buried: Vec<Peer>,
    /// What went wrong; the next step tries again.
    pub trouble: Option<StoreError>,
}

impl Member {
    /// What was fixed when the store was created.
    pub fn charter(&self) -> Charter {
        self.charter
    }

    /// This node as others see it.
    pub fn peer(&self) -> &Peer {
        &self.row.peer
    }

    /// What was known after the last step.
    pub fn map(&self) -> Arc<Map> {
        Arc::clone(&self.map)
    }

    /// How the node stands, to be asked at any moment, also during a step.
    pub fn lease(&self) -> Arc<Lease> {
        Arc::clone(&self.lease)
    }

    /// The time from one step to the next: a tenth of the lease, within 50 ms and a second.
    pub fn beat(&self) -> Duration {
        beat_of(self.options.lease)
    }

    /// Renews the node's own row, looks at the cluster, buries who stood still for its lease, and proposes what the table
    /// should be. Each is tried once and given up after a third of the lease; what failed is in
    /// [`Step::trouble`]. `loads` is what the node's own shards weigh.
    ///
    /// Expulsion is found out before anything is done about others.
    pub async fn step(&mut self, loads: &Loads) -> Step {
        let mut trouble = None;
        if self.lease.standing() != Standing::Expelled {
            trouble = self.renew(loads).await.err();
            match self.look().await {
                Ok((view, between_ms)) => return self.judge(view, between_ms, trouble).await,
                Err(error) => trouble = Some(error),
            }
            self.lose_sight();
        }
        self.report(false, Vec::new(), trouble)
    }

    /// Puts the own counter forward. Where that is not certain, a renewal stays in doubt, and the very same is tried again
    /// until the row shows that it happened.
    async fn renew(&mut self, loads: &Loads) -> Result<(), StoreError> {
        let began_ms = self.clock.monotonic_ms();
        let renewal = self.doubt.clone().unwrap_or_else(|| {
            let row = self.row.renewed();
            Renewal { stored: row.to_bytes(), row, began_ms }
        });
        let key = node_key(self.options.incarnation);
        let mut commit =
            Commit::new().expect_value(key.clone(), self.stored.clone()).put(key, renewal.stored.clone());
        let due = self.loads_written.as_ref().is_none_or(|(written_ms, written)| {
            began_ms.saturating_sub(*written_ms) >= LOADS_EVERY_MS && written != loads
        });
        if due {
            commit = commit.put(load_key(self.options.incarnation), loads.to_bytes());
        }
        self.doubt = Some(renewal.clone());
        match self.calls.commit(commit).await? {
            CommitOutcome::Committed => {
                self.adopt(Renewal { began_ms, ..renewal });
                if due {
                    self.loads_written = Some((began_ms, loads.clone()));
                }
                Ok(())
            }
            CommitOutcome::Conflict { .. } => Ok(()),
            CommitOutcome::Unknown => Err(self.calls.silent()),
        }
    }

    /// A renewal that certainly happened.
    fn adopt(&mut self, renewal: Renewal) {
        self.doubt = None;
        self.lease.renewed(renewal.began_ms);
        self.row = renewal.row;
        self.stored = renewal.stored;
    }

    /// Looks at the others; at the loads now and then.
    async fn look(&mut self) -> Result<(View, (u64, u64)), StoreError> {
        let now_ms = self.clock.monotonic_ms();
        let due = self.loads_read_ms.is_none_or(|read_ms| now_ms.saturating_sub(read_ms) >= LOADS_EVERY_MS);
        let (view, between_ms) = self.calls.look_by(&*self.clock, self.charter.shard_count, due).await?;
        if let Some(told) = &view.loads {
            self.loads_read_ms = Some(now_ms);
            weigh(&mut self.loads, told, &view);
        }
        Ok((view, between_ms))
    }

    /// What a look means: first for this node, then for the others.
    async fn judge(&mut self, view: View, between_ms: (u64, u64), trouble: Option<StoreError>) -> Step {
        let found = view.nodes.get(&self.options.incarnation).map(|seen| &seen.value);
        self.map = Arc::new(view.map());
        if let Some(renewal) = self.doubt.take_if(|renewal| found == Some(&renewal.stored)) {
            self.adopt(renewal);
        }
        if found != Some(&self.stored) {
            self.lease.end();
            return self.report(false, Vec::new(), None);
        }
        if self.doubt.is_some() {
            self.lose_sight();
            return self.report(false, Vec::new(), trouble);
        }
        let beating = view.nodes.iter().map(|(&node, seen)| seen.beating(node));
        let mut dead = self.stillness.observe(beating, between_ms, self.options.lease / 2);
        dead.remove(&self.options.incarnation);
        self.propose(view, dead).await
    }

    /// Whoever could not renew or look is no judge of others, and starts watching them anew.
    fn lose_sight(&mut self) {
        self.stillness.restart();
        self.needed_since = None;
    }

    /// Commits what should follow, if it is this node's turn.
    async fn propose(&mut self, view: View, dead: BTreeSet<Incarnation>) -> Step {
        let balance = (&self.loads, self.options.moves_at_once);
        let proposal = propose(&view, &dead, None, balance);
        let Some(proposal) = proposal else {
            self.needed_since = None;
            return self.report(false, Vec::new(), None);
        };
        if !self.is_my_turn(&view, &dead) {
            return self.report(false, Vec::new(), None);
        }
        match self.calls.commit(proposal.commit).await {
            Ok(CommitOutcome::Committed) => {
                self.needed_since = None;
                self.map = Arc::new(view.map_with(proposal.table, &dead));
                self.report(true, view.peers(&dead), None)
            }
            // Somebody was quicker, or one of the dead beats after all.
            Ok(CommitOutcome::Conflict { .. }) => self.report(false, Vec::new(), None),
            // The next step sees what became of it.
            Ok(CommitOutcome::Unknown) => self.report(true, Vec::new(), None),
            Err(error) => self.report(false, Vec::new(), Some(error)),
        }
    }

    /// The living node with the smallest incarnation changes the table; another only if it did not for a lease.
    fn is_my_turn(&mut self, view: &View, dead: &BTreeSet<Incarnation>) -> bool {
        let first = view.nodes.keys().find(|node| !dead.contains(node));
        let now_ms = self.clock.monotonic_ms();
        let version = view.table.version();
        let (_, since_ms) = *self
            .needed_since
            .insert(self.needed_since.filter(|&(seen, _)| seen == version).unwrap_or((version, now_ms)));
        first == Some(&self.options.incarnation)
            || Duration::from_millis(now_ms.saturating_sub(since_ms)) >= self.options.lease
    }

    fn report(&self, changed: bool, buried: Vec<Peer>, trouble: Option<StoreError>) -> Step {
        Step { standing: self.lease.standing(), map: Arc::clone(&self.map), changed, buried, trouble }
    }
}

/// The time between two steps under this lease.
fn beat_of(lease: Duration) -> Duration {
    (lease / 10).clamp(Duration::from_millis(50), Duration::from_secs(1))
}

/// Takes in what the nodes say. The owner of a shard knows best; of one that it does not name yet, because it just
/// got it, the last known weight stays.
fn weigh(known: &mut Loads, told: &BTreeMap<Incarnation, Loads>, view: &View) {
    for (&node, loads) in told {
        for (shard, weight) in loads.iter() {
            if view.table.owner(shard) == Some(node) {
                known.set(shard, weight);
            } else {
                known.set_unknown(shard, weight);
            }
        }
    }
}
