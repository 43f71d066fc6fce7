//! Value added tax: classes of goods and the rate each has on a day.

use std::collections::BTreeMap;
use std::fmt;

use crate::amount::Amount;
use crate::day::Day;
use crate::day_span::DaySpan;
use crate::fixed::{self, Rounding};
use crate::money::Money;
use crate::price::Price;

/// A rate of value added tax in hundredths of a percent: 2,100 is 21 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VatRate(u32);

impl VatRate {
    /// A rate from hundredths of a percent; `None` above 100 %.
    #[must_use]
    pub fn new(hundredths_of_percent: u32) -> Option<Self> {
        (hundredths_of_percent <= 10_000).then_some(Self(hundredths_of_percent))
    }

    /// Hundredths of a percent.
    #[must_use]
    pub const fn hundredths_of_percent(self) -> u32 {
        self.0
    }

    /// Percent as decimal text without the sign: `21`, `5.5`.
    #[must_use]
    pub fn percent_text(self) -> String {
        fixed::format(i128::from(self.0), 2, 0)
    }

    /// The tax on a net, rounded half away from zero to the minor unit. `None` beyond the range.
    #[must_use]
    pub fn of(self, net: Money) -> Option<Money> {
        let scaled = i128::from(net.minor()).checked_mul(i128::from(self.0))?;
        let minor = fixed::divide(scaled, 10_000, Rounding::HalfAwayFromZero)?;
        i64::try_from(minor).ok().map(|minor| Money::new(minor, net.currency()))
    }
}

impl fmt::Display for VatRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.percent_text())
    }
}

/// What kind of good a component is for the tax: `standard`, `reduced`, …, or [`TaxClass::OUTSIDE`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaxClass(String);

impl TaxClass {
    /// The name of the class that no tax is due on.
    pub const OUTSIDE: &'static str = "outside";

    /// The class of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The class that no tax is due on.
    #[must_use]
    pub fn outside() -> Self {
        Self::new(Self::OUTSIDE)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl VatRate {
    /// The tax on a net amount: exact where the net has at most 14 decimals, else rounded half away from zero to the scale of
    /// amounts. `None` beyond the range.
    #[must_use]
    pub fn on(self, net: Amount) -> Option<Amount> {
        // A rate counts 10^-4, a factor 10^-8.
        net.times(Price::from_raw(i64::from(self.hundredths_of_percent()).checked_mul(10_000)?))
    }
}

/// A rate of a class from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxRate {
    /// The class.
    pub class: TaxClass,
    /// The first day on which the rate holds.
    pub valid_from: Day,
    /// The rate.
    pub rate: VatRate,
}

/// The rates of all classes over time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaxTable {
    rates: BTreeMap<TaxClass, BTreeMap<Day, VatRate>>,
}

impl TaxTable {
    /// A table of these rates; of two for one class and day the later in the list counts.
    #[must_use]
    pub fn new(rates: impl IntoIterator<Item = TaxRate>) -> Self {
        let mut table = Self::default();
        for rate in rates {
            table.rates.entry(rate.class).or_default().insert(rate.valid_from, rate.rate);
        }
        table
    }

    /// The rate of a class on a day; `None` where the table has none.
    #[must_use]
    pub fn rate(&self, class: &TaxClass, on: Day) -> Option<VatRate> {
        if class.name() == TaxClass::OUTSIDE {
            return Some(VatRate::default());
        }
        self.rates.get(class)?.range(..=on).next_back().map(|(_, rate)| *rate)
    }

    /// The days inside the span on which the rate of a class changes.
    pub fn changes<'a>(&'a self, class: &TaxClass, span: DaySpan) -> impl Iterator<Item = Day> + 'a {
        let changes = self.rates.get(class).into_iter().flatten();
        changes.map(|(day, _)| *day).filter(move |day| span.contains(*day))
    }

    /// Every rate, by class and time.
    pub fn all(&self) -> impl Iterator<Item = TaxRate> + '_ {
        self.rates.iter().flat_map(|(class, rates)| {
            rates.iter().map(|(day, rate)| TaxRate { class: class.clone(), valid_from: *day, rate: *rate })
        })
    }
}
