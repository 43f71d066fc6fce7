//! The answers to a read call in parts of a bounded size, and put together again.
//!
//! What a snapshot answers may be larger than any message: many pages, or one that was asked to be large.

use bytes::Bytes;
use proto::storage::answer::Answer as Answered;
use proto::storage::{Absent, Answer, Page as PageMessage, ReadResponse};
use storage::{Key, Page, ReadAnswer, StoreError};

use super::wire::{self, Malformed};

/// A part is full when it has so many bytes of keys and values; the row that fills it still belongs to it.
const PART_BYTES: usize = 1 << 20;
/// What an answer or a row counts beside its bytes, so that many empty ones have a bound as well.
const LEAST_BYTES: usize = 16;

/// The parts of what a store answered.
pub(super) fn parts_of(answers: Result<Vec<ReadAnswer>, StoreError>) -> Vec<ReadResponse> {
    let mut parts = Parts::default();
    match answers {
        Ok(answers) => answers.into_iter().for_each(|answer| parts.add(answer)),
        Err(error) => parts.full.push(ReadResponse { failure: Some(wire::failure(error)), answers: vec![] }),
    }
    parts.finish()
}

/// Parts as they come, put together to answers.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    answers: Vec<ReadAnswer>,
    /// The page whose last rows have not come yet.
    begun: Option<Page>,
}

#[derive(Default)]
struct Parts {
    full: Vec<ReadResponse>,
    answers: Vec<Answer>,
    size_bytes: usize,
}

impl Parts {
    fn add(&mut self, answer: ReadAnswer) {
        match answer {
            ReadAnswer::Value(value) => {
                let size_bytes = value.as_ref().map_or(0, Bytes::len);
                self.push(value.map_or(Answered::Absent(Absent {}), |value| Answered::Value(value.into())));
                self.grow(size_bytes);
            }
            ReadAnswer::Page(page) => self.add_page(page),
        }
    }

    fn add_page(&mut self, page: Page) {
        let mut rows = Vec::new();
        for row in page.rows {
            if self.size_bytes >= PART_BYTES {
                let rows = std::mem::take(&mut rows);
                self.push(Answered::Page(PageMessage { rows, more: None, continues: true }));
                self.cut();
            }
            let size_bytes = row.key.len().saturating_add(row.value.len());
            rows.push(wire::row_message(row));
            self.size_bytes = self.size_bytes.saturating_add(size_bytes).saturating_add(LEAST_BYTES);
        }
        let more = page.more.map(wire::bytes_of);
        self.push(Answered::Page(PageMessage { rows, more, continues: false }));
        self.grow(0);
    }

    fn push(&mut self, answer: Answered) {
        self.answers.push(Answer { answer: Some(answer) });
    }

    fn grow(&mut self, size_bytes: usize) {
        self.size_bytes = self.size_bytes.saturating_add(size_bytes).saturating_add(LEAST_BYTES);
        if self.size_bytes >= PART_BYTES {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let answers = std::mem::take(&mut self.answers);
        self.size_bytes = 0;
        self.full.push(ReadResponse { failure: None, answers });
    }

    fn finish(mut self) -> Vec<ReadResponse> {
        if !self.answers.is_empty() {
            self.cut();
        }
        self.full
    }
}

impl Assembly {
    /// Adds the next part.
    pub(super) fn add(&mut self, part: ReadResponse) -> Result<(), StoreError> {
        if let Some(failure) = part.failure {
            return Err(wire::store_error(failure));
        }
        part.answers.into_iter().try_for_each(|answer| self.add_answer(answer)).map_err(unreadable)
    }

    fn add_answer(&mut self, answer: Answer) -> Result<(), Malformed> {
        let answer = answer.answer.ok_or(Malformed("an answer"))?;
        let answer = match (answer, self.begun.take()) {
            (Answered::Page(part), begun) => {
                let mut page = begun.unwrap_or_default();
                page.rows.extend(part.rows.into_iter().map(wire::row));
                page.more = part.more.map(Key::from);
                if part.continues {
                    self.begun = Some(page);
                    return Ok(());
                }
                ReadAnswer::Page(page)
            }
            (_, Some(_)) => return Err(Malformed("the rest of a page")),
            (Answered::Value(value), None) => ReadAnswer::Value(Some(value.into())),
            (Answered::Absent(_), None) => ReadAnswer::Value(None),
        };
        self.answers.push(answer);
        Ok(())
    }

    /// The answers, which are as many as there were questions.
    pub(super) fn finish(self, questions: usize) -> Result<Vec<ReadAnswer>, StoreError> {
        match self.begun.is_none() && self.answers.len() == questions {
            true => Ok(self.answers),
            false => Err(unreadable(Malformed("answers to some of the questions"))),
        }
    }
}

/// An answer that is not whole, as where the server ended in the middle of it, is none.
fn unreadable(malformed: Malformed) -> StoreError {
    StoreError::Unavailable { reason: format!("the store server's answer can't be read: {malformed}") }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use storage::Row;

    use super::*;

    fn assembled(parts: Vec<ReadResponse>, questions: usize) -> Result<Vec<ReadAnswer>, StoreError> {
        let mut assembly = Assembly::default();
        parts.into_iter().try_for_each(|part| assembly.add(part))?;
        assembly.finish(questions)
    }

    fn page(rows: usize, value_bytes: usize, more: Option<&str>) -> ReadAnswer {
        let row =
            |number| Row { key: format!("{number:06}").as_str().into(), value: vec![7; value_bytes].into() };
        ReadAnswer::Page(Page { rows: (0..rows).map(row).collect(), more: more.map(Key::from) })
    }

    #[test]
    fn answers_of_any_size_come_whole() {
        let value = |bytes: usize| ReadAnswer::Value(Some(vec![1; bytes].into()));
        let cases: [(Vec<ReadAnswer>, usize); 8] = [
            (vec![], 0),
            (vec![ReadAnswer::Value(None)], 1),
            (vec![value(0), page(0, 0, None), value(100_000)], 1),
            (vec![page(3, 10, Some("x"))], 1),
            (vec![page(100, 100_000, Some("x")), value(1)], 10),
            (vec![page(11, 100_000, None), page(11, 100_000, Some("y"))], 2),
            ((0..30).map(|_| value(100_000)).collect(), 3),
            (vec![page(200_000, 0, None)], 5),
        ];
        for (answers, parts) in cases {
            let sent = parts_of(Ok(answers.clone()));
            assert_eq!(sent.len(), parts);
            assert!(sent.iter().all(|part| part.encoded_len() < 2 * PART_BYTES));
            assert_eq!(assembled(sent, answers.len()), Ok(answers));
        }
    }

    #[test]
    fn what_is_cut_off_is_no_answer() {
        let mut parts = parts_of(Ok(vec![page(30, 100_000, None), ReadAnswer::Value(None)]));
        assert!(assembled(parts.clone(), 3).is_err());
        parts.pop();
        assert!(assembled(parts.clone(), 2).is_err());
        assert!(assembled(parts, 1).is_err());
        let closed = assembled(parts_of(Err(StoreError::Corrupt { what: "a page".to_owned() })), 1);
        assert_eq!(closed, Err(StoreError::Corrupt { what: "a page".to_owned() }));
    }
}
