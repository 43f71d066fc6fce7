//! Whether a decision fits what the shell commits at once. A request that asks for more is refused with the reason;
//! the shell would charge its entity with a bug.

use crate::shell::{Decision, PartKey, RowKey, RowWrite};

/// What the shell puts around a row or message at most: shard, tenant, kind and key of an entity.
const AROUND_BYTES: usize = 200;
/// The largest key below the entity's name.
const MAX_SUFFIX_BYTES: usize = 600;
/// The largest root after a request: answers that come by message may double it.
const MAX_ROOT_BYTES: usize = Decision::MAX_VALUE_BYTES / 2;
/// Rows of the shell itself: root, answer, log, head of a channel.
const SHELL_ROWS: usize = 8;

/// What of the decision is too large; `None` where it fits.
pub(super) fn excess(decision: &Decision) -> Option<&'static str> {
    let mut bytes = decision.log.as_ref().map_or(0, |log| log.len());
    let mut keys = SHELL_ROWS;
    let mut add = |key: usize, value: usize| {
        keys = keys.saturating_add(1);
        bytes = bytes.saturating_add(key).saturating_add(value).saturating_add(AROUND_BYTES);
        key <= MAX_SUFFIX_BYTES && value.saturating_add(AROUND_BYTES) <= Decision::MAX_VALUE_BYTES
    };
    for (part, value) in &decision.parts {
        let value = value.as_ref().map_or(0, |value| value.len());
        if !add(part.as_bytes().len(), value) || (*part == PartKey::root() && value > MAX_ROOT_BYTES) {
            return Some("what the entity would have to remember is too large");
        }
    }
    for row in &decision.rows {
        let (key, value) = match row {
            RowWrite::Put(key, value) => (key, value.len()),
            RowWrite::Delete(key) | RowWrite::Add(key, _) => (key, 0),
        };
        let suffix = match key {
            RowKey::Own { suffix, .. } | RowKey::Shared { suffix, .. } => suffix.len(),
            RowKey::Index { order, .. } => order.len(),
        };
        if !add(suffix, value) {
            return Some("one item of it, or its name, is too large");
        }
    }
    if !decision.messages.iter().all(|message| add(0, message.command.len())) {
        return Some("what others would have to be told is too large");
    }
    let fits = keys <= Decision::MAX_KEYS
        && bytes <= Decision::MAX_BYTES
        && decision.messages.len() <= Decision::MAX_MESSAGES;
    if fits { None } else { Some("it is more than is taken at once") }
}
