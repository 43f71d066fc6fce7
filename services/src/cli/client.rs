//! The generated client, with the name of who asks, deadlines, and patience with a busy node.
//!
//! Every command of this program has the same effect once or twice, so that it needs no ids of requests: what was not
//! answered is asked again.

use std::error::Error;
use std::time::Duration;

use clap::Args;
use proto::account::account_service_client::AccountServiceClient;
use proto::admin::admin_service_client::AdminServiceClient;
use proto::catalog::catalog_service_client::CatalogServiceClient;
use proto::charging::charging_service_client::ChargingServiceClient;
use proto::charging::supply_service_client::SupplyServiceClient;
use proto::cluster::cluster_service_client::ClusterServiceClient;
use proto::directory::directory_service_client::DirectoryServiceClient;
use proto::events::event_service_client::EventServiceClient;
use proto::events::webhook_service_client::WebhookServiceClient;
use proto::invoicing::invoicing_service_client::InvoicingServiceClient;
use proto::metering::metering_service_client::MeteringServiceClient;
use proto::name;
use proto::roaming::cdr_service_client::CdrServiceClient;
use proto::roaming::charging_contract_service_client::ChargingContractServiceClient;
use proto::roaming::partner_service_client::PartnerServiceClient;
use proto::roaming::price_sheet_service_client::PriceSheetServiceClient;
use proto::roaming::share_agreement_service_client::ShareAgreementServiceClient;
use proto::roaming::statement_service_client::StatementServiceClient;
use tonic::metadata::MetadataValue;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};

use super::failure::Failure;

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How long the network may take to a node.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The pauses before a request is made again that a busy node did not take.
const PAUSES_MS: [u64; 7] = [50, 100, 200, 400, 800, 1600, 3200];
/// The largest answer: a rendered invoice or a page of days.
const MOST_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Which node, and whose data.
#[derive(Args, Clone, Debug)]
pub struct Connection {
    /// The address of a node
    #[arg(
        long,
        env = "KVARTER_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:7420",
        global = true
    )]
    pub server: String,
    /// The tenant whose data it is
    #[arg(long, env = "KVARTER_TENANT", value_name = "TENANT", global = true)]
    pub tenant: Option<String>,
}

/// A channel that says who asks.
pub(super) type Named = InterceptedService<Channel, fn(Request<()>) -> Result<Request<()>, Status>>;

/// A node, whosever data it is about.
#[derive(Clone)]
pub(super) struct Server {
    channel: Channel,
}

/// The services of a node for one tenant.
#[derive(Clone)]
pub(super) struct Client {
    server: Server,
    tenant: String,
}

impl Server {
    /// Connects to the node.
    pub(super) async fn connect(connection: &Connection) -> Result<Self, Failure> {
        let server = &match connection.server.contains("://") {
            true => connection.server.clone(),
            false => format!("http://{}", connection.server),
        };
        let channel = endpoint(server)?.connect().await;
        let channel = channel
            .map_err(|error| Failure::Unreachable { server: server.clone(), detail: innermost(&error) })?;
        Ok(Self { channel })
    }

    fn named(&self) -> Named {
        InterceptedService::new(self.channel.clone(), say_who_asks)
    }

    pub(super) fn cluster(&self) -> ClusterServiceClient<Named> {
        ClusterServiceClient::new(self.named())
    }
}

impl Client {
    /// Connects to the node.
    pub(super) async fn connect(connection: &Connection) -> Result<Self, Failure> {
        let missing = || Failure::Usage("name the tenant with --tenant, or in KVARTER_TENANT".to_owned());
        let tenant = connection.tenant.clone().ok_or_else(missing)?;
        Ok(Self { server: Server::connect(connection).await?, tenant })
    }

    /// Asks any of these nodes, by their addresses; whichever answers.
    pub(super) fn of_any(servers: &[String], tenant: &str) -> Result<Self, Failure> {
        let endpoints: Result<Vec<Endpoint>, Failure> =
            servers.iter().map(|server| endpoint(server)).collect();
        let channel = Channel::balance_list(endpoints?.into_iter());
        Ok(Self { server: Server { channel }, tenant: tenant.to_owned() })
    }

    /// The tenant's id.
    pub(super) fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The tenant's name.
    pub(super) fn parent(&self) -> String {
        name::TENANT.name([&self.tenant])
    }

    fn named(&self) -> Named {
        self.server.named()
    }

    pub(super) fn metering(&self) -> MeteringServiceClient<Named> {
        MeteringServiceClient::new(self.named()).max_decoding_message_size(MOST_ANSWER_BYTES)
    }

    pub(super) fn accounts(&self) -> AccountServiceClient<Named> {
        AccountServiceClient::new(self.named()).max_decoding_message_size(MOST_ANSWER_BYTES)
    }

    pub(super) fn catalog(&self) -> CatalogServiceClient<Named> {
        CatalogServiceClient::new(self.named()).max_decoding_message_size(MOST_ANSWER_BYTES)
    }

    pub(super) fn charging(&self) -> ChargingServiceClient<Named> {
        ChargingServiceClient::new(self.named())
    }

    pub(super) fn charging_contracts(&self) -> ChargingContractServiceClient<Named> {
        ChargingContractServiceClient::new(self.named()).max_decoding_message_size(MOST_ANSWER_BYTES)
    }

    pub(super) fn supply(&self) -> SupplyServiceClient<Named> {
        SupplyServiceClient::new(self.named())
    }

    pub(super) fn directory(&self) -> DirectoryServiceClient<Named> {
        DirectoryServiceClient::new(self.named())
    }

    pub(super) fn events(&self) -> EventServiceClient<Named> {
        EventServiceClient::new(self.named()).max_decoding_message_size(MOST_ANSWER_BYTES)
    }

    pub(super) fn cdrs(&self) -> CdrServiceClient<Named> {
        CdrServiceClient::new(self.named()).max_decoding_message_size(MOST_ANSWER_BYTES)
    }

    pub(super) fn webhooks(&self) -> WebhookServiceClient<Named> {
        WebhookServiceClient::new(self.named())
    }

    pub(super) fn partners(&self) -> PartnerServiceClient<Named> {
        PartnerServiceClient::new(self.named())
    }

    pub(super) fn price_sheets(&self) -> PriceSheetServiceClient<Named> {
        PriceSheetServiceClient::new(self.named()).max_decoding_message_size(MOST_ANSWER_BYTES)
    }

    pub(super) fn share_agreements(&self) -> ShareAgreementServiceClient<Named> {
        ShareAgreementServiceClient::new(self.named()).max_decoding_message_size(MOST_ANSWER_BYTES)
    }

    pub(super) fn statements(&self) -> StatementServiceClient<Named> {
        StatementServiceClient::new(self.named()).max_decoding_message_size(MOST_ANSWER_BYTES)
    }

    pub(super) fn invoicing(&self) -> InvoicingServiceClient<Named> {
        InvoicingServiceClient::new(self.named()).max_decoding_message_size(MOST_ANSWER_BYTES)
    }

    pub(super) fn admin(&self) -> AdminServiceClient<Named> {
        AdminServiceClient::new(self.named())
    }
}

/// Asks, and asks again while the node is busy or did not say what became of it.
pub(super) async fn ask<M: Clone, R>(
    message: M,
    call: impl AsyncFn(Request<M>) -> Result<Response<R>, Status>,
) -> Result<R, Status> {
    for pause_ms in PAUSES_MS {
        match call(request(message.clone())).await {
            Err(status) if passes(&status) => tokio::time::sleep(Duration::from_millis(pause_ms)).await,
            answer => return answer.map(Response::into_inner),
        }
    }
    call(request(message)).await.map(Response::into_inner)
}

/// Every page of a list. `page` gives the entries behind a token and the next token, which is empty after the last.
pub(super) async fn every_page<T>(
    page: impl AsyncFn(String) -> Result<(Vec<T>, String), Failure>,
) -> Result<Vec<T>, Failure> {
    let mut all = Vec::new();
    let mut token = String::new();
    loop {
        let (mut entries, next) = page(token).await?;
        all.append(&mut entries);
        if next.is_empty() {
            return Ok(all);
        }
        token = next;
    }
}

fn endpoint(server: &str) -> Result<Endpoint, Failure> {
    let usage = |error: String| Failure::Usage(format!("--server {server}: {error}; write http://HOST:PORT"));
    let endpoint = Endpoint::from_shared(server.to_owned()).map_err(|error| usage(error.to_string()))?;
    // Whoever asks for encryption must not be answered without.
    if endpoint.uri().scheme_str() != Some("http") {
        return Err(usage("a node speaks plain HTTP/2, and nothing else".to_owned()));
    }
    Ok(endpoint.connect_timeout(CONNECT_TIMEOUT).tcp_nodelay(true))
}

fn request<M>(message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.set_timeout(TIMEOUT);
    request
}

fn passes(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::ResourceExhausted | Code::Aborted)
        || is_broken_off(status)
}

/// Whether the connection broke before an answer came, as where a node is killed: what it said itself has no source.
pub(super) fn is_broken_off(status: &Status) -> bool {
    matches!(status.code(), Code::Unknown | Code::Internal) && status.source().is_some()
}

#[expect(clippy::unnecessary_wraps, reason = "the type that an interceptor has")]
fn say_who_asks(mut request: Request<()>) -> Result<Request<()>, Status> {
    request.metadata_mut().insert("kvarter-client", MetadataValue::from_static("kvarter-cli"));
    Ok(request)
}

/// The last of the errors that caused one another: what a person can act on.
fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_answered_is_asked_again() {
        let broken = || Status::from_error("transport error".into());
        let cases = [
            (broken(), true),
            (Status::unavailable("stopping"), true),
            (Status::resource_exhausted("busy"), true),
            (Status::unknown("transport error"), false),
            (Status::internal("a defect"), false),
            (Status::not_found("no such point"), false),
        ];
        for (status, expected) in cases {
            assert_eq!(passes(&status), expected, "{status}");
        }
        assert_eq!(broken().code(), Code::Unknown);
    }
}
