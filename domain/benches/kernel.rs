//! How fast the rating kernel is: four charges over the 744 hours of a month, from decoded columns.
//!
//! `cargo bench -p domain --bench kernel` prints the median and the spread of many repeats. A value is one metered
//! interval, however many charges use it.

#![expect(clippy::float_arithmetic, reason = "a benchmark divides by seconds")]

use std::hint::black_box;
use std::time::Duration;

use domain::kernel::{self, DensePrices, PriceSpan};
use domain::price::Price;
use domain::quantity::Quantity;

const HOURS: usize = 744;
const POINTS: usize = 64;
const ROUNDS: usize = 200;
const REPEATS: usize = 41;

fn main() {
    let household = columns_of_points(|noise| noise % 3_000_000);
    let exporting = columns_of_points(|noise| noise % 3_000_000 - 1_500_000);
    let charges: Vec<DensePrices> = (0..4).map(prices).collect();
    let spans: Vec<PriceSpan<'_>> = charges.iter().map(DensePrices::all).collect();
    println!(
        "{HOURS} hours, {POINTS} points; million values a second and core: median (lowest to highest of {REPEATS})"
    );
    measure("4 charges", &household, &spans);
    measure("1 charge", &household, spans.get(..1).unwrap_or_default());
    measure("4 charges, quantities below zero", &exporting, &spans);
}

fn measure(name: &str, points: &[Vec<Quantity>], charges: &[PriceSpan<'_>]) {
    let mut speeds: Vec<f64> = (0..REPEATS).map(|_| values_per_second(points, charges) / 1e6).collect();
    speeds.sort_by(f64::total_cmp);
    let [lowest, .., highest] = speeds.as_slice() else { return };
    let median = speeds.get(REPEATS / 2).unwrap_or(lowest);
    println!("{name:<34} {median:>6.0} ({lowest:.0} to {highest:.0})");
}

fn values_per_second(points: &[Vec<Quantity>], charges: &[PriceSpan<'_>]) -> f64 {
    let took = stopwatch(|| {
        for _ in 0..ROUNDS {
            for point in points {
                black_box(kernel::product_sums(black_box(point), black_box(charges)));
            }
        }
    });
    let values = u32::try_from(points.len() * HOURS * ROUNDS).unwrap_or(u32::MAX);
    f64::from(values) / took.as_secs_f64()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn stopwatch(work: impl FnOnce()) -> Duration {
    let start = std::time::Instant::now();
    work();
    start.elapsed()
}

fn columns_of_points(quantity: impl Fn(i64) -> i64) -> Vec<Vec<Quantity>> {
    let column = |point| (0..HOURS).map(move |hour| noise(point * HOURS + hour));
    (0..POINTS)
        .map(|point| column(point).map(|noise| Quantity::from_micros(quantity(noise))).collect())
        .collect()
}

/// Between -0.05 and 0.35 per kWh.
fn prices(charge: usize) -> DensePrices {
    DensePrices::new(
        (0..HOURS).map(|hour| Price::from_raw(noise(charge + 9 * hour) % 40_000_000 - 5_000_000)),
    )
}

/// The same scattered numbers on every run, none below zero.
fn noise(seed: usize) -> i64 {
    let mixed = (seed as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    i64::try_from((mixed ^ (mixed >> 29)) >> 20).unwrap_or_default()
}
