//! Limits, thresholds, members and standing.

use domain::amount::Amount;
use domain::funds::{Limit, LimitKey, LimitWindow, MemberStanding, Side, Standing};
use domain::instant::Instant;
use domain::ledger::Asset;
use domain::money::Currency;

use crate::charging;
use crate::convert::field::{self, same_names};
use crate::convert::{FieldError, number, time};

same_names!(LimitWindow, charging::SpendingWindow, [Day, Month, Ever]);
same_names!(Side, charging::ThresholdSide, [Above, Below]);
same_names!(MemberStanding, charging::MemberStanding, [Active, Blocked]);
same_names!(Standing, charging::FundsStanding, [Active, Blocked, Suspended]);

impl From<&LimitKey> for charging::SpendingLimitKey {
    fn from(key: &LimitKey) -> Self {
        let (currency_code, unit) = number::asset_codes(key.asset);
        let window = field::number::<charging::SpendingWindow, _>(key.window);
        Self { member: key.member.clone(), currency_code, unit, window }
    }
}

impl TryFrom<charging::SpendingLimitKey> for LimitKey {
    type Error = FieldError;

    fn try_from(key: charging::SpendingLimitKey) -> Result<Self, FieldError> {
        Ok(Self {
            asset: number::asset(&key.currency_code, &key.unit)?,
            window: field::known::<charging::SpendingWindow, _>("window", key.window)?,
            member: key.member,
        })
    }
}

impl From<(&LimitKey, &Limit)> for charging::SpendingLimit {
    fn from((key, limit): (&LimitKey, &Limit)) -> Self {
        Self {
            key: Some(key.into()),
            exact_most: number::amount_text(limit.most),
            exact_spent: number::amount_text(limit.spent),
            since_time: (limit.since != Instant::MIN).then(|| time::timestamp(limit.since)),
        }
    }
}

impl TryFrom<charging::SpendingLimit> for (LimitKey, Limit) {
    type Error = FieldError;

    fn try_from(limit: charging::SpendingLimit) -> Result<Self, FieldError> {
        let held = Limit {
            most: number::amount("exact_most", &limit.exact_most)?,
            spent: number::amount("exact_spent", &limit.exact_spent)?,
            since: time::optional_instant("since_time", limit.since_time)?.unwrap_or(Instant::MIN),
        };
        Ok((field::required("key", limit.key)?, held))
    }
}

impl From<(Currency, Amount)> for charging::CreditLimit {
    fn from((currency, amount): (Currency, Amount)) -> Self {
        Self { currency_code: currency.code().to_owned(), exact_amount: number::amount_text(amount) }
    }
}

impl TryFrom<charging::CreditLimit> for (Currency, Amount) {
    type Error = FieldError;

    fn try_from(limit: charging::CreditLimit) -> Result<Self, FieldError> {
        let currency = number::currency("currency_code", &limit.currency_code)?;
        Ok((currency, number::amount("exact_amount", &limit.exact_amount)?))
    }
}

impl From<(&(Asset, Amount), &Side)> for charging::Threshold {
    fn from(((asset, level), side): (&(Asset, Amount), &Side)) -> Self {
        let (currency_code, unit) = number::asset_codes(*asset);
        let side = field::number::<charging::ThresholdSide, _>(*side);
        Self { currency_code, unit, exact_level: number::amount_text(*level), side }
    }
}

impl TryFrom<charging::Threshold> for ((Asset, Amount), Side) {
    type Error = FieldError;

    fn try_from(threshold: charging::Threshold) -> Result<Self, FieldError> {
        let asset = number::asset(&threshold.currency_code, &threshold.unit)?;
        let level = number::amount("exact_level", &threshold.exact_level)?;
        Ok(((asset, level), field::known::<charging::ThresholdSide, _>("side", threshold.side)?))
    }
}

impl From<(&String, &MemberStanding)> for charging::FundsMember {
    fn from((member, standing): (&String, &MemberStanding)) -> Self {
        let standing = field::number::<charging::MemberStanding, _>(*standing);
        Self { member: member.clone(), standing }
    }
}

impl TryFrom<charging::FundsMember> for (String, MemberStanding) {
    type Error = FieldError;

    fn try_from(member: charging::FundsMember) -> Result<Self, FieldError> {
        let standing = field::known::<charging::MemberStanding, _>("standing", member.standing)?;
        Ok((member.member, standing))
    }
}
