//! Rated positions: quantity x price, exact, with everything it was computed from.

use crate::amount::Amount;
use crate::charge::ChargeKey;
use crate::day::{Day, Month};
use crate::day_span::DaySpan;
use crate::fixed::Rounding;
use crate::instant::Instant;
use crate::money::Currency;
use crate::price::Price;
use crate::price_series::SeriesId;
use crate::product::Display;
use crate::quantity::{Quantity, Unit};
use crate::tax::{TaxClass, VatRate};

/// What a position is about: of each key there is one current version, and one line of the bill.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositionKey {
    /// The contract, unique at its metering point.
    pub contract: String,
    /// The month in which the service lies.
    pub month: Month,
    /// The product's component.
    pub component: String,
    /// The linked charge, where the component is one of linked charges.
    pub charge: Option<ChargeKey>,
    /// The days of service.
    pub service: DaySpan,
}

/// The price as a reader of the bill sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownPrice {
    /// One price per unit for all of the quantity.
    Single(Price),
    /// A price per month, charged by civil days: the quantity counts the days.
    Monthly {
        /// The price of a month.
        price: Price,
        /// How many times it applies; one unless a charge link says otherwise.
        pieces: Quantity,
    },
    /// A plain factor on the amounts of other components: 0.05 is 5 %.
    Factor(Price),
    /// The average over so many intervals, each with its own price.
    Average {
        /// How many intervals.
        intervals: u32,
    },
}

/// The versions of facts that a position was computed from. Computing it again from them gives the same position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The version of the contract.
    pub contract_version: u32,
    /// The version of the product.
    pub product_version: u32,
    /// The versions of the days of values.
    pub days: Vec<(Day, u32)>,
    /// The versions of the months of prices, by series.
    pub prices: Vec<(SeriesId, Month, u32)>,
}

/// One priced part of a contract over a period of service, before anybody splits or rounds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatedPosition {
    /// What it is about.
    pub key: PositionKey,
    /// The place of its component in the product, from 0: the order of the bill.
    pub order: u32,
    /// The name on the bill.
    pub name: String,
    /// How much.
    pub quantity: Quantity,
    /// The unit of the quantity.
    pub unit: Unit,
    /// The price as shown; the amount was computed per interval.
    pub price: ShownPrice,
    /// Quantity x price, exact; negative where it is paid out.
    pub amount: Amount,
    /// The currency of the amount.
    pub currency: Currency,
    /// The class for the tax.
    pub tax_class: TaxClass,
    /// The rate of tax on the days of service.
    pub vat_rate: VatRate,
    /// Whether it is itself a tax (which stands in the base of value added tax).
    pub is_tax: bool,
    /// Its place on the bill.
    pub display: Display,
    /// The role of the ledger account that its revenue is posted to.
    pub revenue_role: String,
    /// How its line is rounded.
    pub rounding: Rounding,
    /// Whether a value in it was estimated or incomplete.
    pub is_estimated: bool,
    /// What it was computed from.
    pub provenance: Provenance,
}

/// A version of a rated position, as the metering point stores it and tells it to the payers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatedVersion {
    /// Counts the versions of the position's key, from 1.
    pub version: u32,
    /// The registration time whose knowledge it was computed with.
    pub known_at: Instant,
    /// The position; an amount of zero with quantity zero where the key no longer applies.
    pub position: RatedPosition,
}

impl RatedPosition {
    /// The reversal of this position: the same key with nothing in it. A key that vanishes is billed to zero so.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self {
            quantity: Quantity::ZERO,
            amount: Amount::ZERO,
            provenance: Provenance::default(),
            ..self.clone()
        }
    }

    /// Whether both say the same of the same key; provenance may differ.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        let without = |one: &Self| Self { provenance: Provenance::default(), ..one.clone() };
        without(self) == without(other)
    }
}
