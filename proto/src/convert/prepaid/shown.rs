//! What is shown: of a top-up at the meter, of the credit to the customer.

use domain::ledger::BalanceNumber;
use domain::prepaid::{CreditView, ShownTopUp};
use domain::quantity::{Quantity, Unit};

use super::supply::{emergency, some_emergency};
use crate::charging;
use crate::convert::funds::{into_unit_quantity, unit_quantity};
use crate::convert::{FieldError, FieldFault, field, number, posting, time};

impl From<&ShownTopUp> for charging::ShownTopUp {
    fn from(shown: &ShownTopUp) -> Self {
        Self {
            operation_id: shown.operation.to_string(),
            account_id: shown.account.clone(),
            number: shown.number,
            currency_code: shown.currency.code().to_owned(),
            exact_amount: number::amount_text(shown.amount),
            exact_to_debt: number::amount_text(shown.to_debt),
            exact_to_emergency: number::amount_text(shown.to_emergency),
            exact_credit: number::amount_text(shown.credit),
            energy: shown.energy.map(|(quantity, unit)| unit_quantity(quantity, unit)),
            balance: shown.balance.0,
            supply_version: shown.supply_version.unwrap_or_default(),
        }
    }
}

impl TryFrom<charging::ShownTopUp> for ShownTopUp {
    type Error = FieldError;

    fn try_from(shown: charging::ShownTopUp) -> Result<Self, FieldError> {
        let amount = number::amount("exact_amount", &shown.exact_amount)?;
        let to_debt = number::amount("exact_to_debt", &shown.exact_to_debt)?;
        let credited = amount.checked_sub(to_debt);
        Ok(Self {
            operation: posting::operation("operation_id", &shown.operation_id)?,
            account: shown.account_id,
            number: shown.number,
            currency: number::currency("currency_code", &shown.currency_code)?,
            amount,
            to_debt,
            credited: credited.ok_or_else(|| FieldError::at("exact_to_debt", FieldFault::OutOfRange))?,
            to_emergency: number::amount("exact_to_emergency", &shown.exact_to_emergency)?,
            credit: number::amount("exact_credit", &shown.exact_credit)?,
            energy: energy("energy", shown.energy)?,
            balance: BalanceNumber(shown.balance),
            supply_version: Some(shown.supply_version).filter(|version| *version > 0),
        })
    }
}

impl From<&CreditView> for charging::SupplyCredit {
    fn from(view: &CreditView) -> Self {
        Self {
            currency_code: view.currency.code().to_owned(),
            exact_credit: number::amount_text(view.credit),
            exact_left: number::amount_text(view.left),
            energy_left: view.energy_left.map(|(quantity, unit)| unit_quantity(quantity, unit)),
            days_left: view.days_left,
            emergency: some_emergency(view.emergency),
            exact_emergency_used: number::amount_text(view.emergency_used),
            exact_debt: number::amount_text(view.debt),
            supply: field::number::<charging::SupplyState, _>(view.supply),
            version: view.version,
            disconnect_time: view.disconnect_at.map(time::timestamp),
        }
    }
}

impl TryFrom<charging::SupplyCredit> for CreditView {
    type Error = FieldError;

    fn try_from(view: charging::SupplyCredit) -> Result<Self, FieldError> {
        Ok(Self {
            currency: number::currency("currency_code", &view.currency_code)?,
            credit: number::amount("exact_credit", &view.exact_credit)?,
            left: number::amount("exact_left", &view.exact_left)?,
            energy_left: energy("energy_left", view.energy_left)?,
            days_left: view.days_left,
            emergency: emergency(view.emergency)?,
            emergency_used: number::amount("exact_emergency_used", &view.exact_emergency_used)?,
            debt: number::amount("exact_debt", &view.exact_debt)?,
            supply: field::known::<charging::SupplyState, _>("supply", view.supply)?,
            version: view.version,
            disconnect_at: time::optional_instant("disconnect_time", view.disconnect_time)?,
        })
    }
}

fn energy(
    field: &str,
    quantity: Option<charging::UnitQuantity>,
) -> Result<Option<(Quantity, Unit)>, FieldError> {
    quantity.map(|quantity| into_unit_quantity(field, quantity)).transpose()
}
