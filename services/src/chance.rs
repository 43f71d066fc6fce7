//! Chance from a seed: the same numbers on every machine and in every year.

/// SplitMix64 (Steele, Lea, Flood 2014): small, whole numbers alone, and good enough to scatter a demo and to keep pauses apart.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The numbers of a seed. The stream separates what must not depend on one another, such as metering points.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut chance = Self(seed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03));
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number of `0..bound`; 0 where the bound is 0. The bias of the remainder is beyond notice for small bounds.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or_default()
    }

    /// A number of `least..=most`.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        let count = most.saturating_sub(least).saturating_add(1);
        least.saturating_add(self.below(count))
    }

    /// One of a list; `None` where it is empty.
    pub(crate) fn of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let index = usize::try_from(self.below(list.len() as u64)).ok()?;
        list.get(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_its_numbers() {
        // The first numbers of SplitMix64 from the state 1234567, as its authors' C gives them.
        let mut chance = Chance(1_234_567);
        let numbers: Vec<u64> = (0..3).map(|_| chance.next()).collect();
        assert_eq!(
            numbers,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut chance = Chance::new(1, 2);
        assert!((0..1_000).all(|_| (400..=1_600).contains(&chance.between(400, 1_600))));
        assert_eq!(chance.below(0), 0);
        assert_eq!(chance.of::<u8>(&[]), None);
    }
}
