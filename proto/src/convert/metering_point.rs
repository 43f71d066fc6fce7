//! The master data of a metering point.

use domain::day::DayRule;
use domain::document::{MeteringPointKind, SettlementMethod};
use domain::entity::metering_point::{PointDetails, PointPeriod, State};

use super::field::{self, same_names};
use super::{FieldError, FieldFault, text};
use crate::{metering, types};

same_names!(
    MeteringPointKind,
    metering::MeteringPointKind,
    [
        Consumption,
        Production,
        Exchange,
        VeProduction,
        Analysis,
        SurplusProduction,
        NetProduction,
        SupplyToGrid,
        ConsumptionFromGrid,
        WholesaleServicesInformation,
        OwnProduction,
        NetFromGrid,
        NetToGrid,
        TotalConsumption,
        NetLossCorrection,
        ElectricalHeating,
        NetConsumption,
        OtherConsumption,
        OtherProduction,
        CapacitySettlement,
        ExchangeReactiveEnergy,
        InternalUse,
    ]
);
same_names!(SettlementMethod, metering::SettlementMethod, [Flex, NonProfiled]);

/// The resource without what others give it: links, contracts and rated months.
impl From<&PointDetails> for metering::MeteringPoint {
    fn from(point: &PointDetails) -> Self {
        Self {
            name: String::new(),
            metering_point_id: point.id.to_string(),
            kind: field::number::<metering::MeteringPointKind, _>(point.kind),
            unit: field::number::<types::Unit, _>(point.unit),
            zone: point.rule.zone().name().to_owned(),
            day_start_hour: u32::try_from(point.rule.start_hour()).unwrap_or_default(),
            address: Some((&point.address).into()),
            grid_area: point.grid_area.clone(),
            parent_metering_point_id: point.parent.map(|parent| parent.to_string()).unwrap_or_default(),
            periods: field::messages(&point.periods),
            charge_links: Vec::new(),
            contracts: Vec::new(),
            rated_months: Vec::new(),
            etag: String::new(),
        }
    }
}

impl metering::MeteringPoint {
    /// What a client sees of a metering point; `None` where it is not registered.
    #[must_use]
    pub fn of_state(state: &State) -> Option<Self> {
        let details = state.details.as_ref()?;
        Some(Self {
            charge_links: field::messages(&state.links),
            contracts: field::messages(state.contracts.values()),
            rated_months: field::messages(&state.rated_months),
            ..details.into()
        })
    }
}

/// Fields that are output only are not read.
impl TryFrom<metering::MeteringPoint> for PointDetails {
    type Error = FieldError;

    fn try_from(point: metering::MeteringPoint) -> Result<Self, FieldError> {
        let zone = text::zone("zone", &point.zone)?;
        let rule = i8::try_from(point.day_start_hour).ok().and_then(|hour| DayRule::new(zone, hour));
        let parent = Some(point.parent_metering_point_id).filter(|parent| !parent.is_empty());
        let parent = parent.map(|parent| text::metering_point("parent_metering_point_id", &parent));
        Ok(Self {
            id: text::metering_point("metering_point_id", &point.metering_point_id)?,
            kind: field::known::<metering::MeteringPointKind, _>("kind", point.kind)?,
            unit: field::known::<types::Unit, _>("unit", point.unit)?,
            rule: rule.ok_or(FieldError::at("day_start_hour", FieldFault::OutOfRange))?,
            address: field::required("address", point.address)?,
            grid_area: point.grid_area,
            parent: parent.transpose()?,
            periods: field::each("periods", point.periods)?,
        })
    }
}

impl From<&PointPeriod> for metering::MeteringPointPeriod {
    fn from(period: &PointPeriod) -> Self {
        let method = period.settlement_method.map(field::number::<metering::SettlementMethod, _>);
        Self {
            span: Some((&period.span).into()),
            resolution: field::number::<types::Resolution, _>(period.resolution),
            supplier: period.supplier.clone(),
            settlement_method: method.unwrap_or_default(),
        }
    }
}

impl TryFrom<metering::MeteringPointPeriod> for PointPeriod {
    type Error = FieldError;

    fn try_from(period: metering::MeteringPointPeriod) -> Result<Self, FieldError> {
        let method = Some(period.settlement_method).filter(|method| *method != 0);
        let method =
            method.map(|method| field::known::<metering::SettlementMethod, _>("settlement_method", method));
        Ok(Self {
            span: field::required("span", period.span)?,
            resolution: field::known::<types::Resolution, _>("resolution", period.resolution)?,
            supplier: period.supplier,
            settlement_method: method.transpose()?,
        })
    }
}
