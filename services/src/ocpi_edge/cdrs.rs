//! Charge detail records: those of partners by POST and GET, and the tenant's own in a list (OCPI 2.2.1, cdrs).

use axum::http::header::LOCATION;
use domain::cdr::{CdrKey, Party, Road};
use domain::entity::partners::{PartnerRole, PartyRole};
use domain::entity::{Recipient, cdr_book};

use super::answer::{Answer, Code, Fault};
use super::list::{Paging, answer};
use super::request::{Call, VERSION};
use super::sold::{Entry, document, sold_to, told};
use super::text::encoded;
use crate::gateway::Failure;

/// Where the tenant's own records are.
const PATH: &str = "cpo/cdrs";

/// POST of a record.
pub(super) async fn post(call: Call) -> Result<Answer, Fault> {
    call.check(PartnerRole::Operator)?;
    let road = Road::Ocpi(call.guest.partner.id.clone());
    let taken = call.edge.intake.receive(call.sender(), road, &call.body).await?;
    if taken.is_changed {
        let text = format!(
            "a record {} was received before with other content; it can't be changed: send a credit and a new one",
            taken.key.named()
        );
        return Err(Fault::of(Code::Client, text));
    }
    if let Some(why) = taken.refused {
        return Err(Fault::of(
            Code::Client,
            format!("the credit {} has no effect: {why}", taken.key.named()),
        ));
    }
    let answer = if taken.is_repeat { Answer::done() } else { Answer::created() };
    let (party, id) = (taken.key.party(), encoded(taken.key.id()));
    let url = format!("{}/{VERSION}/emsp/cdrs/{}/{}/{id}", call.base, party.country(), party.id());
    let answer = answer.with(LOCATION, &url);
    Ok(match taken.reasons.is_empty() {
        true => answer,
        false => answer.saying(format!("received, and held back for a person: {}", taken.reasons.join(", "))),
    })
}

/// GET of a record, as it came: of the partner's own parties, or what came by it as a hub.
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    call.check(PartnerRole::Operator)?;
    let party = Party::new(call.segment(3), call.segment(4));
    let key = party.and_then(|party| CdrKey::new(party, call.segment(5)));
    let unknown = || Fault::not_found("there is no such record of yours");
    let key = key.ok_or_else(unknown)?;
    if !may_read(&call, &key).await? {
        return Err(unknown());
    }
    let held = document(&call.edge.gateway, &call.tenant, &key).await?;
    Ok(Answer::json(held.ok_or_else(unknown)?))
}

/// Whether a record is the partner's to read: of a party of its own, by whatever road it came. A hub speaks for everybody,
/// and still reads only what came by it; nobody reads what is the tenant's own.
async fn may_read(call: &Call, key: &CdrKey) -> Result<bool, Fault> {
    if !call.sender().may_tell(PartnerRole::Operator, key.party()) {
        return Ok(false);
    }
    let partner = &call.guest.partner;
    if partner.parties.contains(&PartyRole { role: PartnerRole::Operator, party: key.party() }) {
        return Ok(true);
    }
    let ask = call.ask(Recipient::CdrBook(key.party()));
    match call.edge.gateway.ask(ask, &cdr_book::Command::Get(key.id().to_owned())).await {
        Ok(cdr_book::Reply::Record { record, .. }) => Ok(match &record.road {
            Road::Ocpi(by) | Road::Oicp(by) => *by == partner.id,
            Road::File | Road::Api => false,
        }),
        Ok(_) => Err(Fault::defect("a record was asked for and not given")),
        Err(Failure::Rejected(_)) => Ok(false),
        Err(failure) => Err(failure.into()),
    }
}

/// GET of what the tenant has sold to the partner as an operator, as it was charged.
pub(super) async fn list(call: &Call) -> Result<Answer, Fault> {
    call.check(PartnerRole::Provider)?;
    let paging = Paging::of(call)?;
    let Some(account) = &call.guest.partner.account else {
        let nothing = paging.page(Vec::new(), Entry::place);
        return Ok(answer(call, PATH, (&paging, &nothing), &[]));
    };
    let parties: Vec<Party> = call.guest.own.parties_as(PartnerRole::Operator).collect();
    let found = sold_to(call, account, &parties, &paging).await?;
    let page = paging.page(found, Entry::place);
    let items = told(call, account, &page.entries).await?;
    Ok(answer(call, PATH, (&paging, &page), &items))
}
