//! Steps: a session's total of a unit is rounded up once, to the step of the last component that priced it.
//!
//! Energy is rounded once. Charging and parking are one unit, time: where parking is priced it alone is rounded, else
//! charging. A reservation's time is rounded by itself. What the step adds is billed at the last component's price.
//! Source: OCPI 2.2.1, module cdrs, step_size.

use super::priced::{Micros, Position, SessionDimension};
use crate::price::Price;
use crate::price_sheet::PriceComponent;
use crate::tax::VatRate;

/// Millionths of a kWh in a Wh.
const MICROS_OF_WH: i64 = 1_000;
/// Microseconds of a second.
const MICROS_OF_SECOND: i64 = 1_000_000;

/// What a component was used for in the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) position: Position,
    pub(super) price: Price,
    pub(super) vat: Option<VatRate>,
    /// Whether the price includes the tax.
    pub(super) includes_vat: bool,
    pub(super) step_size: u32,
    pub(super) used: Micros,
    /// How much of that a subscription includes.
    pub(super) included: Micros,
    pub(super) surplus: Micros,
    /// Counts up: the component that was used last has the highest.
    last: usize,
}

impl Used {
    /// Adds a use of a component.
    pub(super) fn add(
        all: &mut Vec<Self>,
        position: Position,
        (component, includes_vat): (&PriceComponent, bool),
        (quantity, included): (Micros, Micros),
    ) -> Option<()> {
        let last = all.iter().map(|used| used.last).max().unwrap_or_default().checked_add(1)?;
        if let Some(known) = all.iter_mut().find(|used| used.position == position) {
            known.used = known.used.checked_add(quantity)?;
            known.included = known.included.checked_add(included)?;
            known.last = last;
            return Some(());
        }
        let PriceComponent { price, vat, step_size, .. } = *component;
        let (used, surplus) = (quantity, 0);
        all.push(Self { position, price, vat, includes_vat, step_size, used, included, surplus, last });
        Some(())
    }
}

/// Rounds the session's totals up to their steps.
pub(super) fn round_up(all: &mut [Used]) -> Option<()> {
    let is_parked = all.iter().any(|used| used.position.dimension == SessionDimension::ParkingTime);
    let of_time = if is_parked { SessionDimension::ParkingTime } else { SessionDimension::Time };
    for dimension in [SessionDimension::Energy, of_time, SessionDimension::ReservationTime] {
        let unit = if dimension.is_time() { MICROS_OF_SECOND } else { MICROS_OF_WH };
        let of_dimension = || all.iter().filter(|used| used.position.dimension == dimension);
        let total = of_dimension().try_fold(0_i64, |total, used| total.checked_add(used.used))?;
        let Some(last) = all
            .iter_mut()
            .filter(|used| used.position.dimension == dimension)
            .max_by_key(|used| used.last)
            .filter(|last| last.step_size > 0)
        else {
            continue;
        };
        let step = i64::from(last.step_size).checked_mul(unit)?;
        let over = total.checked_rem(step)?;
        if over > 0 {
            last.surplus = step.checked_sub(over)?;
        }
    }
    Some(())
}
