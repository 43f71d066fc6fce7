//! Where a charging period is cut: at every instant inside it at which a restriction of its price sheet may switch.
//!
//! Switches by clock, calendar and duration are known exactly. What the record counts in the period, its energy above
//! all, is spread evenly over it; where the energy so far passes a bound of a restriction, the period is cut as well. What
//! lies before a cut is rounded down to millionths of a kWh or a second and the rest lies behind it, so that the parts
//! always sum to the whole, and cutting a period again at another instant changes none of the other cuts.

use super::priced::Micros;
use crate::day::DayRule;
use crate::instant::{Instant, Period};
use crate::money::Currency;
use crate::price_sheet::{Element, Limit, PriceSheet, Restrictions};
use crate::quantity::Quantity;

/// What a period has of each dimension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Volumes {
    pub(super) energy: Micros,
    pub(super) time: Micros,
    pub(super) parking: Micros,
    pub(super) reservation: Micros,
}

/// A period, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) start: Instant,
    pub(super) end: Instant,
    pub(super) volumes: Volumes,
    /// The energy of the session before it.
    pub(super) energy_before: Micros,
}

/// Where a period may be cut: so many milliseconds and so much energy after its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cut {
    offset_ms: i64,
    energy: Micros,
}

impl Slice {
    /// The slice cut where restrictions of the sheet may switch, and at the instants of `also` inside it. `began` are the
    /// instants from which durations count.
    pub(super) fn split(
        self,
        sheet: &PriceSheet,
        rule: &DayRule,
        began: &[Instant],
        also: &[Instant],
    ) -> Option<Vec<Self>> {
        let mut cuts = Vec::new();
        self.cut_by_time(sheet, rule, (began, also), &mut cuts)?;
        self.cut_by_energy(sheet, &mut cuts)?;
        if cuts.is_empty() {
            return Some(vec![self]);
        }
        cuts.sort_unstable();
        cuts.dedup();
        cuts.push(Cut { offset_ms: self.length_ms(), energy: self.volumes.energy });
        let mut slices = Vec::with_capacity(cuts.len());
        let (mut start, mut before) = (self.start, Volumes::default());
        for cut in cuts {
            let end = self.start.plus_millis(cut.offset_ms)?;
            let until = self.volumes_until(cut)?;
            slices.push(Self {
                start,
                end,
                volumes: until.minus(before)?,
                energy_before: self.energy_before.checked_add(before.energy)?,
            });
            (start, before) = (end, until);
        }
        Some(slices)
    }

    fn length_ms(&self) -> i64 {
        self.end.millis_since(self.start)
    }

    fn cut_by_time(
        &self,
        sheet: &PriceSheet,
        rule: &DayRule,
        (began, also): (&[Instant], &[Instant]),
        cuts: &mut Vec<Cut>,
    ) -> Option<()> {
        let Some(period) = Period::new(self.start, self.end) else { return Some(()) };
        let mut instants = also.to_vec();
        for element in &sheet.elements {
            let durations = element.restrictions.durations_ms();
            let ends =
                durations.flat_map(|millis| began.iter().filter_map(move |began| began.plus_millis(millis)));
            instants.extend(ends);
        }
        if sheet.elements.iter().any(|element| element.restrictions.use_the_calendar()) {
            calendar_switches(period, sheet, rule, &mut instants);
        }
        for instant in instants.into_iter().filter(|at| self.start < *at && *at < self.end) {
            let offset_ms = instant.millis_since(self.start);
            let energy = share(self.volumes.energy, offset_ms, self.length_ms())?;
            cuts.push(Cut { offset_ms, energy });
        }
        Some(())
    }

    fn cut_by_energy(&self, sheet: &PriceSheet, cuts: &mut Vec<Cut>) -> Option<()> {
        let bounds = sheet.elements.iter().flat_map(|element| element.restrictions.energies_kwh());
        for bound in bounds.map(Quantity::micros) {
            let energy = bound.checked_sub(self.energy_before)?;
            if 0 < energy && energy < self.volumes.energy {
                let (energy_wide, length) = (i128::from(energy), i128::from(self.length_ms()));
                let whole = i128::from(self.volumes.energy);
                let up = energy_wide.checked_mul(length)?.checked_add(whole.checked_sub(1)?)?;
                let offset_ms = i64::try_from(up.checked_div(whole)?).ok()?;
                cuts.push(Cut { offset_ms, energy });
            }
        }
        Some(())
    }

    /// What the slice has until a cut.
    fn volumes_until(&self, cut: Cut) -> Option<Volumes> {
        if cut.energy == self.volumes.energy && cut.offset_ms == self.length_ms() {
            return Some(self.volumes);
        }
        let until = |whole: Micros| share(whole, cut.offset_ms, self.length_ms());
        Some(Volumes {
            energy: cut.energy,
            time: until(self.volumes.time)?,
            parking: until(self.volumes.parking)?,
            reservation: until(self.volumes.reservation)?,
        })
    }
}

impl Volumes {
    fn minus(self, other: Self) -> Option<Self> {
        Some(Self {
            energy: self.energy.checked_sub(other.energy)?,
            time: self.time.checked_sub(other.time)?,
            parking: self.parking.checked_sub(other.parking)?,
            reservation: self.reservation.checked_sub(other.reservation)?,
        })
    }
}

/// A sheet without a price that says where to cut.
pub(super) fn cuts(restrictions: Restrictions) -> PriceSheet {
    PriceSheet {
        id: String::new(),
        currency: Currency::Eur,
        valid: Period::ALWAYS,
        includes_vat: false,
        least: Limit::default(),
        most: Limit::default(),
        elements: vec![Element { components: Vec::new(), restrictions }],
    }
}

/// The instants near the period at which clock or calendar may switch a restriction of the sheet.
fn calendar_switches(period: Period, sheet: &PriceSheet, rule: &DayRule, instants: &mut Vec<Instant>) {
    let restrictions = || sheet.elements.iter().map(|element| &element.restrictions);
    let mut minutes: Vec<u16> = restrictions().flat_map(|restrictions| restrictions.minutes()).collect();
    if restrictions().any(|restrictions| restrictions.use_days()) {
        minutes.push(0);
    }
    minutes.sort_unstable();
    minutes.dedup();
    let last = rule.zone().local_reading(period.end()).0;
    for day in rule.zone().local_reading(period.start()).0.until(last.next()) {
        let switches = minutes.iter().filter_map(|minute| rule.at_minute(day, *minute));
        instants.extend(switches.flat_map(|(first, again)| [first, again]));
    }
    // Where clocks are set forward or back, they jump over a bound.
    let changes =
        std::iter::successors(rule.zone().next_change(period.start()), |at| rule.zone().next_change(*at));
    instants.extend(changes.take_while(|at| *at < period.end()));
}

/// As much of the whole as lies in `part` of `length`, rounded down.
fn share(whole: Micros, part: i64, length: i64) -> Option<Micros> {
    if length == 0 {
        return Some(0);
    }
    let product = i128::from(whole).checked_mul(i128::from(part))?;
    i64::try_from(product.checked_div(i128::from(length))?).ok()
}
