//! The rating kernel: exact sums of quantity x price over columns.
//!
//! Most of what a rating run computes is this: the values of a month times the prices of each charge. The exact sum
//! needs 128 bits, the processor multiplies 32 bits fastest, so [`product_sums`] looks at how large the numbers are and
//! takes the narrow way where it is exact, the wide one of [`product_sum`] where it is not. Both give the same sums.

use crate::price::Price;
use crate::quantity::Quantity;

/// Prices are kept this much higher than they are, so that those within ±21.47 fit 32 bits without a sign.
const LIFT: u64 = 1 << 31;
/// The largest number of 32 bits.
const LOW: u64 = 0xFFFF_FFFF;
/// A stretch shorter than this is not worth its own start.
const SHORTEST_STRETCH: usize = 16;

/// Prices of consecutive intervals, laid out for the kernel. None is absent.
///
/// It is made once and serves every metering point that the prices hold for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DensePrices {
    /// Each price's count of 10^-8 plus [`LIFT`], modulo 2^64.
    lifted: Vec<u64>,
    /// The largest count of 10^-8, sign apart.
    largest: u64,
}

/// Prices of some intervals in a row out of [`DensePrices`].
#[derive(Clone, Copy, Debug)]
pub struct PriceSpan<'a> {
    lifted: &'a [u64],
    largest: u64,
}

impl DensePrices {
    /// The prices in order of time.
    #[must_use]
    pub fn new(prices: impl IntoIterator<Item = Price>) -> Self {
        let mut largest = 0;
        let lift = |price: Price| {
            largest = price.raw().unsigned_abs().max(largest);
            price.raw().cast_unsigned().wrapping_add(LIFT)
        };
        let lifted = prices.into_iter().map(lift).collect();
        Self { lifted, largest }
    }

    /// How many intervals it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lifted.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lifted.is_empty()
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> PriceSpan<'_> {
        PriceSpan { lifted: &self.lifted, largest: self.largest }
    }

    /// Those of `count` intervals from the one of index `first` on; `None` where there are not so many.
    #[must_use]
    pub fn span(&self, first: usize, count: usize) -> Option<PriceSpan<'_>> {
        let lifted = self.lifted.get(first..first.checked_add(count)?)?;
        Some(PriceSpan { lifted, largest: self.largest })
    }
}

/// The exact sum of quantity x price for each column of prices, as a count of 10^-14: what
/// [`Amount::from_product`](crate::amount::Amount::from_product) takes. `None` where a column is not as long as the
/// quantities or a sum leaves 128 bits.
#[must_use]
pub fn product_sums(quantities: &[Quantity], columns: &[PriceSpan<'_>]) -> Option<Vec<i128>> {
    columns.iter().all(|column| column.lifted.len() == quantities.len()).then_some(())?;
    // No quantity is larger than all their bits together, and one below zero sets the highest.
    let bits = quantities.iter().fold(0, |bits, quantity| bits | quantity.micros().cast_unsigned());
    let mut sums = Vec::with_capacity(columns.len());
    for some in columns.chunks(4) {
        let largest = some.iter().map(|column| column.largest).max().unwrap_or_default();
        match longest_stretch(bits, largest) {
            Some(stretch) => sums.extend(narrow(quantities, some, stretch).into_iter().take(some.len())),
            None => {
                let wide = some.iter().map(|column| checked_sum(quantities, column.prices()));
                sums.extend(wide.collect::<Option<Vec<i128>>>()?);
            }
        }
    }
    Some(sums)
}

/// The exact sum of quantity x price over two columns of equal length, as a count of 10^-14.
/// `None` where the lengths differ or the sum leaves its range.
#[must_use]
pub fn product_sum(quantities: &[Quantity], prices: &[Price]) -> Option<i128> {
    (quantities.len() == prices.len()).then_some(())?;
    checked_sum(quantities, prices.iter().copied())
}

impl<'a> PriceSpan<'a> {
    fn prices(self) -> impl Iterator<Item = Price> + 'a {
        self.lifted.iter().map(|lifted| Price::from_raw(lifted.wrapping_sub(LIFT).cast_signed()))
    }
}

fn checked_sum(quantities: &[Quantity], prices: impl Iterator<Item = Price>) -> Option<i128> {
    quantities.iter().zip(prices).try_fold(0_i128, |sum, (quantity, price)| {
        sum.checked_add(i128::from(quantity.micros()).checked_mul(i128::from(price.raw()))?)
    })
}

/// How many products of such numbers sum to less than 2^63; `None` where a number does not fit 32 bits or that is too
/// few of them.
fn longest_stretch(bits: u64, largest: u64) -> Option<usize> {
    (bits <= LOW && largest < LIFT).then_some(())?;
    let product = bits.checked_mul(largest)?;
    let stretch = i64::MAX.cast_unsigned().checked_div(product).unwrap_or(u64::MAX);
    let stretch = usize::try_from(stretch).unwrap_or(usize::MAX);
    (stretch >= SHORTEST_STRETCH).then_some(stretch)
}

/// Four sums at once (of fewer columns the first stands in for the others), stretch by stretch.
///
/// A stretch is computed modulo 2^64 with lifted prices. Its true sum fits 63 bits and a sign, so taking off what the
/// lift added gives exactly that, whatever was lost above 64 bits on the way.
fn narrow(quantities: &[Quantity], columns: &[PriceSpan<'_>], stretch: usize) -> [i128; 4] {
    let column = |index| columns.get(index).or(columns.first()).map_or([].as_slice(), |column| column.lifted);
    let [one, two, three, four] = [0, 1, 2, 3].map(column);
    let prices =
        one.chunks(stretch).zip(two.chunks(stretch)).zip(three.chunks(stretch).zip(four.chunks(stretch)));
    let mut sums = [0_i128; 4];
    for (quantities, ((one, two), (three, four))) in quantities.chunks(stretch).zip(prices) {
        let (total, lifted) = lifted_sums(quantities, [one, two, three, four]);
        for (sum, lifted) in sums.iter_mut().zip(lifted) {
            let exact = lifted.wrapping_sub(total.wrapping_mul(LIFT)).cast_signed();
            *sum = sum.saturating_add(i128::from(exact));
        }
    }
    sums
}

/// The sum of the quantities and the four sums of quantity x lifted price, modulo 2^64.
fn lifted_sums(quantities: &[Quantity], [one, two, three, four]: [&[u64]; 4]) -> (u64, [u64; 4]) {
    let rows = quantities.iter().zip(one).zip(two).zip(three).zip(four);
    rows.fold((0, [0; 4]), |(total, sums), ((((quantity, one), two), three), four)| {
        let quantity = quantity.micros().cast_unsigned() & LOW;
        let [first, second, third, fourth] = sums;
        let plus = |sum: u64, lifted: &u64| sum.wrapping_add(quantity.wrapping_mul(lifted & LOW));
        let sums = [plus(first, one), plus(second, two), plus(third, three), plus(fourth, four)];
        (total.wrapping_add(quantity), sums)
    })
}
