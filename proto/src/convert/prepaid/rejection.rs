//! A refusal about prepaid supply as a client is told.

use domain::identity::MeteringPointId;
use domain::prepaid::PrepaidRefused;

use crate::convert::entity::refused;
use crate::store::Rejection;
use crate::store::RejectionKind::{FailedPrecondition, Invalid};

impl From<&PrepaidRefused> for Rejection {
    fn from(refusal: &PrepaidRefused) -> Self {
        let (kind, reason, text) = match refusal {
            PrepaidRefused::Funds(refused) => return refused.into(),
            PrepaidRefused::ReservedId => {
                (Invalid, "RESERVED_ID", "the id begins with what is kept for debits of prepaid supply")
            }
            PrepaidRefused::Points => (Invalid, "PREPAID_POINTS", "there are 1 to 20 metering points"),
            PrepaidRefused::LevelsOutOfOrder => {
                (Invalid, "LEVELS_OUT_OF_ORDER", "a level of credit is below the one at which it is used up")
            }
            PrepaidRefused::TooManyFriendlyHours => {
                (Invalid, "TOO_MANY_FRIENDLY_HOURS", "more windows or holidays than friendly hours may have")
            }
            PrepaidRefused::FriendlyWindow => {
                (Invalid, "FRIENDLY_WINDOW", "a window has no day of the week, or a minute that is none")
            }
            PrepaidRefused::AlwaysFriendly => {
                (Invalid, "ALWAYS_FRIENDLY", "no minute of the week is left in which supply may go off")
            }
            PrepaidRefused::AmountNotPositive => {
                (Invalid, "PREPAID_AMOUNT", "an amount is not above zero, or below zero where zero would do")
            }
            PrepaidRefused::OtherScale => {
                (Invalid, "PREPAID_SCALE", "an amount has more decimals than its currency")
            }
            PrepaidRefused::AverageDays => (Invalid, "AVERAGE_DAYS", "use is averaged over 1 to 31 days"),
            PrepaidRefused::FirstDayAhead => {
                (Invalid, "FIRST_DAY_AHEAD", "the first day of supply in advance lies in the future")
            }
            PrepaidRefused::FirstDayJoined => (
                FailedPrecondition,
                "FIRST_DAY_JOINED",
                "a first day is of metering points that join, and all are supplied in advance already",
            ),
            PrepaidRefused::NoContract(point) => return no_contract(*point),
            PrepaidRefused::OtherCurrency => {
                (FailedPrecondition, "PREPAID_CURRENCY", "the currency is not the one of the tenant")
            }
            PrepaidRefused::DaysBilled => (
                FailedPrecondition,
                "DAYS_BILLED",
                "a run has rated days from the first one on: begin behind them, or today",
            ),
            PrepaidRefused::DebtInOtherCurrency => {
                (FailedPrecondition, "DEBT_IN_OTHER_CURRENCY", "debt is owed in another currency")
            }
            PrepaidRefused::NotPrepaid => {
                (FailedPrecondition, "NOT_PREPAID", "the account supplies nothing in advance")
            }
            PrepaidRefused::DebtBelowRecovered => {
                (FailedPrecondition, "DEBT_BELOW_RECOVERED", "more of the debt was paid off already")
            }
            PrepaidRefused::EmergencyNotOffered => (
                FailedPrecondition,
                "EMERGENCY_NOT_OFFERED",
                "emergency credit is not offered by this number",
            ),
            PrepaidRefused::BeyondEmergency => {
                (FailedPrecondition, "BEYOND_EMERGENCY", "more is missing than emergency credit gives")
            }
            PrepaidRefused::OutOfRange => (Invalid, "PREPAID_OUT_OF_RANGE", "a sum would leave its range"),
        };
        refused(kind, reason, text)
    }
}

/// The metering point is a fact.
fn no_contract(point: MeteringPointId) -> Rejection {
    let text = format!("the account pays no contract of metering point {point} alone from the first day on");
    let metadata = [("metering_point".to_owned(), point.to_string())].into();
    Rejection { metadata, ..refused(FailedPrecondition, "NO_CONTRACT_ALONE", &text) }
}
