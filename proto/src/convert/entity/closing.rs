//! Closing a month: the terms, and what a metering point tells a payer.

use domain::entity::account::ClosedContract;
use domain::entity::message::Closing;
use domain::identity::MeteringPointId;

use crate::convert::{FieldError, field, text, time};
use crate::store;

impl From<&Closing> for store::Closing {
    fn from(closing: &Closing) -> Self {
        Self {
            invoice_run_id: closing.run.clone(),
            month: Some((&closing.month).into()),
            known_time: Some(time::timestamp(closing.known_at)),
            issue_date: Some((&closing.issue_date).into()),
        }
    }
}

impl TryFrom<store::Closing> for Closing {
    type Error = FieldError;

    fn try_from(closing: store::Closing) -> Result<Self, FieldError> {
        Ok(Self {
            run: closing.invoice_run_id,
            month: field::required("month", closing.month)?,
            known_at: time::required_instant("known_time", closing.known_time)?,
            issue_date: field::required("issue_date", closing.issue_date)?,
        })
    }
}

impl From<&ClosedContract> for store::ClosedContract {
    fn from(closed: &ClosedContract) -> Self {
        Self {
            contract: Some((&closed.contract).into()),
            product: closed.product.clone(),
            address: Some((&closed.address).into()),
            positions: field::messages(&closed.positions),
            not_ready: field::messages(&closed.not_ready),
            not_ready_months: field::messages(&closed.not_ready_months),
            usage: field::messages(&closed.usage),
        }
    }
}

impl TryFrom<store::ClosedContract> for ClosedContract {
    type Error = FieldError;

    fn try_from(closed: store::ClosedContract) -> Result<Self, FieldError> {
        Ok(Self {
            contract: field::required("contract", closed.contract)?,
            product: closed.product,
            address: field::required("address", closed.address)?,
            positions: field::each("positions", closed.positions)?,
            not_ready: field::each("not_ready", closed.not_ready)?,
            not_ready_months: field::each("not_ready_months", closed.not_ready_months)?,
            usage: field::each("usage", closed.usage)?,
        })
    }
}

/// What a point tells.
pub(super) fn closed_point(point: MeteringPointId, contracts: &[ClosedContract]) -> store::ClosedPoint {
    store::ClosedPoint { metering_point: point.number(), contracts: field::messages(contracts) }
}

/// What a point tells.
pub(super) fn into_closed_point(
    point: store::ClosedPoint,
) -> Result<(MeteringPointId, Vec<ClosedContract>), FieldError> {
    let id = text::numbered_point("metering_point", point.metering_point)?;
    Ok((id, field::each("contracts", point.contracts)?))
}
