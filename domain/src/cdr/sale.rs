//! The sale of a session: what the book of a party asks the account that pays, and what the account answers.

use super::{CdrKey, EvseId};
use crate::day::Day;
use crate::instant::Instant;
use crate::money::Money;
use crate::quantity::Quantity;
use crate::session::Session;
use crate::token::Token;
use crate::zone::Zone;

/// A session that an account is to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSale {
    /// Its record.
    pub cdr: CdrKey,
    /// What was charged.
    pub session: Session,
    /// Where.
    pub evse: EvseId,
    /// The operator's id of the location.
    pub location: String,
    /// The zone of the location, by whose clock prices and the day of service go; the tenant's where it is not known.
    pub zone: Option<Zone>,
    /// By what the driver was recognised.
    pub token: Token,
    /// The driver's contract for roaming; empty where it is not said.
    pub contract_id: String,
    /// The operator's id of the session; empty where it is not said.
    pub session_id: String,
    /// When the record was received.
    pub received: Instant,
    /// Whether the energy came from the driver's own connection.
    pub is_home: bool,
}

/// What an account booked for a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The account's contract by which it was rated.
    pub contract: String,
    /// The price sheet and its version.
    pub sheet: (String, u32),
    /// What it pays, without tax, in minor units.
    pub net: Money,
    /// The energy, in kWh.
    pub energy_kwh: Quantity,
    /// The day of service: that on which the session was over, by the clock of the location.
    pub service: Day,
    /// Who is owed for energy from a connection at home.
    pub reimbursement: Option<Reimbursement>,
}

/// What a driver is owed for energy from the driver's own connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reimbursement {
    /// The driver's account.
    pub account: String,
    /// How much.
    pub amount: Money,
}

/// A sale that is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleReversal {
    /// The record whose sale it was.
    pub cdr: CdrKey,
    /// The credit that takes it back; none where a person rejected the record.
    pub credit: Option<CdrKey>,
    /// When that was received.
    pub received: Instant,
}

/// Why an account does not take a sale, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SaleRefused {
    /// The account was never opened.
    UnknownAccount,
    /// The tenant has no settings.
    NoSettings,
    /// The account did not hold the token when the session began.
    TokenNotHeld,
    /// No charging contract of the account covers the session.
    NoChargingContract,
    /// Several do.
    SeveralChargingContracts,
    /// The contract takes no session so many days after it was over.
    TooLate,
    /// The contract's price sheet is not in the catalogue.
    UnknownPriceSheet,
    /// The price sheet has another currency than the tenant or the record.
    OtherCurrency,
    /// The session can't be priced: why, for a person.
    CannotPrice(String),
    /// An amount is out of range.
    OutOfRange,
}

impl SaleRefused {
    /// Its name for machines: stable, in capitals.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownAccount => "UNKNOWN_ACCOUNT",
            Self::NoSettings => "NO_SETTINGS",
            Self::TokenNotHeld => "TOKEN_NOT_HELD",
            Self::NoChargingContract => "NO_CHARGING_CONTRACT",
            Self::SeveralChargingContracts => "SEVERAL_CHARGING_CONTRACTS",
            Self::TooLate => "SESSION_TOO_LATE",
            Self::UnknownPriceSheet => "UNKNOWN_PRICE_SHEET",
            Self::OtherCurrency => "PRICE_SHEET_OTHER_CURRENCY",
            Self::CannotPrice(_) => "CANNOT_PRICE",
            Self::OutOfRange => "SALE_OUT_OF_RANGE",
        }
    }
}
