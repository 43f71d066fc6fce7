//! What a node tells of itself in numbers: OpenTelemetry instruments, read as Prometheus text.
//!
//! Nothing here is global: every node has instruments of its own, which the parts of it are handed. What the shards
//! know is looked at once a second and kept as the last look, so that whoever reads the numbers waits for no shard.
//! Names and meanings stand in `docs/reference/metrics.md`.

mod attempts;
mod calls;
mod endpoint;
mod host;
mod look;
mod partner_requests;
mod refusals;
mod store;

use std::path::PathBuf;
use std::sync::Arc;

use actors::shell::NodeView;
use domain::instant::Instant;
use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};
use storage::Store;

pub use attempts::{Attempt, Attempts};
pub use calls::{CallBody, Calls, CountedService};
pub use endpoint::Endpoint;
pub use partner_requests::PartnerRequests;
pub use refusals::{Full, Refusals};
pub use store::Measured;

use look::Looks;

/// What does not change while a node runs.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its incarnation, as text.
    pub incarnation: String,
    /// When it started.
    pub started: Instant,
    /// The kind of its store.
    pub store: &'static str,
    /// The folder of its data, where it has one.
    pub data: Option<PathBuf>,
}

/// The numbers of a node.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    calls: Calls,
    refusals: Refusals,
    attempts: Attempts,
    partner_requests: PartnerRequests,
    store: store::Instruments,
    looks: Looks,
    /// Instruments are read as long as it lives.
    _provider: SdkMeterProvider,
}

/// The numbers can't be collected: a defect of this program, two of one name for instance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the metrics can't be collected: {0}")]
pub struct MetricsError(String);

impl Metrics {
    /// The numbers of a node that just started.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn new(subject: &Subject) -> Result<Self, MetricsError> {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .scope_info_enabled(false)
            .build()
            .map_err(|error| MetricsError(error.to_string()))?;
        let provider =
            SdkMeterProvider::builder().with_resource(resource(subject)).with_reader(exporter).build();
        let meter = provider.meter("kvarter");
        host::observe(&meter, subject);
        Ok(Self {
            registry,
            calls: Calls::new(&meter)?,
            refusals: Refusals::new(&meter),
            attempts: Attempts::new(&meter),
            partner_requests: PartnerRequests::new(&meter),
            store: store::Instruments::new(&meter),
            looks: Looks::new(&meter),
            _provider: provider,
        })
    }

    /// The same store, whose reads and commits are counted.
    #[must_use]
    pub fn measure(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        Arc::new(Measured::new(store, self.store.clone()))
    }

    /// The layer of a server that counts its calls.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.calls.clone()
    }

    /// Counts requests that met a bound.
    #[must_use]
    pub fn refusals(&self) -> Refusals {
        self.refusals.clone()
    }

    /// Counts attempts to send events to webhooks.
    #[must_use]
    pub fn attempts(&self) -> Attempts {
        self.attempts.clone()
    }

    /// Counts requests of partners in roaming.
    #[must_use]
    pub fn partner_requests(&self) -> PartnerRequests {
        self.partner_requests.clone()
    }

    /// What the shards show is this from now on.
    pub fn see(&self, view: &NodeView) {
        self.looks.see(view);
    }

    /// All numbers in the text format of Prometheus.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn text(&self) -> Result<String, MetricsError> {
        let encoded = TextEncoder::new().encode_to_string(&self.registry.gather());
        encoded.map_err(|error| MetricsError(error.to_string()))
    }
}

/// Who the numbers are about: labels of `target_info`.
fn resource(subject: &Subject) -> Resource {
    let attributes = [
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", subject.incarnation.clone()),
        KeyValue::new("kvarter.store", subject.store),
    ];
    Resource::builder_empty().with_service_name("kvarter").with_attributes(attributes).build()
}
