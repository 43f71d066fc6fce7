//! Between accounts: what was sent was taken once and in order, and no timer was lost.

use std::collections::BTreeMap;

use super::book::Book;

/// Checks all channels and timers; how many messages and timers there were.
pub(super) fn check(books: &BTreeMap<String, Book>) -> Result<(u64, u64), String> {
    let (mut messages, mut timers) = (0_u64, 0_u64);
    for (sender, book) in books {
        for receiver in books.keys() {
            let sent = of_channel(&book.sent, receiver);
            let taken =
                books.get(receiver).map(|book| of_channel(&book.received, sender)).unwrap_or_default();
            if sent != taken {
                return Err(format!("{sender} sent {receiver} {sent:?}, which took {taken:?}"));
            }
            messages = messages.saturating_add(u64::try_from(sent.len()).unwrap_or_default());
        }
        if let Some((name, _, _)) = book.received.iter().find(|(name, _, _)| !books.contains_key(name)) {
            return Err(format!("{sender} heard from {name}, who does not exist"));
        }
        for (set_at, timer) in &book.timers {
            if timer.ended_at.is_none() {
                return Err(format!("the timer that {sender} set at {set_at} never fired: {timer:?}"));
            }
            timers = timers.saturating_add(1);
        }
    }
    Ok((messages, timers))
}

fn of_channel(transfers: &[(String, u64, i64)], other: &str) -> Vec<(u64, i64)> {
    let own = transfers.iter().filter(|(name, _, _)| name == other);
    own.map(|(_, number, amount)| (*number, *amount)).collect()
}
