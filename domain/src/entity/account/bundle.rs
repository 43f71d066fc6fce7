//! Clearing a bundle that the account sold: what each provider gets goes to its account as a leg.

use super::{Event, Reply};
use crate::entity::catalog::TenantSettings;
use crate::entity::message::{Message, Recipient};
use crate::entity::{Decided, Facts, Moment, Need};
use crate::leg::{Leg, LegKey, LegKind};
use crate::money::Money;
use crate::quantity::Quantity;
use crate::share::{Claim, clear};
use crate::statement::{Bundle, MOST_CLAIMS, PartnerEvent, PartnerRefused, PartnerReply};

/// The role of a provider's part.
const ROLE: &str = "bundle";

/// Whether the bundle was cleared already.
pub(super) fn needs(bundle: &Bundle) -> Need {
    Need::Leg(place(bundle))
}

/// Divides the price and tells every provider's account. It is in the tenant's currency: no statement has parts in another.
pub(super) fn cleared(
    account: &str,
    bundle: &Bundle,
    (settings, facts): (&TenantSettings, &Facts),
    moment: &Moment,
) -> Result<Decided<Event, Reply>, PartnerRefused> {
    if bundle.amount.currency() != settings.currency {
        return Err(PartnerRefused::OtherCurrency);
    }
    if bundle.claims.len() > MOST_CLAIMS || bundle.claims.iter().any(|claim| claim.recipient == account) {
        return Err(PartnerRefused::BadClaims);
    }
    let cleared = clear(bundle.amount, &bundle.claims).map_err(PartnerRefused::Clearing)?;
    if facts.legs.contains(&place(bundle)) {
        return Err(PartnerRefused::AlreadyCleared);
    }
    let leg = |(number, (claim, amount)): (u32, (&Claim, &Money))| {
        let leg = Leg {
            cdr: bundle.key.clone(),
            seller: Some(account.to_owned()),
            number,
            reverses: None,
            kind: LegKind::Share(ROLE.to_owned()),
            agreement: String::new(),
            amount: *amount,
            base: bundle.amount,
            energy_kwh: Quantity::ZERO,
            service: bundle.service,
            received: moment.now,
        };
        let account = claim.recipient.clone();
        (Recipient::Account(account.clone()), Message::BookLeg { account, leg })
    };
    let told: Vec<_> = (0..).zip(bundle.claims.iter().zip(&cleared.parts)).map(leg).collect();
    let event = Event::Partner(PartnerEvent::BundleCleared(bundle.key.clone()));
    Ok(Decided::with(vec![event], Reply::Partner(PartnerReply::Cleared(cleared))).telling(told))
}

/// The place at the seller's account that no leg has: taken once the bundle was cleared.
fn place(bundle: &Bundle) -> LegKey {
    LegKey { cdr: bundle.key.clone(), seller: None, number: u32::MAX }
}
