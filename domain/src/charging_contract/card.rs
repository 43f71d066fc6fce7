//! Cards: what is agreed for one token, and what it has spent.

use std::cmp::Ordering;

use crate::day::{Day, Month};
use crate::money::Money;

/// What is agreed for one of the account's tokens, under whichever contract it charges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The cost centre that its sessions stand under; empty for none.
    pub cost_centre: String,
    /// The account that is owed for energy from the connection at home of whoever has the card; empty where the contract
    /// says it.
    pub home_account: String,
}

/// What may be authorised per card, tax included. A session that is over is always billed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CardLimits {
    /// The most for a civil day of the tenant's zone.
    pub per_day: Option<Money>,
    /// The most for a civil month of the tenant's zone.
    pub per_month: Option<Money>,
}

/// What a card spent by the latest of its days of service, tax included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardUse {
    /// The latest day of service.
    pub day: Day,
    /// What the sessions of that day came to.
    pub of_day: Money,
    /// What the sessions of the day's month came to.
    pub of_month: Money,
}

/// What of a card's use a session was counted in, so that taking it back takes that back and nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CardCounted {
    /// Nothing: its contract had no limits, or its month had passed.
    #[default]
    Nothing,
    /// The month of its day of service alone: a later day was counted already.
    Month,
    /// Its day of service and the month of that.
    DayAndMonth,
}

impl CardLimits {
    /// Whether there is none.
    #[must_use]
    pub fn are_none(&self) -> bool {
        *self == Self::default()
    }

    /// What is left today of what may be authorised; none where nothing bounds it.
    #[must_use]
    pub fn left(&self, used: Option<&CardUse>, today: Day) -> Option<Money> {
        let of_day = used.filter(|used| used.day == today).map(|used| used.of_day);
        let of_month = used.filter(|used| used.day.month() == today.month()).map(|used| used.of_month);
        let left = |most: Option<Money>, spent: Option<Money>| {
            let most = most?;
            Some(spent.map_or(most, |spent| most.checked_sub(spent).unwrap_or(Money::zero(most.currency()))))
        };
        let (day, month) = (left(self.per_day, of_day), left(self.per_month, of_month));
        [day, month].into_iter().flatten().min_by_key(|left| left.minor())
    }
}

impl CardUse {
    /// With a session of a day, and what it was counted in. Days before the latest count for its month alone, and not at all
    /// where they are of a month before. `None` beyond the range, or in another currency.
    #[must_use]
    pub fn with(held: Option<&Self>, day: Day, amount: Money) -> Option<(Self, CardCounted)> {
        let Some(held) = held else {
            return Some((Self { day, of_day: amount, of_month: amount }, CardCounted::DayAndMonth));
        };
        let is_of_month = held.day.month() == day.month();
        let of_month = if is_of_month { held.of_month.checked_add(amount)? } else { held.of_month };
        Some(match day.cmp(&held.day) {
            Ordering::Equal => {
                let of_day = held.of_day.checked_add(amount)?;
                (Self { day, of_day, of_month }, CardCounted::DayAndMonth)
            }
            Ordering::Greater => {
                let of_month = if is_of_month { of_month } else { amount };
                (Self { day, of_day: amount, of_month }, CardCounted::DayAndMonth)
            }
            Ordering::Less if is_of_month => (Self { of_month, ..*held }, CardCounted::Month),
            Ordering::Less => (*held, CardCounted::Nothing),
        })
    }

    /// Without a session of a day, as far as it was counted and what it was counted in has not passed. `None` beyond the
    /// range.
    #[must_use]
    pub fn without(self, day: Day, amount: Money, counted: CardCounted) -> Option<Self> {
        let is_of_day = counted == CardCounted::DayAndMonth && day == self.day;
        let is_of_month = counted != CardCounted::Nothing && day.month() == self.day.month();
        let less = |sum: Money, is_in: bool| if is_in { sum.checked_sub(amount) } else { Some(sum) };
        let (of_day, of_month) = (less(self.of_day, is_of_day)?, less(self.of_month, is_of_month)?);
        Some(Self { of_day, of_month, ..self })
    }

    /// The month that it counts.
    #[must_use]
    pub fn month(&self) -> Month {
        self.day.month()
    }
}
