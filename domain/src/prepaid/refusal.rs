//! Why a command about prepaid supply is refused.

use crate::funds::FundsRefused;
use crate::identity::MeteringPointId;

/// Why a command about prepaid supply is refused, in order of checking. Nothing changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrepaidRefused {
    /// The operation id begins with what is kept for debits of prepaid supply.
    ReservedId,
    /// There is no metering point, or there are more than an account may have.
    Points,
    /// The low-credit level, or that of emergency credit, is below the zero-credit level.
    LevelsOutOfOrder,
    /// More windows or holidays than friendly hours may have.
    TooManyFriendlyHours,
    /// A window has no weekday, or one of its minutes is none of a day.
    FriendlyWindow,
    /// No minute of the week is left in which supply may be disconnected.
    AlwaysFriendly,
    /// An amount is not above zero, or below zero where zero would do.
    AmountNotPositive,
    /// An amount has more decimals than its currency.
    OtherScale,
    /// The days of the average are not 1 to 31.
    AverageDays,
    /// The first day of supply in advance lies in the future.
    FirstDayAhead,
    /// A first day is named, and no metering point joins by the terms: all are supplied in advance already.
    FirstDayJoined,
    /// The currency is not the tenant's, in which everything else is paid.
    OtherCurrency,
    /// The account knows of no contract at this metering point that it pays alone and that goes on, from the first day of
    /// supply in advance or later.
    NoContract(MeteringPointId),
    /// A run rated days on or after the first day of supply in advance at a metering point that joins.
    DaysBilled,
    /// Debt is owed in another currency.
    DebtInOtherCurrency,
    /// There is no prepaid supply.
    NotPrepaid,
    /// The debt would be less than what was paid off already.
    DebtBelowRecovered,
    /// Emergency credit is not offered, or not under this number.
    EmergencyNotOffered,
    /// More is missing than emergency credit gives.
    BeyondEmergency,
    /// The funds refuse it.
    Funds(FundsRefused),
    /// A count would leave its range.
    OutOfRange,
}

impl From<FundsRefused> for PrepaidRefused {
    fn from(refused: FundsRefused) -> Self {
        Self::Funds(refused)
    }
}
