//! Lines of an invoice and the positions they are made of.

use domain::invoice::{Line, LinePart, LinePrice};
use domain::tax::TaxClass;

use super::field;
use super::{FieldError, FieldFault, number};
use crate::invoicing::{self, line_price};
use crate::metering;

impl From<&Line> for invoicing::Line {
    fn from(line: &Line) -> Self {
        Self {
            display_name: line.name.clone(),
            group: line.group.clone(),
            service: Some((&line.service).into()),
            net: Some((&line.net).into()),
            tax_class: line.tax_class.name().to_owned(),
            vat_basis_points: line.vat_rate.hundredths_of_percent(),
            is_correction: line.is_correction,
            is_estimated: line.is_estimated,
            parts: field::messages(&line.parts),
        }
    }
}

impl TryFrom<invoicing::Line> for Line {
    type Error = FieldError;

    fn try_from(line: invoicing::Line) -> Result<Self, FieldError> {
        Ok(Self {
            name: line.display_name,
            group: line.group,
            service: field::required("service", line.service)?,
            net: field::required("net", line.net)?,
            tax_class: TaxClass::new(&line.tax_class),
            vat_rate: number::vat_rate("vat_basis_points", line.vat_basis_points)?,
            is_correction: line.is_correction,
            is_estimated: line.is_estimated,
            parts: field::each("parts", line.parts)?,
        })
    }
}

impl From<&LinePart> for invoicing::LinePart {
    fn from(part: &LinePart) -> Self {
        Self {
            rated: Some((&part.rated).into()),
            share_basis_points: part.shares.clone(),
            own_index: u32::try_from(part.own).unwrap_or(u32::MAX),
            tax_class: part.tax_class.name().to_owned(),
            vat_basis_points: part.vat_rate.hundredths_of_percent(),
            quantity: Some((&part.quantity).into()),
            price: Some((&part.price).into()),
            net_to_date: Some((&part.net_to_date).into()),
            net_before: Some((&part.net_before).into()),
            net: Some((&part.net).into()),
            exact_cleared: number::amount_text(part.cleared),
            is_correction: part.is_correction,
        }
    }
}

impl TryFrom<invoicing::LinePart> for LinePart {
    type Error = FieldError;

    fn try_from(part: invoicing::LinePart) -> Result<Self, FieldError> {
        let own = usize::try_from(part.own_index);
        Ok(Self {
            rated: field::required("rated", part.rated)?,
            shares: part.share_basis_points,
            own: own.map_err(|_| FieldError::at("own_index", FieldFault::OutOfRange))?,
            tax_class: TaxClass::new(&part.tax_class),
            vat_rate: number::vat_rate("vat_basis_points", part.vat_basis_points)?,
            quantity: field::required("quantity", part.quantity)?,
            price: field::required("price", part.price)?,
            net_to_date: field::required("net_to_date", part.net_to_date)?,
            net_before: field::required("net_before", part.net_before)?,
            net: field::required("net", part.net)?,
            cleared: number::amount("exact_cleared", &part.exact_cleared)?,
            is_correction: part.is_correction,
        })
    }
}

impl From<&LinePrice> for invoicing::LinePrice {
    fn from(price: &LinePrice) -> Self {
        let shown = match price {
            LinePrice::PerUnit(price) => line_price::Shown::PerUnit(price.into()),
            LinePrice::Monthly { price, pieces } => line_price::Shown::Monthly(metering::MonthlyPrice {
                price: Some(price.into()),
                pieces: Some(pieces.into()),
            }),
            LinePrice::Factor(factor) => line_price::Shown::Factor(factor.into()),
            LinePrice::Average { price, intervals } => line_price::Shown::Average(invoicing::AveragePrice {
                price: price.as_ref().map(Into::into),
                intervals: *intervals,
            }),
        };
        Self { shown: Some(shown) }
    }
}

impl TryFrom<invoicing::LinePrice> for LinePrice {
    type Error = FieldError;

    fn try_from(price: invoicing::LinePrice) -> Result<Self, FieldError> {
        Ok(match field::chosen("shown", price.shown)? {
            line_price::Shown::PerUnit(price) => Self::PerUnit(field::required("per_unit", Some(price))?),
            line_price::Shown::Monthly(monthly) => Self::Monthly {
                price: field::required("monthly.price", monthly.price)?,
                pieces: field::required("monthly.pieces", monthly.pieces)?,
            },
            line_price::Shown::Factor(factor) => Self::Factor(field::required("factor", Some(factor))?),
            line_price::Shown::Average(average) => Self::Average {
                price: field::optional("average.price", average.price)?,
                intervals: average.intervals,
            },
        })
    }
}
