//! Real-time authorisation: may this token charge now (OCPI 2.2.1, tokens: POST authorize).
//!
//! The directory says whose the token is, and that account whether the token may spend. An account that pays afterwards, which
//! has no balance and no credit limit, may as long as it is neither blocked nor suspended.

use domain::amount::Amount;
use domain::entity::account::{self, Reply as AccountReply};
use domain::entity::directory::{self, Owner};
use domain::entity::partners::PartnerRole;
use domain::entity::roaming_object::RoamingModule;
use domain::entity::{Recipient, catalog, partners::OwnProfile};
use domain::funds::{Ask as FundsAsk, Asked, Funds, FundsCommand, FundsReply, Usage};
use domain::ledger::Asset;
use domain::money::Currency;
use domain::token::Token;
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::answer::{Answer, Code, Fault, now};
use super::charging_points::MOST_POINTS;
use super::merge::{Object, names};
use super::object::{self, USUAL_TOKEN_TYPE};
use super::request::Call;
use crate::clock::SystemClock;
use crate::gateway::Failure;

/// What is answered (OCPI 2.2.1, `AuthorizationInfo`).
#[derive(Serialize)]
struct AuthorizationInfo {
    allowed: &'static str,
    token: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationReferences>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_reference: Option<String>,
}

#[derive(Serialize)]
struct LocationReferences {
    location_id: String,
    evse_uids: Vec<String>,
}

/// A token as it is told where its object was not published.
#[derive(Serialize)]
struct TokenObject<'a> {
    country_code: &'a str,
    party_id: &'a str,
    uid: &'a str,
    r#type: &'a str,
    contract_id: &'a str,
    issuer: &'a str,
    valid: bool,
    whitelist: &'static str,
    last_updated: String,
}

/// Where somebody wants to charge.
struct Place {
    location: String,
    evse_uids: Vec<String>,
}

/// POST: may this token charge, there?
pub(super) async fn post(call: Call) -> Result<Answer, Fault> {
    call.check(PartnerRole::Operator)?;
    let (uid, kind) = (call.segment(3), call.parameter("type").unwrap_or(USUAL_TOKEN_TYPE));
    let token = Token::new(&token_type(kind), uid);
    let token = token.map_err(|error| Fault::parameters(format!("token_uid: {error}")))?;
    let asked = asked(&call)?;
    // Whose it is costs little, and a token of nobody is asked about no further.
    let (account, since) = holder(&call, &token).await?;
    let location = match asked {
        Some(asked) => Some(location(&call, asked).await?),
        None => None,
    };
    let allowed = allowed(&call, &account, &token).await?;
    let reference = Uuid::from_u128(SystemClock::new().fresh_id()).to_string();
    Answer::value(&AuthorizationInfo {
        allowed,
        token: told(&call, (uid, kind), since).await?,
        location,
        authorization_reference: (allowed == "ALLOWED").then_some(reference),
    })
}

/// The type of a token by its name in OCPI (2.2.1, `TokenType`), as records have it.
fn token_type(kind: &str) -> String {
    match kind {
        "EMAID" => "contract_id".to_owned(),
        kind => kind.to_ascii_lowercase(),
    }
}

/// The account that holds a token, and since when.
async fn holder(call: &Call, token: &Token) -> Result<(String, domain::instant::Instant), Fault> {
    let unknown = |text: &str| Fault::not_found(text).coded(Code::UnknownToken);
    let ask = call.ask(Recipient::Directory(token.clone()));
    match call.edge.gateway.ask(ask, &directory::Command::Get).await {
        Ok(directory::Reply::Held(held)) => match held.claim.owner {
            Owner::Account(account) => Ok((account, held.since)),
            Owner::MeteringPoint(_) => {
                Err(unknown("the token belongs to a metering point, which pays nothing"))
            }
        },
        Ok(_) => Err(Fault::defect("the holder of a token was asked for and not given")),
        Err(Failure::Rejected(_)) => Err(unknown("nobody holds the token")),
        Err(failure) => Err(failure.into()),
    }
}

/// Whether the account may spend, in the words of OCPI (2.2.1, `AllowedType`).
async fn allowed(call: &Call, account: &str, token: &Token) -> Result<&'static str, Fault> {
    let command = account::Command::Funds(FundsCommand::Get);
    let funds = match ask_funds(call, account, &command).await {
        Ok(FundsReply::State(funds)) => funds,
        Ok(_) => return Err(Fault::defect("an account was asked for its funds and said something else")),
        Err(Failure::Rejected(_)) => return Ok("NOT_ALLOWED"),
        Err(failure) => return Err(failure.into()),
    };
    let spends_in = spends_in(&funds);
    let currency = match spends_in {
        Some(currency) => currency,
        None => usual_currency(call).await?,
    };
    // Nobody begins to charge with less than one unit of the currency.
    let asked = Asked::Amount(Amount::from_decimal(1, 0).unwrap_or_default(), currency);
    let ask = FundsAsk { member: None, usage: Usage::default(), asked };
    let command = account::Command::FundsByToken(token.clone(), FundsCommand::Authorize(ask));
    let refused = match ask_funds(call, account, &command).await {
        Ok(FundsReply::Granted(grant)) if grant.shortage.is_none() => return Ok("ALLOWED"),
        Ok(FundsReply::Granted(_)) => "OUT_OF_CREDIT".to_owned(),
        Ok(FundsReply::Refused(refused)) => reason(proto::store::Rejection::from(&refused)),
        Ok(_) => {
            return Err(Fault::defect("an account was asked whether it may spend and said something else"));
        }
        Err(Failure::Rejected(told)) => reason(told),
        Err(failure) => return Err(failure.into()),
    };
    Ok(match refused.as_str() {
        // What is paid afterwards needs no credit.
        "OUT_OF_CREDIT" if spends_in.is_none() => "ALLOWED",
        "OUT_OF_CREDIT" | "LIMIT_REACHED" | "CARD_LIMIT" => "NO_CREDIT",
        "BLOCKED" | "SUSPENDED" | "TOKEN_BLOCKED" | "MEMBER_BLOCKED" => "BLOCKED",
        _ => "NOT_ALLOWED",
    })
}

fn reason(told: proto::store::Rejection) -> String {
    told.reason.map(|reason| reason.code).unwrap_or_default()
}

/// The currency of the tenant.
async fn usual_currency(call: &Call) -> Result<Currency, Fault> {
    match call.edge.gateway.ask(call.ask(Recipient::Catalog), &catalog::Command::Get).await? {
        catalog::Reply::State(state) => {
            Ok(state.settings.map_or(Currency::Eur, |settings| settings.currency))
        }
        _ => Err(Fault::defect("a catalogue was asked for settings and said something else")),
    }
}

/// The currency in which an account spends what it has; none where it pays afterwards.
fn spends_in(funds: &Funds) -> Option<Currency> {
    let balances = funds.balances.values().filter_map(|balance| match balance.asset {
        Asset::Money(currency) => Some(currency),
        _ => None,
    });
    balances.chain(funds.credit_limits.keys().copied()).next()
}

async fn ask_funds(call: &Call, account: &str, command: &account::Command) -> Result<FundsReply, Failure> {
    let ask = call.ask(Recipient::Account(account.to_owned()));
    match call.edge.gateway.ask(ask, command).await? {
        AccountReply::Funds(reply) => Ok(reply),
        _ => {
            Err(Failure::Unreadable("an account was asked for its funds and said something else".to_owned()))
        }
    }
}

/// The token's object as it was published, or else what is known of it.
async fn told(
    call: &Call,
    (uid, kind): (&str, &str),
    since: domain::instant::Instant,
) -> Result<Box<RawValue>, Fault> {
    let own: &OwnProfile = &call.guest.own;
    for party in own.parties_as(PartnerRole::Provider) {
        let key = object::new_key(RoamingModule::Tokens, party, &object::token_id(uid, kind))?;
        let ask = call.ask(Recipient::RoamingObject(key));
        if let Some(held) = object::held(&call.edge.gateway, ask).await? {
            return RawValue::from_string(held.text).map_err(|error| Fault::defect(&error.to_string()));
        }
    }
    let party = own.parties_as(PartnerRole::Provider).next();
    let token = TokenObject {
        country_code: party.as_ref().map(domain::cdr::Party::country).unwrap_or_default(),
        party_id: party.as_ref().map(domain::cdr::Party::id).unwrap_or_default(),
        uid,
        r#type: kind,
        contract_id: uid,
        issuer: &own.name,
        valid: true,
        whitelist: "NEVER",
        last_updated: since.min(now()).to_string(),
    };
    serde_json::value::to_raw_value(&token).map_err(|error| Fault::defect(&error.to_string()))
}

/// What is asked about a location, where one is; no more charging points than a location may have.
fn asked(call: &Call) -> Result<Option<Place>, Fault> {
    let text = call.text()?;
    if ["", "null"].contains(&text.trim()) {
        return Ok(None);
    }
    let asked = Object::read(text)?;
    let missing = || Fault::of(Code::NotEnough, "location_id: is missing");
    let location = asked.text("location_id").ok_or_else(missing)?;
    let evse_uids: Vec<String> = match asked.raw("evse_uids") {
        Some(raw) => {
            serde_json::from_str(raw).map_err(|_| Fault::parameters("evse_uids: is no list of texts"))?
        }
        None => Vec::new(),
    };
    if evse_uids.len() > MOST_POINTS {
        return Err(Fault::parameters(format!("evse_uids: are more than {MOST_POINTS}")));
    }
    Ok(Some(Place { location, evse_uids }))
}

/// The location that is asked about, as far as the partner has told it.
async fn location(call: &Call, asked: Place) -> Result<LocationReferences, Fault> {
    let Place { location: location_id, mut evse_uids } = asked;
    let parties = call.guest.partner.parties.iter().filter(|one| one.role == PartnerRole::Operator);
    for one in parties {
        let key = object::new_key(RoamingModule::Locations, one.party, &location_id)?;
        let ask = call.ask(Recipient::RoamingObject(key));
        let Some(held) = object::held(&call.edge.gateway, ask).await? else { continue };
        if !evse_uids.is_empty() {
            let known = names(&Object::read(&held.text)?.list("evses")?, "uid");
            evse_uids.retain(|uid| known.contains(&uid.to_ascii_uppercase()));
        }
        return Ok(LocationReferences { location_id, evse_uids });
    }
    // A hub speaks for operators whose locations are elsewhere: what it asks about is taken as it is.
    if call.guest.partner.is_hub() {
        return Ok(LocationReferences { location_id, evse_uids });
    }
    let text = format!("the location {location_id} was never told; PUT it first");
    Err(Fault::of(Code::UnknownLocation, text))
}
