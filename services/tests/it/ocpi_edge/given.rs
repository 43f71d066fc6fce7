//! A tenant with a partner that is an operator and one that is a provider, and requests as they make them.

use std::net::SocketAddr;

use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use proto::roaming::partner_service_client::PartnerServiceClient;
use proto::roaming::{
    CreatePartnerRequest, OwnProfile, PartnerRole, PartyRole, PublishObjectRequest, RequestLimit,
    RoamingModule, SetOwnProfileRequest,
};
use serde_json::{Value, json};
use services::node::NodeOptions;
use services::ocpi_edge::OcpiOptions;
use services::store::StoreAddress;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tonic::transport::Channel;

use super::platform::Platform;
use crate::grpc::supplier::{TENANT, account_name};
use crate::grpc::world::{World, options};

/// Where the partners' addresses begin.
pub(crate) const BASE: &str = "/ocpi/light";

/// A node, its partners, and the platform that both partners have.
pub(crate) struct Given {
    pub(crate) world: World,
    pub(crate) partners: PartnerServiceClient<Channel>,
    pub(crate) platform: Platform,
    /// The token of the operator NL*TNM.
    pub(crate) operator: String,
    /// The token of the provider DE*DCB.
    pub(crate) provider: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A connection that is kept.
pub(crate) struct Line {
    pub(crate) sender: SendRequest<Full<Bytes>>,
    host: String,
    _carrying: JoinSet<()>,
}

pub(crate) fn with_edge(store: StoreAddress) -> NodeOptions {
    let ocpi = OcpiOptions { fetch_every: std::time::Duration::ZERO, ..OcpiOptions::default() };
    NodeOptions { ocpi_listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))), ocpi, ..options(store) }
}

pub(crate) fn party(role: PartnerRole, country: &str, id: &str) -> PartyRole {
    PartyRole { role: role.into(), country_code: country.to_owned(), party_id: id.to_owned() }
}

impl Given {
    /// Both partners have exchanged credentials.
    pub(crate) async fn new() -> Self {
        Self::with(with_edge(StoreAddress::Memory)).await
    }

    pub(crate) async fn with(options: NodeOptions) -> Self {
        let mut world = World::with(options).await;
        world.with_catalog().await;
        for account in ["tnm", "dcb"] {
            world.open(TENANT, account).await;
        }
        let mut partners = PartnerServiceClient::new(world.channel.clone());
        let own = OwnProfile {
            business_name: "Light".to_owned(),
            parties: vec![
                party(PartnerRole::Operator, "NL", "LGT"),
                party(PartnerRole::Provider, "NL", "LGT"),
            ],
            url: String::new(),
        };
        partners
            .set_own_profile(SetOwnProfileRequest { parent: TENANT.to_owned(), own: Some(own) })
            .await
            .unwrap();
        let platform = Platform::start().await;
        let mut given = Self { world, partners, platform, operator: String::new(), provider: String::new() };
        given.operator =
            given.connected("tnm", json!([{"role": "CPO", "party_id": "TNM", "country_code": "NL"}])).await;
        given.provider =
            given.connected("dcb", json!([{"role": "EMSP", "party_id": "DCB", "country_code": "DE"}])).await;
        given
    }

    /// A new partner: the token by which it introduces itself.
    pub(crate) async fn create(&mut self, id: &str, limit: Option<RequestLimit>) -> String {
        self.agreed(id, limit, Vec::new()).await
    }

    /// A hub as it was agreed, which has exchanged credentials: its token.
    pub(crate) async fn hub(&mut self) -> String {
        self.world.open(TENANT, "hub").await;
        let token = self.agreed("hub", None, vec![party(PartnerRole::Hub, "DE", "HUB")]).await;
        let roles = json!([{"role": "HUB", "party_id": "HUB", "country_code": "DE"}]);
        self.introduced("hub", &token, roles).await
    }

    async fn agreed(&mut self, id: &str, limit: Option<RequestLimit>, parties: Vec<PartyRole>) -> String {
        let request = CreatePartnerRequest {
            name: format!("{TENANT}/partners/{id}"),
            account: account_name(id),
            limit,
            parties,
        };
        self.partners.create_partner(request).await.unwrap().into_inner().token
    }

    /// A new partner that has exchanged credentials: its token.
    pub(crate) async fn connected(&mut self, id: &str, roles: Value) -> String {
        let token = self.create(id, None).await;
        self.introduced(id, &token, roles).await
    }

    async fn introduced(&self, id: &str, token: &str, roles: Value) -> String {
        let body = self.platform.credentials(&format!("token-of-{id}"), roles);
        let told = self.post(&format!("{BASE}/2.2.1/credentials"), token, &body).await;
        assert_eq!(told.code(), 1000, "{told:?}");
        told.body["data"]["token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.world.node.ocpi_address().unwrap()
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Told {
        self.ask(Method::GET, path, token, Bytes::new()).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Told {
        self.ask(Method::POST, path, token, body.to_string().into()).await
    }

    pub(crate) async fn put(&self, path: &str, token: &str, body: &Value) -> Told {
        self.ask(Method::PUT, path, token, body.to_string().into()).await
    }

    pub(crate) async fn patch(&self, path: &str, token: &str, body: &Value) -> Told {
        self.ask(Method::PATCH, path, token, body.to_string().into()).await
    }

    /// Asks on a connection of its own.
    pub(crate) async fn ask(&self, method: Method, path: &str, token: &str, body: Bytes) -> Told {
        Line::open(self.address()).await.ask(method, path, token, body).await
    }

    /// Shows an object of the tenant's own to partners.
    pub(crate) async fn publish(&mut self, module: RoamingModule, object: &Value) -> bool {
        let request = PublishObjectRequest {
            parent: TENANT.to_owned(),
            module: module.into(),
            json: object.to_string(),
        };
        self.partners.publish_object(request).await.unwrap().into_inner().held
    }
}

impl Line {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        let mut carrying = JoinSet::new();
        carrying.spawn(async move { drop(connection.await) });
        Self { sender, host: address.to_string(), _carrying: carrying }
    }

    pub(crate) async fn ask(&mut self, method: Method, path: &str, token: &str, body: Bytes) -> Told {
        let shown = format!("Token {}", STANDARD.encode(token));
        let request = Request::builder().method(method).uri(path).header(HOST, &self.host);
        let request =
            request.header(AUTHORIZATION, shown).header("X-Request-ID", "the id").body(Full::new(body));
        self.send(request.unwrap()).await
    }

    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Told {
        self.sender.ready().await.unwrap();
        let (head, body) = self.sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&body).unwrap();
        Told { status: head.status, headers: head.headers, body }
    }
}

impl Told {
    /// The status code of OCPI.
    pub(crate) fn code(&self) -> u64 {
        self.body["status_code"].as_u64().unwrap_or_default()
    }

    pub(crate) fn message(&self) -> &str {
        self.body["status_message"].as_str().unwrap_or_default()
    }

    pub(crate) fn data(&self) -> &Value {
        &self.body["data"]
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The status of HTTP and that of OCPI.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, code: u64) {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{self:?}");
    }
}

/// A location of NL*TNM with one charging point of 22 kW.
pub(crate) fn location(id: &str) -> Value {
    json!({
        "country_code": "NL", "party_id": "TNM", "id": id, "publish": true, "name": "Station",
        "address": "F.Rooseveltlaan 3A", "city": "Gent", "country": "BEL",
        "coordinates": {"latitude": "51.047599", "longitude": "3.729944"},
        "time_zone": "Europe/Brussels", "last_updated": "2026-11-01T10:00:00Z",
        "x_of_another_release": {"kept": [1, 2.50, "three"]},
        "evses": [{
            "uid": "3256", "evse_id": "NL*TNM*E041503001", "status": "AVAILABLE",
            "last_updated": "2026-11-01T10:00:00Z",
            "connectors": [{
                "id": "1", "standard": "IEC_62196_T2", "format": "CABLE", "power_type": "AC_3_PHASE",
                "max_voltage": 230, "max_amperage": 32, "last_updated": "2026-11-01T10:00:00Z"
            }]
        }]
    })
}

/// A record of NL*TNM for a driver of DE*DCB.
pub(crate) fn cdr(id: &str) -> Value {
    json!({
        "country_code": "NL", "party_id": "TNM", "id": id,
        "start_date_time": "2026-11-20T21:39:09Z", "end_date_time": "2026-11-20T23:37:32Z",
        "session_id": format!("session-{id}"),
        "cdr_token": {
            "country_code": "DE", "party_id": "DCB", "uid": "012345678", "type": "RFID",
            "contract_id": "DE-DCB-C12345678-X"
        },
        "auth_method": "WHITELIST",
        "cdr_location": {
            "id": "LOC1", "address": "F.Rooseveltlaan 3A", "city": "Gent", "country": "BEL",
            "coordinates": {"latitude": "51.047599", "longitude": "3.729944"},
            "evse_uid": "3256", "evse_id": "NL*TNM*E041503001", "connector_id": "1",
            "connector_standard": "IEC_62196_T2", "connector_format": "CABLE", "connector_power_type": "AC_3_PHASE"
        },
        "currency": "EUR",
        "charging_periods": [{
            "start_date_time": "2026-11-20T21:39:09Z",
            "dimensions": [{"type": "ENERGY", "volume": 15.342}, {"type": "TIME", "volume": 1.973}]
        }],
        "total_cost": {"excl_vat": 4.00, "incl_vat": 4.40},
        "total_energy": 15.342, "total_time": 1.973, "last_updated": "2026-11-21T22:01:13Z",
        "signed_data": {"encoding_method": "OCMF", "signed_values": []}
    })
}
