//! Objects that partners own and tell: PUT, PATCH, GET and DELETE under their party (OCPI 2.2.1, client owned object push).
//!
//! A charging point and a connector are parts of their location: what is told of one is put into the location's text, and
//! its time of change becomes the location's where it is later.

use axum::http::Method;
use domain::cdr::Party;
use domain::entity::Recipient;
use domain::entity::roaming_object::{Command, ObjectKey, PutOutcome, RoamingModule, RoamingObject};
use domain::instant::Instant;

use super::answer::{Answer, Fault};
use super::merge::{Object, place};
use super::object::{self, CONNECTOR, EVSE, USUAL_TOKEN_TYPE, last_updated};
use super::request::Call;

/// How often a change of a part is made anew where somebody else changed the object meanwhile.
const MOST_TRIES: usize = 8;

/// What an address names.
struct Target {
    key: ObjectKey,
    /// The charging point of the location, and the connector of that.
    parts: Vec<String>,
}

/// GET of an object as it is held.
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let target = target(&call, &Method::GET)?;
    let held = held(&call, &target.key).await?.ok_or_else(|| object::unknown(&target.key))?;
    part(&held.text, &target.parts).map(Answer::json)
}

/// PUT of a whole object.
pub(super) async fn put(call: Call) -> Result<Answer, Fault> {
    let target = target(&call, &Method::PUT)?;
    let given = Object::read(call.text()?)?;
    if !target.parts.is_empty() {
        return change(&call, &target, &given, true).await;
    }
    object::check(&given, object::required(target.key.module))?;
    if object::key_in(target.key.module, &given)?.text() != target.key.text() {
        return Err(Fault::parameters("country_code, party_id or id: is not that of the address"));
    }
    object::readable(target.key.module, &given)?;
    let outcome = keep(&call, (&given, &target.key), None).await?.unwrap_or(PutOutcome::Older);
    if outcome != PutOutcome::Older {
        tell(&call, target.key.module, &given).await?;
    }
    Ok(answer(outcome))
}

/// PATCH of an object.
pub(super) async fn patch(call: Call) -> Result<Answer, Fault> {
    let target = target(&call, &Method::PATCH)?;
    let given = Object::read(call.text()?)?;
    last_updated(&given)?;
    change(&call, &target, &given, false).await
}

/// DELETE of a tariff.
pub(super) async fn delete(call: Call) -> Result<Answer, Fault> {
    let target = target(&call, &Method::DELETE)?;
    let ask = call.ask(Recipient::RoamingObject(target.key.clone()));
    match call.edge.gateway.ask(ask, &Command::Delete).await {
        Ok(_) => Ok(Answer::done()),
        Err(crate::gateway::Failure::Rejected(_)) => Err(object::unknown(&target.key)),
        Err(failure) => Err(failure.into()),
    }
}

/// Any other method: what there is at the address instead.
pub(super) async fn other(call: Call) -> Fault {
    match target(&call, &Method::POST) {
        Ok(_) => Fault::not_found("there is nothing at this address"),
        Err(fault) => fault,
    }
}

/// Changes an object, or a part of a location, on what is held.
async fn change(call: &Call, target: &Target, given: &Object, is_whole: bool) -> Result<Answer, Fault> {
    for _ in 0..MOST_TRIES {
        let held = held(call, &target.key).await?.ok_or_else(|| object::unknown(&target.key))?;
        let Some((changed, is_new)) = changed(&held, target, given, is_whole)? else {
            return Ok(Answer::done());
        };
        object::readable(target.key.module, &changed)?;
        let kept = keep(call, (&changed, &target.key), Some(held.version)).await?;
        let Some(outcome) = kept else { continue };
        tell(call, target.key.module, &changed).await?;
        return Ok(if is_new { Answer::created() } else { answer(outcome) });
    }
    Err(Fault::busy("the object is changed by many at once"))
}

/// The object with the change, and whether a part was added; none where a later change is held already.
fn changed(
    held: &RoamingObject,
    target: &Target,
    given: &Object,
    is_whole: bool,
) -> Result<Option<(Object, bool)>, Fault> {
    let mut whole = Object::read(&held.text)?;
    let at = last_updated(given)?;
    let mut is_new = false;
    match target.parts.as_slice() {
        [] => {
            if at < held.last_updated {
                return Ok(None);
            }
            whole.patch(given);
            object::check(&whole, object::required(target.key.module))?;
            if object::key_in(target.key.module, &whole)?.text() != target.key.text() {
                return Err(Fault::parameters("country_code, party_id or id: can't be changed"));
            }
        }
        [evse, rest @ ..] => {
            let mut evses = whole.list("evses")?;
            let outcome = match rest {
                [] => put_part(&mut evses, ("uid", evse), given, (is_whole, &EVSE))?,
                [connector, ..] => {
                    let missing = || Fault::not_found(format!("the location has no EVSE {evse}"));
                    let index = place(&evses, "uid", evse).ok_or_else(missing)?;
                    let point = evses.get_mut(index).ok_or_else(missing)?;
                    let mut connectors = point.list("connectors")?;
                    let part = ("id", connector.as_str());
                    let outcome = put_part(&mut connectors, part, given, (is_whole, &CONNECTOR))?;
                    point.set_list("connectors", &connectors)?;
                    point.set_text("last_updated", &last_updated(point)?.max(at).to_string())?;
                    outcome
                }
            };
            let Some(added) = outcome else { return Ok(None) };
            is_new = added;
            whole.set_list("evses", &evses)?;
            whole.set_text("last_updated", &held.last_updated.max(at).to_string())?;
        }
    }
    Ok(Some((whole, is_new)))
}

/// Puts a part into a list: whether it was added; none where a later one is held.
fn put_part(
    list: &mut Vec<Object>,
    (name, id): (&str, &str),
    given: &Object,
    (is_whole, required): (bool, &[&str]),
) -> Result<Option<bool>, Fault> {
    let at = last_updated(given)?;
    let named = given.text(name);
    if named.as_deref().is_some_and(|named| !named.eq_ignore_ascii_case(id)) {
        return Err(Fault::parameters(format!("{name}: is not that of the address")));
    }
    let index = place(list, name, id);
    match index.and_then(|index| list.get_mut(index)) {
        Some(held) => {
            if at < last_updated(held).unwrap_or(Instant::MIN) {
                return Ok(None);
            }
            if is_whole {
                *held = given.clone();
            } else {
                held.patch(given);
            }
            object::check(held, required)?;
            Ok(Some(false))
        }
        None if is_whole => {
            object::check(given, required)?;
            list.push(given.clone());
            Ok(Some(true))
        }
        None => Err(Fault::not_found(format!("the location has no part {id}; PUT it first"))),
    }
}

/// The text of an object or of a part of a location.
pub(super) fn part(text: &str, parts: &[String]) -> Result<String, Fault> {
    let Some(evse) = parts.first() else { return Ok(text.to_owned()) };
    let missing = |what: &str, id: &str| Fault::not_found(format!("the location has no {what} {id}"));
    let evses = Object::read(text)?.list("evses")?;
    let index = place(&evses, "uid", evse).ok_or_else(|| missing("EVSE", evse))?;
    let point = evses.get(index).ok_or_else(|| missing("EVSE", evse))?;
    let Some(connector) = parts.get(1) else { return point.write() };
    let connectors = point.list("connectors")?;
    let index = place(&connectors, "id", connector).ok_or_else(|| missing("connector", connector))?;
    connectors.get(index).ok_or_else(|| missing("connector", connector))?.write()
}

/// What an address names, as far as the partner may do this there.
fn target(call: &Call, method: &Method) -> Result<Target, Fault> {
    let side = call.segment(1);
    let module = RoamingModule::of_name(call.segment(2));
    let nothing = || Fault::not_found("there is nothing at this address");
    let module = module.ok_or_else(nothing)?;
    let allowed = match (side, module) {
        ("emsp", RoamingModule::Tariffs) => "GET, PUT, DELETE",
        ("emsp", RoamingModule::Locations | RoamingModule::Sessions) => "GET, PUT, PATCH",
        ("cpo", RoamingModule::Tokens) => "GET, PUT, PATCH",
        _ => return Err(nothing()),
    };
    let role = object::owner_role(module);
    call.check(role)?;
    if !allowed.split(", ").any(|allowed| allowed == method.as_str()) {
        return Err(Fault::method(allowed));
    }
    let party = Party::new(call.segment(3), call.segment(4)).ok_or_else(nothing)?;
    if !call.sender().may_tell(role, party) {
        return Err(Fault::not_found(format!("the partner does not speak for {party} as {}", role.name())));
    }
    let id = match module {
        RoamingModule::Tokens => {
            object::token_id(call.segment(5), call.parameter("type").unwrap_or(USUAL_TOKEN_TYPE))
        }
        _ => call.segment(5).to_owned(),
    };
    let parts: Vec<String> = call.path.get(6..).unwrap_or_default().to_vec();
    if !parts.is_empty() && module != RoamingModule::Locations {
        return Err(nothing());
    }
    Ok(Target { key: object::new_key(module, party, &id)?, parts })
}

async fn held(call: &Call, key: &ObjectKey) -> Result<Option<RoamingObject>, Fault> {
    object::held(&call.edge.gateway, call.ask(Recipient::RoamingObject(key.clone()))).await
}

async fn keep(
    call: &Call,
    object: (&Object, &ObjectKey),
    on_version: Option<u64>,
) -> Result<Option<PutOutcome>, Fault> {
    let ask = call.ask(Recipient::RoamingObject(object.1.clone()));
    object::put(&call.edge.gateway, ask, object, on_version).await
}

async fn tell(call: &Call, module: RoamingModule, object: &Object) -> Result<(), Fault> {
    object::tell(&call.edge.gateway, |entity| call.ask(entity), (module, object), Some(call.sender())).await
}

fn answer(outcome: PutOutcome) -> Answer {
    match outcome {
        PutOutcome::Created => Answer::created(),
        PutOutcome::Changed | PutOutcome::Unchanged | PutOutcome::Older => Answer::done(),
    }
}
