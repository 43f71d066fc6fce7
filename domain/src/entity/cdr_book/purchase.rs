//! What a session is bought for: the partner's stated cost and our own price of its sheet, and which of them counts.

use super::super::{Facts, Moment};
use super::record::CdrRecord;
use super::terms::{PartyTerms, WhosePrice};
use crate::cdr::{Cdr, EvseSite};
use crate::entity::Registered;
use crate::fixed::Rounding;
use crate::money::Money;
use crate::price_sheet::PriceSheet;
use crate::session::{self, PricedSession, SessionTerms};
use crate::share::ShareAgreement;
use crate::verification::{Counts, Dispute, Tolerance, Verdict, Verification, VerificationTerms, verify};
use crate::zone::Zone;

/// What a session is bought for, without tax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// The partner's account, which is owed it; none where the partner is paid elsewhere.
    pub account: Option<String>,
    /// What counts.
    pub amount: Money,
    /// The price sheet by which it was priced, where that counts; empty where the stated cost does.
    pub sheet: String,
    /// What the partner states.
    pub stated: Option<Money>,
    /// What its price sheet gives.
    pub priced: Option<Money>,
    /// Whether both are there and differ by more than agreed.
    pub is_disputed: bool,
}

/// The id of the price sheet by which a record of a party is priced: the tariff that it names, as the party told it, or else
/// the sheet of the terms.
pub(super) fn sheet_id(cdr: &Cdr, terms: &PartyTerms) -> Option<String> {
    let named = cdr.sheet.as_ref().map(|tariff| cdr.key.party().sheet_id(tariff));
    named.or_else(|| terms.sheet.clone())
}

/// The id of the agreement by which a session is shared.
pub(super) fn agreement_id<'a>(site: &'a EvseSite, terms: Option<&'a PartyTerms>) -> Option<&'a str> {
    site.agreement.as_deref().or(terms.and_then(|terms| terms.agreement.as_deref()))
}

/// The version of that agreement that holds when a session was over.
pub(super) fn agreement(
    record: &CdrRecord,
    site: &EvseSite,
    terms: Option<&PartyTerms>,
    facts: &Facts,
) -> Option<ShareAgreement> {
    let versions = facts.share_agreements.get(agreement_id(site, terms)?)?;
    let zone = zone(site, terms, facts);
    let (service, _) = zone.local_reading(record.cdr.session.end);
    ShareAgreement::on(versions.iter().map(|version| &version.fact), service).cloned()
}

/// What a session is bought for, and what comparing both prices told. Nothing is bought from an own party. A partner that is
/// paid elsewhere costs as much as any other. None as well where nobody can say the price: then there is a
/// [`NoPrice`](crate::cdr::Suspicion::NoPrice).
pub(super) fn purchase(
    record: &CdrRecord,
    site: &EvseSite,
    terms: &PartyTerms,
    facts: &Facts,
) -> Option<(Purchase, Verification)> {
    if terms.is_own {
        return None;
    }
    let ours = priced(&record.cdr, site, terms, facts);
    let verified = verify(&record.cdr.session, ours.as_ref(), &terms.verification()).ok()?;
    if terms.price == WhosePrice::Ours && verified.counted == Counts::Theirs {
        return None;
    }
    let sheet = sheet_id(&record.cdr, terms).filter(|_| verified.counted == Counts::Ours);
    let purchase = Purchase {
        account: terms.account.clone(),
        amount: verified.price,
        sheet: sheet.unwrap_or_default(),
        stated: verified.theirs,
        priced: verified.ours,
        is_disputed: is_disputed(&verified),
    };
    Some((purchase, verified))
}

/// The dispute that a purchase begins. Where we have no price of our own there is nothing to hold against theirs.
pub(super) fn dispute(verified: &Verification, moment: &Moment) -> Option<Dispute> {
    Dispute::of(verified, moment.now).filter(|_| is_disputed(verified))
}

fn is_disputed(verified: &Verification) -> bool {
    matches!(verified.verdict, Verdict::Disputed(_)) && verified.ours.is_some()
}

impl PartyTerms {
    /// How records of the party are verified.
    fn verification(&self) -> VerificationTerms {
        let counts = match self.price {
            WhosePrice::Theirs => Counts::Theirs,
            WhosePrice::Ours => Counts::Ours,
        };
        let minor_units = u32::try_from(self.tolerance_minor).unwrap_or(u32::MAX);
        let tolerance = Tolerance { minor_units, ten_thousandths: 0 };
        VerificationTerms { counts, tolerance, rounding: Rounding::HalfAwayFromZero }
    }
}

/// What the version of the price sheet gives that counts for a session of this start.
fn priced(cdr: &Cdr, site: &EvseSite, terms: &PartyTerms, facts: &Facts) -> Option<PricedSession> {
    let versions: &[Registered<PriceSheet>] = facts.price_sheets.get(&sheet_id(cdr, terms)?)?;
    let (_, Registered { fact: sheet, .. }) = Registered::at_start(versions, cdr.session.start)?;
    let (zone, usual) = (zone(site, Some(terms), facts), SessionTerms::default());
    session::price(&cdr.session, std::slice::from_ref(sheet), &zone, &usual).ok()
}

/// The zone of a charging point, else the party's, else the tenant's.
fn zone(site: &EvseSite, terms: Option<&PartyTerms>, facts: &Facts) -> Zone {
    let of_terms = || terms.and_then(|terms| terms.zone.clone());
    let of_tenant = || facts.settings.as_ref().map(|settings| settings.zone.clone());
    site.zone.clone().or_else(of_terms).or_else(of_tenant).unwrap_or_else(Zone::utc)
}
