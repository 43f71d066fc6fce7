//! A tenant's log of events as one sequence: its partitions read side by side, the earlier event first.
//!
//! What is given behind a cursor follows from the entries alone, however many are asked for at once: of the first entry
//! of each partition that was not given, the one registered first is next. Entries of one account are in one partition,
//! so that their order is the account's.

use std::collections::VecDeque;

use actors::entity::row::Suffixes;
use actors::entity::{entity_id, row};
use actors::shell::{EntityId, Section, Tenant};
use bytes::Bytes;
use domain::entity::Recipient;
use domain::entity::event_log::{Cursor, Partition};
use domain::webhook::EventChoice;
use proto::events as message;

use crate::gateway::{Failure, Gateway, decode};

/// How many entries of a partition are read at once at least.
const FEWEST_READ: usize = 8;

/// The log of a tenant, of which some events are wanted.
#[derive(Clone)]
pub(crate) struct Log {
    gateway: Gateway,
    tenant: Tenant,
    choice: EventChoice,
}

/// A part of the log.
pub(crate) struct Part {
    /// The events that are wanted.
    pub(crate) events: Vec<Placed>,
    /// The place behind all that was looked at.
    pub(crate) cursor: Cursor,
    /// How many entries were looked at.
    pub(crate) looked_at: usize,
    /// Whether there was nothing more.
    pub(crate) is_last: bool,
}

/// An event with the place behind it.
pub(crate) struct Placed {
    pub(crate) event: message::AccountEvent,
    pub(crate) cursor: Cursor,
}

/// The next entries of a partition.
struct Ahead {
    partition: Partition,
    entries: VecDeque<(u64, message::AccountEvent)>,
    /// The place of the last entry that was read.
    read_to: u64,
    /// Whether nothing was behind that.
    is_read_out: bool,
}

impl Log {
    /// The log of a tenant.
    pub(crate) fn new(gateway: Gateway, tenant: Tenant, choice: EventChoice) -> Self {
        Self { gateway, tenant, choice }
    }

    pub(crate) fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// What stands behind a cursor: so many entries are looked at. They are rows that never change, so that what is
    /// stored is what is the case, and no entity is asked. Of each partition a share is read, and more where that ran out:
    /// what is read and not given is no more than a share of each.
    pub(crate) async fn part(&self, from: &Cursor, most: usize) -> Result<Part, Failure> {
        let partitions = self.partitions();
        let share = most.checked_div(partitions.len()).unwrap_or(most).max(FEWEST_READ);
        let mut ahead: Vec<Ahead> =
            partitions.into_iter().map(|partition| Ahead::of(partition, from)).collect();
        let mut part = Part { events: Vec::new(), cursor: from.clone(), looked_at: 0, is_last: false };
        while part.looked_at < most {
            self.read_on(&mut ahead, share).await?;
            let Some((partition, place, event)) = earliest(&mut ahead) else { break };
            part.looked_at = part.looked_at.saturating_add(1);
            part.cursor.set(partition, place);
            if self.wants(&event) {
                let event_id = format!("{}-{place}", partition.number());
                let event = message::AccountEvent { event_id, ..event };
                part.events.push(Placed { event, cursor: part.cursor.clone() });
            }
        }
        part.is_last = ahead.iter().all(|ahead| ahead.entries.is_empty() && ahead.is_read_out);
        Ok(part)
    }

    /// An event of a kind that a later release knows is wanted by whoever wants all.
    fn wants(&self, event: &message::AccountEvent) -> bool {
        match event.kind().try_into() {
            Ok(kind) => self.choice.wants(&event.account_id, kind),
            Err(_) => {
                self.choice.kinds.is_empty()
                    && self.choice.account.as_ref().is_none_or(|account| *account == event.account_id)
            }
        }
    }

    /// Where events that are wanted may stand.
    fn partitions(&self) -> Vec<Partition> {
        match &self.choice.account {
            Some(account) => vec![Partition::of_account(account)],
            None => Partition::all().collect(),
        }
    }

    /// Reads the next entries of each partition that has none left, all of them at once.
    async fn read_on(&self, ahead: &mut [Ahead], most: usize) -> Result<(), Failure> {
        let mut short: Vec<&mut Ahead> = ahead.iter_mut().filter(|ahead| ahead.is_short()).collect();
        if short.is_empty() {
            return Ok(());
        }
        let asked: Result<Vec<_>, Failure> = short.iter().map(|ahead| self.behind(ahead)).collect();
        let read = self.gateway.node().rows_of_each(Section::Record, &asked?, most).await;
        for (ahead, (rows, has_more)) in short.iter_mut().zip(read.map_err(Failure::Store)?) {
            ahead.is_read_out = !has_more;
            for row in rows {
                let unreadable = || Failure::Unreadable("an entry of the log without a place".to_owned());
                let place = row::event_place(&row.suffix).ok_or_else(unreadable)?;
                ahead.entries.push_back((place, decode::<message::AccountEvent>(&row.value)?));
                ahead.read_to = place;
            }
        }
        Ok(())
    }

    /// The rows of a partition behind what was read.
    fn behind(&self, ahead: &Ahead) -> Result<(EntityId, Bytes, Bytes), Failure> {
        let entity = entity_id(&self.tenant, &Recipient::EventLog(ahead.partition)).map_err(Failure::Name)?;
        let Suffixes { from, until } = row::events_from(ahead.read_to.saturating_add(1));
        Ok((entity, from, until))
    }
}

impl Ahead {
    /// Nothing read yet behind a cursor.
    fn of(partition: Partition, from: &Cursor) -> Self {
        let read_to = from.place(partition);
        Self { partition, entries: VecDeque::new(), read_to, is_read_out: false }
    }

    /// Whether it has to be read before it is known which entry is next.
    fn is_short(&self) -> bool {
        self.entries.is_empty() && !self.is_read_out
    }
}

/// Takes the entry that was registered first of those that are first in their partition; of several the one of the lowest
/// partition.
fn earliest(ahead: &mut [Ahead]) -> Option<(Partition, u64, message::AccountEvent)> {
    let time = |ahead: &Ahead| {
        let (_, event) = ahead.entries.front()?;
        Some(event.registered_time.map(|time| (time.seconds, time.nanos)))
    };
    let first = ahead.iter_mut().filter(|ahead| !ahead.entries.is_empty()).min_by_key(|ahead| time(ahead))?;
    let (place, event) = first.entries.pop_front()?;
    Some((first.partition, place, event))
}
