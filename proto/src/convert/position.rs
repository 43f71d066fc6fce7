//! Rated positions, their keys, prices, versions and provenance.

use domain::day::{Day, Month};
use domain::entity::metering_point::RatedContract;
use domain::position::{PositionKey, Provenance, RatedPosition, RatedVersion, ShownPrice};
use domain::price_series::SeriesId;
use domain::tax::TaxClass;

use super::field;
use super::{FieldError, FieldFault, number, time};
use crate::metering::{self, shown_price};
use crate::{catalog, types};

impl From<&RatedContract> for metering::RatedContract {
    fn from(rated: &RatedContract) -> Self {
        let (positions, reasons) = match &rated.result {
            Ok(positions) => (field::messages(positions), Vec::new()),
            Err(reasons) => (Vec::new(), field::messages(reasons)),
        };
        Self { contract_id: rated.contract.clone(), positions, reasons }
    }
}

impl TryFrom<metering::RatedContract> for RatedContract {
    type Error = FieldError;

    fn try_from(rated: metering::RatedContract) -> Result<Self, FieldError> {
        let result = match (rated.reasons.is_empty(), rated.positions.is_empty()) {
            (true, _) => Ok(field::each("positions", rated.positions)?),
            (false, true) => Err(field::each("reasons", rated.reasons)?),
            (false, false) => return Err(FieldError::at("reasons", FieldFault::Contradiction)),
        };
        Ok(Self { contract: rated.contract_id, result })
    }
}

impl From<&PositionKey> for metering::PositionKey {
    fn from(key: &PositionKey) -> Self {
        Self {
            contract_id: key.contract.clone(),
            month: Some((&key.month).into()),
            component_id: key.component.clone(),
            charge: key.charge.as_ref().map(Into::into),
            service: Some((&key.service).into()),
        }
    }
}

impl TryFrom<metering::PositionKey> for PositionKey {
    type Error = FieldError;

    fn try_from(key: metering::PositionKey) -> Result<Self, FieldError> {
        Ok(Self {
            contract: key.contract_id,
            month: field::required("month", key.month)?,
            component: key.component_id,
            charge: field::optional("charge", key.charge)?,
            service: field::required("service", key.service)?,
        })
    }
}

impl From<&ShownPrice> for metering::ShownPrice {
    fn from(price: &ShownPrice) -> Self {
        let shown = match price {
            ShownPrice::Single(price) => shown_price::Shown::Single(price.into()),
            ShownPrice::Monthly { price, pieces } => shown_price::Shown::Monthly(metering::MonthlyPrice {
                price: Some(price.into()),
                pieces: Some(pieces.into()),
            }),
            ShownPrice::Factor(factor) => shown_price::Shown::Factor(factor.into()),
            ShownPrice::Average { intervals } => shown_price::Shown::AverageOfIntervals(*intervals),
        };
        Self { shown: Some(shown) }
    }
}

impl TryFrom<metering::ShownPrice> for ShownPrice {
    type Error = FieldError;

    fn try_from(price: metering::ShownPrice) -> Result<Self, FieldError> {
        Ok(match field::chosen("shown", price.shown)? {
            shown_price::Shown::Single(price) => Self::Single(field::required("single", Some(price))?),
            shown_price::Shown::Monthly(monthly) => Self::Monthly {
                price: field::required("monthly.price", monthly.price)?,
                pieces: field::required("monthly.pieces", monthly.pieces)?,
            },
            shown_price::Shown::Factor(factor) => Self::Factor(field::required("factor", Some(factor))?),
            shown_price::Shown::AverageOfIntervals(intervals) => Self::Average { intervals },
        })
    }
}

impl From<&RatedPosition> for metering::RatedPosition {
    fn from(position: &RatedPosition) -> Self {
        Self {
            key: Some((&position.key).into()),
            display_name: position.name.clone(),
            quantity: Some((&position.quantity).into()),
            unit: field::number::<types::Unit, _>(position.unit),
            price: Some((&position.price).into()),
            exact_amount: number::amount_text(position.amount),
            currency_code: position.currency.code().to_owned(),
            tax_class: position.tax_class.name().to_owned(),
            vat_basis_points: position.vat_rate.hundredths_of_percent(),
            is_tax: position.is_tax,
            display: Some((&position.display).into()),
            revenue_role: position.revenue_role.clone(),
            rounding: field::number::<catalog::Rounding, _>(position.rounding),
            is_estimated: position.is_estimated,
            order: position.order,
            provenance: Some((&position.provenance).into()),
        }
    }
}

impl TryFrom<metering::RatedPosition> for RatedPosition {
    type Error = FieldError;

    fn try_from(position: metering::RatedPosition) -> Result<Self, FieldError> {
        Ok(Self {
            key: field::required("key", position.key)?,
            order: position.order,
            name: position.display_name,
            quantity: field::required("quantity", position.quantity)?,
            unit: field::known::<types::Unit, _>("unit", position.unit)?,
            price: field::required("price", position.price)?,
            amount: number::amount("exact_amount", &position.exact_amount)?,
            currency: number::currency("currency_code", &position.currency_code)?,
            tax_class: TaxClass::new(&position.tax_class),
            vat_rate: number::vat_rate("vat_basis_points", position.vat_basis_points)?,
            is_tax: position.is_tax,
            display: field::required("display", position.display)?,
            revenue_role: position.revenue_role,
            rounding: field::known::<catalog::Rounding, _>("rounding", position.rounding)?,
            is_estimated: position.is_estimated,
            provenance: field::required("provenance", position.provenance)?,
        })
    }
}

impl From<&RatedVersion> for metering::RatedVersion {
    fn from(rated: &RatedVersion) -> Self {
        Self {
            version: rated.version,
            known_time: Some(time::timestamp(rated.known_at)),
            position: Some((&rated.position).into()),
        }
    }
}

impl TryFrom<metering::RatedVersion> for RatedVersion {
    type Error = FieldError;

    fn try_from(rated: metering::RatedVersion) -> Result<Self, FieldError> {
        Ok(Self {
            version: rated.version,
            known_at: time::required_instant("known_time", rated.known_time)?,
            position: field::required("position", rated.position)?,
        })
    }
}

/// Days that follow each other share an entry.
impl From<&Provenance> for metering::Provenance {
    fn from(provenance: &Provenance) -> Self {
        let mut days: Vec<(Day, Vec<u32>)> = Vec::new();
        let mut expected = None;
        for (day, version) in &provenance.days {
            match days.last_mut().filter(|_| expected == Some(*day)) {
                Some((_, versions)) => versions.push(*version),
                None => days.push((*day, vec![*version])),
            }
            expected = Some(day.next()).filter(|next| next != day);
        }
        let day = |(first, versions): (Day, Vec<u32>)| metering::DayReference {
            first_day: Some((&first).into()),
            versions,
        };
        let price = |(series, month, version): &(SeriesId, Month, u32)| metering::PriceMonthReference {
            series: Some(series.into()),
            month: Some(month.into()),
            version: *version,
        };
        Self {
            contract_version: provenance.contract_version,
            product_version: provenance.product_version,
            days: days.into_iter().map(day).collect(),
            prices: provenance.prices.iter().map(price).collect(),
        }
    }
}

impl TryFrom<metering::Provenance> for Provenance {
    type Error = FieldError;

    fn try_from(provenance: metering::Provenance) -> Result<Self, FieldError> {
        let days: Vec<Vec<(Day, u32)>> = field::each_by("days", provenance.days, |reference| {
            let first: Day = field::required("first_day", reference.first_day)?;
            let days = std::iter::successors(Some(first), |day| Some(day.next()));
            Ok(days.zip(reference.versions).collect())
        })?;
        let prices = field::each_by("prices", provenance.prices, |reference| {
            let series: SeriesId = field::required("series", reference.series)?;
            Ok((series, field::required("month", reference.month)?, reference.version))
        })?;
        Ok(Self {
            contract_version: provenance.contract_version,
            product_version: provenance.product_version,
            days: days.into_iter().flatten().collect(),
            prices,
        })
    }
}
