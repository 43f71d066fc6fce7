//! What an account remembers of prepaid supply.

use std::collections::BTreeMap;

use domain::amount::Amount;
use domain::day::Day;
use domain::funds::Side;
use domain::identity::MeteringPointId;
use domain::prepaid::{Debt, Prepaid, RecentShown, Supply};
use domain::quantity::Quantity;

use super::rated::used_on;
use super::supply::{emergency, some_emergency};
use crate::convert::{FieldError, field, number, text, time};
use crate::{charging, store};

/// What was shown is no part of it.
impl From<&Prepaid> for store::PrepaidState {
    fn from(prepaid: &Prepaid) -> Self {
        let used = prepaid
            .used
            .iter()
            .flat_map(|(day, points)| points.iter().map(|(point, used)| used_on(*day, Some(*point), *used)));
        Self {
            terms: prepaid.terms.as_ref().map(Into::into),
            supply: match prepaid.supply {
                Supply::On => 0,
                supply => field::number::<charging::SupplyState, _>(supply),
            },
            version: prepaid.version,
            disconnect_time: prepaid.disconnect_at.map(time::timestamp),
            low: prepaid.low == Side::Below,
            zero: prepaid.zero == Side::Below,
            emergency: some_emergency(prepaid.emergency),
            offers: prepaid.offers,
            offer_taken: prepaid.offer_taken,
            exact_debt: some_amount(prepaid.debt.total),
            exact_recovered: some_amount(prepaid.debt.recovered),
            next_recovery_time: prepaid.debt.next.map(time::timestamp),
            debt_currency_code: prepaid.debt.currency.map(|one| one.code().to_owned()).unwrap_or_default(),
            operations: prepaid.operations,
            top_ups: prepaid.top_ups,
            used: used.collect(),
            booked: prepaid.booked.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<store::PrepaidState> for Prepaid {
    type Error = FieldError;

    fn try_from(state: store::PrepaidState) -> Result<Self, FieldError> {
        let side = |is_below| if is_below { Side::Below } else { Side::Above };
        Ok(Self {
            terms: field::optional("terms", state.terms)?,
            supply: match state.supply {
                0 => Supply::On,
                supply => field::known::<charging::SupplyState, _>("supply", supply)?,
            },
            version: state.version,
            disconnect_at: time::optional_instant("disconnect_time", state.disconnect_time)?,
            low: side(state.low),
            zero: side(state.zero),
            emergency: emergency(state.emergency)?,
            offers: state.offers,
            offer_taken: state.offer_taken,
            debt: Debt {
                total: amount("exact_debt", &state.exact_debt)?,
                recovered: amount("exact_recovered", &state.exact_recovered)?,
                next: time::optional_instant("next_recovery_time", state.next_recovery_time)?,
                currency: Some(state.debt_currency_code)
                    .filter(|code| !code.is_empty())
                    .map(|code| number::currency("debt_currency_code", &code))
                    .transpose()?,
            },
            operations: state.operations,
            top_ups: state.top_ups,
            used: used(state.used)?,
            booked: field::each("booked", state.booked)?,
            shown: RecentShown::default(),
        })
    }
}

fn used(
    days: Vec<store::UsedOnDay>,
) -> Result<BTreeMap<Day, BTreeMap<MeteringPointId, Quantity>>, FieldError> {
    let read = |used: store::UsedOnDay| {
        let day: Day = field::required("day", used.day)?;
        let quantity: Quantity = field::required("quantity", used.quantity)?;
        Ok((day, text::numbered_point("metering_point", used.metering_point)?, quantity))
    };
    let read: Vec<_> = field::each_by("used", days, read)?;
    let mut days: BTreeMap<Day, BTreeMap<MeteringPointId, Quantity>> = BTreeMap::new();
    for (day, point, quantity) in read {
        days.entry(day).or_default().insert(point, quantity);
    }
    Ok(days)
}

/// Nothing is left out, so that a state that is a part of another says nothing of it.
fn some_amount(amount: Amount) -> String {
    if amount == Amount::ZERO { String::new() } else { number::amount_text(amount) }
}

fn amount(field: &str, text: &str) -> Result<Amount, FieldError> {
    if text.is_empty() { Ok(Amount::ZERO) } else { number::amount(field, text) }
}
