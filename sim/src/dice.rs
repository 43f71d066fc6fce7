//! Randomness from a seed: the same seed, the same numbers.

/// A sequence of numbers that depends on nothing but its seed (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Dice with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Dice {
        let mut dice = Dice { state: seed ^ 0x6B76_6172_7465_7221 };
        dice.number();
        dice
    }

    /// Dice of their own, so that drawing more from one leaves the other's numbers as they are.
    pub fn fork(&mut self) -> Dice {
        Dice::new(self.number())
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`; zero where there are none.
    pub fn below(&mut self, sides: u64) -> u64 {
        self.number().checked_rem(sides).unwrap_or_default()
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least.saturating_add(self.below(most.saturating_sub(least).saturating_add(1)))
    }

    /// A signed number not farther from zero than `most`.
    pub fn around_zero(&mut self, most: u32) -> i64 {
        let drawn = i64::try_from(self.below(u64::from(most).saturating_mul(2).saturating_add(1)));
        drawn.unwrap_or_default().saturating_sub(i64::from(most))
    }

    /// True in so many of a thousand cases.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1_000) < u64::from(per_mille)
    }

    /// One of them; `None` of none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let index = self.below(u64::try_from(choices.len()).unwrap_or(u64::MAX));
        choices.get(usize::try_from(index).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let draw = |seed| {
            let mut dice = Dice::new(seed);
            let mut fork = dice.fork();
            (0..100).map(|_| (dice.number(), fork.below(7))).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn numbers_stay_in_their_bounds() {
        let mut dice = Dice::new(3);
        assert!((0..1_000).all(|_| (5..=9).contains(&dice.between(5, 9))));
        assert!((0..1_000).all(|_| dice.around_zero(4).abs() <= 4));
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.pick::<u8>(&[]), None);
    }
}
