//! Supply on or off: a versioned value of the account, of which a metering point carries out only the highest version.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::advance;
use super::rated::{RatedKey, RatedParts, RatedTotal};
use crate::day::{Day, Month};
use crate::day_span::DaySpan;

/// What the meter is to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Supply {
    /// Supply is on.
    #[default]
    On,
    /// Supply is off until it is switched on at the meter, which is allowed.
    Ready,
    /// Supply is off.
    Off,
}

/// An order to the meter: the wish of an account as of a version. The pair of account and version is its natural id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplyOrder {
    /// The account that pays.
    pub account: String,
    /// Counts the account's orders, from 1.
    pub version: u64,
    /// What the meter is to do.
    pub supply: Supply,
    /// Whether the account supplies the point in advance from `day` on.
    pub is_prepaid: bool,
    /// The first civil day of the tenant for which it says so. An order to a point that is supplied so already, or no
    /// longer, moves no day; nor does one that names none, as orders were stored before days were fixed by them.
    pub day: Option<Day>,
}

/// What a metering point remembers of prepaid supply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PointSupply {
    /// The highest order of each account that ever gave one.
    pub orders: BTreeMap<String, SupplyOrder>,
    /// The days on which each account supplies the point in advance, in order, with a gap between any two. They are fixed
    /// by its orders, whatever contracts come and go.
    pub advance: BTreeMap<String, Vec<DaySpan>>,
    /// What was told last of each rated total.
    pub told: BTreeMap<RatedKey, RatedTotal>,
    /// The months of which more differs than one decision tells: the rest follows at once.
    pub pending: BTreeSet<Month>,
}

impl PointSupply {
    /// Whether an order is to be carried out: its version is above every other one of the account that came before.
    #[must_use]
    pub fn is_news(&self, order: &SupplyOrder) -> bool {
        self.orders.get(&order.account).is_none_or(|held| order.version > held.version)
    }

    /// What to tell the account of a newly rated total: the next version where it differs from what was told last.
    /// `None` where it does not, or where nothing was told and there is nothing to tell.
    #[must_use]
    pub fn next(&self, key: &RatedKey, rated: RatedParts) -> Option<RatedTotal> {
        match self.told.get(key) {
            Some(held) if held.rated == rated => None,
            None if rated == RatedParts::default() => None,
            held => {
                let version = held.map_or(0, |held| held.version).checked_add(1)?;
                Some(RatedTotal { key: key.clone(), version, rated })
            }
        }
    }

    /// Takes an order that is news.
    pub fn take(&mut self, order: &SupplyOrder) {
        self.orders.insert(order.account.clone(), order.clone());
        advance::follow(self.advance.entry(order.account.clone()).or_default(), order);
    }

    /// Remembers what was told.
    pub fn tell(&mut self, total: &RatedTotal) {
        self.told.insert(total.key.clone(), total.clone());
    }
}

/// Its id: `anna/3`.
impl fmt::Display for SupplyOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.version)
    }
}
