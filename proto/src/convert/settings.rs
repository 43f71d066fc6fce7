//! The settings of a tenant.

use domain::entity::catalog::TenantSettings;

use super::field;
use super::{FieldError, FieldFault, number, text};
use crate::catalog::{self, CheckDigitPolicy};

impl From<&TenantSettings> for catalog::TenantSettings {
    fn from(settings: &TenantSettings) -> Self {
        let policy =
            if settings.refuses_check_digits { CheckDigitPolicy::Refuse } else { CheckDigitPolicy::Warn };
        Self {
            name: String::new(),
            seller_name: settings.seller_name.clone(),
            seller_address: Some((&settings.address).into()),
            vat_id: settings.vat_id.clone(),
            iban: settings.iban.clone(),
            contact: settings.contact.clone(),
            currency_code: settings.currency.code().to_owned(),
            zone: settings.zone.name().to_owned(),
            payment_days: settings.payment_days,
            invoice_number_prefix: settings.invoice_prefix.clone(),
            check_digit_policy: policy.into(),
            etag: String::new(),
        }
    }
}

impl TryFrom<catalog::TenantSettings> for TenantSettings {
    type Error = FieldError;

    fn try_from(settings: catalog::TenantSettings) -> Result<Self, FieldError> {
        let policy = |fault| FieldError::at("check_digit_policy", fault);
        let refuses_check_digits = match CheckDigitPolicy::try_from(settings.check_digit_policy) {
            Ok(CheckDigitPolicy::Refuse) => true,
            Ok(CheckDigitPolicy::Warn) => false,
            Ok(CheckDigitPolicy::Unspecified) => return Err(policy(FieldFault::Missing)),
            Err(_) => return Err(policy(FieldFault::Unknown)),
        };
        Ok(Self {
            seller_name: settings.seller_name,
            address: field::required("seller_address", settings.seller_address)?,
            vat_id: settings.vat_id,
            iban: settings.iban,
            contact: settings.contact,
            currency: number::currency("currency_code", &settings.currency_code)?,
            zone: text::zone("zone", &settings.zone)?,
            payment_days: settings.payment_days,
            invoice_prefix: settings.invoice_number_prefix,
            refuses_check_digits,
        })
    }
}
