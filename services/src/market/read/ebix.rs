//! Measured data in ebIX XML (DK_MeteredDataTimeSeries): the same facts under other names.

use domain::document::{
    DocumentContent, DocumentHeader, DocumentKind, MarketDocument, MeasuredSeries, MeteringPointKind,
    Participant, RefusalReason,
};
use domain::instant::{Instant, Period};
use domain::quantity::Quantity;
use domain::resolution::Resolution;
use domain::series::{Quality, TimeSeries, Value};

use super::fields::{Fields, Read};
use super::intervals::{self, PositionNames};
use super::measured_data::{Sign, product_and_unit, value};
use super::reading::Reading;
use crate::market::codes;

/// The root element.
pub(super) const ROOT: &str = "DK_MeteredDataTimeSeries";

const PERIOD: &str = "ObservationTimeSeriesPeriod";

pub(super) fn document(reading: &mut Reading<'_>, mut fields: Fields<'_>) -> Read<MarketDocument> {
    let (id, created, sender, receiver) = fields.group(reading, "HeaderEnergyDocument", head)?;
    let (process, role, business_sector) = fields.group(reading, "ProcessEnergyContext", context)?;
    let header = DocumentHeader {
        id,
        kind: DocumentKind::MeasuredData,
        process,
        business_sector,
        sender: Participant { id: sender, role: Some(role) },
        receiver: Participant { id: receiver, role: None },
        created,
    };
    let series = fields.identified(reading, "PayloadEnergyTimeSeries", "Identification", series)?;
    fields.finish(reading);
    Ok(MarketDocument { header, content: DocumentContent::MeasuredData(series) })
}

fn head(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Read<(String, Instant, String, String)> {
    let id = fields.id(reading, "Identification")?;
    reading.document = Some(id.clone());
    fields.code(reading, "DocumentType", |code| (code == "E66").then_some(()))?;
    let created = fields.instant(reading, "Creation")?;
    let party =
        |reading: &mut Reading<'_>, fields: &mut Fields<'_>| fields.participant(reading, "Identification");
    let sender = fields.group(reading, "SenderEnergyParty", party)?;
    let receiver = fields.group(reading, "RecipientEnergyParty", party)?;
    Ok((id, created, sender, receiver))
}

fn context(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Read<(String, String, Option<String>)> {
    let process = fields.code(reading, "EnergyBusinessProcess", codes::process)?;
    let role = fields.code(reading, "EnergyBusinessProcessRole", codes::role)?;
    Ok((process, role, fields.optional_code(reading, "EnergyIndustryClassification", codes::sector)?))
}

fn series(reading: &mut Reading<'_>, fields: &mut Fields<'_>, id: String) -> Read<MeasuredSeries> {
    // 9 is an original; the market knows no other function of a series.
    fields.optional_code(reading, "Function", |code| (code == "9").then_some(()))?;
    let (resolution, period) = fields.group(reading, PERIOD, interval)?;
    let (product, unit) = fields.group(reading, "IncludedProductCharacteristic", |reading, fields| {
        product_and_unit(reading, fields, "Identification", "UnitType")
    })?;
    let kind = fields.group(reading, "DetailMeasurementMeteringPointCharacteristic", |reading, fields| {
        fields.code(reading, "TypeOfMeteringPoint", MeteringPointKind::from_code)
    })?;
    let metering_point = fields.group(reading, "MeteringPointDomainLocation", |reading, fields| {
        fields.metering_point(reading, "Identification")
    })?;
    let original_transaction = fields.optional_id(reading, "OriginalBusinessDocument")?;
    let expected = intervals::metered_count(reading, PERIOD, resolution, period)?;
    let values = intervals::values(reading, fields, PositionNames::EBIX, expected, observation)?;
    let series = TimeSeries::new(period.start(), resolution, values);
    Ok(MeasuredSeries {
        id,
        metering_point,
        kind,
        product,
        unit,
        registered: None,
        original_transaction,
        series,
    })
}

fn interval(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Read<(Resolution, Period)> {
    let resolution = fields.code(reading, "ResolutionDuration", Resolution::from_code)?;
    let start = fields.instant(reading, "Start")?;
    let end = fields.instant(reading, "End")?;
    Ok((resolution, intervals::period(reading, "End", start, end)?))
}

/// A value is missing where `QuantityMissing` says so; then it has neither quantity nor quality.
fn observation(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Read<Value> {
    let is_missing = fields.optional_flag(reading, "QuantityMissing")?.unwrap_or(false);
    let quantity = fields.optional_decimal(reading, "EnergyQuantity", Quantity::parse)?;
    let quality = fields.optional_code(reading, "QuantityQuality", codes::ebix_quality)?;
    let quality = match (is_missing, quality) {
        (true, Some(_)) => return Err(reading.fault("QuantityQuality", RefusalReason::QuantityOfMissing)),
        (true, None) => Quality::Missing,
        (false, quality) => quality.unwrap_or(Quality::Measured),
    };
    value(reading, "EnergyQuantity", quantity, quality, Sign::NeverNegative)
}
