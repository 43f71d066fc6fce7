//! Now and then a node asks the partners of its tenants for what has changed: those whose entity of partners runs here.
//!
//! Some are asked at the same time, and each for so long at most: one that answers slowly or not at all keeps nobody else
//! waiting.

use std::sync::Arc;
use std::time::Duration;

use actors::entity::entity_id;
use actors::entity::listing::Listing;
use actors::shell::Tenant;
use domain::entity::Recipient;
use domain::entity::partners::{Command, Partner, PartnerStanding, Reply, State};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::door::Door;
use super::fetch::{Fetcher, modules};
use super::sender::Sender;
use crate::chance::Chance;

/// How many tenants are taken from the listing at a time.
const MOST_TENANTS: usize = 64;
/// How many partners are asked at the same time.
const MOST_AT_ONCE: usize = 8;
/// How long one partner is asked at most, all modules together. A fetch ends by itself long before, with its cursor kept.
const ROUND: Duration = Duration::from_secs(900);

/// The fetching of a node, as long as it is held.
#[derive(Debug)]
pub(crate) struct Fetching {
    stop: watch::Sender<bool>,
    running: JoinSet<()>,
}

impl Fetching {
    /// Begins to fetch. The seed makes the times of nodes differ.
    pub(crate) fn start(fetcher: Fetcher, seed: u64) -> Self {
        let (stop, mut stopped) = watch::channel(false);
        let mut running = JoinSet::new();
        if !fetcher.options.fetch_every.is_zero() {
            running.spawn(async move {
                tokio::select! {
                    () = run(&fetcher, Chance::new(seed, 0)) => {}
                    // Whatever was begun has an effect or none; the next fetch begins where the last one was recorded.
                    _ = stopped.wait_for(|stopped| *stopped) => {}
                }
            });
        }
        Self { stop, running }
    }

    /// Begins nothing any more, and breaks off what is under way.
    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.running.join_next().await.is_some() {}
    }
}

async fn run(fetcher: &Fetcher, mut chance: Chance) {
    let every = fetcher.options.fetch_every;
    loop {
        // So that not all nodes of all platforms ask at the full hour (OCPI 2.2.1, pull and push).
        let splay = chance
            .between(0, u64::try_from(every.as_millis()).unwrap_or(u64::MAX).checked_div(4).unwrap_or(0));
        sleep(every.saturating_add(Duration::from_millis(splay))).await;
        look_at_all(fetcher).await;
    }
}

async fn look_at_all(fetcher: &Fetcher) {
    let mut after: Option<Tenant> = None;
    let mut asking = JoinSet::new();
    loop {
        let node = fetcher.gateway.node();
        let tenants =
            match node.listed_tenants(Listing::Partners.number(), after.as_ref(), MOST_TENANTS).await {
                Ok(tenants) => tenants,
                Err(error) => {
                    tracing::debug!(%error, "it could not be looked who has partners");
                    break;
                }
            };
        for tenant in &tenants {
            look_at(fetcher, tenant, &mut asking).await;
        }
        match tenants.len() < MOST_TENANTS {
            true => break,
            false => after = tenants.into_iter().next_back(),
        }
    }
    while asking.join_next().await.is_some() {}
}

/// Begins to ask the partners of a tenant, each as soon as there is a place for it.
async fn look_at(fetcher: &Fetcher, tenant: &Tenant, asking: &mut JoinSet<()>) {
    let Ok(entity) = entity_id(tenant, &Recipient::Partners) else { return };
    if !fetcher.gateway.node().runs(&entity) {
        return;
    }
    let ask = Door::ask(tenant, "fetching", Recipient::Partners);
    let state = match fetcher.gateway.ask(ask, &Command::List).await {
        Ok(Reply::All(state)) => Arc::new(*state),
        Ok(_) => return,
        Err(failure) => {
            tracing::debug!(?failure, %tenant, "partners could not be asked for");
            return;
        }
    };
    let connected = state.by_id.values().filter(|partner| partner.standing == PartnerStanding::Connected);
    for partner in connected {
        while asking.len() >= MOST_AT_ONCE {
            asking.join_next().await;
        }
        let (fetcher, tenant) = (fetcher.clone(), tenant.clone());
        let (state, partner) = (Arc::clone(&state), partner.clone());
        asking.spawn(async move {
            if timeout(ROUND, ask_for_all(&fetcher, &tenant, &state, &partner)).await.is_err() {
                let (partner, seconds) = (&partner.id, ROUND.as_secs());
                tracing::warn!(%tenant, partner, seconds, "a partner was not got through in time");
            }
        });
    }
}

/// Asks a partner for all that it is asked for by itself.
async fn ask_for_all(fetcher: &Fetcher, tenant: &Tenant, state: &State, partner: &Partner) {
    let sender = Sender { tenant, own: &state.own, partner };
    for module in modules(partner) {
        if let Err(fault) = fetcher.fetch(sender, module, None).await {
            let (partner, module) = (&partner.id, module.name());
            tracing::warn!(%tenant, partner, module, reason = fault.text, "a partner could not be asked");
        }
    }
}
