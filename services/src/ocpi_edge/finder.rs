//! Now and then a node asks the partners of its tenants for what has changed: those whose entity of partners runs here.

use actors::entity::entity_id;
use actors::entity::listing::Listing;
use actors::shell::Tenant;
use domain::entity::Recipient;
use domain::entity::partners::{Command, PartnerStanding, Reply};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::door::Door;
use super::fetch::{Fetcher, modules};
use super::sender::Sender;
use crate::chance::Chance;

/// How many tenants are taken from the listing at a time.
const MOST_TENANTS: usize = 64;

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
        sleep(every.saturating_add(std::time::Duration::from_millis(splay))).await;
        look_at_all(fetcher).await;
    }
}

async fn look_at_all(fetcher: &Fetcher) {
    let mut after: Option<Tenant> = None;
    loop {
        let node = fetcher.gateway.node();
        let tenants =
            match node.listed_tenants(Listing::Partners.number(), after.as_ref(), MOST_TENANTS).await {
                Ok(tenants) => tenants,
                Err(error) => {
                    tracing::debug!(%error, "it could not be looked who has partners");
                    return;
                }
            };
        for tenant in &tenants {
            look_at(fetcher, tenant).await;
        }
        match tenants.len() < MOST_TENANTS {
            true => return,
            false => after = tenants.into_iter().next_back(),
        }
    }
}

async fn look_at(fetcher: &Fetcher, tenant: &Tenant) {
    let Ok(entity) = entity_id(tenant, &Recipient::Partners) else { return };
    if !fetcher.gateway.node().runs(&entity) {
        return;
    }
    let ask = Door::ask(tenant, "fetching", Recipient::Partners);
    let state = match fetcher.gateway.ask(ask, &Command::List).await {
        Ok(Reply::All(state)) => *state,
        Ok(_) => return,
        Err(failure) => {
            tracing::debug!(?failure, %tenant, "partners could not be asked for");
            return;
        }
    };
    let connected = state.by_id.values().filter(|partner| partner.standing == PartnerStanding::Connected);
    for partner in connected {
        let sender = Sender { tenant, own: &state.own, partner };
        for module in modules(partner) {
            if let Err(fault) = fetcher.fetch(sender, module, None).await {
                let (partner, module) = (&partner.id, module.name());
                tracing::warn!(%tenant, partner, module, reason = fault.text, "a partner could not be asked");
            }
        }
    }
}
