//! What every request brings beside its message: who asks, and until when.

use std::sync::Arc;
use std::time::Duration;

use actors::shell::{Caller, Class, Consistency, Tenant};
use domain::entity::Recipient;
use proto::store::Terms;
use tokio::time::Instant;
use tonic::metadata::MetadataMap;
use tonic::{Request, Status};
use uuid::{Uuid, Version};

use super::admission::Permit;
use super::status;
use crate::gateway::Ask;

/// How long a request may take where its client does not say.
pub(super) const USUAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Who asks where the request does not say.
const ANONYMOUS: &str = "anonymous";
const CONSISTENCY: &str = "kvarter-consistency";
const MOST_NAME_BYTES: usize = 128;
/// The most bytes of a `traceparent` that is passed on: version 00 has 55, later ones may have more.
const MOST_TRACE_BYTES: usize = 256;

/// Who asks, and until when. It holds the place that the request has among those the node serves at once.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) caller: Caller,
    deadline: Instant,
    has_deadline: bool,
    permit: Option<Permit>,
    trace: Option<Arc<str>>,
    consistency: Consistency,
}

/// How a client wants a change to be made.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner<'a> {
    /// The id by which a repeat is known; empty where there is none.
    pub(super) request_id: &'a str,
    /// Whether it is only checked.
    pub(super) validate_only: bool,
    /// The etag that what is changed must have; empty for any.
    pub(super) etag: &'a str,
}

impl Context {
    /// What a request brings beside its message, and the message.
    pub(super) fn open<T>(mut request: Request<T>) -> Result<(Self, T), Status> {
        let context = Self::of(&mut request)?;
        Ok((context, request.into_inner()))
    }

    fn of<T>(request: &mut Request<T>) -> Result<Self, Status> {
        let metadata = request.metadata();
        let client = text(metadata, "kvarter-client")?.unwrap_or(ANONYMOUS);
        let subject = text(metadata, "kvarter-subject")?.unwrap_or(client);
        let caller = Caller { client: client.into(), subject: subject.into(), roles: [].into() };
        let asked = timeout(metadata);
        let timeout = asked.unwrap_or(USUAL_TIMEOUT);
        // The server cuts a request off at its deadline without a reason; the answer with one comes just before.
        let margin = timeout.checked_div(10).unwrap_or_default().min(Duration::from_millis(100));
        let now = Instant::now();
        let deadline = now.checked_add(timeout.saturating_sub(margin)).unwrap_or(now);
        let (trace, consistency) = (trace(metadata), consistency(metadata)?);
        let permit = request.extensions_mut().remove();
        Ok(Self { caller, deadline, has_deadline: asked.is_some(), permit, trace, consistency })
    }

    /// The same for one of the requests of a stream: a stream without a deadline gives each the usual time.
    pub(super) fn renewed(&self) -> Self {
        let mut renewed = self.clone();
        if !self.has_deadline {
            let now = Instant::now();
            renewed.deadline = now.checked_add(USUAL_TIMEOUT).unwrap_or(now);
        }
        renewed
    }

    /// The trace that the request belongs to.
    pub(super) fn trace(&self) -> Option<Arc<str>> {
        self.trace.clone()
    }

    /// Whether the client said how long it waits.
    pub(super) fn has_deadline(&self) -> bool {
        self.has_deadline
    }

    /// Waits until the node stops.
    pub(super) async fn draining(&self) {
        match self.permit.clone() {
            Some(mut permit) => permit.closed().await,
            None => std::future::pending().await,
        }
    }

    /// How long a stream may stand still.
    pub(super) fn patience(&self) -> Duration {
        self.permit.as_ref().map_or(Duration::MAX, Permit::patience)
    }

    /// What is left of the time.
    pub(super) fn remaining(&self) -> Result<Duration, Status> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(status::too_late()) } else { Ok(left) }
    }

    /// A question, or a command that needs no id.
    pub(super) fn read(&self, tenant: &Tenant, entity: Recipient) -> Result<Ask, Status> {
        Ok(Ask { repeatable: true, ..self.ask(tenant, entity, None)? })
    }

    /// A command that sets something and has no id: it is not given again by itself, since that could undo what somebody else
    /// has set meanwhile.
    pub(super) fn once(&self, tenant: &Tenant, entity: Recipient) -> Result<Ask, Status> {
        self.ask(tenant, entity, None)
    }

    /// A command that changes something. It is known again by its id, where the request gives one; one that is only
    /// checked leaves nothing behind by which it could be.
    pub(super) fn write(
        &self,
        tenant: &Tenant,
        entity: Recipient,
        manner: Manner<'_>,
    ) -> Result<Ask, Status> {
        let Manner { request_id, validate_only, etag } = manner;
        let request_id = self.request_id(request_id)?.filter(|_| !validate_only);
        let ask = self.ask(tenant, entity, request_id)?;
        let is_as_it_is = !validate_only && etag.is_empty();
        let terms = (!is_as_it_is).then(|| Terms { validate_only, etag: etag.to_owned() });
        Ok(Ask { repeatable: ask.repeatable || validate_only, terms, ..ask })
    }

    /// The id that the client gave its request, if it did.
    #[expect(clippy::unused_self, reason = "an id is the client's, whose context this is")]
    pub(super) fn request_id(&self, text: &str) -> Result<Option<Uuid>, Status> {
        if text.is_empty() {
            return Ok(None);
        }
        let id = Uuid::parse_str(text).ok().filter(|id| id.get_version() == Some(Version::SortRand));
        let is_none = || status::invalid("REQUEST_ID_INVALID", "request_id", "is no UUID of version 7");
        id.map(Some).ok_or_else(is_none)
    }

    fn ask(&self, tenant: &Tenant, entity: Recipient, request_id: Option<Uuid>) -> Result<Ask, Status> {
        let (tenant, caller) = (tenant.clone(), self.caller.clone());
        let timeout = self.remaining()?;
        Ok(Ask {
            tenant,
            entity,
            caller,
            request_id,
            timeout,
            class: Class::Interactive,
            repeatable: request_id.is_some(),
            consistency: self.consistency,
            trace: self.trace(),
            terms: None,
        })
    }
}

/// A name of the metadata.
fn text<'a>(metadata: &'a MetadataMap, name: &str) -> Result<Option<&'a str>, Status> {
    let Some(value) = metadata.get(name) else { return Ok(None) };
    let named = value.to_str().ok().filter(|text| (1..=MOST_NAME_BYTES).contains(&text.len()));
    let invalid = || status::invalid_field(name, "is not 1 to 128 printable characters");
    named.map(Some).ok_or_else(invalid)
}

/// What a read has to be sure of: `kvarter-consistency`, `strong` where nothing is said.
fn consistency(metadata: &MetadataMap) -> Result<Consistency, Status> {
    match text(metadata, CONSISTENCY)? {
        None | Some("strong") => Ok(Consistency::Strong),
        Some("lease") => Ok(Consistency::Lease),
        Some(_) => Err(status::invalid_field(CONSISTENCY, "is neither strong nor lease")),
    }
}

/// The W3C trace context, where there is one. What is none is not worth a refusal.
fn trace(metadata: &MetadataMap) -> Option<Arc<str>> {
    let trace = metadata.get("traceparent")?.to_str().ok()?;
    (1..=MOST_TRACE_BYTES).contains(&trace.len()).then(|| Arc::from(trace))
}

/// How long the client waits: `grpc-timeout`, up to eight digits and a unit.
fn timeout(metadata: &MetadataMap) -> Option<Duration> {
    let text = metadata.get("grpc-timeout")?.to_str().ok()?;
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: u64 = number.parse().ok().filter(|_| number.len() <= 8 && !number.starts_with('+'))?;
    Some(match unit {
        "H" => Duration::from_secs(number.checked_mul(3600)?),
        "M" => Duration::from_secs(number.checked_mul(60)?),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}
