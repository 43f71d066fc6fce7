//! Bundles, and what their providers get.

use domain::share::{Claim, ClaimBasis, Cleared};
use domain::statement::Bundle;

use super::{FieldError, field};
use crate::roaming::{self, claim};

impl From<&Bundle> for roaming::Bundle {
    fn from(bundle: &Bundle) -> Self {
        Self {
            key: Some((&bundle.key).into()),
            amount: Some((&bundle.amount).into()),
            claims: field::messages(&bundle.claims),
            service_date: Some((&bundle.service).into()),
        }
    }
}

impl TryFrom<roaming::Bundle> for Bundle {
    type Error = FieldError;

    fn try_from(bundle: roaming::Bundle) -> Result<Self, FieldError> {
        Ok(Self {
            key: field::required("key", bundle.key)?,
            amount: field::required("amount", bundle.amount)?,
            claims: field::each("claims", bundle.claims)?,
            service: field::required("service_date", bundle.service_date)?,
        })
    }
}

impl From<&Claim> for roaming::Claim {
    fn from(claimed: &Claim) -> Self {
        let basis = match &claimed.basis {
            ClaimBasis::Price(price) => claim::Basis::Price(price.into()),
            ClaimBasis::PerUse { uses, price } => {
                claim::Basis::PerUse(roaming::PerUse { uses: *uses, price: Some(price.into()) })
            }
            ClaimBasis::Weight(weight) => claim::Basis::Weight(*weight),
        };
        Self { account_id: claimed.recipient.clone(), basis: Some(basis) }
    }
}

impl TryFrom<roaming::Claim> for Claim {
    type Error = FieldError;

    fn try_from(claimed: roaming::Claim) -> Result<Self, FieldError> {
        let basis = match field::chosen("basis", claimed.basis)? {
            claim::Basis::Price(price) => ClaimBasis::Price(field::required("price", Some(price))?),
            claim::Basis::PerUse(per_use) => ClaimBasis::PerUse {
                uses: per_use.uses,
                price: field::required("per_use.price", per_use.price)?,
            },
            claim::Basis::Weight(weight) => ClaimBasis::Weight(weight),
        };
        Ok(Self { recipient: claimed.account_id, basis })
    }
}

impl From<&Cleared> for roaming::ClearedBundle {
    fn from(cleared: &Cleared) -> Self {
        Self { parts: field::messages(&cleared.parts), own: Some((&cleared.own).into()) }
    }
}

impl TryFrom<roaming::ClearedBundle> for Cleared {
    type Error = FieldError;

    fn try_from(cleared: roaming::ClearedBundle) -> Result<Self, FieldError> {
        Ok(Self { parts: field::each("parts", cleared.parts)?, own: field::required("own", cleared.own)? })
    }
}
