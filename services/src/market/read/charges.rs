//! Charges, their prices and their links (D18, D08, D17).

use domain::charge::{Charge, ChargeKey, ChargeKind, ChargeLink};
use domain::day::DayRule;
use domain::document::charges::resolutions_of;
use domain::document::{ChargeGroup, ChargeLinks, ChargePrices, RefusalReason};
use domain::instant::{Instant, Period};
use domain::price::Price;
use domain::quantity::Quantity;
use domain::resolution::Resolution;

use super::fields::{Fields, MOST_OF_A_TEXT, Read};
use super::intervals::{self, PositionNames};
use super::reading::Reading;
use crate::market::codes;

const EFFECTIVE: &str = "effectiveDate";
const TERMINATION: &str = "terminationDate";

/// What charges are (D18).
pub(super) fn information(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    id: String,
) -> Read<ChargeGroup<Charge>> {
    Ok(ChargeGroup { id, charges: charge_types(reading, fields, charge)? })
}

/// What charges cost (D08). A charge may bring several periods; each is an entry of its own.
pub(super) fn prices(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    id: String,
) -> Read<ChargeGroup<ChargePrices>> {
    let charges = charge_types(reading, fields, price_periods)?;
    Ok(ChargeGroup { id, charges: charges.into_iter().flatten().collect() })
}

/// Which charges a metering point bears (D17).
pub(super) fn links(reading: &mut Reading<'_>, fields: &mut Fields<'_>, id: String) -> Read<ChargeLinks> {
    let metering_point = fields.metering_point(reading, "marketEvaluationPoint.mRID")?;
    Ok(ChargeLinks { id, metering_point, links: charge_types(reading, fields, link)? })
}

fn charge_types<'a, T>(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'a>,
    read: impl Fn(&mut Reading<'_>, &mut Fields<'a>) -> Read<T>,
) -> Read<Vec<T>> {
    fields.group(reading, "ChargeGroup", |reading, fields| {
        let charges = fields.groups(reading, "ChargeType", &read)?;
        if charges.is_empty() {
            return Err(reading.fault("ChargeType", RefusalReason::MissingField));
        }
        Ok(charges)
    })
}

fn key(reading: &Reading<'_>, fields: &mut Fields<'_>) -> Read<ChargeKey> {
    let owner = fields.participant(reading, "chargeTypeOwner_MarketParticipant.mRID")?;
    let kind = fields.code(reading, "type", codes::charge_kind)?;
    Ok(ChargeKey { code: fields.id(reading, "mRID")?, owner, kind })
}

fn charge(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Read<Charge> {
    let key = key(reading, fields)?;
    fields.refuse(reading, "Series_Period")?;
    let resolution = "priceTimeFrame_Period.resolution";
    Ok(Charge {
        name: fields.optional_text(reading, "name", MOST_OF_A_TEXT)?.unwrap_or_default(),
        description: fields.optional_text(reading, "description", MOST_OF_A_TEXT)?.unwrap_or_default(),
        resolution: {
            let found = fields.code(reading, resolution, Resolution::from_code)?;
            check_resolution(reading, resolution, key.kind, found)?;
            found
        },
        period: open_period(reading, fields)?,
        has_vat: fields.code(reading, "VATPayer", codes::has_vat)?,
        is_transparent: fields.flag(reading, "transparentInvoicing")?,
        is_tax: fields.flag(reading, "taxIndicator")?,
        key,
    })
}

fn price_periods(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Read<Vec<ChargePrices>> {
    let charge = key(reading, fields)?;
    let effective = fields.optional_instant(reading, EFFECTIVE)?;
    let periods = fields.groups(reading, "Series_Period", |reading, fields| {
        let (resolution, period) = intervals::interval(reading, fields)?;
        check_resolution(reading, "resolution", charge.kind, resolution)?;
        let expected = priced_count(reading, resolution, period)?;
        let prices = intervals::values(reading, fields, PositionNames::CIM, expected, |reading, fields| {
            fields.decimal(reading, "price.amount", Price::parse)
        })?;
        Ok(ChargePrices { charge: charge.clone(), effective, period, resolution, prices })
    })?;
    if periods.is_empty() {
        return Err(reading.fault("Series_Period", RefusalReason::MissingField));
    }
    Ok(periods)
}

/// How many prices the period takes: it begins and ends at local midnight, and positions count from there.
fn priced_count(reading: &Reading<'_>, resolution: Resolution, period: Period) -> Read<usize> {
    let rule = &reading.civil_days;
    if !rule.is_start(period.start()) || !rule.is_start(period.end()) {
        return Err(reading.fault("timeInterval", RefusalReason::NotAtMidnight));
    }
    let count = ChargePrices::expected_count(period, resolution, rule);
    count.ok_or_else(|| reading.fault("timeInterval", RefusalReason::OffTheGrid { resolution }))
}

fn link(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Read<ChargeLink> {
    let charge = key(reading, fields)?;
    let count = fields.optional_count(reading, "factor")?.unwrap_or(1);
    let factor = i64::try_from(count).ok().filter(|count| *count > 0).and_then(Quantity::from_units);
    let Some(factor) = factor else {
        return Err(reading.fault("factor", RefusalReason::NotACount { found: count.to_string() }));
    };
    if charge.kind == ChargeKind::Tariff && factor != Quantity::ONE {
        return Err(reading.fault("factor", RefusalReason::TariffFactor));
    }
    Ok(ChargeLink { charge, factor, period: open_period(reading, fields)? })
}

fn check_resolution(reading: &Reading<'_>, name: &str, kind: ChargeKind, found: Resolution) -> Read<()> {
    if resolutions_of(kind).contains(&found) {
        return Ok(());
    }
    Err(reading.fault(name, RefusalReason::ResolutionNotAllowed { found }))
}

/// From `effectiveDate` to `terminationDate`, or without an end; both are local midnights.
fn open_period(reading: &Reading<'_>, fields: &mut Fields<'_>) -> Read<Period> {
    let start = fields.instant(reading, EFFECTIVE)?;
    at_midnight(reading, EFFECTIVE, start, &reading.civil_days)?;
    let end = fields.optional_end(reading, TERMINATION)?;
    if end != Instant::MAX {
        at_midnight(reading, TERMINATION, end, &reading.civil_days)?;
    }
    let reason = RefusalReason::EndsBeforeStart { start, end };
    Period::new(start, end).ok_or_else(|| reading.fault(TERMINATION, reason))
}

fn at_midnight(reading: &Reading<'_>, name: &str, instant: Instant, rule: &DayRule) -> Read<()> {
    if rule.is_start(instant) { Ok(()) } else { Err(reading.fault(name, RefusalReason::NotAtMidnight)) }
}
