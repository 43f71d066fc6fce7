//! Proration: how much of a month's amount the days of service in it bear.
//!
//! There is more than one basis in use, so a component always names its own. Days are civil days: a day of 23 or 25 hours
//! is one day.

use crate::amount::Amount;
use crate::day::{Day, Month};
use crate::day_span::DaySpan;
use crate::fixed::{self, Rounding};

/// On what basis days bear a part of a month's amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proration {
    /// All of it, however few days are served. Pieces of the service bear it by their civil days.
    Whole,
    /// Days / civil days of the month.
    DaysOfMonth,
    /// Days / 30, at most all of it; all of it for a whole month of whatever length.
    ThirtyDays,
    /// Days x 12 / days of the year (365 or 366): a month of 31 days bears more than a twelfth of the year.
    DaysOfYear,
}

/// The days of one calendar month over which something is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    month: Month,
    span: DaySpan,
}

/// A part of a whole: `numerator / denominator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    /// How many parts.
    pub numerator: i64,
    /// How many parts make the whole. Never zero.
    pub denominator: i64,
}

impl Fraction {
    /// This part of an amount, rounded half away from zero where it leaves a remainder: it differs from the exact part by at
    /// most half of 1 / (56,637 x 10^18). Days of a month and thirty days leave none; days of a year, and means of other
    /// counts than 2^n, 3, 5, 9 and their like, may. `None` beyond the range.
    #[must_use]
    pub fn of(self, amount: Amount) -> Option<Amount> {
        let (numerator, denominator) = (i128::from(self.numerator), i128::from(self.denominator));
        // Whole and rest apart, so that a large amount does not leave the range on the way.
        let whole = amount.raw().checked_div(denominator)?.checked_mul(numerator)?;
        let rest = amount.raw().checked_rem(denominator)?.checked_mul(numerator)?;
        whole.checked_add(fixed::divide(rest, denominator, Rounding::HalfAwayFromZero)?).map(Amount::from_raw)
    }
}

impl Service {
    /// The days of the span that lie in the month of its first day; `None` where some lie outside.
    #[must_use]
    pub fn new(span: DaySpan) -> Option<Self> {
        let month = span.first().month();
        DaySpan::of_month(month).filter(|days| days.covers(span)).map(|_| Self { month, span })
    }

    /// The days.
    #[must_use]
    pub const fn span(self) -> DaySpan {
        self.span
    }

    /// The month.
    #[must_use]
    pub const fn month(self) -> Month {
        self.month
    }

    /// How many of its days lie before this one.
    #[must_use]
    pub fn days_until(self, day: Day) -> i64 {
        i64::from(self.span.first().days_to(day.min(self.span.end()))).max(0)
    }
}

impl Proration {
    /// The part of a month's amount that the first `days` of the service bear.
    ///
    /// A stretch in the middle bears the difference of two such parts, so that the stretches of a service together bear
    /// what the whole of it does.
    #[must_use]
    pub fn share(self, service: Service, days: i64) -> Fraction {
        let of_month = service.month.days();
        match self {
            Self::Whole => Fraction { numerator: days, denominator: service.span.count().max(1) },
            Self::DaysOfMonth => Fraction { numerator: days, denominator: of_month },
            Self::ThirtyDays if days >= of_month => Fraction { numerator: 1, denominator: 1 },
            Self::ThirtyDays => Fraction { numerator: days.min(30), denominator: 30 },
            Self::DaysOfYear => Fraction {
                numerator: days.saturating_mul(12),
                denominator: days_of_year(service.month.year()),
            },
        }
    }

    /// What some days in the service bear of a month's amount, which `part` gives a part of: what the service bears up to
    /// their end less what it bears up to their start. `None` beyond the range of an amount.
    #[must_use]
    pub fn borne(
        self,
        service: Service,
        days: DaySpan,
        part: impl Fn(Fraction) -> Option<Amount>,
    ) -> Option<Amount> {
        let until = |day| part(self.share(service, service.days_until(day)));
        until(days.end())?.checked_sub(until(days.first())?)
    }

    /// The part that all of the service bears.
    #[must_use]
    pub fn of_service(self, service: Service) -> Fraction {
        self.share(service, service.span.count())
    }
}

fn days_of_year(year: i16) -> i64 {
    let first = |year| Day::new(year, 1, 1);
    let next = year.checked_add(1).and_then(first);
    first(year).zip(next).map_or(365, |(first, next)| i64::from(first.days_to(next)))
}
