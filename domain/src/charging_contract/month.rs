//! What the sessions of a month come to: positions that grow with every session and shrink with every credit.
//!
//! A position is per contract, cost centre and days of one rate of tax in a month of service. Every sum here is of whole
//! minor units or exact, so that no order of arrival shows.

use super::{ChargingContract, Membership, Settled, SoldSession};
use crate::amount::Amount;
use crate::day::{Day, Month};
use crate::day_span::DaySpan;
use crate::fixed::Rounding;
use crate::money::Currency;
use crate::position::{PositionKey, Provenance, RatedPosition, ShownPrice};
use crate::product::Display;
use crate::quantity::{Quantity, Unit};
use crate::tax::{TaxTable, VatRate};

/// What stands on an invoice for a charging contract: the component of a position.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SaleComponent {
    /// The fee of a month.
    Subscription,
    /// The sessions of a cost centre.
    Sessions {
        /// The cost centre; empty for none.
        cost_centre: String,
        /// Whether on an invoice apart.
        is_apart: bool,
    },
    /// The credit of included kWh.
    IncludedEnergy,
}

/// Which sessions' energy is counted together: those of a contract on days of one rate of tax in a month.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnergyKey {
    /// The contract.
    pub contract: String,
    /// The days of service, which lie in one month.
    pub service: DaySpan,
}

/// The energy that was sold, and what it came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnergyTally {
    /// How much.
    pub energy_kwh: Quantity,
    /// What it came to without tax.
    pub net: Amount,
    /// The rate of tax.
    pub tax_rate: VatRate,
}

/// The positions of months.
#[derive(Clone, Copy, Debug)]
pub struct MonthlySales<'a> {
    /// The contract.
    pub contract: &'a ChargingContract,
    /// The currency of its sessions.
    pub currency: Currency,
}

impl SaleComponent {
    /// Its id in positions: `subscription`, `sessions`, `sessions:<cost centre>`, `late-sessions`, `included-energy`.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Subscription => "subscription".to_owned(),
            Self::IncludedEnergy => "included-energy".to_owned(),
            Self::Sessions { cost_centre, is_apart } => {
                let name = if *is_apart { "late-sessions" } else { "sessions" };
                if cost_centre.is_empty() { name.to_owned() } else { format!("{name}:{cost_centre}") }
            }
        }
    }

    /// Whether a component of this id stands on an invoice apart.
    #[must_use]
    pub fn is_apart(id: &str) -> bool {
        id == "late-sessions" || id.starts_with("late-sessions:")
    }

    /// The key of its position under a contract, of days that lie in one month.
    #[must_use]
    pub fn key(&self, contract: &str, service: DaySpan) -> PositionKey {
        PositionKey {
            contract: contract.to_owned(),
            month: service.first().month(),
            component: self.id(),
            charge: None,
            service,
        }
    }

    fn order(&self) -> u32 {
        match self {
            Self::Subscription => 0,
            Self::Sessions { is_apart: false, .. } => 1,
            Self::Sessions { is_apart: true, .. } => 2,
            Self::IncludedEnergy => 3,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Subscription => "Subscription".to_owned(),
            Self::IncludedEnergy => "Included energy".to_owned(),
            Self::Sessions { cost_centre, .. } if cost_centre.is_empty() => "Charging sessions".to_owned(),
            Self::Sessions { cost_centre, .. } => format!("Charging sessions, {cost_centre}"),
        }
    }

    fn group(&self) -> String {
        match self {
            Self::Sessions { cost_centre, .. } if !cost_centre.is_empty() => cost_centre.clone(),
            _ => "charging".to_owned(),
        }
    }
}

impl EnergyTally {
    /// With a session, or without it where it is taken back. `None` beyond the range.
    #[must_use]
    pub fn with(self, sold: &SoldSession, is_back: bool) -> Option<Self> {
        let (energy, net) = (sold.sale.energy_kwh, sold.energy_net);
        let (energy_kwh, net) = match is_back {
            false => (self.energy_kwh.checked_add(energy)?, self.net.checked_add(net)?),
            true => (self.energy_kwh.checked_sub(energy)?, self.net.checked_sub(net)?),
        };
        let tax_rate = if is_back { self.tax_rate } else { sold.tax_rate };
        Some(Self { energy_kwh, net, tax_rate })
    }
}

impl MonthlySales<'_> {
    /// The position with a session more, from the one before. `None` beyond the range.
    #[must_use]
    pub fn with(&self, held: Option<&RatedPosition>, sold: &SoldSession) -> Option<RatedPosition> {
        let is_apart = matches!(sold.settled, Settled::OnInvoice { is_apart: true });
        let component = SaleComponent::Sessions { cost_centre: sold.cost_centre.clone(), is_apart };
        let before = match held {
            Some(held) => RatedPosition { vat_rate: sold.tax_rate, ..held.clone() },
            None => {
                let shown = ShownPrice::Average { intervals: 0 };
                self.position(&component, sold.service, (Quantity::ZERO, shown, Amount::ZERO), sold.tax_rate)
            }
        };
        changed(before, sold, false)
    }

    /// The credit of included kWh of a month, one position for the days of each rate of tax; none where the contract
    /// includes none. `tallies` are all of the contract's in the month.
    #[must_use]
    pub fn included(&self, tallies: &[(DaySpan, EnergyTally)]) -> Option<Vec<RatedPosition>> {
        let Membership { included_kwh: Some(included), .. } = self.contract.membership else {
            return Some(Vec::new());
        };
        let sold = Quantity::checked_sum(tallies.iter().map(|(_, tally)| tally.energy_kwh))?;
        let whole = Amount::from_quantity(sold)?;
        let free = Amount::from_quantity(included.min(sold))?;
        let credit = |(service, tally): &(DaySpan, EnergyTally)| {
            let part = |amount: Amount| match whole {
                Amount::ZERO => Some(Amount::ZERO),
                whole => amount.in_proportion(free, whole),
            };
            let energy = part(Amount::from_quantity(tally.energy_kwh)?)?.to_quantity()?.checked_neg()?;
            let amount = part(tally.net)?.checked_neg()?;
            let shown = (energy, ShownPrice::Average { intervals: 0 }, amount);
            Some(self.position(&SaleComponent::IncludedEnergy, *service, shown, tally.tax_rate))
        };
        tallies.iter().map(credit).collect()
    }

    /// The fee of a month by civil days, one position for the days of each rate of tax; none where there is no fee or the
    /// contract has no day in the month. `None` where a rate is missing or an amount leaves its range.
    #[must_use]
    pub fn subscription(&self, month: Month, taxes: &TaxTable) -> Option<Vec<RatedPosition>> {
        let Some(fee) = self.contract.membership.fee_per_month else { return Some(Vec::new()) };
        let covered = DaySpan::of_month(month).and_then(|month| month.intersection(self.contract.span));
        let Some(covered) = covered else { return Some(Vec::new()) };
        let class = &self.contract.tax_class;
        let of_span = |service: DaySpan| {
            let rate = taxes.rate(class, service.first())?;
            let amount = Amount::of(Quantity::ONE, fee)?.fraction(service.count(), month.days())?;
            let shown = ShownPrice::Monthly { price: fee, pieces: Quantity::ONE };
            let shown = (Quantity::from_units(service.count())?, shown, amount);
            Some(self.position(&SaleComponent::Subscription, service, shown, rate))
        };
        covered.split(taxes.changes(class, covered)).into_iter().map(of_span).collect()
    }

    /// The days of a month around one that have the same rate of tax.
    #[must_use]
    pub fn service(&self, on: Day, taxes: &TaxTable) -> Option<DaySpan> {
        let month = DaySpan::of_month(on.month())?;
        let spans = month.split(taxes.changes(&self.contract.tax_class, month));
        spans.into_iter().find(|span| span.contains(on))
    }

    fn position(
        &self,
        component: &SaleComponent,
        service: DaySpan,
        (quantity, price, amount): (Quantity, ShownPrice, Amount),
        vat_rate: VatRate,
    ) -> RatedPosition {
        let unit = if *component == SaleComponent::Subscription { Unit::Day } else { Unit::KilowattHour };
        RatedPosition {
            key: component.key(&self.contract.id, service),
            order: component.order(),
            name: component.name(),
            quantity,
            unit,
            price,
            amount,
            currency: self.currency,
            tax_class: self.contract.tax_class.clone(),
            vat_rate,
            is_tax: false,
            display: Display { group: component.group(), is_bundled: false },
            revenue_role: self.contract.revenue_role.clone(),
            rounding: Rounding::HalfAwayFromZero,
            is_estimated: false,
            provenance: Provenance::default(),
        }
    }
}

/// The position without a session that is taken back. `None` beyond the range.
#[must_use]
pub fn without(held: &RatedPosition, sold: &SoldSession) -> Option<RatedPosition> {
    changed(held.clone(), sold, true)
}

/// The position with a session more, or less.
fn changed(before: RatedPosition, sold: &SoldSession, is_back: bool) -> Option<RatedPosition> {
    let (energy, net) = (sold.sale.energy_kwh, Amount::from_money(sold.sale.net)?);
    let sessions = match before.price {
        ShownPrice::Average { intervals } => intervals,
        _ => 0,
    };
    let (quantity, amount, intervals) = match is_back {
        false => {
            (before.quantity.checked_add(energy)?, before.amount.checked_add(net)?, sessions.checked_add(1)?)
        }
        true => (
            before.quantity.checked_sub(energy)?,
            before.amount.checked_sub(net)?,
            sessions.saturating_sub(1),
        ),
    };
    Some(RatedPosition { quantity, amount, price: ShownPrice::Average { intervals }, ..before })
}
