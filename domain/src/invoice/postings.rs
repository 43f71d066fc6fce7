//! What issuing an invoice books.

use super::{Invoice, InvoiceError};
use crate::amount::Amount;
use crate::ledger::{LedgerRole, PostingHead, PostingReason, PostingRefusal, PostingSet, PostingSource};
use crate::money::Money;

impl Invoice {
    /// The postings of issuing: the exact amounts leave unbilled, the total is receivable, the tax is owed, and what
    /// rounding gave or took is booked as such. Balance brought forward and instalments were booked when they arose.
    ///
    /// # Errors
    /// [`InvoiceError::Postings`] where a sum leaves its range.
    pub fn postings(&self) -> Result<PostingSet, InvoiceError> {
        let refused = InvoiceError::Postings;
        let out_of_range = refused(PostingRefusal::OutOfRange);
        let exact = |money: Money| Amount::from_money(money).ok_or(out_of_range);
        let negated = |amount: Amount| amount.checked_neg().ok_or(out_of_range);
        let mut parts = self.parts();
        let cleared = parts.try_fold(Amount::ZERO, |sum, (_, part)| sum.checked_add(part.cleared));
        let cleared = cleared.ok_or(out_of_range)?;
        let rounded = cleared.checked_sub(exact(self.net)?).ok_or(out_of_range)?;
        let mut postings = vec![
            (LedgerRole::Unbilled, negated(cleared)?),
            (LedgerRole::Receivable, exact(self.total)?),
            (LedgerRole::Rounding, rounded),
        ];
        for entry in &self.vat {
            let role = LedgerRole::ValueAddedTax { class: entry.tax_class.clone(), rate: entry.rate };
            postings.push((role, negated(exact(entry.vat)?)?));
        }
        let head = PostingHead {
            source: PostingSource::Invoice(self.number.clone()),
            reason: PostingReason::Issued,
            corrects: None,
            asset: self.currency.into(),
        };
        PostingSet::new(head, postings).map_err(refused)
    }
}
