//! Which webhooks a node has to send for.

use std::collections::{BTreeSet, HashMap};

use actors::entity::entity_id;
use actors::entity::listing::Listing;
use actors::shell::Tenant;
use domain::entity::Recipient;
use domain::entity::webhooks::{Command, Reply, Standing};
use tokio::sync::{mpsc, watch};
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::sleep;

use super::delivery::{Delivery, Means, ask, stopped};
use super::post::Line;
use crate::chance::Chance;
use crate::gateway::Failure;

/// How many tenants are taken from the listing at a time.
const MOST_TENANTS: usize = 64;

/// A webhook by tenant and id.
type Named = (Tenant, String);

/// Looks for webhooks and keeps a task for each that is to send.
pub(super) struct Finder {
    means: Means,
    tenants: mpsc::Receiver<Tenant>,
    seed: u64,
    begun: u64,
    sending: BTreeSet<Named>,
    deliveries: JoinSet<()>,
    by_task: HashMap<task::Id, Named>,
}

impl Finder {
    pub(super) fn new(means: Means, tenants: mpsc::Receiver<Tenant>, seed: u64) -> Self {
        let (sending, deliveries, by_task) = (BTreeSet::new(), JoinSet::new(), HashMap::new());
        Self { means, tenants, seed, begun: 0, sending, deliveries, by_task }
    }

    /// Looks again and again until the node stops; then waits for what is under way.
    pub(super) async fn run(mut self) {
        let mut stop = self.means.stopped.clone();
        while !*stop.borrow() {
            tokio::select! {
                () = self.look_at_all() => {}
                () = stopped(&mut stop) => break,
            }
            self.wait(&mut stop).await;
        }
        while self.deliveries.join_next().await.is_some() {}
    }

    /// Until the next look; tenants of which something was changed are looked at meanwhile.
    async fn wait(&mut self, stop: &mut watch::Receiver<bool>) {
        let next = sleep(self.means.options.look);
        tokio::pin!(next);
        loop {
            tokio::select! {
                () = &mut next => return,
                () = stopped(stop) => return,
                Some(ended) = self.deliveries.join_next_with_id() => self.look_behind(&ended).await,
                Some(tenant) = self.tenants.recv() => {
                    self.look_at(&tenant).await;
                }
            }
        }
    }

    async fn look_at_all(&mut self) {
        let index = Listing::Webhooks.number();
        let mut after: Option<Tenant> = None;
        loop {
            let node = self.means.gateway.node();
            let tenants = match node.listed_tenants(index, after.as_ref(), MOST_TENANTS).await {
                Ok(tenants) => tenants,
                Err(error) => {
                    tracing::debug!(%error, "it could not be looked who has webhooks");
                    return;
                }
            };
            for tenant in &tenants {
                self.look_at(tenant).await;
            }
            match tenants.len() < MOST_TENANTS {
                true => return,
                false => after = tenants.into_iter().next_back(),
            }
        }
    }

    /// Begins to send for the webhooks of a tenant, as far as they run here.
    async fn look_at(&mut self, tenant: &Tenant) {
        let Ok(entity) = entity_id(tenant, &Recipient::Webhooks) else { return };
        if !self.means.gateway.node().runs(&entity) {
            return;
        }
        let webhooks = match self.means.gateway.ask(ask(tenant), &Command::List).await {
            Ok(Reply::List(webhooks)) => webhooks,
            Ok(_) | Err(Failure::Rejected(_)) => return,
            Err(failure) => {
                tracing::debug!(?failure, %tenant, "webhooks could not be asked for");
                return;
            }
        };
        for webhook in webhooks.into_iter().filter(|webhook| webhook.standing == Standing::Active) {
            if self.deliveries.len() >= self.means.options.webhooks {
                tracing::warn!(
                    most = self.means.options.webhooks,
                    "some webhooks wait: the node sends for as many as it may"
                );
                return;
            }
            let named = (tenant.clone(), webhook.id.clone());
            if self.sending.insert(named.clone()) {
                self.begun = self.begun.wrapping_add(1);
                let delivery = Delivery {
                    means: self.means.clone(),
                    tenant: tenant.clone(),
                    entity: entity.clone(),
                    id: webhook.id,
                    chance: Chance::new(self.seed, self.begun),
                    line: Line::default(),
                };
                let task = self.deliveries.spawn(delivery.run());
                self.by_task.insert(task.id(), named);
            }
        }
    }

    /// After a task has ended, its webhook may have been resumed already. What met a defect waits for the next look.
    async fn look_behind(&mut self, ended: &Result<(task::Id, ()), JoinError>) {
        let task = match ended {
            Ok((task, ())) => *task,
            Err(error) => {
                tracing::error!(%error, "the sending for a webhook has met a defect");
                error.id()
            }
        };
        let Some(named) = self.by_task.remove(&task) else { return };
        self.sending.remove(&named);
        if ended.is_ok() {
            self.look_at(&named.0).await;
        }
    }
}
