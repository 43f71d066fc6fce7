//! Results of a settlement that others computed, to reconcile with (RSM-014, RSM-019).

use crate::amount::Amount;
use crate::charge::ChargeKey;
use crate::document::measured::EnergyProduct;
use crate::document::point_kind::{MeteringPointKind, SettlementMethod};
use crate::instant::Period;
use crate::money::Currency;
use crate::price::Price;
use crate::quantity::{Quantity, Unit};
use crate::resolution::Resolution;
use crate::series::{Quality, TimeSeries};

/// Energy of a grid area, a supplier or a balance responsible party (RSM-014).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AggregatedResult {
    /// The sender's id of the series, unique in its document.
    pub id: String,
    /// The sender's version of the result.
    pub version: Option<String>,
    /// Code of the correction it belongs to: D01 first, D02 second, D03 third.
    pub settlement_version: Option<String>,
    /// The kind of the points summed.
    pub kind: MeteringPointKind,
    /// How they are settled.
    pub settlement_method: Option<SettlementMethod>,
    /// The grid area.
    pub grid_area: Option<String>,
    /// The area into which energy is exchanged.
    pub to_area: Option<String>,
    /// The area from which energy is exchanged.
    pub from_area: Option<String>,
    /// Whose points, where per supplier.
    pub supplier: Option<String>,
    /// Whose points, where per balance responsible party.
    pub balance_responsible: Option<String>,
    /// What is counted.
    pub product: Option<EnergyProduct>,
    /// The unit of its quantities.
    pub unit: Unit,
    /// The transaction that it answers.
    pub original_transaction: Option<String>,
    /// The sums. Exchange may be negative.
    pub series: TimeSeries,
}

/// A charge of a supplier in a grid area, or a total (RSM-019).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholesaleResult {
    /// The sender's id of the series, unique in its document.
    pub id: String,
    /// The sender's version of the result.
    pub version: Option<String>,
    /// Code of the correction it belongs to.
    pub settlement_version: Option<String>,
    /// The charge; absent in a total of the supplier.
    pub charge: Option<ChargeKey>,
    /// The owner of the charges in a total of one owner.
    pub charge_owner: Option<String>,
    /// The kind of the points summed.
    pub kind: Option<MeteringPointKind>,
    /// How they are settled.
    pub settlement_method: Option<SettlementMethod>,
    /// The grid area.
    pub grid_area: Option<String>,
    /// The supplier.
    pub supplier: String,
    /// What is counted.
    pub product: Option<EnergyProduct>,
    /// The unit of its quantities.
    pub unit: Unit,
    /// The unit that its prices are per.
    pub price_unit: Option<Unit>,
    /// The currency of prices and amounts.
    pub currency: Option<Currency>,
    /// The transaction that it answers.
    pub original_transaction: Option<String>,
    /// What the rows cover.
    pub period: Period,
    /// How long each row is.
    pub resolution: Resolution,
    /// The rows in order.
    pub rows: Vec<WholesaleRow>,
}

/// One interval of a wholesale result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholesaleRow {
    /// The energy or the count.
    pub quantity: Option<Quantity>,
    /// The price; absent where the charge had none.
    pub price: Option<Price>,
    /// The amount; absent where it could not be computed. Documents write such an amount as 0: a row of a charge with
    /// neither a price nor an amount other than 0 is read as absent, except where the row is itself a monthly sum.
    pub amount: Option<Amount>,
    /// How the quantity came about, where the document says.
    pub quality: Option<Quality>,
}
