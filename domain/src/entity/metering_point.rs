//! The metering point: owns its master data, contracts, charge links, days of values and what was rated from them.

mod close;
mod contracts;
mod prepaid;
mod state;
mod values;

use std::collections::BTreeSet;

use super::directory::Owner;
use super::message::{FromDocument, Recipient};
use super::tokens::{TokenCommand, TokenEvent, TokenRefused, TokenReply};
use super::{Decided, Entity, Facts, Message, Moment, Need};
use crate::charge::ChargeLink;
use crate::contract::Contract;
use crate::day::{Day, Month};
use crate::day_span::DaySpan;
use crate::day_version::{self, DayVersion};
use crate::entity::market_document::Outcome;
use crate::instant::Instant;
use crate::position::RatedVersion;
use crate::prepaid::{RatedKey, RatedTotal, SupplyOrder};
use crate::rating::NotReady;
use crate::series::{Direction, TimeSeries};

pub use state::{PointDetails, PointPeriod, State};

/// Most tokens of a metering point.
pub const MOST_TOKENS: u32 = 100;

/// Values to store: of one channel, from any interval to any interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// The channel.
    pub direction: Direction,
    /// When the source made them.
    pub created: Instant,
    /// The source's name for them.
    pub source: String,
    /// The values.
    pub series: TimeSeries,
}

/// What can be asked of a metering point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Registers it.
    Register(PointDetails),
    /// Adds a contract (its version is ignored).
    AddContract(Contract),
    /// Ends a contract before the given day.
    EndContract {
        /// The contract.
        id: String,
        /// The first day on which it no longer holds.
        end: Day,
    },
    /// Stores values that did not come by a document; each item is taken or refused by itself.
    StoreValues(Vec<Values>),
    /// Reads what it is.
    Get,
    /// Reads the order to the meter of the account that alone pays today.
    GetSupplyOrder,
    /// Reads the days that count as of a registration time, or all their versions.
    ListDays {
        /// The channel.
        direction: Direction,
        /// Which days.
        span: DaySpan,
        /// The registration time; none for all versions.
        known_at: Option<Instant>,
    },
    /// Rates a month without any effect.
    Rate {
        /// The month.
        month: Month,
        /// The registration time whose knowledge counts; none for now.
        known_at: Option<Instant>,
    },
    /// About its tokens.
    Tokens(TokenCommand),
    /// From another entity.
    Message(Message),
    /// Its own wish to go on.
    Continue,
}

/// What happened to a metering point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was registered.
    Registered(PointDetails),
    /// A contract was added or changed.
    ContractSet(Contract),
    /// A day of values was stored: the row is the event.
    DayStored(DayVersion),
    /// Its charge links are now these.
    LinksSet(Vec<ChargeLink>),
    /// A rated position was stored: the row is the event.
    Rated(RatedVersion),
    /// A run closed a month: it was rated, or it is open and listed with what it lacks.
    MonthRated(Month),
    /// Something happened to its tokens.
    Tokens(TokenEvent),
    /// An account ordered supply to be on or off.
    SupplyOrdered(SupplyOrder),
    /// The account that pays in advance was told a total.
    PrepaidRated(RatedTotal),
    /// More is to be told of these months, at once.
    PrepaidPending(BTreeSet<Month>),
    /// Nothing will be told any more about these.
    PrepaidForgotten(Vec<RatedKey>),
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// Its master data now.
    Details(PointDetails),
    /// A contract, as it is now.
    Contract(Contract),
    /// One outcome per item of values, in order.
    Stored(Vec<Result<StoredDays, ValuesRefused>>),
    /// What it is.
    State(Box<State>),
    /// Days, in order.
    Days(Vec<DayVersion>),
    /// Positions by contract, or the reasons why a contract can't be rated.
    Rated(Vec<RatedContract>),
    /// About its tokens.
    Tokens(TokenReply),
    /// The order to the meter; none where no account pays today alone, or that account never gave one.
    SupplyOrder(Option<SupplyOrder>),
}

/// How many days an item of values changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredDays {
    /// Days that got a new version.
    pub stored: u32,
    /// Days that held the same already.
    pub unchanged: u32,
}

/// The rating of one contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatedContract {
    /// The contract.
    pub contract: String,
    /// The positions, or why there are none.
    pub result: Result<Vec<crate::position::RatedPosition>, Vec<NotReady>>,
}

/// Why values are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValuesRefused {
    /// The point is not registered.
    UnknownMeteringPoint,
    /// There are no values.
    Empty,
    /// The source made them in the future.
    FromTheFuture,
    /// They do not begin and end at intervals of the point's days.
    OffTheGrid,
    /// They span more days than one item may.
    TooManyDays,
    /// The point measures in another unit.
    WrongUnit,
    /// The point is of another kind.
    WrongKind,
    /// A quantity is below zero: what goes the other way is of the other direction.
    Negative,
    /// A quantity is larger than a point's can be in one interval.
    Absurd,
    /// They are of a time more than 31 days ahead.
    TooFarAhead,
}

/// Why a command is refused, in order of checking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The point is not registered.
    UnknownMeteringPoint,
    /// The point is registered with other master data already.
    AlreadyRegistered,
    /// The periods of master data overlap or are out of order, or there is none.
    PeriodsOutOfOrder,
    /// A contract of this id exists already.
    ContractExists(String),
    /// There is no contract of this id.
    UnknownContract(String),
    /// The payers' shares do not make the whole, or an account is named twice.
    SharesNotWhole,
    /// Another contract of the point holds on some of these days.
    ContractOverlaps(String),
    /// The product is not known.
    UnknownProduct(String),
    /// The end is not inside the contract.
    EndOutsideContract,
    /// More days were asked for than one answer may hold.
    TooManyDays,
    /// A token can't be claimed or given back.
    Token(TokenRefused),
}

/// Most days that one item of values or one question may span.
pub const MOST_DAYS: i64 = 400;

/// How far ahead of registration time a source's clock may be.
pub(super) const CLOCK_TOLERANCE_MS: i64 = 5 * 60 * 1000;

/// How many months back a run rates again what a run closed before: the longest correction period of the markets served
/// (DK and DE, 36 months).
pub const CORRECTION_MONTHS: usize = 36;

/// The metering point as an entity.
#[derive(Debug)]
pub struct MeteringPoint;

impl Entity for MeteringPoint {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Reply = Reply;
    type Rejection = Rejection;

    fn needs(state: &State, command: &Command, facts: &Facts) -> Vec<Need> {
        let needs = match command {
            Command::AddContract(contract) => vec![Need::Product(contract.product.clone())],
            Command::EndContract { id, end } => prepaid::needs_to_end(state, id, *end, facts),
            Command::ListDays { direction, span, .. } => {
                vec![Need::Days { direction: *direction, span: *span }]
            }
            Command::StoreValues(items) => {
                let of_item = |item: &Values| {
                    let rating = prepaid::needs(state, &item.series, facts);
                    values::needs(state, item).into_iter().chain(rating).collect::<Vec<_>>()
                };
                items.iter().flat_map(of_item).collect()
            }
            Command::Rate { month, .. } => close::needs(state, &[*month], facts),
            Command::Message(Message::ApplyValues { values, kind, .. }) => {
                let days = values::days_needed(state, kind.direction(), values);
                days.into_iter().chain(prepaid::needs(state, values, facts)).collect()
            }
            Command::Message(Message::ApplyLinks { links, .. }) => {
                links.iter().map(|link| Need::Charge(link.charge.clone())).collect()
            }
            Command::Message(Message::ClosePoint { closing, .. }) => {
                close::needs_to_close(state, closing.month, facts)
            }
            Command::Continue => prepaid::needs_to_go_on(state, facts),
            _ => Vec::new(),
        };
        facts.missing(needs)
    }

    fn decide(
        state: &State,
        command: &Command,
        facts: &Facts,
        moment: &Moment,
    ) -> Result<Decided<Event, Reply>, Rejection> {
        match command {
            Command::Register(details) => register(state, details),
            Command::AddContract(contract) => contracts::add(state, contract, facts),
            Command::EndContract { id, end } => contracts::end(state, (id, *end), facts, moment),
            Command::StoreValues(items) => {
                Ok(prepaid::after_values(state, values::store(state, items, facts, moment), facts, moment))
            }
            Command::Get => {
                state.details.as_ref().ok_or(Rejection::UnknownMeteringPoint)?;
                Ok(Decided::reply(Reply::State(Box::new(state.clone()))))
            }
            Command::GetSupplyOrder => supply_order(state, moment),
            Command::ListDays { direction, span, known_at } => list_days(*direction, *span, *known_at, facts),
            Command::Rate { month, known_at } => {
                let details = state.details.as_ref().ok_or(Rejection::UnknownMeteringPoint)?;
                let known = close::known(facts, details, known_at.unwrap_or(moment.now));
                let rated = close::rate_month(state, details, *month, &known);
                Ok(Decided::reply(Reply::Rated(rated)))
            }
            Command::Tokens(command) => {
                let details = state.details.as_ref().ok_or(Rejection::UnknownMeteringPoint)?;
                let owner = Owner::MeteringPoint(details.id);
                let decided = state.tokens.decide(&owner, command, MOST_TOKENS, moment);
                decided.map(|decided| decided.within(Event::Tokens, Reply::Tokens)).map_err(Rejection::Token)
            }
            Command::Message(message) => Ok(receive(state, message, facts, moment)),
            Command::Continue => Ok(prepaid::go_on(state, facts, moment)),
        }
    }

    fn apply(state: &mut State, event: &Event) {
        match event {
            Event::Registered(details) => state.details = Some(details.clone()),
            Event::ContractSet(contract) => {
                state.contracts.insert(contract.id.clone(), contract.clone());
            }
            Event::LinksSet(links) => state.links.clone_from(links),
            Event::MonthRated(month) => {
                state.rated_months.insert(*month);
            }
            Event::Tokens(event) => state.tokens.apply(event),
            Event::SupplyOrdered(order) => state.supply.take(order),
            Event::PrepaidRated(total) => state.supply.tell(total),
            Event::PrepaidPending(months) => state.supply.pending.clone_from(months),
            Event::PrepaidForgotten(keys) => state.supply.told.retain(|key, _| !keys.contains(key)),
            Event::DayStored(_) | Event::Rated(_) => {}
        }
    }
}

fn register(state: &State, details: &PointDetails) -> Result<Decided<Event, Reply>, Rejection> {
    let reply = Reply::Details(details.clone());
    match &state.details {
        Some(held) if held == details => return Ok(Decided::reply(reply)),
        Some(_) => return Err(Rejection::AlreadyRegistered),
        None => {}
    }
    let mut ends = details.periods.iter().zip(details.periods.iter().skip(1));
    if details.periods.is_empty() || ends.any(|(one, next)| one.span.end() > next.span.first()) {
        return Err(Rejection::PeriodsOutOfOrder);
    }
    Ok(Decided::with(vec![Event::Registered(details.clone())], reply))
}

/// What the account wants that pays today: an order of one that no longer pays is none.
fn supply_order(state: &State, moment: &Moment) -> Result<Decided<Event, Reply>, Rejection> {
    let details = state.details.as_ref().ok_or(Rejection::UnknownMeteringPoint)?;
    let today = details.rule.day_of(moment.now);
    let contract = state.contracts.values().find(|contract| contract.span.contains(today));
    let order = contract.and_then(|contract| match contract.payers.as_slice() {
        [payer] => state.supply.orders.get(&payer.account).cloned(),
        _ => None,
    });
    Ok(Decided::reply(Reply::SupplyOrder(order)))
}

fn list_days(
    direction: Direction,
    span: DaySpan,
    known_at: Option<Instant>,
    facts: &Facts,
) -> Result<Decided<Event, Reply>, Rejection> {
    if span.count() > MOST_DAYS {
        return Err(Rejection::TooManyDays);
    }
    let versions = facts.days.get(&direction).cloned().unwrap_or_default();
    let days = match known_at {
        Some(at) => day_version::effective_days(versions, at).into_values().collect(),
        None => versions,
    };
    Ok(Decided::reply(Reply::Days(days)))
}

fn receive(state: &State, message: &Message, facts: &Facts, moment: &Moment) -> Decided<Event, Reply> {
    match message {
        Message::ApplyValues { from, kind, unit, values } => {
            let outcome = values::apply_document(state, from, (*kind, *unit), values, facts, moment);
            prepaid::after_values(state, answer(from, outcome), facts, moment)
        }
        Message::SupplyOrdered { order } => {
            let news = state.supply.is_news(order).then(|| Event::SupplyOrdered(order.clone()));
            Decided::with(news.into_iter().collect(), Reply::Done)
        }
        Message::ApplyLinks { from, links } => answer(from, values::apply_links(state, links, facts)),
        Message::ClosePoint { closing, account } => {
            let decided = close::close(state, closing, account, (facts, moment));
            prepaid::after_close(state, decided, closing.month, facts, moment)
        }
        Message::TokenClaimed { .. } | Message::TokenReleased { .. } => {
            let event = state.tokens.receive(message, moment).map(Event::Tokens);
            Decided::with(event.into_iter().collect(), Reply::Done)
        }
        _ => Decided::reply(Reply::Done),
    }
}

/// Tells the document what became of its series.
fn answer(from: &FromDocument, (events, outcome): (Vec<Event>, Outcome)) -> Decided<Event, Reply> {
    let message = Message::Applied { index: from.index, outcome };
    Decided::with(events, Reply::Done).telling([(Recipient::Document(from.document.clone()), message)])
}
