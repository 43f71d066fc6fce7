//! What prepaid supply does, told a second time and differently: a few figures that are added up anew whenever they are
//! asked for. Figures are whole thousandths of a EUR, times milliseconds; nothing here uses the code under test.

use std::collections::BTreeMap;

pub(crate) const HOUR_MS: i64 = 3_600_000;
/// Monday, 26 January 2026, in Amsterdam.
pub(crate) const FIRST_WEEK: &str = "2026-01-25T23:00Z";
pub(crate) const EMERGENCY: i64 = 10_000;
pub(crate) const OFFERED_AT: i64 = 2_000;
pub(crate) const LEAST: i64 = 1_500;
pub(crate) const WEEKLY: i64 = 3_000;

/// How debt is paid off.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Paying {
    Nothing,
    Share,
    Weekly,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Offer {
    None,
    Open,
    InUse,
    Spent,
}

/// What prepaid supply does, told a second time, in thousandths of a EUR: net and tax of two revenue accounts.
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) now: i64,
    pub(crate) is_friendly: bool,
    pub(crate) paying: Paying,
    pub(crate) paid_in: i64,
    pub(crate) debt: i64,
    pub(crate) recovered: i64,
    pub(crate) next_week: i64,
    pub(crate) totals: BTreeMap<i64, (u64, i64)>,
    pub(crate) is_off: bool,
    pub(crate) offer: Offer,
    pub(crate) versions: u64,
}

impl Model {
    pub(crate) fn credit(&self) -> i64 {
        self.paid_in - self.recovered - self.totals.values().map(|(_, total)| total).sum::<i64>()
    }

    fn friendly_now(&self) -> bool {
        // Winter: an hour ahead of UTC. Nights from 17 to 9, Sundays all day; 1970-01-01 was a Thursday.
        let hour = (self.now + HOUR_MS).div_euclid(HOUR_MS);
        let is_sunday = (hour.div_euclid(24) + 3).rem_euclid(7) == 6;
        self.is_friendly && (is_sunday || !(9..17).contains(&hour.rem_euclid(24)))
    }

    pub(crate) fn settle(&mut self) {
        while self.paying == Paying::Weekly && self.recovered < self.debt && self.next_week <= self.now {
            let cents = self.credit().max(0) / 10 * 10;
            self.recovered += WEEKLY.min(self.debt - self.recovered).min(cents);
            self.next_week += 7 * 24 * HOUR_MS;
        }
        self.follow();
    }

    pub(crate) fn follow(&mut self) {
        let credit = self.credit();
        let is_untaken = matches!(self.offer, Offer::None | Offer::Open);
        if credit > OFFERED_AT || (is_untaken && credit <= -EMERGENCY) {
            self.offer = Offer::None;
        } else if self.offer == Offer::None {
            self.offer = Offer::Open;
        }
        let in_use = self.offer == Offer::InUse;
        let floor = if in_use { -EMERGENCY } else { 0 };
        if self.is_off {
            let is_back = credit >= LEAST || (in_use && credit > floor);
            if is_back {
                self.is_off = false;
                self.versions += 1;
            }
        } else if credit <= floor && !self.friendly_now() {
            if in_use {
                self.offer = Offer::Spent;
            }
            self.is_off = true;
            self.versions += 1;
        }
    }

    pub(crate) fn top_up(&mut self, much: i64) {
        self.paid_in += much;
        if self.paying == Paying::Share {
            // 30 %, in whole cents.
            self.recovered += (much * 3 / 10 / 10 * 10).min(self.debt - self.recovered);
        }
    }
}
