//! What running costs, with value added tax, and where each part of it is booked.

use crate::amount::Amount;
use crate::ledger::{Asset, LedgerRole};
use crate::model::pricing::Pricing;
use crate::money::Currency;
use crate::quantity::{Quantity, Unit};
use crate::tax::{TaxClass, VatRate};

/// The price of one thing that runs: all its parts together.
pub struct SalePrice<'a> {
    /// The currency of every amount.
    pub currency: Currency,
    /// The unit of the quantities.
    pub unit: Unit,
    /// A partial grant is a multiple of this.
    pub step: Quantity,
    /// Its parts; their sum is what the payer pays.
    pub parts: Vec<PricePart<'a>>,
}

/// A part of a price: one component of the product.
pub struct PricePart<'a> {
    /// Its net amount.
    pub pricing: &'a dyn Pricing,
    /// The role of the revenue account.
    pub revenue_role: String,
    /// The class of goods.
    pub tax_class: TaxClass,
    /// The rate of the class now.
    pub rate: VatRate,
}

/// A part of what is charged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargedPart {
    /// The role of the revenue account.
    pub revenue_role: String,
    /// The class of goods.
    pub tax_class: TaxClass,
    /// The rate of value added tax.
    pub rate: VatRate,
    /// Without tax.
    pub net: Amount,
    /// The tax.
    pub tax: Amount,
}

/// What is wrong with a part that was reckoned elsewhere, in order of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartFault {
    /// The role of the revenue account is empty, has a control character, or a space at either end.
    RevenueRole,
    /// The same of the class of goods; or there is a rate on the class that no tax is due on.
    TaxClass,
    /// Net and tax have opposite signs.
    TaxSign,
    /// There is tax, and the rate is 0 %.
    TaxWithoutRate,
    /// The tax is not the net times the rate: it is off by more than a minor unit of the currency.
    TaxOffRate,
}

impl SalePrice<'_> {
    /// What a quantity is charged, part by part. Net amounts are exact as the parts' pricing gives them; the tax is the
    /// net times the rate, exact where the net has at most 14 decimals, else rounded half away from zero to the ledger's
    /// scale. Nothing is rounded to minor units: funds go down by the exact sum. `None` where a part has no price.
    #[must_use]
    pub fn charged(&self, quantity: Quantity) -> Option<Vec<ChargedPart>> {
        let parts = self.parts.iter().map(|part| {
            let net = part.pricing.amount(quantity)?;
            Some(ChargedPart {
                revenue_role: part.revenue_role.clone(),
                tax_class: part.tax_class.clone(),
                rate: part.rate,
                net,
                tax: part.rate.on(net)?,
            })
        });
        parts.collect()
    }
}

/// What a quantity costs with tax.
impl Pricing for SalePrice<'_> {
    fn amount(&self, quantity: Quantity) -> Option<Amount> {
        self.parts.iter().try_fold(Amount::ZERO, |sum, part| {
            let net = part.pricing.amount(quantity)?;
            sum.checked_add(net)?.checked_add(part.rate.on(net)?)
        })
    }
}

impl ChargedPart {
    /// What is wrong with it, as far as it says: names, and tax that its rate can't come to. Whoever reckoned it may have
    /// rounded to minor units. `None` where nothing is.
    #[must_use]
    pub fn fault(&self, currency: Currency) -> Option<PartFault> {
        let is_outside = self.tax_class.name() == TaxClass::OUTSIDE;
        let has_rate = self.rate != VatRate::default();
        let (net, tax) = (self.net.cmp(&Amount::ZERO), self.tax.cmp(&Amount::ZERO));
        if !is_name(&self.revenue_role) {
            return Some(PartFault::RevenueRole);
        }
        if !is_name(self.tax_class.name()) || (is_outside && has_rate) {
            return Some(PartFault::TaxClass);
        }
        if tax.is_ne() && tax == net.reverse() {
            return Some(PartFault::TaxSign);
        }
        if tax.is_ne() && !has_rate {
            return Some(PartFault::TaxWithoutRate);
        }
        (!self.is_taxed_right(currency)).then_some(PartFault::TaxOffRate)
    }

    fn is_taxed_right(&self, currency: Currency) -> bool {
        let off = self.rate.on(self.net).and_then(|due| self.tax.checked_sub(due));
        let least = Asset::Money(currency).least_payable();
        off.is_some_and(|off| off <= least && off.checked_neg().is_some_and(|off| off <= least))
    }

    /// With tax. `None` beyond the range.
    #[must_use]
    pub fn gross(&self) -> Option<Amount> {
        self.net.checked_add(self.tax)
    }

    /// The sum of parts with tax. `None` beyond the range.
    #[must_use]
    pub fn total(parts: &[Self]) -> Option<Amount> {
        parts.iter().try_fold(Amount::ZERO, |sum, part| sum.checked_add(part.gross()?))
    }

    /// What the parts book: revenue and tax, both credits.
    pub(super) fn postings(parts: &[Self]) -> Option<Vec<(LedgerRole, Amount)>> {
        let mut postings = Vec::new();
        for part in parts {
            let role = LedgerRole::ValueAddedTax { class: part.tax_class.clone(), rate: part.rate };
            postings.push((LedgerRole::Revenue(part.revenue_role.clone()), part.net.checked_neg()?));
            postings.push((role, part.tax.checked_neg()?));
        }
        Some(postings)
    }

    /// The parts scaled down so that they sum to `taken`, in proportion. Each bound between two parts is rounded towards
    /// zero on the ledger's scale, so that the last one takes what rounding left, and the sum is exact. `None` where an
    /// amount is negative or `taken` is above the total.
    #[must_use]
    pub fn scaled(parts: &[Self], taken: Amount) -> Option<Vec<Self>> {
        let total = Self::total(parts)?;
        if total == taken {
            return Some(parts.to_vec());
        }
        let (mut sum, mut before) = (Amount::ZERO, Amount::ZERO);
        let mut next = |amount: Amount| {
            sum = sum.checked_add(amount)?;
            let bound = sum.in_proportion(taken, total)?;
            let part = bound.checked_sub(before)?;
            before = bound;
            Some(part)
        };
        parts
            .iter()
            .map(|part| Some(Self { net: next(part.net)?, tax: next(part.tax)?, ..part.clone() }))
            .collect()
    }
}

/// Whether books can be kept under this name.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.chars().any(char::is_control)
}
