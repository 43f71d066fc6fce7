//! The way from the rim to entities: a command goes in as its message, the answer comes out as its message.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use actors::entity::listing::Listing;
use actors::entity::row::Suffixes;
use actors::entity::{Kind, entity_id};
use actors::shell::{
    CallError, Caller, Class, Consistency, EntityId, EntityIdError, FactRow, IndexRow, Node, Reply, Request,
    Section, Tenant, traced,
};
use domain::entity::{self, Recipient};
use prost::Message;
use proto::convert::{FieldError, OnTerms};
use proto::store;
use storage::StoreError;
use tokio::task::{JoinError, JoinSet};
use uuid::Uuid;

use crate::metrics::Refusals;

/// How many entities one request asks at once.
const AT_ONCE: usize = 64;

/// A command of a kind of entity.
pub trait Command: Send + Sync {
    /// What it is sent as.
    type Stored: Message + OnTerms;
    /// What the answer is sent as.
    type StoredReply: Message + Default;
    /// The answer.
    type Reply: TryFrom<Self::StoredReply, Error = FieldError>;

    /// The command as it is sent.
    fn stored(&self) -> Self::Stored;
}

/// Who asks for what in which manner: everything about a request but its content.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Whose entity.
    pub tenant: Tenant,
    /// Which of them.
    pub entity: Recipient,
    /// Who asks.
    pub caller: Caller,
    /// Under which id a repeat is known; none for reads and for what has a natural key.
    pub request_id: Option<Uuid>,
    /// How long the caller waits.
    pub timeout: Duration,
    /// How urgent it is.
    pub class: Class,
    /// Whether carrying it out twice is as good as once, so that an outcome that got lost is asked for again.
    pub repeatable: bool,
    /// What a read has to be sure of.
    pub consistency: Consistency,
    /// In which trace it is asked, as W3C `traceparent`.
    pub trace: Option<Arc<str>>,
    /// On which terms it is carried out; none: as it is.
    pub terms: Option<store::Terms>,
}

/// Why there is no answer that the caller hoped for.
#[derive(Debug)]
pub enum Failure {
    /// The entity refused.
    Rejected(store::Rejection),
    /// The entity gave no answer.
    NoAnswer(CallError),
    /// No entity can have that name.
    Name(EntityIdError),
    /// A row could not be read.
    Store(StoreError),
    /// What an entity or the store said is no message of its kind: a defect.
    Unreadable(String),
}

impl Failure {
    /// That a task which asked an entity came to no end. One that panicked met a defect. One that was cut off ended with its
    /// node: whoever asks again asks another node, or the next start of this one.
    #[must_use]
    pub fn of_task(error: &JoinError) -> Self {
        match error.is_panic() {
            true => Self::Unreadable("a task that asked an entity has died".to_owned()),
            false => Self::NoAnswer(CallError::Draining),
        }
    }
}

/// The entities of a node.
#[derive(Clone)]
pub struct Gateway {
    node: Arc<Node>,
    refusals: Refusals,
}

impl Gateway {
    /// The way to the entities of this node.
    #[must_use]
    pub fn new(node: Arc<Node>) -> Self {
        Self { node, refusals: Refusals::default() }
    }

    /// The same way, which counts what it finds full.
    #[must_use]
    pub fn counting(self, refusals: Refusals) -> Self {
        Self { refusals, ..self }
    }

    /// The node.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Gives a command to an entity and waits for its answer, which is durable.
    ///
    /// # Errors
    /// [`Failure`] says whether anything was done: only an unknown outcome leaves it open.
    pub async fn ask<C: Command>(&self, ask: Ask, command: &C) -> Result<C::Reply, Failure> {
        let request = Request {
            entity: entity_id(&ask.tenant, &ask.entity).map_err(Failure::Name)?,
            command: command.stored().on(ask.terms).encode_to_vec().into(),
            caller: ask.caller,
            request_id: ask.request_id,
            timeout: Some(ask.timeout),
            class: ask.class,
            repeatable: ask.repeatable,
            consistency: ask.consistency,
            trace: ask.trace,
        };
        let span = tracing::debug_span!(
            "request",
            trace = request.trace_id(),
            request_id = request.request_id.map(tracing::field::display),
            kind = Kind::of(&request.entity).map(tracing::field::debug),
            outcome = tracing::field::Empty,
        );
        let answered = traced(span, self.node.call(request)).await;
        let answered = answered.inspect_err(|error| self.refusals.count_error(error));
        match answered.map_err(Failure::NoAnswer)? {
            Reply::Accepted(reply) => {
                let reply: C::StoredReply = decode(&reply)?;
                reply.try_into().map_err(|error: FieldError| Failure::Unreadable(error.to_string()))
            }
            Reply::Rejected(reply) => Err(Failure::Rejected(decode(&reply)?)),
        }
    }

    /// Gives each command to its entity, so many at a time, and answers in the order of the commands.
    pub async fn ask_each<C>(&self, asks: Vec<(Ask, C)>) -> Vec<Result<C::Reply, Failure>>
    where
        C: Command + 'static,
        C::Reply: Send + 'static,
    {
        let count = asks.len();
        let mut waiting = asks.into_iter().enumerate();
        let mut asked = JoinSet::new();
        let (mut answers, mut lost) = (BTreeMap::new(), Vec::new());
        loop {
            while asked.len() < AT_ONCE
                && let Some((index, (ask, command))) = waiting.next()
            {
                let gateway = self.clone();
                asked.spawn(async move { (index, gateway.ask(ask, &command).await) });
            }
            match asked.join_next().await {
                Some(Ok((index, answer))) => drop(answers.insert(index, answer)),
                Some(Err(error)) => lost.push(Failure::of_task(&error)),
                None => break,
            }
        }
        // Which one was lost is not told, and they are alike.
        let mut lost = || lost.pop().unwrap_or(Failure::NoAnswer(CallError::Draining));
        (0..count).map(|index| answers.remove(&index).unwrap_or_else(|| Err(lost()))).collect()
    }

    /// Up to `limit` entries of a listing as stored, of those whose order begins with `within`, from the order `from` on.
    ///
    /// # Errors
    /// [`Failure::Store`].
    pub async fn list(
        &self,
        tenant: &Tenant,
        listing: Listing,
        within: &[u8],
        (from, limit): (Option<Vec<u8>>, usize),
    ) -> Result<Entries, Failure> {
        let mut entries = Entries { rows: Vec::new(), has_more: false };
        let mut from = from.unwrap_or_else(|| within.to_vec());
        if !from.starts_with(within) {
            return Ok(entries);
        }
        let until = next_prefix(within);
        while entries.rows.len() <= limit {
            let wanted = limit.saturating_add(1).saturating_sub(entries.rows.len());
            let range = (from.as_slice(), until.as_deref());
            let rows = self.node.list(tenant, listing.number(), range, None, wanted).await;
            let rows = rows.map_err(Failure::Store)?;
            let Some(last) = rows.last() else { break };
            from = behind(&last.order);
            entries.rows.extend(rows);
        }
        entries.has_more = entries.rows.len() > limit;
        entries.rows.truncate(limit);
        Ok(entries)
    }

    /// All rows under an entity's name in a range of suffixes, as stored, in order; no more than `limit`.
    ///
    /// # Errors
    /// [`Failure::Store`].
    pub async fn rows(
        &self,
        entity: &EntityId,
        section: Section,
        range: &Suffixes,
        limit: usize,
    ) -> Result<Vec<FactRow>, Failure> {
        let mut found: Vec<FactRow> = Vec::new();
        let mut from = range.from.to_vec();
        while found.len() < limit {
            let wanted = limit.saturating_sub(found.len());
            let rows = self.node.rows(entity, section, (&from, &range.until), wanted).await;
            let rows = rows.map_err(Failure::Store)?;
            let Some(last) = rows.last() else { break };
            from = behind(&last.suffix);
            found.extend(rows);
        }
        Ok(found)
    }
}

/// Entries of a listing.
#[derive(Debug)]
pub struct Entries {
    /// The entries, in order.
    pub rows: Vec<IndexRow>,
    /// Whether there are more behind them.
    pub has_more: bool,
}

/// What comes right behind a name: the same with a zero byte.
pub(crate) fn behind(name: &[u8]) -> Vec<u8> {
    [name, &[0]].concat()
}

/// What follows everything that begins with these bytes; nothing does where they are empty.
fn next_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut next = prefix.to_vec();
    while let Some(last) = next.pop() {
        if let Some(greater) = last.checked_add(1) {
            next.push(greater);
            return Some(next);
        }
    }
    None
}

/// A message of the store.
pub(crate) fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, Failure> {
    M::decode(bytes).map_err(|error| Failure::Unreadable(error.to_string()))
}

macro_rules! command {
    ($kind:ident, $stored:ident, $reply:ident) => {
        impl Command for entity::$kind::Command {
            type Stored = store::$stored;
            type StoredReply = store::$reply;
            type Reply = entity::$kind::Reply;

            fn stored(&self) -> Self::Stored {
                self.into()
            }
        }
    };
}

command!(account, AccountCommand, AccountReply);
command!(catalog, CatalogCommand, CatalogReply);
command!(cdr_book, CdrBookCommand, CdrBookReply);
command!(directory, DirectoryCommand, DirectoryReply);
command!(event_log, EventLogCommand, EventLogReply);
command!(evse, EvseCommand, EvseReply);
command!(invoice_run, InvoiceRunCommand, InvoiceRunReply);
command!(market_document, MarketDocumentCommand, MarketDocumentReply);
command!(metering_point, MeteringPointCommand, MeteringPointReply);
command!(partners, PartnersCommand, PartnersReply);
command!(roaming_object, RoamingObjectCommand, RoamingObjectReply);
command!(run_part, RunPartCommand, RunPartReply);
command!(webhooks, WebhooksCommand, WebhooksReply);

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a task that ended so.
    async fn said(end: impl FnOnce(&mut JoinSet<()>)) -> Failure {
        let mut tasks = JoinSet::new();
        end(&mut tasks);
        Failure::of_task(&tasks.join_next().await.unwrap().unwrap_err())
    }

    #[tokio::test]
    async fn what_a_stopping_node_cuts_off_is_no_defect() {
        let cut_off = said(|tasks| {
            tasks.spawn(std::future::pending());
            tasks.abort_all();
        });
        assert!(matches!(cut_off.await, Failure::NoAnswer(CallError::Draining)));
        let died = said(|tasks| drop(tasks.spawn(async { panic!("as told") })));
        assert!(matches!(died.await, Failure::Unreadable(_)));
    }
}
