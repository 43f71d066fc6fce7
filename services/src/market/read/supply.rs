//! Supply that begins or ends, and notices (RSM-001, RSM-005, RSM-004).

use domain::document::{Customer, EndOfSupply, Notice, StartOfSupply};

use super::fields::{Fields, MOST_OF_A_TEXT, Read};
use super::reading::Reading;

const METERING_POINT: &str = "marketEvaluationPoint.mRID";

pub(super) fn start(reading: &mut Reading<'_>, fields: &mut Fields<'_>, id: String) -> Read<StartOfSupply> {
    Ok(StartOfSupply {
        id,
        metering_point: fields.metering_point(reading, METERING_POINT)?,
        supplier: fields
            .participant(reading, "marketEvaluationPoint.energySupplier_MarketParticipant.mRID")?,
        balance_responsible: fields.optional_participant(
            reading,
            "marketEvaluationPoint.balanceResponsibleParty_MarketParticipant.mRID",
        )?,
        customer: customer(reading, fields)?,
        start: fields.instant(reading, "start_DateAndOrTime.dateTime")?,
    })
}

pub(super) fn end(reading: &mut Reading<'_>, fields: &mut Fields<'_>, id: String) -> Read<EndOfSupply> {
    Ok(EndOfSupply {
        id,
        metering_point: fields.metering_point(reading, METERING_POINT)?,
        end: fields.instant(reading, "end_DateAndOrTime.dateTime")?,
    })
}

pub(super) fn notice(reading: &mut Reading<'_>, fields: &mut Fields<'_>, id: String) -> Read<Notice> {
    Ok(Notice {
        id,
        original_transaction: fields
            .optional_id(reading, "originalTransactionIDReference_MktActivityRecord.mRID")?,
        metering_point: fields.metering_point(reading, METERING_POINT)?,
        valid_from: fields.optional_instant(reading, "validityStart_DateAndOrTime.dateTime")?,
    })
}

fn customer(reading: &Reading<'_>, fields: &mut Fields<'_>) -> Read<Option<Customer>> {
    let id = fields.optional_id(reading, "marketEvaluationPoint.customer_MarketParticipant.mRID")?;
    let name = "marketEvaluationPoint.customer_MarketParticipant.name";
    let name = fields.optional_text(reading, name, MOST_OF_A_TEXT)?;
    Ok((id.is_some() || name.is_some()).then_some(Customer { id, name }))
}
