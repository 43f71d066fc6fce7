//! Statements of partners, their lines and payments, and legs as they were booked.

use domain::leg::LegKind;
use domain::share::MonthComponent;
use domain::statement::{
    BookedLeg, IssuedStatement, PartnerPayment, PartnerStatement, StatementLine, StatementSection,
};
use domain::tax::TaxClass;

use super::field::{self, same_names};
use super::{FieldError, FieldFault, leg, number, posting, time};
use crate::roaming;

same_names!(StatementSection, roaming::StatementSection, [Sessions, Monthly, Reimbursement, Correction]);
same_names!(MonthComponent, roaming::MonthComponent, [Tiers, Fixed, Least, Most]);

impl From<&PartnerStatement> for roaming::PartnerStatement {
    fn from(statement: &PartnerStatement) -> Self {
        Self {
            name: String::new(),
            number: statement.number.clone(),
            issue_date: Some((&statement.issued_on).into()),
            due_date: Some((&statement.due_on).into()),
            booking_month: Some((&statement.month).into()),
            previous_month: statement.previous.as_ref().map(Into::into),
            currency_code: statement.currency.code().to_owned(),
            issuer: Some((&statement.issuer).into()),
            partner: Some((&statement.partner).into()),
            opening_balance: Some((&statement.opening_balance).into()),
            payments: field::messages(&statement.payments),
            lines: field::messages(&statement.lines),
            vat: field::messages(&statement.vat),
            net: Some((&statement.net).into()),
            vat_total: Some((&statement.vat_total).into()),
            total: Some((&statement.total).into()),
            closing_balance: Some((&statement.closing_balance).into()),
        }
    }
}

impl TryFrom<roaming::PartnerStatement> for PartnerStatement {
    type Error = FieldError;

    fn try_from(statement: roaming::PartnerStatement) -> Result<Self, FieldError> {
        Ok(Self {
            number: statement.number,
            issued_on: field::required("issue_date", statement.issue_date)?,
            due_on: field::required("due_date", statement.due_date)?,
            month: field::required("booking_month", statement.booking_month)?,
            previous: field::optional("previous_month", statement.previous_month)?,
            currency: number::currency("currency_code", &statement.currency_code)?,
            issuer: field::required("issuer", statement.issuer)?,
            partner: field::required("partner", statement.partner)?,
            opening_balance: field::required("opening_balance", statement.opening_balance)?,
            payments: field::each("payments", statement.payments)?,
            lines: field::each("lines", statement.lines)?,
            vat: field::each("vat", statement.vat)?,
            net: field::required("net", statement.net)?,
            vat_total: field::required("vat_total", statement.vat_total)?,
            total: field::required("total", statement.total)?,
            closing_balance: field::required("closing_balance", statement.closing_balance)?,
        })
    }
}

impl From<&StatementLine> for roaming::StatementLine {
    fn from(line: &StatementLine) -> Self {
        let (kind, role) = leg::kind(&line.kind);
        let component = line.component.map(field::number::<roaming::MonthComponent, _>);
        Self {
            section: field::number::<roaming::StatementSection, _>(line.section),
            service_month: Some((&line.month).into()),
            share_agreement_id: line.agreement.clone(),
            kind: kind.into(),
            role,
            component: component.unwrap_or_default(),
            sessions: line.sessions,
            energy_kwh: Some((&line.energy_kwh).into()),
            net: Some((&line.net).into()),
            tax_class: line.tax_class.name().to_owned(),
            vat_basis_points: line.vat_rate.hundredths_of_percent(),
        }
    }
}

impl TryFrom<roaming::StatementLine> for StatementLine {
    type Error = FieldError;

    fn try_from(line: roaming::StatementLine) -> Result<Self, FieldError> {
        let component = match line.component {
            0 => None,
            component => Some(field::known::<roaming::MonthComponent, _>("component", component)?),
        };
        Ok(Self {
            section: field::known::<roaming::StatementSection, _>("section", line.section)?,
            month: field::required("service_month", line.service_month)?,
            agreement: line.share_agreement_id,
            kind: kind("kind", line.kind, line.role)?,
            component,
            sessions: line.sessions,
            energy_kwh: field::required("energy_kwh", line.energy_kwh)?,
            net: field::required("net", line.net)?,
            tax_class: TaxClass::new(&line.tax_class),
            vat_rate: number::vat_rate("vat_basis_points", line.vat_basis_points)?,
        })
    }
}

/// The kind of this number, with the role of a share.
pub(super) fn kind(name: &str, number: i32, role: String) -> Result<LegKind, FieldError> {
    let kind = roaming::LegKind::try_from(number);
    leg::into_kind(kind.map_err(|_| FieldError::at(name, FieldFault::Unknown))?, role)
}

impl From<&PartnerPayment> for roaming::PartnerPayment {
    fn from(payment: &PartnerPayment) -> Self {
        Self {
            payment_id: payment.operation.to_string(),
            paid_on: Some((&payment.paid_on).into()),
            amount: Some((&payment.amount).into()),
            statement_number: payment.stated_in.clone().unwrap_or_default(),
        }
    }
}

impl TryFrom<roaming::PartnerPayment> for PartnerPayment {
    type Error = FieldError;

    fn try_from(payment: roaming::PartnerPayment) -> Result<Self, FieldError> {
        let number = payment.statement_number;
        Ok(Self {
            operation: posting::operation("payment_id", &payment.payment_id)?,
            paid_on: field::required("paid_on", payment.paid_on)?,
            amount: field::required("amount", payment.amount)?,
            stated_in: (!number.is_empty()).then_some(number),
        })
    }
}

impl From<&IssuedStatement> for roaming::IssuedStatement {
    fn from(issued: &IssuedStatement) -> Self {
        Self {
            number: issued.number.clone(),
            booking_month: Some((&issued.month).into()),
            hash: issued.hash.to_vec(),
            total: Some((&issued.total).into()),
            closing_balance: Some((&issued.closing_balance).into()),
        }
    }
}

impl TryFrom<roaming::IssuedStatement> for IssuedStatement {
    type Error = FieldError;

    fn try_from(issued: roaming::IssuedStatement) -> Result<Self, FieldError> {
        Ok(Self {
            number: issued.number,
            month: field::required("booking_month", issued.booking_month)?,
            hash: field::digest("hash", issued.hash)?,
            total: field::required("total", issued.total)?,
            closing_balance: field::required("closing_balance", issued.closing_balance)?,
        })
    }
}

impl From<&BookedLeg> for roaming::BookedLeg {
    fn from(booked: &BookedLeg) -> Self {
        Self {
            sequence: booked.sequence,
            booked_time: Some(time::timestamp(booked.at)),
            booking_month: booked.booking.as_ref().map(Into::into),
            leg: Some((&booked.leg).into()),
        }
    }
}

impl TryFrom<roaming::BookedLeg> for BookedLeg {
    type Error = FieldError;

    fn try_from(booked: roaming::BookedLeg) -> Result<Self, FieldError> {
        Ok(Self {
            sequence: booked.sequence,
            at: time::required_instant("booked_time", booked.booked_time)?,
            booking: field::optional("booking_month", booked.booking_month)?,
            leg: field::required("leg", booked.leg)?,
        })
    }
}
