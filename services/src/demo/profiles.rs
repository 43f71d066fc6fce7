//! How a point's energy is spread over the month: standard load profiles, the sun, and yearly use.

use crate::chance::Chance;
use domain::day::{Day, DayRule};
use domain::instant::Instant;

/// The profiles of October (`services/data/README.md`).
const OCTOBER: &str = include_str!("../../data/bdew_2025_october.csv");

/// The quantiles 1/66, 3/66, … 65/66 of a lognormal distribution of median 1,000 with a deviation of 0.55: homes.
const HOMES: [u64; 33] = [
    304, 395, 454, 503, 547, 587, 626, 663, 699, 735, 771, 807, 844, 881, 920, 959, 1000, 1043, 1087, 1135,
    1185, 1239, 1297, 1360, 1430, 1509, 1598, 1702, 1828, 1986, 2201, 2534, 3292,
];
/// The same with a deviation of 0.9: businesses.
const BUSINESSES: [u64; 33] = [
    142, 218, 275, 325, 373, 419, 464, 510, 557, 604, 653, 704, 757, 813, 872, 934, 1000, 1071, 1147, 1230,
    1320, 1420, 1530, 1655, 1796, 1960, 2154, 2389, 2684, 3074, 3636, 4579, 7025,
];

/// Tenths of a per cent of a day's sun in October by local clock hour; invented, the shape of a roof to the south.
const SUN: [u64; 24] =
    [0, 0, 0, 0, 0, 0, 0, 0, 12, 46, 88, 124, 148, 158, 150, 124, 88, 46, 16, 0, 0, 0, 0, 0];

/// Who uses, or makes, the energy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// A home.
    Home,
    /// A trade.
    Trade,
    /// A farm.
    Farm,
    /// A home with photovoltaics.
    SolarHome,
    /// A home with photovoltaics and storage.
    StorageHome,
    /// Photovoltaics.
    Sun,
}

/// The tables of all profiles.
pub(super) struct Profiles {
    /// Per quarter of the clock: the columns of the file in millionths of a millionth of the yearly use.
    quarters: Vec<Vec<u64>>,
}

impl Profiles {
    /// Reads the tables that are part of the program.
    pub(super) fn october() -> Self {
        let row = |line: &str| line.split(',').skip(1).map(thousandths).collect();
        Self { quarters: OCTOBER.lines().skip(1).map(row).collect() }
    }

    /// The energy of a profile in an interval of whole quarters from `start`, in watt-hours, before any deviation.
    pub(super) fn energy_wh(
        &self,
        profile: Profile,
        yearly_kwh: u64,
        (start, quarters): (Instant, u64),
        rule: &DayRule,
    ) -> u64 {
        let quarter_ms = 15 * 60 * 1000;
        let starts =
            (0..quarters).filter_map(|index| start.plus_millis(quarter_ms * i64::try_from(index).ok()?));
        let shares = starts.map(|at| self.share(profile, at, rule));
        // The share counts thousandths of a kWh per 1,000,000 kWh a year: millionths of a Wh per kWh a year.
        shares.sum::<u64>().saturating_mul(yearly_kwh) / 1_000_000
    }

    fn share(&self, profile: Profile, at: Instant, rule: &DayRule) -> u64 {
        let hour = usize::try_from(rule.local_hour(at)).unwrap_or_default();
        let Some(column) = profile.column(rule.day_of(at)) else {
            // A day of October gives about 0.19 % of the yearly energy; a quarter, a fourth of its hour.
            return SUN.get(hour).copied().unwrap_or_default() * 475;
        };
        let quarter = at.millis().div_euclid(15 * 60 * 1000).rem_euclid(4);
        let place = hour * 4 + usize::try_from(quarter).unwrap_or_default();
        self.quarters.get(place).and_then(|row| row.get(column)).copied().unwrap_or_default()
    }
}

impl Profile {
    /// The place of the profile's day in a row of the file; `None` for the sun, which knows no weekdays.
    fn column(self, day: Day) -> Option<usize> {
        let first = match self {
            Self::Home => 0,
            Self::Trade => 3,
            Self::Farm => 6,
            Self::SolarHome => 9,
            Self::StorageHome => 12,
            Self::Sun => return None,
        };
        // Monday is 1. October has no holiday in the Netherlands.
        let kind = match day.of_week() {
            6 => 0,
            7 => 1,
            _ => 2,
        };
        Some(first + kind)
    }

    /// A yearly use by chance, in kWh.
    pub(super) fn yearly_kwh(self, chance: &mut Chance) -> u64 {
        let (median, quantiles) = match self {
            Self::Home | Self::SolarHome | Self::StorageHome => (2_600, &HOMES),
            Self::Sun => (3_800, &HOMES),
            Self::Trade => (9_000, &BUSINESSES),
            Self::Farm => (14_000, &BUSINESSES),
        };
        let quantile = chance.of(quantiles).copied().unwrap_or(1000);
        // Between the quantiles, so that no two points use the same.
        median * quantile * chance.between(970, 1_030) / 1_000_000
    }
}

/// A number with three decimals, in thousandths.
fn thousandths(text: &str) -> u64 {
    domain::fixed::parse(text, 3).ok().and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::zone::Zone;

    #[test]
    fn profiles_are_read_by_local_clock_and_day() {
        let rule = DayRule::civil(Zone::named("Europe/Amsterdam").unwrap());
        let profiles = Profiles::october();
        assert_eq!(profiles.quarters.len(), 96);
        let energy = |at: &str, quarters| {
            let start = Instant::parse(at).unwrap();
            profiles.energy_wh(Profile::Home, 1_000_000, (start, quarters), &rule)
        };
        // Tuesday, Saturday and Sunday 00:00 local; then 00:00 to 01:00 on the Tuesday.
        assert_eq!(energy("2024-09-30T22:00:00Z", 1), 20_509);
        assert_eq!(energy("2024-10-04T22:00:00Z", 1), 22_870);
        assert_eq!(energy("2024-10-05T22:00:00Z", 1), 23_558);
        assert_eq!(energy("2024-09-30T22:00:00Z", 4), 20_509 + 19_261 + 18_580 + 17_779);
        // The hour from 02:00 stands twice on the day the clocks go back.
        assert_eq!(energy("2024-10-27T00:00:00Z", 4), energy("2024-10-27T01:00:00Z", 4));
    }
}
