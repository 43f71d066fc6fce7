//! The rating kernel: exact sums of quantity x price over columns.

use crate::price::Price;
use crate::quantity::Quantity;

/// The exact sum of quantity x price over two columns of equal length, as a count of 10^-14.
/// `None` where the lengths differ or the sum leaves its range.
#[must_use]
pub fn product_sum(quantities: &[Quantity], prices: &[Price]) -> Option<i128> {
    (quantities.len() == prices.len()).then_some(())?;
    let products = quantities
        .iter()
        .zip(prices)
        .map(|(quantity, price)| i128::from(quantity.micros()).checked_mul(i128::from(price.raw())));
    products.into_iter().try_fold(0_i128, |sum, product| sum.checked_add(product?))
}
