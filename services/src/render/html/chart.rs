//! What a channel counted day by day, as a drawing in the page.

use std::fmt::Write;

use domain::day::Day;
use domain::invoice::{ChannelUsage, UsageDay};
use domain::quantity::{Quantity, Unit};
use domain::series::Direction;

use super::text::{Escaped, long_day, quantity};

/// The drawing in units of a tenth, so that whole numbers are fine enough.
const WIDTH: i128 = 7_200;
const HEIGHT: i128 = 1_900;
const LEFT: i128 = 520;
const TOP: i128 = 120;
const BOTTOM: i128 = 300;

/// How quantities and days become places of the drawing.
struct Scale {
    /// What the topmost line of the grid stands for, in millionths.
    top: i128,
    /// What lies between two lines of the grid.
    step: i128,
    days: i128,
}

/// A figure with one bar a day; days with an estimated value are hatched. `id` is unique on the page.
pub(super) fn chart(usage: &ChannelUsage, id: &str) -> String {
    if usage.days.is_empty() {
        return String::new();
    }
    let name = match usage.direction {
        Direction::Consumption => "Consumption",
        Direction::Production => "Production fed into the network",
    };
    let total = usage.total().quantity().map(|total| quantity(total, usage.unit)).unwrap_or_default();
    let scale = Scale::of(usage);
    let mut figure = String::new();
    let _ = write!(
        figure,
        "<figure class=\"chart {}\">\n<figcaption><strong>{name}</strong> <span>{total}</span></figcaption>\n\
         <svg viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{id}-title\">\n\
         <title id=\"{id}-title\">{name} by day, {total} in total</title>\n\
         <defs><pattern id=\"{id}-hatch\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><rect width=\"5\" height=\"5\" class=\"paper\"/>\
         <rect width=\"2.2\" height=\"5\" class=\"ink\"/></pattern></defs>\n",
        usage.direction.word(),
        tenths(WIDTH),
        tenths(HEIGHT),
    );
    figure.push_str(&grid(&scale, usage.unit));
    for (index, day) in (0..).zip(&usage.days) {
        figure.push_str(&bar(&scale, index, day, usage.unit, id));
    }
    figure.push_str("</svg>\n");
    if usage.estimated_days() > 0 {
        let _ = writeln!(
            figure,
            "<p class=\"legend\"><span class=\"swatch\" aria-hidden=\"true\"></span>{} of {} days hold estimated \
             values. They are corrected on a later invoice once measured values arrive.</p>",
            usage.estimated_days(),
            usage.days.len(),
        );
    }
    figure.push_str("</figure>\n");
    figure
}

impl Scale {
    fn of(usage: &ChannelUsage) -> Self {
        let highest =
            usage.days.iter().map(|day| i128::from(day.quantity.micros())).max().unwrap_or(0).max(1);
        // The first of 1, 2, 5, 10, 20, … that reaches the highest day in at most four steps.
        let steps = (0_u32..=19).flat_map(|power| [1, 2, 5].map(|digit| (digit, power)));
        let mut steps = steps.filter_map(|(digit, power)| 10_i128.checked_pow(power)?.checked_mul(digit));
        let step = steps.find(|step| step.saturating_mul(4) >= highest).unwrap_or(highest);
        let count = highest.saturating_add(step).saturating_sub(1).checked_div(step).unwrap_or(1);
        let days = i128::try_from(usage.days.len()).unwrap_or(1).max(1);
        Self { top: step.saturating_mul(count), step, days }
    }

    /// Where the bar of a day begins.
    fn x(&self, index: i128) -> i128 {
        let room = WIDTH.saturating_sub(LEFT);
        LEFT.saturating_add(room.saturating_mul(index).checked_div(self.days).unwrap_or_default())
    }

    /// How high so many millionths stand.
    fn height(&self, micros: i128) -> i128 {
        let room = HEIGHT.saturating_sub(TOP).saturating_sub(BOTTOM);
        room.saturating_mul(micros.max(0)).checked_div(self.top).unwrap_or_default()
    }
}

fn grid(scale: &Scale, unit: Unit) -> String {
    let mut lines = String::new();
    let floor = HEIGHT.saturating_sub(BOTTOM);
    let levels = std::iter::successors(Some(0_i128), |level| level.checked_add(scale.step));
    for level in levels.take_while(|level| *level <= scale.top) {
        let y = floor.saturating_sub(scale.height(level));
        let label = domain::fixed::format(level, Quantity::SCALE, 0);
        let label = if level == scale.top { format!("{label} {}", unit.symbol()) } else { label };
        let _ = writeln!(
            lines,
            "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/><text class=\"axis\" \
             text-anchor=\"end\" x=\"{}\" y=\"{}\">{label}</text>",
            tenths(LEFT),
            tenths(WIDTH),
            tenths(LEFT.saturating_sub(60)),
            tenths(y.saturating_add(35)),
            y = tenths(y),
        );
    }
    lines
}

fn bar(scale: &Scale, index: i128, day: &UsageDay, unit: Unit, id: &str) -> String {
    let (from, to) = (scale.x(index), scale.x(index.saturating_add(1)));
    let slot = to.saturating_sub(from);
    let gap = slot.checked_div(5).unwrap_or_default();
    let height = scale.height(i128::from(day.quantity.micros()));
    let floor = HEIGHT.saturating_sub(BOTTOM);
    let (estimated, fill) = match day.is_estimated {
        true => (", estimated", format!(" fill=\"url(#{id}-hatch)\"")),
        false => ("", String::new()),
    };
    let class = if day.is_estimated { "bar estimated" } else { "bar" };
    let title = format!("{}: {}{estimated}", long_day(day.day), quantity(day.quantity, unit));
    let mut bar = format!(
        "<rect class=\"{class}\"{fill} x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}</title></rect>\n",
        tenths(from.saturating_add(gap.checked_div(2).unwrap_or_default())),
        tenths(floor.saturating_sub(height)),
        tenths(slot.saturating_sub(gap)),
        tenths(height),
        Escaped(&title),
    );
    if is_labelled(day.day, scale.days) {
        let middle = from.saturating_add(slot.checked_div(2).unwrap_or_default());
        let _ = writeln!(
            bar,
            "<text class=\"axis\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">{}</text>",
            tenths(middle),
            tenths(floor.saturating_add(160)),
            day.day.of_month(),
        );
    }
    bar
}

/// The first of a month and every fifth day; all days where there are few.
fn is_labelled(day: Day, days: i128) -> bool {
    let number = day.of_month();
    days <= 12 || number == 1 || (number.checked_rem(5) == Some(0) && number < 31)
}

/// A length of the drawing with one decimal at most.
fn tenths(value: i128) -> String {
    domain::fixed::format(value, 1, 0)
}
