//! A tenant's log of events as one sequence: its partitions read side by side, the earlier event first.
//!
//! What is given behind a cursor follows from the entries alone, however many are asked for at once: of the first entry
//! of each partition that was not given, the one registered first is next. Entries of one account are in one partition,
//! so that their order is the account's.

use std::collections::{BTreeSet, VecDeque};

use actors::entity::{entity_id, row};
use actors::shell::{Section, Tenant};
use domain::entity::Recipient;
use domain::entity::event_log::{Command, Partition, Reply};
use proto::events as message;
use proto::name::ACCOUNT;
use tonic::Status;

use super::cursor::Cursor;
use crate::gateway::{Failure, Gateway, decode};
use crate::grpc::context::Context;
use crate::grpc::{name, status};

/// Which events a listener wants.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    account: Option<String>,
    kinds: BTreeSet<i32>,
}

/// The log of a tenant, of which some events are wanted.
#[derive(Clone)]
pub(super) struct Log {
    gateway: Gateway,
    tenant: Tenant,
    choice: Choice,
}

/// A part of the log.
pub(super) struct Part {
    /// The events that are wanted.
    pub(super) events: Vec<message::AccountEvent>,
    /// The place behind all that was looked at.
    pub(super) cursor: Cursor,
    /// Whether there was nothing more.
    pub(super) is_last: bool,
}

/// The next entries of a partition.
struct Ahead {
    partition: Partition,
    entries: VecDeque<(u64, message::AccountEvent)>,
}

impl Choice {
    /// Reads a filter.
    pub(super) fn of(tenant: &Tenant, filter: Option<&message::EventFilter>) -> Result<Self, Status> {
        let Some(filter) = filter else { return Ok(Self::default()) };
        let account = match filter.account.as_str() {
            "" => None,
            account => {
                let (of, id) = name::resource(&ACCOUNT, "filter.account", account)?;
                if of != *tenant {
                    return Err(status::invalid_field("filter.account", "is of another tenant"));
                }
                Some(id)
            }
        };
        let is_known = |kind: &i32| {
            let kind = message::AccountEventKind::try_from(*kind);
            kind.is_ok_and(|kind| kind != message::AccountEventKind::Unspecified)
        };
        if !filter.kinds.iter().all(is_known) {
            return Err(status::invalid_field("filter.kinds", "has a kind that is not known here"));
        }
        Ok(Self { account, kinds: filter.kinds.iter().copied().collect() })
    }

    fn wants(&self, event: &message::AccountEvent) -> bool {
        self.account.as_ref().is_none_or(|account| *account == event.account_id)
            && (self.kinds.is_empty() || self.kinds.contains(&event.kind))
    }

    /// Where events that are wanted may stand.
    fn partitions(&self) -> Vec<Partition> {
        match &self.account {
            Some(account) => vec![Partition::of_account(account)],
            None => Partition::all().collect(),
        }
    }
}

impl Log {
    /// The log of a tenant.
    pub(super) fn new(gateway: Gateway, tenant: Tenant, choice: Choice) -> Self {
        Self { gateway, tenant, choice }
    }

    pub(super) fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The place behind the last entry, as the partitions say.
    pub(super) async fn end(&self, context: &Context) -> Result<Cursor, Status> {
        let ask = |partition| Ok((context.read(&self.tenant, Recipient::EventLog(partition))?, Command::Get));
        let asks: Result<Vec<_>, Status> = Partition::all().map(ask).collect();
        let mut end = Cursor::default();
        for (partition, answer) in Partition::all().zip(self.gateway.ask_each(asks?).await) {
            match answer? {
                Reply::Last(last) => end.set(partition, last),
                Reply::Done => return Err(status::internal("the end of a log was asked for and not given")),
            }
        }
        Ok(end)
    }

    /// What stands behind a cursor: so many entries are looked at. They are rows that never change, so that what is
    /// stored is what is the case, and no entity is asked.
    pub(super) async fn part(&self, from: &Cursor, most: usize) -> Result<Part, Failure> {
        let mut ahead = Vec::new();
        let mut has_more = false;
        for partition in self.choice.partitions() {
            let entries = self.entries(partition, from.place(partition), most).await?;
            has_more |= entries.len() >= most;
            ahead.push(Ahead { partition, entries });
        }
        let mut part = Part { events: Vec::new(), cursor: from.clone(), is_last: false };
        for _ in 0..most {
            let Some((partition, place, event)) = earliest(&mut ahead) else { break };
            part.cursor.set(partition, place);
            if self.choice.wants(&event) {
                part.events.push(message::AccountEvent {
                    event_id: format!("{}-{place}", partition.number()),
                    ..event
                });
            }
        }
        part.is_last = !has_more && ahead.iter().all(|ahead| ahead.entries.is_empty());
        Ok(part)
    }

    /// The entries of a partition behind a place.
    async fn entries(
        &self,
        partition: Partition,
        after: u64,
        most: usize,
    ) -> Result<VecDeque<(u64, message::AccountEvent)>, Failure> {
        let entity = entity_id(&self.tenant, &Recipient::EventLog(partition)).map_err(Failure::Name)?;
        let range = row::events_from(after.saturating_add(1));
        let rows = self.gateway.rows(&entity, Section::Record, &range, most).await?;
        let entries = rows.iter().map(|row| {
            let unreadable = || Failure::Unreadable("an entry of the log without a place".to_owned());
            let place = row::event_place(&row.suffix).ok_or_else(unreadable)?;
            Ok((place, decode::<message::AccountEvent>(&row.value)?))
        });
        entries.collect()
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
