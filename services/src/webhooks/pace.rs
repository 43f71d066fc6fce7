//! How long it is until another attempt.

use std::time::Duration;

use super::WebhookOptions;
use crate::chance::Chance;

/// The pause after so many failures in a row: it doubles from the first to the longest, and is up to a fifth longer by
/// chance, so that webhooks which failed together do not come again together. A receiver may ask for a longer one, up to the
/// longest.
pub(super) fn pause(
    failures: u32,
    asked: Option<Duration>,
    options: &WebhookOptions,
    chance: &mut Chance,
) -> Duration {
    let doublings = failures.saturating_sub(1).min(31);
    let usual = options.first_pause.saturating_mul(1_u32.wrapping_shl(doublings)).min(options.longest_pause);
    let fifth_ms = u64::try_from(usual.as_millis()).unwrap_or(u64::MAX).wrapping_div(5);
    let longer = Duration::from_millis(chance.between(0, fifth_ms));
    let asked = asked.unwrap_or_default().min(options.longest_pause);
    usual.saturating_add(longer).max(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Failures, what the receiver asks for, and between what the pause lies; in seconds.
    #[test]
    fn pauses_double_up_to_an_hour() {
        let options = WebhookOptions::default();
        for (failures, asked_s, least_s, most_s) in [
            (1, None, 5, 6),
            (2, None, 10, 12),
            (3, None, 20, 24),
            (10, None, 2_560, 3_072),
            (11, None, 3_600, 4_320),
            (u32::MAX, None, 3_600, 4_320),
            (0, None, 5, 6),
            (1, Some(1), 5, 6),
            (1, Some(30), 30, 30),
            (1, Some(1_000_000), 3_600, 3_600),
        ] {
            for seed in 0..50 {
                let mut chance = Chance::new(seed, 0);
                let asked = asked_s.map(Duration::from_secs);
                let pause = pause(failures, asked, &options, &mut chance);
                let between = Duration::from_secs(least_s)..=Duration::from_secs(most_s);
                assert!(between.contains(&pause), "after {failures}, asked {asked_s:?}: {pause:?}");
            }
        }
    }

    #[test]
    fn a_seed_gives_its_pauses() {
        let options = WebhookOptions::default();
        let pauses = |seed| {
            let mut chance = Chance::new(seed, 0);
            (1..8).map(|failures| pause(failures, None, &options, &mut chance)).collect::<Vec<_>>()
        };
        assert_eq!(pauses(7), pauses(7));
        assert_ne!(pauses(7), pauses(8));
    }
}
