//! Agreements on shares in the catalogue.

use std::collections::BTreeSet;

use super::{CatalogDecided, Event, Rejection, Reply, State};
use crate::day::Day;
use crate::entity::{Decided, Facts, Message, Moment, Recipient, Registered};
use crate::share::ShareAgreement;

/// Adds a version, unless the latest says the same.
pub(super) fn put(
    state: &State,
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
    // Legs and statements are in the tenant's currency; what was shared in one can't be corrected in another.
    let fixed = state.settings.as_ref().map(|settings| settings.currency).or(held.map(|held| held.currency));
    if fixed.is_some_and(|currency| currency != agreement.currency) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Address;
    use crate::day_span::DaySpan;
    use crate::entity::catalog::TenantSettings;
    use crate::instant::Instant;
    use crate::leg::LegKind;
    use crate::money::Currency;
    use crate::share::{MonthTerms, SessionTerms, ShareRule};
    use crate::zone::Zone;

    fn agreement(currency: Currency) -> ShareAgreement {
        let rule = ShareRule {
            recipient: "owner".to_owned(),
            kind: LegKind::PlatformFee,
            session: SessionTerms::default(),
            month: MonthTerms::default(),
            rounding: None,
        };
        ShareAgreement {
            id: "site".to_owned(),
            version: 1,
            name: String::new(),
            currency,
            span: DaySpan::since(Day::new(2026, 1, 1).unwrap()).unwrap(),
            rules: vec![rule],
        }
    }

    fn settings(currency: Currency) -> TenantSettings {
        TenantSettings {
            seller_name: "Light".to_owned(),
            address: Address::default(),
            vat_id: String::new(),
            iban: String::new(),
            contact: String::new(),
            currency,
            zone: Zone::named("Europe/Amsterdam").unwrap(),
            payment_days: 14,
            invoice_prefix: "L-".to_owned(),
            refuses_check_digits: false,
        }
    }

    /// What becomes of an agreement in euro, by the currency of settings and of the version before it.
    #[test]
    fn an_agreement_is_in_the_currency_of_its_tenant() {
        use Currency::{Eur, Usd};
        let moment = Moment { now: Instant::MIN, shard: 0, subject: String::new() };
        for (tenant, held, expected) in [
            (None, None, Ok(1)),
            (None, Some(Eur), Ok(1)),
            (None, Some(Usd), Err(Rejection::OtherCurrency)),
            (Some(Eur), None, Ok(1)),
            (Some(Usd), None, Err(Rejection::OtherCurrency)),
            // The same again has no effect; one that was made before the settings is mended in their currency.
            (Some(Usd), Some(Eur), Ok(1)),
            (Some(Eur), Some(Usd), Ok(2)),
        ] {
            let state = State { settings: tenant.map(settings), ..State::default() };
            let held = held.map(|held| Registered { at: Instant::MIN, fact: agreement(held) });
            let mut facts = Facts::default();
            facts.share_agreements.insert("site".to_owned(), held.clone().into_iter().collect());
            let decided = put(&state, &agreement(Eur), &facts, &moment).map(|decided| decided.reply);
            assert_eq!(decided, expected.map(Reply::ShareAgreementVersion), "{tenant:?} {held:?}");
        }
    }
}
