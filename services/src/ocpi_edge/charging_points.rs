//! What locations say of charging points, told to those.

use domain::cdr::{EvseId, EvseSite};
use domain::entity::Recipient;
use domain::entity::evse::{self, EvseDetails};
use domain::entity::partners::PartnerRole;
use domain::quantity::Quantity;
use domain::zone::Zone;

use super::answer::Fault;
use super::merge::Object;
use super::sender::Sender;
use crate::gateway::{Ask, Failure, Gateway};

/// A charging point that was removed (OCPI 2.2.1, `Status`).
const REMOVED: &str = "REMOVED";
/// How many charging points one location may have, and how many connectors one of them: each is told.
pub(super) const MOST_POINTS: usize = 500;
const MOST_CONNECTORS: usize = 32;

/// Whether a location has no more than may be told.
pub(super) fn check(location: &Object) -> Result<(), Fault> {
    let points = location.list("evses")?;
    if points.len() > MOST_POINTS {
        return Err(Fault::parameters(format!("evses: are more than {MOST_POINTS}")));
    }
    for (index, point) in points.iter().enumerate() {
        if point.list("connectors")?.len() > MOST_CONNECTORS {
            let text = format!("evses[{index}].connectors: are more than {MOST_CONNECTORS}");
            return Err(Fault::parameters(text));
        }
    }
    Ok(())
}

/// Tells charging points what their location says of them. By which agreement their sessions are shared is said elsewhere,
/// and stays.
///
/// A partner tells only those of operators for which it speaks, and none that is known as the tenant's own: what sessions
/// there are worth is not a partner's to say. Of others its location says nothing here.
pub(super) async fn describe(
    gateway: &Gateway,
    ask: impl Fn(Recipient) -> Ask,
    location: &Object,
    sender: Option<Sender<'_>>,
) -> Result<(), Fault> {
    let mut told = Vec::new();
    for point in location.list("evses")? {
        if point.text("status").as_deref() == Some(REMOVED) {
            continue;
        }
        let Some(id) = named(&point, sender) else { continue };
        let to = Recipient::Evse(id);
        let before = match gateway.ask(ask(to.clone()), &evse::Command::Get).await {
            Ok(evse::Reply::Evse { details, .. }) => details,
            Ok(evse::Reply::Done) | Err(Failure::Rejected(_)) => None,
            Err(failure) => return Err(failure.into()),
        };
        let is_own = before.as_ref().is_some_and(|details| details.is_own);
        if sender.is_some() && is_own {
            continue;
        }
        let agreement = before.as_ref().and_then(|details| details.site.agreement.clone());
        let details = details(location, &point, (agreement, sender.is_none()))?;
        if before.as_ref() != Some(&details) {
            told.push((ask(to), evse::Command::Describe(details)));
        }
    }
    let answers = gateway.ask_each(told).await;
    answers.into_iter().try_for_each(|answer| answer.map(|_| ()).map_err(Fault::from))
}

/// The id of a charging point, where whoever tells may tell of it. An id of eMI3 names its operator; the operator's own id
/// is one of eMI3 where it is written like one, as many have them.
fn named(point: &Object, sender: Option<Sender<'_>>) -> Option<EvseId> {
    let (text, is_own_id) = match point.text("evse_id") {
        Some(id) => (id, false),
        None => (point.text("uid")?, true),
    };
    let id = EvseId::new(&text)?;
    let Some(sender) = sender else { return Some(id) };
    let may_tell = match id.operator() {
        Some(operator) if sender.own.is_party(operator) => false,
        // Behind the operator's id stands the letter E (eMI3, EVSE-ID): others only begin like one.
        Some(operator) if !is_own_id || id.text().as_bytes().get(5) == Some(&b'E') => {
            sender.may_tell(PartnerRole::Operator, operator)
        }
        _ => true,
    };
    may_tell.then_some(id)
}

fn details(
    location: &Object,
    point: &Object,
    (agreement, is_own): (Option<String>, bool),
) -> Result<EvseDetails, Fault> {
    let connectors = point.list("connectors")?;
    let power_w = connectors.iter().filter_map(power_w).max().filter(|power| *power > 0);
    let zone = location.text("time_zone").and_then(|name| Zone::named(&name));
    Ok(EvseDetails {
        site: EvseSite { location: location.text("id").unwrap_or_default(), zone, agreement },
        most_power_kw: power_w
            .and_then(|power| Quantity::parse(&format!("{}.{:03}", power / 1_000, power % 1_000)).ok()),
        connectors: connectors.iter().filter_map(|connector| connector.text("id")).collect(),
        is_own,
    })
}

/// What a connector gives at most, in W: as it says, or else volts times amperes of each phase (OCPI 2.2.1, `Connector`).
fn power_w(connector: &Object) -> Option<u64> {
    let count = |name: &str| connector.raw(name)?.parse::<u64>().ok();
    let phases = match connector.text("power_type")?.as_str() {
        "AC_3_PHASE" => 3,
        "AC_2_PHASE" | "AC_2_PHASE_SPLIT" => 2,
        _ => 1,
    };
    count("max_electric_power")
        .or_else(|| count("max_voltage")?.checked_mul(count("max_amperage")?)?.checked_mul(phases))
}
