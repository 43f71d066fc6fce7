//! The words of settlement results, and the ids they are grouped by.

use std::fmt;

use crate::document::{MeteringPointKind, SettlementMethod};

/// The word for a kind of metering point in results; `None` for kinds that take no part in a settlement.
#[must_use]
pub fn kind_word(kind: MeteringPointKind) -> Option<&'static str> {
    use MeteringPointKind as Kind;
    match kind {
        Kind::Consumption => Some("consumption"),
        Kind::Production => Some("production"),
        Kind::Exchange => Some("exchange"),
        Kind::VeProduction => Some("ve_production"),
        Kind::NetProduction => Some("net_production"),
        Kind::SupplyToGrid => Some("supply_to_grid"),
        Kind::ConsumptionFromGrid => Some("consumption_from_grid"),
        Kind::WholesaleServicesInformation => Some("wholesale_services_information"),
        Kind::OwnProduction => Some("own_production"),
        Kind::NetFromGrid => Some("net_from_grid"),
        Kind::NetToGrid => Some("net_to_grid"),
        Kind::TotalConsumption => Some("total_consumption"),
        Kind::ElectricalHeating => Some("electrical_heating"),
        Kind::NetConsumption => Some("net_consumption"),
        Kind::CapacitySettlement => Some("capacity_settlement"),
        Kind::Analysis
        | Kind::SurplusProduction
        | Kind::NetLossCorrection
        | Kind::OtherConsumption
        | Kind::OtherProduction
        | Kind::ExchangeReactiveEnergy
        | Kind::InternalUse => None,
    }
}

/// Whether such a point hangs below a parent: it has charges, but no part in the energy of its area.
#[must_use]
pub fn is_child(kind: MeteringPointKind) -> bool {
    use MeteringPointKind as Kind;
    !matches!(kind, Kind::Consumption | Kind::Production | Kind::Exchange)
}

/// The word for a settlement method in results.
#[must_use]
pub fn method_word(method: SettlementMethod) -> &'static str {
    match method {
        SettlementMethod::Flex => "flex",
        SettlementMethod::NonProfiled => "non_profiled",
    }
}

/// Defines an id that is only ever compared and shown.
macro_rules! text_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The id with this text; `None` where the text is empty.
            #[must_use]
            pub fn new(text: &str) -> Option<Self> {
                (!text.is_empty()).then(|| Self(text.to_owned()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// The code of a grid area, such as `800`.
    GridArea
}
text_id! {
    /// The id of a market participant: energy supplier or balance responsible party.
    ParticipantId
}
