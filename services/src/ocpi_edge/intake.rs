//! Records of partners on their way into the book of their party.

use std::time::Duration;

use actors::shell::{Caller, Class, Tenant};
use domain::cdr::{Cdr, CdrKey, Party, Road};
use domain::entity::cdr_book::{Standing, Unreadable};
use domain::entity::partners::{Partner, PartnerRole};
use proto::convert::record_reasons;
use proto::store::RejectionKind;

use super::answer::Fault;
use super::sender::Sender;
use crate::gateway::{Failure, Gateway};
use crate::ocpi::{OcpiError, read_cdr_record};
use crate::roaming::{Arrived, Asker, keep_unreadable, receive, unreadable};

/// How long each question on the way may take.
const PATIENCE: Duration = Duration::from_secs(20);

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
    /// Why it has no effect, where it is a credit that is refused: the code, and words.
    pub(crate) refused: Option<String>,
}

impl Intake {
    pub(crate) fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    /// Takes a record of OCPI. One that can't be read is kept for a person, and nothing is billed by it.
    pub(crate) async fn receive(
        &self,
        sender: Sender<'_>,
        road: Road,
        document: &[u8],
    ) -> Result<Taken, Fault> {
        let Sender { tenant, partner, .. } = sender;
        let asker = asker(tenant, &partner.id);
        let read = match str::from_utf8(document) {
            Ok(text) => read_cdr_record(text, only_operator(partner)).map_err(fault),
            Err(error) => Err(Fault::malformed(&error)),
        };
        let read = read.and_then(|cdr| spoken_for(sender, cdr.key.party()).map(|()| cdr));
        match read {
            Ok(cdr) => self.give(&asker, partner, cdr, (document, road)).await,
            Err(fault) => {
                let kept = unreadable(document, road, &fault.text);
                Err(self.keep(&asker, partner, kept, fault).await)
            }
        }
    }

    /// Gives a record that was read to its book. One that its book can't take as it is, too large or of too many periods, is
    /// kept for a person.
    pub(crate) async fn give(
        &self,
        asker: &Asker,
        partner: &Partner,
        cdr: Cdr,
        (document, road): (&[u8], Road),
    ) -> Result<Taken, Fault> {
        let key = cdr.key.clone();
        let arrived = Arrived { cdr, document: document.to_vec(), road: road.clone() };
        let received = match receive(&self.gateway, asker, arrived).await {
            Ok(received) => received,
            Err(Failure::Rejected(told)) if told.kind() == RejectionKind::Invalid => {
                let fault = Fault::from(Failure::Rejected(told));
                let kept = unreadable(document, road, &fault.text);
                return Err(self.keep(asker, partner, kept, fault).await);
            }
            Err(failure) => return Err(failure.into()),
        };
        let is_held_back = received.record.standing == Standing::Quarantined;
        let suspicions = received.record.suspicions.iter().filter(|_| is_held_back);
        let reasons = suspicions.map(domain::cdr::Suspicion::code).collect();
        let is_refused = matches!(received.record.standing, Standing::Refused(_));
        let why = record_reasons(&received.record).into_iter().filter(|_| is_refused);
        let refused = why.map(|why| format!("{}: {}", why.code, why.text)).next();
        Ok(Taken { key, is_repeat: received.is_repeat, is_changed: received.is_changed, reasons, refused })
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

/// Whether a partner may hand in records of a party, in whatever protocol.
pub(super) fn spoken_for(sender: Sender<'_>, party: Party) -> Result<(), Fault> {
    if sender.own.is_party(party) {
        let text = format!("party_id: {party} is this platform's own; its records come from nobody else");
        return Err(Fault::parameters(text));
    }
    match sender.may_tell(PartnerRole::Operator, party) {
        true => Ok(()),
        false => Err(Fault::parameters(format!("party_id: the partner does not speak for {party} as CPO"))),
    }
}

/// The one operator for which a partner speaks; none where it is several or a hub.
fn only_operator(partner: &Partner) -> Option<Party> {
    let mut operators = partner.parties.iter().filter(|one| one.role == PartnerRole::Operator);
    operators.next().filter(|_| operators.next().is_none()).map(|one| one.party)
}
