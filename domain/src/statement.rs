//! Statements of partners: what an account is owed for the sessions of others, stated by the tenant on its behalf
//! (self-billed) once a month.
//!
//! An account hears of every leg ([`crate::leg::Leg`]) and sums them per agreement, kind and month of service. A statement of
//! a booking month takes everything up to that month that no statement before it had: the sessions of the month, what the
//! month gives beside them ([`crate::share::of_month`]), and whatever has changed in earlier months as lines of their own
//! month. An issued statement never changes. The balance runs on from one to the next and may be below zero: a partner that
//! was paid and then corrected owes the difference to its next statement.

mod build;
mod partner;

use crate::day::{Day, Month};
use crate::instant::Instant;
use crate::invoice::{Party, Seller, VatEntry};
use crate::leg::{Leg, LegKind};
use crate::money::{Currency, Money};
use crate::operation::OperationId;
use crate::quantity::Quantity;
use crate::share::{MonthComponent, MonthTotals};
use crate::tax::{TaxClass, VatRate};

pub use build::{Draft, OpenStatement, StatementFault};
pub use partner::{Bundle, MOST_CLAIMS, Partner, PartnerCommand, PartnerEvent, PartnerRefused, PartnerReply};

/// A leg, as the account booked it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedLeg {
    /// Counts the legs of the account, from 1.
    pub sequence: u64,
    /// Registration time.
    pub at: Instant,
    /// The booking month: that of service, or the first after the last issued statement. None where the leg stands on
    /// suspense and is on no statement, because its currency is not that of the others.
    pub booking: Option<Month>,
    /// The leg.
    pub leg: Leg,
}

/// What the legs of an account are summed by, together with their month of service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShareKey {
    /// The agreement; empty for a purchase at the operator's own price.
    pub agreement: String,
    /// What for.
    pub kind: LegKind,
}

/// What an account knows of a month of service under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthBook {
    /// All legs.
    pub current: MonthTotals,
    /// Those that are on statements.
    pub stated: MonthTotals,
    /// What the month gave beside its sessions, as far as it is on statements. Components that come to nothing are left out.
    pub components: Vec<(MonthComponent, Money)>,
}

/// A statement. An issued one never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerStatement {
    /// Its number in the series of the partner; empty as long as it is a preview.
    pub number: String,
    /// The date of issue.
    pub issued_on: Day,
    /// The last day for payment.
    pub due_on: Day,
    /// The booking month.
    pub month: Month,
    /// The booking month of the statement before it: legs booked after it are on this one.
    pub previous: Option<Month>,
    /// The currency of every sum.
    pub currency: Currency,
    /// Who states, and pays.
    pub issuer: Seller,
    /// On whose behalf: who is owed.
    pub partner: Party,
    /// What was owed by the statement before it; negative where the partner owed.
    pub opening_balance: Money,
    /// What was paid since then.
    pub payments: Vec<PartnerPayment>,
    /// What is stated, in order of month, agreement and kind.
    pub lines: Vec<StatementLine>,
    /// Value added tax, once per class and rate.
    pub vat: Vec<VatEntry>,
    /// The sum of the lines.
    pub net: Money,
    /// The sum of the tax.
    pub vat_total: Money,
    /// Net and tax.
    pub total: Money,
    /// What is owed now: opening balance less payments plus total. Negative where the partner owes.
    pub closing_balance: Money,
}

/// A line of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// Where it stands.
    pub section: StatementSection,
    /// The month of service.
    pub month: Month,
    /// The agreement; empty for a purchase at the operator's own price.
    pub agreement: String,
    /// What for.
    pub kind: LegKind,
    /// What the month gives beside its sessions; none for the sessions themselves.
    pub component: Option<MonthComponent>,
    /// How many sessions; those taken back count negative.
    pub sessions: i64,
    /// Their energy in kWh.
    pub energy_kwh: Quantity,
    /// What is owed, without tax.
    pub net: Money,
    /// The class for the tax.
    pub tax_class: TaxClass,
    /// Its rate on the last day of the month of service.
    pub vat_rate: VatRate,
}

/// Where a line of a statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatementSection {
    /// Sessions of the booking month.
    Sessions,
    /// What the month gives beside its sessions.
    Monthly,
    /// Energy from the partner's own connection.
    Reimbursement,
    /// What has changed, or came late, in earlier months.
    Correction,
}

/// A payment to a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerPayment {
    /// Its id.
    pub operation: OperationId,
    /// When it was paid.
    pub paid_on: Day,
    /// How much; negative where the partner paid back.
    pub amount: Money,
    /// The number of the statement that has it; none as long as none does.
    pub stated_in: Option<String>,
}

/// An issued statement, as the account remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedStatement {
    /// Its number.
    pub number: String,
    /// Its booking month.
    pub month: Month,
    /// The hash of what was previewed.
    pub hash: [u8; 32],
    /// Its total.
    pub total: Money,
    /// Its closing balance.
    pub closing_balance: Money,
}

impl StatementSection {
    /// The word for it in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Monthly => "monthly",
            Self::Reimbursement => "reimbursement",
            Self::Correction => "correction",
        }
    }
}

impl MonthBook {
    /// Nothing yet.
    #[must_use]
    pub const fn new(currency: Currency) -> Self {
        let none = MonthTotals::none(currency);
        Self { current: none, stated: none, components: Vec::new() }
    }
}
