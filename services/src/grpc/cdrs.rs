//! `kvarter.roaming.v1.CdrService`: charge detail records, their worklist, terms of parties, charging points.
//!
//! A document is read here and given to the book of its party ([`crate::roaming`]); what a book keeps is read from its rows.

mod list;
mod stream;

use actors::entity::{entity_id, row};
use actors::shell::{Class, Section, Tenant};
use domain::cdr::{CdrKey, EvseId, Party, Road};
use domain::entity::cdr_book::{Command, Reply};
use domain::entity::{Recipient, evse};
use proto::name::{CDR, EVSE, PARTY};
use proto::roaming as message;
use proto::roaming::cdr_service_server::CdrService;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status, Streaming};

use super::context::{Context, Manner};
use super::known::Known;
use super::{fields, name, status};
use crate::gateway::{Failure, Gateway};
use crate::ocpi;
use crate::roaming::{self, Arrived, Asker, Received};

/// The longest note in bytes.
const MOST_NOTE_BYTES: usize = 500;
/// Whose book keeps what can't be read where nobody says who sent it: a code of a country that ISO 3166 leaves to its users.
const NOBODY: (&str, &str) = ("ZZ", "ZZZ");

/// The service.
#[derive(Clone)]
pub struct Cdrs {
    gateway: Gateway,
}

impl Cdrs {
    /// The service on the entities of a node.
    #[must_use]
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    /// Reads a document and gives it to its book.
    async fn take(
        &self,
        asker: &Asker,
        document: Vec<u8>,
        sender: Option<Party>,
    ) -> Result<Received, Refused> {
        let read = std::str::from_utf8(&document).map_err(|_| "the document is no UTF-8".to_owned());
        let read =
            read.and_then(|text| ocpi::read_cdr_record(text, sender).map_err(|error| error.to_string()));
        match read {
            Ok(cdr) => {
                let arrived = Arrived { cdr, document, road: Road::Api };
                roaming::receive(&self.gateway, asker, arrived).await.map_err(Refused::Failed)
            }
            Err(reason) => {
                let party = sender.or(Party::new(NOBODY.0, NOBODY.1));
                if let Some(party) = party {
                    let kept = roaming::unreadable(&document, Road::Api, &reason);
                    roaming::keep_unreadable(&self.gateway, asker, party, kept)
                        .await
                        .map_err(Refused::Failed)?;
                }
                Err(Refused::Unreadable(reason))
            }
        }
    }

    fn known<'a>(&'a self, context: &'a Context, tenant: &'a Tenant) -> Known<'a> {
        Known { gateway: &self.gateway, context, tenant }
    }

    /// Gives a book a command about a record and answers with the record.
    async fn judge(
        &self,
        ask: crate::gateway::Ask,
        command: &Command,
    ) -> Result<Response<message::Cdr>, Status> {
        let tenant = ask.tenant.clone();
        match self.gateway.ask(ask, command).await? {
            Reply::Record { record, .. } => Ok(Response::new(resource(&tenant, &record))),
            _ => Err(unexpected()),
        }
    }
}

/// Why a document is no record of a book.
enum Refused {
    /// It can't be read, and is kept.
    Unreadable(String),
    /// It is not known to be stored.
    Failed(Failure),
}

#[tonic::async_trait]
impl CdrService for Cdrs {
    type StreamCdrsStream = ReceiverStream<Result<message::StreamCdrsResponse, Status>>;

    async fn receive_cdr(
        &self,
        request: Request<message::ReceiveCdrRequest>,
    ) -> Result<Response<message::ReceiveCdrResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let tenant = name::tenant("parent", &request.parent)?;
        format(request.format)?;
        let sender = sender(&request.sender_party)?;
        let asker = asker(&context, &tenant, Class::Interactive)?;
        match self.take(&asker, request.document, sender).await {
            Ok(received) => Ok(Response::new(message::ReceiveCdrResponse {
                cdr: Some(resource(&tenant, &received.record)),
                is_changed: received.is_changed,
                is_repeat: received.is_repeat,
            })),
            Err(Refused::Unreadable(reason)) => Err(status::invalid("CDR_UNREADABLE", "document", &reason)),
            Err(Refused::Failed(failure)) => Err(failure.into()),
        }
    }

    async fn stream_cdrs(
        &self,
        request: Request<Streaming<message::StreamCdrsRequest>>,
    ) -> Result<Response<Self::StreamCdrsStream>, Status> {
        let (context, batches) = Context::open(request)?;
        Ok(Response::new(stream::answers(self.clone(), context, batches)))
    }

    async fn get_cdr(
        &self,
        request: Request<message::GetCdrRequest>,
    ) -> Result<Response<message::Cdr>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, key) = cdr("name", &request.name)?;
        let ask = context.read(&tenant, Recipient::CdrBook(key.party()))?;
        self.judge(ask, &Command::Get(key.id().to_owned())).await
    }

    async fn list_cdrs(
        &self,
        request: Request<message::ListCdrsRequest>,
    ) -> Result<Response<message::ListCdrsResponse>, Status> {
        let (context, request) = Context::open(request)?;
        list::list(&self.gateway, &context, request).await.map(Response::new)
    }

    async fn get_cdr_document(
        &self,
        request: Request<message::GetCdrDocumentRequest>,
    ) -> Result<Response<message::GetCdrDocumentResponse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, key) = cdr("name", &request.name)?;
        let book = entity_id(&tenant, &Recipient::CdrBook(key.party())).map_err(Failure::Name)?;
        let pieces = row::cdr_document_pieces(key.id(), request.number);
        let pieces = self.gateway.rows(&book, Section::Record, &pieces, usize::from(u16::MAX)).await?;
        if pieces.is_empty() {
            // Whether it is the record that is not there, or only this document.
            let ask = context.read(&tenant, Recipient::CdrBook(key.party()))?;
            self.gateway.ask(ask, &Command::Get(key.id().to_owned())).await?;
            return Err(no_document(request.number));
        }
        let document = pieces.iter().flat_map(|piece| piece.value.iter().copied()).collect();
        Ok(Response::new(message::GetCdrDocumentResponse { document }))
    }

    async fn release_cdr(
        &self,
        request: Request<message::ReleaseCdrRequest>,
    ) -> Result<Response<message::Cdr>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, key) = cdr("name", &request.name)?;
        let note = note(request.note)?;
        let asker = asker(&context, &tenant, Class::Interactive)?;
        let released = roaming::release(&self.gateway, &asker, &key, note).await?;
        Ok(Response::new(resource(&tenant, &released.record)))
    }

    async fn reject_cdr(
        &self,
        request: Request<message::RejectCdrRequest>,
    ) -> Result<Response<message::Cdr>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, key) = cdr("name", &request.name)?;
        if request.note.is_empty() {
            return Err(status::missing("note"));
        }
        let (id, change, note) = (key.id().to_owned(), request.change_number, note(request.note)?);
        let ask = context.once(&tenant, Recipient::CdrBook(key.party()))?;
        self.judge(ask, &Command::Reject { id, change, note }).await
    }

    async fn decide_dispute(
        &self,
        request: Request<message::DecideDisputeRequest>,
    ) -> Result<Response<message::Cdr>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, key) = cdr("name", &request.name)?;
        let decided = request.decision.ok_or_else(|| status::missing("decision"))?;
        let note = note(decided.note.clone())?;
        let decision = decided.decision();
        let decision = decision.map_err(|error| status::invalid_field("decision", &error.to_string()))?;
        let ask = context.once(&tenant, Recipient::CdrBook(key.party()))?;
        self.judge(ask, &Command::DecideDispute { id: key.id().to_owned(), decision, note }).await
    }

    async fn list_unreadable_cdrs(
        &self,
        request: Request<message::ListUnreadableCdrsRequest>,
    ) -> Result<Response<message::ListUnreadableCdrsResponse>, Status> {
        let (_, request) = Context::open(request)?;
        list::unreadable(&self.gateway, request).await.map(Response::new)
    }

    async fn set_party_terms(
        &self,
        request: Request<message::SetPartyTermsRequest>,
    ) -> Result<Response<message::PartyTerms>, Status> {
        let (context, request) = Context::open(request)?;
        let given = request.terms.ok_or_else(|| status::missing("terms"))?;
        let (tenant, party) = party("terms.name", &given.name)?;
        let terms = fields::required("terms", Some(given))?;
        self.known(&context, &tenant).of_terms(&terms).await?;
        let manner = Manner { validate_only: request.validate_only, ..Manner::default() };
        let ask = context.write(&tenant, Recipient::CdrBook(party), manner)?;
        terms_of(&tenant, party, self.gateway.ask(ask, &Command::SetTerms(Box::new(terms))).await?)
    }

    async fn get_party_terms(
        &self,
        request: Request<message::GetPartyTermsRequest>,
    ) -> Result<Response<message::PartyTerms>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, party) = party("name", &request.name)?;
        let ask = context.read(&tenant, Recipient::CdrBook(party))?;
        terms_of(&tenant, party, self.gateway.ask(ask, &Command::GetTerms).await?)
    }

    async fn describe_evse(
        &self,
        request: Request<message::DescribeEvseRequest>,
    ) -> Result<Response<message::Evse>, Status> {
        let (context, request) = Context::open(request)?;
        let given = request.evse.ok_or_else(|| status::missing("evse"))?;
        let (tenant, id) = evse("evse.name", &given.name)?;
        let details: evse::EvseDetails = fields::required("evse", Some(given))?;
        self.known(&context, &tenant).of_evse(&details).await?;
        let manner = Manner { validate_only: request.validate_only, ..Manner::default() };
        let ask = context.write(&tenant, Recipient::Evse(id.clone()), manner)?;
        self.gateway.ask(ask, &evse::Command::Describe(details.clone())).await?;
        let name = EVSE.name([tenant.as_str(), id.text()]);
        Ok(Response::new(message::Evse { name, ..(&details).into() }))
    }

    async fn get_evse(
        &self,
        request: Request<message::GetEvseRequest>,
    ) -> Result<Response<message::Evse>, Status> {
        let (context, request) = Context::open(request)?;
        let (tenant, id) = evse("name", &request.name)?;
        let ask = context.read(&tenant, Recipient::Evse(id.clone()))?;
        match self.gateway.ask(ask, &evse::Command::Get).await? {
            evse::Reply::Evse { details, sessions, suspect } => {
                let details: message::Evse = details.as_ref().map(Into::into).unwrap_or_default();
                Ok(Response::new(message::Evse {
                    name: EVSE.name([tenant.as_str(), id.text()]),
                    session_count: sessions,
                    suspect_session_count: suspect,
                    ..details
                }))
            }
            evse::Reply::Done => Err(status::internal("a charging point was asked for and not given")),
        }
    }
}

/// Who asks, for what takes several questions.
fn asker(context: &Context, tenant: &Tenant, class: Class) -> Result<Asker, Status> {
    Ok(Asker {
        tenant: tenant.clone(),
        caller: context.caller.clone(),
        timeout: context.remaining()?,
        class,
        trace: context.trace(),
    })
}

/// A record as a client sees it.
fn resource(tenant: &Tenant, record: &domain::entity::cdr_book::CdrRecord) -> message::Cdr {
    message::Cdr { name: cdr_name(tenant, &record.cdr.key), ..record.into() }
}

fn cdr_name(tenant: &Tenant, key: &CdrKey) -> String {
    CDR.name([tenant.as_str(), &key.party().named(), key.id()])
}

fn parse_party(field: &str, text: &str) -> Result<Party, Status> {
    Party::parse(text).filter(|party| party.named() == text).ok_or_else(|| {
        status::invalid_field(
            field,
            "names no party as NL-TNM: two letters, three letters or digits, in capitals",
        )
    })
}

/// The tenant and party of a name `tenants/{tenant}/parties/{party}`.
fn party(field: &str, name: &str) -> Result<(Tenant, Party), Status> {
    let (tenant, party) = name::resource(&PARTY, field, name)?;
    Ok((tenant, parse_party(field, &party)?))
}

/// The tenant and key of a name `tenants/{tenant}/parties/{party}/cdrs/{cdr}`.
fn cdr(field: &str, name: &str) -> Result<(Tenant, CdrKey), Status> {
    let [tenant, party, id] =
        CDR.parse(name).map_err(|error| status::invalid_field(field, &error.to_string()))?;
    let tenant = Tenant::parse(&tenant).map_err(|error| status::invalid_field(field, &error.to_string()))?;
    let key = CdrKey::new(parse_party(field, &party)?, &id);
    let key = key.ok_or_else(|| status::invalid_field(field, "names no record by 1 to 39 characters"))?;
    Ok((tenant, key))
}

/// The tenant and id of a name `tenants/{tenant}/evses/{evse}`.
fn evse(field: &str, name: &str) -> Result<(Tenant, EvseId), Status> {
    let (tenant, text) = name::resource(&EVSE, field, name)?;
    let id = EvseId::new(&text).filter(|id| id.text() == text);
    let id = id.ok_or_else(|| {
        status::invalid_field(field, "names no charging point by capitals and digits without separators")
    })?;
    Ok((tenant, id))
}

fn sender(text: &str) -> Result<Option<Party>, Status> {
    (!text.is_empty()).then(|| parse_party("sender_party", text)).transpose()
}

fn format(number: i32) -> Result<(), Status> {
    match message::CdrFormat::try_from(number) {
        Ok(message::CdrFormat::Unspecified | message::CdrFormat::OcpiJson) => Ok(()),
        Err(_) => Err(status::invalid_field("format", "is not known here")),
    }
}

fn note(note: String) -> Result<String, Status> {
    if note.len() > MOST_NOTE_BYTES {
        return Err(status::invalid_field("note", &format!("has more than {MOST_NOTE_BYTES} bytes")));
    }
    Ok(note)
}

fn terms_of(tenant: &Tenant, party: Party, reply: Reply) -> Result<Response<message::PartyTerms>, Status> {
    let Reply::Terms(terms) = reply else { return Err(unexpected()) };
    let name = PARTY.name([tenant.as_str(), &party.named()]);
    Ok(Response::new(message::PartyTerms { name, ..terms.as_ref().into() }))
}

fn no_document(number: u32) -> Status {
    let text = "no document of this number came under the key of the record";
    status::with_facts(Code::NotFound, "UNKNOWN_CDR_DOCUMENT", text, [("number", number.to_string())])
}

fn unexpected() -> Status {
    status::internal("a book was asked about one thing and said another")
}
