//! What an account remembers as a partner, what can be asked of it, and what happens to it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    BookedLeg, IssuedStatement, MonthBook, PartnerPayment, PartnerStatement, ShareKey, StatementFault,
};
use crate::cdr::CdrKey;
use crate::day::{Day, Month};
use crate::money::Money;
use crate::operation::OperationId;
use crate::share::{Claim, Cleared, ClearingRefused};

/// Most claims of a bundle: each is a message to an account.
pub const MOST_CLAIMS: usize = 60;

/// What an account remembers as a partner, beside its rows of legs and statements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partner {
    /// How many legs it has booked.
    pub legs: u64,
    /// The months of service, by what they are summed by.
    pub months: BTreeMap<(ShareKey, Month), MonthBook>,
    /// The agreements on shares that name the account.
    pub agreements: BTreeSet<String>,
    /// The statements that were issued, by booking month.
    pub statements: BTreeMap<Month, IssuedStatement>,
    /// What was paid.
    pub payments: BTreeMap<OperationId, PartnerPayment>,
}

/// A bundle that an account sold: one ticket of several providers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The seller's party and its id of the bundle: it is cleared once.
    pub key: CdrKey,
    /// Its price, without tax; negative where it is taken back.
    pub amount: Money,
    /// What its providers claim.
    pub claims: Vec<Claim>,
    /// The day of service.
    pub service: Day,
}

/// What can be asked of an account as a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerCommand {
    /// Computes the statement of a month and issues nothing.
    Preview {
        /// The booking month.
        month: Month,
        /// The date it would have.
        issued_on: Day,
    },
    /// Issues the statement of a month as it was previewed.
    Issue {
        /// The booking month.
        month: Month,
        /// The date of issue.
        issued_on: Day,
        /// The hash of the preview.
        hash: [u8; 32],
    },
    /// Records that a partner was paid.
    Pay {
        /// The id of the payment: a repeat has no effect.
        operation: OperationId,
        /// How much, not zero; negative where a payment was taken back, or the partner paid back what it owed.
        amount: Money,
        /// When.
        paid_on: Day,
    },
    /// Clears a bundle that the account sold.
    Clear(Box<Bundle>),
}

/// What happened to an account as a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerEvent {
    /// A leg was booked: the row is the event.
    LegBooked(Box<BookedLeg>),
    /// A month of service is now this.
    MonthSet {
        /// What it is summed by.
        key: ShareKey,
        /// The month of service.
        month: Month,
        /// Its content.
        book: MonthBook,
    },
    /// An agreement on shares names the account.
    Agreed(String),
    /// A statement was issued: the row is the event.
    Issued(Box<PartnerStatement>, IssuedStatement),
    /// A payment is now this.
    PaymentSet(PartnerPayment),
    /// A bundle was cleared: the row is the event.
    BundleCleared(CdrKey),
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerReply {
    /// What would be issued, with its hash; none where there is nothing to state.
    Preview(Option<(Box<PartnerStatement>, [u8; 32])>),
    /// What was issued.
    Issued(IssuedStatement),
    /// A payment was recorded; so much is owed on issued statements now.
    Paid {
        /// What is owed; negative where the partner owes.
        balance: Money,
    },
    /// What each provider of a bundle gets.
    Cleared(Cleared),
}

/// Why a command is refused, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartnerRefused {
    /// The tenant has no settings.
    NoSettings,
    /// The statement of this month, or of a later one, was issued with another content.
    AlreadyIssued(String),
    /// There is nothing to state.
    NothingToState,
    /// The hash is not that of what would be issued now, which is this.
    PreviewChanged([u8; 32]),
    /// The statement can't be made.
    Fault(StatementFault),
    /// The id was used for another payment.
    OtherPayment,
    /// The currency is not that of the tenant.
    OtherCurrency,
    /// A bundle has too many claims, or one of the account that sold it.
    BadClaims,
    /// A bundle can't be cleared.
    Clearing(ClearingRefused),
    /// A bundle of this id was cleared.
    AlreadyCleared,
    /// A payment of nothing.
    NothingPaid,
}

impl Partner {
    /// Changes it by what happened.
    pub fn apply(&mut self, event: &PartnerEvent) {
        match event {
            PartnerEvent::LegBooked(booked) => self.legs = booked.sequence,
            PartnerEvent::MonthSet { key, month, book } => {
                self.months.insert((key.clone(), *month), book.clone());
            }
            PartnerEvent::Agreed(agreement) => {
                self.agreements.insert(agreement.clone());
            }
            PartnerEvent::Issued(_, issued) => {
                self.statements.insert(issued.month, issued.clone());
            }
            PartnerEvent::BundleCleared(_) => {}
            PartnerEvent::PaymentSet(payment) => {
                self.payments.insert(payment.operation.clone(), payment.clone());
            }
        }
    }

    /// The last statement that was issued.
    #[must_use]
    pub fn last(&self) -> Option<&IssuedStatement> {
        self.statements.last_key_value().map(|(_, issued)| issued)
    }

    /// The booking month of a service: its own, or the first after the last issued statement.
    #[must_use]
    pub fn booking_month(&self, service: Month) -> Month {
        self.last().map_or(service, |last| service.max(last.month.next()))
    }

    /// Every agreement that the account has to do with.
    #[must_use]
    pub fn all_agreements(&self) -> BTreeSet<&String> {
        let of_legs = self.months.keys().map(|(key, _)| &key.agreement).filter(|id| !id.is_empty());
        self.agreements.iter().chain(of_legs).collect()
    }

    /// What is owed on issued statements. `None` beyond the range.
    #[must_use]
    pub fn balance(&self) -> Option<Money> {
        let last = self.last()?;
        let mut open = self.payments.values().filter(|payment| payment.stated_in.is_none());
        open.try_fold(last.closing_balance, |balance, payment| balance.checked_sub(payment.amount))
    }
}
