//! The rating kernel: the fast way gives the sums of the plain definition, whatever the numbers.

use domain::amount::Amount;
use domain::kernel::{self, DensePrices};
use domain::price::Price;
use domain::quantity::Quantity;
use proptest::prelude::*;

/// Numbers of every size, the edges of 32 and 64 bits among them.
fn a_number() -> impl Strategy<Value = i64> {
    let edges = [0, 1, 1 << 31, 1 << 32, i64::MAX].map(|edge| edge as i128);
    let near = prop::sample::select(edges.to_vec())
        .prop_flat_map(|edge| (-2_i128..=2).prop_map(move |by| edge + by));
    prop_oneof![
        4 => 0_i64..5_000_000,
        2 => -50_000_000_i64..50_000_000,
        1 => any::<i32>().prop_map(i64::from),
        1 => any::<i64>(),
        1 => (near, any::<bool>()).prop_map(|(near, negative)| {
            let near = if negative { -near } else { near };
            i64::try_from(near.clamp(i64::MIN.into(), i64::MAX.into())).unwrap_or_default()
        }),
    ]
}

/// A column whose numbers are all of one kind, so that narrow ones stay narrow.
fn a_column(length: usize) -> impl Strategy<Value = Vec<i64>> {
    prop_oneof![
        prop::collection::vec(0_i64..5_000_000, length),
        prop::collection::vec(-50_000_000_i64..50_000_000, length),
        prop::collection::vec(0_i64..=0xFFFF_FFFF, length),
        prop::collection::vec(any::<i32>().prop_map(i64::from), length),
        prop::collection::vec(a_number(), length),
    ]
}

fn columns() -> impl Strategy<Value = (Vec<i64>, Vec<Vec<i64>>)> {
    (0_usize..80).prop_flat_map(|length| (a_column(length), prop::collection::vec(a_column(length), 0..6)))
}

fn check(quantities: &[i64], columns: &[Vec<i64>]) {
    let quantities: Vec<Quantity> = quantities.iter().copied().map(Quantity::from_micros).collect();
    let prices: Vec<Vec<Price>> =
        columns.iter().map(|column| column.iter().copied().map(Price::from_raw).collect()).collect();
    let dense: Vec<DensePrices> =
        prices.iter().map(|prices| DensePrices::new(prices.iter().copied())).collect();
    let spans: Vec<_> = dense.iter().map(DensePrices::all).collect();
    let expected: Option<Vec<i128>> =
        prices.iter().map(|prices| kernel::product_sum(&quantities, prices)).collect();
    assert_eq!(kernel::product_sums(&quantities, &spans), expected);
}

proptest! {
    #[test]
    fn the_kernel_is_its_definition((quantities, columns) in columns()) {
        check(&quantities, &columns);
    }

    #[test]
    fn a_span_is_a_part_of_its_column(
        (quantities, prices) in (1_usize..80).prop_flat_map(|length| (a_column(length), a_column(length))),
        first in any::<prop::sample::Index>(), end in any::<prop::sample::Index>(),
    ) {
        let (first, end) = (first.index(quantities.len()), end.index(quantities.len()));
        prop_assume!(first <= end);
        let quantities: Vec<Quantity> = quantities.into_iter().map(Quantity::from_micros).collect();
        let prices: Vec<Price> = prices.into_iter().map(Price::from_raw).collect();
        let dense = DensePrices::new(prices.iter().copied());
        let span = dense.span(first, end - first).unwrap();
        let sums = kernel::product_sums(&quantities[first..end], &[span]);
        let expected = kernel::product_sum(&quantities[first..end], &prices[first..end]);
        prop_assert_eq!(sums, expected.map(|sum| vec![sum]));
    }
}

#[test]
fn the_edges_of_every_width_are_exact() {
    let edges = [
        0,
        1,
        -1,
        (1 << 31) - 1,
        1 << 31,
        -(1 << 31),
        -(1 << 31) - 1,
        (1 << 32) - 1,
        1 << 32,
        i64::MAX,
        i64::MIN,
    ];
    for quantity in edges {
        for price in edges {
            for length in [1, 2, 15, 16, 17, 744] {
                check(&vec![quantity; length], &[vec![price; length], vec![1; length]]);
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let lowest = Quantity::from_micros(i64::MIN);
    let prices = DensePrices::new([Price::from_raw(i64::MIN); 2]);
    assert_eq!(kernel::product_sums(&[lowest; 2], &[prices.all()]), None);
    assert_eq!(kernel::product_sums(&[lowest], &[prices.all()]), None);
    assert_eq!(prices.span(1, 2).map(|_| ()), None);
    assert_eq!(prices.span(usize::MAX, 1).map(|_| ()), None);
    assert_eq!(kernel::product_sums(&[], &[]), Some(vec![]));
    let one = prices.span(1, 1).and_then(|span| kernel::product_sums(&[lowest], &[span]));
    assert_eq!(one, Some(vec![1_i128 << 126]));
}

#[test]
fn a_sum_is_an_amount() {
    let quantities = ["1.5", "0.25", "2"].map(|text| Quantity::parse(text).unwrap());
    let prices = DensePrices::new(["0.10", "-0.02", "0.30"].map(|text| Price::parse(text).unwrap()));
    // 1.5 x 0.10 - 0.25 x 0.02 + 2 x 0.30 = 0.15 - 0.005 + 0.60
    let sums = kernel::product_sums(&quantities, &[prices.all()]).unwrap();
    assert_eq!(Amount::from_product(sums[0]).unwrap().to_string(), "0.745");
}
