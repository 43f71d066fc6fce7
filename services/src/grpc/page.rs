//! Pages of lists: how many entries, from where on, and the token by which the next page is asked for.
//!
//! A token is the place of the last entry given, with a mark of that place in the list that it belongs to. It holds nothing that its
//! reader may not see, and one that is damaged or of another list is refused.

use sha2::{Digest, Sha256};
use tonic::Status;

use super::status;
use crate::gateway::{Entries, behind};
use crate::hex::{from_hex, to_hex};

/// Usual and greatest number of entries of a page.
pub(super) const ENTRIES: Bounds = Bounds { usual: 100, most: 1_000 };

/// How large pages are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Where the client does not say.
    pub(super) usual: usize,
    /// Where it asks for more.
    pub(super) most: usize,
}

/// The page that is asked for.
#[derive(Debug)]
pub(super) struct Paging {
    /// At most so many entries.
    pub(super) size: usize,
    /// The place of the last entry of the page before; none for the first page.
    pub(super) after: Option<Vec<u8>>,
    list: String,
}

const MARK_BYTES: usize = 4;
/// Longer than any place in a list: a row's order, which is bounded, and the number of an entry.
const MOST_PLACE_BYTES: usize = 700;

impl Paging {
    /// Reads what a request says. `list` names the list with all that narrows it.
    pub(super) fn of(size: i32, token: &str, list: &str, bounds: Bounds) -> Result<Self, Status> {
        let wanted = usize::try_from(size).map_err(|_| status::invalid_field("page_size", "is negative"))?;
        let size = if wanted == 0 { bounds.usual } else { wanted.min(bounds.most) };
        let list = list.to_owned();
        if token.is_empty() {
            return Ok(Self { size, after: None, list });
        }
        let bytes = from_hex(token).unwrap_or_default();
        let marked = bytes.split_first_chunk().filter(|(held, place)| **held == mark(&list, place));
        let place = marked.map(|(_, place)| place.to_vec()).filter(|place| place.len() <= MOST_PLACE_BYTES);
        let place = place.ok_or_else(|| {
            status::invalid_field("page_token", "is no next_page_token of an answer to this request")
        })?;
        Ok(Self { size, after: Some(place), list })
    }

    /// From which order of a listing on, and how many entries.
    pub(super) fn range(&self) -> (Option<Vec<u8>>, usize) {
        (self.after.as_deref().map(behind), self.size)
    }

    /// The token of the page after the entry at this place.
    pub(super) fn token(&self, last: &[u8]) -> String {
        to_hex(&[mark(&self.list, last).as_slice(), last].concat())
    }

    /// The token of the page after these entries of a listing; empty where there are no more.
    pub(super) fn next(&self, entries: &Entries) -> String {
        let last = entries.rows.last().filter(|_| entries.has_more);
        last.map(|last| self.token(&last.order)).unwrap_or_default()
    }

    /// One page of entries that are all at hand in order of their places, and the token of the next.
    pub(super) fn cut<T>(&self, entries: impl IntoIterator<Item = (Vec<u8>, T)>) -> (Vec<T>, String) {
        let is_after = |place: &Vec<u8>| self.after.as_ref().is_none_or(|after| place > after);
        let mut rest = entries.into_iter().skip_while(|(place, _)| !is_after(place)).peekable();
        let mut page = Vec::new();
        let mut last = Vec::new();
        while page.len() < self.size
            && let Some((place, entry)) = rest.next()
        {
            page.push(entry);
            last = place;
        }
        let token = if rest.peek().is_some() { self.token(&last) } else { String::new() };
        (page, token)
    }
}

/// The name of a list holds no zero byte.
fn mark(list: &str, place: &[u8]) -> [u8; MARK_BYTES] {
    let mut mark = [0; MARK_BYTES];
    let digest = Sha256::new().chain_update(list).chain_update([0]).chain_update(place).finalize();
    for (target, source) in mark.iter_mut().zip(digest) {
        *target = source;
    }
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: Bounds = Bounds { usual: 2, most: 3 };

    fn entries() -> Vec<(Vec<u8>, u8)> {
        (1..=5).map(|entry| (vec![entry], entry)).collect()
    }

    #[test]
    fn pages_follow_one_another_to_the_end() {
        let mut token = String::new();
        let mut seen = Vec::new();
        loop {
            let paging = Paging::of(0, &token, "accounts", FEW).unwrap();
            let (page, next) = paging.cut(entries());
            assert!(page.len() <= 2);
            seen.extend(page);
            if next.is_empty() {
                break;
            }
            token = next;
        }
        assert_eq!(seen, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn sizes_are_bounded() {
        for (asked, size) in [(0, 2), (1, 1), (3, 3), (4, 3), (i32::MAX, 3)] {
            assert_eq!(Paging::of(asked, "", "accounts", FEW).unwrap().size, size);
        }
        assert!(Paging::of(-1, "", "accounts", FEW).is_err());
    }

    #[test]
    fn a_token_that_is_none_is_refused() {
        let token = Paging::of(0, "", "accounts", FEW).unwrap().token(b"place");
        let whole = Paging::of(0, &token, "accounts", FEW).unwrap();
        assert_eq!(whole.after.as_deref(), Some(b"place".as_slice()));
        let long = token.clone() + &"00".repeat(MOST_PLACE_BYTES);
        let broken = ["x", "0", "zz", "+1", "éé", "00", "00000000", &token[1..], &token[2..], &long];
        for broken in broken {
            let refused = Paging::of(0, broken, "accounts", FEW).unwrap_err();
            assert_eq!(refused.code(), tonic::Code::InvalidArgument, "{broken}");
        }
        assert!(Paging::of(0, &token, "invoices", FEW).is_err());
        for at in 0..token.len() {
            let digit = if token.as_bytes()[at] == b'0' { "1" } else { "0" };
            let damaged = format!("{}{digit}{}", &token[..at], &token[at + 1..]);
            assert!(Paging::of(0, &damaged, "accounts", FEW).is_err(), "{damaged}");
        }
    }
}
