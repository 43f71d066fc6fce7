//! The terms of supply in advance as options, and as they are shown.

use clap::Args;
use domain::day::Day;
use proto::charging::prepaid_terms::Recovery;
use proto::charging::{EmergencyCredit, FriendlyWindow, PrepaidTerms, WeeklyRecovery};
use proto::google_type::{self, DayOfWeek, TimeOfDay};

use crate::cli::sheet::Sheet;
use crate::cli::show;

/// The days of the week as they are written, from Monday on.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// All terms of an account.
#[derive(Args, Clone, Debug)]
pub(super) struct TermsArguments {
    /// A metering point that is supplied in advance; once for each
    #[arg(long = "point", value_name = "POINT", required = true)]
    points: Vec<String>,
    /// The currency, that of the tenant
    #[arg(long)]
    currency: String,
    /// Credit at which it runs low
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    low: String,
    /// Credit at which it is used up
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    zero: String,
    /// Hours in which nobody is disconnected, such as mon,tue@17:00-09:00; once for each window
    #[arg(long, value_name = "DAYS@FROM-TO")]
    friendly: Vec<String>,
    /// A day on which nobody is disconnected; once for each
    #[arg(long = "holiday", value_name = "DAY", value_parser = show::parse_day)]
    holidays: Vec<Day>,
    /// Emergency credit, and the credit at which it is offered, such as 5@2
    #[arg(long, value_name = "AMOUNT@LEVEL")]
    emergency: Option<String>,
    /// The share of each top-up that pays off old debt, in basis points: 2500 is a quarter
    #[arg(long, value_name = "BASIS POINTS", conflicts_with = "weekly")]
    share: Option<u32>,
    /// What pays off old debt each week, and the first day, such as 3@2026-03-09
    #[arg(long, value_name = "AMOUNT@DAY")]
    weekly: Option<String>,
    /// So much must be there above the level at which credit is used up before supply comes back
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    least: String,
    /// The customer switches supply on at the meter when it comes back
    #[arg(long)]
    at_meter: bool,
    /// Over so many days before today the use of a day is averaged
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    average: u32,
    /// The first day on which points that join are paid in advance, where it is not today
    #[arg(long, value_name = "DAY", value_parser = show::parse_day)]
    first_day: Option<Day>,
}

impl TermsArguments {
    /// The first day on which points that join are paid in advance.
    pub(super) fn first_day(&self) -> Option<google_type::Date> {
        self.first_day.as_ref().map(Into::into)
    }

    /// The terms, or what can't be read.
    pub(super) fn read(&self) -> Result<PrepaidTerms, String> {
        let two = |option: &str, text: &str| {
            let split = text.split_once('@').map(|(one, other)| (one.to_owned(), other.to_owned()));
            split.ok_or_else(|| format!("{option} {text}: write two parts with @ between"))
        };
        let emergency = self.emergency.as_deref().map(|text| two("--emergency", text)).transpose()?;
        let weekly = match &self.weekly {
            None => None,
            Some(text) => {
                let (exact_amount, first) = two("--weekly", text)?;
                let first = show::parse_day(&first).map_err(|error| format!("--weekly {text}: {error}"))?;
                let first_day = Some((&first).into());
                Some(Recovery::Weekly(WeeklyRecovery { exact_amount, first_day }))
            }
        };
        let windows: Result<Vec<FriendlyWindow>, String> =
            self.friendly.iter().map(|text| window(text)).collect();
        Ok(PrepaidTerms {
            metering_point_ids: self.points.clone(),
            currency_code: self.currency.clone(),
            exact_low_credit: self.low.clone(),
            exact_zero_credit: self.zero.clone(),
            friendly_windows: windows?,
            holidays: self.holidays.iter().map(Into::into).collect(),
            emergency: emergency
                .map(|(exact_amount, exact_offered_at)| EmergencyCredit { exact_amount, exact_offered_at }),
            recovery: self.share.map(Recovery::ShareBasisPoints).or(weekly),
            exact_least_reconnection: self.least.clone(),
            switched_on_at_meter: self.at_meter,
            average_days: self.average,
        })
    }
}

/// The terms as people read them.
pub(super) fn shown(terms: PrepaidTerms) -> Sheet {
    let emergency = terms.emergency.map(|one| format!("{} at {}", one.exact_amount, one.exact_offered_at));
    let recovery = terms.recovery.map(|recovery| match recovery {
        Recovery::ShareBasisPoints(share) => format!("{share} basis points of a top-up"),
        Recovery::Weekly(weekly) => {
            format!("{} a week from {}", weekly.exact_amount, show::day(weekly.first_day.as_ref()))
        }
    });
    let friendly: Vec<String> = terms.friendly_windows.iter().map(window_text).collect();
    let holidays: Vec<String> = terms.holidays.iter().map(|day| show::day(Some(day))).collect();
    let row = vec![
        terms.metering_point_ids.join(" "),
        terms.currency_code,
        terms.exact_low_credit,
        terms.exact_zero_credit,
        friendly.join(" "),
        holidays.join(" "),
        emergency.unwrap_or_default(),
        recovery.unwrap_or_default(),
        terms.exact_least_reconnection,
        if terms.switched_on_at_meter { "at the meter" } else { "by order" }.to_owned(),
        terms.average_days.to_string(),
    ];
    Sheet::one(
        &[
            "points",
            "currency",
            "low",
            "zero",
            "friendly",
            "holidays",
            "emergency",
            "recovery",
            "least",
            "switched on",
            "average days",
        ],
        row,
    )
}

/// `mon,tue@17:00-09:00`.
fn window(text: &str) -> Result<FriendlyWindow, String> {
    let wrong = || format!("--friendly {text}: write days and times, such as mon,tue@17:00-09:00");
    let (days, times) = text.split_once('@').ok_or_else(wrong)?;
    let (from, to) = times.split_once('-').ok_or_else(wrong)?;
    let weekday = |day: &str| {
        let place = DAYS.iter().position(|name| *name == day)?;
        i32::try_from(place).ok()?.checked_add(1)
    };
    let weekdays: Option<Vec<i32>> = days.split(',').map(weekday).collect();
    Ok(FriendlyWindow {
        weekdays: weekdays.ok_or_else(wrong)?,
        from_time: Some(time(from).ok_or_else(wrong)?),
        to_time: Some(time(to).ok_or_else(wrong)?),
    })
}

fn time(text: &str) -> Option<TimeOfDay> {
    let (hours, minutes) = text.split_once(':')?;
    Some(TimeOfDay { hours: hours.parse().ok()?, minutes: minutes.parse().ok()?, ..TimeOfDay::default() })
}

fn window_text(window: &FriendlyWindow) -> String {
    let day = |day: &i32| {
        let place = usize::try_from(*day).ok()?.checked_sub(1)?;
        DayOfWeek::try_from(*day).ok()?;
        DAYS.get(place).copied()
    };
    let days: Vec<&str> = window.weekdays.iter().filter_map(day).collect();
    let time = |time: Option<&TimeOfDay>| {
        time.map(|time| format!("{:02}:{:02}", time.hours, time.minutes)).unwrap_or_default()
    };
    let (from, to) = (time(window.from_time.as_ref()), time(window.to_time.as_ref()));
    format!("{}@{from}-{to}", days.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_as_they_are_shown() {
        for text in ["mon@17:00-09:00", "mon,tue,sun@00:00-24:00", "sat@00:30-23:59"] {
            assert_eq!(window(text).as_ref().map(window_text).as_deref(), Ok(text));
        }
        for text in ["", "mon", "mon@17:00", "day@17:00-09:00", "mon@17-9", "mon@a:00-09:00"] {
            assert!(window(text).is_err(), "{text}");
        }
    }
}
