//! Records of OICP 2.3 from a hub (`eRoamingChargeDetailRecord`), acknowledged in its own words.

use axum::response::{IntoResponse, Response};
use axum::{body::Body, http::StatusCode};
use domain::cdr::{EvseId, Party, Road};
use domain::entity::partners::PartnerStanding;
use domain::entity::{Recipient, catalog, cdr_book};
use domain::money::Currency;
use serde::Serialize;

use super::answer::Fault;
use super::intake::{asker, fault, spoken_for};
use super::request::Call;
use crate::gateway::Failure;
use crate::ocpi::content_digest;
use crate::ocpi::node::Node;
use crate::oicp::read_cdr;
use crate::roaming::unreadable;

/// How long an operator's id is without separators: `DEABC`.
const OPERATOR_LETTERS: usize = 5;

/// What a hub is told (OICP 2.3, eRoamingAcknowledgement).
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Acknowledgement {
    result: bool,
    status_code: StatusOf,
    #[serde(rename = "SessionID", skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    #[serde(rename = "CPOPartnerSessionID", skip_serializing_if = "Option::is_none")]
    cpo_partner_session_id: Option<String>,
    #[serde(rename = "EMPPartnerSessionID", skip_serializing_if = "Option::is_none")]
    emp_partner_session_id: Option<String>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StatusOf {
    code: &'static str,
    description: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_info: Option<String>,
}

/// POST of a record.
pub(super) async fn post(call: Call) -> Response {
    let mut acknowledgement = call.text().map(Acknowledgement::of).unwrap_or_default();
    let (status, code) = match receive(&call).await {
        Ok(None) => (StatusCode::OK, StatusOf { code: "000", description: "Success", additional_info: None }),
        Ok(Some(remark)) => {
            (StatusCode::OK, StatusOf { code: "000", description: "Success", additional_info: Some(remark) })
        }
        // What is busy is told as such, so that the hub comes again.
        Err(fault) if fault.status.is_server_error() => return fault.into_response(),
        Err(fault) => {
            let status = if fault.status == StatusCode::OK { StatusCode::BAD_REQUEST } else { fault.status };
            (status, StatusOf { code: "022", description: "Data error", additional_info: Some(fault.text) })
        }
    };
    acknowledgement.result = code.code == "000";
    acknowledgement.status_code = code;
    let body = serde_json::to_string(&acknowledgement).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let kind = axum::http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, kind);
    response
}

/// Gives the record to its book, and says what is worth a remark.
async fn receive(call: &Call) -> Result<Option<String>, Fault> {
    let partner = &call.guest.partner;
    if partner.standing == PartnerStanding::Suspended || !partner.is_hub() {
        return Err(Fault::unauthorized("only a partner that is a hub hands in records of OICP"));
    }
    let (asker, road) = (asker(&call.tenant, &partner.id), Road::Oicp(partner.id.clone()));
    let read = async {
        let text = call.text()?;
        let content = content_digest(text).map_err(fault)?;
        // In which currency it is agreed, its operator says, which has to be read first.
        let mut cdr = read_cdr(text, Currency::Eur, content).map_err(fault)?;
        spoken_for(call.sender(), cdr.key.party())?;
        addressed(call, cdr.key.party())?;
        cdr.session.currency = currency(call, cdr.key.party()).await?;
        Ok::<_, Fault>(cdr)
    };
    match read.await {
        Ok(cdr) => {
            let taken = call.edge.intake.give(&asker, partner, cdr, (&call.body, road)).await?;
            if taken.is_changed {
                return Err(Fault::parameters(format!(
                    "{} was received before with other content",
                    taken.key
                )));
            }
            let remark = format!("held back for a person: {}", taken.reasons.join(", "));
            Ok(Some(remark).filter(|_| !taken.reasons.is_empty()))
        }
        Err(fault) if fault.status.is_server_error() => Err(fault),
        Err(fault) => {
            let kept = unreadable(&call.body, road, &fault.text);
            Err(call.edge.intake.keep(&asker, partner, kept, fault).await)
        }
    }
}

/// Whether the operator of the address may hand in a record of this operator: it is this one, or the hub was agreed to act
/// as it, as for operators whose stations others run.
fn addressed(call: &Call, operator: Party) -> Result<(), Fault> {
    let named = call.segment(5);
    // As in the ids of charging points, with separators or without.
    let id = EvseId::new(named).filter(|id| id.text().len() == OPERATOR_LETTERS);
    let party = id.and_then(|id| id.operator());
    let is_agreed = |party: Party| call.guest.partner.parties.iter().any(|one| one.party == party);
    match party {
        Some(party) if party == operator || is_agreed(party) => Ok(()),
        _ => {
            let text = format!("EvseID: is of {operator}, and not of the operator of the address, {named}");
            Err(Fault::parameters(text))
        }
    }
}

/// The currency that was agreed with an operator, or else the tenant's.
async fn currency(call: &Call, operator: Party) -> Result<Currency, Fault> {
    let gateway = &call.edge.gateway;
    let ask = call.ask(Recipient::CdrBook(operator));
    match gateway.ask(ask, &cdr_book::Command::GetTerms).await {
        Ok(cdr_book::Reply::Terms(terms)) => return Ok(terms.currency),
        Ok(_) => return Err(Fault::defect("a book was asked for its terms and said something else")),
        Err(Failure::Rejected(_)) => {}
        Err(failure) => return Err(failure.into()),
    }
    let catalog::Reply::State(state) =
        gateway.ask(call.ask(Recipient::Catalog), &catalog::Command::Get).await?
    else {
        return Err(Fault::defect("a catalogue was asked for settings and said something else"));
    };
    let missing = || Fault::parameters("no currency was agreed with the operator of EvseID");
    state.settings.map(|settings| settings.currency).ok_or_else(missing)
}

impl Acknowledgement {
    /// One that names the sessions of a record, as far as it can be read.
    fn of(text: &str) -> Self {
        let fields = Node::read(text).and_then(|node| node.fields());
        let named = |name: &str| fields.as_ref().ok()?.read(name, Node::text).ok()?;
        Self {
            session_id: named("SessionID"),
            cpo_partner_session_id: named("CPOPartnerSessionID"),
            emp_partner_session_id: named("EMPPartnerSessionID"),
            ..Self::default()
        }
    }
}
