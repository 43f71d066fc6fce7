//! What was agreed with a party.

use std::collections::BTreeMap;

use domain::entity::cdr_book::{PartyTerms, RuleAction, WhosePrice};

use crate::convert::{FieldError, FieldFault, field, number, text};
use crate::roaming::{self, PriceBasis, QuarantineAction};

impl From<&PartyTerms> for roaming::PartyTerms {
    fn from(terms: &PartyTerms) -> Self {
        let basis = match terms.price {
            WhosePrice::Theirs => PriceBasis::Stated,
            WhosePrice::Ours => PriceBasis::PriceSheet,
        };
        let rules = terms.rules.iter().map(|(reason, action)| roaming::QuarantineRule {
            reason: reason.clone(),
            action: field::number::<QuarantineAction, _>(*action),
        });
        Self {
            name: String::new(),
            is_own: terms.is_own,
            account_id: terms.account.clone().unwrap_or_default(),
            currency_code: terms.currency.code().to_owned(),
            zone: terms.zone.as_ref().map(|zone| zone.name().to_owned()).unwrap_or_default(),
            price_basis: basis.into(),
            price_sheet_id: terms.sheet.clone().unwrap_or_default(),
            tolerance_minor: terms.tolerance_minor,
            max_days_late: terms.most_days_late,
            agreement_id: terms.agreement.clone().unwrap_or_default(),
            rules: rules.collect(),
            is_settled_elsewhere: terms.is_settled_elsewhere,
        }
    }
}

impl TryFrom<roaming::PartyTerms> for PartyTerms {
    type Error = FieldError;

    fn try_from(terms: roaming::PartyTerms) -> Result<Self, FieldError> {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let price = match PriceBasis::try_from(terms.price_basis) {
            Ok(PriceBasis::Unspecified | PriceBasis::Stated) => WhosePrice::Theirs,
            Ok(PriceBasis::PriceSheet) => WhosePrice::Ours,
            Err(_) => return Err(FieldError::at("price_basis", FieldFault::Unknown)),
        };
        if terms.tolerance_minor < 0 {
            return Err(FieldError::at("tolerance_minor", FieldFault::OutOfRange));
        }
        let zone = some(terms.zone).map(|name| text::zone("zone", &name)).transpose()?;
        Ok(Self {
            is_own: terms.is_own,
            account: some(terms.account_id),
            is_settled_elsewhere: terms.is_settled_elsewhere,
            currency: number::currency("currency_code", &terms.currency_code)?,
            zone,
            price,
            sheet: some(terms.price_sheet_id),
            tolerance_minor: terms.tolerance_minor,
            most_days_late: terms.max_days_late,
            agreement: some(terms.agreement_id),
            rules: rules(terms.rules)?,
        })
    }
}

fn rules(given: Vec<roaming::QuarantineRule>) -> Result<BTreeMap<String, RuleAction>, FieldError> {
    let mut rules = BTreeMap::new();
    for (index, rule) in given.into_iter().enumerate() {
        let at = |error: FieldError| error.within(&format!("[{index}]")).within("rules");
        let action = field::known::<QuarantineAction, _>("action", rule.action).map_err(at)?;
        if rules.insert(rule.reason, action).is_some() {
            return Err(at(FieldError::at("reason", FieldFault::Contradiction)));
        }
    }
    Ok(rules)
}

field::same_names!(RuleAction, QuarantineAction, [Release, Reject]);
