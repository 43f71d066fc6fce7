//! Credentials: how two platforms come to know each other's tokens (OCPI 2.2.1, credentials module).
//!
//! The partner shows the token it was given by hand, and says by which token and where it is called itself. It is called
//! there at once: only who can be reached by what it said is registered. It is given a new token in the answer; the one
//! that it showed is worth nothing from then on.

use domain::cdr::Party;
use domain::entity::Recipient;
use domain::entity::partners::{
    Command, Contact, Introduced, OwnProfile, PartnerRole, PartnerToken, PartyRole, Rejection, TokenHash,
};
use domain::webhook::WebhookUrl;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Code, Fault};
use super::request::Call;
use super::text::{fresh_token, url_fault};
use crate::gateway::{Ask, Failure};

/// What one platform says of itself to the other.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Credentials {
    token: String,
    url: String,
    roles: Vec<Role>,
}

#[derive(Clone, Debug, Serialize)]
struct Role {
    role: &'static str,
    business_details: Business,
    party_id: String,
    country_code: String,
}

#[derive(Clone, Debug, Serialize)]
struct Business {
    name: String,
}

/// What the other said of itself.
#[derive(Debug)]
pub(crate) struct Met {
    /// Where and by which token it is called.
    pub(crate) contact: Contact,
    /// For whom it speaks.
    pub(crate) parties: std::collections::BTreeSet<PartyRole>,
}

#[derive(Deserialize)]
struct GivenCredentials {
    token: Option<String>,
    url: Option<String>,
    roles: Option<Vec<GivenRole>>,
}

#[derive(Deserialize)]
struct GivenRole {
    role: Option<String>,
    party_id: Option<String>,
    country_code: Option<String>,
}

/// GET: the token is the one that was just shown; it is kept nowhere.
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let token = call.guest.token.text().to_owned();
    Answer::value(&Credentials::of(&call.guest.own, token, &call.base))
}

/// POST: registers.
pub(super) async fn post(call: Call) -> Result<Answer, Fault> {
    if call.guest.partner.contact.is_some() {
        return Err(registered());
    }
    introduce(call, true).await
}

/// PUT: registers anew.
pub(super) async fn put(call: Call) -> Result<Answer, Fault> {
    if call.guest.partner.contact.is_none() {
        return Err(not_registered());
    }
    introduce(call, false).await
}

/// DELETE: unregisters.
pub(super) async fn delete(call: Call) -> Result<Answer, Fault> {
    if call.guest.partner.contact.is_none() {
        return Err(not_registered());
    }
    let command = Command::Unregister(call.guest.partner.id.clone(), call.guest.shown);
    give(&call, &command).await?;
    Ok(Answer::done())
}

/// Who has registered does not register again, and what to do where only one side holds that it has.
fn registered() -> Fault {
    let text = "credentials were exchanged with this partner already: PUT changes them. To register anew, DELETE them, and ask \
                whoever runs this platform to rotate the token: POST is taken with the new one";
    Fault::method("GET, PUT, DELETE").saying(text)
}

fn not_registered() -> Fault {
    let text =
        "credentials were not exchanged with this partner, or its token was rotated since: POST registers";
    Fault::method("GET, POST").saying(text)
}

async fn introduce(call: Call, is_first: bool) -> Result<Answer, Fault> {
    let met = Met::read(call.text()?)?;
    let endpoints = call.edge.caller.endpoints(&met.contact).await;
    let endpoints = endpoints.map_err(|error| Fault::of(Code::Unreachable, error.0))?;
    if endpoints.of("credentials", None).is_none() {
        return Err(Fault::of(Code::Endpoints, "your details of 2.2.1 name no address of credentials"));
    }
    let token = fresh_token();
    let introduced = Introduced {
        id: call.guest.partner.id.clone(),
        shown: call.guest.shown,
        token: TokenHash::of(&token),
        contact: met.contact,
        parties: met.parties,
        is_first,
    };
    give(&call, &Command::Introduce(introduced)).await?;
    Answer::value(&Credentials::of(&call.guest.own, token, &call.base))
}

/// Gives the partners of the tenant a command, once: what is known of them is then looked up anew.
async fn give(call: &Call, command: &Command) -> Result<(), Fault> {
    let ask = Ask { repeatable: false, ..call.ask(Recipient::Partners) };
    let given = call.edge.gateway.ask(ask, command).await;
    call.edge.door.forget(&call.tenant);
    given.map(|_| ()).map_err(|failure| match failure {
        Failure::Rejected(rejection) if is(&rejection, Rejection::OtherToken) => {
            Fault::unauthorized("the token is no longer the one of this partner")
        }
        Failure::Rejected(rejection) if is(&rejection, Rejection::AlreadyRegistered) => registered(),
        Failure::Rejected(rejection) if is(&rejection, Rejection::NotRegistered) => not_registered(),
        failure => failure.into(),
    })
}

fn is(told: &proto::store::Rejection, rejection: Rejection) -> bool {
    *told == proto::store::Rejection::from(&rejection)
}

impl Credentials {
    /// What the tenant says of itself; `base` is where it is reached.
    pub(crate) fn of(own: &OwnProfile, token: String, base: &str) -> Self {
        let roles = own.parties.iter().map(|one| Role {
            role: one.role.name(),
            business_details: Business { name: own.name.clone() },
            party_id: one.party.id().to_owned(),
            country_code: one.party.country().to_owned(),
        });
        Self { token, url: format!("{base}/versions"), roles: roles.collect() }
    }
}

impl Met {
    /// The token of credentials, whatever else of them is wrong.
    pub(super) fn token(text: &str) -> Option<PartnerToken> {
        let given: GivenCredentials = serde_json::from_str(text).ok()?;
        PartnerToken::new(&given.token?)
    }

    /// Reads credentials.
    pub(crate) fn read(text: &str) -> Result<Self, Fault> {
        let malformed = |error: serde_json::Error| match error.is_data() {
            true => Fault::parameters(format!("the credentials are not as they should be: {error}")),
            false => Fault::malformed(&error),
        };
        let given: GivenCredentials = serde_json::from_str(text).map_err(malformed)?;
        let token = given.token.ok_or_else(|| Fault::parameters("token: is missing"))?;
        let wrong =
            || Fault::parameters("token: is not 1 to 64 printable characters of ASCII without spaces");
        let token = PartnerToken::new(&token).ok_or_else(wrong)?;
        let url = given.url.ok_or_else(|| Fault::parameters("url: is missing"))?;
        let versions_url = WebhookUrl::parse(&url);
        let versions_url =
            versions_url.map_err(|fault| Fault::parameters(format!("url: {}", url_fault(fault))))?;
        let roles = given.roles.filter(|roles| !roles.is_empty());
        let roles = roles.ok_or_else(|| Fault::parameters("roles: is missing or empty"))?;
        let mut parties = std::collections::BTreeSet::new();
        for (index, given) in roles.iter().enumerate() {
            let at = |text: &str| Fault::parameters(format!("roles[{index}].{text}"));
            let role = given.role.as_deref().ok_or_else(|| at("role: is missing"))?;
            let (Some(country), Some(party)) = (&given.country_code, &given.party_id) else {
                return Err(at("country_code or party_id: is missing"));
            };
            let party = Party::new(country, party).ok_or_else(|| {
                at("party_id: is not three letters or digits, or country_code not two letters")
            })?;
            // Roles that exchange nothing here are let pass: NAP, NSP, OTHER, SCSP.
            if let Some(role) = PartnerRole::of_name(role) {
                parties.insert(PartyRole { role, party });
            }
        }
        if parties.is_empty() {
            return Err(Fault::of(
                Code::Endpoints,
                "roles: is none of CPO, EMSP, HUB, and nothing else is exchanged",
            ));
        }
        Ok(Self { contact: Contact { versions_url, token }, parties })
    }
}
