//! Answers: each is the one that follows from its place in the log, and places are in the order in which clients saw
//! things happen.

use std::collections::BTreeMap;

use actors::shell::Reply;

use super::book::Book;
use crate::diary::Asked;

/// Effects that clients asked for: id and command, and where each stands.
type Places = BTreeMap<(String, String), Vec<u64>>;

/// Something a client saw.
struct Seen {
    begun_ms: u64,
    ended_ms: u64,
    place: u64,
    is_effect: bool,
    what: String,
}

/// Compares everything that was asked; how many answers, and how many commands without one.
pub(super) fn check(books: &BTreeMap<String, Book>, asked: &[Asked]) -> Result<(u64, u64), String> {
    let (mut answers, mut open) = (0_u64, 0_u64);
    for (account, book) in books {
        let mut places = places(book);
        let mut seen = Vec::new();
        for asked in asked.iter().filter(|asked| asked.account == *account) {
            let wrong = |what: &str| format!("account {account}: {what}: {asked:?}");
            let id = asked.id.map_or_else(|| "none".to_owned(), |id| id.to_string());
            let found = places.remove(&(id, asked.command.clone())).unwrap_or_default();
            let place = match found.as_slice() {
                [] => None,
                [place] => Some(*place),
                _ => return Err(wrong(&format!("carried out more than once, at {found:?}"))),
            };
            if place.is_some() && asked.reply.is_none() && !asked.is_open {
                return Err(wrong("carried out, though all its answers said that nothing was done"));
            }
            match &asked.reply {
                None => open = open.saturating_add(1),
                Some(reply) => {
                    answers = answers.saturating_add(1);
                    let at = predicted(book, asked, reply, place).map_err(|what| wrong(&what))?;
                    seen.push(Seen {
                        begun_ms: asked.begun_ms,
                        ended_ms: asked.ended_ms.unwrap_or(u64::MAX),
                        place: at,
                        is_effect: place.is_some(),
                        what: format!("{asked:?}"),
                    });
                }
            }
        }
        if let Some(((id, command), at)) = places.into_iter().next() {
            return Err(format!("account {account}: nobody asked for {command:?} with id {id} at {at:?}"));
        }
        check_order(&mut seen).map_err(|wrong| format!("account {account}: {wrong}"))?;
    }
    Ok((answers, open))
}

fn places(book: &Book) -> Places {
    let mut places: Places = BTreeMap::new();
    for (place, entry) in (1_u64..).zip(&book.entries) {
        if let Some((id, command)) = &entry.request {
            places.entry((id.clone(), command.clone())).or_default().push(place);
        }
    }
    places
}

/// After which place in the log the command was decided, if the answer is the one to be given there.
fn predicted(book: &Book, asked: &Asked, reply: &Reply, place: Option<u64>) -> Result<u64, String> {
    let (Reply::Accepted(bytes) | Reply::Rejected(bytes)) = reply;
    let text = String::from_utf8_lossy(bytes).into_owned();
    let numbers: Option<Vec<i64>> = text.split(' ').map(|word| word.parse().ok()).collect();
    let numbers = numbers.ok_or_else(|| format!("an answer without numbers, {text:?}"))?;
    let [at, balance, rest @ ..] = numbers.as_slice() else {
        return Err(format!("a short answer, {text:?}"));
    };
    let at = u64::try_from(*at).map_err(|_| "an answer from before the beginning".to_owned())?;
    let Some(expected) = book.balance_at(at) else {
        return Err(format!("answered at place {at}, which was never reached"));
    };
    if expected != *balance {
        return Err(format!("answered with balance {balance} at place {at}, where it is {expected}"));
    }
    let words: Vec<&str> = asked.command.split(' ').collect();
    match (reply, words.as_slice(), place) {
        (Reply::Accepted(_), ["get"], None) => Ok(at),
        (Reply::Accepted(_), ["history"], None) => match rest {
            [count, sum] if u64::try_from(*count) == Ok(at) && sum == balance => Ok(at),
            _ => Err(format!("a history that does not agree with itself, {text:?}")),
        },
        (Reply::Accepted(_), _, Some(place)) if place == at => Ok(at),
        (Reply::Accepted(_), _, _) => Err(format!("accepted at place {at}, found at {place:?}")),
        (Reply::Rejected(_), _, Some(place)) => Err(format!("refused, and carried out at {place}")),
        (Reply::Rejected(_), ["take", amount], None) => refused(amount, 1, *balance).map(|()| at),
        (Reply::Rejected(_), ["transfer" | "spread", amount, receivers @ ..], None) => {
            refused(amount, receivers.len(), *balance).map(|()| at)
        }
        (Reply::Rejected(_), ["cancel", set_at], None) => match set_at.parse() {
            Ok(set_at) if !book.has_timer_at(set_at, at) => Ok(at),
            _ => Err(format!("refused although the timer was there at place {at}")),
        },
        (Reply::Rejected(_), _, None) => Err("refused, which it can't be".to_owned()),
    }
}

fn refused(amount: &str, times: usize, balance: i64) -> Result<(), String> {
    let amount = amount.parse::<i64>().map_err(|error| error.to_string())?;
    let wanted = amount.saturating_mul(i64::try_from(times).unwrap_or(i64::MAX));
    if wanted > balance { Ok(()) } else { Err(format!("refused {wanted} with a balance of {balance}")) }
}

/// What began after something had ended comes after it.
fn check_order(seen: &mut [Seen]) -> Result<(), String> {
    let mut ended: Vec<(u64, u64, usize)> =
        seen.iter().enumerate().map(|(index, seen)| (seen.ended_ms, seen.place, index)).collect();
    ended.sort_unstable();
    let mut by_beginning: Vec<&Seen> = seen.iter().collect();
    by_beginning.sort_by_key(|seen| seen.begun_ms);
    let mut ended = ended.into_iter().peekable();
    let mut latest: Option<(u64, usize)> = None;
    for later in by_beginning {
        while let Some((_, place, index)) = ended.next_if(|(ended_ms, _, _)| *ended_ms < later.begun_ms) {
            if latest.is_none_or(|(latest, _)| latest < place) {
                latest = Some((place, index));
            }
        }
        let Some((place, index)) = latest else { continue };
        let follows = if later.is_effect { later.place > place } else { later.place >= place };
        if !follows {
            let earlier = seen.get(index).map(|seen| seen.what.as_str()).unwrap_or_default();
            return Err(format!("out of order: {} after {earlier} at place {place}", later.what));
        }
    }
    Ok(())
}
