//! What usage comes to, as JSON.

use domain::model::part::{Part, PartKind};
use domain::product::Product;
use domain::quantity::Unit;
use domain::usage::{RatedUsage, Usage, UsagePosition};
use proto::types;
use serde::Serialize;

/// The name and version of the form.
const FORMAT: &str = "kvarter.rated-usage/1";

/// The JSON of rated usage, every field in every case, ending in a line feed.
#[must_use]
pub fn rated_json(product: &Product, usage: &Usage, rated: &RatedUsage) -> String {
    let file = RatedFile {
        format: FORMAT,
        product_id: &product.id,
        currency_code: rated.currency.code(),
        from: usage.days.first().to_string(),
        to: usage.days.end().to_string(),
        positions: rated.positions.iter().map(position).collect(),
        exact_total: rated.total.to_string(),
        rounded_total: rated.rounded.to_text(),
    };
    #[expect(
        clippy::expect_used,
        reason = "structs of texts, numbers and lists can't fail to be written to memory"
    )]
    let mut text = serde_json::to_string_pretty(&file).expect("rated usage as JSON");
    text.push('\n');
    text
}

/// The protocol's name of a unit.
#[must_use]
pub fn unit_name(unit: Unit) -> &'static str {
    types::Unit::from(unit).as_str_name()
}

#[derive(Serialize)]
struct RatedFile<'a> {
    format: &'static str,
    product_id: &'a str,
    currency_code: &'static str,
    from: String,
    to: String,
    positions: Vec<PositionEntry<'a>>,
    exact_total: String,
    rounded_total: String,
}

#[derive(Serialize)]
struct PositionEntry<'a> {
    component_id: &'a str,
    display_name: &'a str,
    tax_class: &'a str,
    events: usize,
    quantity: String,
    unit: &'static str,
    /// The exact amount by the quantity, rounded to six decimals; null where the quantity is zero.
    unit_amount: Option<String>,
    exact_amount: String,
    rounded_amount: String,
    parts: Vec<PartEntry>,
}

#[derive(Serialize)]
struct PartEntry {
    kind: &'static str,
    /// The tier's number, from 1; null for what is of no tier.
    tier: Option<u32>,
    quantity: String,
    /// The price of one; null where there is none.
    unit_amount: Option<String>,
    exact_amount: String,
}

fn position(position: &UsagePosition) -> PositionEntry<'_> {
    PositionEntry {
        component_id: &position.component,
        display_name: &position.name,
        tax_class: position.tax_class.name(),
        events: position.events,
        quantity: position.quantity.to_string(),
        unit: unit_name(position.unit),
        unit_amount: position.amount.average_price(position.quantity).map(|price| price.to_string()),
        exact_amount: position.amount.to_string(),
        rounded_amount: position.rounded.to_text(),
        parts: position.parts.iter().map(part).collect(),
    }
}

fn part(part: &Part) -> PartEntry {
    let (kind, tier) = kind(part.kind);
    PartEntry {
        kind,
        tier,
        quantity: part.quantity.to_string(),
        unit_amount: part.price.map(|price| price.to_string()),
        exact_amount: part.amount.to_string(),
    }
}

fn kind(kind: PartKind) -> (&'static str, Option<u32>) {
    match kind {
        PartKind::Usage => ("USAGE", None),
        PartKind::Tier(number) => ("TIER", Some(number)),
        PartKind::FlatFee(number) => ("FLAT_FEE", Some(number)),
        PartKind::Packages => ("PACKAGES", None),
        PartKind::Capacity => ("CAPACITY", None),
        PartKind::Rate => ("RATE", None),
        PartKind::FixedPerEvent => ("FIXED_PER_EVENT", None),
        PartKind::EventBounds => ("EVENT_BOUNDS", None),
        PartKind::Carried => ("CARRIED", None),
        PartKind::BelowZero => ("BELOW_ZERO", None),
        PartKind::EventRounding => ("EVENT_ROUNDING", None),
        PartKind::Discount => ("DISCOUNT", None),
        PartKind::Minimum => ("MINIMUM", None),
        PartKind::Maximum => ("MAXIMUM", None),
    }
}
