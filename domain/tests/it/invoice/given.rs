//! Open positions for the tests, each from the few things that matter to it.

use domain::address::Address;
use domain::amount::Amount;
use domain::contract::split_amount;
use domain::day::{Day, Month};
use domain::day_span::DaySpan;
use domain::fixed::{self, Rounding};
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use domain::invoice::{Invoice, InvoiceError, Issued, OpenInvoice, OpenLine, OpenPoint, Party, Seller};
use domain::money::{Currency, Money};
use domain::position::{PositionKey, Provenance, RatedPosition, RatedVersion, ShownPrice};
use domain::price::Price;
use domain::product::Display;
use domain::quantity::{Quantity, Unit};
use domain::tax::{TaxClass, VatRate};

pub(crate) fn euro(text: &str) -> Money {
    Money::parse(text, Currency::Eur).unwrap()
}

/// An exact amount of at most 18 decimals.
pub(crate) fn amount(text: &str) -> Amount {
    Amount::from_raw(fixed::parse(text, 18).unwrap() * 56_637)
}

pub(crate) fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

/// A position of October 2024 at 21 %: 10 kWh at a price per unit.
pub(crate) fn position(component: &str, text: &str) -> RatedPosition {
    RatedPosition {
        key: PositionKey {
            contract: "c1".to_owned(),
            month: month("2024-10"),
            component: component.to_owned(),
            charge: None,
            service: DaySpan::of_month(month("2024-10")).unwrap(),
        },
        order: 0,
        name: component.to_owned(),
        quantity: Quantity::from_units(10).unwrap(),
        unit: Unit::KilowattHour,
        price: ShownPrice::Single(Price::from_raw(1)),
        amount: amount(text),
        currency: Currency::Eur,
        tax_class: TaxClass::new("standard"),
        vat_rate: VatRate::new(2_100).unwrap(),
        is_tax: false,
        display: Display { group: "Energy".to_owned(), is_bundled: false },
        revenue_role: "energy".to_owned(),
        rounding: Rounding::HalfAwayFromZero,
        is_estimated: false,
        provenance: Provenance::default(),
    }
}

/// The position in its first version, paid by one payer, nothing issued yet.
pub(crate) fn open(position: RatedPosition) -> OpenLine {
    let known_at = Instant::parse("2024-11-03T10:00Z").unwrap();
    let latest = RatedVersion { version: 1, known_at, position };
    OpenLine { latest, shares: vec![10_000], own: 0, issued: Vec::new() }
}

/// Something issued before at the position's own tax, at the exact amount of that net.
pub(crate) fn issued(position: &RatedPosition, net: &str) -> Issued {
    Issued {
        tax_class: position.tax_class.clone(),
        vat_rate: position.vat_rate,
        net: euro(net),
        cleared: amount(net),
    }
}

/// The payer's exact part of an open line.
pub(crate) fn own_amount(line: &OpenLine) -> Amount {
    *split_amount(line.latest.position.amount, &line.shares).get(line.own).unwrap()
}

pub(crate) fn point(lines: Vec<OpenLine>) -> OpenPoint {
    OpenPoint {
        metering_point: MeteringPointId::parse("871687120000000014").unwrap(),
        address: Address::default(),
        user: None,
        contract: "c1".to_owned(),
        product: "Green hourly".to_owned(),
        lines,
        usage: Vec::new(),
    }
}

/// An invoice of October 2024 in euro over one point.
pub(crate) fn build(lines: Vec<OpenLine>) -> Result<Invoice, InvoiceError> {
    invoice_of(vec![point(lines)]).build()
}

pub(crate) fn invoice_of(points: Vec<OpenPoint>) -> OpenInvoice {
    OpenInvoice {
        number: "2024-000017".to_owned(),
        issued_on: Day::parse("2024-11-04").unwrap(),
        due_on: Day::parse("2024-11-18").unwrap(),
        payment_reference: "1000-2024-10".to_owned(),
        booking_month: month("2024-10"),
        currency: Currency::Eur,
        seller: Seller::default(),
        payer: Party::default(),
        points,
        balance_brought_forward: Money::zero(Currency::Eur),
        instalments: Vec::new(),
    }
}
