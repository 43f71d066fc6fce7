//! Seller and payer as the document names them.

use crate::address::Address;

/// Who pays, or on whose behalf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// The account's id.
    pub account: String,
    /// The name of the person or company.
    pub name: String,
    /// Where the bill goes.
    pub address: Address,
    /// The VAT id of a company, possibly empty.
    pub vat_id: String,
}

/// Who issues the invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seller {
    /// The company's name.
    pub name: String,
    /// Its seat.
    pub address: Address,
    /// Its VAT id.
    pub vat_id: String,
    /// The bank account that payments go to.
    pub iban: String,
    /// Who answers questions.
    pub contact: Contact,
}

/// Where questions about the invoice go; each may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Electronic mail.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// The address of a page.
    pub web: String,
}
