//! Price sheets: OCPI tariffs in their stored form.

use domain::instant::Period;
use domain::price_sheet::{
    Dimension, Element, Limit, PriceComponent, PriceSheet, ReservationKind, Restrictions,
};

use super::field::{self, same_names};
use super::{FieldError, number, product};
use crate::google_type::TimeOfDay;
use crate::roaming;

same_names!(Dimension, roaming::PriceDimension, [Energy, Time, ParkingTime, Flat]);
same_names!(ReservationKind, roaming::ReservationKind, [Reserved, Expired]);

impl From<&PriceSheet> for roaming::PriceSheet {
    fn from(sheet: &PriceSheet) -> Self {
        Self {
            tariff_id: sheet.id.clone(),
            currency_code: sheet.currency.code().to_owned(),
            valid: (sheet.valid != Period::ALWAYS).then(|| (&sheet.valid).into()),
            includes_vat: sheet.includes_vat,
            least: limit(&sheet.least),
            most: limit(&sheet.most),
            elements: field::messages(&sheet.elements),
            ..Self::default()
        }
    }
}

impl TryFrom<roaming::PriceSheet> for PriceSheet {
    type Error = FieldError;

    fn try_from(sheet: roaming::PriceSheet) -> Result<Self, FieldError> {
        Ok(Self {
            id: sheet.tariff_id,
            currency: number::currency("currency_code", &sheet.currency_code)?,
            valid: field::optional("valid", sheet.valid)?.unwrap_or(Period::ALWAYS),
            includes_vat: sheet.includes_vat,
            least: field::optional("least", sheet.least)?.unwrap_or_default(),
            most: field::optional("most", sheet.most)?.unwrap_or_default(),
            elements: field::each("elements", sheet.elements)?,
        })
    }
}

/// A limit that bounds nothing is not set.
fn limit(limit: &Limit) -> Option<roaming::PriceLimit> {
    (*limit != Limit::default()).then(|| roaming::PriceLimit {
        excluding_vat: limit.excluding_vat.as_ref().map(Into::into),
        including_vat: limit.including_vat.as_ref().map(Into::into),
    })
}

impl TryFrom<roaming::PriceLimit> for Limit {
    type Error = FieldError;

    fn try_from(limit: roaming::PriceLimit) -> Result<Self, FieldError> {
        Ok(Self {
            excluding_vat: field::optional("excluding_vat", limit.excluding_vat)?,
            including_vat: field::optional("including_vat", limit.including_vat)?,
        })
    }
}

impl From<&Element> for roaming::PriceElement {
    fn from(element: &Element) -> Self {
        let restrictions = &element.restrictions;
        Self {
            components: field::messages(&element.components),
            restrictions: (*restrictions != Restrictions::default()).then(|| restrictions.into()),
        }
    }
}

impl TryFrom<roaming::PriceElement> for Element {
    type Error = FieldError;

    fn try_from(element: roaming::PriceElement) -> Result<Self, FieldError> {
        Ok(Self {
            components: field::each("components", element.components)?,
            restrictions: field::optional("restrictions", element.restrictions)?.unwrap_or_default(),
        })
    }
}

impl From<&PriceComponent> for roaming::PriceComponent {
    fn from(component: &PriceComponent) -> Self {
        Self {
            dimension: field::number::<roaming::PriceDimension, _>(component.dimension),
            price: Some((&component.price).into()),
            vat_basis_points: component.vat.map(|rate| rate.hundredths_of_percent()),
            step_size: component.step_size,
        }
    }
}

impl TryFrom<roaming::PriceComponent> for PriceComponent {
    type Error = FieldError;

    fn try_from(component: roaming::PriceComponent) -> Result<Self, FieldError> {
        let rate = |points| number::vat_rate("vat_basis_points", points);
        Ok(Self {
            dimension: field::known::<roaming::PriceDimension, _>("dimension", component.dimension)?,
            price: field::required("price", component.price)?,
            vat: component.vat_basis_points.map(rate).transpose()?,
            step_size: component.step_size,
        })
    }
}

impl From<&Restrictions> for roaming::PriceRestrictions {
    fn from(restrictions: &Restrictions) -> Self {
        let days = restrictions.weekdays.map(|days| days.days().map(i32::from).collect());
        let kind = restrictions.reservation.map(field::number::<roaming::ReservationKind, _>);
        Self {
            start_time: restrictions.start_minute.map(product::time_of_day),
            end_time: restrictions.end_minute.map(product::time_of_day),
            start_date: restrictions.start_date.as_ref().map(Into::into),
            end_date: restrictions.end_date.as_ref().map(Into::into),
            weekdays: days.unwrap_or_default(),
            min_energy_kwh: restrictions.min_energy_kwh.as_ref().map(Into::into),
            max_energy_kwh: restrictions.max_energy_kwh.as_ref().map(Into::into),
            min_current_a: restrictions.min_current_a.as_ref().map(Into::into),
            max_current_a: restrictions.max_current_a.as_ref().map(Into::into),
            min_power_kw: restrictions.min_power_kw.as_ref().map(Into::into),
            max_power_kw: restrictions.max_power_kw.as_ref().map(Into::into),
            min_duration_s: restrictions.min_duration_s,
            max_duration_s: restrictions.max_duration_s,
            reservation: kind.unwrap_or_default(),
        }
    }
}

impl TryFrom<roaming::PriceRestrictions> for Restrictions {
    type Error = FieldError;

    fn try_from(restrictions: roaming::PriceRestrictions) -> Result<Self, FieldError> {
        let minute = |field: &str, time: Option<TimeOfDay>| {
            time.map(|time| product::minute(field, Some(time))).transpose()
        };
        let days = restrictions.weekdays;
        let weekdays = if days.is_empty() { None } else { Some(product::weekdays(&days)?) };
        let reservation = match restrictions.reservation {
            0 => None,
            kind => Some(field::known::<roaming::ReservationKind, _>("reservation", kind)?),
        };
        Ok(Self {
            start_minute: minute("start_time", restrictions.start_time)?,
            end_minute: minute("end_time", restrictions.end_time)?,
            start_date: field::optional("start_date", restrictions.start_date)?,
            end_date: field::optional("end_date", restrictions.end_date)?,
            weekdays,
            min_energy_kwh: field::optional("min_energy_kwh", restrictions.min_energy_kwh)?,
            max_energy_kwh: field::optional("max_energy_kwh", restrictions.max_energy_kwh)?,
            min_current_a: field::optional("min_current_a", restrictions.min_current_a)?,
            max_current_a: field::optional("max_current_a", restrictions.max_current_a)?,
            min_power_kw: field::optional("min_power_kw", restrictions.min_power_kw)?,
            max_power_kw: field::optional("max_power_kw", restrictions.max_power_kw)?,
            min_duration_s: restrictions.min_duration_s,
            max_duration_s: restrictions.max_duration_s,
            reservation,
        })
    }
}
