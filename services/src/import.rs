//! Master data in CSV: the forms documented in `docs/reference/csv.md`, read and checked whole before anything is sent.
//!
//! A product may be given in JSON too. The header row decides what a file is ([`Form`]). A file gives values of `domain` or one fault that names file,
//! line, column and what is expected; nothing here reaches a node.

mod accounts;
mod cdrs;
mod cells;
mod charging_contracts;
mod component;
mod contracts;
mod error;
mod form;
mod metering_points;
mod prices;
mod product;
mod products;
mod share_agreement;
mod table;
mod tenant;
mod tokens;

use domain::contract::Contract;
use domain::entity::account::AccountDetails;
use domain::entity::catalog::{IndexPrices, TenantSettings};
use domain::entity::directory::Owner;
use domain::entity::metering_point::PointDetails;
use domain::identity::MeteringPointId;
use domain::product::Product;
use domain::tax::TaxRate;
use domain::token::Token;

pub use cdrs::{CdrDocument, ndjson};
pub use charging_contracts::ChargingContractFile;
pub use error::{CsvError, CsvFault};
pub use form::Form;
pub use product::is_product;
pub use share_agreement::read_share_agreement;

use table::Table;

/// The largest file that is read, in bytes.
pub const MOST_BYTES: usize = 64_000_000;
/// The most rows of one file.
pub const MOST_ROWS: usize = 1_000_000;

/// What a file of master data says.
#[derive(Clone, Debug, PartialEq)]
pub enum MasterData {
    /// The settings of the tenant.
    Settings(Box<TenantSettings>),
    /// Rates of value added tax.
    TaxRates(Vec<TaxRate>),
    /// Accounts, in the order of the file.
    Accounts(Vec<AccountDetails>),
    /// Metering points with their periods, in the order of the file.
    MeteringPoints(Vec<PointDetails>),
    /// Versions of products, in the order of the file. Their version numbers are for the catalogue to give.
    Products(Vec<Product>),
    /// Prices of indexes.
    Prices(Vec<IndexPrices>),
    /// Contracts with the metering points they are for, in the order of the file.
    Contracts(Vec<(MeteringPointId, Contract)>),
    /// Tokens with their owners, in the order of the file.
    Tokens(Vec<(Owner, Token)>),
    /// Charge detail records, in the order of the file.
    Cdrs(Vec<CdrDocument>),
}

/// Whether a file is one of market documents rather than of master data: JSON and XML begin with a bracket of some kind.
#[must_use]
pub fn is_document(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'[' | b'<'))
}

/// Reads a file of master data; `file` is its name for faults.
///
/// # Errors
/// [`CsvError`] with the first fault found.
pub fn parse(file: &str, bytes: &[u8]) -> Result<MasterData, CsvError> {
    let table = Table::read(file, bytes)?;
    Ok(match table.form() {
        Form::Tenant => MasterData::Settings(Box::new(tenant::settings(&table)?)),
        Form::TaxRates => MasterData::TaxRates(tenant::tax_rates(&table)?),
        Form::Accounts => MasterData::Accounts(accounts::accounts(&table)?),
        Form::MeteringPoints => MasterData::MeteringPoints(metering_points::points(&table)?),
        Form::Products => MasterData::Products(products::products(&table)?),
        Form::Prices => MasterData::Prices(prices::prices(&table)?),
        Form::Contracts => MasterData::Contracts(contracts::contracts(&table)?),
        Form::Tokens => MasterData::Tokens(tokens::tokens(&table)?),
        Form::Cdrs => MasterData::Cdrs(cdrs::cdrs(&table)?),
    })
}

impl MasterData {
    /// The form that the file had.
    #[must_use]
    pub fn form(&self) -> Form {
        match self {
            Self::Settings(_) => Form::Tenant,
            Self::TaxRates(_) => Form::TaxRates,
            Self::Accounts(_) => Form::Accounts,
            Self::MeteringPoints(_) => Form::MeteringPoints,
            Self::Products(_) => Form::Products,
            Self::Prices(_) => Form::Prices,
            Self::Contracts(_) => Form::Contracts,
            Self::Tokens(_) => Form::Tokens,
            Self::Cdrs(_) => Form::Cdrs,
        }
    }

    /// How many things it says: points, not their periods.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Settings(_) => 1,
            Self::TaxRates(rates) => rates.len(),
            Self::Accounts(accounts) => accounts.len(),
            Self::MeteringPoints(points) => points.len(),
            Self::Products(products) => products.len(),
            Self::Prices(prices) => prices.iter().map(|prices| prices.column.prices.len()).sum(),
            Self::Contracts(contracts) => contracts.len(),
            Self::Tokens(tokens) => tokens.len(),
            Self::Cdrs(cdrs) => cdrs.len(),
        }
    }

    /// Whether it says nothing: a file with a header alone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
