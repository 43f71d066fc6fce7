//! What can be asked of prepaid supply, and what is answered.

use super::PrepaidTerms;
use super::rated::RatedTotal;
use super::top_up::ShownTopUp;
use super::view::CreditView;
use crate::amount::Amount;
use crate::day::Day;
use crate::funds::{FundsCommand, FundsReply};

/// What can be asked of prepaid supply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrepaidCommand {
    /// Sets the terms; metering points that join by them are paid in advance from today on, or from an earlier first day, and
    /// afterwards before it. To set what is set already has no effect; a first day is refused where no point joins.
    SetTerms(PrepaidTerms, Option<Day>),
    /// Ends prepaid supply: what is used from tomorrow on is paid afterwards. What is booked and owed stays.
    EndTerms,
    /// Sets the sum of all debt that is to be paid off, what was paid off already included: whole minor units, not below
    /// zero.
    SetDebt(Amount),
    /// Takes the emergency credit that is offered.
    TakeEmergency {
        /// The number of the offer. Taking it a second time changes nothing.
        offer: u32,
    },
    /// A metering point tells rated totals.
    Rated(Vec<RatedTotal>),
    /// A command about the funds: whatever moves them may bring supply to its end or back.
    Funds(FundsCommand),
    /// The timer: does what is due.
    Elapse,
    /// Reads the credit.
    Get,
}

/// The answer to a command about prepaid supply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrepaidReply {
    /// Done.
    Done,
    /// The answer of the funds.
    Funds(FundsReply),
    /// Paid in, with what the meter shows of it.
    ToppedUp(Box<ShownTopUp>),
    /// The credit.
    Credit(Box<CreditView>),
}
