//! Requests that a supplier sends to the hub (RSM-015, RSM-016, RSM-017).

use crate::charge::ChargeKind;
use crate::document::point_kind::{MeteringPointKind, SettlementMethod};
use crate::identity::MeteringPointId;
use crate::instant::Period;
use crate::resolution::Resolution;

/// Measured data of one point is wanted (RSM-015).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasuredDataRequest {
    /// The sender's id of the request, unique in its document.
    pub id: String,
    /// The metering point.
    pub metering_point: MeteringPointId,
    /// The period that lacks data.
    pub period: Period,
}

/// Aggregated energy is wanted (RSM-016).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AggregatedRequest {
    /// The sender's id of the request, unique in its document.
    pub id: String,
    /// The period.
    pub period: Period,
    /// Only points of this kind.
    pub kind: Option<MeteringPointKind>,
    /// Only points settled so.
    pub settlement_method: Option<SettlementMethod>,
    /// Only this grid area.
    pub grid_area: Option<String>,
    /// Only this supplier's points.
    pub supplier: Option<String>,
    /// Only points for whose balance this party answers.
    pub balance_responsible: Option<String>,
    /// Code of the correction that is wanted: D01 first, D02 second, D03 third.
    pub settlement_version: Option<String>,
}

/// Wholesale results are wanted (RSM-017).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholesaleRequest {
    /// The sender's id of the request, unique in its document.
    pub id: String,
    /// The period.
    pub period: Period,
    /// Sums per month, where set.
    pub resolution: Option<Resolution>,
    /// Only this grid area.
    pub grid_area: Option<String>,
    /// Only this supplier's points.
    pub supplier: Option<String>,
    /// Only charges of this owner.
    pub charge_owner: Option<String>,
    /// Code of the correction that is wanted: D01 first, D02 second, D03 third.
    pub settlement_version: Option<String>,
    /// Only these charges: their codes and kinds, either of which may be left open.
    pub charges: Vec<(Option<String>, Option<ChargeKind>)>,
}
