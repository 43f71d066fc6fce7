//! A metering point of an invoice as JSON.

use domain::invoice::{BilledPoint, ChannelUsage, UsageDay};
use domain::quantity::Quantity;
use serde::Serialize;

use super::line::{LineJson, PartJson};
use super::{AddressJson, DaysJson};

#[derive(Serialize)]
pub(super) struct PointJson<'a> {
    metering_point: String,
    address: AddressJson<'a>,
    user: Option<&'a str>,
    contract: &'a str,
    product: &'a str,
    service: DaysJson,
    lines: Vec<LineJson<'a>>,
    unshown: Vec<PartJson<'a>>,
    usage: Vec<UsageJson>,
}

#[derive(Serialize)]
struct UsageJson {
    direction: &'static str,
    unit: &'static str,
    total: String,
    estimated_days: usize,
    days: Vec<UsageDayJson>,
}

#[derive(Serialize)]
struct UsageDayJson {
    day: String,
    quantity: String,
    is_estimated: bool,
}

impl<'a> PointJson<'a> {
    pub(super) fn of(point: &'a BilledPoint) -> Self {
        Self {
            metering_point: point.metering_point.to_string(),
            address: AddressJson::of(&point.address),
            user: point.user.as_deref(),
            contract: &point.contract,
            product: &point.product,
            service: DaysJson::of(point.service),
            lines: point.lines.iter().map(LineJson::of).collect(),
            unshown: point.unshown.iter().map(PartJson::of).collect(),
            usage: point.usage.iter().map(UsageJson::of).collect(),
        }
    }
}

impl UsageJson {
    fn of(usage: &ChannelUsage) -> Self {
        Self {
            direction: usage.direction.word(),
            unit: usage.unit.symbol(),
            total: domain::fixed::format(usage.total().micros(), Quantity::SCALE, 0),
            estimated_days: usage.estimated_days(),
            days: usage.days.iter().map(UsageDayJson::of).collect(),
        }
    }
}

impl UsageDayJson {
    fn of(day: &UsageDay) -> Self {
        Self { day: day.day.to_string(), quantity: day.quantity.to_string(), is_estimated: day.is_estimated }
    }
}
