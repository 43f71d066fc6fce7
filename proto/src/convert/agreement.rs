//! Agreements: by which products an account is charged in real time.

use domain::agreement::Agreement;

use super::{FieldError, field};
use crate::charging;

impl From<&Agreement> for charging::Agreement {
    fn from(agreement: &Agreement) -> Self {
        Self {
            name: String::new(),
            agreement_id: agreement.id.clone(),
            product_id: agreement.product.clone(),
            span: Some((&agreement.span).into()),
            allows_overuse: agreement.allows_overuse,
        }
    }
}

impl TryFrom<charging::Agreement> for Agreement {
    type Error = FieldError;

    fn try_from(agreement: charging::Agreement) -> Result<Self, FieldError> {
        Ok(Self {
            id: agreement.agreement_id,
            product: agreement.product_id,
            span: field::required("span", agreement.span)?,
            allows_overuse: agreement.allows_overuse,
        })
    }
}
