//! What a running quantity costs, and how much of it some funds allow: pricing as real-time charging needs it.
//!
//! A session or a prepaid supply asks two questions of a price: what does so much cost in all, and how much can run for
//! so much money. The first is [`Pricing`], the second [`most_quantity`], which asks the first a few dozen times.

use super::course::Course;
use super::terms::Terms;
use crate::amount::Amount;
use crate::price::Price;
use crate::quantity::Quantity;

/// The cumulative amount of a cumulative quantity, both counted from one start.
///
/// The start is the implementor's: the beginning of a session, or where the month stands when it begins. Whoever grants
/// by a pricing relies on two things: the amount never falls as the quantity grows, and what was granted in steps costs
/// what it costs at once, for a step is charged the difference of two cumulative amounts.
pub trait Pricing {
    /// What `quantity` costs in all from the start on; at zero what is due before anything runs. `None` beyond the range
    /// of an amount, and where the quantity has no price.
    fn amount(&self, quantity: Quantity) -> Option<Amount>;
}

/// The same price for every unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerUnit(pub Price);

impl Pricing for PerUnit {
    fn amount(&self, quantity: Quantity) -> Option<Amount> {
        Amount::of(quantity, self.0)
    }
}

/// A component from where its course stands, at a price that holds for all that is to run: what a quantity adds to what
/// is due.
///
/// Where the amount may fall as the quantity grows (the price of a volume beyond a bound, a tier below zero) this is the
/// highest amount on the way, so that whoever holds it can pay wherever the quantity stops.
#[derive(Clone, Copy, Debug)]
pub struct Onward<'a> {
    /// The terms of the component.
    pub terms: &'a Terms,
    /// Where its count stands.
    pub course: &'a Course,
    /// The price in force; models with tiers take theirs.
    pub price: Price,
}

impl Pricing for Onward<'_> {
    fn amount(&self, quantity: Quantity) -> Option<Amount> {
        let due = self.course.due(self.terms).ok()?;
        let on_the_way = self.terms.edges().into_iter().filter_map(|edge| {
            let run = edge.checked_sub(self.course.count())?;
            (Quantity::ZERO < run && run < quantity).then_some(run)
        });
        let stops = [Quantity::ZERO, quantity].into_iter().chain(on_the_way);
        let amounts = stops.map(|run| self.course.due_after(self.terms, run, self.price).ok());
        let highest = amounts.reduce(|one, other| Some(one?.max(other?)))??;
        highest.checked_sub(due)
    }
}

impl<P: Pricing + ?Sized> Pricing for &P {
    fn amount(&self, quantity: Quantity) -> Option<Amount> {
        (**self).amount(quantity)
    }
}

/// The largest quantity whose amount is within `funds`: all of `most` where its own is, else a multiple of `step`.
///
/// It is exact, found by bisection: the amount of the answer is within the funds and that of a step more is not. A
/// quantity without an amount is not within any funds. Zero where nothing can run: `funds` do not reach the first step
/// or what is due at zero, or `step` or `most` is not above zero.
#[must_use]
pub fn most_quantity(
    pricing: &(impl Pricing + ?Sized),
    funds: Amount,
    step: Quantity,
    most: Quantity,
) -> Quantity {
    let is_within = |quantity| pricing.amount(quantity).is_some_and(|amount| amount <= funds);
    if most <= Quantity::ZERO || is_within(most) {
        return most.max(Quantity::ZERO);
    }
    let Some(steps) = most.micros().checked_div(step.micros()).filter(|steps| *steps > 0) else {
        return Quantity::ZERO;
    };
    let after = |count: i64| count.checked_mul(step.micros()).map(Quantity::from_micros);
    // So many steps are within (none of them, to begin with), and so many are not.
    let (mut within, mut beyond) = (0_i64, steps.saturating_add(1));
    while beyond.saturating_sub(within) > 1 {
        let middle = within.midpoint(beyond);
        if after(middle).is_some_and(is_within) {
            within = middle;
        } else {
            beyond = middle;
        }
    }
    after(within).unwrap_or(Quantity::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So much at once and so much per unit.
    struct Started(i64, Price);

    impl Pricing for Started {
        fn amount(&self, quantity: Quantity) -> Option<Amount> {
            Amount::of(Quantity::from_units(self.0)?, Price::parse("1").ok()?)?
                .checked_add(Amount::of(quantity, self.1)?)
        }
    }

    #[test]
    fn as_much_runs_as_the_funds_allow() {
        let price = |text: &str| Price::parse(text).unwrap();
        let quantity = |text: &str| Quantity::parse(text).unwrap();
        // start, price, funds, step, most, expected
        let cases = [
            (0, "0.25", "10", "0.001", "100", "40"),
            (0, "0.30", "10", "0.001", "100", "33.333"),
            (0, "0.30", "10", "1", "100", "33"),
            (0, "0.30", "10", "1", "33.3", "33.3"),
            (0, "0.30", "10", "1", "20.5", "20.5"),
            (0, "0.30", "0.29", "1", "20.5", "0"),
            (0, "0.30", "0", "1", "20", "0"),
            (0, "0", "0", "1", "20", "20"),
            (0, "0.30", "-1", "1", "20", "0"),
            (2, "0.50", "10", "0.001", "100", "16"),
            (2, "0.50", "1.99", "0.001", "100", "0"),
            (0, "0.30", "10", "0", "100", "0"),
            (0, "0.30", "10", "-1", "100", "0"),
            (0, "0.30", "10", "1", "0", "0"),
            (0, "0.30", "10", "1", "-5", "0"),
            (0, "0.30", "10", "50", "40", "0"),
            (0, "0.00000001", "10", "0.000001", "9000000000000", "1000000000"),
        ];
        for (start, each, funds, step, most, expected) in cases {
            let pricing = Started(start, price(each));
            let funds = Amount::of(Quantity::ONE, price(funds)).unwrap();
            let found = most_quantity(&pricing, funds, quantity(step), quantity(most));
            assert_eq!(found, quantity(expected), "{start} + {each}, step {step}, most {most}");
        }
    }
}
