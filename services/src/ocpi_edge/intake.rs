//! Records of partners on their way into the book of their party, and what locations say of charging points.

use std::time::Duration;

use actors::shell::{Caller, Class, Tenant};
use domain::cdr::{Cdr, CdrKey, EvseId, EvseSite, Party, Road};
use domain::entity::Recipient;
use domain::entity::cdr_book::{Standing, Unreadable};
use domain::entity::evse::{self, EvseDetails};
use domain::entity::partners::{Partner, PartnerRole};
use domain::quantity::Quantity;
use domain::zone::Zone;

use super::answer::Fault;
use super::merge::Object;
use crate::gateway::{Ask, Failure, Gateway};
use crate::ocpi::{OcpiError, read_cdr_record};
use crate::roaming::{Arrived, Asker, keep_unreadable, receive, unreadable};

/// How long each question on the way may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// A charging point that was removed (OCPI 2.2.1, `Status`).
const REMOVED: &str = "REMOVED";

/// Takes records of partners.
#[derive(Clone)]
pub(crate) struct Intake {
    gateway: Gateway,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Its key.
    pub(crate) key: CdrKey,
    /// Whether this very content was there before.
    pub(crate) is_repeat: bool,
    /// Whether a record of this key was there before with other content.
    pub(crate) is_changed: bool,
    /// Why it is held back, if it is.
    pub(crate) reasons: Vec<&'static str>,
}

impl Intake {
    pub(crate) fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    /// Takes a record of OCPI. One that can't be read is kept for a person, and nothing is billed by it.
    pub(crate) async fn receive(
        &self,
        (tenant, partner): (&Tenant, &Partner),
        road: Road,
        document: &[u8],
    ) -> Result<Taken, Fault> {
        let asker = asker(tenant, &partner.id);
        let read = match str::from_utf8(document) {
            Ok(text) => read_cdr_record(text, only_operator(partner)).map_err(fault),
            Err(error) => Err(Fault::malformed(&error)),
        };
        let read = read.and_then(|cdr| spoken_for(partner, cdr));
        match read {
            Ok(cdr) => self.give(&asker, Arrived { cdr, document: document.to_vec(), road }).await,
            Err(fault) => {
                let kept = unreadable(document, road, &fault.text);
                Err(self.keep(&asker, partner, kept, fault).await)
            }
        }
    }

    /// Gives a record that was read to its book.
    pub(crate) async fn give(&self, asker: &Asker, arrived: Arrived) -> Result<Taken, Fault> {
        let key = arrived.cdr.key.clone();
        let received = receive(&self.gateway, asker, arrived).await?;
        let is_held_back = received.record.standing == Standing::Quarantined;
        let suspicions = received.record.suspicions.iter().filter(|_| is_held_back);
        let reasons = suspicions.map(domain::cdr::Suspicion::code).collect();
        Ok(Taken { key, is_repeat: received.is_repeat, is_changed: received.is_changed, reasons })
    }

    /// Keeps a document that can't be taken with the party of whoever sent it, and says so.
    pub(crate) async fn keep(
        &self,
        asker: &Asker,
        partner: &Partner,
        document: Unreadable,
        fault: Fault,
    ) -> Fault {
        let Some(party) = partner.parties.first().map(|one| one.party) else { return fault };
        match keep_unreadable(&self.gateway, asker, party, document).await {
            Ok(number) => fault.adding(&format!("; kept as {party}/{number}")),
            Err(failure) => {
                tracing::warn!(?failure, "a document that can't be read could not be kept");
                fault
            }
        }
    }
}

/// Who brings a partner's records.
pub(crate) fn asker(tenant: &Tenant, partner: &str) -> Asker {
    Asker {
        tenant: tenant.clone(),
        caller: Caller { client: "ocpi".into(), subject: partner.into(), roles: [].into() },
        timeout: PATIENCE,
        class: Class::Interactive,
        trace: None,
    }
}

/// What is wrong with a document.
pub(crate) fn fault(error: OcpiError) -> Fault {
    match error {
        OcpiError::Malformed(error) => Fault::malformed(&error),
        error => Fault::parameters(error.to_string()),
    }
}

/// A record that the partner may hand in.
fn spoken_for(partner: &Partner, cdr: Cdr) -> Result<Cdr, Fault> {
    let party = cdr.key.party();
    match partner.speaks_for(PartnerRole::Operator, party) {
        true => Ok(cdr),
        false => Err(Fault::parameters(format!("party_id: the partner does not speak for {party} as CPO"))),
    }
}

/// The one operator for which a partner speaks; none where it is several or a hub.
fn only_operator(partner: &Partner) -> Option<Party> {
    let mut operators = partner.parties.iter().filter(|one| one.role == PartnerRole::Operator);
    operators.next().filter(|_| operators.next().is_none()).map(|one| one.party)
}

/// Tells charging points what their location says of them. By which agreement their sessions are shared is said elsewhere,
/// and stays.
pub(super) async fn describe(
    gateway: &Gateway,
    ask: impl Fn(Recipient) -> Ask,
    location: &Object,
    is_own: bool,
) -> Result<(), Fault> {
    let mut told = Vec::new();
    for point in location.list("evses")? {
        if point.text("status").as_deref() == Some(REMOVED) {
            continue;
        }
        let id = point.text("evse_id").or_else(|| point.text("uid")).and_then(|id| EvseId::new(&id));
        let Some(id) = id else { continue };
        let to = Recipient::Evse(id);
        let before = match gateway.ask(ask(to.clone()), &evse::Command::Get).await {
            Ok(evse::Reply::Evse { details, .. }) => details,
            Ok(evse::Reply::Done) | Err(Failure::Rejected(_)) => None,
            Err(failure) => return Err(failure.into()),
        };
        let agreement = before.as_ref().and_then(|details| details.site.agreement.clone());
        let details = details(location, &point, (agreement, is_own))?;
        if before.as_ref() != Some(&details) {
            told.push((ask(to), evse::Command::Describe(details)));
        }
    }
    let answers = gateway.ask_each(told).await;
    answers.into_iter().try_for_each(|answer| answer.map(|_| ()).map_err(Fault::from))
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
