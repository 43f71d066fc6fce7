//! Agreements on shares.

use domain::price::Price;
use domain::share::{MonthTerms, SessionTerms, ShareAgreement, ShareBase, ShareRule, ShareTiers, TierCount};

use super::field::{self, same_names};
use super::{FieldError, FieldFault, leg, number};
use crate::google_type::Decimal;
use crate::{catalog, roaming};

same_names!(ShareBase, roaming::ShareBase, [Sale, Margin, Remainder]);
same_names!(TierCount, roaming::TierCount, [Energy, Sessions, Base]);

impl From<&ShareAgreement> for roaming::ShareAgreement {
    fn from(agreement: &ShareAgreement) -> Self {
        Self {
            name: String::new(),
            share_agreement_id: agreement.id.clone(),
            version: agreement.version,
            display_name: agreement.name.clone(),
            currency_code: agreement.currency.code().to_owned(),
            span: Some((&agreement.span).into()),
            rules: field::messages(&agreement.rules),
        }
    }
}

impl TryFrom<roaming::ShareAgreement> for ShareAgreement {
    type Error = FieldError;

    fn try_from(agreement: roaming::ShareAgreement) -> Result<Self, FieldError> {
        Ok(Self {
            id: agreement.share_agreement_id,
            version: agreement.version,
            name: agreement.display_name,
            currency: number::currency("currency_code", &agreement.currency_code)?,
            span: field::required("span", agreement.span)?,
            rules: field::each("rules", agreement.rules)?,
        })
    }
}

impl From<&ShareRule> for roaming::ShareRule {
    fn from(rule: &ShareRule) -> Self {
        let (kind, role) = leg::kind(&rule.kind);
        let rounding = rule.rounding.map(field::number::<catalog::Rounding, _>);
        Self {
            recipient_account_id: rule.recipient.clone(),
            kind: kind.into(),
            role,
            session: (rule.session != SessionTerms::default()).then(|| (&rule.session).into()),
            month: (!rule.month.is_empty()).then(|| (&rule.month).into()),
            rounding: rounding.unwrap_or_default(),
        }
    }
}

impl TryFrom<roaming::ShareRule> for ShareRule {
    type Error = FieldError;

    fn try_from(rule: roaming::ShareRule) -> Result<Self, FieldError> {
        let rounding = match rule.rounding {
            0 => None,
            rounding => Some(field::known::<catalog::Rounding, _>("rounding", rounding)?),
        };
        let kind = roaming::LegKind::try_from(rule.kind);
        let kind = kind.map_err(|_| FieldError::at("kind", FieldFault::Unknown))?;
        Ok(Self {
            recipient: rule.recipient_account_id,
            kind: leg::into_kind(kind, rule.role)?,
            session: field::optional("session", rule.session)?.unwrap_or_default(),
            month: field::optional("month", rule.month)?.unwrap_or_default(),
            rounding,
        })
    }
}

impl From<&SessionTerms> for roaming::SessionTerms {
    fn from(terms: &SessionTerms) -> Self {
        Self {
            base: field::number::<roaming::ShareBase, _>(terms.base),
            rate: unless_zero(terms.rate),
            per_kwh: unless_zero(terms.per_kwh),
            per_session: unless_zero(terms.per_session),
            floor: terms.floor.as_ref().map(Into::into),
            cap: terms.cap.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<roaming::SessionTerms> for SessionTerms {
    type Error = FieldError;

    fn try_from(terms: roaming::SessionTerms) -> Result<Self, FieldError> {
        let rate = or_zero("rate", terms.rate)?;
        let base = match terms.base {
            0 if rate == Price::ZERO => ShareBase::Sale,
            base => field::known::<roaming::ShareBase, _>("base", base)?,
        };
        Ok(Self {
            base,
            rate,
            per_kwh: or_zero("per_kwh", terms.per_kwh)?,
            per_session: or_zero("per_session", terms.per_session)?,
            floor: field::optional("floor", terms.floor)?,
            cap: field::optional("cap", terms.cap)?,
        })
    }
}

impl From<&MonthTerms> for roaming::MonthTerms {
    fn from(terms: &MonthTerms) -> Self {
        Self {
            tiers: terms.tiers.as_ref().map(Into::into),
            fixed: unless_zero(terms.fixed),
            least: terms.least.as_ref().map(Into::into),
            most: terms.most.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<roaming::MonthTerms> for MonthTerms {
    type Error = FieldError;

    fn try_from(terms: roaming::MonthTerms) -> Result<Self, FieldError> {
        Ok(Self {
            tiers: field::optional("tiers", terms.tiers)?,
            fixed: or_zero("fixed", terms.fixed)?,
            least: field::optional("least", terms.least)?,
            most: field::optional("most", terms.most)?,
        })
    }
}

impl From<&ShareTiers> for roaming::ShareTiers {
    fn from(tiers: &ShareTiers) -> Self {
        let count = field::number::<roaming::TierCount, _>(tiers.count);
        Self { count, tiers: field::messages(&tiers.tiers) }
    }
}

impl TryFrom<roaming::ShareTiers> for ShareTiers {
    type Error = FieldError;

    fn try_from(tiers: roaming::ShareTiers) -> Result<Self, FieldError> {
        Ok(Self {
            count: field::known::<roaming::TierCount, _>("count", tiers.count)?,
            tiers: field::each("tiers", tiers.tiers)?,
        })
    }
}

/// A price whose field is not set where it is zero.
fn unless_zero(price: Price) -> Option<Decimal> {
    (price != Price::ZERO).then(|| (&price).into())
}

fn or_zero(field: &str, price: Option<Decimal>) -> Result<Price, FieldError> {
    field::optional(field, price).map(Option::unwrap_or_default)
}
