//! Charges and their links.

use domain::charge::{Charge, ChargeKey, ChargeKind, ChargeLink};

use super::FieldError;
use super::field::{self, same_names};
use crate::{catalog, types};

same_names!(ChargeKind, catalog::ChargeKind, [Subscription, Fee, Tariff]);

impl From<&ChargeKey> for catalog::ChargeKey {
    fn from(key: &ChargeKey) -> Self {
        let kind = field::number::<catalog::ChargeKind, _>(key.kind);
        Self { code: key.code.clone(), owner: key.owner.clone(), kind }
    }
}

impl TryFrom<catalog::ChargeKey> for ChargeKey {
    type Error = FieldError;

    fn try_from(key: catalog::ChargeKey) -> Result<Self, FieldError> {
        let kind = field::known::<catalog::ChargeKind, _>("kind", key.kind)?;
        Ok(Self { code: key.code, owner: key.owner, kind })
    }
}

impl From<&Charge> for catalog::Charge {
    fn from(charge: &Charge) -> Self {
        Self {
            name: String::new(),
            key: Some((&charge.key).into()),
            display_name: charge.name.clone(),
            description: charge.description.clone(),
            resolution: field::number::<types::Resolution, _>(charge.resolution),
            has_vat: charge.has_vat,
            is_transparent: charge.is_transparent,
            is_tax: charge.is_tax,
            period: Some((&charge.period).into()),
        }
    }
}

impl TryFrom<catalog::Charge> for Charge {
    type Error = FieldError;

    fn try_from(charge: catalog::Charge) -> Result<Self, FieldError> {
        Ok(Self {
            key: field::required("key", charge.key)?,
            name: charge.display_name,
            description: charge.description,
            resolution: field::known::<types::Resolution, _>("resolution", charge.resolution)?,
            has_vat: charge.has_vat,
            is_transparent: charge.is_transparent,
            is_tax: charge.is_tax,
            period: field::required("period", charge.period)?,
        })
    }
}

impl From<&ChargeLink> for catalog::ChargeLink {
    fn from(link: &ChargeLink) -> Self {
        Self {
            charge: Some((&link.charge).into()),
            factor: Some((&link.factor).into()),
            period: Some((&link.period).into()),
        }
    }
}

impl TryFrom<catalog::ChargeLink> for ChargeLink {
    type Error = FieldError;

    fn try_from(link: catalog::ChargeLink) -> Result<Self, FieldError> {
        Ok(Self {
            charge: field::required("charge", link.charge)?,
            factor: field::required("factor", link.factor)?,
            period: field::required("period", link.period)?,
        })
    }
}
