//! Price sheets: what a charging session costs, as a whole OCPI tariff says it.
//!
//! A sheet is a list of elements. At any moment of a session and for each dimension the first element prices it that has
//! a component of the dimension and whose restrictions all hold; different dimensions may so be priced by different
//! elements, and what no element prices is free. The model is that of OCPI 2.2.1 (module tariffs); 2.1.1 and 2.3.0 fit
//! into it. How a session is priced under a sheet is in [`crate::session`].

mod restrictions;

use crate::instant::{Instant, Period};
use crate::money::Currency;
use crate::price::Price;
use crate::tax::VatRate;

pub use restrictions::{Draw, Moment, ReservationKind, Restrictions};

/// What a component of a price sheet prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Energy, per kWh.
    Energy,
    /// Time in which the vehicle charges or might, per hour.
    Time,
    /// Time in which the vehicle stands connected and asks for no power, per hour. Power that is held back by smart
    /// charging is no parking.
    ParkingTime,
    /// Once, whatever the session's size.
    Flat,
}

/// One price of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceComponent {
    /// What is priced.
    pub dimension: Dimension,
    /// The price per kWh, per hour or at once, without value added tax but where the sheet includes it.
    pub price: Price,
    /// The rate of value added tax. None given is another thing than 0 %: no tax applies.
    pub vat: Option<VatRate>,
    /// The step to which a session's total is rounded up, in Wh or seconds; zero does not round.
    pub step_size: u32,
}

/// Prices that hold together under the same restrictions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// The prices, of which the first of a dimension counts.
    pub components: Vec<PriceComponent>,
    /// When they hold.
    pub restrictions: Restrictions,
}

/// A bound of a session's total. Excluding and including value added tax are bound apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// The bound of the total without value added tax.
    pub excluding_vat: Option<Price>,
    /// The bound of the total with it.
    pub including_vat: Option<Price>,
}

/// A price sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceSheet {
    /// Its id among those of its operator.
    pub id: String,
    /// The currency of every price in it.
    pub currency: Currency,
    /// When sessions may start under it.
    pub valid: Period,
    /// Whether the prices of its components include value added tax (OCPI 2.3.0, `tax_included`).
    pub includes_vat: bool,
    /// What a session costs at least (`min_price`).
    pub least: Limit,
    /// What a session costs at most (`max_price`).
    pub most: Limit,
    /// The elements; the first that fits counts.
    pub elements: Vec<Element>,
}

impl Element {
    /// The price of a dimension; `None` where the element has none.
    #[must_use]
    pub fn component(&self, dimension: Dimension) -> Option<&PriceComponent> {
        self.components.iter().find(|component| component.dimension == dimension)
    }
}

impl PriceSheet {
    /// The price of a dimension at a moment, with the number of its element, from 0. `None` where it is free.
    #[must_use]
    pub fn component_at(&self, dimension: Dimension, moment: &Moment) -> Option<(usize, &PriceComponent)> {
        let fitting = |kind: Option<ReservationKind>| {
            self.elements.iter().enumerate().find_map(|(number, element)| {
                let component = element.component(dimension)?;
                let restrictions = &element.restrictions;
                (restrictions.reservation == kind && restrictions.hold(moment)).then_some((number, component))
            })
        };
        match moment.reservation {
            // What an expired reservation costs is said by elements of its own; where there are none, it is the usual.
            Some(ReservationKind::Expired) => {
                fitting(Some(ReservationKind::Expired)).or_else(|| fitting(Some(ReservationKind::Reserved)))
            }
            kind => fitting(kind),
        }
    }

    /// Whether a session that starts then is priced by it.
    #[must_use]
    pub fn is_valid_at(&self, start: Instant) -> bool {
        self.valid.contains(start)
    }
}
