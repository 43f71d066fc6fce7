//! Accounts, what they were told of positions, and what was issued to them.

use domain::amount::Amount;
use domain::entity::account::{AccountDetails, IssuedInvoice, Line, LineKey, State};
use domain::identity::MeteringPointId;
use domain::invoice::Issued;
use domain::ledger::{Asset, LedgerRole};
use domain::position::RatedVersion;
use domain::tax::TaxClass;

use super::field;
use super::{FieldError, number, posting, text};
use crate::account;

/// The resource without contracts, balances and invoices.
impl From<&AccountDetails> for account::Account {
    fn from(details: &AccountDetails) -> Self {
        Self {
            name: String::new(),
            account_id: details.id.clone(),
            display_name: details.name.clone(),
            address: Some((&details.address).into()),
            email: details.email.clone(),
            vat_id: details.vat_id.clone(),
            category: details.category.clone(),
            contracts: Vec::new(),
            balances: Vec::new(),
            issued_invoices: Vec::new(),
            etag: String::new(),
        }
    }
}

impl account::Account {
    /// What a client sees of an account; `None` where it was never opened.
    #[must_use]
    pub fn of_state(state: &State) -> Option<Self> {
        let details = state.details.as_ref()?;
        let contract = |(metering_point, contract_id): &(MeteringPointId, String)| account::PaidContract {
            metering_point_id: metering_point.to_string(),
            contract_id: contract_id.clone(),
        };
        Some(Self {
            contracts: state.contracts.keys().map(contract).collect(),
            balances: state.ledger().iter().map(Into::into).collect(),
            issued_invoices: field::messages(state.issued.values()),
            ..details.into()
        })
    }
}

/// Fields that are output only are not read.
impl TryFrom<account::Account> for AccountDetails {
    type Error = FieldError;

    fn try_from(account: account::Account) -> Result<Self, FieldError> {
        Ok(Self {
            id: account.account_id,
            name: account.display_name,
            address: field::required("address", account.address)?,
            email: account.email,
            vat_id: account.vat_id,
            category: account.category,
        })
    }
}

/// The balance of a ledger account.
impl From<(&(LedgerRole, Asset), &Amount)> for account::Balance {
    fn from(((role, asset), amount): (&(LedgerRole, Asset), &Amount)) -> Self {
        let (currency_code, unit) = number::asset_codes(*asset);
        let exact_amount = number::amount_text(*amount);
        Self { role: posting::role_text(role), currency_code, exact_amount, unit }
    }
}

impl From<&IssuedInvoice> for account::IssuedInvoice {
    fn from(issued: &IssuedInvoice) -> Self {
        Self {
            number: issued.number.clone(),
            invoice_run_id: issued.run.clone(),
            month: Some((&issued.month).into()),
            total: Some((&issued.total).into()),
        }
    }
}

impl TryFrom<account::IssuedInvoice> for IssuedInvoice {
    type Error = FieldError;

    fn try_from(issued: account::IssuedInvoice) -> Result<Self, FieldError> {
        Ok(Self {
            number: issued.number,
            run: issued.invoice_run_id,
            month: field::required("month", issued.month)?,
            total: field::required("total", issued.total)?,
        })
    }
}

/// The position of a line is the one of its latest version.
impl From<(&LineKey, &Line)> for account::OpenLine {
    fn from((key, line): (&LineKey, &Line)) -> Self {
        Self {
            metering_point_id: key.metering_point.to_string(),
            latest: Some((&line.latest).into()),
            share_basis_points: line.shares.clone(),
            own_index: line.own,
            issued: field::messages(&line.issued),
        }
    }
}

impl account::OpenLine {
    /// The key and the content of a line.
    ///
    /// # Errors
    /// [`FieldError`] naming the field that says what can't be.
    pub fn into_line(self) -> Result<(LineKey, Line), FieldError> {
        let latest: RatedVersion = field::required("latest", self.latest)?;
        let metering_point = text::metering_point("metering_point_id", &self.metering_point_id)?;
        let key = LineKey { metering_point, position: latest.position.key.clone() };
        let issued = field::each("issued", self.issued)?;
        Ok((key, Line { latest, shares: self.share_basis_points, own: self.own_index, issued }))
    }
}

impl From<&Issued> for account::IssuedPart {
    fn from(issued: &Issued) -> Self {
        Self {
            tax_class: issued.tax_class.name().to_owned(),
            vat_basis_points: issued.vat_rate.hundredths_of_percent(),
            net: Some((&issued.net).into()),
            exact_cleared: number::amount_text(issued.cleared),
        }
    }
}

impl TryFrom<account::IssuedPart> for Issued {
    type Error = FieldError;

    fn try_from(issued: account::IssuedPart) -> Result<Self, FieldError> {
        Ok(Self {
            tax_class: TaxClass::new(&issued.tax_class),
            vat_rate: number::vat_rate("vat_basis_points", issued.vat_basis_points)?,
            net: field::required("net", issued.net)?,
            cleared: number::amount("exact_cleared", &issued.exact_cleared)?,
        })
    }
}
