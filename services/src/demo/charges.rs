//! Charges of the grid company and the state: what they are (D18), what they cost (D08), whom they are linked to (D17).

use domain::charge::{Charge, ChargeKey, ChargeKind, ChargeLink};
use domain::day::{Day, DayRule};
use domain::document::{
    ChargeGroup, ChargeLinks, ChargePrices, DocumentContent, DocumentKind, MarketDocument,
};
use domain::instant::{Instant, Period};
use domain::price::Price;
use domain::quantity::Quantity;
use domain::resolution::Resolution;

use super::cast::{Cast, DemoPoint, Part};
use super::profiles::Profile;
use super::terms::{GRID_COMPANY, TAX_OFFICE, at, day, header, october, rule};

/// One charge of the demo.
#[derive(Clone, Copy)]
struct Rate {
    code: &'static str,
    owner: &'static str,
    kind: ChargeKind,
    name: &'static str,
    description: &'static str,
    resolution: Resolution,
    is_transparent: bool,
    is_tax: bool,
}

/// A tariff by the hour: dear in the morning and evening of workdays.
const TIME_OF_USE: Rate = Rate {
    code: "GRID-TOU",
    owner: GRID_COMPANY,
    kind: ChargeKind::Tariff,
    name: "Grid tariff by the hour (example)",
    description: "Invented: 0.0785 on workdays 7-10 and 17-21, 0.0510 in the rest of the day, 0.0215 at night and weekends",
    resolution: Resolution::Hour,
    is_transparent: true,
    is_tax: false,
};
const SUBSCRIPTION: Rate = Rate {
    code: "GRID-SUB",
    owner: GRID_COMPANY,
    kind: ChargeKind::Subscription,
    name: "Grid connection (example)",
    description: "Invented",
    resolution: Resolution::Month,
    is_transparent: false,
    is_tax: false,
};
const FEE: Rate = Rate {
    code: "GRID-MOVE",
    owner: GRID_COMPANY,
    kind: ChargeKind::Fee,
    name: "Reading on moving in (example)",
    description: "Invented",
    resolution: Resolution::Month,
    is_transparent: false,
    is_tax: false,
};
const TAX: Rate = Rate {
    code: "ELECTRICITY-TAX",
    owner: TAX_OFFICE,
    kind: ChargeKind::Tariff,
    name: "Electricity tax (example)",
    description: "An example, without the yearly steps and the rebate of the law",
    resolution: Resolution::Day,
    is_transparent: true,
    is_tax: true,
};

/// The documents of charges with the names of their files, in the order of import.
pub(super) fn documents(cast: &Cast) -> Vec<(String, MarketDocument)> {
    let grid = [TIME_OF_USE, SUBSCRIPTION, FEE];
    let notice = |id: &str, process: &str, content| {
        let created = at("2024-09-25T08:00:00Z");
        let kind = DocumentKind::PriceListRequest;
        MarketDocument { header: header(id, kind, process, created), content }
    };
    let named = |name: &str, document| (format!("charges/{name}.xml"), document);
    vec![
        named("1-charges-of-the-grid", notice("DEMO-D18-GRID", "D18", information(&grid))),
        named("2-charge-of-the-state", notice("DEMO-D18-TAX", "D18", information(&[TAX]))),
        named("3-prices-of-the-grid", notice("DEMO-D08-GRID", "D08", prices(&grid))),
        named("4-price-of-the-tax", notice("DEMO-D08-TAX", "D08", prices(&[TAX]))),
        named("5-links", links(cast)),
    ]
}

impl Rate {
    fn key(&self) -> ChargeKey {
        ChargeKey { code: self.code.to_owned(), owner: self.owner.to_owned(), kind: self.kind }
    }

    fn charge(&self) -> Charge {
        Charge {
            key: self.key(),
            name: self.name.to_owned(),
            description: self.description.to_owned(),
            resolution: self.resolution,
            has_vat: true,
            is_transparent: self.is_transparent,
            is_tax: self.is_tax,
            period: since(day(2024, 1, 1)),
        }
    }

    /// The price from an instant on.
    fn price(&self, from: Instant, rule: &DayRule) -> Price {
        let text = match self.code {
            "GRID-TOU" => time_of_use(from, rule),
            "GRID-SUB" => "27.35",
            "GRID-MOVE" => "24.50",
            _ => "0.1088",
        };
        Price::parse(text).unwrap_or_default()
    }
}

fn time_of_use(from: Instant, rule: &DayRule) -> &'static str {
    let is_weekend = rule.day_of(from).is_weekend();
    match rule.local_hour(from) {
        _ if is_weekend => "0.0215",
        7..10 | 17..21 => "0.0785",
        6..23 => "0.0510",
        _ => "0.0215",
    }
}

fn information(rates: &[Rate]) -> DocumentContent {
    let charges = rates.iter().map(Rate::charge).collect();
    DocumentContent::ChargeInformation(vec![ChargeGroup { id: "1".to_owned(), charges }])
}

fn prices(rates: &[Rate]) -> DocumentContent {
    let rule = rule();
    let charges = rates.iter().filter_map(|rate| {
        let period = rule.month_period(october())?;
        let count = rate.resolution.count(period, &rule)?;
        let from = |index| rate.resolution.start_of(index, period.start(), &rule);
        Some(ChargePrices {
            charge: rate.key(),
            effective: Some(rule.start(day(2024, 1, 1))),
            period,
            resolution: rate.resolution,
            prices: (0..count).filter_map(from).map(|from| rate.price(from, &rule)).collect(),
        })
    });
    DocumentContent::ChargePrices(vec![ChargeGroup { id: "1".to_owned(), charges: charges.collect() }])
}

fn links(cast: &Cast) -> MarketDocument {
    let consuming = cast.points.iter().filter(|point| point.profile != Profile::Sun);
    let records = consuming.map(|point| ChargeLinks {
        id: format!("L-{:04}", point.number),
        metering_point: point.id,
        links: links_of(point),
    });
    MarketDocument {
        header: header("DEMO-D17", DocumentKind::BillingMasterDataRequest, "D17", at("2024-09-25T09:00:00Z")),
        content: DocumentContent::ChargeLinks(records.collect()),
    }
}

/// The links of a point end with its contract, where that ends.
fn links_of(point: &DemoPoint) -> Vec<ChargeLink> {
    let first = point.span.first();
    let whole = if point.span.is_open() { since(first) } else { between(first, point.span.end()) };
    let once = |rate: &Rate, period| ChargeLink { charge: rate.key(), factor: Quantity::ONE, period };
    let mut links = vec![once(&TIME_OF_USE, whole), once(&TAX, whole)];
    if point.part == Part::FixedPrice {
        let change = day(2024, 10, 16);
        let twice = Quantity::from_units(2).unwrap_or(Quantity::ONE);
        links.push(once(&SUBSCRIPTION, between(first, change)));
        links.push(ChargeLink { factor: twice, ..once(&SUBSCRIPTION, since(change)) });
    } else {
        links.push(once(&SUBSCRIPTION, whole));
    }
    if point.part == Part::MoveIn {
        links.push(once(&FEE, between(first, first.next())));
    }
    links
}

fn since(first: Day) -> Period {
    let period = Period::since(rule().start(first));
    period.unwrap_or_else(|| unreachable!("the demo names days before the end of time"))
}

fn between(first: Day, end: Day) -> Period {
    let rule = rule();
    let period = Period::new(rule.start(first), rule.start(end));
    period.unwrap_or_else(|| unreachable!("the days of the demo are in order"))
}
