//! Contracts and who pays them.

use domain::contract::{Contract, Payer};

use super::field;
use super::{FieldError, number};
use crate::metering;

impl From<&Contract> for metering::Contract {
    fn from(contract: &Contract) -> Self {
        let parameters = contract.parameters.iter().map(|(name, price)| (name.clone(), price.into()));
        Self {
            name: String::new(),
            contract_id: contract.id.clone(),
            version: contract.version,
            product_id: contract.product.clone(),
            span: Some((&contract.span).into()),
            payers: field::messages(&contract.payers),
            parameters: parameters.collect(),
            etag: String::new(),
        }
    }
}

impl TryFrom<metering::Contract> for Contract {
    type Error = FieldError;

    fn try_from(contract: metering::Contract) -> Result<Self, FieldError> {
        let parameters = contract.parameters.into_iter().map(|(name, price)| match price.try_into() {
            Ok(price) => Ok((name, price)),
            Err(error) => Err(FieldError::within(error, &format!("[{name:?}]")).within("parameters")),
        });
        let parameters = parameters.collect::<Result<_, FieldError>>()?;
        Ok(Self {
            id: contract.contract_id,
            version: contract.version,
            product: contract.product_id,
            span: field::required("span", contract.span)?,
            payers: field::each("payers", contract.payers)?,
            parameters,
        })
    }
}

impl From<&Payer> for metering::Payer {
    fn from(payer: &Payer) -> Self {
        Self { account_id: payer.account.clone(), share_basis_points: payer.share.ten_thousandths() }
    }
}

impl TryFrom<metering::Payer> for Payer {
    type Error = FieldError;

    fn try_from(payer: metering::Payer) -> Result<Self, FieldError> {
        let share = number::share("share_basis_points", payer.share_basis_points)?;
        Ok(Self { account: payer.account_id, share })
    }
}
