//! Which days of a contract are paid in advance: those on which the account that pays it alone supplied the metering point
//! so. All others are billed afterwards, so that every day is paid once.
//!
//! The days are fixed by the account's orders, not by what was told or billed. A contract that was cut short, one that was
//! made later, and values of whatever time find the same answer.

use super::arrival::counts_over_the_month;
use super::supply::{PointSupply, SupplyOrder};
use crate::contract::Contract;
use crate::day::Month;
use crate::day_span::DaySpan;
use crate::rating::RatingFacts;

/// The days of a contract in a month, by how they are paid. Each day stands in one of both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaidDays {
    /// In advance.
    pub advance: Vec<DaySpan>,
    /// Afterwards, by the invoice run.
    pub afterwards: Vec<DaySpan>,
}

impl PointSupply {
    /// The account that pays a contract alone, with the days on which it supplies the point in advance, if there are any.
    #[must_use]
    pub fn payer_in_advance<'a>(&'a self, contract: &'a Contract) -> Option<(&'a str, &'a [DaySpan])> {
        let [payer] = contract.payers.as_slice() else { return None };
        let spans = self.advance.get(&payer.account)?;
        (!spans.is_empty()).then_some((payer.account.as_str(), spans.as_slice()))
    }

    /// How the days of a contract in a month are paid. Where a component of its product counts over the month, a month is
    /// paid in one way, as its first day is: two halves of it would each have a minimum, and tiers of their own.
    #[must_use]
    pub fn paid_days(&self, contract: &Contract, month: Month, facts: &RatingFacts) -> PaidDays {
        let service = DaySpan::of_month(month).and_then(|days| days.intersection(contract.span));
        let Some(service) = service else { return PaidDays::default() };
        let spans = self.payer_in_advance(contract).map(|(_, spans)| spans).unwrap_or_default();
        if counts_over_the_month(contract, service, facts) {
            let is_advance = spans.iter().any(|span| span.contains(service.first()));
            let (whole, none) = (vec![service], Vec::new());
            return match is_advance {
                true => PaidDays { advance: whole, afterwards: none },
                false => PaidDays { advance: none, afterwards: whole },
            };
        }
        let cuts = spans.iter().flat_map(|span| [span.first(), span.end()]);
        let pieces = service.split(cuts).into_iter();
        let (advance, afterwards) =
            pieces.partition(|piece| spans.iter().any(|span| span.contains(piece.first())));
        PaidDays { advance, afterwards }
    }
}

/// Moves the days on which an account supplies a point in advance as its order says.
pub(super) fn follow(spans: &mut Vec<DaySpan>, order: &SupplyOrder) {
    let Some(day) = order.day else { return };
    let is_open = spans.last().is_some_and(|last| last.is_open());
    if is_open == order.is_prepaid {
        return;
    }
    let mut first = day;
    while let Some(last) = spans.last().copied().filter(|last| last.end() >= day) {
        spans.pop();
        first = first.min(last.first());
    }
    spans.extend(match order.is_prepaid {
        true => DaySpan::since(first),
        false => DaySpan::new(first, day),
    });
}
