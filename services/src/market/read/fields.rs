//! Taking typed fields out of the tree. What is taken is gone; what is left at the end nobody knows.

use domain::document::{DocumentError, RefusalReason, WarningKind};
use domain::fixed::DecimalError;
use domain::identity::MeteringPointId;
use domain::instant::Instant;

use super::reading::Reading;
use crate::market::tree::{Content, Node};
use crate::market::{CheckDigits, codes};

/// Most characters of an id.
pub(super) const MOST_OF_AN_ID: usize = 100;
/// Most characters of a text for people.
pub(super) const MOST_OF_A_TEXT: usize = 2_048;
/// Most characters of a participant's id: an EIC has them.
const MOST_OF_A_PARTICIPANT: usize = 16;
/// Most characters of a code or number that an error repeats.
const MOST_REPEATED: usize = 60;

/// The outcome of reading a part of a document.
pub(super) type Read<T> = Result<T, DocumentError>;

/// The fields of one place that are not yet read.
pub(super) struct Fields<'a>(Vec<Node<'a>>);

impl<'a> Fields<'a> {
    pub(super) fn new(nodes: Vec<Node<'a>>) -> Self {
        Self(nodes)
    }

    /// Takes every series of the document. `read` gets each with its id, which is unique.
    pub(super) fn series<T>(
        &mut self,
        reading: &mut Reading<'_>,
        name: &'static str,
        read: impl Fn(&mut Reading<'_>, &mut Fields<'a>, String) -> Read<T>,
    ) -> Read<Vec<T>> {
        self.identified(reading, name, "mRID", read)
    }

    /// [`Self::series`] where the id has another name.
    pub(super) fn identified<T>(
        &mut self,
        reading: &mut Reading<'_>,
        name: &'static str,
        id_name: &'static str,
        read: impl Fn(&mut Reading<'_>, &mut Fields<'a>, String) -> Read<T>,
    ) -> Read<Vec<T>> {
        self.groups(reading, name, |reading, fields| {
            reading.series = None;
            let id = fields.id(reading, id_name)?;
            reading.series = Some(id.clone());
            if !reading.series_ids.insert(id.clone()) {
                return Err(reading.fault(id_name, RefusalReason::DuplicateSeries));
            }
            let read = read(reading, fields, id)?;
            // Here and not only when the group closes: remarks on a series carry its id.
            fields.finish(reading);
            reading.series = None;
            Ok(read)
        })
    }

    /// Takes every group of this name, in order.
    pub(super) fn groups<T>(
        &mut self,
        reading: &mut Reading<'_>,
        name: &'static str,
        mut read: impl FnMut(&mut Reading<'_>, &mut Fields<'a>) -> Read<T>,
    ) -> Read<Vec<T>> {
        let (taken, left): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.0).into_iter().partition(|node| node.name == name);
        self.0 = left;
        let numbered = taken.into_iter().zip(1_usize..);
        numbered.map(|(node, number)| inside(reading, name, Some(number), node, &mut read)).collect()
    }

    /// Takes the one group of this name.
    pub(super) fn group<T>(
        &mut self,
        reading: &mut Reading<'_>,
        name: &'static str,
        mut read: impl FnMut(&mut Reading<'_>, &mut Fields<'a>) -> Read<T>,
    ) -> Read<T> {
        match self.take(reading, name)? {
            Some(node) => inside(reading, name, None, node, &mut read),
            None => Err(reading.fault(name, RefusalReason::MissingField)),
        }
    }

    /// Remarks on what is left.
    pub(super) fn finish(&self, reading: &mut Reading<'_>) {
        self.0.iter().for_each(|node| reading.warn_unknown(&node.name));
    }

    /// Refuses a field that would be lost here.
    pub(super) fn refuse(&mut self, reading: &Reading<'_>, name: &str) -> Read<()> {
        match self.take(reading, name)? {
            Some(_) => Err(reading.fault(name, RefusalReason::MisplacedField)),
            None => Ok(()),
        }
    }

    /// An id of the sender: document, series, transaction.
    pub(super) fn id(&mut self, reading: &Reading<'_>, name: &'static str) -> Read<String> {
        required(reading, name, self.optional_text(reading, name, MOST_OF_AN_ID)?)
    }

    pub(super) fn optional_id(&mut self, reading: &Reading<'_>, name: &'static str) -> Read<Option<String>> {
        self.optional_text(reading, name, MOST_OF_AN_ID)
    }

    pub(super) fn optional_text(
        &mut self,
        reading: &Reading<'_>,
        name: &'static str,
        most: usize,
    ) -> Read<Option<String>> {
        let text = self.scalar(reading, name)?;
        match &text {
            Some(text) if text.chars().count() > most => {
                Err(reading.fault(name, RefusalReason::TextTooLong { most }))
            }
            _ => Ok(text),
        }
    }

    pub(super) fn code<T>(
        &mut self,
        reading: &Reading<'_>,
        name: &'static str,
        meaning: impl Fn(&str) -> Option<T>,
    ) -> Read<T> {
        required(reading, name, self.optional_code(reading, name, meaning)?)
    }

    pub(super) fn optional_code<T>(
        &mut self,
        reading: &Reading<'_>,
        name: &'static str,
        meaning: impl Fn(&str) -> Option<T>,
    ) -> Read<Option<T>> {
        self.converted(reading, name, meaning, |found| RefusalReason::UnknownCode { found })
    }

    pub(super) fn participant(&mut self, reading: &Reading<'_>, name: &'static str) -> Read<String> {
        required(reading, name, self.optional_participant(reading, name)?)
    }

    pub(super) fn optional_participant(
        &mut self,
        reading: &Reading<'_>,
        name: &'static str,
    ) -> Read<Option<String>> {
        let meaning = |text: &str| {
            let fits =
                text.len() <= MOST_OF_A_PARTICIPANT && text.bytes().all(|byte| byte.is_ascii_graphic());
            fits.then(|| text.to_owned())
        };
        self.converted(reading, name, meaning, |found| RefusalReason::NotAParticipantId { found })
    }

    pub(super) fn metering_point(
        &mut self,
        reading: &mut Reading<'_>,
        name: &'static str,
    ) -> Read<MeteringPointId> {
        let refusal = |found| RefusalReason::NotAMeteringPointId { found };
        let found = self.converted(reading, name, MeteringPointId::parse_point, refusal)?;
        let found = required(reading, name, found)?;
        if !found.has_valid_check_digit() {
            match reading.options.check_digits {
                CheckDigits::Refuse => {
                    return Err(reading.fault(name, RefusalReason::WrongCheckDigit { found }));
                }
                CheckDigits::Warn => {
                    reading.warn(reading.path_to(name), WarningKind::WrongCheckDigit { found });
                }
            }
        }
        Ok(found)
    }

    pub(super) fn instant(&mut self, reading: &Reading<'_>, name: &'static str) -> Read<Instant> {
        required(reading, name, self.optional_instant(reading, name)?)
    }

    pub(super) fn optional_instant(
        &mut self,
        reading: &Reading<'_>,
        name: &'static str,
    ) -> Read<Option<Instant>> {
        self.converted(reading, name, Instant::parse, |found| RefusalReason::NotAnInstant { found })
    }

    /// An end; none, or one in the last days of the year 9999, is an open one.
    pub(super) fn optional_end(&mut self, reading: &Reading<'_>, name: &'static str) -> Read<Instant> {
        let meaning = |text: &str| {
            if text.starts_with("9999-12-3") { Some(Instant::MAX) } else { Instant::parse(text) }
        };
        let end = self.converted(reading, name, meaning, |found| RefusalReason::NotAnInstant { found })?;
        Ok(end.unwrap_or(Instant::MAX))
    }

    pub(super) fn flag(&mut self, reading: &Reading<'_>, name: &'static str) -> Read<bool> {
        required(reading, name, self.optional_flag(reading, name)?)
    }

    pub(super) fn optional_flag(&mut self, reading: &Reading<'_>, name: &'static str) -> Read<Option<bool>> {
        let meaning = |text: &str| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        let text = self.literal(reading, name)?;
        convert(reading, name, text, meaning, |found| RefusalReason::NotAFlag { found })
    }

    /// A whole number from 0 on.
    pub(super) fn optional_count(&mut self, reading: &Reading<'_>, name: &'static str) -> Read<Option<u64>> {
        let digits =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
        let text = self.literal(reading, name)?;
        convert(reading, name, text, digits, |found| RefusalReason::NotACount { found })
    }

    pub(super) fn count(&mut self, reading: &Reading<'_>, name: &'static str) -> Read<u64> {
        required(reading, name, self.optional_count(reading, name)?)
    }

    /// A decimal, read from its text and never through a binary float.
    pub(super) fn optional_decimal<T>(
        &mut self,
        reading: &Reading<'_>,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, DecimalError>,
    ) -> Read<Option<T>> {
        let Some(text) = self.literal(reading, name)? else {
            return Ok(None);
        };
        let refusal = |error| RefusalReason::Number { found: shortened(&text), error };
        parse(&text).map(Some).map_err(|error| reading.fault(name, refusal(error)))
    }

    pub(super) fn decimal<T>(
        &mut self,
        reading: &Reading<'_>,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, DecimalError>,
    ) -> Read<T> {
        required(reading, name, self.optional_decimal(reading, name, parse)?)
    }

    fn converted<T>(
        &mut self,
        reading: &Reading<'_>,
        name: &'static str,
        meaning: impl Fn(&str) -> Option<T>,
        refusal: impl Fn(String) -> RefusalReason,
    ) -> Read<Option<T>> {
        let text = self.scalar(reading, name)?;
        convert(reading, name, text, meaning, refusal)
    }

    /// The text of a field; absent where it is empty.
    fn scalar(&mut self, reading: &Reading<'_>, name: &str) -> Read<Option<String>> {
        let Some(node) = self.take(reading, name)? else {
            return Ok(None);
        };
        if let Some(scheme) = node.scheme.as_deref().filter(|scheme| !codes::is_scheme(scheme)) {
            return Err(reading.fault(name, RefusalReason::UnknownCode { found: shortened(scheme) }));
        }
        match node.content {
            Content::Text(text) if text.is_empty() => Ok(None),
            Content::Text(text) => Ok(Some(text.into_owned())),
            Content::Literal(_) | Content::Fields(_) => Err(reading.fault(name, RefusalReason::WrongShape)),
        }
    }

    /// The text of a field that is a number or a flag: in JSON it is not a string.
    fn literal(&mut self, reading: &Reading<'_>, name: &str) -> Read<Option<String>> {
        let Some(node) = self.take(reading, name)? else {
            return Ok(None);
        };
        match node.content {
            Content::Literal(text) => Ok(Some(text.to_owned())),
            Content::Text(text) if text.is_empty() => Ok(None),
            Content::Text(text) if !reading.is_json => Ok(Some(text.into_owned())),
            Content::Text(_) | Content::Fields(_) => Err(reading.fault(name, RefusalReason::WrongShape)),
        }
    }

    fn take(&mut self, reading: &Reading<'_>, name: &str) -> Read<Option<Node<'a>>> {
        let Some(index) = self.0.iter().position(|node| node.name == name) else {
            return Ok(None);
        };
        let node = self.0.remove(index);
        if self.0.iter().any(|node| node.name == name) {
            return Err(reading.fault(name, RefusalReason::RepeatedField));
        }
        Ok(Some(node))
    }
}

fn inside<'a, T>(
    reading: &mut Reading<'_>,
    name: &'static str,
    number: Option<usize>,
    node: Node<'a>,
    read: &mut impl FnMut(&mut Reading<'_>, &mut Fields<'a>) -> Read<T>,
) -> Read<T> {
    reading.inside(name, number, |reading| {
        let mut fields = match node.content {
            Content::Fields(fields) => Fields(fields),
            Content::Text(text) if text.is_empty() => Fields(Vec::new()),
            Content::Text(_) | Content::Literal(_) => {
                return Err(reading.fault("", RefusalReason::WrongShape));
            }
        };
        let value = read(reading, &mut fields)?;
        fields.finish(reading);
        Ok(value)
    })
}

fn required<T>(reading: &Reading<'_>, name: &str, value: Option<T>) -> Read<T> {
    value.ok_or_else(|| reading.fault(name, RefusalReason::MissingField))
}

fn convert<T>(
    reading: &Reading<'_>,
    name: &str,
    text: Option<String>,
    meaning: impl Fn(&str) -> Option<T>,
    refusal: impl Fn(String) -> RefusalReason,
) -> Read<Option<T>> {
    let Some(text) = text else {
        return Ok(None);
    };
    match meaning(&text) {
        Some(value) => Ok(Some(value)),
        None => Err(reading.fault(name, refusal(shortened(&text)))),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MOST_REPEATED).collect()
}
