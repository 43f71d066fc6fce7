//! Requests to the hub (RSM-015, RSM-016, RSM-017).

use domain::document::{AggregatedRequest, MeasuredDataRequest, WholesaleRequest};
use domain::instant::Period;

use super::{Field, Fields};
use crate::market::codes;

pub(super) fn measured_data(request: &MeasuredDataRequest) -> Fields {
    let mut fields = vec![("mRID", Field::plain(&request.id))];
    period(&mut fields, request.period);
    fields.push(("marketEvaluationPoint.mRID", Field::metering_point(request.metering_point)));
    fields
}

pub(super) fn aggregated(request: &AggregatedRequest) -> Fields {
    let mut fields = vec![("mRID", Field::plain(&request.id))];
    optional(&mut fields, "settlement_Series.version", request.settlement_version.as_deref(), Field::code);
    period(&mut fields, request.period);
    let method = request.settlement_method.map(|method| method.code());
    optional(&mut fields, "marketEvaluationPoint.settlementMethod", method, Field::code);
    optional(&mut fields, "marketEvaluationPoint.type", request.kind.map(|kind| kind.code()), Field::code);
    optional(&mut fields, "meteringGridArea_Domain.mRID", request.grid_area.as_deref(), Field::grid_area);
    let supplier = request.supplier.as_deref();
    optional(&mut fields, "energySupplier_MarketParticipant.mRID", supplier, Field::party);
    let responsible = request.balance_responsible.as_deref();
    optional(&mut fields, "balanceResponsibleParty_MarketParticipant.mRID", responsible, Field::party);
    fields
}

pub(super) fn wholesale(request: &WholesaleRequest) -> Fields {
    let mut fields = vec![("mRID", Field::plain(&request.id))];
    optional(&mut fields, "settlement_Series.version", request.settlement_version.as_deref(), Field::code);
    period(&mut fields, request.period);
    let resolution = request.resolution.map(|resolution| resolution.code());
    let resolution_field = |code: &str| Field::plain(code);
    optional(&mut fields, "aggregationSeries_Period.resolution", resolution, resolution_field);
    let owner = request.charge_owner.as_deref();
    optional(&mut fields, "chargeTypeOwner_MarketParticipant.mRID", owner, Field::party);
    let supplier = request.supplier.as_deref();
    optional(&mut fields, "energySupplier_MarketParticipant.mRID", supplier, Field::party);
    optional(&mut fields, "meteringGridArea_Domain.mRID", request.grid_area.as_deref(), Field::grid_area);
    if !request.charges.is_empty() {
        let charges = request.charges.iter().map(|(code, kind)| {
            let mut fields = Vec::new();
            optional(&mut fields, "mRID", code.as_deref(), |code| Field::plain(code));
            optional(&mut fields, "type", kind.map(codes::charge_kind_code), Field::code);
            fields
        });
        fields.push(("ChargeType", Field::Groups(charges.collect())));
    }
    fields
}

fn period(fields: &mut Fields, period: Period) {
    fields.push(("start_DateAndOrTime.dateTime", Field::plain(period.start())));
    fields.push(("end_DateAndOrTime.dateTime", Field::plain(period.end())));
}

fn optional(fields: &mut Fields, name: &'static str, text: Option<&str>, field: impl Fn(&str) -> Field) {
    if let Some(text) = text {
        fields.push((name, field(text)));
    }
}
