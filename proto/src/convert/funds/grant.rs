//! How much may run, what was taken, and why it is less.

use domain::funds::{Grant, Shortage, Taken};

use crate::charging::{self, shortage};
use crate::convert::{FieldError, field, number, time};

impl From<&Grant> for charging::Grant {
    fn from(grant: &Grant) -> Self {
        Self {
            granted: Some((&grant.granted).into()),
            money_quantity: Some((&grant.money_quantity).into()),
            parts: field::messages(&grant.parts),
            expire_time: grant.expires.map(time::timestamp),
            shortage: grant.shortage.as_ref().map(Into::into),
            account: String::new(),
        }
    }
}

impl TryFrom<charging::Grant> for Grant {
    type Error = FieldError;

    fn try_from(grant: charging::Grant) -> Result<Self, FieldError> {
        Ok(Self {
            granted: field::required("granted", grant.granted)?,
            money_quantity: field::required("money_quantity", grant.money_quantity)?,
            parts: field::each("parts", grant.parts)?,
            expires: time::optional_instant("expire_time", grant.expire_time)?,
            shortage: field::optional("shortage", grant.shortage)?,
        })
    }
}

impl From<&Shortage> for charging::Shortage {
    fn from(value: &Shortage) -> Self {
        let shortage = match value {
            Shortage::Funds => shortage::Shortage::Funds(()),
            Shortage::Limit(key) => shortage::Shortage::Limit(key.into()),
        };
        Self { shortage: Some(shortage) }
    }
}

impl TryFrom<charging::Shortage> for Shortage {
    type Error = FieldError;

    fn try_from(value: charging::Shortage) -> Result<Self, FieldError> {
        match field::chosen("shortage", value.shortage)? {
            shortage::Shortage::Funds(()) => Ok(Self::Funds),
            shortage::Shortage::Limit(key) => Ok(Self::Limit(field::required("limit", Some(key))?)),
        }
    }
}

impl From<&Taken> for charging::Taken {
    fn from(taken: &Taken) -> Self {
        Self {
            parts: field::messages(&taken.parts),
            late: taken.is_late,
            exact_beyond_hold: number::amount_text(taken.beyond_hold),
            shortage: taken.shortage.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<charging::Taken> for Taken {
    type Error = FieldError;

    fn try_from(taken: charging::Taken) -> Result<Self, FieldError> {
        Ok(Self {
            parts: field::each("parts", taken.parts)?,
            is_late: taken.late,
            beyond_hold: number::amount("exact_beyond_hold", &taken.exact_beyond_hold)?,
            shortage: field::optional("shortage", taken.shortage)?,
        })
    }
}
