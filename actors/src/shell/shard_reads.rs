//! Reads of the store for the entities of a shard. A few are on their way at a time; what is asked meanwhile goes
//! together in the next. Where many entities of a shard wait for their states, as in batch work, these are read in the
//! order of keys with one scan over all of them.

mod neighbours;

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use cluster::BackOff;
use storage::{Read, ReadAnswer, Store, StoreError};

use super::entity_id::EntityId;
use super::parcel::Channel;
use super::reading::Lookup;
use super::request_id::RequestKey;

/// What a read is for.
#[derive(Debug)]
pub(crate) enum Purpose {
    /// The state of an entity.
    Load { entity: EntityId, activation: u64 },
    /// Whether requests were answered, and what was taken from senders.
    LookUp { entity: EntityId, activation: u64, asked: Vec<Asked> },
    /// Facts for the command in hand.
    Facts { entity: EntityId, activation: u64, lookups: Vec<Lookup> },
    /// The first timers.
    Timers,
    /// Whether there are kept answers of days before this one.
    OldAnswers { first_day: u32 },
    /// The timers of an entity that was unparked.
    Aside,
    /// What a parked entity took of a channel whose messages are to be taken out of the way.
    Divert { channel: Channel, messages: Vec<(u64, Bytes)> },
    /// The timers of a parked entity, to be taken out of the way.
    DivertTimers { entity: EntityId },
}

/// One row that is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Request(RequestKey),
    Sender(EntityId),
}

#[derive(Debug)]
pub(crate) struct ReadDone {
    pub(crate) purpose: Purpose,
    pub(crate) answers: Result<Vec<ReadAnswer>, StoreError>,
}

/// Reads that wait and how many are on their way.
#[derive(Debug, Default)]
pub(crate) struct ReadQueue {
    waiting: VecDeque<(Purpose, Vec<Read>)>,
    on_the_way: usize,
    /// So many groups are read one entity at a time, since those that waited lay too far apart.
    apart: usize,
}

/// Reads that go together.
#[derive(Debug)]
pub(crate) struct Group {
    asked: Vec<(Purpose, Vec<Read>)>,
    /// Whether states may be read by scans over several entities.
    as_neighbours: bool,
}

/// What became of a group.
#[derive(Debug)]
pub(crate) struct GroupDone {
    pub(crate) done: Vec<ReadDone>,
    /// States were read by scans over several entities, most of which nobody had asked for.
    lay_apart: bool,
}

const ON_THE_WAY: usize = 4;
const GROUP: usize = 512;
/// From so many states on it is tried to read them as neighbours.
const NEIGHBOURS: usize = 16;
/// How many groups pass before neighbours are looked for again where there were few.
const APART_FOR: usize = 64;

impl ReadQueue {
    pub(crate) fn push(&mut self, purpose: Purpose, reads: Vec<Read>) {
        self.waiting.push_back((purpose, reads));
    }

    /// The next group to send, if there is one.
    pub(crate) fn next_group(&mut self) -> Option<Group> {
        if self.waiting.is_empty() || self.on_the_way >= ON_THE_WAY {
            return None;
        }
        self.on_the_way = self.on_the_way.saturating_add(1);
        let size = self.waiting.len().min(GROUP);
        let asked: Vec<_> = self.waiting.drain(..size).collect();
        if self.waiting.is_empty() {
            // A queue that was long once keeps no room for it.
            self.waiting = VecDeque::new();
        }
        let loads = asked.iter().filter(|(purpose, _)| matches!(purpose, Purpose::Load { .. })).count();
        let as_neighbours = loads >= NEIGHBOURS && self.apart == 0;
        if loads >= NEIGHBOURS {
            self.apart = self.apart.saturating_sub(1);
        }
        Some(Group { asked, as_neighbours })
    }

    /// A group came back.
    pub(crate) fn group_done(&mut self, group: GroupDone) -> Vec<ReadDone> {
        self.on_the_way = self.on_the_way.saturating_sub(1);
        if group.lay_apart {
            self.apart = APART_FOR;
        }
        group.done
    }
}

/// Reads a group, waiting for a store that is away. A load is read to its end.
pub(crate) async fn read_group(store: Arc<dyn Store>, group: Group, back_off: BackOff) -> GroupDone {
    let Group { asked, as_neighbours } = group;
    let is_load = |(purpose, _): &(Purpose, Vec<Read>)| matches!(purpose, Purpose::Load { .. });
    let (loads, others): (Vec<_>, Vec<_>) =
        asked.into_iter().partition(|asked| as_neighbours && is_load(asked));
    let mut group = read_each(&*store, others, back_off).await;
    let mut lay_apart = false;
    if !loads.is_empty() {
        let (found, left) = neighbours::read(&*store, loads, back_off).await;
        lay_apart = !left.is_empty();
        group.extend(found);
        group.extend(read_each(&*store, left, back_off).await);
    }
    GroupDone { done: group, lay_apart }
}

async fn read_each(store: &dyn Store, asked: Vec<(Purpose, Vec<Read>)>, back_off: BackOff) -> Vec<ReadDone> {
    if asked.is_empty() {
        return Vec::new();
    }
    let reads = asked.iter().flat_map(|(_, reads)| reads.iter().cloned()).collect();
    let answers = read_patiently(store, reads, back_off).await;
    let mut answers = answers.map(Vec::into_iter);
    let mut done = Vec::with_capacity(asked.len());
    for (purpose, reads) in asked {
        let own = match &mut answers {
            Ok(answers) => Ok(answers.by_ref().take(reads.len()).collect()),
            Err(error) => Err(error.clone()),
        };
        let answers = match (own, &purpose) {
            (Ok(own), Purpose::Load { .. } | Purpose::Aside | Purpose::DivertTimers { .. }) => {
                read_to_the_end(store, &reads, own, back_off).await
            }
            (own, _) => own,
        };
        done.push(ReadDone { purpose, answers });
    }
    done
}

async fn read_patiently(
    store: &dyn Store,
    reads: Vec<Read>,
    back_off: BackOff,
) -> Result<Vec<ReadAnswer>, StoreError> {
    let mut pause = std::time::Duration::ZERO;
    loop {
        match store.read(reads.clone()).await {
            Err(StoreError::Unavailable { .. }) => {}
            answers => return answers,
        }
        pause = back_off.after(pause);
        tokio::time::sleep(pause).await;
    }
}

/// Reads what is left of pages that ended early. Nobody else writes these rows, so the pages belong together.
async fn read_to_the_end(
    store: &dyn Store,
    reads: &[Read],
    mut answers: Vec<ReadAnswer>,
    back_off: BackOff,
) -> Result<Vec<ReadAnswer>, StoreError> {
    for (read, answer) in reads.iter().zip(&mut answers) {
        let (Read::Scan(scan), ReadAnswer::Page(page)) = (read, answer) else { continue };
        while let Some(next) = scan.after(page) {
            let more = read_patiently(store, vec![Read::Scan(next)], back_off).await?;
            for answer in more {
                let next_page = answer.into_page()?;
                page.rows.extend(next_page.rows);
                page.more = next_page.more;
            }
        }
    }
    Ok(answers)
}
