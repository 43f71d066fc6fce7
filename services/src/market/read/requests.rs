//! Requests to the hub (RSM-015, RSM-016, RSM-017): what is written can be read back.

use domain::document::{
    AggregatedRequest, MeasuredDataRequest, MeteringPointKind, SettlementMethod, WholesaleRequest,
};
use domain::instant::Period;
use domain::resolution::Resolution;

use super::fields::{Fields, Read};
use super::intervals;
use super::reading::Reading;
use crate::market::codes;

pub(super) fn measured_data(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    id: String,
) -> Read<MeasuredDataRequest> {
    let metering_point = fields.metering_point(reading, "marketEvaluationPoint.mRID")?;
    Ok(MeasuredDataRequest { id, metering_point, period: period(reading, fields)? })
}

pub(super) fn aggregated(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    id: String,
) -> Read<AggregatedRequest> {
    Ok(AggregatedRequest {
        id,
        period: period(reading, fields)?,
        kind: fields.optional_code(reading, "marketEvaluationPoint.type", MeteringPointKind::from_code)?,
        settlement_method: fields.optional_code(
            reading,
            "marketEvaluationPoint.settlementMethod",
            SettlementMethod::from_code,
        )?,
        grid_area: fields.optional_id(reading, "meteringGridArea_Domain.mRID")?,
        supplier: fields.optional_participant(reading, "energySupplier_MarketParticipant.mRID")?,
        balance_responsible: fields
            .optional_participant(reading, "balanceResponsibleParty_MarketParticipant.mRID")?,
        settlement_version: fields.optional_code(
            reading,
            "settlement_Series.version",
            codes::settlement_version,
        )?,
    })
}

pub(super) fn wholesale(
    reading: &mut Reading<'_>,
    fields: &mut Fields<'_>,
    id: String,
) -> Read<WholesaleRequest> {
    Ok(WholesaleRequest {
        id,
        period: period(reading, fields)?,
        resolution: fields.optional_code(
            reading,
            "aggregationSeries_Period.resolution",
            Resolution::from_code,
        )?,
        grid_area: fields.optional_id(reading, "meteringGridArea_Domain.mRID")?,
        supplier: fields.optional_participant(reading, "energySupplier_MarketParticipant.mRID")?,
        charge_owner: fields.optional_participant(reading, "chargeTypeOwner_MarketParticipant.mRID")?,
        settlement_version: fields.optional_code(
            reading,
            "settlement_Series.version",
            codes::settlement_version,
        )?,
        charges: fields.groups(reading, "ChargeType", |reading, fields| {
            let code = fields.optional_id(reading, "mRID")?;
            Ok((code, fields.optional_code(reading, "type", codes::charge_kind)?))
        })?,
    })
}

fn period(reading: &Reading<'_>, fields: &mut Fields<'_>) -> Read<Period> {
    let start = fields.instant(reading, "start_DateAndOrTime.dateTime")?;
    let end = fields.instant(reading, "end_DateAndOrTime.dateTime")?;
    intervals::period(reading, "end_DateAndOrTime.dateTime", start, end)
}
