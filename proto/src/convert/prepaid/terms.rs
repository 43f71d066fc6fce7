//! The terms of prepaid supply.

use domain::prepaid::{
    EmergencyCredit, FriendlyHours, FriendlyWindow, PrepaidTerms, Reconnection, Recovery, SwitchedOn,
};

use crate::charging::{self, prepaid_terms};
use crate::convert::product::{minute, time_of_day, weekdays};
use crate::convert::{FieldError, FieldFault, field, number, text};

impl From<&PrepaidTerms> for charging::PrepaidTerms {
    fn from(terms: &PrepaidTerms) -> Self {
        let recovery = terms.recovery.map(|recovery| match recovery {
            Recovery::ShareOfTopUp(share) => {
                prepaid_terms::Recovery::ShareBasisPoints(share.ten_thousandths())
            }
            Recovery::PerWeek { amount, first } => {
                prepaid_terms::Recovery::Weekly(charging::WeeklyRecovery {
                    exact_amount: number::amount_text(amount),
                    first_day: Some((&first).into()),
                })
            }
        });
        Self {
            metering_point_ids: terms.points.iter().map(ToString::to_string).collect(),
            currency_code: terms.currency.code().to_owned(),
            exact_low_credit: number::amount_text(terms.low_credit),
            exact_zero_credit: number::amount_text(terms.zero_credit),
            friendly_windows: field::messages(&terms.friendly.windows),
            holidays: field::messages(&terms.friendly.holidays),
            emergency: terms.emergency.map(|emergency| charging::EmergencyCredit {
                exact_amount: number::amount_text(emergency.amount),
                exact_offered_at: number::amount_text(emergency.offered_at),
            }),
            recovery,
            exact_least_reconnection: number::amount_text(terms.reconnection.least),
            switched_on_at_meter: terms.reconnection.switched_on == SwitchedOn::AtMeter,
            average_days: terms.average_days.into(),
        }
    }
}

impl TryFrom<charging::PrepaidTerms> for PrepaidTerms {
    type Error = FieldError;

    fn try_from(terms: charging::PrepaidTerms) -> Result<Self, FieldError> {
        let point = |digits: String| text::metering_point("", &digits);
        let switched_on = if terms.switched_on_at_meter { SwitchedOn::AtMeter } else { SwitchedOn::ByOrder };
        let average_days = u16::try_from(terms.average_days);
        Ok(Self {
            points: field::each_by("metering_point_ids", terms.metering_point_ids, point)?,
            currency: number::currency("currency_code", &terms.currency_code)?,
            low_credit: number::amount("exact_low_credit", &terms.exact_low_credit)?,
            zero_credit: number::amount("exact_zero_credit", &terms.exact_zero_credit)?,
            friendly: FriendlyHours {
                windows: field::each("friendly_windows", terms.friendly_windows)?,
                holidays: field::each("holidays", terms.holidays)?,
            },
            emergency: field::optional("emergency", terms.emergency)?,
            recovery: terms.recovery.map(into_recovery).transpose()?,
            reconnection: Reconnection {
                least: number::amount("exact_least_reconnection", &terms.exact_least_reconnection)?,
                switched_on,
            },
            average_days: average_days.map_err(|_| FieldError::at("average_days", FieldFault::OutOfRange))?,
        })
    }
}

fn into_recovery(recovery: prepaid_terms::Recovery) -> Result<Recovery, FieldError> {
    match recovery {
        prepaid_terms::Recovery::ShareBasisPoints(share) => {
            Ok(Recovery::ShareOfTopUp(number::share("share_basis_points", share)?))
        }
        prepaid_terms::Recovery::Weekly(weekly) => Ok(Recovery::PerWeek {
            amount: number::amount("weekly.exact_amount", &weekly.exact_amount)?,
            first: field::required("weekly.first_day", weekly.first_day)?,
        }),
    }
}

impl TryFrom<charging::EmergencyCredit> for EmergencyCredit {
    type Error = FieldError;

    fn try_from(emergency: charging::EmergencyCredit) -> Result<Self, FieldError> {
        Ok(Self {
            amount: number::amount("exact_amount", &emergency.exact_amount)?,
            offered_at: number::amount("exact_offered_at", &emergency.exact_offered_at)?,
        })
    }
}

impl From<&FriendlyWindow> for charging::FriendlyWindow {
    fn from(window: &FriendlyWindow) -> Self {
        Self {
            weekdays: window.weekdays.days().map(i32::from).collect(),
            from_time: Some(time_of_day(window.from_minute)),
            to_time: Some(time_of_day(window.to_minute)),
        }
    }
}

impl TryFrom<charging::FriendlyWindow> for FriendlyWindow {
    type Error = FieldError;

    fn try_from(window: charging::FriendlyWindow) -> Result<Self, FieldError> {
        Ok(Self {
            weekdays: weekdays(&window.weekdays)?,
            from_minute: minute("from_time", window.from_time)?,
            to_minute: minute("to_time", window.to_time)?,
        })
    }
}
