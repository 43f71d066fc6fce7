//! Agreements on shares in the catalogue.

use std::collections::BTreeSet;

use super::{CatalogDecided, Event, Rejection, Reply};
use crate::day::Day;
use crate::entity::{Decided, Facts, Message, Moment, Recipient, Registered};
use crate::share::ShareAgreement;

/// Adds a version, unless the latest says the same.
pub(super) fn put(
    agreement: &ShareAgreement,
    facts: &Facts,
    moment: &Moment,
) -> Result<CatalogDecided, Rejection> {
    let defects = agreement.defects();
    if !defects.is_empty() {
        return Err(Rejection::DefectiveShareAgreement(defects));
    }
    let held = facts.share_agreements.get(&agreement.id).and_then(|versions| versions.last());
    let held = held.map(|last| &last.fact);
    let version = held.map_or(0, |held| held.version);
    if held == Some(&ShareAgreement { version, ..agreement.clone() }) {
        return Ok(Decided::reply(Reply::ShareAgreementVersion(version)));
    }
    // What was shared in one currency can't be corrected in another.
    if held.is_some_and(|held| held.currency != agreement.currency) {
        return Err(Rejection::OtherCurrency);
    }
    let version = version.saturating_add(1);
    let added = Registered { at: moment.now, fact: ShareAgreement { version, ..agreement.clone() } };
    let event = Event::ShareAgreementAdded(Box::new(added));
    Ok(Decided::with(vec![event], Reply::ShareAgreementVersion(version)).telling(told(agreement)))
}

/// Every recipient is told, so that its statements have what is due without sessions too.
fn told(agreement: &ShareAgreement) -> impl Iterator<Item = (Recipient, Message)> {
    let recipients: BTreeSet<&String> = agreement.rules.iter().map(|rule| &rule.recipient).collect();
    recipients.into_iter().map(|account| {
        let (account, agreement) = (account.clone(), agreement.id.clone());
        (Recipient::Account(account.clone()), Message::ShareAgreed { account, agreement })
    })
}

/// All versions.
pub(super) fn get(id: &str, facts: &Facts) -> Result<CatalogDecided, Rejection> {
    let versions = facts.share_agreements.get(id).filter(|versions| !versions.is_empty());
    Ok(Decided::reply(Reply::ShareAgreements(versions.ok_or(Rejection::NotFound)?.clone())))
}

impl Registered<ShareAgreement> {
    /// The version that counts on a day of service; `None` where none holds. `versions` are in order of registration.
    #[must_use]
    pub fn on(versions: &[Self], service: Day) -> Option<&ShareAgreement> {
        ShareAgreement::on(versions.iter().map(|version| &version.fact), service)
    }
}
