//! A line of an invoice and the positions it is made of, with their provenance, as JSON.

use domain::charge::ChargeKey;
use domain::day::Day;
use domain::fixed::Rounding;
use domain::invoice::{Line, LinePart, LinePrice};
use domain::position::{Provenance, RatedVersion};
use serde::Serialize;

use super::DaysJson;

#[derive(Serialize)]
pub(super) struct LineJson<'a> {
    name: &'a str,
    group: &'a str,
    service: DaysJson,
    net: String,
    tax_class: &'a str,
    vat_rate_percent: String,
    is_correction: bool,
    is_estimated: bool,
    parts: Vec<PartJson<'a>>,
}

#[derive(Serialize)]
pub(super) struct PartJson<'a> {
    name: &'a str,
    component: &'a str,
    charge: Option<ChargeJson<'a>>,
    month: String,
    service: DaysJson,
    quantity: String,
    unit: &'static str,
    price: PriceJson,
    amount: String,
    shares: &'a [u32],
    own: usize,
    tax_class: &'a str,
    vat_rate_percent: String,
    is_tax: bool,
    net_to_date: String,
    net_before: String,
    net: String,
    cleared: String,
    rounding: &'static str,
    revenue_role: &'a str,
    is_correction: bool,
    is_estimated: bool,
    rated: RatedJson,
}

#[derive(Serialize)]
struct ChargeJson<'a> {
    code: &'a str,
    owner: &'a str,
    kind: &'static str,
}

#[derive(Serialize)]
struct PriceJson {
    kind: &'static str,
    value: Option<String>,
    pieces: Option<String>,
    intervals: Option<u32>,
}

#[derive(Serialize)]
struct RatedJson {
    version: u32,
    contract_version: u32,
    product_version: u32,
    days: Vec<DayVersionsJson>,
    prices: Vec<PriceVersionJson>,
}

/// Days in a row whose values are of one version.
#[derive(Serialize)]
struct DayVersionsJson {
    #[serde(flatten)]
    days: DaysJson,
    version: u32,
}

#[derive(Serialize)]
struct PriceVersionJson {
    series: String,
    month: String,
    version: u32,
}

impl<'a> LineJson<'a> {
    pub(super) fn of(line: &'a Line) -> Self {
        Self {
            name: &line.name,
            group: &line.group,
            service: DaysJson::of(line.service),
            net: line.net.to_text(),
            tax_class: line.tax_class.name(),
            vat_rate_percent: line.vat_rate.percent_text(),
            is_correction: line.is_correction,
            is_estimated: line.is_estimated,
            parts: line.parts.iter().map(PartJson::of).collect(),
        }
    }
}

impl<'a> PartJson<'a> {
    pub(super) fn of(part: &'a LinePart) -> Self {
        let position = &part.rated.position;
        Self {
            name: &position.name,
            component: &position.key.component,
            charge: position.key.charge.as_ref().map(ChargeJson::of),
            month: position.key.month.to_string(),
            service: DaysJson::of(position.key.service),
            quantity: part.quantity.to_string(),
            unit: position.unit.symbol(),
            price: PriceJson::of(part.price),
            amount: position.amount.to_string(),
            shares: &part.shares,
            own: part.own,
            tax_class: part.tax_class.name(),
            vat_rate_percent: part.vat_rate.percent_text(),
            is_tax: position.is_tax,
            net_to_date: part.net_to_date.to_text(),
            net_before: part.net_before.to_text(),
            net: part.net.to_text(),
            cleared: part.cleared.to_string(),
            rounding: rounding_word(position.rounding),
            revenue_role: &position.revenue_role,
            is_correction: part.is_correction,
            is_estimated: position.is_estimated,
            rated: RatedJson::of(&part.rated),
        }
    }
}

impl<'a> ChargeJson<'a> {
    fn of(key: &'a ChargeKey) -> Self {
        Self { code: &key.code, owner: &key.owner, kind: key.kind.word() }
    }
}

impl PriceJson {
    fn of(price: LinePrice) -> Self {
        let plain = |kind, value: String| Self { kind, value: Some(value), pieces: None, intervals: None };
        match price {
            LinePrice::PerUnit(price) => plain("per-unit", price.to_string()),
            LinePrice::Factor(factor) => plain("factor", factor.to_string()),
            LinePrice::Monthly { price, pieces } => {
                Self { pieces: Some(pieces.to_string()), ..plain("monthly", price.to_string()) }
            }
            LinePrice::Average { price, intervals } => Self {
                kind: "average",
                value: price.map(|price| price.to_text(6)),
                pieces: None,
                intervals: Some(intervals),
            },
        }
    }
}

impl RatedJson {
    fn of(rated: &RatedVersion) -> Self {
        let Provenance { contract_version, product_version, days, prices } = &rated.position.provenance;
        let price = |(series, month, version): &(domain::price_series::SeriesId, domain::day::Month, u32)| {
            PriceVersionJson { series: series.to_string(), month: month.to_string(), version: *version }
        };
        Self {
            version: rated.version,
            contract_version: *contract_version,
            product_version: *product_version,
            days: day_runs(days),
            prices: prices.iter().map(price).collect(),
        }
    }
}

/// Days in a row of one version become one entry.
fn day_runs(days: &[(Day, u32)]) -> Vec<DayVersionsJson> {
    let follows = |one: &(Day, u32), next: &(Day, u32)| one.0.next() == next.0 && one.1 == next.1;
    let runs = days.chunk_by(follows).filter_map(|run| run.first().zip(run.last()));
    runs.map(|((first, version), (last, _))| DayVersionsJson {
        days: DaysJson::between(*first, *last),
        version: *version,
    })
    .collect()
}

fn rounding_word(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::HalfAwayFromZero => "half-away-from-zero",
        Rounding::HalfEven => "half-even",
        Rounding::TowardsZero => "towards-zero",
        Rounding::AwayFromZero => "away-from-zero",
    }
}
