//! What is raised for whoever listens: thresholds that were crossed, more used than could be granted.

use domain::amount::Amount;
use domain::funds::{OverUse, Side};
use domain::ledger::Asset;

use crate::charging;
use crate::convert::{FieldError, field, number};

impl charging::ThresholdCrossed {
    /// The crossing of a level of an asset to a side, the account having so much of it now.
    #[must_use]
    pub fn of(asset: Asset, level: Amount, side: Side, funds: Amount) -> Self {
        let (currency_code, unit) = number::asset_codes(asset);
        Self {
            currency_code,
            unit,
            exact_level: number::amount_text(level),
            side: field::number::<charging::ThresholdSide, _>(side),
            exact_funds: number::amount_text(funds),
        }
    }
}

impl From<&OverUse> for charging::OverUse {
    fn from(over: &OverUse) -> Self {
        Self {
            source: Some((&over.source).into()),
            currency_code: over.currency.code().to_owned(),
            exact_beyond_hold: number::amount_text(over.beyond_hold),
            exact_beyond_limit: number::amount_text(over.beyond_limit),
        }
    }
}

impl TryFrom<charging::OverUse> for OverUse {
    type Error = FieldError;

    fn try_from(over: charging::OverUse) -> Result<Self, FieldError> {
        Ok(Self {
            source: field::required("source", over.source)?,
            currency: number::currency("currency_code", &over.currency_code)?,
            beyond_hold: number::amount("exact_beyond_hold", &over.exact_beyond_hold)?,
            beyond_limit: number::amount("exact_beyond_limit", &over.exact_beyond_limit)?,
        })
    }
}
