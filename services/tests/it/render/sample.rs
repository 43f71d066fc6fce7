//! Invoices that show every form a line can take.

use domain::address::Address;
use domain::amount::Amount;
use domain::charge::{ChargeKey, ChargeKind};
use domain::day::{Day, Month};
use domain::day_span::DaySpan;
use domain::fixed::{self, Rounding};
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use domain::invoice::{
    ChannelUsage, Contact, Instalment, Issued, OpenInvoice, OpenLine, OpenPoint, Party, Seller, UsageDay,
};
use domain::money::{Currency, Money};
use domain::position::{PositionKey, Provenance, RatedPosition, RatedVersion, ShownPrice};
use domain::price::Price;
use domain::price_series::SeriesId;
use domain::product::Display;
use domain::quantity::{Quantity, Unit};
use domain::series::Direction;
use domain::tax::{TaxClass, VatRate};

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

fn euro(text: &str) -> Money {
    Money::parse(text, Currency::Eur).unwrap()
}

fn amount(text: &str) -> Amount {
    Amount::from_raw(fixed::parse(text, 18).unwrap() * 56_637)
}

/// A line of October at 21 %: its place and name, group, quantity, price and exact amount.
fn line(
    (order, name): (u32, &str),
    group: &str,
    (quantity, unit): (&str, Unit),
    price: ShownPrice,
    exact: Amount,
) -> OpenLine {
    let service = DaySpan::of_month(month("2024-10")).unwrap();
    let days = service.days().map(|day| (day, if day.of_month() == 9 { 2 } else { 1 })).collect();
    let spot = SeriesId::Index("spot-nl".to_owned());
    let is_metered = unit == Unit::KilowattHour;
    let provenance = Provenance {
        contract_version: 2,
        product_version: 1,
        days: if is_metered { days } else { Vec::new() },
        prices: if is_metered { vec![(spot, month("2024-10"), 1)] } else { Vec::new() },
    };
    let key = PositionKey {
        contract: "c-1".to_owned(),
        month: month("2024-10"),
        component: name.to_lowercase().replace(' ', "-"),
        charge: None,
        service,
    };
    let position = RatedPosition {
        key,
        order,
        name: name.to_owned(),
        quantity: Quantity::parse(quantity).unwrap(),
        unit,
        price,
        amount: exact,
        currency: Currency::Eur,
        tax_class: TaxClass::new("standard"),
        vat_rate: VatRate::new(2_100).unwrap(),
        is_tax: false,
        display: Display { group: group.to_owned(), is_bundled: false },
        revenue_role: "energy".to_owned(),
        rounding: Rounding::HalfAwayFromZero,
        is_estimated: false,
        provenance,
    };
    let known_at = Instant::parse("2024-11-03T21:14:05Z").unwrap();
    let latest = RatedVersion { version: 1, known_at, position };
    OpenLine { latest, shares: vec![10_000], own: 0, issued: Vec::new() }
}

fn bundled(mut line: OpenLine, code: &str, kind: ChargeKind) -> OpenLine {
    let position = &mut line.latest.position;
    position.display.is_bundled = true;
    let owner = "8716871000002".to_owned();
    position.key.charge = Some(ChargeKey { code: code.to_owned(), owner, kind });
    position.revenue_role = "network".to_owned();
    line
}

/// September at its price then, restated: 31.44 was issued.
fn correction() -> OpenLine {
    let average = ShownPrice::Average { intervals: 720 };
    let kwh = ("361.402", Unit::KilowattHour);
    let mut line = line((0, "Hourly energy"), "Energy", kwh, average, amount("33.1070417"));
    let position = &mut line.latest.position;
    position.key.month = month("2024-09");
    position.key.service = DaySpan::of_month(month("2024-09")).unwrap();
    position.provenance = Provenance { contract_version: 2, product_version: 1, ..Provenance::default() };
    line.latest.version = 2;
    let tax_class = TaxClass::new("standard");
    let vat_rate = VatRate::new(2_100).unwrap();
    line.issued = vec![Issued { tax_class, vat_rate, net: euro("31.44"), cleared: amount("31.4401") }];
    line
}

fn household_lines() -> Vec<OpenLine> {
    let kwh = ("378.946", Unit::KilowattHour);
    let average = ShownPrice::Average { intervals: 1_900 };
    let monthly = |text| ShownPrice::Monthly { price: price(text), pieces: Quantity::ONE };
    let single = |text| ShownPrice::Single(price(text));
    let mut estimated = line((0, "Hourly energy"), "Energy", kwh, average, amount("35.7513"));
    estimated.latest.position.is_estimated = true;
    let standing = line((1, "Standing charge"), "Energy", ("31", Unit::Day), monthly("5.95"), amount("5.95"));
    let surcharge = ShownPrice::Factor(price("0.015"));
    let green = amount("0.5362695");
    let green =
        line((2, "Certificates of origin <NL> & wind"), "Energy", ("1", Unit::Piece), surcharge, green);
    let transport = line((3, "Transport"), "Network", kwh, average, amount("15.1462"));
    let twice = ShownPrice::Monthly { price: price("4.65"), pieces: Quantity::from_units(2).unwrap() };
    let mut capacity = line((4, "Capacity"), "Network", ("20", Unit::Day), twice, amount("6"));
    capacity.latest.position.key.service = DaySpan::new(day("2024-10-12"), day("2024-11-01")).unwrap();
    let visit = line((5, "Meter visit"), "Network", ("1", Unit::Piece), single("25"), amount("25"));
    let mut tax = line((6, "Energy tax"), "Taxes", kwh, single("0.1088"), amount("41.2293248"));
    (tax.latest.position.is_tax, tax.latest.position.revenue_role) = (true, "energy-tax".to_owned());
    let mut levy = line((7, "Municipal levy"), "Taxes", ("31", Unit::Day), monthly("1.5"), amount("1.5"));
    levy.latest.position.tax_class = TaxClass::outside();
    levy.latest.position.vat_rate = VatRate::default();
    let production = ("108.526", Unit::KilowattHour);
    let fed_in = line((8, "Solar energy fed in"), "Your production", production, average, amount("-5.6129"));
    vec![
        estimated,
        standing,
        green,
        bundled(transport, "TRANSPORT", ChargeKind::Tariff),
        bundled(capacity, "CAPACITY", ChargeKind::Subscription),
        visit,
        tax,
        levy,
        fed_in,
        correction(),
    ]
}

/// Thirty-one days that rise and fall; those of `estimated` hold estimates.
fn usage(direction: Direction, base: i64, swing: i64, estimated: &[i8]) -> ChannelUsage {
    let days = DaySpan::of_month(month("2024-10")).unwrap().days();
    let quantity = |day: Day| {
        let of_month = i64::from(day.of_month());
        let weekend = if day.is_weekend() { 2_600_000 } else { 0 };
        Quantity::from_micros(base + weekend + swing * ((of_month * 7) % 11) + 1_000 * of_month)
    };
    let day = |day: Day| UsageDay {
        day,
        quantity: quantity(day),
        is_estimated: estimated.contains(&day.of_month()),
    };
    ChannelUsage { direction, unit: Unit::KilowattHour, days: days.map(day).collect() }
}

fn invoice(points: Vec<OpenPoint>) -> OpenInvoice {
    let dutch = |street: &str, postal_code: &str, city: &str| Address {
        street: street.to_owned(),
        postal_code: postal_code.to_owned(),
        city: city.to_owned(),
        country: "NL".to_owned(),
    };
    OpenInvoice {
        number: "2024-000117".to_owned(),
        issued_on: day("2024-11-04"),
        due_on: day("2024-11-18"),
        payment_reference: "10042 2024-10".to_owned(),
        booking_month: month("2024-10"),
        currency: Currency::Eur,
        seller: Seller {
            name: "Voorbeeld Energie B.V.".to_owned(),
            address: dutch("Dijkweg 1", "1012 AB", "Amsterdam"),
            vat_id: "NL000099998B57".to_owned(),
            iban: "NL91ABNA0417164300".to_owned(),
            contact: Contact {
                email: "service@voorbeeld.example".to_owned(),
                phone: "+31 20 000 0000".to_owned(),
                web: String::new(),
            },
        },
        payer: Party {
            account: "10042".to_owned(),
            name: "J. \"Jip\" de Vries & M. O'Neill".to_owned(),
            address: dutch("Kade 12-B", "3511 XZ", "Utrecht"),
            vat_id: String::new(),
        },
        points,
        balance_brought_forward: Money::zero(Currency::Eur),
        instalments: Vec::new(),
    }
}

fn point(lines: Vec<OpenLine>, usage: Vec<ChannelUsage>) -> OpenPoint {
    OpenPoint {
        metering_point: MeteringPointId::parse("871687120000000014").unwrap(),
        address: Address {
            street: "Kade 12-B".to_owned(),
            postal_code: "3511 XZ".to_owned(),
            city: "Utrecht".to_owned(),
            country: "NL".to_owned(),
        },
        user: None,
        contract: "c-1".to_owned(),
        product: "Hourly & green".to_owned(),
        lines,
        usage,
    }
}

/// Consumption and production, a bundle, a tax outside of the tax, estimates, a correction, a balance and an instalment.
pub(super) fn household() -> OpenInvoice {
    let consumption = usage(Direction::Consumption, 9_200_000, 450_000, &[14, 15]);
    let production = usage(Direction::Production, 1_100_000, 330_000, &[]);
    let mut open = invoice(vec![point(household_lines(), vec![consumption, production])]);
    open.balance_brought_forward = euro("-2.10");
    let (paid_on, reference) = (day("2024-10-01"), "A-2024-10".to_owned());
    open.instalments = vec![Instalment { paid_on, reference, amount: euro("95.00") }];
    open
}

/// A total that is negative: a credit note.
pub(super) fn producer() -> OpenInvoice {
    let average = ShownPrice::Average { intervals: 2_980 };
    let kwh = ("2227.296", Unit::KilowattHour);
    let mut fed_in = line((0, "Energy fed in"), "Your production", kwh, average, amount("-133.5912"));
    fed_in.latest.position.tax_class = TaxClass::outside();
    fed_in.latest.position.vat_rate = VatRate::default();
    let fee = ShownPrice::Monthly { price: price("2.5"), pieces: Quantity::ONE };
    let fee = line((1, "Service fee"), "Service", ("31", Unit::Day), fee, amount("2.5"));
    let production = usage(Direction::Production, 40_000_000, 6_000_000, &[]);
    let mut open = invoice(vec![point(vec![fed_in, fee], vec![production])]);
    open.number = "2024-000118".to_owned();
    open
}

/// Not issued yet: the payer has 30 % of a point that somebody else uses, for half a month.
pub(super) fn preview() -> OpenInvoice {
    let single = ShownPrice::Single(price("0.2875"));
    let kwh = ("201.7", Unit::KilowattHour);
    let mut energy = line((0, "Fixed price energy"), "Energy", kwh, single, amount("57.98875"));
    energy.latest.position.key.service = DaySpan::new(day("2024-10-12"), day("2024-11-01")).unwrap();
    (energy.shares, energy.own) = (vec![7_000, 3_000], 1);
    let mut point = point(vec![energy], Vec::new());
    point.user = Some("Café De Kade".to_owned());
    let mut open = invoice(vec![point]);
    open.number = String::new();
    open
}
