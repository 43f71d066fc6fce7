//! Sums over the period: per charge, per charge owner and per supplier.
//!
//! A sum whose every term is absent is absent; with one term present it is a number.

use std::collections::BTreeMap;

use super::codes::{GridArea, ParticipantId};
use super::refusal::Refusal;
use super::results::{ChargeGroup, ChargeSeries, MonthlyAmount, RowAmount, TotalAmount};

/// A sum of amounts that may be absent.
type Sum = Option<RowAmount>;
/// An area and a supplier.
type Debtor = (GridArea, Option<ParticipantId>);

/// Sums of a table's rows per area, supplier, charge and tax flag.
pub(super) fn monthly(table: &[ChargeSeries]) -> Result<Vec<MonthlyAmount>, Refusal> {
    let mut sums = BTreeMap::new();
    for series in table {
        let ChargeGroup { grid_area, energy_supplier, charge, is_tax, .. } = &series.group;
        let key = (grid_area, energy_supplier, charge, *is_tax);
        let sum: &mut Sum = sums.entry(key).or_default();
        for row in &series.rows {
            *sum = added(*sum, row.amount)?;
        }
    }
    let amounts = sums.into_iter().map(|((area, supplier, charge, is_tax), amount)| MonthlyAmount {
        grid_area: area.clone(),
        energy_supplier: supplier.clone(),
        charge: charge.clone(),
        is_tax,
        amount,
    });
    Ok(amounts.collect())
}

/// Per charge owner: its own amounts that are no tax, and the taxes of the same area and supplier that are not its own.
///
/// An owner has a row only where it has amounts that are no tax.
pub(super) fn per_owner<'a>(
    monthly: impl Iterator<Item = &'a MonthlyAmount> + Clone,
) -> Result<Vec<TotalAmount>, Refusal> {
    let mut sums: BTreeMap<(Debtor, String), Sum> = BTreeMap::new();
    for amount in monthly.clone().filter(|amount| !amount.is_tax) {
        let sum = sums.entry((debtor(amount), amount.charge.owner.clone())).or_default();
        *sum = added(*sum, amount.amount)?;
    }
    for tax in monthly.filter(|amount| amount.is_tax) {
        let owners =
            sums.iter_mut().filter(|((of, owner), _)| *of == debtor(tax) && *owner != tax.charge.owner);
        for (_, sum) in owners {
            *sum = added(*sum, tax.amount)?;
        }
    }
    let total = |(((grid_area, energy_supplier), owner), amount)| TotalAmount {
        grid_area,
        energy_supplier,
        charge_owner: Some(owner),
        amount,
    };
    Ok(sums.into_iter().map(total).collect())
}

/// Per supplier: all of its amounts.
pub(super) fn per_supplier<'a>(
    monthly: impl Iterator<Item = &'a MonthlyAmount>,
) -> Result<Vec<TotalAmount>, Refusal> {
    let mut sums: BTreeMap<Debtor, Sum> = BTreeMap::new();
    for amount in monthly {
        let sum = sums.entry(debtor(amount)).or_default();
        *sum = added(*sum, amount.amount)?;
    }
    let total = |((grid_area, energy_supplier), amount)| TotalAmount {
        grid_area,
        energy_supplier,
        charge_owner: None,
        amount,
    };
    Ok(sums.into_iter().map(total).collect())
}

fn debtor(amount: &MonthlyAmount) -> Debtor {
    (amount.grid_area.clone(), amount.energy_supplier.clone())
}

fn added(sum: Sum, term: Sum) -> Result<Sum, Refusal> {
    let (Some(one), Some(two)) = (sum, term) else { return Ok(sum.or(term)) };
    let micros = one.micros().checked_add(two.micros()).ok_or(Refusal::OUT_OF_RANGE)?;
    Ok(Some(RowAmount::from_micros(micros)))
}
