//! Legs: what a session, sold once, is bought and shared for; each to the account of one partner.

use std::fmt;

use crate::cdr::CdrKey;
use crate::day::Day;
use crate::instant::Instant;
use crate::money::Money;
use crate::quantity::Quantity;

/// What a partner gets a leg for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LegKind {
    /// The operator sold the session.
    Purchase,
    /// A share of what was sold, by the role that the agreement names: `site_owner`.
    Share(String),
    /// A fee of the platform.
    PlatformFee,
    /// A fee of the hub or of roaming.
    RoamingFee,
    /// Energy from the driver's own connection.
    HomeCharging,
}

/// By what an account books a leg once: records and bundles of any seller never share one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LegKey {
    /// The record, or the bundle by the seller's id of it.
    pub cdr: CdrKey,
    /// The account that sold the bundle; `None` of a record, whose key is unique alone.
    pub seller: Option<String>,
    /// The place among the legs of the record or bundle.
    pub number: u32,
}

/// What one account is owed for a session or of a bundle, or gives back of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The session's record, or the bundle by the seller's id of it.
    pub cdr: CdrKey,
    /// The account that sold the bundle; `None` where the leg is of a record.
    pub seller: Option<String>,
    /// The place of the leg among those of the record, from 0; a leg that takes another back has a number of its own.
    pub number: u32,
    /// The leg that it takes back, by number.
    pub reverses: Option<u32>,
    /// What for.
    pub kind: LegKind,
    /// The agreement by which it came about; empty for a purchase at the operator's own price.
    pub agreement: String,
    /// How much the account is owed, without tax, in minor units; negative where it gives back.
    pub amount: Money,
    /// What the amount was taken of: the base of a share's rate, for any other kind the amount itself; zero of a purchase that
    /// only changes the price of the one before; negative where the leg takes another back. In the currency of the amount.
    pub base: Money,
    /// The energy of the session, in kWh; negative where the leg takes another back.
    pub energy_kwh: Quantity,
    /// The day of service.
    pub service: Day,
    /// When the record that made the leg was received.
    pub received: Instant,
}

impl Leg {
    /// By what it is booked once.
    #[must_use]
    pub fn key(&self) -> LegKey {
        LegKey { cdr: self.cdr.clone(), seller: self.seller.clone(), number: self.number }
    }

    /// How many sessions it adds to those of its account: one, less one where it takes another leg back or a bundle of a
    /// negative amount takes one back, and none where it only changes what a session was bought for.
    #[must_use]
    pub fn sessions(&self) -> i64 {
        let is_other_price =
            self.kind == LegKind::Purchase && self.base.minor() == 0 && self.amount.minor() != 0;
        match self.reverses {
            _ if is_other_price => 0,
            None if self.seller.is_some() && self.base.minor() < 0 => -1,
            Some(_) => -1,
            None => 1,
        }
    }
}

/// The kind in exports and in the role of its cost: `purchase`, `share:site_owner`, `platform_fee`.
impl fmt::Display for LegKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Purchase => write!(f, "purchase"),
            Self::Share(role) => write!(f, "share:{role}"),
            Self::PlatformFee => write!(f, "platform_fee"),
            Self::RoamingFee => write!(f, "roaming_fee"),
            Self::HomeCharging => write!(f, "home_charging"),
        }
    }
}
