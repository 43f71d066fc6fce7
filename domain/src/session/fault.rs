//! Why a session can't be priced.

use std::fmt;

use crate::instant::Instant;

/// Why a session can't be priced, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionFault {
    /// It ends before it starts.
    EndsBeforeStart,
    /// It lasts more than 366 days.
    TooLong,
    /// It has no period.
    NoPeriod,
    /// The period of this number, from 0, begins outside the session or before the one in front of it.
    PeriodOutOfOrder(usize),
    /// The period of this number, from 0, has energy or time below zero.
    BelowZero(usize),
    /// No price sheet is valid when it starts.
    NoValidSheet,
    /// A price sheet has another currency than the session.
    OtherCurrency,
    /// The index has no price at this instant.
    NoIndexPrice(Instant),
    /// A number leaves its range.
    OutOfRange,
}

impl fmt::Display for SessionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EndsBeforeStart => write!(f, "the session ends before it starts"),
            Self::TooLong => write!(f, "the session lasts more than 366 days"),
            Self::NoPeriod => write!(f, "charging_periods: there is none"),
            Self::PeriodOutOfOrder(number) => {
                write!(
                    f,
                    "charging_periods[{number}]: begins outside the session or before the period in front"
                )
            }
            Self::BelowZero(number) => write!(f, "charging_periods[{number}]: has a volume below zero"),
            Self::NoValidSheet => write!(f, "no tariff is valid when the session starts"),
            Self::OtherCurrency => write!(f, "the tariff has another currency than the session"),
            Self::NoIndexPrice(at) => write!(f, "the index has no price at {at}"),
            Self::OutOfRange => write!(f, "an amount is out of range"),
        }
    }
}

impl std::error::Error for SessionFault {}
