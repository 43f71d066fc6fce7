//! A request of a partner that was recognised: who asks, for what, with what.

use std::sync::Arc;

use actors::shell::{Node, Tenant};
use axum::extract::{FromRequest, Request};
use axum::http::header::{AUTHORIZATION, HOST, HeaderMap};
use bytes::Bytes;
use cluster::Standing;
use domain::cdr::Road;
use domain::entity::Recipient;
use domain::entity::partners::{PartnerRole, PartnerStanding};
use domain::instant::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::OcpiOptions;
use super::answer::Fault;
use super::body::{Overlong, Unread, read};
use super::calling::Caller;
use super::door::{Door, Guest, UNKNOWN_TOKEN};
use super::intake::{Intake, asker};
use super::sender::Sender;
use super::text::decoded;
use super::waiting::Waiting;
use crate::gateway::{Ask, Gateway};

/// The version that is spoken.
pub(super) const VERSION: &str = "2.2.1";

/// What all requests share.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) gateway: Gateway,
    pub(crate) node: Arc<Node>,
    pub(crate) door: Door,
    pub(crate) intake: Intake,
    pub(crate) caller: Caller,
    pub(crate) options: OcpiOptions,
    pub(crate) places: Arc<Semaphore>,
    pub(crate) waiting: Waiting,
}

/// A request of a partner.
pub(super) struct Call {
    pub(super) edge: Arc<Edge>,
    pub(super) tenant: Tenant,
    pub(super) guest: Guest,
    /// Where this tenant is reached: the beginning of every address that is told.
    pub(super) base: String,
    /// The segments of the path behind the tenant.
    pub(super) path: Vec<String>,
    /// The parameters, in order.
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Bytes,
    _place: OwnedSemaphorePermit,
}

impl FromRequest<Arc<Edge>> for Call {
    type Rejection = Fault;

    async fn from_request(request: Request, edge: &Arc<Edge>) -> Result<Self, Fault> {
        let edge = Arc::clone(edge);
        if edge.node.standing() != Standing::Admitting || edge.node.turns_away() {
            return Err(Fault::busy("the node takes nothing now"));
        }
        let place = Arc::clone(&edge.places).try_acquire_owned();
        let place = place.map_err(|_| Fault::busy("the node serves as many requests as it may"))?;
        let (head, body) = request.into_parts();
        let mut path =
            segments(head.uri.path()).ok_or_else(|| Fault::not_found("the address can't be read"))?;
        let protocol = take_first(&mut path).unwrap_or_default();
        let tenant = take_first(&mut path).and_then(|tenant| Tenant::parse(&tenant).ok());
        let tenant = tenant.ok_or_else(|| Fault::unauthorized(UNKNOWN_TOKEN))?;
        let shown = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let guest = edge.door.recognise(&tenant, shown).await?;
        let base = format!("{}/{protocol}/{tenant}", origin(&guest, &head.headers));
        let query = parameters(head.uri.query().unwrap_or_default());
        let query = query.ok_or_else(|| Fault::parameters("the query can't be read"))?;
        let awaited = edge.waiting.begin(&tenant, &guest.partner.id, edge.options.bodies)?;
        let body = match read(body, &edge.options).await {
            Ok(body) => body,
            Err(Unread::Fault(fault)) => return Err(fault),
            Err(Unread::TooLarge(body)) => return Err(too_large(&edge, (&tenant, &guest), &path, body).await),
        };
        drop(awaited);
        Ok(Self { edge, tenant, guest, base, path, query, body, _place: place })
    }
}

impl Call {
    /// Whether credentials were exchanged, and the partner does something in this role: only then it is let into a module.
    pub(super) fn check(&self, role: PartnerRole) -> Result<(), Fault> {
        let partner = &self.guest.partner;
        if partner.standing != PartnerStanding::Connected {
            let text = "the token is for credentials and versions alone; exchange credentials first";
            return Err(Fault::unauthorized(text));
        }
        match partner.acts_as(role) {
            true => Ok(()),
            false => {
                let text = format!("the partner has no role {} in its credentials", role.name());
                Err(Fault::not_found(text))
            }
        }
    }

    /// Who asks, as whoever hands something in.
    pub(super) fn sender(&self) -> Sender<'_> {
        Sender { tenant: &self.tenant, own: &self.guest.own, partner: &self.guest.partner }
    }

    /// How an entity is asked for the partner.
    pub(super) fn ask(&self, entity: Recipient) -> Ask {
        Door::ask(&self.tenant, &self.guest.partner.id, entity)
    }

    /// A segment of the path behind the tenant; empty where there is none.
    pub(super) fn segment(&self, index: usize) -> &str {
        self.path.get(index).map(String::as_str).unwrap_or_default()
    }

    /// The body as text.
    pub(super) fn text(&self) -> Result<&str, Fault> {
        str::from_utf8(&self.body).map_err(|error| Fault::malformed(&error))
    }

    /// A parameter, where it stands.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that is a time.
    pub(super) fn time(&self, name: &str) -> Result<Option<Instant>, Fault> {
        let read = |text: &str| {
            let zoned = Instant::parse(text).or_else(|| Instant::parse(&format!("{text}Z")));
            zoned.ok_or_else(|| Fault::parameters(format!("{name}: is no time such as 2026-10-01T12:00:00Z")))
        };
        self.parameter(name).map(read).transpose()
    }

    /// A parameter that counts.
    pub(super) fn count(&self, name: &str) -> Result<Option<usize>, Fault> {
        let read = |text: &str| {
            let number = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
            number.ok_or_else(|| Fault::parameters(format!("{name}: is no whole number from 0 on")))
        };
        self.parameter(name).map(read).transpose()
    }
}

fn take_first(path: &mut Vec<String>) -> Option<String> {
    if path.is_empty() { None } else { Some(path.remove(0)) }
}

/// The segments of a path; a stroke at the end makes none.
fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').map(|segment| decoded(segment, false)).collect()
}

fn parameters(query: &str) -> Option<Vec<(String, String)>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decoded(name, true)?, decoded(value, true)?))
    };
    pairs.map(pair).collect()
}

/// Where partners reach this platform, as the tenant says, or else as the request does.
fn origin(guest: &Guest, headers: &HeaderMap) -> String {
    if !guest.own.url.is_empty() {
        return guest.own.url.clone();
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("http://{host}")
}

/// What a body that is too large is answered with. A record is kept with the party of whoever sent it.
async fn too_large(
    edge: &Edge,
    (tenant, guest): (&Tenant, &Guest),
    path: &[String],
    body: Overlong,
) -> Fault {
    let fault = Fault::too_large(edge.options.most_body_bytes);
    let id = guest.partner.id.clone();
    let road = match path.last().map(String::as_str) {
        Some("cdrs") => Road::Ocpi(id),
        Some("charge-detail-record") => Road::Oicp(id),
        _ => return fault,
    };
    if guest.partner.standing != PartnerStanding::Connected {
        return fault;
    }
    let kept = body.kept(road, &fault.text);
    edge.intake.keep(&asker(tenant, &guest.partner.id), &guest.partner, kept, fault).await
}
