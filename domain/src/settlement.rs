//! Settlement: the energy of grid areas and the charges on it, per supplier and charge owner.
//!
//! The rules are those of the Danish wholesale settlement. Energy comes first, because grid loss is computed from it
//! and booked on metering points that carry charges like any other: [`Calculation`] connects the points, takes their
//! values, and computes both. It differs from a customer's bill in three points: a missing value counts 0, an absent
//! price gives an absent amount, and every row is rounded once, to six decimals.

mod calculation;
mod codes;
mod input;
mod notice;
mod quality_set;
mod refusal;
mod results;

mod connection;
mod series;
mod timeline;

pub mod carry;
mod column;
mod energy;
mod exchange;
mod grid_loss;

mod charges;
mod price_book;
mod pricing;
mod totals;

pub use calculation::Calculation;
pub use codes::{GridArea, ParticipantId, is_child, kind_word, method_word};
pub use input::{
    Arguments, ChargeInformation, ChargeLink, ChargePrice, Charges, MeteringPointPeriod, Reading, Scope,
};
pub use notice::Notice;
pub use quality_set::QualitySet;
pub use refusal::{InputTable, Refusal, RefusalReason};
pub use results::{
    ChargeGroup, ChargeResults, ChargeSeries, ChargeTable, EnergyKey, EnergySeries, EnergyTable, EnergyValue,
    MonthlyAmount, RowAmount, Settlement, SettlementRow, TotalAmount,
};
