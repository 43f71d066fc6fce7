//! Supply that begins or ends (RSM-001, RSM-005).

use domain::document::{EndOfSupply, StartOfSupply};

use super::{Field, Fields};

pub(super) fn start(start: &StartOfSupply) -> Fields {
    let mut fields: Fields = vec![
        ("mRID", Field::plain(&start.id)),
        ("marketEvaluationPoint.mRID", Field::metering_point(start.metering_point)),
        ("marketEvaluationPoint.energySupplier_MarketParticipant.mRID", Field::party(&start.supplier)),
    ];
    if let Some(party) = &start.balance_responsible {
        let name = "marketEvaluationPoint.balanceResponsibleParty_MarketParticipant.mRID";
        fields.push((name, Field::party(party)));
    }
    let customer = start.customer.as_ref();
    if let Some(id) = customer.and_then(|customer| customer.id.as_ref()) {
        let id = Field::Id { scheme: "ARR", id: id.clone() };
        fields.push(("marketEvaluationPoint.customer_MarketParticipant.mRID", id));
    }
    if let Some(name) = customer.and_then(|customer| customer.name.as_ref()) {
        fields.push(("marketEvaluationPoint.customer_MarketParticipant.name", Field::plain(name)));
    }
    fields.push(("start_DateAndOrTime.dateTime", Field::plain(start.start)));
    fields
}

pub(super) fn end(end: &EndOfSupply) -> Fields {
    vec![
        ("mRID", Field::plain(&end.id)),
        ("marketEvaluationPoint.mRID", Field::metering_point(end.metering_point)),
        ("end_DateAndOrTime.dateTime", Field::plain(end.end)),
    ]
}
