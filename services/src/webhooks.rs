//! Webhooks: events of accounts sent to addresses outside, signed, each until it was acknowledged.
//!
//! Every node looks now and then for tenants whose webhooks run on it and sends for them, a task per webhook. Which events,
//! where to and how far that has got is decided by the entity (`domain::entity::webhooks`); here is what it takes to send.

mod delivery;
mod finder;
mod json;
mod pace;
mod post;
mod signature;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use actors::shell::Tenant;
use cluster::Clock;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::gateway::Gateway;
use crate::metrics::Attempts;
use delivery::Means;
use finder::Finder;
use json::Protocol;

pub(crate) use signature::{SecretFault, parse_secret};

/// As whom a node asks its own entities.
const CLIENT: &str = "webhooks";
/// How many tenants may wait to be looked at at once; of others the next look takes care.
const MOST_TOLD: usize = 64;

/// How events are sent.
#[derive(Clone, Debug)]
pub struct WebhookOptions {
    /// How long it is until an attempt that failed is made again for the first time; it doubles from there.
    pub first_pause: Duration,
    /// The longest it is.
    pub longest_pause: Duration,
    /// How long a receiver may take to answer.
    pub patience: Duration,
    /// How long it is until the log is looked at again once everything was sent.
    pub poll: Duration,
    /// How long it is until the node looks again which webhooks it has, and a webhook that waits whether it was resumed.
    pub look: Duration,
    /// For how many webhooks a node sends, a request of each under way at most; others wait until one of these is paused or moves
    /// away.
    pub webhooks: usize,
}

/// The sending of a node, as long as it is held.
pub(crate) struct Webhooks {
    stop: watch::Sender<bool>,
    wake: Wake,
    finding: JoinSet<()>,
}

/// Says that something of a tenant's webhooks was changed, so that a node need not wait for its next look.
#[derive(Clone)]
pub struct Wake {
    told: mpsc::Sender<Tenant>,
    changed: Arc<watch::Sender<u64>>,
}

/// The protocol can't be read: a defect of this program.
#[derive(Debug, thiserror::Error)]
#[error("no JSON can be made of events: {0}")]
pub(crate) struct WebhooksError(String);

impl Default for WebhookOptions {
    fn default() -> Self {
        Self {
            first_pause: Duration::from_secs(5),
            longest_pause: Duration::from_secs(60 * 60),
            patience: Duration::from_secs(15),
            poll: Duration::from_millis(500),
            look: Duration::from_secs(5),
            webhooks: 1_024,
        }
    }
}

impl Webhooks {
    /// Begins to send. The seed makes pauses of nodes differ.
    pub(crate) fn start(
        gateway: Gateway,
        (clock, seed): (Arc<dyn Clock>, u64),
        attempts: Attempts,
        options: &WebhookOptions,
    ) -> Result<Self, WebhooksError> {
        let protocol = Protocol::new().map_err(|error| WebhooksError(error.to_string()))?;
        let (stop, stopped) = watch::channel(false);
        let (told, tenants) = mpsc::channel(MOST_TOLD);
        let (changed, changes) = watch::channel(0);
        let means = Means {
            gateway,
            clock,
            protocol: Arc::new(protocol),
            options: options.clone(),
            attempts,
            changes,
            stopped,
        };
        let mut finding = JoinSet::new();
        finding.spawn(Finder::new(means, tenants, seed).run());
        Ok(Self { stop, wake: Wake { told, changed: Arc::new(changed) }, finding })
    }

    /// By what others say that something was changed.
    pub(crate) fn wake(&self) -> Wake {
        self.wake.clone()
    }

    /// Begins no request any more, and waits for those under way and until what became of them is on record.
    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.finding.join_next().await.is_some() {}
    }
}

impl Wake {
    /// Something of this tenant was changed.
    pub(crate) fn tell(&self, tenant: &Tenant) {
        self.changed.send_modify(|changes| *changes = changes.wrapping_add(1));
        // Where many were changed at once, the next look finds the rest.
        let _ = self.told.try_send(tenant.clone());
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").finish_non_exhaustive()
    }
}
