//! What runs, how much of it, and what it costs.

use domain::amount::Amount;
use domain::funds::{Asked, ChargedPart, Usage, Used};
use domain::money::Currency;
use domain::quantity::{Quantity, Unit};
use domain::tax::TaxClass;

use crate::charging::{self, asked, used};
use crate::convert::{FieldError, FieldFault, field, number, text};
use crate::types;

impl From<&Usage> for charging::Usage {
    fn from(usage: &Usage) -> Self {
        Self {
            metering_point_id: usage.metering_point.map(|point| point.to_string()).unwrap_or_default(),
            dimension: usage.dimension.clone(),
            product_id: usage.product.clone(),
            agreement_id: usage.agreement.clone(),
        }
    }
}

impl TryFrom<charging::Usage> for Usage {
    type Error = FieldError;

    fn try_from(usage: charging::Usage) -> Result<Self, FieldError> {
        let point = Some(usage.metering_point_id).filter(|digits| !digits.is_empty());
        let point = point.map(|digits| text::metering_point("metering_point_id", &digits));
        Ok(Self {
            metering_point: point.transpose()?,
            dimension: usage.dimension,
            product: usage.product_id,
            agreement: usage.agreement_id,
        })
    }
}

/// The usage of a field; one that is left out says nothing of what runs.
pub(super) fn usage(message: Option<charging::Usage>) -> Result<Usage, FieldError> {
    Ok(field::optional("usage", message)?.unwrap_or_default())
}

/// Usage as a field; one that says nothing is left out.
pub(super) fn some_usage(usage: &Usage) -> Option<charging::Usage> {
    (*usage != Usage::default()).then(|| usage.into())
}

impl From<&Asked> for charging::Asked {
    fn from(wanted: &Asked) -> Self {
        let asked = match wanted {
            Asked::Quantity(quantity, unit) => asked::Asked::Quantity(unit_quantity(*quantity, *unit)),
            Asked::Amount(amount, currency) => asked::Asked::Amount(exact_money(*amount, *currency)),
        };
        Self { asked: Some(asked) }
    }
}

impl TryFrom<charging::Asked> for Asked {
    type Error = FieldError;

    fn try_from(wanted: charging::Asked) -> Result<Self, FieldError> {
        match field::chosen("asked", wanted.asked)? {
            asked::Asked::Quantity(quantity) => {
                let (quantity, unit) = into_unit_quantity("quantity", quantity)?;
                Ok(Self::Quantity(quantity, unit))
            }
            asked::Asked::Amount(money) => {
                let (amount, currency) = into_exact_money("amount", money)?;
                Ok(Self::Amount(amount, currency))
            }
        }
    }
}

impl From<&Used> for charging::Used {
    fn from(value: &Used) -> Self {
        let used = match value {
            Used::Quantity(quantity, unit) => used::Used::Quantity(unit_quantity(*quantity, *unit)),
            Used::Charged(currency, parts) => used::Used::Charged(charged(*currency, parts)),
        };
        Self { used: Some(used) }
    }
}

impl TryFrom<charging::Used> for Used {
    type Error = FieldError;

    fn try_from(value: charging::Used) -> Result<Self, FieldError> {
        match field::chosen("used", value.used)? {
            used::Used::Quantity(quantity) => {
                let (quantity, unit) = into_unit_quantity("quantity", quantity)?;
                Ok(Self::Quantity(quantity, unit))
            }
            used::Used::Charged(charged) => {
                let (currency, parts) = into_charged("charged", charged)?;
                Ok(Self::Charged(currency, parts))
            }
        }
    }
}

impl From<&ChargedPart> for charging::ChargedPart {
    fn from(part: &ChargedPart) -> Self {
        Self {
            revenue_role: part.revenue_role.clone(),
            tax_class: part.tax_class.name().to_owned(),
            vat_basis_points: part.rate.hundredths_of_percent(),
            exact_net: number::amount_text(part.net),
            exact_tax: number::amount_text(part.tax),
        }
    }
}

impl TryFrom<charging::ChargedPart> for ChargedPart {
    type Error = FieldError;

    fn try_from(part: charging::ChargedPart) -> Result<Self, FieldError> {
        Ok(Self {
            revenue_role: part.revenue_role,
            tax_class: TaxClass::new(&part.tax_class),
            rate: number::vat_rate("vat_basis_points", part.vat_basis_points)?,
            net: number::amount("exact_net", &part.exact_net)?,
            tax: number::amount("exact_tax", &part.exact_tax)?,
        })
    }
}

/// Amounts of one currency that were computed elsewhere.
pub(super) fn charged(currency: Currency, parts: &[ChargedPart]) -> charging::Charged {
    charging::Charged { currency_code: currency.code().to_owned(), parts: field::messages(parts) }
}

/// Reads what [`charged`] writes.
pub(super) fn into_charged(
    field: &str,
    charged: charging::Charged,
) -> Result<(Currency, Vec<ChargedPart>), FieldError> {
    let read = || {
        let currency = number::currency("currency_code", &charged.currency_code)?;
        Ok((currency, field::each("parts", charged.parts)?))
    };
    read().map_err(|error: FieldError| error.within(field))
}

/// A quantity with its unit.
pub(in crate::convert) fn unit_quantity(quantity: Quantity, unit: Unit) -> charging::UnitQuantity {
    let unit = field::number::<types::Unit, _>(unit);
    charging::UnitQuantity { quantity: Some((&quantity).into()), unit }
}

/// Reads what [`unit_quantity`] writes.
pub(in crate::convert) fn into_unit_quantity(
    field: &str,
    quantity: charging::UnitQuantity,
) -> Result<(Quantity, Unit), FieldError> {
    let unit = field::known::<types::Unit, _>("unit", quantity.unit).map_err(|error| match error.fault {
        FieldFault::Unknown => FieldError { fault: FieldFault::NotAnAsset, ..error },
        _ => error,
    });
    let read = unit.and_then(|unit| Ok((field::required("quantity", quantity.quantity)?, unit)));
    read.map_err(|error| error.within(field))
}

/// An exact amount with its currency.
pub(super) fn exact_money(amount: Amount, currency: Currency) -> charging::ExactMoney {
    let currency_code = currency.code().to_owned();
    charging::ExactMoney { currency_code, exact_amount: number::amount_text(amount) }
}

/// Reads what [`exact_money`] writes.
pub(super) fn into_exact_money(
    field: &str,
    money: charging::ExactMoney,
) -> Result<(Amount, Currency), FieldError> {
    let currency = number::currency("currency_code", &money.currency_code);
    let read =
        currency.and_then(|currency| Ok((number::amount("exact_amount", &money.exact_amount)?, currency)));
    read.map_err(|error| error.within(field))
}
