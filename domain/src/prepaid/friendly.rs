//! Friendly hours: local times in which nobody is disconnected, because nobody could top up.

use std::collections::BTreeSet;

use super::refusal::PrepaidRefused;
use crate::day::{Day, DayRule};
use crate::instant::Instant;
use crate::product::Weekdays;
use crate::product::calendar::MINUTES_OF_DAY;

/// Most windows of friendly hours.
pub const MOST_WINDOWS: usize = 32;
/// Most holidays that are known at a time.
pub const MOST_HOLIDAYS: usize = 400;

/// Most stretches that can follow one another without a gap: every holiday, and a week around each.
const MOST_STRETCHES: usize = 8 * MOST_HOLIDAYS;

/// When nobody is disconnected. Out of credit then, supply goes on until the hours end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FriendlyHours {
    /// Windows of the week.
    pub windows: Vec<FriendlyWindow>,
    /// Civil days that are friendly from midnight to midnight, whatever their weekday. The windows of such a day hold
    /// as well: one that begins in its evening ends on the morning after.
    pub holidays: BTreeSet<Day>,
}

/// A window that recurs every week, in local time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FriendlyWindow {
    /// The days on which it begins.
    pub weekdays: Weekdays,
    /// The minute of the day at which it begins, 0 to 1,439. Where the clock shows it twice, the first counts; where it is
    /// skipped, the instant of the change.
    pub from_minute: u16,
    /// The minute at which it ends, 1 to 1,440; that of the next day where it is not after `from_minute`. Where the clock shows
    /// it twice, the second counts.
    pub to_minute: u16,
}

impl FriendlyHours {
    /// When the friendly hours end in which the instant lies; what follows without a gap belongs to them. `None` where it
    /// lies in none.
    #[must_use]
    pub fn until(&self, now: Instant, days: &DayRule) -> Option<Instant> {
        let mut end = None;
        for _ in 0..MOST_STRETCHES {
            let at = end.unwrap_or(now);
            match self
                .stretches(at, days)
                .filter(|(from, to)| *from <= at && at < *to)
                .map(|(_, to)| to)
                .max()
            {
                Some(later) => end = Some(later),
                None => return end,
            }
        }
        end
    }

    /// The stretches that may hold an instant: those that begin on its day or on one of the two before.
    fn stretches<'a>(
        &'a self,
        at: Instant,
        days: &'a DayRule,
    ) -> impl Iterator<Item = (Instant, Instant)> + 'a {
        let today = days.day_of(at);
        let begin = today.previous().previous();
        begin.until(today.next()).flat_map(move |day| {
            let holiday = self.holidays.contains(&day).then(|| (days.start(day), days.start(day.next())));
            let windows = self.windows.iter().filter_map(move |window| window.on(day, days));
            holiday.into_iter().chain(windows)
        })
    }

    pub(super) fn check(&self) -> Result<(), PrepaidRefused> {
        if self.windows.len() > MOST_WINDOWS || self.holidays.len() > MOST_HOLIDAYS {
            return Err(PrepaidRefused::TooManyFriendlyHours);
        }
        if !self.windows.iter().all(FriendlyWindow::is_well_formed) {
            return Err(PrepaidRefused::FriendlyWindow);
        }
        if self.covers_the_week() { Err(PrepaidRefused::AlwaysFriendly) } else { Ok(()) }
    }

    /// Whether no minute of the week is left in which supply may be disconnected.
    fn covers_the_week(&self) -> bool {
        let week = usize::from(MINUTES_OF_DAY).saturating_mul(7);
        // A window of Sunday may reach into the next week, which is this one.
        let mut minutes = vec![false; week.saturating_mul(2)];
        for window in &self.windows {
            for weekday in window.weekdays.days() {
                let day = usize::try_from(weekday.saturating_sub(1)).unwrap_or_default();
                let first = day
                    .saturating_mul(usize::from(MINUTES_OF_DAY))
                    .saturating_add(usize::from(window.from_minute));
                minutes.iter_mut().skip(first).take(window.minutes()).for_each(|minute| *minute = true);
            }
        }
        minutes.iter().take(week).zip(minutes.iter().skip(week)).all(|(one, next)| *one || *next)
    }
}

impl FriendlyWindow {
    /// The window that begins on this day, if one does.
    fn on(&self, day: Day, days: &DayRule) -> Option<(Instant, Instant)> {
        self.weekdays.contains(day.of_week()).then_some(())?;
        let last_day = if self.to_minute <= self.from_minute { day.next() } else { day };
        let (from, _) = days.at_minute(day, self.from_minute)?;
        let (_, to) = days.at_minute(last_day, self.to_minute)?;
        Some((from, to))
    }

    fn is_well_formed(&self) -> bool {
        self.from_minute < MINUTES_OF_DAY
            && (1..=MINUTES_OF_DAY).contains(&self.to_minute)
            && self.weekdays != Weekdays::default()
    }

    fn minutes(&self) -> usize {
        let to = if self.to_minute <= self.from_minute {
            self.to_minute.saturating_add(MINUTES_OF_DAY)
        } else {
            self.to_minute
        };
        usize::from(to.saturating_sub(self.from_minute))
    }
}
