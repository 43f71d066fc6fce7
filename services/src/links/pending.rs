//! Questions whose answers are waited for, and how far each has come.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::wire::answer::Answer;

/// Somebody who waits for an answer. Dropping it says that there will be none.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) answer: oneshot::Sender<Answer>,
    pub(super) passage: Arc<Passage>,
    pub(super) _place: OwnedSemaphorePermit,
}

/// Whether a question has left this node or was given up before, decided once, by whoever comes first.
#[derive(Debug, Default)]
pub(super) struct Passage(AtomicU8);

const WAITING: u8 = 0;
const SENT: u8 = 1;
const GIVEN_UP: u8 = 2;

impl Passage {
    /// It leaves; false if nobody waits for it any more.
    pub(super) fn send(&self) -> bool {
        self.become_or_be(SENT)
    }

    /// It is given up; false if it has left, so that its outcome is unknown.
    pub(super) fn give_up(&self) -> bool {
        self.become_or_be(GIVEN_UP)
    }

    fn become_or_be(&self, wanted: u8) -> bool {
        match self.0.compare_exchange(WAITING, wanted, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            Err(found) => found == wanted,
        }
    }
}

/// The questions that were sent on one stream. When it is dropped, all of them learn that there is no answer.
#[derive(Debug, Default)]
pub(super) struct Pending {
    tickets: Mutex<BTreeMap<u64, Ticket>>,
}

impl Pending {
    pub(super) fn insert(&self, id: u64, ticket: Ticket) {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner).insert(id, ticket);
    }

    pub(super) fn answer(&self, id: u64, answer: Answer) {
        let ticket = self.tickets.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        if let Some(ticket) = ticket {
            // Whoever stopped waiting does not miss the answer.
            let _ = ticket.answer.send(answer);
        }
    }

    /// Nobody gets an answer any more.
    pub(super) fn clear(&self) {
        let tickets = std::mem::take(&mut *self.tickets.lock().unwrap_or_else(PoisonError::into_inner));
        drop(tickets);
    }
}
