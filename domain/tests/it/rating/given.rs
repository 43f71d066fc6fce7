//! A contract in Amsterdam with whatever a case adds to it, and the positions it must give.

use std::collections::BTreeMap;

use domain::charge::{Charge, ChargeKey, ChargeKind, ChargeLink};
use domain::contract::{Contract, Payer, Share};
use domain::day::{Day, DayRule, Month};
use domain::day_span::DaySpan;
use domain::day_version::DayVersion;
use domain::fixed::Rounding;
use domain::instant::{Instant, Period};
use domain::money::Currency;
use domain::position::RatedPosition;
use domain::price::Price;
use domain::price_series::{PriceColumn, PriceMonth, PriceSeries, SeriesId};
use domain::product::{ChargeModel, Component, DatedPrice, Display, PriceSource, Product, QuantitySource};
use domain::quantity::{Quantity, Unit};
use domain::rating::{self, NotReady, RatedPoint, RatingFacts};
use domain::resolution::Resolution;
use domain::series::{Direction, Quality, TimeSeries, Value};
use domain::tax::{TaxClass, TaxRate, TaxTable, VatRate};
use domain::zone::Zone;

pub(crate) const OCTOBER: &str = "2024-10-01/2024-11-01";

pub(crate) fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// `2024-10-01/2024-11-01`, the second day excluded.
pub(crate) fn span(text: &str) -> DaySpan {
    let (first, end) = text.split_once('/').unwrap();
    DaySpan::new(day(first), day(end)).unwrap()
}

pub(crate) fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

pub(crate) fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// Everything that one call of rating takes.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) contract: Contract,
    pub(crate) month: Month,
    pub(crate) rule: DayRule,
    pub(crate) unit: Unit,
    pub(crate) main_channel: Direction,
    pub(crate) links: Vec<ChargeLink>,
    pub(crate) facts: RatingFacts,
    pub(crate) rates: Vec<TaxRate>,
}

impl Given {
    /// October 2024, one payer, these components since 2020, 21 % on the class `standard`.
    pub(crate) fn new(components: Vec<Component>) -> Self {
        let contract = Contract {
            id: "c1".to_owned(),
            version: 1,
            product: "p1".to_owned(),
            span: DaySpan::since(day("2020-01-01")).unwrap(),
            payers: vec![Payer { account: "a1".to_owned(), share: Share::new(Share::WHOLE).unwrap() }],
            parameters: BTreeMap::new(),
        };
        let given = Self {
            contract,
            month: Month::parse("2024-10").unwrap(),
            rule: DayRule::civil(Zone::named("Europe/Amsterdam").unwrap()),
            unit: Unit::KilowattHour,
            main_channel: Direction::Consumption,
            links: Vec::new(),
            facts: RatingFacts::default(),
            rates: Vec::new(),
        };
        given.version(1, "2020-01-01", components).taxed("standard", "2020-01-01", 2_100)
    }

    /// The next version of the product.
    pub(crate) fn version(mut self, version: u32, valid_from: &str, components: Vec<Component>) -> Self {
        let product = Product {
            id: "p1".to_owned(),
            version,
            name: "Green hourly".to_owned(),
            currency: Currency::Eur,
            valid_from: day(valid_from),
            components,
        };
        self.facts.products.entry(product.id.clone()).or_default().push(product);
        self
    }

    pub(crate) fn taxed(mut self, class: &str, valid_from: &str, rate: u32) -> Self {
        let (class, rate) = (TaxClass::new(class), VatRate::new(rate).unwrap());
        self.rates.push(TaxRate { class, valid_from: day(valid_from), rate });
        self.facts.taxes = TaxTable::new(self.rates.clone());
        self
    }

    pub(crate) fn of_month(mut self, month: &str) -> Self {
        self.month = Month::parse(month).unwrap();
        self
    }

    pub(crate) fn of_days(mut self, days: &str) -> Self {
        self.contract.span = span(days);
        self
    }

    /// The same quantity in every interval of the days.
    pub(crate) fn values(self, direction: Direction, days: &str, resolution: Resolution, each: &str) -> Self {
        let quantity = Quantity::parse(each).unwrap();
        self.values_by(direction, days, resolution, |_| Value { quantity, quality: Quality::Measured })
    }

    /// Values by the index of the interval in its day.
    pub(crate) fn values_by(
        mut self,
        direction: Direction,
        days: &str,
        resolution: Resolution,
        value: impl Fn(usize) -> Value,
    ) -> Self {
        let held = self.facts.days.entry(direction).or_default();
        for day in span(days).days() {
            let period = self.rule.period(day).unwrap();
            let count = resolution.count(period, &self.rule).unwrap();
            let values = TimeSeries::new(period.start(), resolution, (0..count).map(&value));
            let (created, received) = (period.end(), period.end());
            let source = "document".to_owned();
            held.insert(day, DayVersion { direction, day, version: 1, created, received, source, values });
        }
        self
    }

    /// One kilowatt-hour in every hour of October.
    pub(crate) fn hourly(self) -> Self {
        self.values(Direction::Consumption, OCTOBER, Resolution::Hour, "1")
    }

    /// Prices of an index per MWh, by the index of the interval in the days.
    pub(crate) fn spot(
        self,
        days: &str,
        resolution: Resolution,
        price: impl Fn(usize) -> Option<Price>,
    ) -> Self {
        let (index, unit) = (SeriesId::Index("spot".to_owned()), Unit::MegawattHour);
        self.prices(index, days, resolution, unit, price)
    }

    pub(crate) fn prices(
        mut self,
        series: SeriesId,
        days: &str,
        resolution: Resolution,
        unit: Unit,
        price: impl Fn(usize) -> Option<Price>,
    ) -> Self {
        let period = span(days).period(&self.rule).unwrap();
        let count = resolution.count(period, &self.rule).unwrap();
        let month = PriceMonth {
            series: series.clone(),
            month: span(days).first().month(),
            version: 1,
            created: period.start(),
            received: period.start(),
            source: "document".to_owned(),
            unit,
            currency: Currency::Eur,
            prices: PriceColumn {
                start: period.start(),
                resolution,
                prices: (0..count).map(price).collect(),
            },
        };
        let series = PriceSeries::known_at(&[month], Instant::MAX, &self.rule).unwrap();
        self.facts.prices.insert(series.id().clone(), series);
        self
    }

    /// Links a charge for days and describes it as known since 2020, with VAT and shown on its own.
    pub(crate) fn linked(mut self, key: &ChargeKey, factor: &str, days: &str) -> Self {
        let period = span(days).period(&self.rule).unwrap();
        let factor = Quantity::parse(factor).unwrap();
        self.links.push(ChargeLink { charge: key.clone(), factor, period });
        if self.facts.charges.contains_key(key) { self } else { self.described(key, "2020-01-01", |_| {}) }
    }

    /// What is known of a charge from a day on; what was known before ends there.
    pub(crate) fn described(mut self, key: &ChargeKey, from: &str, change: impl Fn(&mut Charge)) -> Self {
        let from = self.rule.start(day(from));
        let mut charge = Charge {
            key: key.clone(),
            name: format!("{} of the network", key.code),
            description: String::new(),
            resolution: if key.kind == ChargeKind::Tariff { Resolution::Hour } else { Resolution::Month },
            has_vat: true,
            is_transparent: true,
            is_tax: false,
            period: Period::since(from).unwrap(),
        };
        change(&mut charge);
        let known = self.facts.charges.entry(key.clone()).or_default();
        if let Some(last) = known.last_mut() {
            last.period = Period::new(last.period.start(), from).unwrap();
        }
        known.push(charge);
        self
    }

    pub(crate) fn rate(&self) -> Result<Vec<RatedPosition>, Vec<NotReady>> {
        let point = RatedPoint {
            rule: &self.rule,
            unit: self.unit,
            main_channel: self.main_channel,
            links: &self.links,
        };
        rating::rate(&self.contract, self.month, &point, &self.facts)
    }
}

pub(crate) fn key(code: &str, kind: ChargeKind) -> ChargeKey {
    ChargeKey { code: code.to_owned(), owner: "8700000000017".to_owned(), kind }
}

pub(crate) fn component(
    id: &str,
    quantity: QuantitySource,
    unit: Unit,
    price: PriceSource,
    model: ChargeModel,
) -> Component {
    Component {
        id: id.to_owned(),
        name: id.to_owned(),
        quantity,
        unit,
        price,
        model,
        tax_class: TaxClass::new("standard"),
        display: Display { group: "Supply".to_owned(), is_bundled: false },
        revenue_role: "supply".to_owned(),
        rounding: Rounding::HalfAwayFromZero,
        conditions: None,
    }
}

/// Prices by the day they hold from.
pub(crate) fn dated(prices: &[(&str, &str)]) -> PriceSource {
    let prices = prices.iter().map(|(from, text)| DatedPrice { valid_from: day(from), price: price(text) });
    PriceSource::Constant(prices.collect())
}

pub(crate) fn always(text: &str) -> PriceSource {
    dated(&[("2020-01-01", text)])
}

pub(crate) fn energy(price: PriceSource) -> Component {
    let source = QuantitySource::Channel(Direction::Consumption);
    component("energy", source, Unit::KilowattHour, price, ChargeModel::PerUnit)
}

/// `price x factor + addend` of the index `spot`.
pub(crate) fn on_spot(factor: &str, addend: &str) -> PriceSource {
    PriceSource::Series { index: "spot".to_owned(), factor: price(factor), addend: price(addend) }
}

pub(crate) fn monthly(price: PriceSource) -> Component {
    component("standing", QuantitySource::Days, Unit::Day, price, ChargeModel::Fixed)
}

pub(crate) fn surcharge(on: &[&str], factor: PriceSource) -> Component {
    let source = QuantitySource::AmountOf(on.iter().map(|id| (*id).to_owned()).collect());
    component("surcharge", source, Unit::Piece, factor, ChargeModel::PerUnit)
}

pub(crate) fn charges() -> Component {
    let source = QuantitySource::LinkedCharges;
    component("charges", source, Unit::KilowattHour, PriceSource::LinkedCharge, ChargeModel::PerUnit)
}

/// A position in one line: component or charge, days, quantity, unit, exact amount.
pub(crate) fn told(position: &RatedPosition) -> String {
    let key = &position.key;
    let name = key.charge.as_ref().map_or(key.component.as_str(), |charge| charge.code.as_str());
    let RatedPosition { quantity, unit, amount, .. } = position;
    format!("{name} {} {quantity} {unit} {amount}", key.service)
}

pub(crate) fn check(given: &Given, expected: &[&str]) {
    let positions = given.rate().unwrap();
    assert_eq!(positions.iter().map(told).collect::<Vec<_>>(), expected);
}
