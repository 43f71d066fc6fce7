//! Joining: everything that would make this node misread or disturb the others is found out before it takes part.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use storage::{Commit, CommitOutcome, Read, ReadAnswer, Store, StoreError};

use super::{Member, MemberOptions, beat_of, weigh};
use crate::charter::{Charter, CharterError, charter_key};
use crate::clock::Clock;
use crate::head::Incarnation;
use crate::lease::Lease;
use crate::level::Level;
use crate::load::Loads;
use crate::look::{Calls, Seen, View};
use crate::node::{NodeName, NodeRow, Peer};
use crate::proposal::propose;
use crate::rows::{MalformedRow, copying_key, node_key};
use crate::stillness::Stillness;

/// How often in a row the store may not answer.
const FAILURES: u32 = 3;
/// How often others may be quicker.
const RACES: u32 = 200;
/// The longest pause after others were quicker.
const PAUSE: Duration = Duration::from_millis(200);

/// Why a node did not join. Nothing was changed, but for the charter of a new store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The store is one into which data is being copied, or where that was interrupted.
    #[error("the store is an incomplete copy; let the copy end, or empty the store and copy again")]
    Incomplete,
    /// The store holds forms that this release can't read.
    #[error("the store has level {stored}, this release knows levels up to {known}; start a newer release")]
    Level {
        /// The level in the store.
        stored: Level,
        /// The highest level known here.
        known: Level,
    },
    /// The store was made for something else.
    #[error(transparent)]
    Charter(#[from] CharterError),
    /// Another process runs under the same name.
    #[error(
        "a node named {name} runs already, at {address} (start {incarnation}); give every node a name of its own"
    )]
    NameInUse {
        /// The name.
        name: NodeName,
        /// Where that node is reached.
        address: Arc<str>,
        /// Which start it is.
        incarnation: Incarnation,
    },
    /// A row of the cluster can't be read.
    #[error(transparent)]
    Malformed(#[from] MalformedRow),
    /// The store can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Member {
    /// Checks that the store is whole, that this release can read it, that it has the right number of shards and that no
    /// other node runs under the same name; then enters the table. A dead node of the same name is awaited for its
    /// lease and buried. Ends within that and a few seconds, whatever the store does.
    ///
    /// On an exclusive store everybody else is dead, and the node owns every shard at once.
    pub async fn join(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        options: MemberOptions,
    ) -> Result<Member, JoinError> {
        let calls = Calls { store, limit: options.lease / 3 };
        let level = check_store(&calls).await?;
        let agreed = Charter::agree(&*calls.store, options.shard_count);
        let charter = match tokio::time::timeout(options.lease, agreed).await {
            Ok(charter) => charter?,
            Err(_) => return Err(calls.silent().into()),
        };
        let peer = Peer {
            incarnation: options.incarnation,
            name: options.name.clone(),
            address: Arc::clone(&options.address),
        };
        let row = NodeRow { peer, counter: 1, level: Level::KNOWN, lease: options.lease };
        let premises = premises(charter, level);
        let entry =
            Entry { calls: &calls, clock: &*clock, options: &options, row: &row, premises: &premises };
        let (view, began_ms) = entry.enter().await?;
        Ok(Member {
            lease: Arc::new(Lease::new(Arc::clone(&clock), options.lease, began_ms)),
            map: Arc::new(view.map()),
            stored: row.to_bytes(),
            row,
            doubt: None,
            stillness: Stillness::default(),
            needed_since: None,
            loads: Loads::new(),
            loads_read_ms: None,
            loads_written: None,
            calls,
            clock,
            options,
            charter,
        })
    }
}

/// Refuses an incomplete copy and a level that is not known here; gives the row of the level.
async fn check_store(calls: &Calls) -> Result<Option<Bytes>, JoinError> {
    let reads = vec![Read::Get(copying_key()), Read::Get(Level::key())];
    let answers = calls.read(reads).await?;
    let values: Vec<_> = answers.into_iter().map(ReadAnswer::into_value).collect::<Result<_, _>>()?;
    if values.first().is_some_and(Option::is_some) {
        return Err(JoinError::Incomplete);
    }
    let row = values.into_iter().nth(1).flatten();
    let (stored, known) = (Level::from_row(row.as_deref())?, Level::KNOWN);
    if stored > known { Err(JoinError::Level { stored, known }) } else { Ok(row) }
}

/// What was found out about the store, as what the commit that enters expects: a copy, a restore or a newer release that
/// comes in between finds no node that does not know of it.
fn premises(charter: Charter, level: Option<Bytes>) -> Commit {
    let commit = Commit::new().expect_value(charter_key(), charter.to_bytes()).expect_absent(copying_key());
    match level {
        Some(level) => commit.expect_value(Level::key(), level),
        None => commit.expect_absent(Level::key()),
    }
}

/// A node at the door.
struct Entry<'a> {
    calls: &'a Calls,
    clock: &'a dyn Clock,
    options: &'a MemberOptions,
    row: &'a NodeRow,
    /// Only expectations.
    premises: &'a Commit,
}

impl Entry<'_> {
    /// Enters the table; gives the look that shows it and when the commit that did it began, at the earliest.
    async fn enter(&self) -> Result<(View, u64), JoinError> {
        let mut stillness = Stillness::default();
        let mut attempt = Attempt { began_ms: self.clock.monotonic_ms(), in_doubt: false };
        let (mut failures, mut races, mut looks) = (0, 0, 0);
        loop {
            let (view, between_ms) =
                match self.calls.look_by(self.clock, self.options.shard_count, true).await {
                    Ok(found) => found,
                    Err(error) => {
                        stillness.restart();
                        failures += 1;
                        if failures >= FAILURES || !matches!(error, StoreError::Unavailable { .. }) {
                            return Err(error.into());
                        }
                        tokio::time::sleep(self.pause(failures)).await;
                        continue;
                    }
                };
            failures = 0;
            if view.nodes.contains_key(&self.options.incarnation) {
                return Ok((view, attempt.began_ms));
            }
            let Some(gone) = self.gone(&view, between_ms, &mut stillness)? else {
                looks += 1;
                if looks > self.looks_at_most(&view) {
                    return Err(still_watching(&self.options.name).into());
                }
                tokio::time::sleep(beat_of(self.options.lease)).await;
                continue;
            };
            if races > RACES {
                return Err(too_many().into());
            }
            if races > 0 {
                tokio::time::sleep(self.pause(races)).await;
            }
            races += 1;
            self.try_to_enter(&view, &gone, &mut attempt).await?;
        }
    }

    /// One commit; what became of it the next look tells.
    async fn try_to_enter(
        &self,
        view: &View,
        gone: &BTreeSet<Incarnation>,
        attempt: &mut Attempt,
    ) -> Result<(), JoinError> {
        let mut loads = Loads::new();
        if let Some(told) = &view.loads {
            weigh(&mut loads, told, view);
        }
        let balance = (&loads, self.options.moves_at_once);
        let Some(proposal) = propose(view, gone, Some(self.options.incarnation), balance) else {
            return Ok(());
        };
        let key = node_key(self.options.incarnation);
        let mut commit = proposal.commit.expect_absent(key.clone()).put(key, self.row.to_bytes());
        commit.expectations.extend(self.premises.expectations.iter().cloned());
        if !attempt.in_doubt {
            attempt.began_ms = self.clock.monotonic_ms();
        }
        match self.calls.commit(commit).await {
            Ok(CommitOutcome::Unknown) => attempt.in_doubt = true,
            Ok(CommitOutcome::Conflict { key })
                if self.premises.expectations.iter().any(|premise| premise.key == key) =>
            {
                return Err(changed().into());
            }
            Ok(_) | Err(StoreError::Unavailable { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// The nodes whose place this one takes; `None` if that is not certain yet.
    fn gone(
        &self,
        view: &View,
        between_ms: (u64, u64),
        stillness: &mut Stillness,
    ) -> Result<Option<BTreeSet<Incarnation>>, JoinError> {
        if self.options.exclusive {
            return Ok(Some(view.nodes.keys().copied().collect()));
        }
        let namesakes: Vec<(Incarnation, &Seen)> = view
            .nodes
            .iter()
            .filter(|(_, seen)| seen.row.peer.name == self.options.name)
            .map(|(&node, seen)| (node, seen))
            .collect();
        if let Some((node, seen)) = namesakes.iter().find(|(node, seen)| stillness.moved(*node, &seen.value))
        {
            let (name, address) = (self.options.name.clone(), Arc::clone(&seen.row.peer.address));
            return Err(JoinError::NameInUse { name, address, incarnation: *node });
        }
        let beating = namesakes.iter().map(|&(node, seen)| seen.beating(node));
        let dead = stillness.observe(beating, between_ms, self.options.lease / 2);
        Ok((dead.len() == namesakes.len()).then_some(dead))
    }

    /// So many looks see a lease pass, and some more, if the clock moves at all.
    fn looks_at_most(&self, view: &View) -> u128 {
        let longest = view.nodes.values().map(|seen| seen.row.lease).max().unwrap_or_default();
        let beats = longest.as_millis().checked_div(beat_of(self.options.lease).as_millis());
        beats.unwrap_or_default().saturating_mul(2).saturating_add(10)
    }

    /// Different for every node, so that those who start together don't meet again and again.
    fn pause(&self, attempt: u32) -> Duration {
        let share = u32::try_from(self.options.incarnation.number() % 8).unwrap_or_default();
        let pause = self.options.back_off.shortest.saturating_mul(attempt.saturating_mul(8 + share)) / 8;
        pause.min(PAUSE)
    }
}

/// What is known of the commits by which a node enters.
struct Attempt {
    /// When the first of those that may have happened began.
    began_ms: u64,
    /// Whether the outcome of one is not known.
    in_doubt: bool,
}

fn changed() -> StoreError {
    let reason = "it was copied into, restored or raised to another level while the node joined; start again";
    StoreError::Unavailable { reason: reason.to_owned() }
}

fn too_many() -> StoreError {
    let reason = "too many nodes change the table of shards at once; start again";
    StoreError::Unavailable { reason: reason.to_owned() }
}

fn still_watching(name: &NodeName) -> StoreError {
    let reason = format!("whether a node named {name} still runs could not be found out; start again");
    StoreError::Unavailable { reason }
}
