//! How much a metering point tells at once: what it remembers of it, and what the account books of a message, are each
//! committed whole and have their bounds.

use super::rated::RatedTotal;
use crate::funds::ChargedPart;

/// Most totals of a message: the account writes up to five rows for each.
const MOST_TOTALS: usize = 64;
/// Most parts of a message, those counted that are taken back: each may move two ledger accounts.
const MOST_PARTS: usize = 128;
/// Most messages of a decision, which may send others beside.
const MOST_MESSAGES: usize = 20;
/// Most bytes of totals of a decision: they are written to the state and into messages.
const MOST_BYTES: usize = 160_000;
/// What a total takes at most without its parts and days, and what a part or a day takes without its names.
const TOTAL_BYTES: usize = 160;
const ITEM_BYTES: usize = 64;

/// A total that is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToTell {
    /// The account that pays.
    pub account: String,
    /// What it is told.
    pub total: RatedTotal,
    /// How many parts were told last under the key.
    pub held_parts: usize,
}

/// What is told in one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Whom.
    pub account: String,
    /// What.
    pub totals: Vec<RatedTotal>,
}

/// The first of the totals as messages, at most `most` in all and as many as one decision may tell. What is left differs
/// still from what was told last, and is told by a decision of its own.
#[must_use]
pub fn batched(all: impl IntoIterator<Item = ToTell>, most: usize) -> Vec<Told> {
    let mut batches: Vec<(Told, usize)> = Vec::new();
    let mut bytes = 0_usize;
    for ToTell { account, total, held_parts } in all.into_iter().take(most) {
        bytes = bytes.saturating_add(size(&total));
        if bytes > MOST_BYTES && !batches.is_empty() {
            break;
        }
        let parts = total.rated.parts.len().saturating_add(held_parts);
        let is_full = batches.len() == MOST_MESSAGES;
        match batches.last_mut() {
            Some((told, held))
                if told.account == account
                    && told.totals.len() < MOST_TOTALS
                    && held.saturating_add(parts) <= MOST_PARTS =>
            {
                told.totals.push(total);
                *held = held.saturating_add(parts);
            }
            _ if is_full => break,
            _ => batches.push((Told { account, totals: vec![total] }, parts)),
        }
    }
    batches.into_iter().map(|(told, _)| told).collect()
}

fn size(total: &RatedTotal) -> usize {
    let part = |part: &ChargedPart| {
        ITEM_BYTES.saturating_add(part.revenue_role.len()).saturating_add(part.tax_class.name().len())
    };
    let parts = total.rated.parts.iter().map(part).fold(0, usize::saturating_add);
    let days = total.rated.used.len().saturating_mul(ITEM_BYTES);
    TOTAL_BYTES.saturating_add(total.key.contract.len()).saturating_add(parts).saturating_add(days)
}
