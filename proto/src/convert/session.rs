//! Charging sessions.

use domain::price_sheet::Draw;
use domain::session::{ChargingPeriod, Session, Stated, StatedCost, StatedParts};

use super::{FieldError, field, number, time};
use crate::roaming;

impl From<&Session> for roaming::Session {
    fn from(session: &Session) -> Self {
        Self {
            cdr_id: session.id.clone(),
            currency_code: session.currency.code().to_owned(),
            start_time: Some(time::timestamp(session.start)),
            end_time: Some(time::timestamp(session.end)),
            periods: field::messages(&session.periods),
            is_credit: session.is_credit,
            stated: (session.stated != Stated::default()).then(|| (&session.stated).into()),
        }
    }
}

impl TryFrom<roaming::Session> for Session {
    type Error = FieldError;

    fn try_from(session: roaming::Session) -> Result<Self, FieldError> {
        Ok(Self {
            id: session.cdr_id,
            currency: number::currency("currency_code", &session.currency_code)?,
            start: time::required_instant("start_time", session.start_time)?,
            end: time::required_instant("end_time", session.end_time)?,
            periods: field::each("periods", session.periods)?,
            is_credit: session.is_credit,
            stated: field::optional("stated", session.stated)?.unwrap_or_default(),
        })
    }
}

impl From<&ChargingPeriod> for roaming::ChargingPeriod {
    fn from(period: &ChargingPeriod) -> Self {
        Self {
            start_time: Some(time::timestamp(period.start)),
            energy_kwh: period.energy_kwh.as_ref().map(Into::into),
            charging_hours: period.time.as_ref().map(Into::into),
            parking_hours: period.parking.as_ref().map(Into::into),
            reservation_hours: period.reservation.as_ref().map(Into::into),
            current_a: draw(&period.current_a),
            power_kw: draw(&period.power_kw),
            price_sheet_id: period.sheet.clone().unwrap_or_default(),
            unknown_dimensions: period.unknown_dimensions.clone(),
        }
    }
}

impl TryFrom<roaming::ChargingPeriod> for ChargingPeriod {
    type Error = FieldError;

    fn try_from(period: roaming::ChargingPeriod) -> Result<Self, FieldError> {
        Ok(Self {
            start: time::required_instant("start_time", period.start_time)?,
            energy_kwh: field::optional("energy_kwh", period.energy_kwh)?,
            time: field::optional("charging_hours", period.charging_hours)?,
            parking: field::optional("parking_hours", period.parking_hours)?,
            reservation: field::optional("reservation_hours", period.reservation_hours)?,
            current_a: field::optional("current_a", period.current_a)?.unwrap_or_default(),
            power_kw: field::optional("power_kw", period.power_kw)?.unwrap_or_default(),
            sheet: Some(period.price_sheet_id).filter(|id| !id.is_empty()),
            unknown_dimensions: period.unknown_dimensions,
        })
    }
}

fn draw(draw: &Draw) -> Option<roaming::Draw> {
    let message = || roaming::Draw {
        least: draw.least.as_ref().map(Into::into),
        most: draw.most.as_ref().map(Into::into),
    };
    (*draw != Draw::default()).then(message)
}

impl TryFrom<roaming::Draw> for Draw {
    type Error = FieldError;

    fn try_from(draw: roaming::Draw) -> Result<Self, FieldError> {
        Ok(Self { least: field::optional("least", draw.least)?, most: field::optional("most", draw.most)? })
    }
}

impl From<&Stated> for roaming::StatedTotals {
    fn from(stated: &Stated) -> Self {
        Self {
            excluding_vat: stated.excluding_vat.as_ref().map(Into::into),
            including_vat: stated.including_vat.as_ref().map(Into::into),
            energy_kwh: stated.energy_kwh.as_ref().map(Into::into),
            hours: stated.time.as_ref().map(Into::into),
            parking_hours: stated.parking.as_ref().map(Into::into),
            energy_cost: stated_cost(stated.parts.energy),
            time_cost: stated_cost(stated.parts.time),
            parking_cost: stated_cost(stated.parts.parking),
            fixed_cost: stated_cost(stated.parts.fixed),
            reservation_cost: stated_cost(stated.parts.reservation),
        }
    }
}

impl TryFrom<roaming::StatedTotals> for Stated {
    type Error = FieldError;

    fn try_from(stated: roaming::StatedTotals) -> Result<Self, FieldError> {
        Ok(Self {
            excluding_vat: field::optional("excluding_vat", stated.excluding_vat)?,
            including_vat: field::optional("including_vat", stated.including_vat)?,
            energy_kwh: field::optional("energy_kwh", stated.energy_kwh)?,
            time: field::optional("hours", stated.hours)?,
            parking: field::optional("parking_hours", stated.parking_hours)?,
            parts: StatedParts {
                energy: field::optional("energy_cost", stated.energy_cost)?.unwrap_or_default(),
                time: field::optional("time_cost", stated.time_cost)?.unwrap_or_default(),
                parking: field::optional("parking_cost", stated.parking_cost)?.unwrap_or_default(),
                fixed: field::optional("fixed_cost", stated.fixed_cost)?.unwrap_or_default(),
                reservation: field::optional("reservation_cost", stated.reservation_cost)?
                    .unwrap_or_default(),
            },
        })
    }
}

fn stated_cost(cost: StatedCost) -> Option<roaming::StatedCost> {
    let message = || roaming::StatedCost {
        excluding_vat: cost.excluding_vat.as_ref().map(Into::into),
        including_vat: cost.including_vat.as_ref().map(Into::into),
    };
    (cost != StatedCost::default()).then(message)
}

impl TryFrom<roaming::StatedCost> for StatedCost {
    type Error = FieldError;

    fn try_from(cost: roaming::StatedCost) -> Result<Self, FieldError> {
        Ok(Self {
            excluding_vat: field::optional("excluding_vat", cost.excluding_vat)?,
            including_vat: field::optional("including_vat", cost.including_vat)?,
        })
    }
}
