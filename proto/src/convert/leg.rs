//! Keys of charge detail records, and legs of sessions.

use domain::cdr::{CdrKey, EvseId, Party};
use domain::leg::{Leg, LegKind};

use super::{FieldError, FieldFault, field, time};
use crate::roaming;

/// A party by the code of its country and its id there.
pub(super) fn party(country_code: &str, party_id: &str) -> Result<Party, FieldError> {
    Party::new(country_code, party_id).ok_or_else(|| FieldError::at("party_id", FieldFault::NotAParty))
}

/// The id of a charging point.
pub(super) fn evse(field: &str, text: &str) -> Result<EvseId, FieldError> {
    EvseId::new(text).ok_or_else(|| FieldError::at(field, FieldFault::NotAnEvseId))
}

impl From<&CdrKey> for roaming::CdrKey {
    fn from(key: &CdrKey) -> Self {
        Self {
            country_code: key.party().country().to_owned(),
            party_id: key.party().id().to_owned(),
            cdr_id: key.id().to_owned(),
        }
    }
}

impl TryFrom<roaming::CdrKey> for CdrKey {
    type Error = FieldError;

    fn try_from(key: roaming::CdrKey) -> Result<Self, FieldError> {
        let party = party(&key.country_code, &key.party_id)?;
        Self::new(party, &key.cdr_id).ok_or_else(|| FieldError::at("cdr_id", FieldFault::NotACdrId))
    }
}

impl From<&Leg> for roaming::Leg {
    fn from(leg: &Leg) -> Self {
        let (kind, role) = kind(&leg.kind);
        Self {
            cdr: Some((&leg.cdr).into()),
            number: leg.number,
            bundle_account_id: leg.seller.clone().unwrap_or_default(),
            reverses: leg.reverses,
            kind: kind.into(),
            role,
            agreement_id: leg.agreement.clone(),
            amount: Some((&leg.amount).into()),
            base: Some((&leg.base).into()),
            energy_kwh: Some((&leg.energy_kwh).into()),
            service_date: Some((&leg.service).into()),
            received_time: Some(time::timestamp(leg.received)),
        }
    }
}

impl TryFrom<roaming::Leg> for Leg {
    type Error = FieldError;

    fn try_from(leg: roaming::Leg) -> Result<Self, FieldError> {
        Ok(Self {
            kind: into_kind(leg.kind(), leg.role)?,
            cdr: field::required("cdr", leg.cdr)?,
            seller: Some(leg.bundle_account_id).filter(|seller| !seller.is_empty()),
            number: leg.number,
            reverses: leg.reverses,
            agreement: leg.agreement_id,
            amount: field::required("amount", leg.amount)?,
            base: field::required("base", leg.base)?,
            energy_kwh: field::required("energy_kwh", leg.energy_kwh)?,
            service: field::required("service_date", leg.service_date)?,
            received: time::required_instant("received_time", leg.received_time)?,
        })
    }
}

/// The kind of a leg, and the role of a share.
pub(super) fn kind(kind: &LegKind) -> (roaming::LegKind, String) {
    match kind {
        LegKind::Purchase => (roaming::LegKind::Purchase, String::new()),
        LegKind::Share(role) => (roaming::LegKind::Share, role.clone()),
        LegKind::PlatformFee => (roaming::LegKind::PlatformFee, String::new()),
        LegKind::RoamingFee => (roaming::LegKind::RoamingFee, String::new()),
        LegKind::HomeCharging => (roaming::LegKind::HomeCharging, String::new()),
    }
}

/// The kind of this name, with the role where it is a share.
pub(super) fn into_kind(kind: roaming::LegKind, role: String) -> Result<LegKind, FieldError> {
    match kind {
        roaming::LegKind::Unspecified => Err(FieldError::at("kind", FieldFault::Missing)),
        roaming::LegKind::Purchase => Ok(LegKind::Purchase),
        roaming::LegKind::Share => Ok(LegKind::Share(role)),
        roaming::LegKind::PlatformFee => Ok(LegKind::PlatformFee),
        roaming::LegKind::RoamingFee => Ok(LegKind::RoamingFee),
        roaming::LegKind::HomeCharging => Ok(LegKind::HomeCharging),
    }
}
