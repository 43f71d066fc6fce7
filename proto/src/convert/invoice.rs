//! Invoices: head, parties, tax and points. Their lines are next door.

use domain::invoice::{
    BilledPoint, ChannelUsage, Contact, Instalment, Invoice, InvoiceKind, Party, Seller, UsageDay, VatEntry,
};
use domain::quantity::Quantity;
use domain::tax::TaxClass;

use super::field::{self, same_names};
use super::{FieldError, number, text};
use crate::{invoicing, types};

same_names!(InvoiceKind, invoicing::InvoiceKind, [Invoice, CreditNote]);

impl From<&Invoice> for invoicing::Invoice {
    fn from(invoice: &Invoice) -> Self {
        Self {
            name: String::new(),
            number: invoice.number.clone(),
            kind: field::number::<invoicing::InvoiceKind, _>(invoice.kind),
            issue_date: Some((&invoice.issued_on).into()),
            due_date: Some((&invoice.due_on).into()),
            payment_reference: invoice.payment_reference.clone(),
            booking_month: Some((&invoice.booking_month).into()),
            currency_code: invoice.currency.code().to_owned(),
            seller: Some((&invoice.seller).into()),
            payer: Some((&invoice.payer).into()),
            points: field::messages(&invoice.points),
            vat: field::messages(&invoice.vat),
            net: Some((&invoice.net).into()),
            vat_total: Some((&invoice.vat_total).into()),
            total: Some((&invoice.total).into()),
            balance_brought_forward: Some((&invoice.balance_brought_forward).into()),
            instalments: field::messages(&invoice.instalments),
            due: Some((&invoice.due).into()),
        }
    }
}

impl TryFrom<invoicing::Invoice> for Invoice {
    type Error = FieldError;

    fn try_from(invoice: invoicing::Invoice) -> Result<Self, FieldError> {
        Ok(Self {
            number: invoice.number,
            kind: field::known::<invoicing::InvoiceKind, _>("kind", invoice.kind)?,
            issued_on: field::required("issue_date", invoice.issue_date)?,
            due_on: field::required("due_date", invoice.due_date)?,
            payment_reference: invoice.payment_reference,
            booking_month: field::required("booking_month", invoice.booking_month)?,
            currency: number::currency("currency_code", &invoice.currency_code)?,
            seller: field::required("seller", invoice.seller)?,
            payer: field::required("payer", invoice.payer)?,
            points: field::each("points", invoice.points)?,
            vat: field::each("vat", invoice.vat)?,
            net: field::required("net", invoice.net)?,
            vat_total: field::required("vat_total", invoice.vat_total)?,
            total: field::required("total", invoice.total)?,
            balance_brought_forward: field::required(
                "balance_brought_forward",
                invoice.balance_brought_forward,
            )?,
            instalments: field::each("instalments", invoice.instalments)?,
            due: field::required("due", invoice.due)?,
        })
    }
}

impl From<&Seller> for invoicing::Seller {
    fn from(seller: &Seller) -> Self {
        let Contact { email, phone, web } = seller.contact.clone();
        Self {
            display_name: seller.name.clone(),
            address: Some((&seller.address).into()),
            vat_id: seller.vat_id.clone(),
            iban: seller.iban.clone(),
            contact: Some(invoicing::Contact { email, phone, web }),
        }
    }
}

impl TryFrom<invoicing::Seller> for Seller {
    type Error = FieldError;

    fn try_from(seller: invoicing::Seller) -> Result<Self, FieldError> {
        let invoicing::Contact { email, phone, web } = field::chosen("contact", seller.contact)?;
        Ok(Self {
            name: seller.display_name,
            address: field::required("address", seller.address)?,
            vat_id: seller.vat_id,
            iban: seller.iban,
            contact: Contact { email, phone, web },
        })
    }
}

impl From<&Party> for invoicing::Party {
    fn from(party: &Party) -> Self {
        Self {
            account_id: party.account.clone(),
            display_name: party.name.clone(),
            address: Some((&party.address).into()),
            vat_id: party.vat_id.clone(),
        }
    }
}

impl TryFrom<invoicing::Party> for Party {
    type Error = FieldError;

    fn try_from(party: invoicing::Party) -> Result<Self, FieldError> {
        Ok(Self {
            account: party.account_id,
            name: party.display_name,
            address: field::required("address", party.address)?,
            vat_id: party.vat_id,
        })
    }
}

impl From<&VatEntry> for invoicing::VatEntry {
    fn from(entry: &VatEntry) -> Self {
        Self {
            tax_class: entry.tax_class.name().to_owned(),
            rate_basis_points: entry.rate.hundredths_of_percent(),
            net: Some((&entry.net).into()),
            vat: Some((&entry.vat).into()),
        }
    }
}

impl TryFrom<invoicing::VatEntry> for VatEntry {
    type Error = FieldError;

    fn try_from(entry: invoicing::VatEntry) -> Result<Self, FieldError> {
        Ok(Self {
            tax_class: TaxClass::new(&entry.tax_class),
            rate: number::vat_rate("rate_basis_points", entry.rate_basis_points)?,
            net: field::required("net", entry.net)?,
            vat: field::required("vat", entry.vat)?,
        })
    }
}

impl From<&Instalment> for invoicing::Instalment {
    fn from(instalment: &Instalment) -> Self {
        Self {
            paid_on: Some((&instalment.paid_on).into()),
            reference: instalment.reference.clone(),
            amount: Some((&instalment.amount).into()),
        }
    }
}

impl TryFrom<invoicing::Instalment> for Instalment {
    type Error = FieldError;

    fn try_from(instalment: invoicing::Instalment) -> Result<Self, FieldError> {
        Ok(Self {
            paid_on: field::required("paid_on", instalment.paid_on)?,
            reference: instalment.reference,
            amount: field::required("amount", instalment.amount)?,
        })
    }
}

impl From<&BilledPoint> for invoicing::BilledPoint {
    fn from(point: &BilledPoint) -> Self {
        Self {
            metering_point_id: point.metering_point.to_string(),
            address: Some((&point.address).into()),
            user: point.user.clone(),
            contract_id: point.contract.clone(),
            product: point.product.clone(),
            service: Some((&point.service).into()),
            lines: field::messages(&point.lines),
            unshown: field::messages(&point.unshown),
            usage: field::messages(&point.usage),
        }
    }
}

impl TryFrom<invoicing::BilledPoint> for BilledPoint {
    type Error = FieldError;

    fn try_from(point: invoicing::BilledPoint) -> Result<Self, FieldError> {
        Ok(Self {
            metering_point: text::metering_point("metering_point_id", &point.metering_point_id)?,
            address: field::required("address", point.address)?,
            user: point.user,
            contract: point.contract_id,
            product: point.product,
            service: field::required("service", point.service)?,
            lines: field::each("lines", point.lines)?,
            unshown: field::each("unshown", point.unshown)?,
            usage: field::each("usage", point.usage)?,
        })
    }
}

impl From<&ChannelUsage> for invoicing::ChannelUsage {
    fn from(usage: &ChannelUsage) -> Self {
        Self {
            direction: field::number::<types::Direction, _>(usage.direction),
            unit: field::number::<types::Unit, _>(usage.unit),
            days: field::messages(&usage.days),
        }
    }
}

impl TryFrom<invoicing::ChannelUsage> for ChannelUsage {
    type Error = FieldError;

    fn try_from(usage: invoicing::ChannelUsage) -> Result<Self, FieldError> {
        Ok(Self {
            direction: field::known::<types::Direction, _>("direction", usage.direction)?,
            unit: field::known::<types::Unit, _>("unit", usage.unit)?,
            days: field::each("days", usage.days)?,
        })
    }
}

impl From<&UsageDay> for invoicing::UsageDay {
    fn from(usage: &UsageDay) -> Self {
        Self {
            day: Some((&usage.day).into()),
            quantity_micros: usage.quantity.micros(),
            is_estimated: usage.is_estimated,
        }
    }
}

impl TryFrom<invoicing::UsageDay> for UsageDay {
    type Error = FieldError;

    fn try_from(usage: invoicing::UsageDay) -> Result<Self, FieldError> {
        Ok(Self {
            day: field::required("day", usage.day)?,
            quantity: Quantity::from_micros(usage.quantity_micros),
            is_estimated: usage.is_estimated,
        })
    }
}
