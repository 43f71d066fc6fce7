//! What a metering point remembers.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::Address;
use crate::charge::ChargeLink;
use crate::contract::Contract;
use crate::day::{DayRule, Month};
use crate::day_span::DaySpan;
use crate::document::{MeteringPointKind, SettlementMethod};
use crate::entity::tokens::Tokens;
use crate::identity::MeteringPointId;
use crate::prepaid::PointSupply;
use crate::quantity::Unit;
use crate::resolution::Resolution;

/// What a metering point is: its master data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointDetails {
    /// Its id.
    pub id: MeteringPointId,
    /// Its kind.
    pub kind: MeteringPointKind,
    /// The unit of its values.
    pub unit: Unit,
    /// When its days begin.
    pub rule: DayRule,
    /// Where it is.
    pub address: Address,
    /// The code of its grid area.
    pub grid_area: String,
    /// The point it is a child of.
    pub parent: Option<MeteringPointId>,
    /// What changes over time, in order, without overlap.
    pub periods: Vec<PointPeriod>,
}

/// Master data of a metering point that holds for some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointPeriod {
    /// The days.
    pub span: DaySpan,
    /// The resolution its values are expected in.
    pub resolution: Resolution,
    /// The energy supplier's id; empty where it has none.
    pub supplier: String,
    /// How it is settled, where its kind is.
    pub settlement_method: Option<SettlementMethod>,
}

/// What a metering point remembers beside its rows of days and rated positions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Its master data, once registered.
    pub details: Option<PointDetails>,
    /// Its charge links, in order of charge and time.
    pub links: Vec<ChargeLink>,
    /// Its contracts, by id.
    pub contracts: BTreeMap<String, Contract>,
    /// The months that a run closed, ready or not, which a later run rates again.
    pub rated_months: BTreeSet<Month>,
    /// Its tokens: the serial number of its meter, its ids as a charging point.
    pub tokens: Tokens,
    /// Orders of accounts that supply it in advance, and what they were told.
    pub supply: PointSupply,
}
