//! Rates of value added tax.

use domain::tax::{TaxClass, TaxRate};

use super::field;
use super::{FieldError, number};
use crate::catalog;

impl From<&TaxRate> for catalog::TaxRate {
    fn from(rate: &TaxRate) -> Self {
        Self {
            tax_class: rate.class.name().to_owned(),
            valid_from: Some((&rate.valid_from).into()),
            rate_basis_points: rate.rate.hundredths_of_percent(),
        }
    }
}

impl TryFrom<catalog::TaxRate> for TaxRate {
    type Error = FieldError;

    fn try_from(rate: catalog::TaxRate) -> Result<Self, FieldError> {
        Ok(Self {
            class: TaxClass::new(&rate.tax_class),
            valid_from: field::required("valid_from", rate.valid_from)?,
            rate: number::vat_rate("rate_basis_points", rate.rate_basis_points)?,
        })
    }
}
