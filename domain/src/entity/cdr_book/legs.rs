//! The legs of a session: what of its sale is owed to whom. Sale = purchase + shares + margin, to the last minor unit; a
//! purchase that is settled elsewhere has no leg.

use super::super::{Message, Recipient};
use super::purchase::Purchase;
use super::record::{AccountLeg, Booked, CdrRecord};
use crate::cdr::Sale;
use crate::instant::Instant;
use crate::leg::{Leg, LegKind};
use crate::money::Money;
use crate::share::{self, ShareAgreement, SharedSession, Split, SplitRefused};

impl AccountLeg {
    /// The message by which the account is told.
    #[must_use]
    pub(super) fn told(&self) -> (Recipient, Message) {
        let told = Message::BookLeg { account: self.account.clone(), leg: self.leg.clone() };
        (Recipient::Account(self.account.clone()), told)
    }
}

/// What is booked of a record that was sold: the purchase, the shares by the agreement, what is owed for energy from home.
///
/// # Errors
/// [`SplitRefused`] where not all of them are of one currency, or an amount leaves its range: then nothing may be booked.
pub fn booked(
    record: &CdrRecord,
    sale: &Sale,
    purchase: Option<Purchase>,
    agreement: Option<&ShareAgreement>,
) -> Result<Booked, SplitRefused> {
    let nothing = Money::zero(sale.net.currency());
    let cost = purchase.as_ref().map_or(nothing, |purchase| purchase.amount);
    let shared = SharedSession { energy_kwh: sale.energy_kwh, is_credit: false };
    if cost.currency() != sale.net.currency() {
        return Err(SplitRefused::OtherCurrency);
    }
    let split = match agreement {
        Some(agreement) => share::split(sale.net, cost, agreement, &shared)?,
        None => Split::whole(sale.net, cost),
    };
    let shares_of = agreement.map(|agreement| agreement.id.as_str()).unwrap_or_default();

    let mut owed: Vec<(String, LegKind, &str, Money, Money)> = Vec::new();
    // What is settled elsewhere is a cost, and nobody here is owed it.
    if let Some((purchase, account)) =
        purchase.as_ref().and_then(|bought| Some((bought, bought.account.clone()?)))
    {
        let sheet = purchase.sheet.as_str();
        owed.push((account, LegKind::Purchase, sheet, purchase.amount, purchase.amount));
    }
    owed.extend(
        split
            .shares
            .iter()
            .map(|share| (share.recipient.clone(), share.kind.clone(), shares_of, share.amount, share.base)),
    );
    if let Some(home) = &sale.reimbursement {
        owed.push((home.account.clone(), LegKind::HomeCharging, "", home.amount, home.amount));
    }
    let home = sale.reimbursement.as_ref().map_or(nothing, |home| home.amount);
    let leg =
        |(number, (account, kind, agreement, amount, base)): (u32, (String, LegKind, &str, Money, Money))| {
            let leg = Leg {
                cdr: record.cdr.key.clone(),
                seller: None,
                number,
                reverses: None,
                kind,
                agreement: agreement.to_owned(),
                amount,
                base,
                energy_kwh: sale.energy_kwh,
                service: sale.service,
                received: record.received,
            };
            AccountLeg { account, leg }
        };
    let legs = (0..).zip(owed).map(leg).collect();
    let margin =
        split.margin().and_then(|margin| margin.checked_sub(home)).ok_or(SplitRefused::OutOfRange)?;
    Ok(Booked { sale: sale.clone(), purchase, legs, margin: Some(margin) })
}

/// The legs that take these back, behind them in number. Those of them that were taken back already are left out.
#[must_use]
pub fn reversed(legs: &[AccountLeg], received: Instant) -> Vec<AccountLeg> {
    let first = u32::try_from(legs.len()).unwrap_or(u32::MAX);
    let is_standing = |leg: &Leg| {
        leg.reverses.is_none() && !legs.iter().any(|other| other.leg.reverses == Some(leg.number))
    };
    let standing = legs.iter().filter(|leg| is_standing(&leg.leg));
    let back = |(number, held): (u32, &AccountLeg)| {
        let Leg { amount, base, energy_kwh, .. } = held.leg;
        let negated = |money: Money| money.checked_neg().unwrap_or(money);
        let leg = Leg {
            number,
            reverses: Some(held.leg.number),
            amount: negated(amount),
            base: negated(base),
            energy_kwh: energy_kwh.checked_neg().unwrap_or(energy_kwh),
            received,
            ..held.leg.clone()
        };
        AccountLeg { account: held.account.clone(), leg }
    };
    (first..).zip(standing).map(back).collect()
}
