//! A toy bank: accounts that add, transfer by message, remember, set timers, and break on demand.
//!
//! Commands are words: `add 5`, `get`, `transfer 5 other`, `history`, `timer 1000 name 5`, `cancel 1000 name`, `mood panic`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};

use actors::shell::{
    ActivationError, Answer, Decision, EntityId, Facts, Input, KindTag, Machine, Machines, Message, Moment,
    Need, Origin, Part, PartKey, RowKey, RowWrite, Section, Tenant, TimerChange,
};
use bytes::Bytes;
use cluster::{ShardCount, ShardId};

pub(crate) const KIND: KindTag = KindTag::new(1).unwrap();
pub(crate) const INDEX: u8 = 7;

#[derive(Default)]
pub(crate) struct Bank {
    /// Whether the next who looks for the shard of `trip` dies. Breaks the shell itself, not a machine.
    pub(crate) trap: AtomicBool,
    /// What the next `block` says when it has begun, and waits for before it goes on.
    pub(crate) gate: Arc<Gate>,
}

pub(crate) type Gate = Mutex<Option<(Sender<()>, Receiver<()>)>>;

#[derive(Default)]
struct Account {
    balance: i64,
    /// What messages do: `calm`, `refuse`, `panic`.
    mood: String,
    /// Transfers sent to and received from others, to see that order holds.
    sent: BTreeMap<String, u64>,
    received: BTreeMap<String, u64>,
    gate: Arc<Gate>,
}

pub(crate) fn account(key: &str) -> EntityId {
    EntityId::new(Tenant::parse("nl").unwrap(), KIND, key.to_owned()).unwrap()
}

impl Machines for Bank {
    fn shard_of(&self, id: &EntityId, count: ShardCount) -> ShardId {
        assert!(id.key() != "trip" || !self.trap.swap(false, Ordering::AcqRel), "a trap");
        count.shard_of(&id.to_bytes())
    }

    fn activate(&self, _: &EntityId, parts: Vec<Part>) -> Result<Box<dyn Machine>, ActivationError> {
        let mut account = Account { gate: Arc::clone(&self.gate), ..Account::default() };
        for part in parts {
            let text = String::from_utf8(part.value.to_vec()).unwrap();
            if part.key.is_root() {
                account.read(&text).ok_or(ActivationError { reason: format!("unreadable state {text}") })?;
            } else if text == "cursed" {
                panic!("a curse");
            }
        }
        Ok(Box::new(account))
    }
}

impl Machine for Account {
    fn needs(&self, input: &Input, facts: &Facts, _: &Moment) -> Vec<Need> {
        match words(&input.command).as_slice() {
            ["history" | "check"] if facts.is_empty() => vec![rows(vec![], 3)],
            // One page after the other, as long as there is more.
            ["history" | "check"] => match facts.answer(facts.len() - 1) {
                Some(Answer::Rows { rows: found, more: true }) => {
                    let mut from = found.last().unwrap().suffix.to_vec();
                    from.push(0);
                    vec![rows(from, 1_000)]
                }
                _ => Vec::new(),
            },
            ["greedy"] => vec![rows(vec![], 1)],
            _ => Vec::new(),
        }
    }

    fn decide(&mut self, input: &Input, facts: &Facts, moment: &Moment) -> Decision {
        let is_message = matches!(input.origin, Origin::Message { .. });
        match words(&input.command).as_slice() {
            ["get"] => Decision::accepted(self.balance.to_string()),
            ["history"] => Decision::accepted(sum(facts).to_string()),
            ["check"] => Decision::accepted(format!("{} {}", self.balance, sum(facts))),
            ["block"] => {
                let gate = self.gate.lock().unwrap().take();
                if let Some((begun, go_on)) = gate {
                    begun.send(()).unwrap();
                    go_on.recv().unwrap();
                }
                self.add(1, moment)
            }
            ["add", amount] => self.add(amount.parse().unwrap(), moment),
            ["note", amount] if self.balance < amount.parse().unwrap() => Decision::rejected("too poor"),
            ["note", _] => Decision::accepted("rich enough"),
            ["transfer", amount, to] => self.transfer(amount.parse().unwrap(), to, moment),
            ["credit", ..] if is_message && self.mood == "refuse" => Decision::rejected("refused"),
            ["credit", ..] if is_message && self.mood == "panic" => panic!("a bad mood"),
            ["credit", amount, number] if is_message => {
                self.credit(amount.parse().unwrap(), &sender(input), number.parse().unwrap(), moment)
            }
            ["timer", due_ms, key, amount] => {
                let (due_ms, key) = (due_ms.parse().unwrap(), Bytes::from((*key).to_owned()));
                let command = Bytes::from(format!("add {amount}"));
                let timers = vec![TimerChange::Set { due_ms, key, command }];
                Decision { timers, ..self.changed("set") }
            }
            ["cancel", due_ms, key] => {
                let (due_ms, key) = (due_ms.parse().unwrap(), Bytes::from((*key).to_owned()));
                Decision { timers: vec![TimerChange::Cancel { due_ms, key }], ..self.changed("cancelled") }
            }
            ["mood", mood] => {
                self.mood = (*mood).to_owned();
                self.changed("changed")
            }
            ["curse"] => {
                let parts = vec![(PartKey::new("curse"), Some("cursed".into()))];
                Decision { parts, ..self.changed("cursed") }
            }
            ["large", bytes] => {
                let value = Bytes::from(vec![1; bytes.parse().unwrap()]);
                Decision { log: Some(value), ..self.changed("large") }
            }
            ["abroad"] => {
                let to = EntityId::new(Tenant::parse("be").unwrap(), KIND, "k").unwrap();
                Decision { messages: vec![Message { to, command: Bytes::new() }], ..self.changed("sent") }
            }
            ["panic", ..] => panic!("as told"),
            ["time"] => Decision::accepted(moment.shard_time_ms.to_string()),
            _ => Decision::malformed("what?"),
        }
    }
}

impl Account {
    fn add(&mut self, amount: i64, moment: &Moment) -> Decision {
        self.balance += amount;
        let suffix = Bytes::copy_from_slice(&moment.log_sequence.to_be_bytes());
        let row = RowKey::Own { section: Section::Ledger, suffix };
        let total = RowKey::Shared { section: Section::Total, suffix: "sum".into() };
        let order = Bytes::copy_from_slice(&(self.balance.cast_unsigned() ^ (1 << 63)).to_be_bytes());
        let rows = vec![
            RowWrite::Put(row, amount.to_string().into()),
            RowWrite::Add(total, amount.into()),
            RowWrite::Put(RowKey::Index { index: INDEX, order }, Bytes::new()),
        ];
        Decision { rows, ..self.changed(&self.balance.to_string()) }
    }

    fn transfer(&mut self, amount: i64, to: &str, moment: &Moment) -> Decision {
        if self.balance < amount {
            return Decision::rejected("insufficient");
        }
        let number = self.sent.entry(to.to_owned()).or_default();
        *number += 1;
        // The receiver learns the number of the transfer and so its place in the order.
        let command = format!("credit {amount} {number}").into();
        let messages = vec![Message { to: account(to), command }];
        Decision { messages, ..self.add(-amount, moment) }
    }

    fn credit(&mut self, amount: i64, from: &str, number: u64, moment: &Moment) -> Decision {
        let last = self.received.entry(from.to_owned()).or_default();
        assert_eq!(number, *last + 1, "transfers from {from} out of order");
        *last = number;
        self.add(amount, moment)
    }

    fn changed(&self, reply: &str) -> Decision {
        let numbers = |map: &BTreeMap<String, u64>| {
            map.iter().map(|(key, number)| format!("{key}={number}")).collect::<Vec<_>>().join(",")
        };
        let root =
            format!("{}|{}|{}|{}", self.balance, self.mood, numbers(&self.sent), numbers(&self.received));
        let parts = vec![(PartKey::root(), Some(root.into()))];
        Decision { parts, ..Decision::accepted(reply.to_owned()) }
    }

    fn read(&mut self, text: &str) -> Option<()> {
        let [balance, mood, sent, received] = text.split('|').collect::<Vec<_>>().try_into().ok()?;
        let numbers = |text: &str| {
            let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
            pairs.map(|(key, number)| (key.to_owned(), number.parse().unwrap())).collect()
        };
        self.balance = balance.parse().ok()?;
        self.mood = mood.to_owned();
        self.sent = numbers(sent);
        self.received = numbers(received);
        Some(())
    }
}

fn sender(input: &Input) -> String {
    match &input.origin {
        Origin::Message { sender } => String::from_utf8(sender.key().to_vec()).unwrap(),
        Origin::Request { .. } | Origin::Timer { .. } => String::new(),
    }
}

fn words(command: &[u8]) -> Vec<&str> {
    std::str::from_utf8(command).unwrap_or_default().split(' ').collect()
}

fn rows(from: Vec<u8>, limit_rows: usize) -> Need {
    let (of, section, from) = (None, Section::Ledger, from.into());
    Need::Rows { of, section, from, until: None, limit_rows, reverse: false }
}

fn sum(facts: &Facts) -> i64 {
    let rows = facts.iter().flat_map(|fact| match &fact.answer {
        Answer::Rows { rows, .. } => rows.as_slice(),
        Answer::Row(_) => &[],
    });
    rows.map(|row| std::str::from_utf8(&row.value).unwrap().parse::<i64>().unwrap()).sum()
}
