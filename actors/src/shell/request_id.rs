//! Request ids: how old they may be, and what an active entity remembers of them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use uuid::{Uuid, Version};

use super::journal::Ticket;
use super::machine::Caller;
use super::records::Digest;
use super::request::{Answered, CallError, Reply};

/// Names a request of an entity: ids are the client's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RequestKey {
    pub(crate) client: Arc<str>,
    pub(crate) id: Uuid,
}

/// A request that is judged by its id.
#[derive(Clone, Debug)]
pub(crate) struct Identified {
    pub(crate) key: RequestKey,
    pub(crate) made_ms: u64,
    pub(crate) digest: Digest,
}

/// What is known of an id in memory.
#[derive(Debug)]
pub(crate) enum Known {
    /// Its answer is awaited.
    Pending { ticket: Ticket, digest: Digest },
    /// It was answered, durably.
    Answered { digest: Digest, answered: Answered },
}

/// The ids an active entity remembers: all that are pending, and the last that were answered. Those forgotten are in
/// the store.
#[derive(Debug, Default)]
pub(crate) struct KnownRequests {
    known: BTreeMap<RequestKey, Known>,
    answered: VecDeque<RequestKey>,
    /// What the answers take, as far as they vary.
    answered_bytes: usize,
}

const DAY_MS: u64 = 86_400_000;
const KEPT_DAYS: u64 = 7;
const AHEAD_MS: u64 = 5 * 60_000;
const MAX_CLIENT_BYTES: usize = 128;
const MAX_ANSWERED: usize = 128;
const MAX_ANSWERED_BYTES: usize = 64 * 1024;

impl Identified {
    /// Judges an id at this shard time.
    pub(crate) fn judge(
        caller: &Caller,
        id: Uuid,
        command: &[u8],
        shard_time_ms: i64,
    ) -> Result<Identified, CallError> {
        let client_bytes = caller.client.len();
        if id.get_version() != Some(Version::SortRand) || !(1..=MAX_CLIENT_BYTES).contains(&client_bytes) {
            return Err(CallError::RequestIdInvalid);
        }
        // The first 48 bits of version 7 are the milliseconds since 1970.
        let made_ms = u64::try_from(id.as_u128() >> 80).unwrap_or(u64::MAX);
        let now_ms = u64::try_from(shard_time_ms).unwrap_or_default();
        if made_ms > now_ms.saturating_add(AHEAD_MS) {
            return Err(CallError::RequestIdAhead);
        }
        if made_ms.saturating_add(DAY_MS.saturating_mul(KEPT_DAYS)) < now_ms {
            return Err(CallError::RequestIdExpired);
        }
        let key = RequestKey { client: Arc::clone(&caller.client), id };
        Ok(Identified { key, made_ms, digest: digest(command) })
    }

    /// The bucket its answer is kept in.
    pub(crate) fn day(&self) -> u32 {
        day_of(self.made_ms)
    }
}

/// The first day whose answers are still kept at this shard time.
pub(crate) fn first_kept_day(shard_time_ms: i64) -> u32 {
    let now_ms = u64::try_from(shard_time_ms).unwrap_or_default();
    day_of(now_ms.saturating_sub(DAY_MS.saturating_mul(KEPT_DAYS)))
}

/// The first half of the SHA-256 of a command.
pub(crate) fn digest(command: &[u8]) -> Digest {
    let mut digest = Digest::default();
    for (target, source) in digest.iter_mut().zip(Sha256::digest(command)) {
        *target = source;
    }
    digest
}

impl KnownRequests {
    pub(crate) fn get(&self, key: &RequestKey) -> Option<&Known> {
        self.known.get(key)
    }

    pub(crate) fn pending(&mut self, request: &Identified, ticket: Ticket) {
        let known = Known::Pending { ticket, digest: request.digest };
        self.known.insert(request.key.clone(), known);
    }

    /// The request was given up before it was begun, or its answer is not kept.
    pub(crate) fn forget(&mut self, key: &RequestKey) {
        self.known.remove(key);
    }

    /// The request was answered, durably.
    pub(crate) fn answered(&mut self, key: &RequestKey, digest: Digest, answered: Answered) {
        self.answered_bytes = self.answered_bytes.saturating_add(size_bytes(&answered));
        let former = self.known.insert(key.clone(), Known::Answered { digest, answered });
        match former {
            Some(Known::Answered { answered, .. }) => self.let_go(&answered),
            Some(Known::Pending { .. }) | None => self.answered.push_back(key.clone()),
        }
        while self.answered.len() > MAX_ANSWERED || self.answered_bytes > MAX_ANSWERED_BYTES {
            let Some(oldest) = self.answered.pop_front() else { return };
            if let Some(Known::Answered { answered, .. }) = self.known.remove(&oldest) {
                self.let_go(&answered);
            }
        }
    }

    fn let_go(&mut self, answered: &Answered) {
        self.answered_bytes = self.answered_bytes.saturating_sub(size_bytes(answered));
    }
}

fn size_bytes(answered: &Answered) -> usize {
    match answered {
        Ok(Reply::Accepted(reply) | Reply::Rejected(reply)) => reply.len(),
        Err(_) => 0,
    }
}

fn day_of(time_ms: u64) -> u32 {
    u32::try_from(time_ms.checked_div(DAY_MS).unwrap_or_default()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_taken_from_seven_days_ago_to_five_minutes_ahead() {
        let made_ms = 30 * DAY_MS;
        let id = Uuid::from_u128((u128::from(made_ms) << 80) | (7 << 76) | (2 << 62));
        let day = DAY_MS.cast_signed();
        let (made, ahead) = (made_ms.cast_signed(), AHEAD_MS.cast_signed());
        let cases = [
            (id, made, None),
            (id, made - ahead, None),
            (id, made - ahead - 1, Some(CallError::RequestIdAhead)),
            (id, made + 7 * day, None),
            (id, made + 7 * day + 1, Some(CallError::RequestIdExpired)),
            (Uuid::from_u128(id.as_u128() ^ (1 << 76)), made, Some(CallError::RequestIdInvalid)),
            (Uuid::nil(), made, Some(CallError::RequestIdInvalid)),
        ];
        for (id, shard_time_ms, expected) in cases {
            let judged = Identified::judge(&Caller::of("client"), id, b"", shard_time_ms);
            assert_eq!(judged.map(|request| request.day()).err(), expected, "{shard_time_ms}");
        }
        let nameless = Identified::judge(&Caller::of(""), id, b"", made);
        assert_eq!(nameless.err(), Some(CallError::RequestIdInvalid));
    }

    #[test]
    fn the_last_answers_are_remembered_as_far_as_there_is_room() {
        let key = |number: u128| RequestKey { client: "client".into(), id: Uuid::from_u128(number) };
        let remembered = |answers: u128, bytes: usize| {
            let mut known = KnownRequests::default();
            for number in 0..answers {
                let answered = Ok(Reply::Accepted(vec![0; bytes].into()));
                known.answered(&key(number), Digest::default(), answered.clone());
                known.answered(&key(number), Digest::default(), answered);
            }
            assert_eq!(known.answered_bytes, known.known.len() * bytes);
            assert_eq!(known.answered.len(), known.known.len());
            assert!(known.get(&key(0)).is_none() || known.known.len() == answers as usize);
            known.known.len()
        };
        assert_eq!(remembered(100, 10), 100);
        assert_eq!(remembered(1_000, 10), MAX_ANSWERED);
        assert_eq!(remembered(1_000, 1_024), 64);
        assert_eq!(remembered(10, 90_000), 0);
    }

    #[test]
    fn a_bucket_goes_when_no_id_of_its_day_is_taken_any_more() {
        let now_ms = (40 * DAY_MS + 5).cast_signed();
        assert_eq!(first_kept_day(now_ms), 33);
        assert_eq!(first_kept_day(5), 0);
    }
}
