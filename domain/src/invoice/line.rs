//! Lines of an invoice, and how an open position becomes one.

use super::build::InvoiceError;
use crate::amount::Amount;
use crate::contract::{Share, split, split_amount};
use crate::day_span::DaySpan;
use crate::money::{Currency, Money};
use crate::position::{RatedPosition, RatedVersion, ShownPrice};
use crate::price::Price;
use crate::quantity::Quantity;
use crate::tax::{TaxClass, VatRate};

/// A rated position as it stands open for one payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenLine {
    /// The latest version of the position: all that its key costs the whole contract, by what is known now.
    pub latest: RatedVersion,
    /// The shares of all payers in ten-thousandths, in their order. Who pays no more stands with 0.
    pub shares: Vec<u32>,
    /// Which of the shares is this payer's.
    pub own: usize,
    /// What was issued to this payer under the position's key so far, once per tax class and rate.
    pub issued: Vec<Issued>,
}

/// What was issued under a key at one class and rate of tax, over all invoices so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The class of goods.
    pub tax_class: TaxClass,
    /// The rate.
    pub vat_rate: VatRate,
    /// The sum of the nets.
    pub net: Money,
    /// The exact amount that issuing moved out of unbilled.
    pub cleared: Amount,
}

/// One line: a position, or the positions of a bundled group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The position's name, or the group's where it is a bundle of several.
    pub name: String,
    /// The group it is shown under.
    pub group: String,
    /// The days of service.
    pub service: DaySpan,
    /// The net now: the sum of its parts.
    pub net: Money,
    /// The class for the tax.
    pub tax_class: TaxClass,
    /// The rate of the tax.
    pub vat_rate: VatRate,
    /// Whether it corrects what was issued before.
    pub is_correction: bool,
    /// Whether a value in it was estimated or incomplete.
    pub is_estimated: bool,
    /// What it is made of; each was rounded by itself.
    pub parts: Vec<LinePart>,
}

/// What one position contributes to a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinePart {
    /// The position as rated, of the whole contract, with everything it was computed from.
    pub rated: RatedVersion,
    /// The shares of all payers in ten-thousandths.
    pub shares: Vec<u32>,
    /// Which of the shares is this payer's.
    pub own: usize,
    /// The class for the tax. It differs from the position's where a former class or rate is given back.
    pub tax_class: TaxClass,
    /// The rate of the tax.
    pub vat_rate: VatRate,
    /// The quantity as shown, with the sign of the amount: a price is never negative.
    pub quantity: Quantity,
    /// The price as shown.
    pub price: LinePrice,
    /// The payer's net of the position by what is known now.
    pub net_to_date: Money,
    /// What of it was issued before.
    pub net_before: Money,
    /// The difference: what this invoice bills.
    pub net: Money,
    /// The exact amount that this invoice moves out of unbilled.
    pub cleared: Amount,
    /// Whether it corrects what was issued before.
    pub is_correction: bool,
}

/// The price as a reader of the bill sees it; never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinePrice {
    /// One price per unit.
    PerUnit(Price),
    /// A price per month by civil days, so many times.
    Monthly {
        /// The price of a month.
        price: Price,
        /// How many times it applies.
        pieces: Quantity,
    },
    /// A factor on the amounts of other positions: 0.05 is 5 %.
    Factor(Price),
    /// The mean over intervals that each had a price.
    Average {
        /// |amount| / |quantity|, to six decimals; `None` where nothing was counted.
        price: Option<Price>,
        /// How many intervals.
        intervals: u32,
    },
}

impl LinePart {
    /// The payer's share where it is not the whole.
    #[must_use]
    pub fn partial_share(&self) -> Option<Share> {
        let share = self.shares.get(self.own).copied().filter(|share| *share != Share::WHOLE);
        share.and_then(Share::new)
    }
}

impl Issued {
    /// Adds what an invoice settled to what is issued under the key.
    ///
    /// # Errors
    /// [`InvoiceError::OutOfRange`] where a sum leaves its range, [`InvoiceError::MixedCurrencies`].
    pub fn add(issued: &mut Vec<Self>, part: &LinePart) -> Result<(), InvoiceError> {
        let tax = (&part.tax_class, part.vat_rate);
        match issued.iter_mut().find(|held| (&held.tax_class, held.vat_rate) == tax) {
            Some(held) => {
                held.net = sum(held.net, part.net)?;
                held.cleared = held.cleared.checked_add(part.cleared).ok_or(InvoiceError::OutOfRange)?;
            }
            None => issued.push(Self {
                tax_class: part.tax_class.clone(),
                vat_rate: part.vat_rate,
                net: part.net,
                cleared: part.cleared,
            }),
        }
        Ok(())
    }
}

impl OpenLine {
    /// What the position contributes now: one part at its class and rate of tax, and one for each class and rate it
    /// was issued at before and is not taxed at any more.
    pub(super) fn parts(
        self,
        currency: Currency,
        is_correction: bool,
    ) -> Result<Vec<LinePart>, InvoiceError> {
        let position = &self.latest.position;
        if position.currency != currency || self.issued.iter().any(|issued| issued.net.currency() != currency)
        {
            return Err(InvoiceError::MixedCurrencies);
        }
        let (net, amount) = self.own_part()?;
        let zero = (Money::zero(currency), Amount::ZERO);
        let tax = (&position.tax_class, position.vat_rate);
        let at_tax = |issued: &&Issued| (&issued.tax_class, issued.vat_rate) == tax;
        let before = self.issued.iter().find(at_tax).map_or(zero, |issued| (issued.net, issued.cleared));
        let mut parts = Vec::new();
        if !self.is_idle((net, amount), before) {
            parts.push(self.part(tax, (net, amount), before, is_correction)?);
        }
        for issued in self.issued.iter().filter(|issued| !at_tax(issued)) {
            let before = (issued.net, issued.cleared);
            if before != zero {
                parts.push(self.part((&issued.tax_class, issued.vat_rate), zero, before, true)?);
            }
        }
        Ok(parts)
    }

    /// The payer's net and exact amount to date: the whole is rounded once, then split.
    fn own_part(&self) -> Result<(Money, Amount), InvoiceError> {
        let RatedPosition { amount, currency, rounding, .. } = self.latest.position;
        let whole: u64 = self.shares.iter().map(|share| u64::from(*share)).sum();
        if whole != u64::from(Share::WHOLE) {
            return Err(InvoiceError::BrokenShares);
        }
        let net = amount.to_money(currency, rounding).ok_or(InvoiceError::OutOfRange)?;
        let own_minor = split(net.minor(), &self.shares).get(self.own).copied();
        let own_amount = split_amount(amount, &self.shares).get(self.own).copied();
        let (minor, amount) = own_minor.zip(own_amount).ok_or(InvoiceError::BrokenShares)?;
        Ok((Money::new(minor, currency), amount))
    }

    /// Whether there is nothing to say: nothing was measured, charged or issued, or nothing moved since.
    fn is_idle(&self, now: (Money, Amount), before: (Money, Amount)) -> bool {
        let is_empty = self.latest.position.quantity == Quantity::ZERO && now.1 == Amount::ZERO;
        now == before && (is_empty || !self.issued.is_empty())
    }

    fn part(
        &self,
        tax: (&TaxClass, VatRate),
        now: (Money, Amount),
        before: (Money, Amount),
        is_correction: bool,
    ) -> Result<LinePart, InvoiceError> {
        let (quantity, price) = shown(&self.latest.position).ok_or(InvoiceError::OutOfRange)?;
        Ok(LinePart {
            rated: self.latest.clone(),
            shares: self.shares.clone(),
            own: self.own,
            tax_class: tax.0.clone(),
            vat_rate: tax.1,
            quantity,
            price,
            net_to_date: now.0,
            net_before: before.0,
            net: now.0.checked_sub(before.0).ok_or(InvoiceError::OutOfRange)?,
            cleared: now.1.checked_sub(before.1).ok_or(InvoiceError::OutOfRange)?,
            is_correction,
        })
    }
}

/// Quantity and price with the sign of the amount in the quantity; `None` beyond the range.
fn shown(position: &RatedPosition) -> Option<(Quantity, LinePrice)> {
    let unsigned = |price: Price| price.raw().checked_abs().map(Price::from_raw);
    let price = match position.price {
        ShownPrice::Single(price) => LinePrice::PerUnit(unsigned(price)?),
        ShownPrice::Factor(factor) => LinePrice::Factor(unsigned(factor)?),
        ShownPrice::Monthly { price, pieces } => LinePrice::Monthly { price: unsigned(price)?, pieces },
        ShownPrice::Average { intervals } if position.quantity == Quantity::ZERO => {
            LinePrice::Average { price: None, intervals }
        }
        ShownPrice::Average { intervals } => {
            let price = unsigned(position.amount.average_price(position.quantity)?)?;
            LinePrice::Average { price: Some(price), intervals }
        }
    };
    let is_opposed = (position.quantity < Quantity::ZERO && position.amount > Amount::ZERO)
        || (position.quantity > Quantity::ZERO && position.amount < Amount::ZERO);
    let quantity = if is_opposed { position.quantity.checked_neg()? } else { position.quantity };
    Some((quantity, price))
}

pub(super) fn sum(one: Money, other: Money) -> Result<Money, InvoiceError> {
    if one.currency() != other.currency() {
        return Err(InvoiceError::MixedCurrencies);
    }
    one.checked_add(other).ok_or(InvoiceError::OutOfRange)
}
