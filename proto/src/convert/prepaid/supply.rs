//! Orders to the meter, emergency credit, and what a metering point remembers.

use domain::day_span::DaySpan;
use domain::prepaid::{Emergency, PointSupply, RatedTotal, Supply, SupplyOrder};

use crate::charging::{self, EmergencyState};
use crate::convert::field::{self, same_names};
use crate::convert::{FieldError, FieldFault};
use crate::store;

same_names!(Supply, charging::SupplyState, [On, Ready, Off]);

impl From<&SupplyOrder> for charging::SupplyOrder {
    fn from(order: &SupplyOrder) -> Self {
        Self {
            account_id: order.account.clone(),
            version: order.version,
            supply: field::number::<charging::SupplyState, _>(order.supply),
            prepaid: order.is_prepaid,
            day: order.day.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<charging::SupplyOrder> for SupplyOrder {
    type Error = FieldError;

    fn try_from(order: charging::SupplyOrder) -> Result<Self, FieldError> {
        Ok(Self {
            account: order.account_id,
            version: order.version,
            supply: field::known::<charging::SupplyState, _>("supply", order.supply)?,
            is_prepaid: order.prepaid,
            day: field::optional("day", order.day)?,
        })
    }
}

/// Emergency credit that is offered or more; none where it is not.
pub(super) fn some_emergency(emergency: Emergency) -> Option<charging::EmergencyStanding> {
    let state = match emergency {
        Emergency::NotOffered => return None,
        Emergency::Offered(_) => EmergencyState::Offered,
        Emergency::InUse(_) => EmergencyState::InUse,
        Emergency::Spent(_) => EmergencyState::Spent,
    };
    Some(charging::EmergencyStanding { state: state.into(), offer: emergency.offer() })
}

/// Reads what [`some_emergency`] writes.
pub(super) fn emergency(standing: Option<charging::EmergencyStanding>) -> Result<Emergency, FieldError> {
    let Some(standing) = standing else { return Ok(Emergency::NotOffered) };
    match EmergencyState::try_from(standing.state) {
        Ok(EmergencyState::Offered) => Ok(Emergency::Offered(standing.offer)),
        Ok(EmergencyState::InUse) => Ok(Emergency::InUse(standing.offer)),
        Ok(EmergencyState::Spent) => Ok(Emergency::Spent(standing.offer)),
        Ok(EmergencyState::Unspecified) => Err(FieldError::at("emergency.state", FieldFault::Missing)),
        Err(_) => Err(FieldError::at("emergency.state", FieldFault::Unknown)),
    }
}

impl From<&PointSupply> for store::PointSupply {
    fn from(supply: &PointSupply) -> Self {
        let advance = supply.advance.iter().map(|(account, spans)| store::AdvanceDays {
            account_id: account.clone(),
            spans: field::messages(spans),
        });
        Self {
            orders: field::messages(supply.orders.values()),
            told: field::messages(supply.told.values()),
            advance: advance.collect(),
            pending: field::messages(&supply.pending),
        }
    }
}

impl TryFrom<store::PointSupply> for PointSupply {
    type Error = FieldError;

    fn try_from(supply: store::PointSupply) -> Result<Self, FieldError> {
        let orders: Vec<SupplyOrder> = field::each("orders", supply.orders)?;
        let told: Vec<RatedTotal> = field::each("told", supply.told)?;
        let advance = field::each_by("advance", supply.advance, |days| {
            Ok((days.account_id, field::each("spans", days.spans)?))
        });
        let advance: Vec<(String, Vec<DaySpan>)> = advance?;
        Ok(Self {
            orders: orders.into_iter().map(|order| (order.account.clone(), order)).collect(),
            told: told.into_iter().map(|total| (total.key.clone(), total)).collect(),
            advance: advance.into_iter().collect(),
            pending: field::each("pending", supply.pending)?,
        })
    }
}
