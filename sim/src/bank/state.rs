//! The state of an account of the toy bank and its stored form.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) balance: i64,
    /// How many transfers went to each receiver.
    pub(super) sent: BTreeMap<String, u64>,
    /// The number of the last transfer taken from each sender.
    pub(super) received: BTreeMap<String, u64>,
    /// When each timer is due, by where in the log it was set.
    pub(super) timers: BTreeMap<u64, i64>,
}

impl State {
    pub(super) fn to_text(&self) -> String {
        let State { balance, sent, received, timers } = self;
        format!("{balance}|{}|{}|{}", pairs(sent), pairs(received), pairs(timers))
    }

    pub(super) fn from_text(text: &str) -> Option<State> {
        let [balance, sent, received, timers] = text.split('|').collect::<Vec<_>>().try_into().ok()?;
        Some(State {
            balance: balance.parse().ok()?,
            sent: read_pairs(sent)?,
            received: read_pairs(received)?,
            timers: read_pairs(timers)?,
        })
    }
}

fn pairs(map: &BTreeMap<impl Display, impl Display>) -> String {
    map.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

fn read_pairs<K: FromStr + Ord, V: FromStr>(text: &str) -> Option<BTreeMap<K, V>> {
    let pairs = text.split(',').filter(|pair| !pair.is_empty());
    let read = |pair: &str| {
        let (key, value) = pair.split_once('=')?;
        Some((key.parse().ok()?, value.parse().ok()?))
    };
    pairs.map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let state = State {
            balance: -5,
            sent: BTreeMap::from([("a".to_owned(), 2)]),
            received: BTreeMap::new(),
            timers: BTreeMap::from([(7, 1_000), (9, 2_000)]),
        };
        assert_eq!(State::from_text(&state.to_text()), Some(state));
        assert_eq!(State::from_text(&State::default().to_text()), Some(State::default()));
    }
}
