//! Charging contracts: by which price sheet an account pays for charging sessions, and what else was agreed.
//!
//! A contract is of a driver, a fleet or a roaming partner. The account picks the one that covers a session
//! ([`ChargingContracts::choose`]), prices the session by it ([`price_sale`]) and books it at once: from its funds, or as
//! part of a position per contract, month of service and cost centre ([`MonthlySales`]) that invoices settle. The monthly
//! sums are the same in whatever order sessions and credits arrive.

mod card;
mod choice;
mod contracts;
mod month;
mod price;
mod sold;

use std::collections::BTreeSet;

use crate::cdr::{CdrKey, EvseId, Party};
use crate::day_span::DaySpan;
use crate::fixed::Rounding;
use crate::price::Price;
use crate::quantity::Quantity;
use crate::session::{IdleFee, MemberPrices, RoundingPoint};
use crate::tax::TaxClass;
use crate::token::Token;

pub use card::{Card, CardCounted, CardLimits, CardUse};
pub use contracts::{
    ChargingContractCommand, ChargingContractDecided, ChargingContractEvent, ChargingContractRefused,
    ChargingContractReply, ChargingContracts,
};
pub use month::{EnergyKey, EnergyTally, MonthlySales, SaleComponent, without};
pub use price::{PricedSale, price_sale};
pub use sold::{SaleReversed, Settled, SoldSession};

/// Most charging contracts of an account.
pub const MOST_CHARGING_CONTRACTS: usize = 100;
/// Most groups of operators of a contract.
pub const MOST_OPERATOR_GROUPS: usize = 20;
/// Most operators of a group.
pub const MOST_OPERATORS: usize = 200;
/// Most tokens that a contract may list.
pub const MOST_LISTED_TOKENS: usize = 500;
/// Most cost centres of an account's cards: each has a line of its own on the invoice.
pub const MOST_COST_CENTRES: usize = 200;
/// The longest id of a contract in bytes, as of any other resource.
pub const MOST_CONTRACT_ID_BYTES: usize = 56;
/// The longest name, role or cost centre in bytes.
pub const MOST_CONTRACT_NAME_BYTES: usize = 64;
/// The most days after which a session may still be taken.
pub const MOST_LATE_DAYS: u32 = 3_650;

/// What an account agreed for charging sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargingContract {
    /// Its id, unique in the account.
    pub id: String,
    /// Its name on the invoice.
    pub name: String,
    /// The days on which sessions may start under it, by the clock of their location.
    pub span: DaySpan,
    /// The price sheet of the catalogue that prices sessions.
    pub sheet: String,
    /// Other prices at the charging points of some operators; the first group that has the operator counts.
    pub groups: Vec<OperatorGroup>,
    /// By which tokens.
    pub covers: Covers,
    /// The category of customer, possibly empty: what runs and exclusions tell contracts apart by.
    pub category: String,
    /// How the price of a session becomes minor units.
    pub rounding: SaleRounding,
    /// The idle fee, beside what the price sheet has for parking.
    pub idle_fee: Option<IdleFee>,
    /// What is paid and got per month.
    pub membership: Membership,
    /// How sessions are paid.
    pub settles: Settles,
    /// The class of goods for the tax, whose rate on the day of service is the tenant's.
    pub tax_class: TaxClass,
    /// The role of the ledger account that revenue is posted to.
    pub revenue_role: String,
    /// What becomes of a session that comes late.
    pub late: LatePolicy,
    /// What may be authorised per card.
    pub card_limits: CardLimits,
    /// What is owed for energy from a driver's own connection.
    pub home: Option<HomeCharging>,
}

/// What a session costs at the charging points of some operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorGroup {
    /// The operators; empty for all.
    pub operators: BTreeSet<Party>,
    /// The price sheet; none for that of the contract.
    pub sheet: Option<String>,
    /// What a member pays in place of the sheet's prices. What it includes per session is nothing: included kWh are the
    /// month's ([`Membership`]).
    pub prices: MemberPrices,
}

/// By which tokens a session is covered by a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covers {
    /// By any token that the account held when the session started.
    Held,
    /// By these, which the account holds; the contract says from which day on, whenever the account claimed them.
    Listed(BTreeSet<Token>),
    /// By any token of a roaming partner, whom the driver's contract for roaming names; the account need not hold it.
    Party(Party),
}

/// How the price of a session becomes minor units of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaleRounding {
    /// Which way.
    pub mode: Rounding,
    /// Whether each component of the price is rounded, or the sum alone.
    pub point: RoundingPoint,
}

/// What is paid and got per month. Nothing of both by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    /// What a month costs without tax, by civil days where the contract covers a part of it.
    pub fee_per_month: Option<Price>,
    /// So many kWh of a month of service are free.
    ///
    /// They are credited on a line of the month at the month's mean price of energy: the sum of what the sessions' energy
    /// costs, times the included kWh or the charged where those are fewer, by the charged kWh. The sums know no order, so
    /// neither does the credit. Time, parking, flat and idle prices are not credited.
    pub included_kwh: Option<Quantity>,
}

/// How sessions are paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settles {
    /// By the invoice of the month.
    ByInvoice,
    /// From the funds of the account, with tax, as soon as the record of a session comes.
    FromFunds,
}

/// What becomes of a session whose month of service was invoiced before its record came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LatePolicy {
    /// It stands on the next invoice.
    #[default]
    NextInvoice,
    /// It stands on an invoice apart: on that of the next run for a month of which the account has an invoice already.
    SeparateInvoice,
    /// It is refused where the record comes more than so many days after the day of service, and stands on the next
    /// invoice else.
    RefuseAfter(u32),
}

/// What is owed for energy from a driver's own connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeCharging {
    /// The price of a kWh, without tax.
    pub price: Price,
    /// The account that is owed; a card may name another.
    pub account: String,
}

impl Default for SaleRounding {
    /// The sum, half away from zero.
    fn default() -> Self {
        Self { mode: Rounding::HalfAwayFromZero, point: RoundingPoint::Sum }
    }
}

impl ChargingContract {
    /// The price sheet and the prices of a member for a session at a charging point. Whose that is says its id; where that
    /// names no operator, it is whoever sent the record.
    #[must_use]
    pub fn prices_at(&self, evse: &EvseId, cdr: &CdrKey) -> (&str, MemberPrices) {
        let operator = evse.operator().unwrap_or(cdr.party());
        let has = |group: &&OperatorGroup| group.operators.is_empty() || group.operators.contains(&operator);
        let Some(group) = self.groups.iter().find(has) else {
            return (&self.sheet, MemberPrices::default());
        };
        let prices = MemberPrices { included_kwh: Quantity::ZERO, ..group.prices };
        (group.sheet.as_deref().unwrap_or(&self.sheet), prices)
    }

    /// A contract with the usual terms: for all tokens that the account holds, by invoice, with the standard rate of tax.
    #[must_use]
    pub fn new(id: &str, span: DaySpan, sheet: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: "Charging".to_owned(),
            span,
            sheet: sheet.to_owned(),
            groups: Vec::new(),
            covers: Covers::Held,
            category: String::new(),
            rounding: SaleRounding::default(),
            idle_fee: None,
            membership: Membership::default(),
            settles: Settles::ByInvoice,
            tax_class: TaxClass::new("standard"),
            revenue_role: "charging".to_owned(),
            late: LatePolicy::default(),
            card_limits: CardLimits::default(),
            home: None,
        }
    }
}
