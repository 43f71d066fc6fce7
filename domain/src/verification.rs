//! Verification of a partner's charge detail record: what it states against what we price.
//!
//! A record may carry a price, or none (OICP). The agreement with the partner names whose price counts and how far
//! the two may lie apart: [`verify`] compares them in minor units of the currency, without tax, and tells what is to be
//! booked. Where they lie further apart a [`Dispute`] begins: the price that counts is booked meanwhile, and what a
//! decision changes is booked on top. The book of a party keeps both beside the record; nothing here keeps anything.

mod dispute;

use crate::amount::Amount;
use crate::fixed::Rounding;
use crate::money::{Currency, Money};
use crate::price::Price;
use crate::quantity::Quantity;
use crate::session::{Cost, CostPart, PricedSession, Session, Warning};

pub use dispute::{Decided, Decision, DecisionRefused, Dispute, DisputeState};

/// Half of the last of the four decimals that numbers of OCPI have: what is nearer is the same.
const STATED_TOLERANCE: Price = Price::from_raw(5_000);
/// A whole, in ten-thousandths.
const WHOLE: i128 = 10_000;

/// Whose price counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counts {
    /// The one that the partner's record states; ours where it states none.
    #[default]
    Theirs,
    /// The one that we compute under the partner's price sheet; theirs where we can't.
    Ours,
}

/// How far the partner's price may lie from ours. Of the two the wider counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tolerance {
    /// In minor units of the currency.
    pub minor_units: u32,
    /// In ten-thousandths of our price, rounded down to a minor unit.
    pub ten_thousandths: u32,
}

/// What the agreement with a partner says about its records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerificationTerms {
    /// Whose price counts.
    pub counts: Counts,
    /// Within what.
    pub tolerance: Tolerance,
    /// How both prices are rounded to minor units.
    pub rounding: Rounding,
}

/// What came of comparing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Both are the same in minor units, or one of them is all there is and nothing speaks against it.
    Agreed,
    /// They differ by no more than what is tolerated.
    WithinTolerance,
    /// They differ by more, for these reasons.
    Disputed(Vec<DisputeReason>),
}

/// Why a partner's price is disputed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DisputeReason {
    /// The total without tax differs by more than what is tolerated.
    TotalDiffers,
    /// The total with tax does, though that without it does not: it is neither ours nor what the stated total without
    /// tax gives. Whoever rounds before taxing comes to another minor unit than whoever taxes the exact price.
    TaxDiffers,
    /// The cost of a part differs; told beside one of the reasons above.
    PartDiffers(CostPart),
    /// The record states another energy than its periods have.
    EnergyDiffers,
    /// The record states another time than its periods have.
    TimeDiffers,
    /// We can't price the session, so that theirs is all there is.
    NotPriced,
}

/// The difference of one part of the cost, without tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartDifference {
    /// What for.
    pub part: CostPart,
    /// What the record states.
    pub theirs: Price,
    /// What we price, exact.
    pub ours: Amount,
    /// Theirs less ours, exact.
    pub difference: Amount,
}

/// Both prices with tax.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WithTax {
    /// The partner's; `None` where the record does not state it.
    pub theirs: Option<Money>,
    /// Ours, of the exact price; `None` where we can't price the session, or not every price of the sheet has a rate.
    pub ours: Option<Money>,
}

/// What verifying a record tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// What is to be booked, without tax: in a dispute, until that is decided.
    pub price: Money,
    /// Whose price that is.
    pub counted: Counts,
    /// The partner's, without tax; `None` where the record states none.
    pub theirs: Option<Money>,
    /// Ours, without tax; `None` where we can't price the session.
    pub ours: Option<Money>,
    /// Theirs less ours; `None` where one of them is missing.
    pub difference: Option<Money>,
    /// Both with tax, each where it is known.
    pub with_tax: WithTax,
    /// The parts of which the record states another cost, in order.
    pub parts: Vec<PartDifference>,
    /// Whether the price is agreed.
    pub verdict: Verdict,
}

/// Why a record can't be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerificationFault {
    /// Neither does the record state a price nor can we compute one.
    NoPrice,
    /// A number leaves its range.
    OutOfRange,
}

/// Compares what a partner's record states with what we price under the partner's sheet; `ours` is `None` where that can't
/// be done. A credit states its total negated, and is compared so.
///
/// # Errors
/// [`VerificationFault`] where there is no price at all, or a number leaves its range.
pub fn verify(
    session: &Session,
    ours: Option<&PricedSession>,
    terms: &VerificationTerms,
) -> Result<Verification, VerificationFault> {
    let compared = compare(session, ours, terms).ok_or(VerificationFault::OutOfRange)?;
    let Compared { theirs, ours: our_price, .. } = compared;
    let (price, counted) = match (terms.counts, theirs, our_price) {
        (Counts::Theirs, Some(theirs), _) | (Counts::Ours, Some(theirs), None) => (theirs, Counts::Theirs),
        (Counts::Ours, _, Some(ours)) | (Counts::Theirs, None, Some(ours)) => (ours, Counts::Ours),
        (_, None, None) => return Err(VerificationFault::NoPrice),
    };
    let verdict = compared.verdict(ours);
    let Compared { difference, with_tax, parts, .. } = compared;
    Ok(Verification { price, counted, theirs, ours: our_price, difference, with_tax, parts, verdict })
}

/// Both prices and how they lie to one another.
struct Compared {
    theirs: Option<Money>,
    ours: Option<Money>,
    difference: Option<Money>,
    with_tax: WithTax,
    is_tolerated: bool,
    is_tax_tolerated: bool,
    parts: Vec<PartDifference>,
}

fn compare(session: &Session, ours: Option<&PricedSession>, terms: &VerificationTerms) -> Option<Compared> {
    let currency = session.currency;
    let stated_of = |amount: Amount| {
        let money = amount.to_money(currency, terms.rounding)?;
        Some(Some(if session.is_credit { money.checked_neg()? } else { money }))
    };
    let stated = |price: Option<Price>| price.map_or(Some(None), |price| stated_of(of_price(price)?));
    let priced = |figure: fn(Cost) -> Amount| {
        let Some(ours) = ours else { return Some(None) };
        Some(Some(figure(ours.total).to_money(currency, terms.rounding)?))
    };
    let (theirs, net) = (stated(session.stated.excluding_vat)?, priced(|cost| cost.excluding_vat)?);
    let their_gross = stated(session.stated.including_vat)?;
    // A sheet without rates says nothing about tax: there is nothing to compare.
    let rated = ours.filter(|ours| ours.components.iter().all(|component| component.vat.is_some()));
    let gross = priced(|cost| cost.including_vat)?.filter(|_| rated.is_some());
    // What they state without tax, taxed, is as right as ours.
    let taxed = match (rated, session.stated.excluding_vat) {
        (Some(rated), Some(net)) => stated_of(taxed(of_price(net)?, rated, session.is_credit)?)?,
        _ => None,
    };
    let tolerance = terms.tolerance;
    let is_taxed = taxed.is_some() && tolerance.holds(their_gross, taxed, currency)?;
    Some(Compared {
        theirs,
        ours: net,
        difference: difference(theirs, net)?,
        with_tax: WithTax { theirs: their_gross, ours: gross },
        is_tolerated: tolerance.holds(theirs, net, currency)?,
        is_tax_tolerated: is_taxed || tolerance.holds(their_gross, gross, currency)?,
        parts: ours.map_or(Some(Vec::new()), |ours| part_differences(session, ours))?,
    })
}

/// A stated net with tax: at the rate of the sheet, or, where its prices have several, with the tax of ours. A credit states
/// both negated.
fn taxed(net: Amount, ours: &PricedSession, is_credit: bool) -> Option<Amount> {
    let mut rates = ours.components.iter().filter_map(|component| component.vat);
    let first = rates.next();
    let tax = match first.filter(|first| rates.all(|rate| rate == *first)) {
        Some(rate) => rate.on(net)?,
        None => {
            let tax = ours.total.including_vat.checked_sub(ours.total.excluding_vat)?;
            if is_credit { tax.checked_neg()? } else { tax }
        }
    };
    net.checked_add(tax)
}

impl Compared {
    fn verdict(&self, ours: Option<&PricedSession>) -> Verdict {
        let mut reasons = Vec::new();
        let Some(ours) = ours else { return Verdict::Disputed(vec![DisputeReason::NotPriced]) };
        if !self.is_tolerated {
            reasons.push(DisputeReason::TotalDiffers);
        } else if !self.is_tax_tolerated {
            reasons.push(DisputeReason::TaxDiffers);
        }
        if !reasons.is_empty() {
            reasons.extend(self.parts.iter().map(|part| DisputeReason::PartDiffers(part.part)));
        }
        for warning in &ours.warnings {
            let reason = match warning {
                Warning::StatedEnergyDiffers { .. } => DisputeReason::EnergyDiffers,
                Warning::StatedTimeDiffers { .. } | Warning::StatedParkingTimeDiffers { .. } => {
                    DisputeReason::TimeDiffers
                }
                _ => continue,
            };
            // What is measured counts only where it makes a difference in money that is not tolerated.
            if !self.is_tolerated && !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        match self.difference {
            _ if !reasons.is_empty() => Verdict::Disputed(reasons),
            Some(difference) if difference.minor() != 0 => Verdict::WithinTolerance,
            _ => Verdict::Agreed,
        }
    }
}

impl Tolerance {
    /// Whether theirs lies near enough to ours; so it does where one of them is missing. `None` beyond the range.
    fn holds(self, theirs: Option<Money>, ours: Option<Money>, currency: Currency) -> Option<bool> {
        let Some(difference) = difference(theirs, ours)? else { return Some(true) };
        let ours = i128::from(ours.unwrap_or(Money::zero(currency)).minor()).checked_abs()?;
        let relative = ours.checked_mul(self.ten_thousandths.into())?.checked_div(WHOLE)?;
        let most = relative.max(self.minor_units.into());
        Some(i128::from(difference.minor()).checked_abs()? <= most)
    }
}

fn difference(theirs: Option<Money>, ours: Option<Money>) -> Option<Option<Money>> {
    let (Some(theirs), Some(ours)) = (theirs, ours) else { return Some(None) };
    theirs.checked_sub(ours).map(Some)
}

fn part_differences(session: &Session, ours: &PricedSession) -> Option<Vec<PartDifference>> {
    let tolerance = of_price(STATED_TOLERANCE)?;
    let mut parts = Vec::new();
    for part in CostPart::ALL {
        let Some(theirs) = session.stated.parts.of(part).excluding_vat else { continue };
        let ours = ours.cost_of(part)?.excluding_vat;
        let difference = of_price(theirs)?.checked_sub(ours)?;
        if difference.max(difference.checked_neg()?) > tolerance {
            parts.push(PartDifference { part, theirs, ours, difference });
        }
    }
    Some(parts)
}

fn of_price(price: Price) -> Option<Amount> {
    Amount::of(Quantity::ONE, price)
}
