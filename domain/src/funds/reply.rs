//! What is answered.

use super::Funds;
use super::limit::LimitKey;
use super::refusal::FundsRefused;
use super::reservation::{Asked, Part};
use crate::amount::Amount;
use crate::instant::Instant;
use crate::ledger::BalanceNumber;
use crate::quantity::Quantity;

/// The answer to a command about funds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FundsReply {
    /// Done.
    Done,
    /// The funds are on this balance.
    ToppedUp(BalanceNumber),
    /// How much may run.
    Granted(Grant),
    /// What was taken.
    Taken(Taken),
    /// What the reservation held was returned.
    Released(Vec<Part>),
    /// Everything.
    State(Box<Funds>),
    /// Refused; asked again under the same id, it stays refused.
    Refused(FundsRefused),
}

/// How much may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// How much was granted now, of the kind that was asked for.
    pub granted: Asked,
    /// The part of a granted quantity that money pays.
    pub money_quantity: Quantity,
    /// From where, in the order in which it will be taken.
    pub parts: Vec<Part>,
    /// When the reservation expires; none where nothing is held.
    pub expires: Option<Instant>,
    /// Why it is less than was asked for.
    pub shortage: Option<Shortage>,
}

/// Why less was granted than was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shortage {
    /// The funds with the credit limit do not reach further.
    Funds,
    /// A spending limit is reached.
    Limit(LimitKey),
}

/// What was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// From where, in order.
    pub parts: Vec<Part>,
    /// Whether the reservation had expired before.
    pub is_late: bool,
    /// The money that was taken beyond what was held for it.
    pub beyond_hold: Amount,
    /// Why it is less than was wanted.
    pub shortage: Option<Shortage>,
}
