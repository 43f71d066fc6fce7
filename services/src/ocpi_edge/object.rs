//! An object as its module wants it: what it must have, by what it is known, and how it is kept.

use actors::shell::Tenant;
use domain::cdr::Party;
use domain::entity::Recipient;
use domain::entity::partners::{OwnProfile, PartnerRole};
use domain::entity::roaming_object::{
    Command, ObjectKey, PutOutcome, Rejection, Reply, RoamingModule, RoamingObject,
};
use domain::instant::Instant;
use proto::store::Rejection as Told;

use super::answer::{Code, Fault};
use super::merge::Object;
use super::sender::Sender;
use super::{charging_points, sheets};
use crate::gateway::{Ask, Failure, Gateway};

/// What every object must have (OCPI 2.2.1, the object descriptions).
const LOCATION: [&str; 10] = [
    "country_code",
    "party_id",
    "id",
    "publish",
    "address",
    "city",
    "country",
    "coordinates",
    "time_zone",
    "last_updated",
];
const TARIFF: [&str; 6] = ["country_code", "party_id", "id", "currency", "elements", "last_updated"];
const SESSION: [&str; 13] = [
    "country_code",
    "party_id",
    "id",
    "start_date_time",
    "kwh",
    "cdr_token",
    "auth_method",
    "location_id",
    "evse_uid",
    "connector_id",
    "currency",
    "status",
    "last_updated",
];
const TOKEN: [&str; 9] = [
    "country_code",
    "party_id",
    "uid",
    "type",
    "contract_id",
    "issuer",
    "valid",
    "whitelist",
    "last_updated",
];
pub(super) const EVSE: [&str; 4] = ["uid", "status", "connectors", "last_updated"];
pub(super) const CONNECTOR: [&str; 7] =
    ["id", "standard", "format", "power_type", "max_voltage", "max_amperage", "last_updated"];

/// What a token is where nothing is said (OCPI 2.2.1, tokens: `type`).
pub(super) const USUAL_TOKEN_TYPE: &str = "RFID";

/// What became of an object that was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Published {
    /// It is held.
    Held,
    /// A later one is held already.
    Older,
}

/// Who owns the objects of a module.
pub(super) fn owner_role(module: RoamingModule) -> PartnerRole {
    match module {
        RoamingModule::Tokens => PartnerRole::Provider,
        _ => PartnerRole::Operator,
    }
}

/// What an object of the module must have.
pub(super) fn required(module: RoamingModule) -> &'static [&'static str] {
    match module {
        RoamingModule::Locations => &LOCATION,
        RoamingModule::Tariffs => &TARIFF,
        RoamingModule::Sessions => &SESSION,
        RoamingModule::Tokens => &TOKEN,
        RoamingModule::Cdrs => &[],
    }
}

/// Whether all that is required stands there.
pub(super) fn check(object: &Object, required: &[&str]) -> Result<(), Fault> {
    match required.iter().find(|name| object.raw(name).is_none()) {
        Some(name) => Err(Fault::parameters(format!("{name}: is missing"))),
        None => Ok(()),
    }
}

/// When its owner changed it.
pub(super) fn last_updated(object: &Object) -> Result<Instant, Fault> {
    if object.raw("last_updated").is_none() {
        return Err(Fault::parameters("last_updated: is missing"));
    }
    let text = object.text("last_updated");
    let time = text.and_then(|text| Instant::parse(&text).or_else(|| Instant::parse(&format!("{text}Z"))));
    time.ok_or_else(|| Fault::parameters("last_updated: is no time such as 2026-10-01T12:00:00Z"))
}

/// The key that the object itself names.
pub(super) fn key_in(module: RoamingModule, object: &Object) -> Result<ObjectKey, Fault> {
    let text = |name: &str| {
        object.text(name).ok_or_else(|| Fault::parameters(format!("{name}: is missing or no text")))
    };
    let party = Party::new(&text("country_code")?, &text("party_id")?);
    let party = party.ok_or_else(|| Fault::parameters("country_code or party_id: is none"))?;
    let id = match module {
        RoamingModule::Tokens => token_id(&text("uid")?, &text("type")?),
        _ => text("id")?,
    };
    new_key(module, party, &id)
}

/// The id of a token: tokens of several types may have one uid.
pub(super) fn token_id(uid: &str, kind: &str) -> String {
    format!("{uid}/{kind}")
}

/// A key, or what is wrong with it.
pub(super) fn new_key(module: RoamingModule, party: Party, id: &str) -> Result<ObjectKey, Fault> {
    let wrong = || Fault::parameters("id: is empty, too long, or not in printable ASCII");
    ObjectKey::new(module, party, id).ok_or_else(wrong)
}

/// An object as it is held; none where there is none.
pub(super) async fn held(gateway: &Gateway, ask: Ask) -> Result<Option<RoamingObject>, Fault> {
    match gateway.ask(ask, &Command::Get).await {
        Ok(Reply::Object(object)) => Ok(Some(*object)),
        Ok(_) => Err(Fault::defect("an object was asked for and not given")),
        Err(Failure::Rejected(_)) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

/// What it is called where there is none.
pub(super) fn unknown(key: &ObjectKey) -> Fault {
    let code = match key.module {
        RoamingModule::Locations => Code::UnknownLocation,
        RoamingModule::Tokens => Code::UnknownToken,
        _ => Code::Client,
    };
    Fault::not_found(format!("there is no {}", key.text())).coded(code)
}

/// Keeps an object; none where it was changed since the version was read.
pub(super) async fn put(
    gateway: &Gateway,
    ask: Ask,
    (object, key): (&Object, &ObjectKey),
    on_version: Option<u64>,
) -> Result<Option<PutOutcome>, Fault> {
    let put = Command::Put {
        key: key.clone(),
        last_updated: last_updated(object)?,
        audience: audience(key.module, object),
        text: object.write()?,
        on_version,
    };
    match gateway.ask(ask, &put).await {
        Ok(Reply::Put(outcome)) => Ok(Some(outcome)),
        Ok(_) => Err(Fault::defect("an object was put and something else was said")),
        Err(Failure::Rejected(told)) if told == Told::from(&Rejection::ChangedMeanwhile) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

/// For whom it is: a session is its provider's alone.
fn audience(module: RoamingModule, object: &Object) -> Option<Party> {
    if module != RoamingModule::Sessions {
        return None;
    }
    let token = Object::read(object.raw("cdr_token")?).ok()?;
    Party::new(&token.text("country_code")?, &token.text("party_id")?)
}

/// Whether what is billed by can be read from it.
pub(super) fn readable(module: RoamingModule, object: &Object) -> Result<(), Fault> {
    last_updated(object)?;
    match module {
        RoamingModule::Tariffs => sheets::read(object).map(|_| ()),
        RoamingModule::Locations => charging_points::check(object),
        _ => Ok(()),
    }
}

/// Tells whoever bills by it what an object says: prices, and what charging points are. No sender is the tenant itself.
pub(super) async fn tell(
    gateway: &Gateway,
    ask: impl Fn(Recipient) -> Ask,
    (module, object): (RoamingModule, &Object),
    sender: Option<Sender<'_>>,
) -> Result<(), Fault> {
    match module {
        RoamingModule::Tariffs => sheets::tell(gateway, ask, object).await,
        RoamingModule::Locations => charging_points::describe(gateway, ask, object, sender).await,
        _ => Ok(()),
    }
}

/// Shows an object of the tenant's own to partners.
pub(crate) async fn publish(
    gateway: &Gateway,
    (tenant, own): (&Tenant, &OwnProfile),
    module: RoamingModule,
    text: &str,
    ask: impl Fn(Recipient) -> Ask,
) -> Result<Published, Fault> {
    let object = Object::read(text)?;
    check(&object, required(module))?;
    let key = key_in(module, &object)?;
    if !own.parties_as(owner_role(module)).any(|party| party == key.party) {
        let text = format!("{} is no party of {tenant} in the role {}", key.party, owner_role(module).name());
        return Err(Fault::parameters(text));
    }
    readable(module, &object)?;
    let to = Recipient::RoamingObject(key.clone());
    if put(gateway, ask(to), (&object, &key), None).await? == Some(PutOutcome::Older) {
        return Ok(Published::Older);
    }
    tell(gateway, &ask, (module, &object), None).await?;
    Ok(Published::Held)
}
