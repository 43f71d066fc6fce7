//! What a ledger account is for.

use std::fmt;

use crate::fixed;
use crate::tax::{TaxClass, VatRate};

/// One of the balances that an account can spend from: its place in the order in which they were made, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BalanceNumber(pub u32);

impl fmt::Display for BalanceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a ledger account is for. A posting names the role, never the account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerRole {
    /// Earned from the payer, not on an invoice yet.
    Unbilled,
    /// Owed by the payer on issued invoices.
    Receivable,
    /// Revenue, or what is collected for others, by the role that the component names.
    Revenue(String),
    /// Value added tax owed to the state.
    ValueAddedTax {
        /// The class of goods.
        class: TaxClass,
        /// The rate.
        rate: VatRate,
    },
    /// What partners are owed for: what sessions were bought for, shares and fees, by the kind of the leg.
    Cost(String),
    /// Owed to a partner, not on a statement yet.
    Accrued,
    /// Owed to a partner on issued statements.
    Payable,
    /// What rounding to minor units gave or took.
    Rounding,
    /// What the account has to spend in one of its balances: owed to it, so that a credit adds to what it has.
    Funds(BalanceNumber),
    /// Payments on their way in or out: what was topped up or refunded and is matched with the bank's own list.
    TopUp,
    /// Credit that was given away.
    Granted,
    /// Funds that were not used in time.
    Expired,
    /// Units that were delivered from a balance of units.
    Consumed,
    /// What can't be placed and waits for a person.
    Suspense,
    /// On its way from one account to another; the receiver books the mirror.
    Transit {
        /// The account that gives.
        from: String,
        /// The account that gets.
        to: String,
    },
}

/// The role's name in exports: `unbilled`, `revenue:energy`, `cost:purchase`, `vat:standard:21`, `funds:1`, `transit:anna:bert`. In the
/// id of the account that gives, `%` and `:` are written `%25` and `%3A`.
impl fmt::Display for LedgerRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revenue(role) => write!(f, "revenue:{role}"),
            Self::Cost(role) => write!(f, "cost:{role}"),
            Self::ValueAddedTax { class, rate } => write!(f, "vat:{}:{}", class.name(), rate.percent_text()),
            Self::Funds(balance) => write!(f, "funds:{balance}"),
            Self::Transit { from, to } => {
                write!(f, "transit:{}:{to}", from.replace('%', "%25").replace(':', "%3A"))
            }
            _ => f.write_str(self.kind()),
        }
    }
}

impl LedgerRole {
    const PLAIN: [Self; 10] = [
        Self::Unbilled,
        Self::Receivable,
        Self::Accrued,
        Self::Payable,
        Self::Rounding,
        Self::TopUp,
        Self::Granted,
        Self::Expired,
        Self::Consumed,
        Self::Suspense,
    ];

    /// Reads what [`Display`](fmt::Display) writes; `None` where it is none of it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(role) = text.strip_prefix("revenue:") {
            return Some(Self::Revenue(role.to_owned()));
        }
        if let Some(role) = text.strip_prefix("cost:") {
            return Some(Self::Cost(role.to_owned()));
        }
        if let Some(tax) = text.strip_prefix("vat:") {
            let (class, percent) = tax.rsplit_once(':')?;
            let hundredths = u32::try_from(fixed::parse(percent, 2).ok()?).ok()?;
            return Some(Self::ValueAddedTax {
                class: TaxClass::new(class),
                rate: VatRate::new(hundredths)?,
            });
        }
        if let Some(balance) = text.strip_prefix("funds:") {
            let number: u32 = balance.parse().ok()?;
            return (number.to_string() == balance).then_some(Self::Funds(BalanceNumber(number)));
        }
        if let Some(way) = text.strip_prefix("transit:") {
            let (from, to) = way.split_once(':')?;
            let from = from.replace("%3A", ":").replace("%25", "%");
            return Some(Self::Transit { from, to: to.to_owned() });
        }
        Self::PLAIN.into_iter().find(|role| role.kind() == text)
    }

    /// The name under which a tenant's totals sum it: that of the role, where the role is about one account alone that
    /// of its kind (`funds`, `transit`). Totals are therefore as many as there are kinds, not as there are accounts.
    #[must_use]
    pub fn total_name(&self) -> String {
        match self {
            Self::Funds(_) | Self::Transit { .. } => self.kind().to_owned(),
            _ => self.to_string(),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Unbilled => "unbilled",
            Self::Receivable => "receivable",
            Self::Revenue(_) => "revenue",
            Self::Cost(_) => "cost",
            Self::Accrued => "accrued",
            Self::Payable => "payable",
            Self::ValueAddedTax { .. } => "vat",
            Self::Rounding => "rounding",
            Self::Funds(_) => "funds",
            Self::TopUp => "top_up",
            Self::Granted => "granted",
            Self::Expired => "expired",
            Self::Consumed => "consumed",
            Self::Suspense => "suspense",
            Self::Transit { .. } => "transit",
        }
    }
}
