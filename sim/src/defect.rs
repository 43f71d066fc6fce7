//! Rules of the protocol that can be switched off, by name, to see that a simulation notices.

use actors::shell::Defects;

/// What is broken on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Defect {
    /// Rules of the shell that are switched off.
    pub shell: Defects,
    /// Accounts take a month for closed before their metering points have said so.
    pub is_hasty: bool,
}

impl Defect {
    /// The names of all defects.
    pub const NAMES: [&str; 7] = [
        "no-fence",
        "early-answers",
        "no-deduplication",
        "deduplication-by-shard",
        "no-sequence-check",
        "no-batch-id",
        "issue-without-closed",
    ];

    /// The defect with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Defect> {
        let none = Defects::default();
        let shell = match name {
            "no-fence" => Defects { no_fence: true, ..none },
            "early-answers" => Defects { early_answers: true, ..none },
            "no-deduplication" => Defects { no_deduplication: true, ..none },
            "deduplication-by-shard" => Defects { deduplication_by_shard: true, ..none },
            "no-sequence-check" => Defects { no_sequence_check: true, ..none },
            "no-batch-id" => Defects { no_batch_id: true, ..none },
            "issue-without-closed" => return Some(Defect { shell: none, is_hasty: true }),
            _ => return None,
        };
        Some(Defect { shell, is_hasty: false })
    }
}
