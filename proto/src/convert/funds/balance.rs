//! Balances and what they may be spent on.

use domain::funds::{Balance, BalanceTerms, Origin, Scope};
use domain::ledger::BalanceNumber;

use crate::charging;
use crate::convert::field::{self, same_names};
use crate::convert::{FieldError, FieldFault, number, text};

same_names!(Origin, charging::BalanceOrigin, [Purchased, Granted]);

impl From<(&BalanceNumber, &Balance)> for charging::FundsBalance {
    fn from((number, balance): (&BalanceNumber, &Balance)) -> Self {
        let (currency_code, unit) = number::asset_codes(balance.asset);
        Self {
            number: number.0,
            currency_code,
            unit,
            exact_amount: number::amount_text(balance.amount),
            exact_reserved: number::amount_text(balance.reserved),
            terms: balance.terms.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<charging::FundsBalance> for (BalanceNumber, Balance) {
    type Error = FieldError;

    fn try_from(balance: charging::FundsBalance) -> Result<Self, FieldError> {
        let held = Balance {
            asset: number::asset(&balance.currency_code, &balance.unit)?,
            amount: number::amount("exact_amount", &balance.exact_amount)?,
            reserved: number::amount("exact_reserved", &balance.exact_reserved)?,
            terms: field::optional("terms", balance.terms)?,
        };
        Ok((BalanceNumber(balance.number), held))
    }
}

impl From<&BalanceTerms> for charging::BalanceTerms {
    fn from(terms: &BalanceTerms) -> Self {
        Self {
            priority: terms.priority.into(),
            scope: (terms.scope != Scope::default()).then(|| (&terms.scope).into()),
            validity: Some((&terms.validity).into()),
            origin: field::number::<charging::BalanceOrigin, _>(terms.origin),
        }
    }
}

/// Terms without a scope let everything pass; without a validity they hold for ever.
impl TryFrom<charging::BalanceTerms> for BalanceTerms {
    type Error = FieldError;

    fn try_from(terms: charging::BalanceTerms) -> Result<Self, FieldError> {
        let priority = u16::try_from(terms.priority);
        Ok(Self {
            priority: priority.map_err(|_| FieldError::at("priority", FieldFault::OutOfRange))?,
            scope: field::optional("scope", terms.scope)?.unwrap_or_default(),
            validity: field::required("validity", Some(terms.validity.unwrap_or_default()))?,
            origin: field::known::<charging::BalanceOrigin, _>("origin", terms.origin)?,
        })
    }
}

impl From<&Scope> for charging::BalanceScope {
    fn from(scope: &Scope) -> Self {
        Self {
            metering_point_ids: scope.metering_points.iter().map(ToString::to_string).collect(),
            dimensions: scope.dimensions.iter().cloned().collect(),
            product_ids: scope.products.iter().cloned().collect(),
        }
    }
}

impl TryFrom<charging::BalanceScope> for Scope {
    type Error = FieldError;

    fn try_from(scope: charging::BalanceScope) -> Result<Self, FieldError> {
        let points = field::each_by("metering_point_ids", scope.metering_point_ids, |digits| {
            text::metering_point("", &digits)
        });
        Ok(Self {
            metering_points: points?,
            dimensions: scope.dimensions.into_iter().collect(),
            products: scope.product_ids.into_iter().collect(),
        })
    }
}
