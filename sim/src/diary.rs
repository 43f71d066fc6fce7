//! What the clients asked and what they were told, for the auditor.

use std::sync::{Mutex, MutexGuard, PoisonError};

use actors::shell::{CallError, Reply};
use uuid::Uuid;

/// One command of a client, with all attempts to have it carried out.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which session.
    pub session: usize,
    /// Whom to.
    pub account: String,
    /// What.
    pub command: String,
    /// Under which id.
    pub id: Option<Uuid>,
    /// Before this it certainly had no effect.
    pub begun_ms: u64,
    /// By then it was answered.
    pub ended_ms: Option<u64>,
    /// The first answer.
    pub reply: Option<Reply>,
    /// Some attempt may have been carried out.
    pub is_open: bool,
    /// The id belongs to another command: it must be refused.
    pub is_conflicting: bool,
}

/// How requests ended, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnswerCounts {
    /// Attempts.
    pub attempts: u64,
    /// Accepted.
    pub accepted: u64,
    /// Refused by the account.
    pub rejected: u64,
    /// Not known.
    pub unknown: u64,
    /// Nothing was done: a bound, a deadline, a move, no way.
    pub not_done: u64,
    /// An id used for another command.
    pub reused: u64,
    /// The answer to a repeat.
    pub repeated: u64,
}

/// Everything that was asked in a run.
#[derive(Debug, Default)]
pub struct Diary {
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    asked: Vec<Asked>,
    counts: AnswerCounts,
    offences: Vec<String>,
}

impl Diary {
    /// A command is about to be asked; its place in the diary.
    pub fn begin(&self, asked: Asked) -> usize {
        let mut pages = self.pages();
        pages.asked.push(asked);
        pages.asked.len().saturating_sub(1)
    }

    /// Another attempt begins.
    pub fn attempt(&self, index: usize, now_ms: u64) {
        let mut pages = self.pages();
        pages.counts.attempts += 1;
        let Some(asked) = pages.asked.get_mut(index) else { return };
        // What was read by an attempt whose answer got lost is not what is answered now.
        if asked.reply.is_none() && (asked.is_read() || !asked.is_open) {
            asked.begun_ms = now_ms;
        }
    }

    /// An attempt ended. Gives whether the command has its answer.
    pub fn end(&self, index: usize, answered: Result<Reply, CallError>, now_ms: u64) -> bool {
        let mut pages = self.pages();
        let Pages { asked, counts, offences } = &mut *pages;
        let Some(asked) = asked.get_mut(index) else { return false };
        match answered {
            Ok(reply) => {
                match &reply {
                    Reply::Accepted(_) => counts.accepted += 1,
                    Reply::Rejected(_) => counts.rejected += 1,
                }
                if asked.is_conflicting {
                    offences.push(format!("a used id was taken for another command: {asked:?} {reply:?}"));
                }
                asked.settle(reply, now_ms, counts, offences);
                true
            }
            Err(CallError::RequestIdReused) => {
                counts.reused += 1;
                if !asked.is_conflicting {
                    offences.push(format!("an id was used once and is said to be used twice: {asked:?}"));
                }
                true
            }
            Err(CallError::OutcomeUnknown) => {
                counts.unknown += 1;
                asked.is_open = true;
                false
            }
            Err(error) => {
                counts.not_done += 1;
                if !is_passing(&error) {
                    offences.push(format!("{error}: {asked:?}"));
                }
                false
            }
        }
    }

    /// What was asked at this place.
    pub fn asked(&self, index: usize) -> Option<Asked> {
        self.pages().asked.get(index).cloned()
    }

    /// Everything that was asked.
    pub fn all(&self) -> Vec<Asked> {
        self.pages().asked.clone()
    }

    /// How requests ended.
    pub fn counts(&self) -> AnswerCounts {
        self.pages().counts
    }

    /// The first answer that can't be right whatever happened.
    pub fn offence(&self) -> Option<String> {
        self.pages().offences.first().cloned()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asked {
    /// Whether it can have no effect.
    #[must_use]
    pub fn is_read(&self) -> bool {
        matches!(self.command.as_str(), "get" | "history")
    }

    fn settle(&mut self, reply: Reply, now_ms: u64, counts: &mut AnswerCounts, offences: &mut Vec<String>) {
        match &self.reply {
            None => {
                self.ended_ms = Some(now_ms);
                self.reply = Some(reply);
            }
            Some(first) if *first == reply => counts.repeated += 1,
            Some(_) => offences.push(format!("a repeat was answered otherwise, {reply:?}: {self:?}")),
        }
    }
}

/// Whether an error may come although nobody did anything wrong, and says that nothing was done.
pub(crate) fn is_passing(error: &CallError) -> bool {
    matches!(
        error,
        CallError::Overloaded { .. }
            | CallError::DeadlineExceeded
            | CallError::NotOwner { .. }
            | CallError::Unreachable
            | CallError::NotAdmitting { .. }
            | CallError::Draining
    )
}
