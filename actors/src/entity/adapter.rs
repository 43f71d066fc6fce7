//! From a bound entity to a machine of the shell.

use std::cell::RefCell;

use bytes::Bytes;
use domain::entity::{
    Decided, Entity, Facts as DomainFacts, Message, Moment as DomainMoment, Need as DomainNeed, Recipient,
};
use domain::instant::Instant;
use prost::Message as _;
use proto::convert::{FieldError, FieldFault, OnTerms};
use proto::store as stored;

use super::binding::{Binding, Writes};
use super::{bounds, entity_id, facts};
use crate::shell::{
    ActivationError, Decision, EntityId, EntityIdError, Facts, Input, Machine, Message as ShellMessage,
    Moment, Need, Origin, Outcome, Part, TimerChange,
};

/// The key of the timer by which an entity goes on with its own work.
const GO_ON: &[u8] = b"go on";
/// The key of the timer by which an entity is given a command when something of it is due.
const DUE: &[u8] = b"due";
/// A command larger than this is left out of the log: what it brought is in the rows it wrote.
const MOST_LOGGED_BYTES: usize = 16_000;

/// One active entity: its name and its speculative state.
#[derive(Debug)]
pub struct Adapter<E: Entity> {
    id: EntityId,
    state: E::State,
    /// When the timer on record is due, as the state wants it.
    due: Option<Instant>,
    /// What was last asked for its needs: its decision, which follows, need not read it again.
    read: RefCell<Option<Read<E::Command>>>,
}

/// A request or message with what its bytes say.
#[derive(Debug)]
struct Read<C> {
    bytes: Bytes,
    command: C,
    terms: stored::Terms,
}

/// What a command is to the shell, beside what it asks.
struct Manner {
    terms: stored::Terms,
    is_logged: bool,
    may_be_too_much: bool,
}

/// Why a command can't be decided.
enum Unreadable {
    /// It is no message, or a field of it says what can't be: the sender's mistake.
    Command(FieldError),
    /// A stored row can't be read: damage, or a newer release.
    Fact(String),
}

impl<E: Binding> Adapter<E>
where
    E::State: Clone + Send + Sync + TryFrom<E::StoredState, Error = FieldError>,
    E::Command: TryFrom<E::StoredCommand, Error = FieldError> + Send,
{
    /// The entity as its stored parts say.
    ///
    /// # Errors
    /// [`ActivationError`] where a part can't be read.
    pub fn activate(id: &EntityId, parts: Vec<Part>) -> Result<Self, ActivationError> {
        let unreadable = |reason: String| ActivationError { reason: format!("the state of {id}: {reason}") };
        if parts.is_empty() {
            return Ok(Self {
                id: id.clone(),
                state: E::State::default(),
                due: None,
                read: RefCell::default(),
            });
        }
        let mut state = E::StoredState::default();
        for part in parts {
            state.merge(part.value).map_err(|error| unreadable(error.to_string()))?;
        }
        let state = E::State::try_from(state).map_err(|error| unreadable(error.to_string()))?;
        let due = E::due(&state);
        Ok(Self { id: id.clone(), state, due, read: RefCell::default() })
    }

    /// The command, and on which terms a client gives it.
    fn command(input: &Input) -> Result<(E::Command, stored::Terms), Unreadable> {
        let mut terms = stored::Terms::default();
        let bytes = input.command.clone();
        let no_message = |_| FieldError::at("command", FieldFault::Unknown);
        let command = match &input.origin {
            Origin::Request { .. } => {
                E::StoredCommand::decode(bytes).map_err(no_message).and_then(|command| {
                    terms = command.terms().cloned().unwrap_or_default();
                    E::Command::try_from(command)
                })
            }
            Origin::Message { .. } => {
                let message = stored::Message::decode(bytes).map_err(no_message).and_then(Message::try_from);
                message.map(E::message)
            }
            Origin::Timer { key, .. } if key == DUE => {
                E::elapse().ok_or(FieldError::at("timer", FieldFault::Unknown))
            }
            Origin::Timer { .. } => E::go_on().ok_or(FieldError::at("timer", FieldFault::Unknown)),
        };
        command.map(|command| (command, terms)).map_err(Unreadable::Command)
    }

    /// The command, where it was read when it was asked for its needs; else it is read now.
    fn reread(&self, input: &Input) -> Result<(E::Command, stored::Terms), Unreadable> {
        let has_bytes = !matches!(input.origin, Origin::Timer { .. });
        let is_it = |read: &Read<E::Command>| {
            // The bytes are held here, so that nothing else can lie where they lie.
            read.bytes.as_ptr() == input.command.as_ptr() && read.bytes.len() == input.command.len()
        };
        match self.read.take().filter(|read| has_bytes && is_it(read)) {
            Some(read) => Ok((read.command, read.terms)),
            None => Self::command(input),
        }
    }

    /// What is known of what the command needs, and what is still to be read.
    fn asked(
        &self,
        command: &E::Command,
        known: &Facts,
        moment: &Moment,
    ) -> Result<(DomainFacts, Vec<Need>), Unreadable> {
        let at = Instant::from_millis(moment.shard_time_ms);
        let mut gathered = DomainFacts { at, ..DomainFacts::default() };
        loop {
            let needs = E::needs(&self.state, command, &gathered);
            let pages: Vec<_> = needs.iter().map(|need| facts::pages(need, self.need(need), known)).collect();
            let missing: Vec<Need> = pages
                .iter()
                .filter_map(|pages| pages.as_ref().err().map(|need| need.as_ref().clone()))
                .collect();
            if needs.is_empty() || !missing.is_empty() {
                return Ok((gathered, missing));
            }
            for (need, pages) in needs.into_iter().zip(pages) {
                facts::add(&mut gathered, &need, &pages.unwrap_or_default()).map_err(Unreadable::Fact)?;
                gathered.read.insert(need);
            }
        }
    }

    fn need(&self, need: &DomainNeed) -> Need {
        facts::need(self.id.tenant(), need, E::owns(need))
    }

    /// Carries a command out that was taken, or only says what would come of it.
    fn taken(
        &mut self,
        input: &Input,
        (decided, manner): (&Decided<E::Event, E::Reply>, &Manner),
        at: &DomainMoment,
        moment: &Moment,
    ) -> Decision {
        let is_checked = manner.terms.validate_only;
        let is_tentative = input.caller().is_some() && (is_checked || manner.may_be_too_much);
        if !is_tentative {
            return self.carried(input, (decided, manner), at, moment);
        }
        let before = (!decided.events.is_empty()).then(|| (self.state.clone(), self.due));
        let decision = self.carried(input, (decided, manner), at, moment);
        let excess = bounds::excess(&decision);
        if let (true, Some(before)) = (is_checked || excess.is_some(), before) {
            (self.state, self.due) = before;
        }
        match (excess, &decision.outcome) {
            (Some(excess), _) => refused(input, &stored::Rejection::too_large(excess)),
            (None, Outcome::Accepted { .. }) if is_checked => Decision::accepted(E::reply(&decided.reply)),
            _ => decision,
        }
    }

    fn carried(
        &mut self,
        input: &Input,
        (decided, manner): (&Decided<E::Event, E::Reply>, &Manner),
        at: &DomainMoment,
        moment: &Moment,
    ) -> Decision {
        let messages: Result<Vec<ShellMessage>, EntityIdError> =
            decided.messages.iter().map(|(to, message)| self.addressed(to, message)).collect();
        let messages = match messages {
            Ok(messages) => messages,
            Err(error) => return refused(input, &stored::Rejection::unnamed(&error.to_string())),
        };
        let mut decision = Decision::accepted(E::reply(&decided.reply));
        decision.messages = messages;
        if !decided.events.is_empty() {
            let mut writes = Writes::new(self.id.key().clone(), moment.log_sequence);
            E::carry(&mut self.state, &decided.events, at, &mut writes);
            decision.log = if manner.is_logged { logged(input, at) } else { None };
            decision.parts = writes.parts;
            decision.rows = writes.rows;
        }
        if decided.continues {
            let (due_ms, key) = (moment.shard_time_ms, Bytes::from_static(GO_ON));
            decision.timers.push(TimerChange::Set { due_ms, key, command: Bytes::new() });
        }
        self.change_timer(input, &mut decision.timers);
        decision
    }

    /// Sets the timer for what is due next, where it is not on record already. The one that has fired is gone.
    fn change_timer(&mut self, input: &Input, timers: &mut Vec<TimerChange>) {
        let fired = match &input.origin {
            Origin::Timer { due_ms, key } if key == DUE => Some(*due_ms),
            _ => None,
        };
        let due = E::due(&self.state);
        let on_record = self.due.filter(|due| fired != Some(due.millis()));
        self.due = due;
        if due == on_record {
            return;
        }
        let key = || Bytes::from_static(DUE);
        let cancelled = on_record.map(|due| TimerChange::Cancel { due_ms: due.millis(), key: key() });
        let set = due.map(|due| TimerChange::Set { due_ms: due.millis(), key: key(), command: Bytes::new() });
        timers.extend(cancelled.into_iter().chain(set));
    }

    fn addressed(&self, to: &Recipient, message: &Message) -> Result<ShellMessage, EntityIdError> {
        let to = entity_id(self.id.tenant(), to)?;
        Ok(ShellMessage { to, command: Bytes::from(stored::Message::from(message).encode_to_vec()) })
    }
}

/// A refusal for a reason that the shell's bounds give. Only a request can be refused.
fn refused(input: &Input, rejection: &stored::Rejection) -> Decision {
    assert!(input.caller().is_some(), "what follows from what was taken can be carried out: {rejection:?}");
    Decision::rejected(rejection.encode_to_vec())
}

impl<E: Binding> Machine for Adapter<E>
where
    E::State: Clone + Send + Sync + TryFrom<E::StoredState, Error = FieldError>,
    E::Command: TryFrom<E::StoredCommand, Error = FieldError> + Send,
{
    fn needs(&self, input: &Input, known: &Facts, moment: &Moment) -> Vec<Need> {
        let Ok((command, terms)) = self.reread(input) else { return Vec::new() };
        let needs = self.asked(&command, known, moment).map(|(_, needs)| needs).unwrap_or_default();
        self.read.replace(Some(Read { bytes: input.command.clone(), command, terms }));
        needs
    }

    fn decide(&mut self, input: &Input, known: &Facts, moment: &Moment) -> Decision {
        let read = self.reread(input).and_then(|(command, terms)| {
            let (facts, _) = self.asked(&command, known, moment)?;
            Ok((command, terms, facts))
        });
        let damage = match &read {
            Err(Unreadable::Fact(error)) => Some(error),
            _ => None,
        };
        assert!(damage.is_none(), "what {} needs can be read: {damage:?}", self.id);
        let (command, terms, facts) = match read {
            Ok(read) => read,
            Err(Unreadable::Command(error)) => {
                assert!(input.caller().is_some(), "a stored command of {} can be read: {error}", self.id);
                return Decision::malformed(stored::Rejection::unreadable(&error).encode_to_vec());
            }
            Err(Unreadable::Fact(_)) => return Decision::malformed(Vec::new()),
        };
        let at = domain_moment(input, moment);
        let held = if terms.etag.is_empty() { None } else { E::etag(&self.state, &command, &facts) };
        let mismatch = || refused(input, &stored::Rejection::etag_mismatch(held.as_deref()));
        if held.as_ref().is_some_and(|held| *held != terms.etag) {
            return mismatch();
        }
        match E::decide(&self.state, &command, &facts, &at) {
            Ok(_) if held.is_none() && !terms.etag.is_empty() => mismatch(),
            Ok(decided) => {
                let is_logged = E::is_logged(&command);
                let may_be_too_much = E::may_be_too_much(&command, input.command.len());
                let manner = Manner { terms, is_logged, may_be_too_much };
                self.taken(input, (&decided, &manner), &at, moment)
            }
            Err(rejection) => {
                assert!(input.caller().is_some(), "an entity refuses no message of another");
                Decision::rejected(E::rejection(&rejection))
            }
        }
    }
}

fn domain_moment(input: &Input, moment: &Moment) -> DomainMoment {
    let subject = match &input.origin {
        Origin::Request { caller, .. } => caller.subject.to_string(),
        Origin::Message { sender } => sender.to_string(),
        Origin::Timer { .. } => "timer".to_owned(),
    };
    DomainMoment {
        now: Instant::from_millis(moment.shard_time_ms).unwrap_or(Instant::MAX),
        shard: u32::from(moment.shard.number()),
        subject,
    }
}

/// A client's command that had an effect, with who gave it. Messages and timers are in the log of whoever caused them.
fn logged(input: &Input, moment: &DomainMoment) -> Option<Bytes> {
    let caller = input.caller()?;
    let entry = stored::LogEntry {
        registered_time: Some(proto::convert::timestamp(moment.now)),
        client: caller.client.to_string(),
        subject: caller.subject.to_string(),
        command: if input.command.len() > MOST_LOGGED_BYTES { Vec::new() } else { input.command.to_vec() },
    };
    Some(Bytes::from(entry.encode_to_vec()))
}
