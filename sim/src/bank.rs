//! A toy bank for the auditor to predict: accounts that add, take, transfer by message, and set timers.
//!
//! Commands are words: `add 5` (and a mark to tell it by), `take 5`, `transfer 5 other`, `spread 5 other another`, `timer 1000 5`, `cancel 7`,
//! `get`, `history`. Every answer says where in the entity's log it was decided and what the balance was, and every
//! effect leaves a row that says who caused it; so the order of everything can be read afterwards.

mod state;

use actors::shell::{
    ActivationError, Answer, Decision, EntityId, EntityIdError, Facts, Input, KindTag, Machine, Machines,
    Message, Moment, Need, Origin, Part, PartKey, RowKey, RowWrite, Section, Tenant, TimerChange,
};
use bytes::Bytes;
use state::State;

/// The bank's tenant.
const TENANT: &str = "nl";
const KIND: u8 = 1;
/// The total of a shard.
pub const TOTAL: &[u8] = b"sum";

/// The machines of the bank.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bank;

/// The account with this name.
///
/// # Errors
/// [`EntityIdError`] where the name is not one.
pub fn account(key: &str) -> Result<EntityId, EntityIdError> {
    let tenant = Tenant::parse(TENANT)?;
    let kind = KindTag::new(KIND).ok_or(EntityIdError::Kind)?;
    EntityId::new(tenant, kind, key.to_owned())
}

impl Machines for Bank {
    fn activate(&self, _: &EntityId, parts: Vec<Part>) -> Result<Box<dyn Machine>, ActivationError> {
        let mut state = State::default();
        for part in parts.iter().filter(|part| part.key.is_root()) {
            let read = std::str::from_utf8(&part.value).ok().and_then(State::from_text);
            let unreadable = || ActivationError { reason: format!("unreadable state {:?}", part.value) };
            state = read.ok_or_else(unreadable)?;
        }
        Ok(Box::new(state))
    }
}

impl Machine for State {
    fn needs(&self, input: &Input, facts: &Facts, _: &Moment) -> Vec<Need> {
        if input.command.as_ref() != b"history" {
            return Vec::new();
        }
        let last = facts.len().checked_sub(1).and_then(|last| facts.answer(last));
        match last {
            None => vec![rows(Vec::new())],
            Some(Answer::Rows { rows: found, more: true }) => {
                let mut from = found.last().map(|row| row.suffix.to_vec()).unwrap_or_default();
                from.push(0);
                vec![rows(from)]
            }
            Some(_) => Vec::new(),
        }
    }

    fn decide(&mut self, input: &Input, facts: &Facts, moment: &Moment) -> Decision {
        let text = String::from_utf8_lossy(&input.command).into_owned();
        let words: Vec<&str> = text.split(' ').collect();
        let cause = match &input.origin {
            Origin::Request { request_id, .. } => {
                let id = request_id.map_or_else(|| "none".to_owned(), |id| id.to_string());
                format!("request {id} {text}")
            }
            Origin::Message { sender } => format!("message {} {text}", sender.key().escape_ascii()),
            Origin::Timer { due_ms, key } => format!("timer {due_ms} {} {text}", key.escape_ascii()),
        };
        let decided = self.carry_out(&words, input, facts, (&cause, moment));
        decided.unwrap_or_else(|| Decision::malformed("what?"))
    }
}

impl State {
    fn carry_out(
        &mut self,
        words: &[&str],
        input: &Input,
        facts: &Facts,
        (cause, moment): (&str, &Moment),
    ) -> Option<Decision> {
        let seen = moment.log_sequence.checked_sub(1)?;
        let is_message = matches!(input.origin, Origin::Message { .. });
        let is_timer = matches!(input.origin, Origin::Timer { .. });
        let decision = match words {
            ["get"] => Decision::accepted(format!("{seen} {}", self.balance)),
            ["history"] => {
                let (count, sum) = history(facts)?;
                Decision::accepted(format!("{seen} {} {count} {sum}", self.balance))
            }
            ["add", amount, ..] => self.change(amount.parse().ok()?, cause, moment),
            ["fire", amount] if is_timer => {
                let Origin::Timer { key, .. } = &input.origin else { return None };
                let set_at = std::str::from_utf8(key).ok()?.parse().ok()?;
                self.timers.remove(&set_at);
                self.change(amount.parse().ok()?, cause, moment)
            }
            ["take", amount] => match self.spend(amount.parse().ok()?) {
                None => self.refuse(seen),
                Some(amount) => self.change(amount, cause, moment),
            },
            ["transfer" | "spread", amount, receivers @ ..] => {
                let amount: i64 = amount.parse().ok()?;
                let count = i64::try_from(receivers.len()).ok()?;
                match self.spend(amount.checked_mul(count)?) {
                    None => self.refuse(seen),
                    Some(spent) => {
                        let messages =
                            receivers.iter().map(|to| self.message(to, amount)).collect::<Option<_>>()?;
                        Decision { messages, ..self.change(spent, cause, moment) }
                    }
                }
            }
            ["credit", amount, number] if is_message => {
                let Origin::Message { sender } = &input.origin else { return None };
                let sender = std::str::from_utf8(sender.key()).ok()?.to_owned();
                self.received.insert(sender, number.parse().ok()?);
                self.change(amount.parse().ok()?, cause, moment)
            }
            ["timer", delay_ms, amount] => {
                let due_ms = moment.shard_time_ms.checked_add(delay_ms.parse().ok()?)?;
                self.timers.insert(moment.log_sequence, due_ms);
                let key = Bytes::from(moment.log_sequence.to_string());
                let command = Bytes::from(format!("fire {}", amount.parse::<i64>().ok()?));
                let timers = vec![TimerChange::Set { due_ms, key, command }];
                Decision { timers, ..self.change(0, &format!("{cause} {due_ms}"), moment) }
            }
            ["cancel", set_at] => {
                let set_at: u64 = set_at.parse().ok()?;
                match self.timers.remove(&set_at) {
                    None => self.refuse(seen),
                    Some(due_ms) => {
                        let timers = vec![TimerChange::Cancel { due_ms, key: set_at.to_string().into() }];
                        Decision { timers, ..self.change(0, cause, moment) }
                    }
                }
            }
            _ => return None,
        };
        Some(decision)
    }

    fn refuse(&self, seen: u64) -> Decision {
        Decision::rejected(format!("{seen} {}", self.balance))
    }

    /// The change that spends this; `None` if there is not enough.
    fn spend(&self, amount: i64) -> Option<i64> {
        (amount <= self.balance).then_some(amount.checked_neg()?)
    }

    fn message(&mut self, to: &str, amount: i64) -> Option<Message> {
        let number = self.sent.entry(to.to_owned()).or_default();
        *number = number.saturating_add(1);
        let command = Bytes::from(format!("credit {amount} {number}"));
        Some(Message { to: account(to).ok()?, command })
    }

    /// Adds to the balance and leaves a row that says why.
    fn change(&mut self, delta: i64, cause: &str, moment: &Moment) -> Decision {
        self.balance = self.balance.saturating_add(delta);
        let suffix = Bytes::copy_from_slice(&moment.log_sequence.to_be_bytes());
        let row = format!("{}|{delta}|{}|{cause}", moment.shard_time_ms, self.balance);
        let rows = vec![
            RowWrite::Put(RowKey::Own { section: Section::Ledger, suffix }, row.into()),
            RowWrite::Add(
                RowKey::Shared { section: Section::Total, suffix: Bytes::from_static(TOTAL) },
                delta.into(),
            ),
        ];
        let parts = vec![(PartKey::root(), Some(Bytes::from(self.to_text())))];
        let reply = format!("{} {}", moment.log_sequence, self.balance);
        Decision { parts, rows, ..Decision::accepted(reply) }
    }
}

/// How many rows there are, and the sum of their changes.
fn history(facts: &Facts) -> Option<(usize, i64)> {
    let rows = facts.iter().flat_map(|fact| match &fact.answer {
        Answer::Rows { rows, .. } => rows.as_slice(),
        Answer::Row(_) => &[],
    });
    rows.map(|row| std::str::from_utf8(&row.value).ok()?.split('|').nth(1)?.parse::<i64>().ok())
        .try_fold((0_usize, 0_i64), |(count, sum), delta| {
            Some((count.checked_add(1)?, sum.checked_add(delta?)?))
        })
}

fn rows(from: Vec<u8>) -> Need {
    let (section, from) = (Section::Ledger, Bytes::from(from));
    Need::Rows { of: None, section, from, until: None, limit_rows: 1_000, reverse: false }
}
