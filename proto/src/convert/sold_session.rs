//! Sessions that were sold to an account.

use domain::amount::Amount;
use domain::cdr::{Reimbursement, Sale};
use domain::charging_contract::{CardCounted, SaleReversed, Settled, SoldSession};
use domain::session::SessionDimension;
use domain::tax::TaxClass;

use super::charging_contract::token;
use super::field::{self, same_names};
use super::{FieldError, FieldFault, leg, number, posting, time};
use crate::roaming;
use crate::roaming::sold_session::Settled as SettledWire;

same_names!(
    SessionDimension,
    roaming::SessionDimension,
    [Energy, Time, ParkingTime, Flat, ReservationTime, ReservationFlat, IdleFee, SpotEnergy, MemberDiscount]
);

impl From<&SoldSession> for roaming::SoldSession {
    fn from(sold: &SoldSession) -> Self {
        let sale = &sold.sale;
        let reimbursement = sale.reimbursement.as_ref();
        let costs = sold.costs.iter().map(|(dimension, amount)| roaming::SessionCost {
            dimension: field::number::<roaming::SessionDimension, _>(*dimension),
            exact_amount: number::amount_text(*amount),
        });
        Self {
            cdr: Some((&sold.cdr).into()),
            session_id: sold.session_id.clone(),
            token_type: sold.token.kind().name().to_owned(),
            token_value: sold.token.value().to_owned(),
            evse_id: sold.evse.text().to_owned(),
            location_id: sold.location.clone(),
            start_time: Some(time::timestamp(sold.start)),
            end_time: Some(time::timestamp(sold.end)),
            received_time: Some(time::timestamp(sold.received)),
            sold_time: Some(time::timestamp(sold.sold_at)),
            charging_contract_id: sale.contract.clone(),
            price_sheet_id: sale.sheet.0.clone(),
            price_sheet_version: sale.sheet.1,
            net: Some((&sale.net).into()),
            energy_kwh: Some((&sale.energy_kwh).into()),
            service_date: Some((&sale.service).into()),
            reimbursed_account_id: reimbursement.map(|owed| owed.account.clone()).unwrap_or_default(),
            reimbursement: reimbursement.map(|owed| (&owed.amount).into()),
            cost_centre: sold.cost_centre.clone(),
            costs: costs.collect(),
            exact_adjustment: number::amount_text(sold.adjustment),
            exact_energy_net: number::amount_text(sold.energy_net),
            revenue_role: sold.revenue_role.clone(),
            tax_class: sold.tax_class.name().to_owned(),
            tax_rate_basis_points: sold.tax_rate.hundredths_of_percent(),
            tax: Some((&sold.tax).into()),
            service_span: Some((&sold.service).into()),
            late: sold.is_late,
            settled: Some(match &sold.settled {
                Settled::OnInvoice { is_apart: false } => SettledWire::OnInvoice(()),
                Settled::OnInvoice { is_apart: true } => SettledWire::OnSeparateInvoice(()),
                Settled::Committed(id) => SettledWire::ReservationId(id.text().to_owned()),
                Settled::Debited(id) => SettledWire::OperationId(id.text().to_owned()),
            }),
            card_counted: card_counted(sold.counted).into(),
            earlier_sales: sold.times.saturating_sub(1),
            reversed: sold.reversed.as_ref().map(|reversed| roaming::SaleReversed {
                credit: reversed.credit.as_ref().map(Into::into),
                received_time: Some(time::timestamp(reversed.received)),
            }),
        }
    }
}

impl TryFrom<roaming::SoldSession> for SoldSession {
    type Error = FieldError;

    fn try_from(sold: roaming::SoldSession) -> Result<Self, FieldError> {
        let cost = |cost: roaming::SessionCost| {
            let dimension: SessionDimension =
                field::known::<roaming::SessionDimension, _>("dimension", cost.dimension)?;
            let amount: Amount = number::amount("exact_amount", &cost.exact_amount)?;
            Ok((dimension, amount))
        };
        let owed = field::optional("reimbursement", sold.reimbursement)?;
        Ok(Self {
            cdr: field::required("cdr", sold.cdr)?,
            session_id: sold.session_id,
            token: token(&sold.token_type, &sold.token_value)?,
            evse: leg::evse("evse_id", &sold.evse_id)?,
            location: sold.location_id,
            start: time::required_instant("start_time", sold.start_time)?,
            end: time::required_instant("end_time", sold.end_time)?,
            received: time::required_instant("received_time", sold.received_time)?,
            sold_at: time::required_instant("sold_time", sold.sold_time)?,
            sale: Sale {
                contract: sold.charging_contract_id,
                sheet: (sold.price_sheet_id, sold.price_sheet_version),
                net: field::required("net", sold.net)?,
                energy_kwh: field::required("energy_kwh", sold.energy_kwh)?,
                service: field::required("service_date", sold.service_date)?,
                reimbursement: owed
                    .map(|amount| Reimbursement { account: sold.reimbursed_account_id, amount }),
            },
            cost_centre: sold.cost_centre,
            costs: field::each_by("costs", sold.costs, cost)?,
            adjustment: number::amount("exact_adjustment", &sold.exact_adjustment)?,
            energy_net: number::amount("exact_energy_net", &sold.exact_energy_net)?,
            revenue_role: sold.revenue_role,
            tax_class: TaxClass::new(&sold.tax_class),
            tax_rate: number::vat_rate("tax_rate_basis_points", sold.tax_rate_basis_points)?,
            tax: field::required("tax", sold.tax)?,
            service: field::required("service_span", sold.service_span)?,
            is_late: sold.late,
            settled: settled(field::chosen("settled", sold.settled)?)?,
            counted: into_counted(sold.card_counted)?,
            times: sold.earlier_sales.saturating_add(1),
            reversed: field::optional("reversed", sold.reversed)?,
        })
    }
}

fn settled(settled: SettledWire) -> Result<Settled, FieldError> {
    Ok(match settled {
        SettledWire::OnInvoice(()) => Settled::OnInvoice { is_apart: false },
        SettledWire::OnSeparateInvoice(()) => Settled::OnInvoice { is_apart: true },
        SettledWire::ReservationId(id) => Settled::Committed(posting::operation("reservation_id", &id)?),
        SettledWire::OperationId(id) => Settled::Debited(posting::operation("operation_id", &id)?),
    })
}

/// Of the stored form nothing at all says that it was not counted.
fn card_counted(counted: CardCounted) -> roaming::CardCounted {
    match counted {
        CardCounted::Nothing => roaming::CardCounted::Unspecified,
        CardCounted::Month => roaming::CardCounted::Month,
        CardCounted::DayAndMonth => roaming::CardCounted::DayAndMonth,
    }
}

fn into_counted(counted: i32) -> Result<CardCounted, FieldError> {
    match roaming::CardCounted::try_from(counted) {
        Ok(roaming::CardCounted::Unspecified) => Ok(CardCounted::Nothing),
        Ok(roaming::CardCounted::Month) => Ok(CardCounted::Month),
        Ok(roaming::CardCounted::DayAndMonth) => Ok(CardCounted::DayAndMonth),
        Err(_) => Err(FieldError::at("card_counted", FieldFault::Unknown)),
    }
}

impl TryFrom<roaming::SaleReversed> for SaleReversed {
    type Error = FieldError;

    fn try_from(reversed: roaming::SaleReversed) -> Result<Self, FieldError> {
        Ok(Self {
            credit: field::optional("credit", reversed.credit)?,
            received: time::required_instant("received_time", reversed.received_time)?,
        })
    }
}
