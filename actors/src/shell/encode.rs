//! From a decision to writes: checks its limits, its targets and its keys, before anything joins a batch.

use bytes::Bytes;
use cluster::ShardId;
use storage::{Key, MAX_KEY_BYTES, Write};

use super::decision::{Decision, Outcome, RowWrite, TimerChange};
use super::entity_id::EntityId;
use super::fact::{RowKey, Section};
use super::keys::{self, TimerId};
use super::records::Outgoing;

/// A decision as the journal takes it.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) outcome: Outcome,
    /// The log sequence it was decided on.
    pub(crate) follows: u64,
    /// The log sequence after it: one more if it has an effect.
    pub(crate) log_sequence: u64,
    pub(crate) writes: Vec<Write>,
    /// The new root part, if it changes.
    pub(crate) root: Option<Option<Bytes>>,
    /// Messages with their sequence in the channel.
    pub(crate) messages: Vec<(u64, Outgoing)>,
    pub(crate) timers_set: Vec<TimerId>,
    pub(crate) timers_cancelled: Vec<TimerId>,
}

/// How a decision breaks the rules. A bug of the machine: the command is charged with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecisionError {
    #[error("the decision has {bytes} bytes; at most {} are allowed", Decision::MAX_BYTES)]
    TooLarge { bytes: usize },
    #[error("the decision writes {keys} rows; at most {} are allowed", Decision::MAX_KEYS)]
    TooManyKeys { keys: usize },
    #[error("the value of {key} has {bytes} bytes; at most {} are allowed", Decision::MAX_VALUE_BYTES)]
    ValueTooLarge { key: Key, bytes: usize },
    #[error("the key {key} is longer than {MAX_KEY_BYTES} bytes")]
    KeyTooLong { key: Key },
    #[error(
        "the answer has {bytes} bytes and is to be kept; at most {} are allowed",
        Decision::MAX_VALUE_BYTES
    )]
    ReplyTooLarge { bytes: usize },
    #[error("the decision sends {messages} messages; at most {} are allowed", Decision::MAX_MESSAGES)]
    TooManyMessages { messages: usize },
    #[error("the message to {to} would leave its tenant")]
    ForeignTenant { to: EntityId },
    #[error("a refusal has an effect")]
    RefusedWithEffect,
    #[error("rows of section total are added to, and only they are")]
    TotalMisused,
    #[error("the key of a timer has {bytes} bytes; at most 64 are allowed")]
    TimerKeyTooLong { bytes: usize },
}

const MAX_TIMER_KEY_BYTES: usize = 64;
/// What the shell adds to a decision at most: root, answer or inbox row, and keys.
const SHELL_ROWS: usize = 3;
const MESSAGES_PER_LOG_SEQUENCE_BITS: u32 = 6;

/// Encodes a decision made on log sequence `follows`.
pub(crate) fn encode(
    shard: ShardId,
    entity: &EntityId,
    decision: Decision,
    follows: u64,
    keeps_answer: bool,
) -> Result<Encoded, DecisionError> {
    let without_effect = decision.is_without_effect();
    check_outcome(&decision.outcome, without_effect, keeps_answer)?;
    let log_sequence = if without_effect { follows } else { follows.saturating_add(1) };
    let mut encoded = Encoded {
        outcome: decision.outcome,
        follows,
        log_sequence,
        writes: Vec::with_capacity(decision.rows.len().saturating_add(SHELL_ROWS)),
        root: None,
        messages: Vec::new(),
        timers_set: Vec::new(),
        timers_cancelled: Vec::new(),
    };
    for (part, value) in decision.parts {
        if part.is_root() {
            encoded.root = Some(value);
        } else {
            encoded.put_or_delete(keys::state(shard, entity, &part), value);
        }
    }
    for row in decision.rows {
        encoded.writes.push(row_write(shard, entity, row)?);
    }
    if let Some(event) = decision.log {
        encoded.put_or_delete(keys::log(shard, entity, log_sequence), Some(event));
    }
    for change in decision.timers {
        encoded.change_timer(shard, entity, change)?;
    }
    if decision.messages.len() > Decision::MAX_MESSAGES {
        return Err(DecisionError::TooManyMessages { messages: decision.messages.len() });
    }
    for (index, message) in (0_u64..).zip(decision.messages) {
        if message.to.tenant() != entity.tenant() {
            return Err(DecisionError::ForeignTenant { to: message.to });
        }
        // Rises with the log of the sender, so that no counter per receiver has to be kept.
        let sequence = log_sequence.wrapping_shl(MESSAGES_PER_LOG_SEQUENCE_BITS) | index;
        let outgoing = Outgoing { receiver: message.to, command: message.command };
        encoded.put_or_delete(keys::outbox(shard, entity, sequence), Some(outgoing.to_bytes()));
        encoded.messages.push((sequence, outgoing));
    }
    encoded.check_size()?;
    Ok(encoded)
}

impl Encoded {
    /// Whether the entity changed.
    pub(crate) fn has_effect(&self) -> bool {
        self.log_sequence != self.follows
    }

    fn put_or_delete(&mut self, key: Key, value: Option<Bytes>) {
        self.writes.push(match value {
            Some(value) => Write::Put { key, value },
            None => Write::Delete { key },
        });
    }

    fn change_timer(
        &mut self,
        shard: ShardId,
        entity: &EntityId,
        change: TimerChange,
    ) -> Result<(), DecisionError> {
        let (due_ms, key, command) = match change {
            TimerChange::Set { due_ms, key, command } => (due_ms, key, Some(command)),
            TimerChange::Cancel { due_ms, key } => (due_ms, key, None),
        };
        if key.len() > MAX_TIMER_KEY_BYTES {
            return Err(DecisionError::TimerKeyTooLong { bytes: key.len() });
        }
        let timer = TimerId { due_ms, entity: entity.clone(), key };
        let changed = if command.is_some() { &mut self.timers_set } else { &mut self.timers_cancelled };
        changed.push(timer.clone());
        self.put_or_delete(keys::timer(shard, &timer), command);
        Ok(())
    }

    fn check_size(&self) -> Result<(), DecisionError> {
        let keys = self.writes.len().saturating_add(SHELL_ROWS);
        if keys > Decision::MAX_KEYS {
            return Err(DecisionError::TooManyKeys { keys });
        }
        let root_bytes = self.root.iter().flatten().map(Bytes::len).sum::<usize>();
        let mut bytes = root_bytes;
        for write in &self.writes {
            bytes = bytes.saturating_add(write.size_bytes());
            check_write(write)?;
        }
        let root_key = || Key::from("root");
        if root_bytes > Decision::MAX_VALUE_BYTES {
            return Err(DecisionError::ValueTooLarge { key: root_key(), bytes: root_bytes });
        }
        if bytes > Decision::MAX_BYTES {
            return Err(DecisionError::TooLarge { bytes });
        }
        Ok(())
    }
}

fn check_outcome(outcome: &Outcome, without_effect: bool, keeps_answer: bool) -> Result<(), DecisionError> {
    let reply = match outcome {
        Outcome::Accepted { reply } => reply,
        Outcome::Rejected { .. } if !without_effect => return Err(DecisionError::RefusedWithEffect),
        Outcome::Rejected { reply, .. } => reply,
    };
    if keeps_answer && reply.len() > Decision::MAX_VALUE_BYTES {
        return Err(DecisionError::ReplyTooLarge { bytes: reply.len() });
    }
    Ok(())
}

fn check_write(write: &Write) -> Result<(), DecisionError> {
    let (key, bytes) = match write {
        Write::Put { key, value } => (key, value.len()),
        Write::Delete { key } | Write::Add { key, .. } => (key, 0),
        Write::DeleteRange { range } => (&range.begin, 0),
    };
    if key.len() > MAX_KEY_BYTES {
        return Err(DecisionError::KeyTooLong { key: key.clone() });
    }
    if bytes > Decision::MAX_VALUE_BYTES {
        return Err(DecisionError::ValueTooLarge { key: key.clone(), bytes });
    }
    Ok(())
}

fn row_write(shard: ShardId, entity: &EntityId, row: RowWrite) -> Result<Write, DecisionError> {
    let (key, is_sum) = match &row {
        RowWrite::Put(key, _) | RowWrite::Delete(key) => (key, false),
        RowWrite::Add(key, _) => (key, true),
    };
    let is_total = match key {
        RowKey::Own { section, .. } | RowKey::Shared { section, .. } => *section == Section::Total,
        RowKey::Index { .. } => false,
    };
    if is_total != is_sum {
        return Err(DecisionError::TotalMisused);
    }
    let key = keys::row(shard, entity, key);
    Ok(match row {
        RowWrite::Put(_, value) => Write::Put { key, value },
        RowWrite::Delete(_) => Write::Delete { key },
        RowWrite::Add(_, delta) => Write::Add { key, delta },
    })
}
