//! A received market document: stored whole, its series handed to the entities they are about, their outcomes kept.

use sha2::{Digest, Sha256};

use super::message::{FromDocument, Recipient};
use super::metering_point::{StoredDays, ValuesRefused};
use super::{Decided, Entity, Facts, Message, Moment, Need};
use crate::charge::{Charge, ChargeLink};
use crate::document::{DocumentHeader, MeteringPointKind};
use crate::identity::MeteringPointId;
use crate::price_series::{PriceColumn, SeriesId};
use crate::quantity::Unit;
use crate::series::TimeSeries;

/// How many series are handed out in one step.
const STEP: usize = 60;

/// A series of a document, as the entity it is about takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentItem {
    /// Values of a metering point.
    Values {
        /// The point.
        metering_point: MeteringPointId,
        /// The kind the sender takes it for.
        kind: MeteringPointKind,
        /// The unit of the values.
        unit: Unit,
        /// The values.
        values: TimeSeries,
    },
    /// Charge links of a metering point.
    Links {
        /// The point.
        metering_point: MeteringPointId,
        /// The links.
        links: Vec<ChargeLink>,
    },
    /// What charges are.
    Charges(Vec<Charge>),
    /// What charges cost.
    Prices(Vec<(SeriesId, PriceColumn)>),
    /// Kept for reconciliation and reading; it changes nothing.
    Recorded,
}

/// A series with its name and the digest of its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentSeries {
    /// The sender's id of the series.
    pub id: String,
    /// A digest over its decoded fields.
    pub digest: [u8; 32],
    /// Its content.
    pub item: DocumentItem,
}

/// What became of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Values were stored.
    Stored(StoredDays),
    /// It took effect.
    Done,
    /// Everything was so already.
    Unchanged,
    /// It is stored and takes effect when what it refers to arrives.
    Waiting(String),
    /// It is kept and changes nothing.
    Recorded,
    /// It was refused.
    Refused(SeriesRefused),
}

/// Why a series is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeriesRefused {
    /// The metering point can't take the values.
    Values(ValuesRefused),
    /// The tenant has no settings, so currency and zone of prices are unknown.
    NoSettings,
    /// The prices do not begin and end at intervals of their resolution.
    PricesOffTheGrid,
}

impl From<ValuesRefused> for SeriesRefused {
    fn from(refused: ValuesRefused) -> Self {
        Self::Values(refused)
    }
}

/// What is remembered of a series beside its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The sender's id of the series.
    pub id: String,
    /// The digest of its content.
    pub digest: [u8; 32],
    /// What became of it; none while it is under way.
    pub outcome: Option<Outcome>,
}

/// What a document remembers beside the rows of its series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Its key, once received.
    pub key: String,
    /// Its head.
    pub header: Option<DocumentHeader>,
    /// When it was received.
    pub received: Option<crate::instant::Instant>,
    /// One receipt per series.
    pub receipts: Vec<Receipt>,
    /// The series that are still to be handed out, in order.
    pub to_hand_out: Vec<u32>,
    /// What the rim remarked when it read the document.
    pub warnings: Vec<String>,
}

/// What can be asked of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Receives it.
    Receive {
        /// Its key.
        key: String,
        /// Its head.
        header: DocumentHeader,
        /// Its series.
        series: Vec<DocumentSeries>,
        /// What the rim remarked.
        warnings: Vec<String>,
    },
    /// Reads its receipt.
    Get,
    /// From another entity.
    Message(Message),
    /// Its own wish to go on.
    Continue,
}

/// What happened to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was received: the rows of its series are part of the event.
    Received {
        /// Its key.
        key: String,
        /// Its head.
        header: Box<DocumentHeader>,
        /// When.
        at: crate::instant::Instant,
        /// Its series.
        series: Vec<DocumentSeries>,
        /// What the rim remarked.
        warnings: Vec<String>,
    },
    /// It was sent again, and these refused series are tried once more.
    TriedAgain(Vec<u32>),
    /// These series were handed out.
    HandedOut(Vec<u32>),
    /// Something became of a series.
    Applied(u32, Outcome),
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// Its receipt.
    State(Box<State>),
}

/// Why a command is refused, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// There is no such document.
    UnknownDocument,
    /// A document of the same sender and id was received with other content.
    OtherContent {
        /// The digest of all series held.
        held: [u8; 32],
        /// The digest of all series given.
        given: [u8; 32],
    },
}

/// The market document as an entity. Its key is the sender and the sender's id of the document.
#[derive(Debug)]
pub struct MarketDocument;

type DocumentDecided = Decided<Event, Reply>;

impl Entity for MarketDocument {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Reply = Reply;
    type Rejection = Rejection;

    fn needs(state: &State, command: &Command, facts: &Facts) -> Vec<Need> {
        let next = state.to_hand_out.iter().take(STEP).map(|index| Need::DocumentSeries(*index));
        let needs: Vec<Need> = if *command == Command::Continue { next.collect() } else { Vec::new() };
        facts.missing(needs)
    }

    fn decide(
        state: &State,
        command: &Command,
        facts: &Facts,
        moment: &Moment,
    ) -> Result<DocumentDecided, Rejection> {
        match command {
            Command::Receive { key, header, series, warnings } if state.header.is_none() => {
                let event = Event::Received {
                    key: key.clone(),
                    header: Box::new(header.clone()),
                    at: moment.now,
                    series: series.clone(),
                    warnings: warnings.clone(),
                };
                Ok(answered(state, event))
            }
            Command::Receive { series, .. } => repeated(state, series),
            Command::Get if state.header.is_none() => Err(Rejection::UnknownDocument),
            Command::Get => Ok(Decided::reply(Reply::State(Box::new(state.clone())))),
            Command::Continue => Ok(hand_out(state, facts)),
            Command::Message(Message::Applied { index, outcome }) => {
                Ok(Decided::with(vec![Event::Applied(*index, outcome.clone())], Reply::Done))
            }
            Command::Message(_) => Ok(Decided::reply(Reply::Done)),
        }
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::Received { key, header, at, series, warnings } => {
                state.key.clone_from(key);
                state.header = Some(header.as_ref().clone());
                state.received = Some(*at);
                state.warnings.clone_from(warnings);
                state.receipts = series.iter().map(Receipt::of).collect();
                let handed = (0_u32..).zip(series).filter(|(_, one)| one.item != DocumentItem::Recorded);
                state.to_hand_out = handed.map(|(index, _)| index).collect();
            }
            Event::TriedAgain(indexes) => {
                state.to_hand_out.extend(indexes);
                indexes.iter().for_each(|index| state.set_outcome(*index, None));
            }
            Event::HandedOut(indexes) => state.to_hand_out.retain(|index| !indexes.contains(index)),
            Event::Applied(index, outcome) => state.set_outcome(*index, Some(outcome.clone())),
        }
    }
}

impl State {
    /// Whether something became of every series.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.receipts.iter().all(|receipt| receipt.outcome.is_some())
    }

    fn set_outcome(&mut self, index: u32, outcome: Option<Outcome>) {
        if let Some(receipt) = usize::try_from(index).ok().and_then(|index| self.receipts.get_mut(index)) {
            receipt.outcome = outcome;
        }
    }
}

impl Receipt {
    fn of(series: &DocumentSeries) -> Self {
        let outcome = (series.item == DocumentItem::Recorded).then_some(Outcome::Recorded);
        Self { id: series.id.clone(), digest: series.digest, outcome }
    }
}

/// The event, with the receipt as it stands after it as the answer.
fn answered(state: &State, event: Event) -> DocumentDecided {
    let mut next = state.clone();
    MarketDocument::apply(&mut next, &event);
    let continues = !next.to_hand_out.is_empty();
    Decided::with(vec![event], Reply::State(Box::new(next))).continuing(continues)
}

/// The same document again: refused series are tried once more, since what they lacked may be there now. Other
/// content under the same key is refused with both digests.
fn repeated(state: &State, series: &[DocumentSeries]) -> Result<DocumentDecided, Rejection> {
    let held = digest(state.receipts.iter().map(|receipt| (receipt.id.as_str(), receipt.digest)));
    let given = digest(series.iter().map(|one| (one.id.as_str(), one.digest)));
    if held != given {
        return Err(Rejection::OtherContent { held, given });
    }
    let refused =
        (0_u32..).zip(&state.receipts).filter(|(_, held)| matches!(held.outcome, Some(Outcome::Refused(_))));
    let again: Vec<u32> = refused.map(|(index, _)| index).collect();
    if again.is_empty() {
        return Ok(Decided::reply(Reply::State(Box::new(state.clone()))));
    }
    Ok(answered(state, Event::TriedAgain(again)))
}

/// A digest over all series: their ids and contents in order.
fn digest<'a>(series: impl Iterator<Item = (&'a str, [u8; 32])>) -> [u8; 32] {
    let mut whole = Sha256::new();
    for (id, content) in series {
        whole.update(id.as_bytes());
        whole.update([0]);
        whole.update(content);
    }
    whole.finalize().into()
}

/// Hands the next series to the entities they are about.
fn hand_out(state: &State, facts: &Facts) -> DocumentDecided {
    let Some(header) = &state.header else {
        return Decided::reply(Reply::Done);
    };
    let next: Vec<u32> = state.to_hand_out.iter().take(STEP).copied().collect();
    if next.is_empty() {
        return Decided::reply(Reply::Done);
    }
    let told: Vec<_> = next
        .iter()
        .filter_map(|index| {
            let from = FromDocument { document: state.key.clone(), index: *index, created: header.created };
            addressed(from, facts.series.get(index)?)
        })
        .collect();
    let more = state.to_hand_out.len() > next.len();
    Decided::with(vec![Event::HandedOut(next)], Reply::Done).telling(told).continuing(more)
}

fn addressed(from: FromDocument, item: &DocumentItem) -> Option<(Recipient, Message)> {
    match item {
        DocumentItem::Values { metering_point, kind, unit, values } => Some((
            Recipient::MeteringPoint(*metering_point),
            Message::ApplyValues { from, kind: *kind, unit: *unit, values: values.clone() },
        )),
        DocumentItem::Links { metering_point, links } => Some((
            Recipient::MeteringPoint(*metering_point),
            Message::ApplyLinks { from, links: links.clone() },
        )),
        DocumentItem::Charges(charges) => {
            Some((Recipient::Catalog, Message::ApplyCharges { from, charges: charges.clone() }))
        }
        DocumentItem::Prices(prices) => {
            Some((Recipient::Catalog, Message::ApplyPrices { from, prices: prices.clone() }))
        }
        DocumentItem::Recorded => None,
    }
}
