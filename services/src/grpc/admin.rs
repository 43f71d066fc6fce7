//! `kvarter.admin.v1.AdminService`: how a node does, what needs a person, whether the books balance.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use actors::entity::row;
use actors::shell::{CallError, NodeView, ShardView, Verdict};
use domain::amount::Amount;
use domain::instant::Instant;
use proto::admin as message;
use proto::admin::admin_service_server::AdminService;
use proto::convert::{amount_text, timestamp};
use tokio::time::timeout;
use tonic::{Request, Response, Status};

use super::context::Context;
use super::page::{ENTRIES, Paging};
use super::{name, parked, status};
use crate::gateway::{Failure, Gateway};

/// How many requests to unpark are remembered.
const REMEMBERED: usize = 1_000;

/// A request to unpark, and whose it is.
type Unparking = (Arc<str>, message::UnparkEntityRequest);

/// What does not change while a node runs.
#[derive(Clone, Debug)]
pub struct About {
    /// When it started.
    pub started: Instant,
    /// The kind of its store.
    pub store: &'static str,
    /// How many shards the store has.
    pub shard_count: u32,
}

/// The service.
#[derive(Clone)]
pub struct Admin {
    gateway: Gateway,
    about: About,
    /// Who unparked what under which id, the last of them, so that a repeat gets the first answer.
    unparked: Arc<Mutex<VecDeque<Unparking>>>,
}

impl Admin {
    /// The service of a node.
    #[must_use]
    pub fn new(gateway: Gateway, about: About) -> Self {
        Self { gateway, about, unparked: Arc::default() }
    }

    fn is_repeat(&self, request: &Unparking) -> bool {
        let unparked = self.unparked.lock().unwrap_or_else(PoisonError::into_inner);
        !request.1.request_id.is_empty() && unparked.contains(request)
    }

    fn remember(&self, request: Unparking) {
        let mut unparked = self.unparked.lock().unwrap_or_else(PoisonError::into_inner);
        unparked.push_back(request);
        if unparked.len() > REMEMBERED {
            unparked.pop_front();
        }
    }
}

#[tonic::async_trait]
impl AdminService for Admin {
    async fn get_node(
        &self,
        request: Request<message::GetNodeRequest>,
    ) -> Result<Response<message::Node>, Status> {
        let (_context, _) = Context::open(request)?;
        let view = self.gateway.node().inspect().await;
        Ok(Response::new(node(&view, &self.about)))
    }

    async fn list_parked_entities(
        &self,
        request: Request<message::ListParkedEntitiesRequest>,
    ) -> Result<Response<message::ListParkedEntitiesResponse>, Status> {
        let (_context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let list = format!("parked entities of {tenant}");
        let paging = Paging::of(request.page_size, &request.page_token, &list, ENTRIES)?;
        let mut placed = BTreeMap::new();
        for (shard, one) in self.gateway.node().parked(&tenant).await.map_err(Failure::Store)? {
            let number = shard.number();
            let place = [number.to_be_bytes().as_slice(), &one.entity.to_bytes()].concat();
            placed.insert(place, parked::resource(number, &one));
        }
        let (parked_entities, next_page_token) = paging.cut(placed);
        Ok(Response::new(message::ListParkedEntitiesResponse { parked_entities, next_page_token }))
    }

    async fn unpark_entity(
        &self,
        request: Request<message::UnparkEntityRequest>,
    ) -> Result<Response<message::UnparkEntityResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let entity = parked::entity("name", &request.name)?;
        context.request_id(&request.request_id)?;
        if request.validate_only {
            let parked = self.gateway.node().parked(entity.tenant()).await.map_err(Failure::Store)?;
            let is_parked = parked.iter().any(|(_, one)| one.entity == entity);
            let answer = is_parked.then(|| Response::new(message::UnparkEntityResponse {}));
            return answer.ok_or_else(|| status::not_found("parked entity", &request.name));
        }
        let request = (Arc::clone(&context.caller.client), request);
        if self.is_repeat(&request) {
            return Ok(Response::new(message::UnparkEntityResponse {}));
        }
        let verdict = Verdict { by: Arc::clone(&context.caller.subject), note: Arc::default() };
        let unparking = self.gateway.node().unpark_by(&entity, verdict);
        let unparked = timeout(context.remaining()?, unparking).await;
        if !unparked.unwrap_or(Err(CallError::OutcomeUnknown)).map_err(Failure::NoAnswer)? {
            return Err(status::not_found("parked entity", &request.1.name));
        }
        tracing::info!(entity = request.1.name, subject = %context.caller.subject, "unparked");
        self.remember(request);
        Ok(Response::new(message::UnparkEntityResponse {}))
    }

    async fn get_trial_balance(
        &self,
        request: Request<message::GetTrialBalanceRequest>,
    ) -> Result<Response<message::TrialBalance>, Status> {
        let (_context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        let range = row::totals();
        let sums = self.gateway.node().totals(&tenant, (&range.from, &range.until)).await;
        let sums = sums.map_err(Failure::Store)?;
        let mut rows = BTreeMap::new();
        let mut totals = BTreeMap::<String, Amount>::new();
        for (suffix, sum) in sums {
            let (currency, role) =
                row::read_total(&suffix).ok_or_else(|| status::internal("a total without a role"))?;
            let amount = Amount::from_raw(sum);
            let total = totals.entry(currency.clone()).or_default();
            *total = total.checked_add(amount).ok_or_else(|| status::internal("a total leaves its range"))?;
            rows.insert((role, currency), amount);
        }
        Ok(Response::new(balance(rows, totals)))
    }
}

fn balance(
    rows: BTreeMap<(String, String), Amount>,
    totals: BTreeMap<String, Amount>,
) -> message::TrialBalance {
    let rows = rows.into_iter().map(|((role, currency_code), amount)| message::TrialBalanceRow {
        role,
        currency_code,
        exact_amount: amount_text(amount),
    });
    let totals = totals.into_iter().map(|(currency_code, amount)| message::TrialBalanceTotal {
        currency_code,
        exact_amount: amount_text(amount),
    });
    message::TrialBalance { rows: rows.collect(), totals: totals.collect() }
}

fn node(view: &NodeView, about: &About) -> message::Node {
    let sum = |count: fn(&ShardView) -> usize| {
        view.shards.iter().map(|shard| u64::try_from(count(shard)).unwrap_or(u64::MAX)).sum()
    };
    let epochs = || view.shards.iter().map(|shard| shard.epoch.number());
    let count = |shards: usize| u32::try_from(shards).unwrap_or(u32::MAX);
    message::Node {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        incarnation_id: uuid::Uuid::from_u128(view.incarnation.number()).to_string(),
        started_time: Some(timestamp(about.started)),
        store: about.store.to_owned(),
        shard_count: about.shard_count,
        owned_shard_count: count(view.shards.len()),
        lowest_epoch: epochs().min().unwrap_or_default(),
        highest_epoch: epochs().max().unwrap_or_default(),
        active_entity_count: sum(|shard| shard.active_entities),
        outbox_depth: sum(|shard| shard.outbox_depth),
        held_channel_count: sum(|shard| shard.held.len()),
        parked_entity_count: sum(|shard| shard.parked.len()),
    }
}
