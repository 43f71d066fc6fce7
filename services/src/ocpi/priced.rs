//! What a session comes to, as JSON.

use domain::day::Day;
use domain::fixed;
use domain::price_sheet::PriceSheet;
use domain::session::{
    ComponentCost, Cost, IdleDay, MemberDiscount, Micros, Position, PricedPart, PricedPeriod, PricedSession,
    Session, SessionDimension, SpotPart, Warning,
};
use domain::zone::Zone;
use serde::Serialize;

use super::warning_words;

/// The name and version of the form.
const FORMAT: &str = "kvarter.priced-session/1";

/// The JSON of a priced session, every field in every case, ending in a line feed.
#[must_use]
pub fn priced_json(session: &Session, sheets: &[PriceSheet], zone: &Zone, priced: &PricedSession) -> String {
    let file = PricedFile {
        format: FORMAT,
        cdr_id: &session.id,
        currency_code: session.currency.code(),
        timezone: zone.name(),
        total: cost(priced.total),
        dimensions: priced.dimensions.iter().map(|(of, sum)| dimension(*of, *sum, priced)).collect(),
        idle_days: priced.idle_days.iter().map(|(day, idle)| idle_day(*day, *idle)).collect(),
        discounts: priced.discounts.iter().map(|discount| discount_entry(discount, sheets)).collect(),
        spot: priced.spot.iter().map(spot_entry).collect(),
        included_kwh: priced.included_kwh.to_string(),
        limits: cost(priced.limits),
        rounding: cost(priced.rounding),
        components: priced.components.iter().map(|component| component_entry(component, sheets)).collect(),
        periods: priced.periods.iter().map(|period| period_entry(period, sheets)).collect(),
        warnings: priced.warnings.iter().map(warning).collect(),
    };
    #[expect(
        clippy::expect_used,
        reason = "structs of texts, numbers and lists can't fail to be written to memory"
    )]
    let mut text = serde_json::to_string_pretty(&file).expect("a priced session as JSON");
    text.push('\n');
    text
}

/// A quantity of a dimension as decimal text.
#[must_use]
pub fn quantity_text(dimension: SessionDimension, quantity: Micros) -> String {
    let scale = if unit(dimension) == "pcs" { 0 } else { 6 };
    fixed::format(i128::from(quantity), scale, 0)
}

/// The name of a dimension.
#[must_use]
pub fn dimension_name(dimension: SessionDimension) -> &'static str {
    match dimension {
        SessionDimension::Energy => "ENERGY",
        SessionDimension::Time => "TIME",
        SessionDimension::ParkingTime => "PARKING_TIME",
        SessionDimension::Flat => "FLAT",
        SessionDimension::ReservationTime => "RESERVATION_TIME",
        SessionDimension::ReservationFlat => "RESERVATION_FLAT",
        SessionDimension::IdleFee => "IDLE_FEE",
        SessionDimension::SpotEnergy => "SPOT_ENERGY",
        SessionDimension::MemberDiscount => "MEMBER_DISCOUNT",
    }
}

/// The unit in which a dimension is counted.
#[must_use]
pub fn unit(dimension: SessionDimension) -> &'static str {
    match dimension {
        SessionDimension::Energy | SessionDimension::SpotEnergy => "kWh",
        SessionDimension::Flat | SessionDimension::ReservationFlat | SessionDimension::MemberDiscount => {
            "pcs"
        }
        _ => "s",
    }
}

/// The id of the sheet of a position.
#[must_use]
pub fn sheet_id(position: Position, sheets: &[PriceSheet]) -> &str {
    sheets.get(position.sheet).map_or("", |sheet| sheet.id.as_str())
}

#[derive(Serialize)]
struct PricedFile<'a> {
    format: &'static str,
    cdr_id: &'a str,
    currency_code: &'static str,
    timezone: &'a str,
    total: CostEntry,
    dimensions: Vec<DimensionEntry>,
    /// The idle fee by local day.
    idle_days: Vec<IdleDayEntry>,
    /// What a member pays less, by component.
    discounts: Vec<DiscountEntry<'a>>,
    /// Energy by an index, cut where that changes.
    spot: Vec<SpotEntry>,
    /// The energy that the subscription included.
    included_kwh: String,
    limits: CostEntry,
    rounding: CostEntry,
    components: Vec<ComponentEntry<'a>>,
    periods: Vec<PeriodEntry<'a>>,
    warnings: Vec<WarningEntry>,
}

#[derive(Serialize)]
struct CostEntry {
    excluding_vat: String,
    including_vat: String,
}

#[derive(Serialize)]
struct DimensionEntry {
    dimension: &'static str,
    /// What was used and what the step adds.
    billed_quantity: String,
    unit: &'static str,
    excluding_vat: String,
    including_vat: String,
}

#[derive(Serialize)]
struct IdleDayEntry {
    day: String,
    quantity: String,
    unit: &'static str,
    excluding_vat: String,
}

#[derive(Serialize)]
struct DiscountEntry<'a> {
    tariff_id: &'a str,
    element: usize,
    dimension: &'static str,
    /// How much of it the subscription includes.
    included: String,
    unit: &'static str,
    excluding_vat: String,
    including_vat: String,
}

#[derive(Serialize)]
struct SpotEntry {
    start: String,
    end: String,
    quantity: String,
    included: String,
    unit: &'static str,
    index: String,
    price: String,
    excluding_vat: String,
}

#[derive(Serialize)]
struct ComponentEntry<'a> {
    tariff_id: &'a str,
    element: usize,
    dimension: &'static str,
    price: String,
    /// Null where no tax applies.
    vat_percent: Option<String>,
    /// Whether the price includes it.
    tax_included: bool,
    quantity: String,
    step_surplus: String,
    unit: &'static str,
    excluding_vat: String,
    including_vat: String,
}

#[derive(Serialize)]
struct PeriodEntry<'a> {
    charging_period: usize,
    start: String,
    end: String,
    priced_by: Vec<PartEntry<'a>>,
}

#[derive(Serialize)]
struct PartEntry<'a> {
    tariff_id: &'a str,
    element: usize,
    dimension: &'static str,
    price: String,
    quantity: String,
    unit: &'static str,
    excluding_vat: String,
}

#[derive(Serialize)]
struct WarningEntry {
    code: &'static str,
    text: String,
}

fn cost(cost: Cost) -> CostEntry {
    CostEntry { excluding_vat: cost.excluding_vat.to_string(), including_vat: cost.including_vat.to_string() }
}

fn idle_day(day: Day, idle: IdleDay) -> IdleDayEntry {
    let of = SessionDimension::IdleFee;
    IdleDayEntry {
        day: day.to_string(),
        quantity: quantity_text(of, idle.time),
        unit: unit(of),
        excluding_vat: idle.amount.to_string(),
    }
}

fn dimension(of: SessionDimension, sum: Cost, priced: &PricedSession) -> DimensionEntry {
    let components = priced.components.iter().filter(|component| component.position.dimension == of);
    let billed = components.map(|component| component.used.saturating_add(component.surplus));
    let own: Vec<Micros> = match of {
        SessionDimension::IdleFee => priced.idle_days.values().map(|day| day.time).collect(),
        SessionDimension::SpotEnergy => priced.spot.iter().map(|part| part.energy_kwh.micros()).collect(),
        SessionDimension::MemberDiscount => vec![1],
        _ => Vec::new(),
    };
    let billed = billed.chain(own).fold(0, Micros::saturating_add);
    DimensionEntry {
        dimension: dimension_name(of),
        billed_quantity: quantity_text(of, billed),
        unit: unit(of),
        excluding_vat: sum.excluding_vat.to_string(),
        including_vat: sum.including_vat.to_string(),
    }
}

fn discount_entry<'a>(discount: &MemberDiscount, sheets: &'a [PriceSheet]) -> DiscountEntry<'a> {
    let of = discount.position.dimension;
    DiscountEntry {
        tariff_id: sheet_id(discount.position, sheets),
        element: discount.position.element,
        dimension: dimension_name(of),
        included: quantity_text(of, discount.included),
        unit: unit(of),
        excluding_vat: discount.cost.excluding_vat.to_string(),
        including_vat: discount.cost.including_vat.to_string(),
    }
}

fn spot_entry(part: &SpotPart) -> SpotEntry {
    SpotEntry {
        start: part.start.to_string(),
        end: part.end.to_string(),
        quantity: part.energy_kwh.to_string(),
        included: part.included_kwh.to_string(),
        unit: unit(SessionDimension::SpotEnergy),
        index: part.index.to_string(),
        price: part.price.to_string(),
        excluding_vat: part.amount.to_string(),
    }
}

fn component_entry<'a>(component: &ComponentCost, sheets: &'a [PriceSheet]) -> ComponentEntry<'a> {
    let of = component.position.dimension;
    ComponentEntry {
        tariff_id: sheet_id(component.position, sheets),
        element: component.position.element,
        dimension: dimension_name(of),
        price: component.price.to_string(),
        vat_percent: component.vat.map(|vat| vat.percent_text()),
        tax_included: component.includes_vat,
        quantity: quantity_text(of, component.used),
        step_surplus: quantity_text(of, component.surplus),
        unit: unit(of),
        excluding_vat: component.cost.excluding_vat.to_string(),
        including_vat: component.cost.including_vat.to_string(),
    }
}

fn period_entry<'a>(period: &PricedPeriod, sheets: &'a [PriceSheet]) -> PeriodEntry<'a> {
    PeriodEntry {
        charging_period: period.period,
        start: period.start.to_string(),
        end: period.end.to_string(),
        priced_by: period.parts.iter().map(|part| part_entry(part, sheets)).collect(),
    }
}

fn part_entry<'a>(part: &PricedPart, sheets: &'a [PriceSheet]) -> PartEntry<'a> {
    let of = part.position.dimension;
    PartEntry {
        tariff_id: sheet_id(part.position, sheets),
        element: part.position.element,
        dimension: dimension_name(of),
        price: part.price.to_string(),
        quantity: quantity_text(of, part.quantity),
        unit: unit(of),
        excluding_vat: part.amount.to_string(),
    }
}

fn warning(warning: &Warning) -> WarningEntry {
    let (code, text) = warning_words(warning);
    WarningEntry { code, text }
}
