//! Ids of the field: metering points and market participants.

use std::fmt;

/// The 18-digit id of a metering point (GSRN in Denmark, EAN-18 in the Netherlands).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeteringPointId(u64);

impl MeteringPointId {
    /// How many digits an id has.
    pub const DIGITS: usize = 18;
    /// Where charging sessions stand on invoices and in ledgers: anywhere. No point has this number, eighteen zeros.
    pub const CHARGING: Self = Self(0);
    const LIMIT: u64 = 1_000_000_000_000_000_000;

    /// The id with this number; `None` beyond 18 digits.
    #[must_use]
    pub fn new(number: u64) -> Option<Self> {
        (number < Self::LIMIT).then_some(Self(number))
    }

    /// Reads 18 digits. The check digit is judged by [`Self::has_valid_check_digit`], not here.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == Self::DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
        text.parse().ok().and_then(Self::new)
    }

    /// Reads 18 digits by which a point is meant: [`Self::CHARGING`] is none, though its check digit is right.
    #[must_use]
    pub fn parse_point(text: &str) -> Option<Self> {
        Self::parse(text).filter(|id| *id != Self::CHARGING)
    }

    /// The id as a number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Whether the last digit is the GS1 check digit of the others (weights 3, 1, 3, … from the right).
    #[must_use]
    pub fn has_valid_check_digit(self) -> bool {
        let digits = self.to_string();
        let sum: u32 = digits
            .bytes()
            .rev()
            .zip([1_u32, 3].into_iter().cycle())
            .map(|(digit, weight)| u32::from(digit.saturating_sub(b'0')).saturating_mul(weight))
            .sum();
        sum.checked_rem(10) == Some(0)
    }
}

impl fmt::Display for MeteringPointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:018}", self.0)
    }
}
