//! What one account did, read from its rows and carried out again.

use std::collections::BTreeMap;

use cluster::ShardId;

/// The history of an account by the auditor's own reckoning.
#[derive(Debug)]
pub struct Book {
    /// The shard it lives in.
    pub shard: ShardId,
    /// In the order of its log, the first at place 1.
    pub entries: Vec<Entry>,
    /// Transfers sent: receiver, number, amount.
    pub sent: Vec<(String, u64, i64)>,
    /// Transfers taken: sender, number, amount, in the order taken.
    pub received: Vec<(String, u64, i64)>,
    /// Timers by where they were set.
    pub timers: BTreeMap<u64, Timer>,
}

/// One effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its registration time.
    pub time_ms: i64,
    /// The balance after it.
    pub balance: i64,
    /// Where a client asked for it.
    pub request: Option<(String, String)>,
}

/// The id and the command of a request; the id is `none` without one.
type Requested = (String, String);

/// A timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// When it is due.
    pub due_ms: i64,
    /// What it adds.
    pub amount: i64,
    /// Where in the log it fired or was cancelled.
    pub ended_at: Option<u64>,
}

impl Book {
    /// Carries out everything again.
    ///
    /// # Errors
    /// An effect that can't be, or that is not what it should be.
    pub fn of(account: &str, shard: ShardId, rows: &[(u64, String)]) -> Result<Book, String> {
        let (entries, sent, received) = (Vec::new(), Vec::new(), Vec::new());
        let mut book = Book { shard, entries, sent, received, timers: BTreeMap::new() };
        for (sequence, text) in rows {
            let expected = book.place().saturating_add(1);
            if *sequence != expected {
                return Err(format!(
                    "account {account}: entry {sequence} where {expected} should be: {text}"
                ));
            }
            book.enter(text).map_err(|wrong| format!("account {account}: {wrong} at {sequence}: {text}"))?;
        }
        Ok(book)
    }

    /// The place of the last effect; zero if there is none.
    #[must_use]
    pub fn place(&self) -> u64 {
        u64::try_from(self.entries.len()).unwrap_or(u64::MAX)
    }

    /// The balance in the end.
    #[must_use]
    pub fn balance(&self) -> i64 {
        self.entries.last().map_or(0, |entry| entry.balance)
    }

    /// The balance after so many effects; `None` if there were fewer.
    #[must_use]
    pub fn balance_at(&self, place: u64) -> Option<i64> {
        match place.checked_sub(1) {
            None => Some(0),
            Some(index) => Some(self.entries.get(usize::try_from(index).ok()?)?.balance),
        }
    }

    /// Whether the timer set there was still to fire after so many effects.
    #[must_use]
    pub fn has_timer_at(&self, set_at: u64, place: u64) -> bool {
        let timer = self.timers.get(&set_at).filter(|_| set_at <= place);
        timer.is_some_and(|timer| timer.ended_at.is_none_or(|ended_at| ended_at > place))
    }

    fn enter(&mut self, text: &str) -> Result<(), &'static str> {
        let columns: Vec<&str> = text.splitn(4, '|').collect();
        let [time_ms, delta, balance, cause] = columns.try_into().map_err(|_| "unreadable entry")?;
        let time_ms: i64 = time_ms.parse().map_err(|_| "unreadable time")?;
        let (delta, found): (i64, i64) = (
            delta.parse().map_err(|_| "unreadable change")?,
            balance.parse().map_err(|_| "unreadable balance")?,
        );
        let (request, expected) = self.carry_out(cause, time_ms)?;
        if delta != expected {
            return Err("a change of another amount");
        }
        if found != self.balance().saturating_add(expected) {
            return Err("a balance that does not follow");
        }
        if self.entries.last().is_some_and(|last| last.time_ms > time_ms) {
            return Err("time went back");
        }
        self.entries.push(Entry { time_ms, balance: found, request });
        Ok(())
    }

    /// The change that the cause has to bring about, and the request if it is one.
    fn carry_out(&mut self, cause: &str, time_ms: i64) -> Result<(Option<Requested>, i64), &'static str> {
        let place = self.place().saturating_add(1);
        let words: Vec<&str> = cause.split(' ').collect();
        let number = |text: &str| text.parse::<i64>().map_err(|_| "an amount that is no number");
        match words.as_slice() {
            ["message", sender, "credit", amount, count] => {
                let count = count.parse().map_err(|_| "a count that is no number")?;
                let amount = number(amount)?;
                self.received.push(((*sender).to_owned(), count, amount));
                Ok((None, amount))
            }
            ["timer", due_ms, set_at, "fire", amount] => {
                let set_at = set_at.parse().map_err(|_| "a timer without a place")?;
                let timer = self.timers.get_mut(&set_at).ok_or("a timer that nobody set")?;
                if timer.ended_at.replace(place).is_some() {
                    return Err("a timer that fired or was cancelled before");
                }
                if number(due_ms)? != timer.due_ms || number(amount)? != timer.amount {
                    return Err("a timer that was set otherwise");
                }
                if timer.due_ms > time_ms {
                    return Err("a timer that fired too early");
                }
                Ok((None, timer.amount))
            }
            ["request", id, command @ ..] => {
                let (change, words) = self.request(command, (place, time_ms))?;
                Ok((Some(((*id).to_owned(), words.join(" "))), change))
            }
            _ => Err("an effect without a cause"),
        }
    }

    /// The change that a client's command has to bring about, and its words without what was added.
    fn request<'a>(
        &mut self,
        command: &'a [&'a str],
        (place, time_ms): (u64, i64),
    ) -> Result<(i64, &'a [&'a str]), &'static str> {
        let number = |text: &str| text.parse::<i64>().map_err(|_| "an amount that is no number");
        match command {
            ["add", amount, ..] => Ok((number(amount)?, command)),
            ["take", amount] => Ok((self.spent(number(amount)?)?, command)),
            ["transfer" | "spread", amount, receivers @ ..] => {
                let amount = number(amount)?;
                let count = i64::try_from(receivers.len()).map_err(|_| "too many receivers")?;
                let spent = self.spent(amount.saturating_mul(count))?;
                for receiver in receivers {
                    let before = self.sent.iter().filter(|(to, _, _)| to == receiver).count();
                    let sent = u64::try_from(before).unwrap_or(u64::MAX).saturating_add(1);
                    self.sent.push(((*receiver).to_owned(), sent, amount));
                }
                Ok((spent, command))
            }
            [words @ .., due_ms] if matches!(words, ["timer", _, _]) => {
                let [_, delay_ms, amount] = words else { return Err("a timer of other words") };
                let timer = Timer { due_ms: number(due_ms)?, amount: number(amount)?, ended_at: None };
                if timer.due_ms != time_ms.saturating_add(number(delay_ms)?) {
                    return Err("a timer due at another time");
                }
                self.timers.insert(place, timer);
                Ok((0, words))
            }
            ["cancel", set_at] => {
                let set_at = set_at.parse().map_err(|_| "a timer without a place")?;
                let timer = self.timers.get_mut(&set_at).ok_or("the end of a timer that nobody set")?;
                match timer.ended_at.replace(place) {
                    None => Ok((0, command)),
                    Some(_) => Err("the end of a timer that fired or was cancelled before"),
                }
            }
            _ => Err("an effect of a command that has none"),
        }
    }

    fn spent(&self, amount: i64) -> Result<i64, &'static str> {
        if amount > self.balance() {
            return Err("more was spent than there was");
        }
        amount.checked_neg().ok_or("an amount beyond all bounds")
    }
}
