//! What an account tells whoever listens outside: that credit runs low, that it was blocked, that supply went off.
//!
//! These are no events of the entity, which say all that happened: they are the few that somebody outside acts on, with
//! what that takes.

use std::collections::BTreeSet;

use crate::amount::Amount;
use crate::funds::{OverUse, Side, Standing};
use crate::identity::MeteringPointId;
use crate::instant::Instant;
use crate::ledger::Asset;
use crate::money::Currency;
use crate::operation::OperationId;
use crate::prepaid::{CreditLevel, Supply, SupplyOrder};

/// What an account tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountEvent {
    /// The funds crossed a threshold.
    ThresholdCrossed {
        /// The asset.
        asset: Asset,
        /// The level.
        level: Amount,
        /// The side they are on now.
        side: Side,
        /// What the account has of the asset now, reserved or not.
        funds: Amount,
    },
    /// The credit of prepaid supply crossed a level.
    CreditCrossed {
        /// The level.
        level: CreditLevel,
        /// The side it is on now.
        side: Side,
        /// The credit.
        credit: Amount,
        /// Its currency.
        currency: Currency,
    },
    /// Whether the account may spend has changed.
    StandingChanged(Standing),
    /// Funds were paid in, or given.
    ToppedUp {
        /// The top-up.
        operation: OperationId,
        /// Of what.
        asset: Asset,
        /// How much.
        amount: Amount,
        /// Whether it was given and not paid.
        is_granted: bool,
    },
    /// More was used than could be granted.
    OverUsed(OverUse),
    /// Metering points were told whether supply is on.
    SupplyOrdered {
        /// The order.
        order: SupplyOrder,
        /// The metering points that are to carry it out.
        points: BTreeSet<MeteringPointId>,
    },
    /// A reservation's time was over before it was committed.
    ReservationExpired(OperationId),
}

/// What kind of thing an account tells: what a listener chooses by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountEventKind {
    /// The funds fell to a threshold or below.
    BelowThreshold,
    /// The funds rose above a threshold.
    AboveThreshold,
    /// The credit of prepaid supply runs low.
    LowCredit,
    /// It no longer does.
    CreditAgain,
    /// The credit is used up.
    ZeroCredit,
    /// There is some again.
    CreditAboveZero,
    /// The account was blocked.
    Blocked,
    /// Its contract was suspended.
    Suspended,
    /// It may spend again.
    Unblocked,
    /// Funds came in.
    ToppedUp,
    /// More was used than could be granted.
    OverUsed,
    /// Supply is ordered on.
    SupplyOn,
    /// Supply may be switched on at the meter.
    SupplyReady,
    /// Supply is ordered off.
    SupplyOff,
    /// A reservation expired.
    ReservationExpired,
}

/// An event as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEvent {
    /// The account.
    pub account: String,
    /// When the account registered what it tells.
    pub at: Instant,
    /// What it tells.
    pub event: AccountEvent,
}

impl AccountEvent {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> AccountEventKind {
        match self {
            Self::ThresholdCrossed { side: Side::Below, .. } => AccountEventKind::BelowThreshold,
            Self::ThresholdCrossed { side: Side::Above, .. } => AccountEventKind::AboveThreshold,
            Self::CreditCrossed { level, side, .. } => match (level, side) {
                (CreditLevel::Low, Side::Below) => AccountEventKind::LowCredit,
                (CreditLevel::Low, Side::Above) => AccountEventKind::CreditAgain,
                (CreditLevel::Zero, Side::Below) => AccountEventKind::ZeroCredit,
                (CreditLevel::Zero, Side::Above) => AccountEventKind::CreditAboveZero,
            },
            Self::StandingChanged(Standing::Active) => AccountEventKind::Unblocked,
            Self::StandingChanged(Standing::Blocked) => AccountEventKind::Blocked,
            Self::StandingChanged(Standing::Suspended) => AccountEventKind::Suspended,
            Self::ToppedUp { .. } => AccountEventKind::ToppedUp,
            Self::OverUsed(_) => AccountEventKind::OverUsed,
            Self::SupplyOrdered { order, .. } => match order.supply {
                Supply::On => AccountEventKind::SupplyOn,
                Supply::Ready => AccountEventKind::SupplyReady,
                Supply::Off => AccountEventKind::SupplyOff,
            },
            Self::ReservationExpired(_) => AccountEventKind::ReservationExpired,
        }
    }
}
