//! The server in front of a node: services, health, reflection, limits, and an end in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actors::shell;
use cluster::{Incarnation, Standing};
use proto::account::account_service_server::AccountServiceServer;
use proto::admin::admin_service_server::AdminServiceServer;
use proto::catalog::catalog_service_server::CatalogServiceServer;
use proto::charging::charging_service_server::ChargingServiceServer;
use proto::charging::supply_service_server::SupplyServiceServer;
use proto::cluster::cluster_service_server::ClusterServiceServer;
use proto::directory::directory_service_server::DirectoryServiceServer;
use proto::events::event_service_server::EventServiceServer;
use proto::events::webhook_service_server::WebhookServiceServer;
use proto::invoicing::invoicing_service_server::InvoicingServiceServer;
use proto::metering::metering_service_server::MeteringServiceServer;
use proto::roaming::cdr_service_server::CdrServiceServer;
use proto::roaming::charging_contract_service_server::ChargingContractServiceServer;
use proto::roaming::partner_service_server::PartnerServiceServer;
use proto::roaming::price_sheet_service_server::PriceSheetServiceServer;
use proto::roaming::share_agreement_service_server::ShareAgreementServiceServer;
use proto::roaming::statement_service_server::StatementServiceServer;
use storage::Store;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tonic::transport::server::{Router, TcpIncoming};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tower_layer::{Identity, Stack};

use super::watched::Watch;
use super::{NodeOptions, StartError, StopError};
use crate::gateway::Gateway;
use crate::grpc::{
    About, Accounts, Admin, Admission, Catalogs, Cdrs, Charging, ChargingContracts, Clusters, Directories,
    Events, Guard, Invoicing, Metering, PartnerAdmin, PriceSheets, ShareAgreements, Statements, Supply,
    WebhookAdmin,
};
use crate::links::Exchange;
use crate::metrics::{Calls, Metrics};
use crate::ocpi_edge::Exchange as Partners;
use crate::webhooks::Wake;

/// The largest message in either direction, in bytes.
const MOST_MESSAGE_BYTES: usize = 16 << 20;
/// What a stream and a connection may have sent that was not read yet. A peer that sends many small messages in frames of their
/// own is cut off by the HTTP/2 library where what was not read takes more room than half of a connection's window: a stream that
/// waits to be read must stay far below that.
const STREAM_WINDOW_BYTES: u32 = 64 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 8 << 20;
/// How often a connection is asked whether it still lives, and how long it may take to answer.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
const KEEP_ALIVE_ANSWER: Duration = Duration::from_secs(10);
/// After how long a connection is asked to be made anew, so that clients find new nodes, and how long it may linger.
const CONNECTION_AGE: Duration = Duration::from_secs(30 * 60);
const CONNECTION_LINGER: Duration = Duration::from_secs(5 * 60);
/// The name under which health says that the process lives, whatever its shards do.
const LIVENESS: &str = "liveness";
/// How often it is looked whether the node can serve.
const LOOK: Duration = Duration::from_secs(1);

/// The services behind the door, whose calls are counted.
type CountedRouter = Router<Stack<Guard, Stack<Calls, Identity>>>;

/// What is served.
pub(super) struct Parts {
    pub(super) node: Arc<shell::Node>,
    pub(super) store: Arc<dyn Store>,
    pub(super) me: Incarnation,
    /// What is seen of its store, where it is the only node that can be at it.
    pub(super) alone: Option<Arc<Watch>>,
    pub(super) about: About,
    pub(super) exchange: Exchange,
    /// Says that webhooks were changed.
    pub(super) wake: Wake,
    /// The exchange with partners in roaming.
    pub(super) partners: Partners,
}

/// A server that runs.
pub(super) struct Server {
    address: SocketAddr,
    admission: Admission,
    exchange: Exchange,
    health: HealthReporter,
    end: oneshot::Sender<()>,
    grace: Duration,
    served: JoinSet<Result<(), tonic::transport::Error>>,
    looking: JoinSet<()>,
}

impl Server {
    /// Serves what comes in.
    pub(super) async fn start(
        parts: Parts,
        incoming: TcpIncoming,
        metrics: &Metrics,
        options: &NodeOptions,
    ) -> Result<Self, StartError> {
        let address =
            incoming.local_addr().map_err(|source| StartError::Listen { address: options.listen, source })?;
        let admission = Admission::new(options.requests, options.patience).counting(metrics.refusals());
        let (health, health_service) = tonic_health::server::health_reporter();
        health.set_service_status(LIVENESS, ServingStatus::Serving).await;
        set_ready(&health, true).await;
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .build_v1()
            .map_err(|error| StartError::Setup(error.to_string()))?;
        let (node, exchange, alone) = (Arc::clone(&parts.node), parts.exchange.clone(), parts.alone.clone());
        let router = router(parts, (&admission, metrics), options);
        let router = router.add_service(health_service).add_service(reflection);
        let (end, ended) = oneshot::channel();
        let mut served = JoinSet::new();
        served.spawn(router.serve_with_incoming_shutdown(incoming, async {
            // A server whose handle is gone ends as well.
            let _ = ended.await;
        }));
        let mut looking = JoinSet::new();
        looking.spawn(look((node, alone), health.clone(), metrics.clone()));
        Ok(Self { address, admission, exchange, health, end, grace: options.grace, served, looking })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Says that clients should go elsewhere, and nothing else any more.
    pub(super) async fn turn_unready(&mut self) {
        self.looking.shutdown().await;
        set_ready(&self.health, false).await;
    }

    /// Lets nobody in, waits for what is open, ends.
    pub(super) async fn stop(self) -> Result<(), StopError> {
        self.admission.close();
        self.exchange.close();
        let _ = self.end.send(());
        let mut served = self.served;
        match tokio::time::timeout(self.grace, served.join_next()).await {
            Ok(Some(Ok(result))) => result.map_err(|error| StopError::Server(error.to_string())),
            Ok(Some(Err(error))) => Err(StopError::Server(error.to_string())),
            Ok(None) => Ok(()),
            Err(_) => {
                tracing::warn!("requests were still open at the end of the grace period");
                Ok(())
            }
        }
    }
}

/// The services with their limits.
fn router(
    parts: Parts,
    (admission, metrics): (&Admission, &Metrics),
    options: &NodeOptions,
) -> CountedRouter {
    macro_rules! limited {
        ($server:ident, $service:expr) => {
            $server::new($service)
                .max_decoding_message_size(MOST_MESSAGE_BYTES)
                .max_encoding_message_size(MOST_MESSAGE_BYTES)
        };
    }
    let Parts { node, store, me, about, exchange, wake, partners, .. } = parts;
    let guard = guard(admission, options.streams, &node);
    let gateway = Gateway::new(Arc::clone(&node)).counting(metrics.refusals());
    let shard_count = about.shard_count;
    tonic::transport::Server::builder()
        .max_concurrent_streams(options.requests_per_connection)
        .timeout(options.patience)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .http2_keepalive_timeout(Some(KEEP_ALIVE_ANSWER))
        .max_connection_age(CONNECTION_AGE)
        .max_connection_age_grace(CONNECTION_LINGER)
        .layer(metrics.calls())
        .layer(guard)
        .add_service(limited!(MeteringServiceServer, Metering::new(gateway.clone())))
        .add_service(limited!(AccountServiceServer, Accounts::new(gateway.clone())))
        .add_service(limited!(CatalogServiceServer, Catalogs::new(gateway.clone())))
        .add_service(limited!(DirectoryServiceServer, Directories::new(gateway.clone())))
        .add_service(limited!(EventServiceServer, Events::new(gateway.clone())))
        .add_service(limited!(WebhookServiceServer, WebhookAdmin::new(gateway.clone(), wake)))
        .add_service(limited!(CdrServiceServer, Cdrs::new(gateway.clone())))
        .add_service(limited!(PartnerServiceServer, PartnerAdmin::new(gateway.clone(), partners)))
        .add_service(limited!(PriceSheetServiceServer, PriceSheets::new(gateway.clone())))
        .add_service(limited!(ShareAgreementServiceServer, ShareAgreements::new(gateway.clone())))
        .add_service(limited!(StatementServiceServer, Statements::new(gateway.clone())))
        .add_service(limited!(ChargingServiceServer, Charging::new(gateway.clone())))
        .add_service(limited!(ChargingContractServiceServer, ChargingContracts::new(gateway.clone())))
        .add_service(limited!(SupplyServiceServer, Supply::new(gateway.clone())))
        .add_service(limited!(InvoicingServiceServer, Invoicing::new(gateway.clone(), shard_count)))
        .add_service(limited!(AdminServiceServer, Admin::new(gateway, about)))
        .add_service(limited!(ClusterServiceServer, Clusters::new(store, node, me)))
        .add_service(exchange.into_server())
}

/// The door: what asks entities is turned away while the node is overloaded; operators are let in as long as there is a place,
/// and peers, health and reflection always.
fn guard(admission: &Admission, streams: usize, node: &Arc<shell::Node>) -> Guard {
    let before_entities = admission.before(node);
    let of_streams = before_entities.of_streams(streams);
    let of_streams = GIVING.map(|name| (name, of_streams.clone()));
    let of_entities = OF_ENTITIES.map(|name| (name, before_entities.clone()));
    let others = [ADMIN, CLUSTER].map(|name| (name, admission.clone()));
    Guard::new(of_streams.into_iter().chain(of_entities).chain(others))
}

/// Says whether the node is ready: as long as it may admit requests, and, if nobody else can have its shards, has all of
/// them and a store that takes commits. What else is seen goes into the metrics.
async fn look(
    (node, alone): (Arc<shell::Node>, Option<Arc<Watch>>),
    health: HealthReporter,
    metrics: Metrics,
) {
    let mut was_ready = true;
    loop {
        let view = node.inspect().await;
        metrics.see(&view);
        let is_whole = alone.as_ref().is_none_or(|store| view.claiming.is_empty() && store.takes_commits());
        let is_ready = view.standing == Standing::Admitting && is_whole;
        if is_ready != was_ready {
            tracing::warn!(is_ready, "readiness has changed");
            set_ready(&health, is_ready).await;
            was_ready = is_ready;
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn set_ready(health: &HealthReporter, is_ready: bool) {
    let status = if is_ready { ServingStatus::Serving } else { ServingStatus::NotServing };
    for service in ["", ADMIN, CLUSTER].into_iter().chain(OF_ENTITIES) {
        health.set_service_status(service, status).await;
    }
}

/// Streams that only give: how long one stays is its client's to say.
const GIVING: [&str; 2] =
    ["kvarter.events.v1.EventService/StreamEvents", "kvarter.charging.v1.ChargingService/WatchBalance"];
/// What asks entities.
const OF_ENTITIES: [&str; 15] = [
    METERING,
    ACCOUNTS,
    CATALOG,
    DIRECTORY,
    CHARGING,
    CHARGING_CONTRACTS,
    SUPPLY,
    EVENTS,
    WEBHOOKS,
    INVOICING,
    PARTNERS,
    CDRS,
    PRICE_SHEETS,
    SHARE_AGREEMENTS,
    STATEMENTS,
];
const METERING: &str = proto::metering::metering_service_server::SERVICE_NAME;
const ACCOUNTS: &str = proto::account::account_service_server::SERVICE_NAME;
const CATALOG: &str = proto::catalog::catalog_service_server::SERVICE_NAME;
const DIRECTORY: &str = proto::directory::directory_service_server::SERVICE_NAME;
const CHARGING: &str = proto::charging::charging_service_server::SERVICE_NAME;
const CHARGING_CONTRACTS: &str = proto::roaming::charging_contract_service_server::SERVICE_NAME;
const PRICE_SHEETS: &str = proto::roaming::price_sheet_service_server::SERVICE_NAME;
const SHARE_AGREEMENTS: &str = proto::roaming::share_agreement_service_server::SERVICE_NAME;
const STATEMENTS: &str = proto::roaming::statement_service_server::SERVICE_NAME;
const SUPPLY: &str = proto::charging::supply_service_server::SERVICE_NAME;
const EVENTS: &str = proto::events::event_service_server::SERVICE_NAME;
const WEBHOOKS: &str = proto::events::webhook_service_server::SERVICE_NAME;
const CDRS: &str = proto::roaming::cdr_service_server::SERVICE_NAME;
const PARTNERS: &str = proto::roaming::partner_service_server::SERVICE_NAME;
const INVOICING: &str = proto::invoicing::invoicing_service_server::SERVICE_NAME;
const CLUSTER: &str = proto::cluster::cluster_service_server::SERVICE_NAME;
const ADMIN: &str = proto::admin::admin_service_server::SERVICE_NAME;
