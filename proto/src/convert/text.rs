//! Ids and addresses.

use domain::address::Address;
use domain::identity::MeteringPointId;
use domain::zone::Zone;

use super::{FieldError, FieldFault};
use crate::types;

/// A metering point by its 18 digits.
pub(super) fn metering_point(field: &str, digits: &str) -> Result<MeteringPointId, FieldError> {
    MeteringPointId::parse(digits).ok_or_else(|| FieldError::at(field, FieldFault::NotAMeteringPointId))
}

/// A metering point by its number, as the store writes it.
pub(super) fn numbered_point(field: &str, number: u64) -> Result<MeteringPointId, FieldError> {
    MeteringPointId::new(number).ok_or_else(|| FieldError::at(field, FieldFault::NotAMeteringPointId))
}

/// A zone by its IANA name.
pub(super) fn zone(field: &str, name: &str) -> Result<Zone, FieldError> {
    Zone::named(name).ok_or_else(|| FieldError::at(field, FieldFault::UnknownZone))
}

impl From<&Address> for types::Address {
    fn from(address: &Address) -> Self {
        Self {
            street: address.street.clone(),
            postal_code: address.postal_code.clone(),
            city: address.city.clone(),
            country_code: address.country.clone(),
        }
    }
}

impl TryFrom<types::Address> for Address {
    type Error = FieldError;

    fn try_from(address: types::Address) -> Result<Self, FieldError> {
        let types::Address { street, postal_code, city, country_code } = address;
        Ok(Self { street, postal_code, city, country: country_code })
    }
}
